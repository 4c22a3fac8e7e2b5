// Tests that a stock mlir-opt loads our dialects, passes and pipeline.

// A stock tool can not load a plugin that wants the sanitizers' runtime.
// UNSUPPORTED: sanitizers
// RUN: mlir-opt %s --load-dialect-plugin=%plugin --load-pass-plugin=%plugin \
// RUN:   --pass-pipeline='builtin.module(graph-opt-pipeline{stop-after=graphs})' | FileCheck %s

// CHECK-LABEL: func.func @scaled
// CHECK:         cudagraph.graph
func.func @scaled(%a: tensor<64xf32>, %b: tensor<64xf32>) -> tensor<64xf32> {
  %product = arith.mulf %a, %b : tensor<64xf32>
  %sum = arith.addf %product, %a : tensor<64xf32>
  return %sum : tensor<64xf32>
}
