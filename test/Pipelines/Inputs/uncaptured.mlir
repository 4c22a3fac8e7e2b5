#id = affine_map<(d0) -> (d0)>

func.func private @ask(f32) -> f32

func.func @first(%t: tensor<?xf32>, %a: tensor<8xf32>)
    -> (tensor<?xf32>, tensor<8xf32>) {
  %c0 = arith.constant 0 : index
  %extent = tensor.dim %t, %c0 : tensor<?xf32>
  %empty = tensor.empty(%extent) : tensor<?xf32>
  %roots = linalg.generic
      {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%t : tensor<?xf32>) outs(%empty : tensor<?xf32>) {
  ^bb0(%x: f32, %o: f32):
    %y = math.sqrt %x : f32
    linalg.yield %y : f32
  } -> tensor<?xf32>
  %s = math.sqrt %a : tensor<8xf32>
  %sample = tensor.extract %s[%c0] : tensor<8xf32>
  %factor = func.call @ask(%sample) : (f32) -> f32
  %factors = tensor.splat %factor : tensor<8xf32>
  %b = arith.mulf %s, %factors : tensor<8xf32>
  return %roots, %b : tensor<?xf32>, tensor<8xf32>
}

func.func @second(%t: tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>> {
  %empty = tensor.empty() : tensor<4xcomplex<f32>>
  %r = linalg.generic
      {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%t : tensor<4xcomplex<f32>>) outs(%empty : tensor<4xcomplex<f32>>) {
  ^bb0(%x: complex<f32>, %o: complex<f32>):
    %y = complex.neg %x : complex<f32>
    linalg.yield %y : complex<f32>
  } -> tensor<4xcomplex<f32>>
  return %r : tensor<4xcomplex<f32>>
}
