// RUN: graph-opt %s --fuse-sequences --canonicalize --cse | FileCheck %s
// RUN: graph-opt %s --fuse-sequences --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics -o %t

// Tests that nested branches that hold scalars alone are one scalar, and that a
// remainder that a branch guards stays in it.
// CHECK-LABEL: func.func @scalar_branches(
// CHECK:         tseq.scalar
// CHECK-NEXT:    ^bb0(%[[C:.*]]: i1, %[[P:.*]]: i32, %[[Q:.*]]: i32):
// CHECK:           scf.if %[[C]] -> (i32) {
// CHECK-NEXT:        %[[R:.*]] = arith.remsi %[[P]], %[[Q]]
// CHECK-NEXT:        %[[Z:.*]] = arith.cmpi eq, %[[R]]
// CHECK-NEXT:        scf.if %[[Z]] -> (i32) {
// CHECK-NOT:     tseq.if
// CHECK:         return
func.func @scalar_branches(%a: tensor<i32>, %b: tensor<i32>, %c: tensor<i1>) -> tensor<i32> {
  %0 = tseq.graph "g" (%p = %a, %q = %b, %d = %c) : (tensor<i32>, tensor<i32>, tensor<i1>) -> tensor<i32> {
    // expected-remark @+1 {{branch-predicated}}
    %r = tseq.if %d : tensor<i1> -> tensor<i32> {
      %e = tseq.scalar ins(%p, %q : tensor<i32>, tensor<i32>) -> tensor<i1> {
      ^bb0(%x: i32, %y: i32):
        %zero = arith.constant 0 : i32
        %z = arith.remsi %x, %y : i32
        %w = arith.cmpi eq, %z, %zero : i32
        tseq.yield %w : i1
      }
      // expected-remark @+1 {{branch-predicated}}
      %i = tseq.if %e : tensor<i1> -> tensor<i32> {
        tseq.yield %p : tensor<i32>
      } else {
        %f = tseq.scalar ins(%q : tensor<i32>) -> tensor<i32> {
        ^bb0(%x: i32):
          %z = arith.addi %x, %x : i32
          tseq.yield %z : i32
        }
        tseq.yield %f : tensor<i32>
      }
      tseq.yield %i : tensor<i32>
    } else {
      tseq.yield %p : tensor<i32>
    }
    tseq.yield %r : tensor<i32>
  }
  return %0 : tensor<i32>
}

// Tests that a remainder is not moved out of a branch that holds more than
// scalars, and that it keeps the branch a node.
// CHECK-LABEL: func.func @guarded_remainder(
// CHECK:         tseq.if
// CHECK:           arith.remsi
// CHECK:         } else {
func.func @guarded_remainder(%a: tensor<i32>, %b: tensor<i32>, %t: tensor<4xi32>, %c: tensor<i1>) -> tensor<4xi32> {
  %0 = tseq.graph "g" (%p = %a, %q = %b, %u = %t, %d = %c) : (tensor<i32>, tensor<i32>, tensor<4xi32>, tensor<i1>) -> tensor<4xi32> {
    // expected-remark @+1 {{guarded-scalar}}
    %r = tseq.if %d : tensor<i1> -> tensor<4xi32> {
      %e = tseq.scalar ins(%p, %q : tensor<i32>, tensor<i32>) -> tensor<i32> {
      ^bb0(%x: i32, %y: i32):
        %z = arith.remsi %x, %y : i32
        tseq.yield %z : i32
      }
      %l = tseq.pack %u : !tseq.seq<tensor<4xi32>>
      %m = tseq.map ins(%l : !tseq.seq<tensor<4xi32>>) scalars(%e : tensor<i32>) -> !tseq.seq<tensor<4xi32>> {
      ^bb0(%x: i32, %y: i32):
        %z = arith.addi %x, %y : i32
        tseq.yield %z : i32
      }
      %n = tseq.get %m[0] : !tseq.seq<tensor<4xi32>>
      tseq.yield %n : tensor<4xi32>
    } else {
      tseq.yield %u : tensor<4xi32>
    }
    tseq.yield %r : tensor<4xi32>
  }
  return %0 : tensor<4xi32>
}

