// RUN: graph-run %s --entry=counted --device=host --verify --repeat=2 --stats=json | FileCheck %s --check-prefix=DEVICE
// RUN: graph-run %s --entry=grow --arg 1=100000 --device=host --verify --repeat=2 --stats=json | FileCheck %s --check-prefix=HOST
// RUN: graph-run %s --entry=stores --arg 3=2.5 --device=host --verify --repeat=2 | FileCheck %s

// Tests that a loop gives the same wherever the program wants its turns to be
// decided: a counted loop on the device, one on a condition of the device with
// the host.
// DEVICE-DAG: verify: ok
// DEVICE-DAG: "conditional_nodes":1
// HOST-DAG: verify: ok
// HOST-DAG: "conditional_nodes":0
func.func @counted(%a: tensor<64xf32>) -> (tensor<64xf32>, index) {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %n = arith.constant 4000 : index
  %c = arith.constant dense<1.001> : tensor<64xf32>
  %r, %last = scf.for %i = %c0 to %n step %c3 iter_args(%x = %a, %k = %c0) -> (tensor<64xf32>, index) {
    %y = arith.mulf %x, %c : tensor<64xf32>
    scf.yield %y, %i : tensor<64xf32>, index
  } {graphopt.loop = "device"}
  return %r, %last : tensor<64xf32>, index
}
func.func @grow(%a: tensor<64xf32>, %limit: f32) -> tensor<64xf32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %c = arith.constant dense<2.0> : tensor<64xf32>
  %r = scf.while (%x = %a) : (tensor<64xf32>) -> tensor<64xf32> {
    %s = linalg.reduce ins(%x : tensor<64xf32>) outs(%zero : tensor<f32>) dimensions = [0]
      (%v: f32, %sum: f32) {
        %w = math.absf %v : f32
        %t = arith.addf %sum, %w : f32
        linalg.yield %t : f32
      }
    %h = tensor.extract %s[] : tensor<f32>
    %p = arith.cmpf olt, %h, %limit : f32
    scf.condition(%p) %x : tensor<64xf32>
  } do {
  ^bb0(%x: tensor<64xf32>):
    %y = arith.mulf %x, %c : tensor<64xf32>
    scf.yield %y : tensor<64xf32>
  } attributes {graphopt.loop = "host"}
  return %r : tensor<64xf32>
}

// Tests ops of the host on other memory, on other and on overlapping parts of
// the memory that is updated in place.
// CHECK: verify: ok
func.func @stores(%m: memref<128xf32>, %k: memref<64xf32>, %log: memref<4xf32>, %x: f32) -> (f32, tensor<64xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c = arith.constant dense<2.0> : tensor<64xf32>
  %v = memref.subview %m[0] [64] [1] : memref<128xf32> to memref<64xf32, strided<[1]>>
  %o = memref.subview %m[32] [64] [1] : memref<128xf32> to memref<64xf32, strided<[1], offset: 32>>
  %t = bufferization.to_tensor %v restrict writable : memref<64xf32, strided<[1]>> to tensor<64xf32>
  %a = arith.mulf %t, %c : tensor<64xf32>
  bufferization.materialize_in_destination %a in restrict writable %v : (tensor<64xf32>, memref<64xf32, strided<[1]>>) -> ()
  memref.store %x, %log[%c1] : memref<4xf32>
  memref.store %x, %o[%c0] : memref<64xf32, strided<[1], offset: 32>>
  %w = bufferization.to_tensor %o restrict writable : memref<64xf32, strided<[1], offset: 32>> to tensor<64xf32>
  %u = bufferization.to_tensor %k restrict writable : memref<64xf32> to tensor<64xf32>
  %b = arith.addf %u, %w : tensor<64xf32>
  bufferization.materialize_in_destination %b in restrict writable %k : (tensor<64xf32>, memref<64xf32>) -> ()
  %copy = memref.alloc() : memref<64xf32>
  memref.copy %o, %copy : memref<64xf32, strided<[1], offset: 32>> to memref<64xf32>
  %d = bufferization.to_tensor %copy restrict : memref<64xf32> to tensor<64xf32>
  %e = arith.subf %d, %c : tensor<64xf32>
  bufferization.materialize_in_destination %e in restrict writable %o : (tensor<64xf32>, memref<64xf32, strided<[1], offset: 32>>) -> ()
  %r = memref.load %m[%c1] : memref<128xf32>
  memref.store %r, %log[%c0] : memref<4xf32>
  return %r, %b : f32, tensor<64xf32>
}
