// RUN: graph-opt %s --bufferize-rest --verify-diagnostics

// Tests that an op that has no form on memrefs is refused where it stands.
func.func @no_form(%a: tensor<4xf32>) -> tensor<4xi32> {
  // expected-error @+1 {{op was not bufferized}}
  %0 = tensor.bitcast %a : tensor<4xf32> to tensor<4xi32>
  return %0 : tensor<4xi32>
}
