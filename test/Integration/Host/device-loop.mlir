// RUN: graph-run %s --entry=grow --arg 0=1.5 --arg 1=40 --device=host --print --stats=json | FileCheck %s --strict-whitespace
// RUN: graph-run %s --entry=grow --arg 0=1.5 --arg 1=1 --device=host --print | FileCheck %s --check-prefix=NEVER

// Tests a loop on the device, in IR of a later state: a buffer is doubled as
// long as a value is below the limit.
// CHECK: result0 = f32 [4]: 48 48 48 48
// CHECK: "conditional_nodes":1
// NEVER: result0 = f32 [4]: 1.5 1.5 1.5 1.5
func.func @grow(%a: tensor<4xf32>, %limit: f32) -> tensor<4xf32> {
  %0 = tseq.graph "grow" (%x = %a, %l = %limit) : (tensor<4xf32>, f32) -> tensor<4xf32> {
    %s = tseq.pack %x : !tseq.seq<tensor<4xf32>>
    %m = tseq.reduce [maximum] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%v: f32):
      tseq.yield %v : f32
    }
    %c = tseq.scalar ins(%m, %l : tensor<f32>, tensor<f32>) -> tensor<i1> {
    ^bb0(%v: f32, %w: f32):
      %below = arith.cmpf olt, %v, %w : f32
      tseq.yield %below : i1
    }
    %r = tseq.while %c : tensor<i1> iter(%x : tensor<4xf32>) -> tensor<4xf32> {
    ^bb0(%y: tensor<4xf32>):
      %p = tseq.pack %y : !tseq.seq<tensor<4xf32>>
      %d = tseq.map ins(%p : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
      ^bb1(%v: f32):
        %w = arith.addf %v, %v : f32
        tseq.yield %w : f32
      }
      %n = tseq.reduce [maximum] ins(%d : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
      ^bb1(%v: f32):
        tseq.yield %v : f32
      }
      %b = tseq.scalar ins(%n, %l : tensor<f32>, tensor<f32>) -> tensor<i1> {
      ^bb1(%v: f32, %w: f32):
        %below = arith.cmpf olt, %v, %w : f32
        tseq.yield %below : i1
      }
      %z = tseq.get %d[0] : !tseq.seq<tensor<4xf32>>
      tseq.yield %b, %z : tensor<i1>, tensor<4xf32>
    }
    tseq.yield %r : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
