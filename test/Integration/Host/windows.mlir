// RUN: graph-run %s --entry=conv_2d --repeat 2 --verify --stats=json | FileCheck %s
// RUN: graph-run %s --entry=depthwise --repeat 2 --verify --stats=json | FileCheck %s
// RUN: graph-run %s --entry=pooling --repeat 2 --verify --stats=json | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda stop-after=graphs" -o /dev/null

// CHECK:      "graphs":1,"graph_launches":2,
// CHECK-SAME: "readbacks":0,
// CHECK-NEXT: verify: ok

// Tests that a convolution is a kernel of a graph.
func.func @conv_2d(%a: tensor<1x6x6x2xf32>, %k: tensor<3x3x2x4xf32>) -> tensor<1x2x2x4xf32> {
  %z = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<1x2x2x4xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32>
  %0 = linalg.conv_2d_nhwc_hwcf {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%a, %k : tensor<1x6x6x2xf32>, tensor<3x3x2x4xf32>) outs(%f : tensor<1x2x2x4xf32>) -> tensor<1x2x2x4xf32>
  return %0 : tensor<1x2x2x4xf32>
}

// Tests the same of one per channel, on the result of a map.
func.func @depthwise(%a: tensor<1x6x6x3xf32>, %k: tensor<2x2x3xf32>) -> tensor<1x5x5x3xf32> {
  %z = arith.constant 0.5 : f32
  %n = arith.negf %a : tensor<1x6x6x3xf32>
  %e = tensor.empty() : tensor<1x5x5x3xf32>
  %f = linalg.fill ins(%z : f32) outs(%e : tensor<1x5x5x3xf32>) -> tensor<1x5x5x3xf32>
  %0 = linalg.depthwise_conv_2d_nhwc_hwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%n, %k : tensor<1x6x6x3xf32>, tensor<2x2x3xf32>) outs(%f : tensor<1x5x5x3xf32>) -> tensor<1x5x5x3xf32>
  return %0 : tensor<1x5x5x3xf32>
}

// Tests pooling after pooling.
func.func @pooling(%a: tensor<1x8x8x3xf32>) -> tensor<1x3x3x3xf32> {
  %m = arith.constant 0xFF800000 : f32
  %z = arith.constant 0.0 : f32
  %w = tensor.empty() : tensor<2x2xf32>
  %e = tensor.empty() : tensor<1x4x4x3xf32>
  %f = linalg.fill ins(%m : f32) outs(%e : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %0 = linalg.pooling_nhwc_max {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%a, %w : tensor<1x8x8x3xf32>, tensor<2x2xf32>) outs(%f : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32>
  %g = tensor.empty() : tensor<1x3x3x3xf32>
  %h = linalg.fill ins(%z : f32) outs(%g : tensor<1x3x3x3xf32>) -> tensor<1x3x3x3xf32>
  %1 = linalg.pooling_nhwc_sum {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%0, %w : tensor<1x4x4x3xf32>, tensor<2x2xf32>) outs(%h : tensor<1x3x3x3xf32>) -> tensor<1x3x3x3xf32>
  return %1 : tensor<1x3x3x3xf32>
}
