// RUN: rm -rf %t && mkdir %t
// RUN: %python %S/Inputs/npy.py write %t/a.npy "<f4" "(3, 2)" f 1 4 5 2 0 3
// RUN: graph-run %s --entry=dynamic --arg 0=%t/a.npy --print --verify | FileCheck %s --check-prefix=DYNAMIC
// RUN: graph-run %s --entry=strided --arg 0=3 --print --verify | FileCheck %s --check-prefix=STRIDED
// RUN: graph-run %s --entry=small_floats --arg 0=1.5 --arg 1=1.5 --print --verify | FileCheck %s --check-prefix=SMALL

// Tests that dynamic shapes come from files and go out by descriptors.
// DYNAMIC:      result0 = f32 [3]: 4 5 3
// DYNAMIC-NEXT: result1 = 3 : index
// DYNAMIC-NEXT: verify: ok, worst relative error 0; 0 of 10 elements differ
func.func @dynamic(%a: tensor<?x2xf32>) -> (tensor<?xf32>, index) {
  %c0 = arith.constant 0 : index
  %rows = tensor.dim %a, %c0 : tensor<?x2xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%rows) : tensor<?xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?xf32>) -> tensor<?xf32>
  %0 = linalg.reduce { arith.maximumf } ins(%a : tensor<?x2xf32>)
                                        outs(%init : tensor<?xf32>) dimensions = [1]
  return %0, %rows : tensor<?xf32>, index
}

// Tests that a buffer of strided layout is passed with its strides.
// STRIDED: arg0 = f32 [2, 2]: 9 9 9 9
func.func @strided(%m: memref<2x2xf32, strided<[8, 2], offset: 3>>) {
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

// Tests that 16-bit floats are passed, computed and returned.
// SMALL:      result0 = f16 [3]: 2.25 2.25 2.25
// SMALL-NEXT: result1 = bf16 [3]: 1 1 1
// SMALL-NEXT: verify: ok
func.func @small_floats(%a: tensor<3xf16>, %b: tensor<3xbf16>) -> (tensor<3xf16>, tensor<3xbf16>) {
  %0 = arith.mulf %a, %a : tensor<3xf16>
  %1 = arith.divf %b, %b : tensor<3xbf16>
  return %0, %1 : tensor<3xf16>, tensor<3xbf16>
}
