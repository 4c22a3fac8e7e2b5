// RUN: not graph-opt %s --bufferize-sequences="chunk-elements=0" 2>&1 | FileCheck %s --check-prefix=CHUNK
// RUN: graph-opt %s --bufferize-sequences --verify-diagnostics

// Tests that a chunk holds at least one element.
// CHUNK: error: chunk-elements must be at least 1

// Tests that a branch of sequences is refused in a user's words.
func.func @branch_of_sequences(%t: tensor<4xf32>, %c: i1) -> tensor<4xf32> {
  %0 = tseq.graph "h" (%p = %t, %d = %c) : (tensor<4xf32>, i1) -> tensor<4xf32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    // expected-error @+1 {{'tseq.if' op a branch that yields a sequence has no form on memrefs; yield its tensors}}
    %r = tseq.if %d : tensor<i1> -> !tseq.seq<tensor<4xf32>> {
      tseq.yield %s : !tseq.seq<tensor<4xf32>>
    } else {
      tseq.yield %s : !tseq.seq<tensor<4xf32>>
    }
    %v = tseq.get %r[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %v : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
