// Two chains of device work with a call to the outside between them: the call
// may do anything, so it stays where it is and splits the region in two.
//
//   graph-opt blocked.mlir --graph-opt-pipeline="stop-after=regions" \
//     --remarks-filter="graph-opt.*"

func.func private @log(f32)

func.func @blocked(%a: tensor<1024xf32>, %b: tensor<1024xf32>)
    -> (tensor<1024xf32>, tensor<1024xf32>) {
  %product = arith.mulf %a, %b : tensor<1024xf32>
  %first = arith.addf %product, %a : tensor<1024xf32>
  %c0 = arith.constant 0 : index
  %sample = tensor.extract %first[%c0] : tensor<1024xf32>
  func.call @log(%sample) : (f32) -> ()
  %difference = arith.subf %first, %b : tensor<1024xf32>
  %second = math.absf %difference : tensor<1024xf32>
  return %first, %second : tensor<1024xf32>, tensor<1024xf32>
}
