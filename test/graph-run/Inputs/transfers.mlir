// A loop with a condition of the device and two buffers, each a value before.
func.func @halve(%m: memref<64xf32>, %limit: f32, %b: tensor<64xf32>, %n: memref<64xf32>) -> tensor<64xf32> {
  %index0 = arith.constant 0 : index
  %x = bufferization.to_tensor %m restrict writable : memref<64xf32> to tensor<64xf32>
  %nn = bufferization.to_tensor %n restrict writable : memref<64xf32> to tensor<64xf32>
  %r:2 = scf.while (%t = %x, %u = %nn) : (tensor<64xf32>, tensor<64xf32>) -> (tensor<64xf32>, tensor<64xf32>) {
    %first = tensor.extract %t[%index0] : tensor<64xf32>
    %more = arith.cmpf ogt, %first, %limit : f32
    scf.condition(%more) %t, %u : tensor<64xf32>, tensor<64xf32>
  } do {
  ^bb0(%t: tensor<64xf32>, %u: tensor<64xf32>):
    %half = arith.constant dense<0.5> : tensor<64xf32>
    %less = arith.mulf %t, %half : tensor<64xf32>
    scf.yield %less, %t : tensor<64xf32>, tensor<64xf32>
  }
  bufferization.materialize_in_destination %r#0 in restrict writable %m : (tensor<64xf32>, memref<64xf32>) -> ()
  bufferization.materialize_in_destination %r#1 in restrict writable %n : (tensor<64xf32>, memref<64xf32>) -> ()
  return %b : tensor<64xf32>
}
