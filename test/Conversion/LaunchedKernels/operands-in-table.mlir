// RUN: graph-opt %s --pack-kernel-arguments | FileCheck %s

// Tests that the kernel of a node whose operands go in a table takes none by
// value, for another node of the kernel neither, and that other kernels do.
// CHECK-LABEL: cudagraph.graph @g(
// CHECK:         cudagraph.kernel "a" phases [#cudagraph.phase<@k::@shared, 1>]
// CHECK-NOT:     operands
// CHECK-LABEL: gpu.module @k
// CHECK:         gpu.func @shared(%{{.*}}: !llvm.ptr) kernel {
// CHECK:         gpu.func @other(%{{.*}}: !llvm.ptr) kernel attributes {graphopt.slots_by_value = 1
// CHECK:         gpu.func @theirs_slots(%{{.*}}: !llvm.ptr) kernel {
cudagraph.graph @g(%a: memref<4xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@k::@shared, 1>] args(%a read : memref<4xf32>) grid [1, 1, 1] block [32, 1, 1] {operands = "table"}
  %1 = cudagraph.kernel "b" phases [#cudagraph.phase<@k::@shared, 1>] args(%a read : memref<4xf32>) grid [1, 1, 1] block [32, 1, 1]
  %2 = cudagraph.kernel "c" phases [#cudagraph.phase<@k::@other, 1>] args(%a read : memref<4xf32>) grid [1, 1, 1] block [32, 1, 1]
  %3 = cudagraph.kernel "d" phases [#cudagraph.phase<@k::@theirs, 1>] args(%a read : memref<4xf32>) grid [1, 1, 1] block [32, 1, 1] {operands = "table"}
}
gpu.module @k {
  gpu.func @shared(%slots: !llvm.ptr) kernel attributes {graphopt.slots_by_value = 1} {
    gpu.return
  }
  gpu.func @other(%slots: !llvm.ptr) kernel attributes {graphopt.slots_by_value = 1} {
    gpu.return
  }
  gpu.func @theirs(%m: memref<4xf32>) kernel {
    gpu.return
  }
}
