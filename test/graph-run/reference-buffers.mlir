// RUN: graph-run %s --entry=tensors_are_values --arg 0=1 --reference-only --print | FileCheck %s --check-prefix=VALUE
// RUN: graph-run %s --entry=views --arg 0=1 --reference-only --print | FileCheck %s --check-prefix=VIEW
// RUN: graph-run %s --entry=accumulates --arg 0=0 --repeat 5 --reference-only --print | FileCheck %s --check-prefix=REPEAT
// RUN: graph-run %s --entry=strided_argument --arg 0=2 --reference-only --print | FileCheck %s --check-prefix=STRIDED
// RUN: graph-run %s --entry=parts --arg 0=1 --reference-only --print | FileCheck %s --check-prefix=PARTS

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

// Tests permuted views, updates that return the old value, and the parts of a
// view.
// PARTS:      result0 = i32 [3, 2]: 1 11 1 1 1 1
// PARTS-NEXT: result1 = 11 : index
// PARTS-NEXT: result2 = 3 : index
// PARTS-NEXT: result3 = 1 : i32
// PARTS-NEXT: arg0 = i32 [2, 3]: 1 1 1 11 1 1
func.func @parts(%m: memref<2x3xi32>) -> (memref<3x2xi32>, index, index, i32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %ten = arith.constant 10 : i32
  %old = memref.atomic_rmw addi %ten, %m[%c1, %c0] : (i32, memref<2x3xi32>) -> i32
  %turned = memref.transpose %m (i, j) -> (j, i) : memref<2x3xi32> to memref<3x2xi32, strided<[1, 3]>>
  %new = bufferization.clone %turned : memref<3x2xi32, strided<[1, 3]>> to memref<3x2xi32>
  %view = memref.subview %m[1, 1] [1, 2] [1, 1]
    : memref<2x3xi32> to memref<1x2xi32, strided<[3, 1], offset: 4>>
  %base, %offset, %sizes:2, %strides:2 = memref.extract_strided_metadata %view
    : memref<1x2xi32, strided<[3, 1], offset: 4>> -> memref<i32>, index, index, index, index, index
  %seven = index.constant 7
  %sum = index.add %seven, %offset
  %less = index.cmp ult(%seven, %sum)
  %larger = arith.select %less, %sum, %seven : index
  return %new, %larger, %strides#0, %old : memref<3x2xi32>, index, index, i32
}
