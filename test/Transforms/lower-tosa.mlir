// RUN: graph-opt %s --lower-tosa | FileCheck %s

// Tests that elementwise work becomes a structured op.
// CHECK-LABEL: func.func @add(
// CHECK-NOT:     tosa.
// CHECK:         linalg.generic
// CHECK-NOT:     tosa.
func.func @add(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %y = tosa.add %a, %b : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// Tests that control and what is in it are converted, in this order.
// CHECK-LABEL: func.func @branch(
// CHECK-NOT:     tosa.
// CHECK:         scf.if
// CHECK:           linalg.generic
// CHECK:           scf.yield
// CHECK-NOT:     tosa.
func.func @branch(%c: tensor<i1>, %a: tensor<4xf32>) -> tensor<4xf32> {
  %y = tosa.cond_if %c (%x = %a) : tensor<i1> (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%x: tensor<4xf32>):
    %s = tosa.add %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    tosa.yield %s : tensor<4xf32>
  } else {
  ^bb0(%x: tensor<4xf32>):
    tosa.yield %x : tensor<4xf32>
  }
  return %y : tensor<4xf32>
}

// Tests that a function without tosa stays as it is, dead ops and all.
// CHECK-LABEL: func.func @none(
// CHECK-NEXT:    arith.addf
// CHECK-NEXT:    return
func.func @none(%x: tensor<4xf32>) {
  %y = arith.addf %x, %x : tensor<4xf32>
  return
}
