// A branch whose else does other work: no predication.
func.func @branch(%a: memref<1000xf32>, %b: memref<1000xf32>, %limit: f32) -> f32 {
  %0 = bufferization.to_tensor %a restrict writable : memref<1000xf32> to tensor<1000xf32>
  %1 = bufferization.to_tensor %b restrict writable : memref<1000xf32> to tensor<1000xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %n = linalg.reduce { arith.addf } ins(%0 : tensor<1000xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %s = tensor.extract %n[] : tensor<f32>
  %c = arith.cmpf ogt, %s, %limit : f32
  %r:2 = scf.if %c -> (tensor<1000xf32>, tensor<1000xf32>) {
    %x = arith.mulf %0, %1 : tensor<1000xf32>
    %y = arith.addf %1, %1 : tensor<1000xf32>
    scf.yield %x, %y : tensor<1000xf32>, tensor<1000xf32>
  } else {
    %m = linalg.reduce { arith.maximumf } ins(%1 : tensor<1000xf32>) outs(%zero : tensor<f32>) dimensions = [0]
    %t = tensor.extract %m[] : tensor<f32>
    %d = arith.cmpf ogt, %t, %s : f32
    %q = scf.if %d -> tensor<1000xf32> {
      %z = arith.negf %1 : tensor<1000xf32>
      scf.yield %z : tensor<1000xf32>
    } else {
      %z = math.exp %0 : tensor<1000xf32>
      scf.yield %z : tensor<1000xf32>
    }
    scf.yield %q, %1 : tensor<1000xf32>, tensor<1000xf32>
  }
  bufferization.materialize_in_destination %r#0 in restrict writable %a : (tensor<1000xf32>, memref<1000xf32>) -> ()
  bufferization.materialize_in_destination %r#1 in restrict writable %b : (tensor<1000xf32>, memref<1000xf32>) -> ()
  return %s : f32
}
