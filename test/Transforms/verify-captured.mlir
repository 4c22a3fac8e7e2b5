// RUN: graph-opt %s --verify-captured --split-input-file | FileCheck %s

// Tests that work in regions, views and readbacks are fine, though they split.
func.func private @log(f32)
// CHECK-LABEL: func.func @captured
func.func @captured(%a: tensor<8xf32>) -> tensor<4x2xf32> {
  %r = tseq.graph "g0" (%x = %a) : (tensor<8xf32>) -> tensor<8xf32> {
    %s = linalg.copy ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
    tseq.yield %s : tensor<8xf32>
  }
  %c0 = arith.constant 0 : index
  %h = tensor.extract %r[%c0] : tensor<8xf32>
  func.call @log(%h) : (f32) -> ()
  %t = tseq.graph "g1" (%x = %r) : (tensor<8xf32>) -> tensor<8xf32> {
    %s = linalg.copy ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
    tseq.yield %s : tensor<8xf32>
  }
  %v = tensor.expand_shape %t [[0, 1]] output_shape [4, 2] : tensor<8xf32> into tensor<4x2xf32>
  return %v : tensor<4x2xf32>
}

// -----

// Tests that launches of other compilers' kernels, which become graphs later,
// are not missed in regions.
module attributes {gpu.container_module} {
  gpu.module @kernels {
    gpu.func @k(%m: memref<8xf32>) kernel {
      gpu.return
    }
  }
  // CHECK-LABEL: func.func @launches
  func.func @launches(%m: memref<8xf32>) {
    %c1 = arith.constant 1 : index
    gpu.launch_func @kernels::@k blocks in (%c1, %c1, %c1) threads in (%c1, %c1, %c1) args(%m : memref<8xf32>)
    return
  }
}
