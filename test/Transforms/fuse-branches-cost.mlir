// RUN: graph-opt %s --fuse-sequences | FileCheck %s
// RUN: graph-opt %s --fuse-sequences --remarks-filter="graph-opt.*" --remark-policy=all 2>&1 -o /dev/null | FileCheck %s --check-prefix=REMARK
// RUN: sed 's|graphopt.calibration = {}|graphopt.calibration = {conditional_us = 0.0}|' %s | graph-opt --fuse-sequences --remarks-filter="graph-opt.*" --remark-policy=all 2>&1 | FileCheck %s --check-prefix=CHEAP
module attributes {graphopt.calibration = {}} {

// Tests that a branch around one map becomes a predicate with the costs of an
// H200, and stays a node where one costs nothing; that a program may ask for
// the predicate; and that a branch that is sure to be taken gains nothing by a
// node. What was chosen and predicted is an attribute of the region.
// CHECK-NOT: tseq.if
// REMARK-COUNT-3: branch-predicated{{.*}}conditional-microseconds={{.*}}predicated-microseconds=
// CHEAP-DAG: branch-conditional{{.*}}costs-less
// CHEAP-DAG: branch-predicated
// CHEAP-DAG: branch-predicated
// CHEAP-LABEL: func.func @short(
// CHEAP:         tseq.graph {{.*}}branches = [{choice = "node", node = {{.*}} : f64, predicate = {{.*}} : f64, reason = "costs-less"}]
// CHEAP:         tseq.if
// CHEAP-LABEL: func.func @asked(
// CHEAP:         tseq.graph {{.*}}branches = [{choice = "predicate", node = {{.*}} : f64, predicate = {{.*}} : f64, reason = "requested"}]
// CHEAP-NOT:     tseq.if
// CHEAP:         when(
// CHEAP-LABEL: func.func @always(
// CHEAP-NOT:     tseq.if
// CHEAP:         when(
func.func @short(%a: tensor<4xf32>, %c: tensor<i1>) -> tensor<4xf32> {
  %0 = tseq.graph "g" (%p = %a, %d = %c) : (tensor<4xf32>, tensor<i1>) -> tensor<4xf32> {
    %r = tseq.if %d : tensor<i1> -> tensor<4xf32> {
      %l = tseq.pack %p : !tseq.seq<tensor<4xf32>>
      %m = tseq.map ins(%l : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
      ^bb0(%x: f32):
        %z = arith.addf %x, %x : f32
        tseq.yield %z : f32
      }
      %n = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
      tseq.yield %n : tensor<4xf32>
    } else {
      tseq.yield %p : tensor<4xf32>
    }
    tseq.yield %r : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
func.func @asked(%a: tensor<4xf32>, %c: tensor<i1>) -> tensor<4xf32> {
  %0 = tseq.graph "g" (%p = %a, %d = %c) : (tensor<4xf32>, tensor<i1>) -> tensor<4xf32> {
    %r = tseq.if %d : tensor<i1> -> tensor<4xf32> attributes {graphopt.branch = "flat"} {
      %l = tseq.pack %p : !tseq.seq<tensor<4xf32>>
      %m = tseq.map ins(%l : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
      ^bb0(%x: f32):
        %z = arith.addf %x, %x : f32
        tseq.yield %z : f32
      }
      %n = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
      tseq.yield %n : tensor<4xf32>
    } else {
      tseq.yield %p : tensor<4xf32>
    }
    tseq.yield %r : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
func.func @always(%a: tensor<4xf32>, %c: tensor<i1>) -> tensor<4xf32> {
  %0 = tseq.graph "g" (%p = %a, %d = %c) : (tensor<4xf32>, tensor<i1>) -> tensor<4xf32> {
    %r = tseq.if %d : tensor<i1> -> tensor<4xf32> attributes {graphopt.probability = 1.0} {
      %l = tseq.pack %p : !tseq.seq<tensor<4xf32>>
      %m = tseq.map ins(%l : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
      ^bb0(%x: f32):
        %z = arith.addf %x, %x : f32
        tseq.yield %z : f32
      }
      %n = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
      tseq.yield %n : tensor<4xf32>
    } else {
      tseq.yield %p : tensor<4xf32>
    }
    tseq.yield %r : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
}
