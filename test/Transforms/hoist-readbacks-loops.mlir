// RUN: graph-opt %s --hoist-readbacks | FileCheck %s
// RUN: graph-opt %s --hoist-readbacks --remarks-filter="graph-opt.*" --remark-policy=all 2>&1 -o /dev/null | FileCheck %s --check-prefix=REMARK
// RUN: sed 's|graphopt.calibration = {}|graphopt.calibration = {loop_turn_us = 100.0}|' %s | graph-opt --hoist-readbacks | FileCheck %s --check-prefix=SLOW
module attributes {graphopt.calibration = {}} {

// Tests that a loop on a value read back becomes one of the device where its
// turns cost less there, and stays with the host, which reads the value in each
// turn, where they cost more. The figures are attributes.
// REMARK: loop-on-device{{.*}}device-microseconds={{.*}}host-microseconds=
// CHECK-LABEL: func.func @auto(
// CHECK:         tseq.while {{.*}} attributes {predicted_us = {device = {{.*}} : f64, host = {{.*}} : f64}}
// SLOW-LABEL:  func.func @auto(
// SLOW:          scf.while
// SLOW:            tseq.item
// SLOW:            scf.condition
// SLOW:          attributes {predicted_us = {device = 8.000000e+02 : f64, host = {{.*}} : f64}}
func.func @auto(%a: tensor<4xf32>, %limit: f32) -> tensor<4xf32> {
  %r = scf.while (%x = %a) : (tensor<4xf32>) -> tensor<4xf32> {
    %s = tseq.pack %x : !tseq.seq<tensor<4xf32>>
    %m = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%v: f32):
      tseq.yield %v : f32
    }
    %h = tseq.item %m : tensor<f32>
    %p = arith.cmpf olt, %h, %limit : f32
    scf.condition(%p) %x : tensor<4xf32>
  } do {
  ^bb0(%x: tensor<4xf32>):
    %s = tseq.pack %x : !tseq.seq<tensor<4xf32>>
    %y = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%v: f32):
      %w = arith.addf %v, %v : f32
      tseq.yield %w : f32
    }
    %z = tseq.get %y[0] : !tseq.seq<tensor<4xf32>>
    scf.yield %z : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// Tests that the program decides instead.
// REMARK: loop-on-device
// CHECK-LABEL: func.func @device(
// CHECK:         tseq.while
// SLOW-LABEL:  func.func @device(
// SLOW:          tseq.while {{.*}} attributes {graphopt.loop = "device", graphopt.turns = 2 : i64, predicted_us = {device = 2.000000e+02 : f64,
func.func @device(%a: tensor<f32>, %limit: f32) -> tensor<f32> {
  %r = scf.while (%x = %a) : (tensor<f32>) -> tensor<f32> {
    %h = tseq.item %x : tensor<f32>
    %p = arith.cmpf olt, %h, %limit : f32
    scf.condition(%p) %x : tensor<f32>
  } do {
  ^bb0(%x: tensor<f32>):
    %y = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
    ^bb0(%v: f32):
      %w = arith.addf %v, %v : f32
      tseq.yield %w : f32
    }
    scf.yield %y : tensor<f32>
  } attributes {graphopt.loop = "device", graphopt.turns = 2 : i64}
  return %r : tensor<f32>
}
// CHECK-LABEL: func.func @host(
// CHECK:         scf.while
// CHECK-NOT:     tseq.while
func.func @host(%a: tensor<f32>, %limit: f32) -> tensor<f32> {
  %r = scf.while (%x = %a) : (tensor<f32>) -> tensor<f32> {
    %h = tseq.item %x : tensor<f32>
    %p = arith.cmpf olt, %h, %limit : f32
    scf.condition(%p) %x : tensor<f32>
  } do {
  ^bb0(%x: tensor<f32>):
    %y = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32> {
    ^bb0(%v: f32):
      %w = arith.addf %v, %v : f32
      tseq.yield %w : f32
    }
    scf.yield %y : tensor<f32>
  } attributes {graphopt.loop = "host"}
  return %r : tensor<f32>
}

// Tests that a counted loop is one of the device if the program wants that, with
// its number of turns; else it stays.
// CHECK-LABEL: func.func @counted(
// CHECK:         tseq.while {{.*}}graphopt.turns = 5000 : i64
// CHECK-LABEL: func.func @counted_by_host(
// CHECK:         scf.for
// CHECK-NOT:     tseq.while
func.func @counted(%a: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 5000 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a) -> tensor<4xf32> {
    %s = tseq.pack %x : !tseq.seq<tensor<4xf32>>
    %y = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%v: f32):
      %w = arith.negf %v : f32
      tseq.yield %w : f32
    }
    %z = tseq.get %y[0] : !tseq.seq<tensor<4xf32>>
    scf.yield %z : tensor<4xf32>
  } {graphopt.loop = "device"}
  return %r : tensor<4xf32>
}
func.func @counted_by_host(%a: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 5000 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%x = %a) -> tensor<4xf32> {
    %s = tseq.pack %x : !tseq.seq<tensor<4xf32>>
    %y = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%v: f32):
      %w = arith.negf %v : f32
      tseq.yield %w : f32
    }
    %z = tseq.get %y[0] : !tseq.seq<tensor<4xf32>>
    scf.yield %z : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
}
