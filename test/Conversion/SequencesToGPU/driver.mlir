// RUN: graph-opt %s --convert-sequences-to-gpu --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics -o /dev/null

// Tests that a graph says which driver its conditional nodes need.
func.func @only_then(%a: memref<4xf32>, %c: memref<i1>) {
  // expected-remark @+1 {{driver=12030}}
  tseq.graph "only_then.graph" (%x = %a, %p = %c) : (memref<4xf32>, memref<i1>) -> () {
    tseq.if %p : memref<i1> {
      %s = tseq.pack %x : !tseq.seq<memref<4xf32>>
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<4xf32>>) outs(%s : !tseq.seq<memref<4xf32>>) {
      ^bb0(%v: f32):
        %w = arith.negf %v : f32
        tseq.yield %w : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// Tests that else needs a newer one.
func.func @with_else(%a: memref<4xf32>, %c: memref<i1>) {
  // expected-remark @+1 {{driver=12080}}
  tseq.graph "with_else.graph" (%x = %a, %p = %c) : (memref<4xf32>, memref<i1>) -> () {
    tseq.if %p : memref<i1> {
      %s = tseq.pack %x : !tseq.seq<memref<4xf32>>
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<4xf32>>) outs(%s : !tseq.seq<memref<4xf32>>) {
      ^bb0(%v: f32):
        %w = arith.negf %v : f32
        tseq.yield %w : f32
      }
      tseq.yield
    } else {
      %s = tseq.pack %x : !tseq.seq<memref<4xf32>>
      tseq.map chunk(4) ins(%s : !tseq.seq<memref<4xf32>>) outs(%s : !tseq.seq<memref<4xf32>>) {
      ^bb0(%v: f32):
        %w = math.absf %v : f32
        tseq.yield %w : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// Tests that a graph without conditional nodes says nothing.
func.func @none(%a: memref<4xf32>) {
  tseq.graph "none.graph" (%x = %a) : (memref<4xf32>) -> () {
    %s = tseq.pack %x : !tseq.seq<memref<4xf32>>
    tseq.map chunk(4) ins(%s : !tseq.seq<memref<4xf32>>) outs(%s : !tseq.seq<memref<4xf32>>) {
    ^bb0(%v: f32):
      %w = arith.negf %v : f32
      tseq.yield %w : f32
    }
    tseq.yield
  }
  return
}
