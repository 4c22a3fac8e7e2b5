// RUN: graph-run %s --device=host --verify | FileCheck %s

// Tests a scalar that a branch inside of a branch reads back and both yield: nothing
// of the readback is left on the host.
// CHECK: verify: ok
func.func @f(%x0: tensor<4xf32>, %x1: tensor<4xf32>, %h: f32, %k: i1) -> (tensor<4xf32>, f32) {
  %one = arith.constant 1.5 : f32
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %s = arith.mulf %x0, %x0 : tensor<4xf32>
  %v7 = tensor.extract %s[%c0] : tensor<4xf32>
  %p = arith.cmpf ogt, %v7, %one : f32
  %r:2 = scf.if %p -> (tensor<4xf32>, f32) {
    %a = arith.addf %x1, %x0 : tensor<4xf32>
    scf.yield %a, %h : tensor<4xf32>, f32
  } else {
    %q:2 = scf.if %k -> (tensor<4xf32>, f32) {
      %b = arith.mulf %x0, %x1 : tensor<4xf32>
      scf.yield %b, %h : tensor<4xf32>, f32
    } else {
      %e = tensor.extract %s[%c1] : tensor<4xf32>
      scf.yield %x1, %e : tensor<4xf32>, f32
    }
    scf.yield %q#0, %q#1 : tensor<4xf32>, f32
  }
  return %r#0, %r#1 : tensor<4xf32>, f32
}
