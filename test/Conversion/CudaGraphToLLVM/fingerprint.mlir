// RUN: graph-opt --convert-cudagraph-to-llvm %s | FileCheck %s
// RUN: graph-opt --convert-cudagraph-to-llvm %s -o %t.one
// RUN: sed 's/\[1, 2\]/[1, 3]/' %s | graph-opt --convert-cudagraph-to-llvm | sed 's/\[1, 3\]/[1, 2]/' > %t.other
// RUN: not diff %t.one %t.other | FileCheck %s --check-prefix=DIFF

// Tests that the fingerprint of a graph, which is a part of the key that its
// executables have, covers the tables that its kernels read: modules that differ in
// nothing else are told apart.
// CHECK: llvm.mlir.global internal constant @g.info()
// DIFF-COUNT-2: llvm.mlir.constant({{-?[0-9]+}} : i64) : i64
// DIFF-NOT:     llvm.mlir
cudagraph.graph @g(%a: memref<64xf32>) {
  %0 = cudagraph.kernel "reads" phases [#cudagraph.phase<@kernels::@reads, 1>]
    args(%a readwrite : memref<64xf32>) grid [2, 1, 1] block [32, 1, 1]
}
gpu.module @kernels {
  llvm.mlir.global internal constant @table(dense<[1, 2]> : tensor<2xi64>) {addr_space = 1 : i32} : !llvm.array<2 x i64>
  gpu.func @reads(%slots: !llvm.ptr) kernel attributes {graphopt.slots_by_value = 1} {
    %t = llvm.mlir.addressof @table : !llvm.ptr<1>
    %v = llvm.load %t : !llvm.ptr<1> -> i64
    gpu.return
  }
}
