// A call to the outside may do anything, so it stays where it is. What does not
// depend on it moves above; what a buffer holds after it splits the region.
//
//   graph-opt blocked.mlir --graph-opt-pipeline="stop-after=regions" \
//     --remarks-filter="graph-opt.*"

func.func private @log(f32)

func.func @blocked(%a: tensor<1024xf32>, %b: memref<1024xf32>)
    -> (tensor<1024xf32>, tensor<1024xf32>) {
  %product = arith.mulf %a, %a : tensor<1024xf32>
  %first = arith.addf %product, %a : tensor<1024xf32>
  %c0 = arith.constant 0 : index
  %sample = tensor.extract %first[%c0] : tensor<1024xf32>
  func.call @log(%sample) : (f32) -> ()
  %later = bufferization.to_tensor %b restrict writable
      : memref<1024xf32> to tensor<1024xf32>
  %difference = arith.subf %first, %later : tensor<1024xf32>
  %second = math.absf %difference : tensor<1024xf32>
  return %first, %second : tensor<1024xf32>, tensor<1024xf32>
}
