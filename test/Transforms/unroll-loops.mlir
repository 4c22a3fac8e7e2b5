// RUN: graph-opt %s --unroll-loops | FileCheck %s
// RUN: graph-opt %s --unroll-loops --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics -o %t
// RUN: graph-opt %s --pass-pipeline='builtin.module(func.func(unroll-loops{max-ops=4}))' | FileCheck %s --check-prefix=FEW
// RUN: graph-opt %s --pass-pipeline='builtin.module(func.func(unroll-loops{calls=1}))' | FileCheck %s --check-prefix=ONCE
// RUN: graph-opt %s --pass-pipeline='builtin.module(func.func(unroll-loops{calls=1}))' --remarks-filter="graph-opt.*" --remark-policy=all 2>&1 -o /dev/null | FileCheck %s --check-prefix=REMARK

// Tests that a loop whose nodes cost more to build than the launches that go
// cost in all calls stays, with both figures.
// REMARK: unroll-loops.mlir:[[#]]:{{.*}}loop-not-unrolled | Category:graph-opt | MaxOps=1024, Ops={{[0-9]+}}, Reason=build-costs-more, build-microseconds={{.*}}, saved-microseconds=

// Tests that the turns of a loop over rows follow one another, with the slices
// at constant places.
// CHECK-LABEL: func.func @rows(
// CHECK-NOT:     scf.for
// CHECK:         tensor.extract_slice %{{.*}}[0, 0] [1, 8] [1, 1]
// CHECK:         linalg.reduce
// CHECK:         tensor.extract_slice %{{.*}}[1, 0] [1, 8] [1, 1]
// CHECK:         linalg.reduce
// CHECK:         return
// ONCE-LABEL:  func.func @rows(
// ONCE:          scf.for
// FEW-LABEL:   func.func @rows(
// FEW:           scf.for
func.func @rows(%t: tensor<2x8xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %zero = arith.constant 0.0 : f32
  %z = arith.constant dense<0.0> : tensor<f32>
  // expected-remark @+1 {{loop-unrolled | Category:graph-opt | Turns=2}}
  %sum = scf.for %i = %c0 to %c2 step %c1 iter_args(%a = %zero) -> f32 {
    %row = tensor.extract_slice %t[%i, 0] [1, 8] [1, 1] : tensor<2x8xf32> to tensor<8xf32>
    %n = linalg.reduce { arith.addf } ins(%row : tensor<8xf32>) outs(%z : tensor<f32>) dimensions = [0]
    %h = tensor.extract %n[] : tensor<f32>
    %b = arith.addf %a, %h : f32
    scf.yield %b : f32
  }
  return %sum : f32
}

// Tests that views of the caller's buffer become static.
// CHECK-LABEL: func.func @views(
// CHECK-NOT:     scf.for
// CHECK:         memref.subview %{{.*}}[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
// CHECK:         memref.subview %{{.*}}[4] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 4>>
func.func @views(%m: memref<8xf32>) {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c8 = arith.constant 8 : index
  // expected-remark @+1 {{loop-unrolled}}
  scf.for %i = %c0 to %c8 step %c4 {
    %v = memref.subview %m[%i] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: ?>>
    %t = bufferization.to_tensor %v restrict writable : memref<4xf32, strided<[1], offset: ?>> to tensor<4xf32>
    %e = tensor.empty() : tensor<4xf32>
    %n = linalg.map { arith.negf } ins(%t : tensor<4xf32>) outs(%e : tensor<4xf32>)
    bufferization.materialize_in_destination %n in restrict writable %v : (tensor<4xf32>, memref<4xf32, strided<[1], offset: ?>>) -> ()
  }
  return
}

// Tests that a loop that the program wants to keep, one of a number of turns
// that only the host knows, and one without device work stay.
// CHECK-LABEL: func.func @stay(
// CHECK-COUNT-3: scf.for
func.func @stay(%t: tensor<8xf32>, %n: index) -> (tensor<8xf32>, tensor<8xf32>, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %e = tensor.empty() : tensor<8xf32>
  %r = scf.for %i = %c0 to %c2 step %c1 iter_args(%a = %t) -> tensor<8xf32> {
    %y = linalg.map { math.exp } ins(%a : tensor<8xf32>) outs(%e : tensor<8xf32>)
    scf.yield %y : tensor<8xf32>
  } {graphopt.unroll = false}
  %s = scf.for %i = %c0 to %n step %c1 iter_args(%a = %t) -> tensor<8xf32> {
    %y = linalg.map { math.exp } ins(%a : tensor<8xf32>) outs(%e : tensor<8xf32>)
    scf.yield %y : tensor<8xf32>
  }
  %k = scf.for %i = %c0 to %c2 step %c1 iter_args(%a = %n) -> index {
    %b = arith.addi %a, %i : index
    scf.yield %b : index
  }
  return %r, %s, %k : tensor<8xf32>, tensor<8xf32>, index
}

// Tests that a loop that would become too long stays, and says so.
// CHECK-LABEL: func.func @too_long(
// CHECK:         scf.for
func.func @too_long(%t: tensor<8xf32>) -> tensor<8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 1000 : index
  %e = tensor.empty() : tensor<8xf32>
  // expected-remark @+1 {{loop-not-unrolled | Category:graph-opt | MaxOps=1024, Ops=2, Reason=too-many-ops}}
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %t) -> tensor<8xf32> {
    %y = linalg.map { math.exp } ins(%a : tensor<8xf32>) outs(%e : tensor<8xf32>)
    scf.yield %y : tensor<8xf32>
  }
  return %r : tensor<8xf32>
}
