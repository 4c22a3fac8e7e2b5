// RUN: graph-opt %s --split-input-file --share-kernels | FileCheck %s --enable-var-scope

// Tests that kernels that differ in name and location alone become the first of
// them, that nodes keep their names, and that what has another body, operand or
// attribute, and what no node names, stays.

// CHECK-LABEL: cudagraph.graph @g(
// CHECK:         cudagraph.kernel "k0" phases [#cudagraph.phase<@code::@a, 1>]
// CHECK:         cudagraph.kernel "k1" after(%{{.*}}) phases [#cudagraph.phase<@code::@a, 1>]
// CHECK:         cudagraph.kernel "k2" after(%{{.*}}) phases [#cudagraph.phase<@code::@other_body, 1>]
// CHECK:         cudagraph.kernel "k3" after(%{{.*}}) phases [#cudagraph.phase<@code::@other_block, 1>]
// CHECK:         cudagraph.kernel "k4" after(%{{.*}}) phases [#cudagraph.phase<@code::@other_operand, 1>]
cudagraph.graph @g(%m: memref<4xf32>) {
  %0 = cudagraph.kernel "k0" phases [#cudagraph.phase<@code::@a, 1>]
      args(%m readwrite : memref<4xf32>) grid [1, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "k1" after(%0) phases [#cudagraph.phase<@code::@b, 1>]
      args(%m readwrite : memref<4xf32>) grid [1, 1, 1] block [32, 1, 1]
  %2 = cudagraph.kernel "k2" after(%1) phases [#cudagraph.phase<@code::@other_body, 1>]
      args(%m readwrite : memref<4xf32>) grid [1, 1, 1] block [32, 1, 1]
  %3 = cudagraph.kernel "k3" after(%2) phases [#cudagraph.phase<@code::@other_block, 1>]
      args(%m readwrite : memref<4xf32>) grid [1, 1, 1] block [64, 1, 1]
  %4 = cudagraph.kernel "k4" after(%3) phases [#cudagraph.phase<@code::@other_operand, 1>]
      args(%m readwrite : memref<4xf32>) grid [1, 1, 1] block [32, 1, 1]
}
// CHECK-LABEL: gpu.module @code
// CHECK:         gpu.func @a(
// CHECK-NOT:     gpu.func @b(
// CHECK:         gpu.func @other_body(
// CHECK:         gpu.func @other_block(
// CHECK:         gpu.func @other_operand(
// CHECK:         gpu.func @unnamed(
gpu.module @code {
  gpu.func @a(%slots: !llvm.ptr) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %x = llvm.load %slots : !llvm.ptr -> i64
    %y = llvm.load %slots : !llvm.ptr -> i64
    %z = arith.subi %x, %y : i64
    llvm.store %z, %slots : i64, !llvm.ptr
    gpu.return
  } loc("first")
  gpu.func @b(%slots: !llvm.ptr) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %x = llvm.load %slots : !llvm.ptr -> i64
    %y = llvm.load %slots : !llvm.ptr -> i64
    %z = arith.subi %x, %y : i64
    llvm.store %z, %slots : i64, !llvm.ptr
    gpu.return
  } loc("second")
  gpu.func @other_body(%slots: !llvm.ptr) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %x = llvm.load %slots : !llvm.ptr -> i64
    %y = llvm.load %slots : !llvm.ptr -> i64
    %z = arith.addi %x, %y : i64
    llvm.store %z, %slots : i64, !llvm.ptr
    gpu.return
  }
  gpu.func @other_block(%slots: !llvm.ptr) kernel attributes {known_block_size = array<i32: 64, 1, 1>} {
    %x = llvm.load %slots : !llvm.ptr -> i64
    %y = llvm.load %slots : !llvm.ptr -> i64
    %z = arith.subi %x, %y : i64
    llvm.store %z, %slots : i64, !llvm.ptr
    gpu.return
  }
  gpu.func @other_operand(%slots: !llvm.ptr) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %x = llvm.load %slots : !llvm.ptr -> i64
    %y = llvm.load %slots : !llvm.ptr -> i64
    %z = arith.subi %y, %x : i64
    llvm.store %z, %slots : i64, !llvm.ptr
    gpu.return
  }
  gpu.func @unnamed(%slots: !llvm.ptr) kernel attributes {known_block_size = array<i32: 32, 1, 1>} {
    %x = llvm.load %slots : !llvm.ptr -> i64
    %y = llvm.load %slots : !llvm.ptr -> i64
    %z = arith.subi %x, %y : i64
    llvm.store %z, %slots : i64, !llvm.ptr
    gpu.return
  }
}

// -----

// Tests that private functions on the host are shared alike, and that one that
// something else refers to stays.

// CHECK-LABEL: cudagraph.graph @h(
// CHECK:         phases [#cudagraph.phase<@a, 4>, #cudagraph.phase<@a, 2>]
// CHECK:         phases [#cudagraph.phase<@a, 1>, #cudagraph.phase<@public, 1>]
cudagraph.graph @h(%m: memref<4xf32>) {
  %0 = cudagraph.kernel "k0"
      phases [#cudagraph.phase<@a, 4>, #cudagraph.phase<@b, 2>]
      args(%m readwrite : memref<4xf32>)
  %1 = cudagraph.kernel "k1" after(%0)
      phases [#cudagraph.phase<@called, 1>, #cudagraph.phase<@public, 1>]
      args(%m readwrite : memref<4xf32>)
}
// CHECK:         func.func private @a(
// CHECK-NOT:     func.func private @b(
// CHECK:         func.func private @called(
// CHECK:         func.func @public(
func.func private @a(%slots: !llvm.ptr, %begin: i64, %end: i64) {
  return
}
func.func private @b(%slots: !llvm.ptr, %begin: i64, %end: i64) {
  return
}
func.func private @called(%slots: !llvm.ptr, %begin: i64, %end: i64) {
  return
}
func.func @public(%slots: !llvm.ptr, %begin: i64, %end: i64) {
  return
}
func.func @caller(%slots: !llvm.ptr, %n: i64) {
  call @called(%slots, %n, %n) : (!llvm.ptr, i64, i64) -> ()
  return
}
