// RUN: graph-opt %s --free-allocations --split-input-file | FileCheck %s

// Tests that memory that is read, written and viewed in its block is freed at
// the end of it.
// CHECK-LABEL: func.func @used_in_block(
// CHECK:         %[[A:.*]] = memref.alloc() : memref<8xf32>
// CHECK:         memref.load
// CHECK-NEXT:    memref.dealloc %[[A]] : memref<8xf32>
// CHECK-NEXT:    return
func.func @used_in_block(%x: f32, %i: index) -> f32 {
  %a = memref.alloc() : memref<8xf32>
  %v = memref.subview %a[2] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 2>>
  memref.store %x, %v[%i] : memref<4xf32, strided<[1], offset: 2>>
  %y = memref.load %a[%i] : memref<8xf32>
  return %y : f32
}

// -----

// Tests that memory given to a region, and read back, is freed.
// CHECK-LABEL: func.func @used_by_region(
// CHECK:         tseq.item
// CHECK-NEXT:    memref.dealloc
func.func @used_by_region(%m: memref<f32>) -> f32 {
  %a = memref.alloc() : memref<f32>
  tseq.graph "g" (%p = %m, %q = %a) : (memref<f32>, memref<f32>) -> () {
    memref.copy %p, %q : memref<f32> to memref<f32>
    tseq.yield
  }
  %h = tseq.item %a : memref<f32>
  return %h : f32
}

// -----

// Tests that memory that is returned, itself or as a view, is the caller's.
// CHECK-LABEL: func.func @returned(
// CHECK-NOT:     memref.dealloc
func.func @returned() -> (memref<8xf32>, memref<2x4xf32>) {
  %a = memref.alloc() : memref<8xf32>
  %b = memref.alloc() : memref<8xf32>
  %v = memref.expand_shape %b [[0, 1]] output_shape [2, 4] : memref<8xf32> into memref<2x4xf32>
  return %a, %v : memref<8xf32>, memref<2x4xf32>
}

// -----

// Tests that memory that goes on to another block, or round a loop, stays.
// CHECK-LABEL: func.func @leaves_its_block(
// CHECK-NOT:     memref.dealloc
func.func @leaves_its_block(%c: i1, %m: memref<8xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %r = scf.if %c -> memref<8xf32> {
    %a = memref.alloc() : memref<8xf32>
    scf.yield %a : memref<8xf32>
  } else {
    scf.yield %m : memref<8xf32>
  }
  %b = memref.alloc() : memref<8xf32>
  cf.br ^end(%b : memref<8xf32>)
^end(%d: memref<8xf32>):
  %x = memref.load %d[%c0] : memref<8xf32>
  %y = memref.load %r[%c0] : memref<8xf32>
  %z = arith.addf %x, %y : f32
  return %z : f32
}

// -----

// Tests that memory that a call may keep stays, and that what is freed already
// is not freed twice.
// CHECK-LABEL: func.func @kept_or_freed(
// CHECK:         call @keep
// CHECK-COUNT-1: memref.dealloc
// CHECK-NOT:     memref.dealloc
func.func private @keep(memref<8xf32>)
func.func @kept_or_freed(%x: f32) {
  %c0 = arith.constant 0 : index
  %a = memref.alloc() : memref<8xf32>
  func.call @keep(%a) : (memref<8xf32>) -> ()
  %b = memref.alloc() : memref<8xf32>
  memref.store %x, %b[%c0] : memref<8xf32>
  memref.dealloc %b : memref<8xf32>
  return
}
