// RUN: graph-opt-test %s --graph-opt-pipeline="stop-after=regions" | FileCheck %s
// RUN: graph-opt-test %s --graph-opt-pipeline="stop-after=regions" --remarks-filter="graph-opt.*" 2>&1 >/dev/null | FileCheck %s --check-prefix=REMARK
// RUN: graph-opt-test %s --pass-pipeline='builtin.module(graph-opt-pipeline{stop-after=regions},lower-other,graph-opt-pipeline{device=cuda stop-after=graphs})' | FileCheck %s --check-prefix=GRAPHS
// REQUIRES: test-passes

// Tests that an op of another project, which opts in by an external model, is
// captured like any other, and that a lowering of its owner's leads on from there.

// CHECK-LABEL: func.func @captured
// CHECK:         tseq.graph
// CHECK:           other.square
// CHECK:           tseq.map
// CHECK:           other.square
// CHECK:         return
// GRAPHS:        cudagraph.graph @captured.graph0
// GRAPHS:        cudagraph.kernel
// GRAPHS-NOT:    other.square
func.func @captured(%a: tensor<64xf32>, %b: tensor<64xf32>) -> tensor<64xf32> {
  // REMARK: [[#@LINE+1]]:8: remark: [Passed] region-formed
  %0 = other.square %a : tensor<64xf32>
  %1 = arith.addf %0, %b : tensor<64xf32>
  %2 = other.square %1 : tensor<64xf32>
  return %2 : tensor<64xf32>
}

// A model that refuses dynamic shapes, and one of an op that the host waits for.
// CHECK-LABEL: func.func @refused
// CHECK-NOT:     tseq.graph
// CHECK:         return
func.func @refused(%a: tensor<?xf32>, %b: tensor<64xf32>) -> (tensor<?xf32>, tensor<64xf32>) {
  // REMARK: [[#@LINE+1]]:8: remark: [Missed] not-captured
  %0 = other.square %a : tensor<?xf32>
  // REMARK: [[#@LINE+1]]:8: remark: [Missed] not-captured
  %1 = other.checked %b : tensor<64xf32>
  return %0, %1 : tensor<?xf32>, tensor<64xf32>
}
