// RUN: graph-run %s --entry=tensors_are_values --arg 0=1 --reference-only --print | FileCheck %s --check-prefix=VALUE
// RUN: graph-run %s --entry=views --arg 0=1 --reference-only --print | FileCheck %s --check-prefix=VIEW
// RUN: graph-run %s --entry=accumulates --arg 0=0 --repeat 5 --reference-only --print | FileCheck %s --check-prefix=REPEAT
// RUN: graph-run %s --entry=strided_argument --arg 0=2 --reference-only --print | FileCheck %s --check-prefix=STRIDED

// Tests that a tensor made from a buffer does not see later writes.
// VALUE:      result0 = f32 [4]: 1 1 1 1
// VALUE-NEXT: arg0 = f32 [4]: 2 2 2 2
func.func @tensors_are_values(%m: memref<4xf32>) -> tensor<4xf32> {
  %t = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  %double = arith.addf %t, %t : tensor<4xf32>
  bufferization.materialize_in_destination %double in restrict writable %m
    : (tensor<4xf32>, memref<4xf32>) -> ()
  return %t : tensor<4xf32>
}

// Tests that views of one buffer alias each other.
// VIEW: arg0 = f32 [2, 4]: 1 5 1 5 1 7 1 1
func.func @views(%m: memref<2x4xf32>) {
  %five = arith.constant 5.0 : f32
  %seven = arith.constant 7.0 : f32
  %c1 = arith.constant 1 : index
  %s = memref.subview %m[0, 1] [1, 2] [1, 2] : memref<2x4xf32> to memref<2xf32, strided<[2], offset: 1>>
  linalg.fill ins(%five : f32) outs(%s : memref<2xf32, strided<[2], offset: 1>>)
  %flat = memref.collapse_shape %m [[0, 1]] : memref<2x4xf32> into memref<8xf32>
  %r = memref.reinterpret_cast %flat to offset: [4], sizes: [4], strides: [1]
    : memref<8xf32> to memref<4xf32, strided<[1], offset: 4>>
  memref.store %seven, %r[%c1] : memref<4xf32, strided<[1], offset: 4>>
  return
}

// Tests that buffers keep their contents from call to call.
// REPEAT: arg0 = i32 [2]: 5 5
func.func @accumulates(%m: memref<2xi32>) {
  %one = arith.constant dense<1> : tensor<2xi32>
  %t = bufferization.to_tensor %m restrict writable : memref<2xi32> to tensor<2xi32>
  %next = arith.addi %t, %one : tensor<2xi32>
  bufferization.materialize_in_destination %next in restrict writable %m
    : (tensor<2xi32>, memref<2xi32>) -> ()
  return
}

// Tests that an argument is laid out as its type says.
// STRIDED: arg0 = f32 [2, 2]: 4 4 4 4
func.func @strided_argument(%m: memref<2x2xf32, strided<[8, 2], offset: 3>>) {
  linalg.generic {
      indexing_maps = [affine_map<(i, j) -> (i, j)>],
      iterator_types = ["parallel", "parallel"]}
      outs(%m : memref<2x2xf32, strided<[8, 2], offset: 3>>) {
  ^bb0(%x: f32):
    %y = arith.mulf %x, %x : f32
    linalg.yield %y : f32
  }
  return
}
