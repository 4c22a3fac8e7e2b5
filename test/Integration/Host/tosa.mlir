// RUN: graph-run %s --entry=elementwise --verify | FileCheck %s
// RUN: graph-run %s --entry=broadcasts --verify | FileCheck %s
// RUN: graph-run %s --entry=reductions --verify | FileCheck %s
// RUN: graph-run %s --entry=shapes --verify | FileCheck %s
// RUN: graph-run %s --entry=matmul --verify | FileCheck %s
// RUN: graph-run %s --entry=clip --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=integers --verify | FileCheck %s
// CHECK: verify: ok

// Tests a chain of elementwise ops of tosa.
func.func @elementwise(%a: tensor<5x6xf32>, %b: tensor<5x6xf32>) -> tensor<5x6xf32> {
  %0 = tosa.add %a, %b : (tensor<5x6xf32>, tensor<5x6xf32>) -> tensor<5x6xf32>
  %1 = tosa.tanh %0 : (tensor<5x6xf32>) -> tensor<5x6xf32>
  %2 = tosa.exp %1 : (tensor<5x6xf32>) -> tensor<5x6xf32>
  %3 = tosa.maximum %2, %a : (tensor<5x6xf32>, tensor<5x6xf32>) -> tensor<5x6xf32>
  %4 = tosa.clamp %3 {min_val = 0.0 : f32, max_val = 2.0 : f32} : (tensor<5x6xf32>) -> tensor<5x6xf32>
  %5 = tosa.reciprocal %4 : (tensor<5x6xf32>) -> tensor<5x6xf32>
  return %5 : tensor<5x6xf32>
}

// Tests operands of one element and of one row.
func.func @broadcasts(%a: tensor<5x6xf32>, %b: tensor<1x1xf32>, %c: tensor<1x6xf32>) -> tensor<5x6xf32> {
  %0 = tosa.sub %a, %b : (tensor<5x6xf32>, tensor<1x1xf32>) -> tensor<5x6xf32>
  %1 = tosa.add %0, %c : (tensor<5x6xf32>, tensor<1x6xf32>) -> tensor<5x6xf32>
  return %1 : tensor<5x6xf32>
}

// Tests reductions of one dimension after the other.
func.func @reductions(%a: tensor<5x6xf32>) -> (tensor<1x1xf32>, tensor<5x1xf32>) {
  %0 = tosa.reduce_sum %a {axis = 1 : i32} : (tensor<5x6xf32>) -> tensor<5x1xf32>
  %1 = tosa.reduce_max %0 {axis = 0 : i32} : (tensor<5x1xf32>) -> tensor<1x1xf32>
  %2 = tosa.sub %0, %1 : (tensor<5x1xf32>, tensor<1x1xf32>) -> tensor<5x1xf32>
  return %1, %2 : tensor<1x1xf32>, tensor<5x1xf32>
}

// Tests ops that move elements.
func.func @shapes(%a: tensor<4x6xf32>) -> tensor<6x4xf32> {
  %0 = tosa.transpose %a {perms = array<i32: 1, 0>} : (tensor<4x6xf32>) -> tensor<6x4xf32>
  %1 = tosa.reverse %0 {axis = 0 : i32} : (tensor<6x4xf32>) -> tensor<6x4xf32>
  %2 = tosa.abs %1 : (tensor<6x4xf32>) -> tensor<6x4xf32>
  return %2 : tensor<6x4xf32>
}

// Tests a contraction whose result is used elementwise.
func.func @matmul(%a: tensor<1x3x4xf32>, %b: tensor<1x4x5xf32>) -> tensor<1x3x5xf32> {
  %z = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = tosa.matmul %a, %b, %z, %z : (tensor<1x3x4xf32>, tensor<1x4x5xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x3x5xf32>
  %1 = tosa.sigmoid %0 : (tensor<1x3x5xf32>) -> tensor<1x3x5xf32>
  return %1 : tensor<1x3x5xf32>
}

// Tests a norm in tosa that a host branch clips by.
func.func @clip(%m: memref<30xf32>) -> f32 {
  %t = bufferization.to_tensor %m restrict writable : memref<30xf32> to tensor<30xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %q = tosa.mul %t, %t, %shift : (tensor<30xf32>, tensor<30xf32>, tensor<1xi8>) -> tensor<30xf32>
  %s = tosa.reduce_sum %q {axis = 0 : i32} : (tensor<30xf32>) -> tensor<1xf32>
  %r = tosa.rsqrt %s : (tensor<1xf32>) -> tensor<1xf32>
  %c0 = arith.constant 0 : index
  %h = tensor.extract %r[%c0] : tensor<1xf32>
  %one = arith.constant 1.0 : f32
  %c = arith.cmpf olt, %h, %one : f32
  scf.if %c {
    %f = tosa.mul %t, %r, %shift : (tensor<30xf32>, tensor<1xf32>, tensor<1xi8>) -> tensor<30xf32>
    bufferization.materialize_in_destination %f in restrict writable %m : (tensor<30xf32>, memref<30xf32>) -> ()
  }
  return %h : f32
}

// Tests integers and comparisons.
func.func @integers(%a: tensor<7xi32>, %b: tensor<7xi32>) -> (tensor<7xi32>, tensor<1xi32>) {
  %0 = tosa.greater %a, %b : (tensor<7xi32>, tensor<7xi32>) -> tensor<7xi1>
  %1 = tosa.select %0, %a, %b : (tensor<7xi1>, tensor<7xi32>, tensor<7xi32>) -> tensor<7xi32>
  %2 = tosa.reduce_min %1 {axis = 0 : i32} : (tensor<7xi32>) -> tensor<1xi32>
  return %1, %2 : tensor<7xi32>, tensor<1xi32>
}
