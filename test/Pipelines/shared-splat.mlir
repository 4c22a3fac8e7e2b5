// RUN: graph-opt %s --graph-opt-pipeline="stop-after=fused" | FileCheck %s
// RUN: graph-run %s --device=host --verify | FileCheck %s --check-prefix=RUNS

// Tests that six tensors of two shapes, scaled by splats of one scalar, of which
// tensors of equal shape share one, are one list and one kernel.
// CHECK:     tseq.map ins(%{{[^,]*}} : !tseq.seq<tensor<64x8xf32>, tensor<7xf32>, tensor<64x8xf32>, tensor<7xf32>, tensor<64x8xf32>, tensor<7xf32>>) scalars(
// CHECK-NOT: tseq.map
// RUNS: verify: ok
func.func @scale(%m0: memref<64x8xf32>, %m1: memref<7xf32>, %m2: memref<64x8xf32>, %m3: memref<7xf32>, %m4: memref<64x8xf32>, %m5: memref<7xf32>, %c: f32) {
  %a0 = bufferization.to_tensor %m0 restrict writable : memref<64x8xf32> to tensor<64x8xf32>
  %a1 = bufferization.to_tensor %m1 restrict writable : memref<7xf32> to tensor<7xf32>
  %a2 = bufferization.to_tensor %m2 restrict writable : memref<64x8xf32> to tensor<64x8xf32>
  %a3 = bufferization.to_tensor %m3 restrict writable : memref<7xf32> to tensor<7xf32>
  %a4 = bufferization.to_tensor %m4 restrict writable : memref<64x8xf32> to tensor<64x8xf32>
  %a5 = bufferization.to_tensor %m5 restrict writable : memref<7xf32> to tensor<7xf32>
  %s = tensor.splat %c : tensor<64x8xf32>
  %t = tensor.splat %c : tensor<7xf32>
  %b0 = arith.mulf %a0, %s : tensor<64x8xf32>
  %b1 = arith.mulf %a1, %t : tensor<7xf32>
  %b2 = arith.mulf %a2, %s : tensor<64x8xf32>
  %b3 = arith.mulf %a3, %t : tensor<7xf32>
  %b4 = arith.mulf %a4, %s : tensor<64x8xf32>
  %b5 = arith.mulf %a5, %t : tensor<7xf32>
  bufferization.materialize_in_destination %b0 in restrict writable %m0 : (tensor<64x8xf32>, memref<64x8xf32>) -> ()
  bufferization.materialize_in_destination %b1 in restrict writable %m1 : (tensor<7xf32>, memref<7xf32>) -> ()
  bufferization.materialize_in_destination %b2 in restrict writable %m2 : (tensor<64x8xf32>, memref<64x8xf32>) -> ()
  bufferization.materialize_in_destination %b3 in restrict writable %m3 : (tensor<7xf32>, memref<7xf32>) -> ()
  bufferization.materialize_in_destination %b4 in restrict writable %m4 : (tensor<64x8xf32>, memref<64x8xf32>) -> ()
  bufferization.materialize_in_destination %b5 in restrict writable %m5 : (tensor<7xf32>, memref<7xf32>) -> ()
  return
}
