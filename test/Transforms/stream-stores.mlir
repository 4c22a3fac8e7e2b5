// RUN: graph-opt %s --stream-stores | FileCheck %s
// RUN: graph-opt %s --stream-stores | graph-opt | FileCheck %s

// A cache of 100 bytes; the lists have 64 and 128.
module attributes {graphopt.calibration = {cache_bytes = 100.0 : f64}} {

// Tests that the last map over a list that is longer than the cache writes past
// it: not one over a short list, and not one whose list is read next.
// CHECK-LABEL: func.func @long
// CHECK: tseq.map chunk(8) ins(%[[LONG:[^ ]+]] : !tseq.seq<memref<32xf32>>)
// CHECK: tseq.reduce [add] chunk(8) ins(%[[LONG]]
// CHECK: tseq.map backward streaming chunk(8) ins(%[[LONG]]
// CHECK: tseq.map chunk(8) ins(%{{.*}} : !tseq.seq<memref<16xf32>>)
func.func @long(%m: memref<32xf32>, %o: memref<16xf32>, %n: memref<f32>, %s: memref<4xf32>) {
  tseq.graph "long.graph0" (%a = %m, %b = %o, %t = %n, %p = %s) : (memref<32xf32>, memref<16xf32>, memref<f32>, memref<4xf32>) -> () {
    %la = tseq.pack %a : !tseq.seq<memref<32xf32>>
    %lb = tseq.pack %b : !tseq.seq<memref<16xf32>>
    tseq.map chunk(8) ins(%la : !tseq.seq<memref<32xf32>>) outs(%la : !tseq.seq<memref<32xf32>>) {
    ^bb0(%x: f32):
      %y = arith.mulf %x, %x : f32
      tseq.yield %y : f32
    }
    tseq.kernel {
      tseq.reduce [add] chunk(8) ins(%la : !tseq.seq<memref<32xf32>>) outs(%t : memref<f32>) scratch(%p : memref<4xf32>) {
      ^bb0(%x: f32):
        tseq.yield %x : f32
      }
      tseq.map backward chunk(8) ins(%la : !tseq.seq<memref<32xf32>>) outs(%la : !tseq.seq<memref<32xf32>>) {
      ^bb0(%x: f32):
        %y = arith.addf %x, %x : f32
        tseq.yield %y : f32
      }
      tseq.yield
    }
    tseq.map chunk(8) ins(%lb : !tseq.seq<memref<16xf32>>) outs(%lb : !tseq.seq<memref<16xf32>>) {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// Tests that what a branch holds, and what comes before one, is left alone.
// CHECK-LABEL: func.func @branch
// CHECK-NOT: streaming
func.func @branch(%m: memref<32xf32>, %q: memref<i1>) {
  tseq.graph "branch.graph0" (%a = %m, %c = %q) : (memref<32xf32>, memref<i1>) -> () {
    %la = tseq.pack %a : !tseq.seq<memref<32xf32>>
    tseq.map chunk(8) ins(%la : !tseq.seq<memref<32xf32>>) outs(%la : !tseq.seq<memref<32xf32>>) {
    ^bb0(%x: f32):
      %y = arith.mulf %x, %x : f32
      tseq.yield %y : f32
    }
    tseq.if %c : memref<i1> {
      %lb = tseq.pack %a : !tseq.seq<memref<32xf32>>
      tseq.map chunk(8) ins(%lb : !tseq.seq<memref<32xf32>>) outs(%lb : !tseq.seq<memref<32xf32>>) {
      ^bb0(%x: f32):
        %y = arith.negf %x : f32
        tseq.yield %y : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// Tests that a map or a function decides for itself.
// CHECK-LABEL: func.func @wished
// CHECK: tseq.map chunk(8)
// CHECK: tseq.map streaming chunk(8)
func.func @wished(%m: memref<32xf32>, %o: memref<16xf32>) attributes {graphopt.streaming = false} {
  tseq.graph "wished.graph0" (%a = %m, %b = %o) : (memref<32xf32>, memref<16xf32>) -> () {
    %la = tseq.pack %a : !tseq.seq<memref<32xf32>>
    %lb = tseq.pack %b : !tseq.seq<memref<16xf32>>
    tseq.map chunk(8) ins(%la : !tseq.seq<memref<32xf32>>) outs(%la : !tseq.seq<memref<32xf32>>) {
    ^bb0(%x: f32):
      %y = arith.mulf %x, %x : f32
      tseq.yield %y : f32
    }
    tseq.map chunk(8) ins(%lb : !tseq.seq<memref<16xf32>>) outs(%lb : !tseq.seq<memref<16xf32>>) attributes {graphopt.streaming = true} {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}
}
