// RUN: graph-opt %s --form-graphs | FileCheck %s
// RUN: graph-opt %s --form-graphs --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics

// What ops of the host do to memory, and how device work moves across them.

func.func private @log(f32)

// Tests that a store to a buffer of which no tensor is made keeps no updates in
// place apart: one region, behind it.
// CHECK-LABEL: func.func @store_elsewhere(
// CHECK:         memref.store
// CHECK:         tseq.graph
// CHECK-NOT:     tseq.graph
// CHECK:         return
func.func @store_elsewhere(%m: memref<4xf32>, %k: memref<4xf32>, %log: memref<4xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %t0 = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s0 = tseq.pack %t0 : !tseq.seq<tensor<4xf32>>
  %x0 = tseq.map ins(%s0 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y0 = tseq.get %x0[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  memref.store %x, %log[%c0] : memref<4xf32>
  %t1 = bufferization.to_tensor %k restrict writable : memref<4xf32> to tensor<4xf32>
  %s1 = tseq.pack %t1 : !tseq.seq<tensor<4xf32>>
  %x1 = tseq.map ins(%s1 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y1 = tseq.get %x1[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y1 in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// Tests that the same store to the buffer that is updated does.
// CHECK-LABEL: func.func @store_between(
// CHECK:         tseq.graph
// CHECK:         bufferization.materialize_in_destination
// CHECK:         memref.store
// CHECK:         bufferization.to_tensor
// CHECK:         tseq.graph
func.func @store_between(%m: memref<4xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %t0 = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s0 = tseq.pack %t0 : !tseq.seq<tensor<4xf32>>
  %x0 = tseq.map ins(%s0 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y0 = tseq.get %x0[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  // expected-remark @+1 {{region-split | Category:graph-opt | Remark="device work behind it reads a buffer that it writes, and it comes after device work before it"}}
  memref.store %x, %m[%c0] : memref<4xf32>
  %t1 = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s1 = tseq.pack %t1 : !tseq.seq<tensor<4xf32>>
  %x1 = tseq.map ins(%s1 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y1 = tseq.get %x1[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y1 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// Tests that a store to one view of a buffer keeps updates of another one
// apart only if they overlap.
// CHECK-LABEL: func.func @store_to_other_view(
// CHECK:         memref.store
// CHECK:         tseq.graph
// CHECK-NOT:     tseq.graph
// CHECK-LABEL: func.func @store_to_overlapping_view(
// CHECK:         tseq.graph
// CHECK:         memref.store
// CHECK:         tseq.graph
func.func @store_to_other_view(%m: memref<16xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %p = memref.subview %m[0] [4] [1] : memref<16xf32> to memref<4xf32, strided<[1]>>
  %o = memref.subview %m[4] [4] [1] : memref<16xf32> to memref<4xf32, strided<[1], offset: 4>>
  %t0 = bufferization.to_tensor %p restrict writable : memref<4xf32, strided<[1]>> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s0 = tseq.pack %t0 : !tseq.seq<tensor<4xf32>>
  %x0 = tseq.map ins(%s0 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y0 = tseq.get %x0[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y0 in restrict writable %p : (tensor<4xf32>, memref<4xf32, strided<[1]>>) -> ()
  memref.store %x, %o[%c0] : memref<4xf32, strided<[1], offset: 4>>
  %t1 = bufferization.to_tensor %o restrict writable : memref<4xf32, strided<[1], offset: 4>> to tensor<4xf32>
  %s1 = tseq.pack %t1 : !tseq.seq<tensor<4xf32>>
  %x1 = tseq.map ins(%s1 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y1 = tseq.get %x1[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y1 in restrict writable %o : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 4>>) -> ()
  return
}
func.func @store_to_overlapping_view(%m: memref<16xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %p = memref.subview %m[0] [4] [1] : memref<16xf32> to memref<4xf32, strided<[1]>>
  %o = memref.subview %m[3] [4] [1] : memref<16xf32> to memref<4xf32, strided<[1], offset: 3>>
  %t0 = bufferization.to_tensor %p restrict writable : memref<4xf32, strided<[1]>> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s0 = tseq.pack %t0 : !tseq.seq<tensor<4xf32>>
  %x0 = tseq.map ins(%s0 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y0 = tseq.get %x0[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y0 in restrict writable %p : (tensor<4xf32>, memref<4xf32, strided<[1]>>) -> ()
  // expected-remark @+1 {{region-split}}
  memref.store %x, %o[%c0] : memref<4xf32, strided<[1], offset: 3>>
  %t1 = bufferization.to_tensor %p restrict writable : memref<4xf32, strided<[1]>> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s1 = tseq.pack %t1 : !tseq.seq<tensor<4xf32>>
  %x1 = tseq.map ins(%s1 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y1 = tseq.get %x1[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y1 in restrict writable %p : (tensor<4xf32>, memref<4xf32, strided<[1]>>) -> ()
  return
}

// Tests that a copy of one part of a flat buffer moves above an update of
// another part, and that what reads the copy is of the same region.
// CHECK-LABEL: func.func @copy_of_other_part(
// CHECK:         memref.copy
// CHECK:         tseq.graph
// CHECK-NOT:     tseq.graph
// CHECK:         return
func.func @copy_of_other_part(%m: memref<8xf32>, %k: memref<4xf32>) {
  %p = memref.subview %m[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  %o = memref.subview %m[4] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 4>>
  %t0 = bufferization.to_tensor %p restrict writable : memref<4xf32, strided<[1]>> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s0 = tseq.pack %t0 : !tseq.seq<tensor<4xf32>>
  %x0 = tseq.map ins(%s0 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y0 = tseq.get %x0[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y0 in restrict writable %p : (tensor<4xf32>, memref<4xf32, strided<[1]>>) -> ()
  %c = memref.alloc() : memref<4xf32>
  memref.copy %o, %c : memref<4xf32, strided<[1], offset: 4>> to memref<4xf32>
  %t1 = bufferization.to_tensor %c restrict writable : memref<4xf32> to tensor<4xf32>
  %s1 = tseq.pack %t1 : !tseq.seq<tensor<4xf32>>
  %x1 = tseq.map ins(%s1 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y1 = tseq.get %x1[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y1 in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  memref.dealloc %c : memref<4xf32>
  return
}

// Tests that a load of what a region wrote comes after it, and that the work
// behind it does not.
// CHECK-LABEL: func.func @load(
// CHECK:         tseq.graph
// CHECK-NOT:     tseq.graph
// CHECK:         bufferization.materialize_in_destination {{.*}} %arg0
// CHECK-NEXT:    memref.load %arg0
// CHECK:         return
func.func @load(%m: memref<4xf32>, %k: memref<4xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %t0 = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s0 = tseq.pack %t0 : !tseq.seq<tensor<4xf32>>
  %x0 = tseq.map ins(%s0 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y0 = tseq.get %x0[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  %r = memref.load %m[%c0] : memref<4xf32>
  %t1 = bufferization.to_tensor %k restrict writable : memref<4xf32> to tensor<4xf32>
  %s1 = tseq.pack %t1 : !tseq.seq<tensor<4xf32>>
  %x1 = tseq.map ins(%s1 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y1 = tseq.get %x1[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y1 in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  return %r : f32
}

// Tests that a counted loop of stores elsewhere keeps nothing apart, and that a
// loop that may not end does, though it writes no memory.
// CHECK-LABEL: func.func @counted_loop(
// CHECK:         scf.for
// CHECK:         tseq.graph
// CHECK-NOT:     tseq.graph
// CHECK-LABEL: func.func @endless_loop(
// CHECK:         tseq.graph
// CHECK:         scf.while
// CHECK:         tseq.graph
func.func @counted_loop(%m: memref<4xf32>, %k: memref<4xf32>, %log: memref<4xf32>, %x: f32, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t0 = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s0 = tseq.pack %t0 : !tseq.seq<tensor<4xf32>>
  %x0 = tseq.map ins(%s0 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y0 = tseq.get %x0[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  scf.for %i = %c0 to %n step %c1 {
    memref.store %x, %log[%i] : memref<4xf32>
  }
  %t1 = bufferization.to_tensor %k restrict writable : memref<4xf32> to tensor<4xf32>
  %s1 = tseq.pack %t1 : !tseq.seq<tensor<4xf32>>
  %x1 = tseq.map ins(%s1 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y1 = tseq.get %x1[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y1 in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}
func.func @endless_loop(%m: memref<4xf32>, %k: memref<4xf32>, %log: memref<4xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %t0 = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s0 = tseq.pack %t0 : !tseq.seq<tensor<4xf32>>
  %x0 = tseq.map ins(%s0 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y0 = tseq.get %x0[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  // expected-remark @+1 {{region-split}}
  %e = scf.while (%i = %c0) : (index) -> index {
    %more = arith.cmpi ne, %i, %n : index
    scf.condition(%more) %i : index
  } do {
  ^bb0(%i: index):
    %f = memref.load %log[%c0] : memref<4xf32>
    memref.store %f, %log[%c1] : memref<4xf32>
    %next = arith.addi %i, %c1 : index
    scf.yield %next : index
  }
  %t1 = bufferization.to_tensor %k restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s1 = tseq.pack %t1 : !tseq.seq<tensor<4xf32>>
  %x1 = tseq.map ins(%s1 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y1 = tseq.get %x1[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y1 in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// Tests that a memref that may be any buffer, and a buffer of which it is not
// said that no other name reaches it, keep their order with all else.
// CHECK-LABEL: func.func @selected(
// CHECK:         tseq.graph
// CHECK:         memref.store
// CHECK:         tseq.graph
// CHECK-LABEL: func.func @not_restrict(
// CHECK:         tseq.graph
// CHECK:         memref.store
// CHECK:         tseq.graph
func.func @selected(%m: memref<4xf32>, %k: memref<4xf32>, %c: i1, %x: f32) {
  %c0 = arith.constant 0 : index
  %any = arith.select %c, %m, %k : memref<4xf32>
  %t0 = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s0 = tseq.pack %t0 : !tseq.seq<tensor<4xf32>>
  %x0 = tseq.map ins(%s0 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y0 = tseq.get %x0[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  // expected-remark @+1 {{region-split}}
  memref.store %x, %any[%c0] : memref<4xf32>
  %t1 = bufferization.to_tensor %k restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s1 = tseq.pack %t1 : !tseq.seq<tensor<4xf32>>
  %x1 = tseq.map ins(%s1 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y1 = tseq.get %x1[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y1 in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}
func.func @not_restrict(%m: memref<4xf32>, %k: memref<4xf32>, %log: memref<4xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %t0 = bufferization.to_tensor %m writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s0 = tseq.pack %t0 : !tseq.seq<tensor<4xf32>>
  %x0 = tseq.map ins(%s0 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y0 = tseq.get %x0[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  // expected-remark @+1 {{region-split}}
  memref.store %x, %log[%c0] : memref<4xf32>
  %t1 = bufferization.to_tensor %k restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s1 = tseq.pack %t1 : !tseq.seq<tensor<4xf32>>
  %x1 = tseq.map ins(%s1 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y1 = tseq.get %x1[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y1 in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// Tests that ops of the host on memory that may be the same keep their order
// where device work moves.
// CHECK-LABEL: func.func @order_of_the_host(
// CHECK:         memref.store
// CHECK-NEXT:    memref.load
// CHECK-NEXT:    memref.store
// CHECK:         tseq.graph
func.func @order_of_the_host(%m: memref<4xf32>, %a: memref<4xf32>, %b: memref<4xf32>, %x: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %t0 = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s0 = tseq.pack %t0 : !tseq.seq<tensor<4xf32>>
  %x0 = tseq.map ins(%s0 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y0 = tseq.get %x0[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  memref.store %x, %a[%c0] : memref<4xf32>
  %r = memref.load %b[%c0] : memref<4xf32>
  memref.store %r, %a[%c0] : memref<4xf32>
  return %r : f32
}

// Tests a loop that stays with the host, as nobody knows what the call in it
// does: the work before and behind the call are regions in its body.
// CHECK-LABEL: func.func @host_loop(
// CHECK:         scf.for
// CHECK:           tseq.graph
// CHECK:           call @log
// CHECK:           tseq.graph
// CHECK:         }
// CHECK-NOT:     tseq.graph
func.func @host_loop(%m: memref<4xf32>, %k: memref<4xf32>, %n: index, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
  %t0 = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s0 = tseq.pack %t0 : !tseq.seq<tensor<4xf32>>
  %x0 = tseq.map ins(%s0 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y0 = tseq.get %x0[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  // expected-remark @+1 {{region-split}}
  func.call @log(%x) : (f32) -> ()
  %t1 = bufferization.to_tensor %k restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s1 = tseq.pack %t1 : !tseq.seq<tensor<4xf32>>
  %x1 = tseq.map ins(%s1 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y1 = tseq.get %x1[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y1 in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  }
  return
}

// Tests the same in both regions of a branch and of a loop on a condition of
// the host.
// CHECK-LABEL: func.func @host_control(
// CHECK:         scf.if
// CHECK:           tseq.graph
// CHECK:         } else {
// CHECK:           tseq.graph
// CHECK:         scf.while
// CHECK:           scf.condition
// CHECK:           tseq.graph
// CHECK:           scf.yield
func.func @host_control(%m: memref<4xf32>, %k: memref<4xf32>, %c: i1, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.if %c {
  %t0 = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s0 = tseq.pack %t0 : !tseq.seq<tensor<4xf32>>
  %x0 = tseq.map ins(%s0 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y0 = tseq.get %x0[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  } else {
  %t1 = bufferization.to_tensor %k restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s1 = tseq.pack %t1 : !tseq.seq<tensor<4xf32>>
  %x1 = tseq.map ins(%s1 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y1 = tseq.get %x1[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y1 in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  }
  %e = scf.while (%i = %c0) : (index) -> index {
    %more = arith.cmpi ult, %i, %n : index
    scf.condition(%more) %i : index
  } do {
  ^bb0(%i: index):
  %t2 = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s2 = tseq.pack %t2 : !tseq.seq<tensor<4xf32>>
  %x2 = tseq.map ins(%s2 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y2 = tseq.get %x2[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %y2 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  %next = arith.addi %i, %c1 : index
    scf.yield %next : index
  }
  return
}
