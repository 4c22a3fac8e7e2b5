// For run_capture.py: updates in place, without and with a branch on the device.

#id = affine_map<(d0) -> (d0)>
#all = affine_map<(d0) -> ()>

func.func private @sum_of_squares(%x: tensor<1000xf32>) -> f32 {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.generic {indexing_maps = [#id, #all], iterator_types = ["reduction"]}
      ins(%x : tensor<1000xf32>) outs(%zero : tensor<f32>) {
  ^bb0(%e: f32, %acc: f32):
    %q = arith.mulf %e, %e : f32
    %n = arith.addf %acc, %q : f32
    linalg.yield %n : f32
  } -> tensor<f32>
  %v = tensor.extract %s[] : tensor<f32>
  return %v : f32
}

func.func private @scale(%x: tensor<1000xf32>, %by: f32) -> tensor<1000xf32> {
  %y = linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%x : tensor<1000xf32>) {
  ^bb0(%e: f32):
    %m = arith.mulf %e, %by : f32
    linalg.yield %m : f32
  } -> tensor<1000xf32>
  return %y : tensor<1000xf32>
}

// x = x / norm(x).
func.func @normalize(%m: memref<1000xf32>) {
  %x = bufferization.to_tensor %m restrict writable : memref<1000xf32> to tensor<1000xf32>
  %sum = call @sum_of_squares(%x) : (tensor<1000xf32>) -> f32
  %norm = math.sqrt %sum : f32
  %one = arith.constant 1.0 : f32
  %by = arith.divf %one, %norm : f32
  %y = call @scale(%x, %by) : (tensor<1000xf32>, f32) -> tensor<1000xf32>
  bufferization.materialize_in_destination %y in restrict writable %m
      : (tensor<1000xf32>, memref<1000xf32>) -> ()
  return
}

// x = 2 x while norm(x) <= 100: a loop whose condition is on the device.
func.func @grow(%m: memref<1000xf32>) {
  %x = bufferization.to_tensor %m restrict writable : memref<1000xf32> to tensor<1000xf32>
  %limit = arith.constant 1.0e4 : f32
  %two = arith.constant 2.0 : f32
  %y = scf.while (%t = %x) : (tensor<1000xf32>) -> tensor<1000xf32> {
    %sum = func.call @sum_of_squares(%t) : (tensor<1000xf32>) -> f32
    %small = arith.cmpf ole, %sum, %limit : f32
    scf.condition(%small) %t : tensor<1000xf32>
  } do {
  ^bb0(%t: tensor<1000xf32>):
    %next = func.call @scale(%t, %two) : (tensor<1000xf32>, f32) -> tensor<1000xf32>
    scf.yield %next : tensor<1000xf32>
  } attributes {graphopt.loop = "device"}
  bufferization.materialize_in_destination %y in restrict writable %m
      : (tensor<1000xf32>, memref<1000xf32>) -> ()
  return
}

// Returns the norm: the host waits, which a capture forbids.
func.func @norm(%x: tensor<1000xf32>) -> f32 {
  %sum = call @sum_of_squares(%x) : (tensor<1000xf32>) -> f32
  %norm = math.sqrt %sum : f32
  return %norm : f32
}
