// Programs for stress.cpp, which says what it checks. Lists of small tensors with
// results apart from the arguments, one readback decided by the host, and scalars
// that change from call to call.

#id = affine_map<(d0) -> (d0)>
#all = affine_map<(d0) -> ()>

func.func private @sum_of_squares(%x: tensor<64xf32>) -> f64 {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.generic {indexing_maps = [#id, #all], iterator_types = ["reduction"]}
      ins(%x : tensor<64xf32>) outs(%zero : tensor<f32>) {
  ^bb0(%e: f32, %acc: f32):
    %q = arith.mulf %e, %e : f32
    %n = arith.addf %acc, %q : f32
    linalg.yield %n : f32
  } -> tensor<f32>
  %v = tensor.extract %s[] : tensor<f32>
  %w = arith.extf %v : f32 to f64
  return %w : f64
}

func.func private @scale(%x: tensor<64xf32>, %by: f32) -> tensor<64xf32> {
  %empty = tensor.empty() : tensor<64xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<64xf32>) outs(%empty : tensor<64xf32>) {
  ^bb0(%e: f32, %o: f32):
    %m = arith.mulf %e, %by : f32
    linalg.yield %m : f32
  } -> tensor<64xf32>
  return %y : tensor<64xf32>
}

func.func private @shift(%x: tensor<64xf32>, %by: f32) -> tensor<64xf32> {
  %empty = tensor.empty() : tensor<64xf32>
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : tensor<64xf32>) outs(%empty : tensor<64xf32>) {
  ^bb0(%e: f32, %o: f32):
    %m = arith.addf %e, %by : f32
    linalg.yield %m : f32
  } -> tensor<64xf32>
  return %y : tensor<64xf32>
}

// y = x * min(1, bound / norm).
func.func @clip(%x0: tensor<64xf32>, %x1: tensor<64xf32>, %x2: tensor<64xf32>, %x3: tensor<64xf32>, %x4: tensor<64xf32>, %x5: tensor<64xf32>, %bound: f64) -> (tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, f64) {
  %s0 = call @sum_of_squares(%x0) : (tensor<64xf32>) -> f64
  %s1 = call @sum_of_squares(%x1) : (tensor<64xf32>) -> f64
  %s2 = call @sum_of_squares(%x2) : (tensor<64xf32>) -> f64
  %s3 = call @sum_of_squares(%x3) : (tensor<64xf32>) -> f64
  %s4 = call @sum_of_squares(%x4) : (tensor<64xf32>) -> f64
  %s5 = call @sum_of_squares(%x5) : (tensor<64xf32>) -> f64
  %t1 = arith.addf %s0, %s1 : f64
  %t2 = arith.addf %t1, %s2 : f64
  %t3 = arith.addf %t2, %s3 : f64
  %t4 = arith.addf %t3, %s4 : f64
  %t5 = arith.addf %t4, %s5 : f64
  %norm = math.sqrt %t5 : f64
  %one = arith.constant 1.0 : f64
  %ratio = arith.divf %bound, %norm : f64
  %least = arith.minimumf %ratio, %one : f64
  %by = arith.truncf %least : f64 to f32
  %y0 = call @scale(%x0, %by) : (tensor<64xf32>, f32) -> tensor<64xf32>
  %y1 = call @scale(%x1, %by) : (tensor<64xf32>, f32) -> tensor<64xf32>
  %y2 = call @scale(%x2, %by) : (tensor<64xf32>, f32) -> tensor<64xf32>
  %y3 = call @scale(%x3, %by) : (tensor<64xf32>, f32) -> tensor<64xf32>
  %y4 = call @scale(%x4, %by) : (tensor<64xf32>, f32) -> tensor<64xf32>
  %y5 = call @scale(%x5, %by) : (tensor<64xf32>, f32) -> tensor<64xf32>
  return %y0, %y1, %y2, %y3, %y4, %y5, %norm : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, f64
}

