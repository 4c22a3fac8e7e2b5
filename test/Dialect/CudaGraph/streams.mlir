// RUN: graph-opt %s | graph-opt | FileCheck %s

// Tests that waits, launches on a stream of the program's own, and dynamic
// shared memory print and parse.

cudagraph.graph @g(%a: memref<8xf32>) {
  // CHECK: cudagraph.kernel "k" {{.*}} grid [1, 1, 1] block [8, 1, 1] shared_bytes 64
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@kernels::@k, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1] shared_bytes 64
}
gpu.module @kernels {
  gpu.func @k(%m: memref<8xf32>) kernel {
    gpu.return
  }
}
// CHECK-LABEL: func.func @own_stream
// CHECK-SAME:    %[[A:.*]]: memref<8xf32>, %[[S:.*]]: !llvm.ptr
func.func @own_stream(%a: memref<8xf32>, %s: !llvm.ptr) {
  %e = cudagraph.instantiate @g : !cudagraph.exec
  // CHECK: cudagraph.launch %{{.*}} buffers(%[[A]] : memref<8xf32>) stream(%[[S]] : !llvm.ptr)
  cudagraph.launch %e buffers(%a : memref<8xf32>) stream(%s : !llvm.ptr)
  // CHECK-NEXT: cudagraph.wait
  cudagraph.wait
  return
}
