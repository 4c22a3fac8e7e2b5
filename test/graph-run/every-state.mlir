// Tests that a program computes the same, bit by bit, in whatever state it is
// handed over.
// RUN: rm -rf %t && mkdir %t
// RUN: graph-run %s --arg 3=2.0 --repeat 2 --verify --out %t/input | FileCheck %s
// CHECK: verify: ok

// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=sequences" -o %t/sequences.mlir
// RUN: graph-run %t/sequences.mlir --arg 3=2.0 --repeat 2 --out %t/sequences
// RUN: diff -r %t/input %t/sequences

// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=hoisted" -o %t/hoisted.mlir
// RUN: graph-run %t/hoisted.mlir --arg 3=2.0 --repeat 2 --out %t/hoisted
// RUN: diff -r %t/input %t/hoisted

// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=regions" -o %t/regions.mlir
// RUN: graph-run %t/regions.mlir --arg 3=2.0 --repeat 2 --out %t/regions
// RUN: diff -r %t/input %t/regions

// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=fused" -o %t/fused.mlir
// RUN: graph-run %t/fused.mlir --arg 3=2.0 --repeat 2 --out %t/fused
// RUN: diff -r %t/input %t/fused

// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=buffers" -o %t/buffers.mlir
// RUN: graph-run %t/buffers.mlir --arg 3=2.0 --repeat 2 --out %t/buffers
// RUN: diff -r %t/input %t/buffers

// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=graphs" -o %t/graphs.mlir
// RUN: graph-run %t/graphs.mlir --arg 3=2.0 --repeat 2 --out %t/graphs
// RUN: diff -r %t/input %t/graphs

// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=runtime" -o %t/runtime.mlir
// RUN: graph-run %t/runtime.mlir --arg 3=2.0 --repeat 2 --out %t/runtime
// RUN: diff -r %t/input %t/runtime

#id = affine_map<(i) -> (i)>
#none = affine_map<(i) -> ()>

// Norm and clip of a list with a tensor of one element and an empty one.
func.func @clip(%a: memref<40xf32>, %b: memref<1xf32>, %c: memref<0xf32>, %max: f64)
    -> (f64, tensor<40xf32>) {
  %zero = arith.constant 0.0 : f32
  %init = tensor.splat %zero : tensor<f32>
  %ta = bufferization.to_tensor %a restrict writable : memref<40xf32> to tensor<40xf32>
  %tb = bufferization.to_tensor %b restrict writable : memref<1xf32> to tensor<1xf32>
  %tc = bufferization.to_tensor %c restrict writable : memref<0xf32> to tensor<0xf32>
  %sa = linalg.generic {indexing_maps = [#id, #none], iterator_types = ["reduction"]}
      ins(%ta : tensor<40xf32>) outs(%init : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %square = arith.mulf %x, %x : f32
    %next = arith.addf %acc, %square : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %ra = math.sqrt %sa : tensor<f32>
  %ha = tensor.extract %ra[] : tensor<f32>
  %wa = arith.extf %ha : f32 to f64
  %qa = arith.mulf %wa, %wa : f64
  %sb = linalg.generic {indexing_maps = [#id, #none], iterator_types = ["reduction"]}
      ins(%tb : tensor<1xf32>) outs(%init : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %square = arith.mulf %x, %x : f32
    %next = arith.addf %acc, %square : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %rb = math.sqrt %sb : tensor<f32>
  %hb = tensor.extract %rb[] : tensor<f32>
  %wb = arith.extf %hb : f32 to f64
  %qb = arith.mulf %wb, %wb : f64
  %sc = linalg.generic {indexing_maps = [#id, #none], iterator_types = ["reduction"]}
      ins(%tc : tensor<0xf32>) outs(%init : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %square = arith.mulf %x, %x : f32
    %next = arith.addf %acc, %square : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %rc = math.sqrt %sc : tensor<f32>
  %hc = tensor.extract %rc[] : tensor<f32>
  %wc = arith.extf %hc : f32 to f64
  %qc = arith.mulf %wc, %wc : f64
  %ab = arith.addf %qa, %qb : f64
  %abc = arith.addf %ab, %qc : f64
  %norm = math.sqrt %abc : f64
  %by = arith.divf %max, %norm : f64
  %one = arith.constant 1.0 : f64
  %clips = arith.cmpf olt, %by, %one : f64
  scf.if %clips {
    %narrow = arith.truncf %by : f64 to f32
    %ba = tensor.splat %narrow : tensor<40xf32>
    %ma = arith.mulf %ta, %ba : tensor<40xf32>
    bufferization.materialize_in_destination %ma in restrict writable %a
      : (tensor<40xf32>, memref<40xf32>) -> ()
    %bb = tensor.splat %narrow : tensor<1xf32>
    %mb = arith.mulf %tb, %bb : tensor<1xf32>
    bufferization.materialize_in_destination %mb in restrict writable %b
      : (tensor<1xf32>, memref<1xf32>) -> ()
    %bc = tensor.splat %narrow : tensor<0xf32>
    %mc = arith.mulf %tc, %bc : tensor<0xf32>
    bufferization.materialize_in_destination %mc in restrict writable %c
      : (tensor<0xf32>, memref<0xf32>) -> ()
  }
  %old = arith.negf %ta : tensor<40xf32>
  return %norm, %old : f64, tensor<40xf32>
}
