// RUN: graph-run %s --entry=slots --device=host --verify --repeat=3 --stats=json | FileCheck %s --check-prefix=SLOTS
// RUN: graph-run %s --entry=plain --device=host --verify --repeat=3 --stats=json | FileCheck %s --check-prefix=PLAIN
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda address-policy=table" -o /dev/null
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda address-policy=slot" -o /dev/null
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda address-policy=baked" -o /dev/null

#map = affine_map<(d0) -> (d0)>
func.func private @step(%m: memref<100xf32>, %w: tensor<100xf32>, %s: f32) -> f32 {
  %t = bufferization.to_tensor %m restrict writable : memref<100xf32> to tensor<100xf32>
  %e = tensor.empty() : tensor<100xf32>
  %r = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel"]}
      ins(%t, %w : tensor<100xf32>, tensor<100xf32>) outs(%e : tensor<100xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %x = arith.mulf %a, %s : f32
      %y = arith.addf %x, %b : f32
      linalg.yield %y : f32
  } -> tensor<100xf32>
  bufferization.materialize_in_destination %r in restrict writable %m : (tensor<100xf32>, memref<100xf32>) -> ()
  %zero = arith.constant 0.0 : f32
  %init = tensor.empty() : tensor<f32>
  %start = linalg.fill ins(%zero : f32) outs(%init : tensor<f32>) -> tensor<f32>
  %sum = linalg.reduce { arith.addf } ins(%r : tensor<100xf32>) outs(%start : tensor<f32>) dimensions = [0]
  %value = tensor.extract %sum[] : tensor<f32>
  return %value : f32
}

// Tests that buffers in slots are right, from call to call: three copies, of
// which one is back.
// SLOTS: "memcpy_nodes":3
func.func @slots(%m: memref<100xf32> {graphopt.addresses = "slot"}, %w: tensor<100xf32> {graphopt.addresses = "slot"}, %s: f32) -> f32 {
  %value = func.call @step(%m, %w, %s) : (memref<100xf32>, tensor<100xf32>, f32) -> f32
  return %value : f32
}

// Tests that there are none where nobody asks for them on the host.
// PLAIN: "memcpy_nodes":0
func.func @plain(%m: memref<100xf32> {graphopt.addresses = "parameters"}, %w: tensor<100xf32>, %s: f32) -> f32 {
  %value = func.call @step(%m, %w, %s) : (memref<100xf32>, tensor<100xf32>, f32) -> f32
  return %value : f32
}
