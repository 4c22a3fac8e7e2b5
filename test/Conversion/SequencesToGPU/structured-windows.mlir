// RUN: graph-opt %s --convert-sequences-to-gpu --canonicalize | FileCheck %s

// Tests that named ops with windows become a loop over the elements of the result,
// which the threads share, with the loops of the window inside.
// CHECK:     gpu.func @g_k0(
// CHECK:       scf.for %{{.*}} to %c16 step
// CHECK-COUNT-3: scf.for
// CHECK:           arith.mulf
// CHECK:           arith.addf
// CHECK:     gpu.func @g_k1(
// CHECK:       scf.for %{{.*}} to %c18 step
// CHECK-COUNT-2: scf.for
// CHECK:           arith.maximumf
func.func @windows(%m0: memref<1x6x6x2xf32>, %m1: memref<3x3x2x4xf32>, %m2: memref<1x2x2x4xf32>, %m3: memref<2x2xf32>, %m4: memref<1x3x3x2xf32>) {
  tseq.graph "g" (%a = %m0, %k = %m1, %o = %m2, %w = %m3, %p = %m4) : (memref<1x6x6x2xf32>, memref<3x3x2x4xf32>, memref<1x2x2x4xf32>, memref<2x2xf32>, memref<1x3x3x2xf32>) -> () {
    linalg.conv_2d_nhwc_hwcf {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%a, %k : memref<1x6x6x2xf32>, memref<3x3x2x4xf32>) outs(%o : memref<1x2x2x4xf32>)
    linalg.pooling_nhwc_max {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>} ins(%a, %w : memref<1x6x6x2xf32>, memref<2x2xf32>) outs(%p : memref<1x3x3x2xf32>)
    tseq.yield
  }
  return
}
