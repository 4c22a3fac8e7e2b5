// RUN: graph-opt %s --flatten-branches | FileCheck %s
// RUN: graph-opt %s --flatten-branches --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics -o %t
// RUN: sed -e '1i module attributes {graphopt.calibration = {conditional_us = 0.0}} {' -e '$a }' %s | graph-opt --flatten-branches | FileCheck %s --check-prefix=CHEAP

// Tests that an early exit out of a check becomes a selection, at any depth.
// CHECK-LABEL: func.func @early_exit(
// CHECK-NOT:     scf.if
// CHECK:         tseq.reduce
// CHECK:         tseq.reduce
// CHECK:         %[[INNER:.*]] = arith.select %{{.*}}, %true, %{{.*}} : i1
// CHECK:         %[[OUTER:.*]] = arith.select %{{.*}}, %true, %[[INNER]] : i1
// CHECK:         return %[[OUTER]]
func.func @early_exit(%n: tensor<f32>, %g: tensor<4xf32>, %h: tensor<8xf32>, %max: f32) -> i1 {
  %true = arith.constant true
  %i0 = tseq.item %n : tensor<f32>
  %bad0 = arith.cmpf ogt, %i0, %max : f32
  // expected-remark @+1 {{branch-flattened}}
  %r = scf.if %bad0 -> i1 {
    scf.yield %true : i1
  } else {
    %s1 = tseq.pack %g : !tseq.seq<tensor<4xf32>>
    %m1 = tseq.reduce [add] ins(%s1 : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %i1 = tseq.item %m1 : tensor<f32>
    %bad1 = arith.cmpf ogt, %i1, %max : f32
    // expected-remark @+1 {{branch-flattened}}
    %r1 = scf.if %bad1 -> i1 {
      scf.yield %true : i1
    } else {
      %s2 = tseq.pack %h : !tseq.seq<tensor<8xf32>>
      %m2 = tseq.reduce [add] ins(%s2 : !tseq.seq<tensor<8xf32>>) -> tensor<f32> {
      ^bb0(%x: f32):
        tseq.yield %x : f32
      }
      %i2 = tseq.item %m2 : tensor<f32>
      %bad2 = arith.cmpf ogt, %i2, %max : f32
      scf.yield %bad2 : i1
    }
    scf.yield %r1 : i1
  }
  return %r : i1
}

// Tests the same before anything is raised, and that a number is computed
// always if that costs little.
// CHECK-LABEL: func.func @upstream_ops(
// CHECK-NOT:     scf.if
// CHECK:         linalg.reduce
// CHECK:         arith.select {{.*}} : f32
// CHEAP-LABEL: func.func @upstream_ops(
// CHEAP:         scf.if
func.func @upstream_ops(%n: tensor<f32>, %g: tensor<4xf32>) -> f32 {
  %zero = arith.constant 0.0 : f32
  %i0 = tensor.extract %n[] : tensor<f32>
  %c = arith.cmpf ogt, %i0, %zero : f32
  // expected-remark @+1 {{branch-flattened}}
  %r = scf.if %c -> f32 {
    %z = arith.constant dense<0.0> : tensor<f32>
    %s = linalg.reduce { arith.addf } ins(%g : tensor<4xf32>) outs(%z : tensor<f32>) dimensions = [0]
    %h = tensor.extract %s[] : tensor<f32>
    scf.yield %h : f32
  } else {
    scf.yield %zero : f32
  }
  return %r : f32
}

// Tests that the program's word counts.
// CHECK-LABEL: func.func @told_to_stay(
// CHECK:         scf.if
// CHEAP-LABEL: func.func @told_to_be_flat(
// CHEAP-NOT:     scf.if
// CHEAP:         return
func.func @told_to_stay(%n: tensor<i1>, %g: tensor<f32>) -> f32 {
  %zero = arith.constant 0.0 : f32
  %c = tseq.item %n : tensor<i1>
  %r = scf.if %c -> f32 {
    %m = tseq.scalar ins(%g : tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32):
      %e = math.exp %x : f32
      tseq.yield %e : f32
    }
    %h = tseq.item %m : tensor<f32>
    scf.yield %h : f32
  } else {
    scf.yield %zero : f32
  } {graphopt.branch = "conditional"}
  return %r : f32
}
func.func @told_to_be_flat(%n: tensor<i1>, %g: tensor<4xf32>) -> f32 {
  %zero = arith.constant 0.0 : f32
  %c = tseq.item %n : tensor<i1>
  // expected-remark @+1 {{branch-flattened}}
  %r = scf.if %c -> f32 {
    %s = tseq.pack %g : !tseq.seq<tensor<4xf32>>
    %m = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %h = tseq.item %m : tensor<f32>
    scf.yield %h : f32
  } else {
    scf.yield %zero : f32
  } {graphopt.branch = "flat"}
  return %r : f32
}

// Tests that what a branch guards stays guarded: a division of integers, an
// index that may be out of bounds, a loop that may not end, an effect.
// CHECK-LABEL: func.func @guards(
func.func private @log(f32)
func.func @guards(%n: tensor<i32>, %t: tensor<4xf32>, %s: tensor<i32>, %i: index) -> (i32, f32, i32, f32) {
  %one = arith.constant 1 : i32
  %zero = arith.constant 0 : i32
  %fzero = arith.constant 0.0 : f32
  %v = tseq.item %n : tensor<i32>
  %c = arith.cmpi ne, %v, %zero : i32
  // CHECK: scf.if
  // CHECK: arith.divsi
  %a = scf.if %c -> i32 {
    %w = tseq.item %s : tensor<i32>
    %d = arith.divsi %w, %v : i32
    scf.yield %d : i32
  } else {
    scf.yield %zero : i32
  }
  // CHECK: scf.if
  // CHECK: tensor.extract
  %b = scf.if %c -> f32 {
    %e = tensor.extract %t[%i] : tensor<4xf32>
    scf.yield %e : f32
  } else {
    scf.yield %fzero : f32
  }
  // CHECK: scf.if
  // CHECK: scf.while
  %d = scf.if %c -> i32 {
    %w = scf.while (%x = %v) : (i32) -> i32 {
      %more = arith.cmpi sgt, %x, %one : i32
      scf.condition(%more) %x : i32
    } do {
    ^bb0(%x: i32):
      %y = arith.subi %x, %one : i32
      scf.yield %y : i32
    }
    scf.yield %w : i32
  } else {
    scf.yield %zero : i32
  }
  // CHECK: scf.if
  // CHECK: call @log
  %e = scf.if %c -> f32 {
    %f = tensor.extract %t[%i] : tensor<4xf32>
    func.call @log(%f) : (f32) -> ()
    scf.yield %f : f32
  } else {
    scf.yield %fzero : f32
  }
  return %a, %b, %d, %e : i32, f32, i32, f32
}

// Tests that a branch by a value that the host knows stays: it costs nothing.
// CHECK-LABEL: func.func @host_knows(
// CHECK:         scf.if
func.func @host_knows(%c: i1, %g: tensor<4xf32>) -> i1 {
  %false = arith.constant false
  %r = scf.if %c -> i1 {
    %z = arith.constant dense<0.0> : tensor<f32>
    %s = linalg.reduce { arith.addf } ins(%g : tensor<4xf32>) outs(%z : tensor<f32>) dimensions = [0]
    %h = tensor.extract %s[] : tensor<f32>
    %n = arith.cmpf uno, %h, %h : f32
    scf.yield %n : i1
  } else {
    scf.yield %false : i1
  }
  return %r : i1
}