// Tests that a program may ask for conditional nodes, around maps and around
// scalars.
// CHECK-LABEL: func.func @by_request(
// CHECK:         tseq.if {{.*}} -> tensor<4xf32> attributes {graphopt.branch = "conditional"}
// CHECK:           tseq.map
// CHECK:         tseq.if {{.*}} -> tensor<f32> attributes {graphopt.branch = "conditional"}
func.func @by_request(%a: tensor<4xf32>, %s: tensor<f32>, %c: tensor<i1>) -> (tensor<4xf32>, tensor<f32>) {
  %0:2 = tseq.graph "g" (%p = %a, %k = %s, %d = %c) : (tensor<4xf32>, tensor<f32>, tensor<i1>) -> (tensor<4xf32>, tensor<f32>) {
    // expected-remark @+1 {{requested}}
    %r = tseq.if %d : tensor<i1> -> tensor<4xf32> attributes {graphopt.branch = "conditional"} {
      %l = tseq.pack %p : !tseq.seq<tensor<4xf32>>
      %m = tseq.map ins(%l : !tseq.seq<tensor<4xf32>>) scalars(%k : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
      ^bb0(%x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        tseq.yield %z : f32
      }
      %n = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
      tseq.yield %n : tensor<4xf32>
    } else {
      tseq.yield %p : tensor<4xf32>
    }
    // expected-remark @+1 {{requested}}
    %t = tseq.if %d : tensor<i1> -> tensor<f32> attributes {graphopt.branch = "conditional"} {
      %m = tseq.scalar ins(%k : tensor<f32>) -> tensor<f32> {
      ^bb0(%x: f32):
        %z = math.exp %x : f32
        tseq.yield %z : f32
      }
      tseq.yield %m : tensor<f32>
    } else {
      tseq.yield %k : tensor<f32>
    }
    tseq.yield %r, %t : tensor<4xf32>, tensor<f32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<f32>
}

// Tests that any other choice leaves it to the compiler.
// CHECK-LABEL: func.func @flat_by_request(
// CHECK-NOT:     tseq.if
// CHECK:         tseq.map {{.*}} when(
func.func @flat_by_request(%a: tensor<4xf32>, %c: tensor<i1>) -> tensor<4xf32> {
  %0 = tseq.graph "g" (%p = %a, %d = %c) : (tensor<4xf32>, tensor<i1>) -> tensor<4xf32> {
    %r = tseq.if %d : tensor<i1> -> tensor<4xf32> attributes {graphopt.branch = "flat"} {
      %l = tseq.pack %p : !tseq.seq<tensor<4xf32>>
      // expected-remark @+1 {{branch-predicated}}
      %m = tseq.map ins(%l : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
      ^bb0(%x: f32):
        %z = arith.negf %x : f32
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

// Tests that what a branch chooses is computed by the maps that read it, if they
// read all of it: by each tensor of a list for itself.
// CHECK-LABEL: func.func @read_once(
// CHECK-NOT:     when(
// CHECK:         tseq.map ins({{.*}} : !tseq.seq<tensor<4xf32>, tensor<3xf32>>) scalars(%{{.*}} : tensor<i1>)
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32, %[[P:.*]]: i1):
// CHECK-NEXT:      %[[N:.*]] = arith.negf %[[X]]
// CHECK-NEXT:      %[[S:.*]] = arith.select %[[P]], %[[N]], %[[X]]
// CHECK-NEXT:      %[[E:.*]] = math.exp %[[S]]
// CHECK-NEXT:      tseq.yield %[[E]]
// CHECK-NOT:     tseq.map
// CHECK:         return
func.func @read_once(%a: tensor<4xf32>, %b: tensor<3xf32>, %c: tensor<i1>) -> (tensor<4xf32>, tensor<3xf32>) {
  %0:2 = tseq.graph "g" (%p = %a, %q = %b, %d = %c) : (tensor<4xf32>, tensor<3xf32>, tensor<i1>) -> (tensor<4xf32>, tensor<3xf32>) {
    %l = tseq.pack %p, %q : !tseq.seq<tensor<4xf32>, tensor<3xf32>>
    %m = tseq.map ins(%l : !tseq.seq<tensor<4xf32>, tensor<3xf32>>) when(%d : tensor<i1>) else(%l : !tseq.seq<tensor<4xf32>, tensor<3xf32>>) -> !tseq.seq<tensor<4xf32>, tensor<3xf32>> {
    ^bb0(%x: f32):
      %z = arith.negf %x : f32
      tseq.yield %z : f32
    }
    %mp = tseq.get %m[0] : !tseq.seq<tensor<4xf32>, tensor<3xf32>>
    %mq = tseq.get %m[1] : !tseq.seq<tensor<4xf32>, tensor<3xf32>>
    %lp = tseq.pack %mp : !tseq.seq<tensor<4xf32>>
    %lq = tseq.pack %mq : !tseq.seq<tensor<3xf32>>
    %u = tseq.map ins(%lp : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %z = math.exp %x : f32
      tseq.yield %z : f32
    }
    %v = tseq.map ins(%lq : !tseq.seq<tensor<3xf32>>) -> !tseq.seq<tensor<3xf32>> {
    ^bb0(%x: f32):
      %z = math.exp %x : f32
      tseq.yield %z : f32
    }
    %up = tseq.get %u[0] : !tseq.seq<tensor<4xf32>>
    %vq = tseq.get %v[0] : !tseq.seq<tensor<3xf32>>
    tseq.yield %up, %vq : tensor<4xf32>, tensor<3xf32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<3xf32>
}

// Tests that a choice that is kept is not computed twice.
// CHECK-LABEL: func.func @kept(
// CHECK:         tseq.map {{.*}} when(
// CHECK:         tseq.map
func.func @kept(%a: tensor<4xf32>, %c: tensor<i1>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0:2 = tseq.graph "g" (%p = %a, %d = %c) : (tensor<4xf32>, tensor<i1>) -> (tensor<4xf32>, tensor<4xf32>) {
    %l = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%l : !tseq.seq<tensor<4xf32>>) when(%d : tensor<i1>) else(%l : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %z = arith.negf %x : f32
      tseq.yield %z : f32
    }
    %u = tseq.map ins(%m : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %z = math.exp %x : f32
      tseq.yield %z : f32
    }
    %n = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    %v = tseq.get %u[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %n, %v : tensor<4xf32>, tensor<4xf32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<4xf32>
}

// Tests that a division that a predicate guards stays guarded.
// CHECK-LABEL: func.func @guarded_map(
// CHECK:         tseq.map {{.*}} when(
// CHECK:           arith.remsi
func.func @guarded_map(%a: tensor<4xi32>, %b: tensor<i32>, %c: tensor<i1>) -> tensor<4xi32> {
  %0 = tseq.graph "g" (%p = %a, %q = %b, %d = %c) : (tensor<4xi32>, tensor<i32>, tensor<i1>) -> tensor<4xi32> {
    %l = tseq.pack %p : !tseq.seq<tensor<4xi32>>
    %m = tseq.map ins(%l : !tseq.seq<tensor<4xi32>>) scalars(%q : tensor<i32>) when(%d : tensor<i1>) else(%l : !tseq.seq<tensor<4xi32>>) -> !tseq.seq<tensor<4xi32>> {
    ^bb0(%x: i32, %y: i32):
      %z = arith.remsi %x, %y : i32
      tseq.yield %z : i32
    }
    %u = tseq.map ins(%m : !tseq.seq<tensor<4xi32>>) -> !tseq.seq<tensor<4xi32>> {
    ^bb0(%x: i32):
      %z = arith.addi %x, %x : i32
      tseq.yield %z : i32
    }
    %v = tseq.get %u[0] : !tseq.seq<tensor<4xi32>>
    tseq.yield %v : tensor<4xi32>
  }
  return %0 : tensor<4xi32>
}

// Tests that a value that goes to two places of a branch is made twice by one
// map, so that each place keeps its own old value.
// CHECK-LABEL: func.func @two_places(
// CHECK-NOT:     tseq.if
// CHECK:         %[[A:.*]] = tseq.pack %[[P:.*]] : !tseq.seq<tensor<4xf32>>
// CHECK:         %[[B:.*]] = tseq.pack %[[Q:.*]] : !tseq.seq<tensor<4xf32>>
// CHECK:         tseq.map {{.*}} when({{.*}}) else(%[[A]], %[[B]] :
// CHECK:           tseq.yield %[[Z:.*]], %[[Z]] : f32, f32
// CHECK-NOT:     tseq.map
// CHECK:         return
func.func @two_places(%a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<i1>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0:2 = tseq.graph "g" (%p = %a, %q = %b, %d = %c) : (tensor<4xf32>, tensor<4xf32>, tensor<i1>) -> (tensor<4xf32>, tensor<4xf32>) {
    %r:2 = tseq.if %d : tensor<i1> -> tensor<4xf32>, tensor<4xf32> {
      %l = tseq.pack %p : !tseq.seq<tensor<4xf32>>
      // expected-remark @+1 {{branch-predicated}}
      %m = tseq.map ins(%l : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
      ^bb0(%x: f32):
        %z = arith.negf %x : f32
        tseq.yield %z : f32
      }
      %n = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
      tseq.yield %n, %n : tensor<4xf32>, tensor<4xf32>
    } else {
      tseq.yield %p, %q : tensor<4xf32>, tensor<4xf32>
    }
    tseq.yield %r#0, %r#1 : tensor<4xf32>, tensor<4xf32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<4xf32>
}

// Tests that a map that only one side of a branch reads is joined with what
// reads it there.
// CHECK-LABEL: func.func @map_for_one_side(
// CHECK-NOT:     tseq.map
// CHECK:         tseq.if
// CHECK-NEXT:      %[[M:.*]] = tseq.map
// CHECK-NEXT:      ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT:        %[[N:.*]] = arith.negf %[[X]]
// CHECK-NEXT:        math.exp %[[N]]
// CHECK:         } else {
// CHECK-NEXT:      tseq.map
// CHECK:         return
func.func @map_for_one_side(%a: tensor<4xf32>, %c: tensor<i1>) -> tensor<4xf32> {
  %0 = tseq.graph "g" (%p = %a, %d = %c) : (tensor<4xf32>, tensor<i1>) -> tensor<4xf32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    // expected-remark @+1 {{branch-conditional}}
    %r = tseq.if %d : tensor<i1> -> tensor<4xf32> {
      %n = tseq.map ins(%m : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
      ^bb0(%x: f32):
        %y = math.exp %x : f32
        tseq.yield %y : f32
      }
      %t = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
      tseq.yield %t : tensor<4xf32>
    } else {
      %n = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
      ^bb0(%x: f32):
        %y = math.sqrt %x : f32
        tseq.yield %y : f32
      }
      %t = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
      tseq.yield %t : tensor<4xf32>
    }
    tseq.yield %r : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
