// RUN: graph-opt %s --verify-state="state=sequences"
// RUN: graph-opt %s --verify-state="state=hoisted"
// RUN: graph-opt %s --verify-state="state=regions"
// RUN: graph-opt %s --verify-state="state=fused"

// Tests that a program that holds what a state promises is accepted, with what
// none of the states is about.
func.func private @log(f32)
func.func @accepted(%t: tensor<4xf32>, %d: tensor<?xf32>, %i: index) -> f32 {
  %0 = tseq.graph "g" (%p = %t) : (tensor<4xf32>) -> tensor<f32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %r = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    tseq.yield %r : tensor<f32>
  }
  %h = tseq.item %0 : tensor<f32>
  func.call @log(%h) : (f32) -> ()
  %e = tensor.extract %d[%i] : tensor<?xf32>
  return %e : f32
}
