// RUN: graph-opt %s --convert-sequences-to-gpu --canonicalize --split-input-file | FileCheck %s

// Tests that phases on disjoint views of one buffer share a node, down to the
// byte.
// CHECK-LABEL: func.func @disjoint_phases(
// CHECK:         cudagraph.graph @g(%[[M:.*]]: memref<16xf32>)
// CHECK-DAG:       %[[A:.*]] = memref.subview %[[M]][0] [8] [1]
// CHECK-DAG:       %[[B:.*]] = memref.subview %[[M]][8] [8] [1]
// CHECK:           cudagraph.kernel "g.k0" {{.*}} args(%[[A]] readwrite, %[[B]] readwrite :
// CHECK-NOT:       cudagraph.kernel
func.func @disjoint_phases(%m: memref<16xf32>) {
  tseq.graph "g" (%f = %m) : (memref<16xf32>) -> () {
    %a = memref.subview %f[0] [8] [1] : memref<16xf32> to memref<8xf32, strided<[1]>>
    %b = memref.subview %f[8] [8] [1] : memref<16xf32> to memref<8xf32, strided<[1], offset: 8>>
    tseq.kernel {
      %s = tseq.pack %a : !tseq.seq<memref<8xf32, strided<[1]>>>
      %t = tseq.pack %b : !tseq.seq<memref<8xf32, strided<[1], offset: 8>>>
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<8xf32, strided<[1]>>>) outs(%s : !tseq.seq<memref<8xf32, strided<[1]>>>) {
      ^bb0(%x: f32):
        %y = arith.negf %x : f32
        tseq.yield %y : f32
      }
      tseq.map chunk(4) ins(%t : !tseq.seq<memref<8xf32, strided<[1], offset: 8>>>) outs(%t : !tseq.seq<memref<8xf32, strided<[1], offset: 8>>>) {
      ^bb0(%x: f32):
        %y = math.absf %x : f32
        tseq.yield %y : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a phase that reads one element of what another one writes, through
// another view, begins a node.
// CHECK-LABEL: func.func @overlapping_phases(
// CHECK:         %[[K0:.*]] = cudagraph.kernel "g.k0.0"
// CHECK:         cudagraph.kernel "g.k0.1" after(%[[K0]])
func.func @overlapping_phases(%m: memref<16xf32>) {
  tseq.graph "g" (%f = %m) : (memref<16xf32>) -> () {
    %a = memref.subview %f[0] [9] [1] : memref<16xf32> to memref<9xf32, strided<[1]>>
    %b = memref.subview %f[8] [8] [1] : memref<16xf32> to memref<8xf32, strided<[1], offset: 8>>
    tseq.kernel {
      %s = tseq.pack %a : !tseq.seq<memref<9xf32, strided<[1]>>>
      %t = tseq.pack %b : !tseq.seq<memref<8xf32, strided<[1], offset: 8>>>
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<9xf32, strided<[1]>>>) outs(%s : !tseq.seq<memref<9xf32, strided<[1]>>>) {
      ^bb0(%x: f32):
        %y = arith.negf %x : f32
        tseq.yield %y : f32
      }
      tseq.map chunk(4) ins(%t : !tseq.seq<memref<8xf32, strided<[1], offset: 8>>>) outs(%t : !tseq.seq<memref<8xf32, strided<[1], offset: 8>>>) {
      ^bb0(%x: f32):
        %y = math.absf %x : f32
        tseq.yield %y : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that nodes wait for those that touch the same bytes, and for no others:
// two writes of halves, a read of both, writes that overlap one half or none,
// and temporaries next to each other in the arena.
// CHECK-LABEL: func.func @edges(
// CHECK:         %[[LOW:.*]] = cudagraph.memcpy %{{[^ ]*}} to %{{[^ ]*}} :
// CHECK-NEXT:    %[[HIGH:.*]] = cudagraph.memcpy %{{[^ ]*}} to %{{[^ ]*}} :
// CHECK-NEXT:    %[[BOTH:.*]] = cudagraph.memcpy %{{.*}} after(%[[LOW]], %[[HIGH]]) :
// CHECK-NEXT:    cudagraph.memcpy %{{.*}} after(%[[BOTH]]) :
// CHECK-NEXT:    cudagraph.memcpy %{{[^ ]*}} to %{{[^ ]*}} :
// CHECK-NEXT:    %[[FIRST:.*]] = cudagraph.memcpy %{{[^ ]*}} to %{{[^ ]*}} :
// CHECK-NEXT:    cudagraph.memcpy %{{[^ ]*}} to %{{[^ ]*}} :
// CHECK-NEXT:    cudagraph.memcpy %{{.*}} after(%[[FIRST]]) :
func.func @edges(%m: memref<16xf32>, %n: memref<8xf32>, %o: memref<16xf32>, %p: memref<2xf32>) {
  %arena = memref.alloc() : memref<64xi8>
  tseq.graph "g" (%f = %m, %s = %n, %t = %o, %u = %p, %z = %arena) : (memref<16xf32>, memref<8xf32>, memref<16xf32>, memref<2xf32>, memref<64xi8>) -> () attributes {arena = 4 : i64, arena_bytes = 64 : i64} {
    %low = memref.subview %f[0] [8] [1] : memref<16xf32> to memref<8xf32, strided<[1]>>
    %high = memref.subview %f[8] [8] [1] : memref<16xf32> to memref<8xf32, strided<[1], offset: 8>>
    %middle = memref.subview %f[7] [2] [1] : memref<16xf32> to memref<2xf32, strided<[1], offset: 7>>
    %part = memref.subview %s[0] [2] [1] : memref<8xf32> to memref<2xf32, strided<[1]>>
    %c0 = arith.constant 0 : index
    %c32 = arith.constant 32 : index
    %x = memref.view %z[%c0][] : memref<64xi8> to memref<8xf32>
    %y = memref.view %z[%c32][] : memref<64xi8> to memref<8xf32>
    memref.copy %s, %low : memref<8xf32> to memref<8xf32, strided<[1]>>
    memref.copy %s, %high : memref<8xf32> to memref<8xf32, strided<[1], offset: 8>>
    memref.copy %f, %t : memref<16xf32> to memref<16xf32>
    memref.copy %part, %middle : memref<2xf32, strided<[1]>> to memref<2xf32, strided<[1], offset: 7>>
    memref.copy %part, %u : memref<2xf32, strided<[1]>> to memref<2xf32>
    memref.copy %s, %x : memref<8xf32> to memref<8xf32>
    memref.copy %s, %y : memref<8xf32> to memref<8xf32>
    memref.copy %s, %x : memref<8xf32> to memref<8xf32>
    tseq.yield
  }
  return
}
