// RUN: graph-run %s --entry=reshapes --reference-only --print | FileCheck %s --check-prefix=RESHAPE
// RUN: graph-run %s --entry=concatenates --reference-only --print | FileCheck %s --check-prefix=CONCAT
// RUN: graph-run %s --entry=slices_and_pads --reference-only --print | FileCheck %s --check-prefix=PAD
// RUN: graph-run %s --entry=branches --arg 0=true --reference-only --print | FileCheck %s --check-prefix=THEN
// RUN: graph-run %s --entry=branches --arg 0=false --reference-only --print | FileCheck %s --check-prefix=ELSE
// RUN: graph-run %s --entry=broadcasts --reference-only --print | FileCheck %s --check-prefix=BROADCAST

// Tests shapes that are values, and constants of zero points.
// RESHAPE: result0 = f32 [3, 2]: -1 -2 -3 -4 -5 -6
func.func @reshapes() -> tensor<3x2xf32> {
  %0 = "tosa.const"() {values = dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>} : () -> tensor<2x3xf32>
  %shape = tosa.const_shape {values = dense<[3, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %1 = tosa.reshape %0, %shape : (tensor<2x3xf32>, !tosa.shape<2>) -> tensor<3x2xf32>
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %2 = tosa.negate %1, %zero, %zero : (tensor<3x2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<3x2xf32>
  return %2 : tensor<3x2xf32>
}

// CONCAT: result0 = i32 [2, 3]: 1 2 7 3 4 8
func.func @concatenates() -> tensor<2x3xi32> {
  %0 = "tosa.const"() {values = dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>} : () -> tensor<2x2xi32>
  %1 = "tosa.const"() {values = dense<[[7], [8]]> : tensor<2x1xi32>} : () -> tensor<2x1xi32>
  %2 = tosa.concat %0, %1 {axis = 1 : i32} : (tensor<2x2xi32>, tensor<2x1xi32>) -> tensor<2x3xi32>
  return %2 : tensor<2x3xi32>
}

// PAD: result0 = f32 [4]: 9 2 3 9
func.func @slices_and_pads() -> tensor<4xf32> {
  %0 = "tosa.const"() {values = dense<[1.0, 2.0, 3.0]> : tensor<3xf32>} : () -> tensor<3xf32>
  %start = tosa.const_shape {values = dense<1> : tensor<1xindex>} : () -> !tosa.shape<1>
  %size = tosa.const_shape {values = dense<2> : tensor<1xindex>} : () -> !tosa.shape<1>
  %1 = tosa.slice %0, %start, %size : (tensor<3xf32>, !tosa.shape<1>, !tosa.shape<1>) -> tensor<2xf32>
  %around = tosa.const_shape {values = dense<1> : tensor<2xindex>} : () -> !tosa.shape<2>
  %nine = "tosa.const"() {values = dense<9.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %2 = tosa.pad %1, %around, %nine : (tensor<2xf32>, !tosa.shape<2>, tensor<1xf32>) -> tensor<4xf32>
  return %2 : tensor<4xf32>
}

// Tests a branch whose bodies hold ops of tosa.
// THEN: result0 = i32 [2]: 4 6
// ELSE: result0 = i32 [2]: 2 2
func.func @branches(%c: i1) -> tensor<2xi32> {
  %condition = tensor.from_elements %c : tensor<i1>
  %0 = "tosa.const"() {values = dense<[3, 4]> : tensor<2xi32>} : () -> tensor<2xi32>
  %1 = "tosa.const"() {values = dense<[1, 2]> : tensor<2xi32>} : () -> tensor<2xi32>
  %2 = tosa.cond_if %condition (%a = %0, %b = %1) : tensor<i1> (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32> {
  ^bb0(%x: tensor<2xi32>, %y: tensor<2xi32>):
    %sum = tosa.add %x, %y : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
    tosa.yield %sum : tensor<2xi32>
  } else {
  ^bb0(%x: tensor<2xi32>, %y: tensor<2xi32>):
    %difference = tosa.sub %x, %y : (tensor<2xi32>, tensor<2xi32>) -> tensor<2xi32>
    tosa.yield %difference : tensor<2xi32>
  }
  return %2 : tensor<2xi32>
}

// BROADCAST: result0 = f32 [2, 2]: 5 6 7 8
func.func @broadcasts() -> tensor<2x2xf32> {
  %0 = "tosa.const"() {values = dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>} : () -> tensor<2x2xf32>
  %1 = "tosa.const"() {values = dense<4.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %2 = tosa.add %0, %1 : (tensor<2x2xf32>, tensor<1x1xf32>) -> tensor<2x2xf32>
  return %2 : tensor<2x2xf32>
}
