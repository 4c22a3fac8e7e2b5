// Global norm of three gradients, then clipping, as a framework writes it: three
// readbacks, host arithmetic in f64, a host branch.
//
//   graph-opt norm_clip.mlir --graph-opt-pipeline="stop-after=fused"
//   graph-run norm_clip.mlir --entry=clip --device=host --verify

#id1 = affine_map<(d0) -> (d0)>
#all1 = affine_map<(d0) -> ()>
#id2 = affine_map<(d0, d1) -> (d0, d1)>
#all2 = affine_map<(d0, d1) -> ()>

func.func private @norm_weight(%g: tensor<768x2304xf32>) -> f32 {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<f32>) -> tensor<f32>
  %sum = linalg.generic {indexing_maps = [#id2, #all2],
                         iterator_types = ["reduction", "reduction"]}
      ins(%g : tensor<768x2304xf32>) outs(%init : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %square = arith.mulf %x, %x : f32
    %next = arith.addf %acc, %square : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %root = math.sqrt %sum : tensor<f32>
  %norm = tensor.extract %root[] : tensor<f32>
  return %norm : f32
}

func.func private @norm_bias(%g: tensor<2304xf32>) -> f32 {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<f32>) -> tensor<f32>
  %sum = linalg.generic {indexing_maps = [#id1, #all1],
                         iterator_types = ["reduction"]}
      ins(%g : tensor<2304xf32>) outs(%init : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %square = arith.mulf %x, %x : f32
    %next = arith.addf %acc, %square : f32
    linalg.yield %next : f32
  } -> tensor<f32>
  %root = math.sqrt %sum : tensor<f32>
  %norm = tensor.extract %root[] : tensor<f32>
  return %norm : f32
}

func.func @clip(%m0: memref<768x2304xf32>, %m1: memref<2304xf32>,
                %m2: memref<2304xf32>, %max_norm: f64) -> f64 {
  %g0 = bufferization.to_tensor %m0 restrict writable
      : memref<768x2304xf32> to tensor<768x2304xf32>
  %g1 = bufferization.to_tensor %m1 restrict writable
      : memref<2304xf32> to tensor<2304xf32>
  %g2 = bufferization.to_tensor %m2 restrict writable
      : memref<2304xf32> to tensor<2304xf32>

  // total = sum over the tensors of float(norm) ** 2
  %n0 = call @norm_weight(%g0) : (tensor<768x2304xf32>) -> f32
  %n1 = call @norm_bias(%g1) : (tensor<2304xf32>) -> f32
  %n2 = call @norm_bias(%g2) : (tensor<2304xf32>) -> f32
  %d0 = arith.extf %n0 : f32 to f64
  %d1 = arith.extf %n1 : f32 to f64
  %d2 = arith.extf %n2 : f32 to f64
  %q0 = arith.mulf %d0, %d0 : f64
  %q1 = arith.mulf %d1, %d1 : f64
  %q2 = arith.mulf %d2, %d2 : f64
  %s1 = arith.addf %q0, %q1 : f64
  %s2 = arith.addf %s1, %q2 : f64
  %norm = math.sqrt %s2 : f64

  // coef = max_norm / (norm + 1e-6); if coef < 1: g *= coef
  %epsilon = arith.constant 1.0e-06 : f64
  %one = arith.constant 1.0 : f64
  %divisor = arith.addf %norm, %epsilon : f64
  %coef = arith.divf %max_norm, %divisor : f64
  %clips = arith.cmpf olt, %coef, %one : f64
  scf.if %clips {
    %factor = arith.truncf %coef : f64 to f32
    %e0 = tensor.empty() : tensor<768x2304xf32>
    %r0 = linalg.generic {indexing_maps = [#id2, #id2],
                          iterator_types = ["parallel", "parallel"]}
        ins(%g0 : tensor<768x2304xf32>) outs(%e0 : tensor<768x2304xf32>) {
    ^bb0(%x: f32, %out: f32):
      %y = arith.mulf %x, %factor : f32
      linalg.yield %y : f32
    } -> tensor<768x2304xf32>
    %e1 = tensor.empty() : tensor<2304xf32>
    %r1 = linalg.generic {indexing_maps = [#id1, #id1],
                          iterator_types = ["parallel"]}
        ins(%g1 : tensor<2304xf32>) outs(%e1 : tensor<2304xf32>) {
    ^bb0(%x: f32, %out: f32):
      %y = arith.mulf %x, %factor : f32
      linalg.yield %y : f32
    } -> tensor<2304xf32>
    %r2 = linalg.generic {indexing_maps = [#id1, #id1],
                          iterator_types = ["parallel"]}
        ins(%g2 : tensor<2304xf32>) outs(%e1 : tensor<2304xf32>) {
    ^bb0(%x: f32, %out: f32):
      %y = arith.mulf %x, %factor : f32
      linalg.yield %y : f32
    } -> tensor<2304xf32>
    bufferization.materialize_in_destination %r0 in restrict writable %m0
        : (tensor<768x2304xf32>, memref<768x2304xf32>) -> ()
    bufferization.materialize_in_destination %r1 in restrict writable %m1
        : (tensor<2304xf32>, memref<2304xf32>) -> ()
    bufferization.materialize_in_destination %r2 in restrict writable %m2
        : (tensor<2304xf32>, memref<2304xf32>) -> ()
  }
  return %norm : f64
}
