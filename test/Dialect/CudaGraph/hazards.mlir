// RUN: graph-opt %s | FileCheck %s

func.func private @phase(!llvm.ptr, i64, i64)

// Tests accesses that need no edge: reads of one buffer, and of a parameter;
// views of one arena that only touch; two buffers.
// CHECK-LABEL: cudagraph.graph @no_hazard(
// CHECK-COUNT-5: cudagraph.{{kernel|memset}}
cudagraph.graph @no_hazard(%a: memref<8xf32>) parameters(%p: memref<f32>) arena(%r: memref<64xi8>) {
  %x = memref.subview %r[0] [16] [1] : memref<64xi8> to memref<16xi8, strided<[1]>>
  %y = memref.subview %r[16] [16] [1] : memref<64xi8> to memref<16xi8, strided<[1], offset: 16>>
  %0 = cudagraph.kernel "r0" phases [#cudagraph.phase<@phase, 8>] args(%a read, %p read : memref<8xf32>, memref<f32>)
  %1 = cudagraph.kernel "r1" phases [#cudagraph.phase<@phase, 8>] args(%a read, %p read : memref<8xf32>, memref<f32>)
  %2 = cudagraph.memset %x value(0 : i8) : memref<16xi8, strided<[1]>>
  %3 = cudagraph.memset %y value(0 : i8) : memref<16xi8, strided<[1], offset: 16>>
  %4 = cudagraph.kernel "in_place" after(%0, %1) phases [#cudagraph.phase<@phase, 8>] args(%a read, %a write : memref<8xf32>, memref<8xf32>)
}

// Tests that a path through nodes of other buffers is one, and that what a
// branch does is ordered by the edges of the branch.
// CHECK-LABEL: cudagraph.graph @by_path(
// CHECK:         cudagraph.if
cudagraph.graph @by_path(%c: memref<i1>, %a: memref<8xf32>, %b: memref<8xf32>) {
  %0 = cudagraph.memset %a value(0 : i8) : memref<8xf32>
  %1 = cudagraph.empty after(%0)
  %2 = cudagraph.memset %b value(0 : i8) after(%1) : memref<8xf32>
  %3 = cudagraph.if %c after(%2) : memref<i1> {
    %in = cudagraph.memcpy %a to %b : memref<8xf32> to memref<8xf32>
  }
}
