// RUN: graph-run %s --entry=swap --device=host --verify --repeat=2 | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="stop-after=buffers" | FileCheck %s --check-prefix=BUFFERS

// Tests that a branch that exchanges two buffers reads both before it writes either.
// CHECK: verify: ok
// BUFFERS: tseq.if
// BUFFERS: else
// BUFFERS-COUNT-4: memref.copy
func.func @swap(%m: memref<5xf32>, %n: memref<5xf32>) {
  %a = bufferization.to_tensor %m restrict writable : memref<5xf32> to tensor<5xf32>
  %b = bufferization.to_tensor %n restrict writable : memref<5xf32> to tensor<5xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %sum = linalg.reduce { arith.addf } ins(%a : tensor<5xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %s = tensor.extract %sum[] : tensor<f32>
  %limit = arith.constant 1.0e6 : f32
  %large = arith.cmpf ogt, %s, %limit : f32
  %r:2 = scf.if %large -> (tensor<5xf32>, tensor<5xf32>) {
    %c = arith.mulf %a, %b : tensor<5xf32>
    %d = arith.addf %a, %c : tensor<5xf32>
    scf.yield %c, %d : tensor<5xf32>, tensor<5xf32>
  } else {
    scf.yield %b, %a : tensor<5xf32>, tensor<5xf32>
  } {graphopt.branch = "conditional"}
  bufferization.materialize_in_destination %r#0 in restrict writable %m : (tensor<5xf32>, memref<5xf32>) -> ()
  bufferization.materialize_in_destination %r#1 in restrict writable %n : (tensor<5xf32>, memref<5xf32>) -> ()
  return
}
