// Tests that the input may be in any state of the pipeline.
// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=sequences" | graph-run --print | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=hoisted" | graph-run --print | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=regions" | graph-run --print | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=fused" | graph-run --print | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=buffers" | graph-run --arg 0=random:0 | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=graphs" | graph-run --arg 0=random:0 | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="device=host" | graph-run --print | FileCheck %s
// CHECK: result0 = 0 : f32

// Tests that the reference is refused where it can not help.
// RUN: graph-opt %s --graph-opt-pipeline="device=host" | not graph-run --verify 2>&1 | FileCheck %s --check-prefix=COMPILED
// COMPILED: graph-run: error: the reference needs the input in upstream dialects; this module is compiled already
// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=fused" | not graph-run --verify 2>&1 | FileCheck %s --check-prefix=DIALECT
// DIALECT: error: the reference does not evaluate '
func.func @smallest_square(%a: tensor<64xf32>) -> f32 {
  %zero = arith.constant 0.0 : f32
  %init = tensor.from_elements %zero : tensor<f32>
  %0 = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>],
      iterator_types = ["reduction"]}
      ins(%a : tensor<64xf32>) outs(%init : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %square = arith.mulf %x, %x : f32
    %next = arith.minimumf %acc, %square : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %1 = tensor.extract %0[] : tensor<f32>
  return %1 : f32
}
