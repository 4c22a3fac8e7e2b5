// The host asks someone else for a factor between two chains of device work.
func.func private @ask(f32) -> f32

func.func @split(%a: tensor<1024xf32>, %b: tensor<1024xf32>)
    -> (tensor<1024xf32>, tensor<1024xf32>) {
  %product = arith.mulf %a, %b : tensor<1024xf32>
  %first = arith.addf %product, %a : tensor<1024xf32>
  %c0 = arith.constant 0 : index
  %sample = tensor.extract %first[%c0] : tensor<1024xf32>
  %factor = func.call @ask(%sample) : (f32) -> f32
  %factors = tensor.splat %factor : tensor<1024xf32>
  %scaled = arith.mulf %first, %factors : tensor<1024xf32>
  %second = math.absf %scaled : tensor<1024xf32>
  return %first, %second : tensor<1024xf32>, tensor<1024xf32>
}
