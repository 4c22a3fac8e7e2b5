// RUN: graph-run %s --entry=branch --arg 2=-1000 --device=host --repeat 3 --verify --stats=json | FileCheck %s
// RUN: graph-run %s --entry=branch --arg 2=1000 --device=host --repeat 3 --verify --stats=json | FileCheck %s
// RUN: graph-run %s --entry=branch --arg 2=0 --device=host --repeat 3 --verify --stats=json | FileCheck %s
// RUN: graph-run %s --entry=branch --arg 0=1 --arg 2=2000 --device=host --repeat 3 --verify --stats=json | FileCheck %s

// Tests a branch on a sum whose two sides do different work, and inside of its
// second side a branch on a maximum: both become conditional nodes, in one graph
// that is made once and replayed. The sum, about -5 on random numbers, is above
// the first limit and below the next two, and below the maximum. In the last run
// it is 1000, below the limit and above the maximum, then 2718, above the limit,
// then 15: each side is taken by some replay.
// CHECK: "graphs":1,
// CHECK-SAME: "conditional_nodes":2,"instantiations":1,
// CHECK-SAME: "cache_hits":2,"host_branches":0
// CHECK: verify: ok
func.func @branch(%a: memref<1000xf32>, %b: memref<1000xf32>, %limit: f32) -> f32 {
  %0 = bufferization.to_tensor %a restrict writable : memref<1000xf32> to tensor<1000xf32>
  %1 = bufferization.to_tensor %b restrict writable : memref<1000xf32> to tensor<1000xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %n = linalg.reduce { arith.addf } ins(%0 : tensor<1000xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %s = tensor.extract %n[] : tensor<f32>
  %c = arith.cmpf ogt, %s, %limit : f32
  %r:2 = scf.if %c -> (tensor<1000xf32>, tensor<1000xf32>) {
    %x = arith.mulf %0, %1 : tensor<1000xf32>
    %y = arith.addf %1, %1 : tensor<1000xf32>
    scf.yield %x, %y : tensor<1000xf32>, tensor<1000xf32>
  } else {
    %m = linalg.reduce { arith.maximumf } ins(%1 : tensor<1000xf32>) outs(%zero : tensor<f32>) dimensions = [0]
    %t = tensor.extract %m[] : tensor<f32>
    %d = arith.cmpf ogt, %t, %s : f32
    %q = scf.if %d -> tensor<1000xf32> {
      %z = arith.negf %1 : tensor<1000xf32>
      scf.yield %z : tensor<1000xf32>
    } else {
      %z = math.exp %0 : tensor<1000xf32>
      scf.yield %z : tensor<1000xf32>
    }
    scf.yield %q, %1 : tensor<1000xf32>, tensor<1000xf32>
  }
  bufferization.materialize_in_destination %r#0 in restrict writable %a : (tensor<1000xf32>, memref<1000xf32>) -> ()
  bufferization.materialize_in_destination %r#1 in restrict writable %b : (tensor<1000xf32>, memref<1000xf32>) -> ()
  return %s : f32
}
