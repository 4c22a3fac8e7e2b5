// RUN: graph-opt %s --alternate-directions | FileCheck %s
// RUN: graph-opt %s --alternate-directions | graph-opt | FileCheck %s

// Tests that what was walked forward last is walked backward next, and forward
// again after that; another list is not touched.
// CHECK-LABEL: func.func @alternate
// CHECK: tseq.reduce [add] chunk(8) ins(%[[A:.*]] : !tseq.seq<memref<16xf32>>)
// CHECK: tseq.map chunk(8) ins(%{{.*}} : !tseq.seq<memref<4xf32>>)
// CHECK: tseq.map backward chunk(8) ins(%[[A]]
// CHECK: tseq.reduce [add] chunk(8) ins(%[[A]]
// CHECK: tseq.if
// CHECK: tseq.map chunk(8) ins(%[[A]]
// CHECK: tseq.reduce [add] backward chunk(8) ins(%[[A]]
func.func @alternate(%m: memref<16xf32>, %o: memref<4xf32>, %n: memref<f32>, %k: memref<f32>, %q: memref<f32>, %s0: memref<2xf32>, %s1: memref<2xf32>, %s2: memref<2xf32>, %p: memref<i1>) {
  tseq.graph "alternate.graph0" (%a = %m, %b = %o, %t0 = %n, %t1 = %k, %t2 = %q, %p0 = %s0, %p1 = %s1, %p2 = %s2, %c = %p)
      : (memref<16xf32>, memref<4xf32>, memref<f32>, memref<f32>, memref<f32>, memref<2xf32>, memref<2xf32>, memref<2xf32>, memref<i1>) -> () {
    %la = tseq.pack %a : !tseq.seq<memref<16xf32>>
    %lb = tseq.pack %b : !tseq.seq<memref<4xf32>>
    tseq.kernel {
      tseq.reduce [add] chunk(8) ins(%la : !tseq.seq<memref<16xf32>>) outs(%t0 : memref<f32>) scratch(%p0 : memref<2xf32>) {
      ^bb0(%x: f32):
        tseq.yield %x : f32
      }
      tseq.yield
    }
    tseq.map chunk(8) ins(%lb : !tseq.seq<memref<4xf32>>) outs(%lb : !tseq.seq<memref<4xf32>>) {
    ^bb0(%x: f32):
      %y = arith.mulf %x, %x : f32
      tseq.yield %y : f32
    }
    tseq.map chunk(8) ins(%la : !tseq.seq<memref<16xf32>>) outs(%la : !tseq.seq<memref<16xf32>>) {
    ^bb0(%x: f32):
      %y = arith.mulf %x, %x : f32
      tseq.yield %y : f32
    }
    tseq.reduce [add] chunk(8) ins(%la : !tseq.seq<memref<16xf32>>) outs(%t1 : memref<f32>) scratch(%p1 : memref<2xf32>) {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    tseq.if %c : memref<i1> {
      tseq.map chunk(8) ins(%la : !tseq.seq<memref<16xf32>>) outs(%la : !tseq.seq<memref<16xf32>>) {
      ^bb0(%x: f32):
        %y = arith.mulf %x, %x : f32
        tseq.yield %y : f32
      }
      tseq.yield
    }
    tseq.reduce [add] chunk(8) ins(%la : !tseq.seq<memref<16xf32>>) outs(%t2 : memref<f32>) scratch(%p2 : memref<2xf32>) {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    tseq.yield
  }
  return
}