// y = x + norm.
func.func @shift_all(%x0: tensor<64xf32>, %x1: tensor<64xf32>, %x2: tensor<64xf32>, %x3: tensor<64xf32>, %x4: tensor<64xf32>, %x5: tensor<64xf32>, %bound: f64) -> (tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, f64) {
  %s0 = call @sum_of_squares(%x0) : (tensor<64xf32>) -> f64
  %s1 = call @sum_of_squares(%x1) : (tensor<64xf32>) -> f64
  %s2 = call @sum_of_squares(%x2) : (tensor<64xf32>) -> f64
  %s3 = call @sum_of_squares(%x3) : (tensor<64xf32>) -> f64
  %s4 = call @sum_of_squares(%x4) : (tensor<64xf32>) -> f64
  %s5 = call @sum_of_squares(%x5) : (tensor<64xf32>) -> f64
  %t1 = arith.addf %s0, %s1 : f64
  %t2 = arith.addf %t1, %s2 : f64
  %t3 = arith.addf %t2, %s3 : f64
  %t4 = arith.addf %t3, %s4 : f64
  %t5 = arith.addf %t4, %s5 : f64
  %norm = math.sqrt %t5 : f64
  %by = arith.truncf %norm : f64 to f32
  %y0 = call @shift(%x0, %by) : (tensor<64xf32>, f32) -> tensor<64xf32>
  %y1 = call @shift(%x1, %by) : (tensor<64xf32>, f32) -> tensor<64xf32>
  %y2 = call @shift(%x2, %by) : (tensor<64xf32>, f32) -> tensor<64xf32>
  %y3 = call @shift(%x3, %by) : (tensor<64xf32>, f32) -> tensor<64xf32>
  %y4 = call @shift(%x4, %by) : (tensor<64xf32>, f32) -> tensor<64xf32>
  %y5 = call @shift(%x5, %by) : (tensor<64xf32>, f32) -> tensor<64xf32>
  return %y0, %y1, %y2, %y3, %y4, %y5, %norm : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, f64
}

// y = 2 x if norm > bound, else x + 1: work of its own in each branch.
func.func @choose(%x0: tensor<64xf32>, %x1: tensor<64xf32>, %x2: tensor<64xf32>, %x3: tensor<64xf32>, %x4: tensor<64xf32>, %x5: tensor<64xf32>, %bound: f64) -> (tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, f64) {
  %s0 = call @sum_of_squares(%x0) : (tensor<64xf32>) -> f64
  %s1 = call @sum_of_squares(%x1) : (tensor<64xf32>) -> f64
  %s2 = call @sum_of_squares(%x2) : (tensor<64xf32>) -> f64
  %s3 = call @sum_of_squares(%x3) : (tensor<64xf32>) -> f64
  %s4 = call @sum_of_squares(%x4) : (tensor<64xf32>) -> f64
  %s5 = call @sum_of_squares(%x5) : (tensor<64xf32>) -> f64
  %t1 = arith.addf %s0, %s1 : f64
  %t2 = arith.addf %t1, %s2 : f64
  %t3 = arith.addf %t2, %s3 : f64
  %t4 = arith.addf %t3, %s4 : f64
  %t5 = arith.addf %t4, %s5 : f64
  %norm = math.sqrt %t5 : f64
  %large = arith.cmpf ogt, %norm, %bound : f64
  %y:6 = scf.if %large -> (tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>) {
    %two = arith.constant 2.0 : f32
    %z0 = func.call @scale(%x0, %two) : (tensor<64xf32>, f32) -> tensor<64xf32>
    %z1 = func.call @scale(%x1, %two) : (tensor<64xf32>, f32) -> tensor<64xf32>
    %z2 = func.call @scale(%x2, %two) : (tensor<64xf32>, f32) -> tensor<64xf32>
    %z3 = func.call @scale(%x3, %two) : (tensor<64xf32>, f32) -> tensor<64xf32>
    %z4 = func.call @scale(%x4, %two) : (tensor<64xf32>, f32) -> tensor<64xf32>
    %z5 = func.call @scale(%x5, %two) : (tensor<64xf32>, f32) -> tensor<64xf32>
    scf.yield %z0, %z1, %z2, %z3, %z4, %z5 : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
  } else {
    %one = arith.constant 1.0 : f32
    %z0 = func.call @shift(%x0, %one) : (tensor<64xf32>, f32) -> tensor<64xf32>
    %z1 = func.call @shift(%x1, %one) : (tensor<64xf32>, f32) -> tensor<64xf32>
    %z2 = func.call @shift(%x2, %one) : (tensor<64xf32>, f32) -> tensor<64xf32>
    %z3 = func.call @shift(%x3, %one) : (tensor<64xf32>, f32) -> tensor<64xf32>
    %z4 = func.call @shift(%x4, %one) : (tensor<64xf32>, f32) -> tensor<64xf32>
    %z5 = func.call @shift(%x5, %one) : (tensor<64xf32>, f32) -> tensor<64xf32>
    scf.yield %z0, %z1, %z2, %z3, %z4, %z5 : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>
  }
  return %y#0, %y#1, %y#2, %y#3, %y#4, %y#5, %norm : tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, tensor<64xf32>, f64
}
