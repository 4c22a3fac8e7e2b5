// Adds two bf16 gradients to their f32 master copies and clears them. Not
// idempotent: running it once more to warm up would be an error.
//
//   graph-run accumulate.mlir --entry=accumulate --device=host --verify

func.func @accumulate(%hp0: memref<16x4096xf32>, %hp1: memref<4096xf32>,
                      %lp0: memref<16x4096xbf16>, %lp1: memref<4096xbf16>) {
  %zero = arith.constant 0.0 : bf16
  %h0 = bufferization.to_tensor %hp0 restrict writable
      : memref<16x4096xf32> to tensor<16x4096xf32>
  %h1 = bufferization.to_tensor %hp1 restrict writable
      : memref<4096xf32> to tensor<4096xf32>
  %l0 = bufferization.to_tensor %lp0 restrict writable
      : memref<16x4096xbf16> to tensor<16x4096xbf16>
  %l1 = bufferization.to_tensor %lp1 restrict writable
      : memref<4096xbf16> to tensor<4096xbf16>

  %wide0 = arith.extf %l0 : tensor<16x4096xbf16> to tensor<16x4096xf32>
  %sum0 = arith.addf %h0, %wide0 : tensor<16x4096xf32>
  bufferization.materialize_in_destination %sum0 in restrict writable %hp0
      : (tensor<16x4096xf32>, memref<16x4096xf32>) -> ()
  %empty0 = tensor.empty() : tensor<16x4096xbf16>
  %clear0 = linalg.fill ins(%zero : bf16) outs(%empty0 : tensor<16x4096xbf16>)
      -> tensor<16x4096xbf16>
  bufferization.materialize_in_destination %clear0 in restrict writable %lp0
      : (tensor<16x4096xbf16>, memref<16x4096xbf16>) -> ()

  %wide1 = arith.extf %l1 : tensor<4096xbf16> to tensor<4096xf32>
  %sum1 = arith.addf %h1, %wide1 : tensor<4096xf32>
  bufferization.materialize_in_destination %sum1 in restrict writable %hp1
      : (tensor<4096xf32>, memref<4096xf32>) -> ()
  %empty1 = tensor.empty() : tensor<4096xbf16>
  %clear1 = linalg.fill ins(%zero : bf16) outs(%empty1 : tensor<4096xbf16>)
      -> tensor<4096xbf16>
  bufferization.materialize_in_destination %clear1 in restrict writable %lp1
      : (tensor<4096xbf16>, memref<4096xbf16>) -> ()
  return
}
