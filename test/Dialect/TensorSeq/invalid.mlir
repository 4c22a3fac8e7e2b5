// RUN: graph-opt --split-input-file --verify-diagnostics %s

// Tests that a sequence holds tensors and memrefs only.
// expected-error @+1 {{a sequence holds tensors or memrefs, not 'f32'}}
func.func private @sequence_of_scalars(!tseq.seq<f32>)

// -----

// Tests that a sequence holds static shapes only.
// expected-error @+1 {{a sequence holds static shapes only, not 'tensor<?xf32>'}}
func.func private @dynamic_sequence(!tseq.seq<tensor<?xf32>>)

// -----

// Tests that tensors and memrefs do not mix.
// expected-error @+1 {{a sequence holds either tensors or memrefs, not 'tensor<4xf32>' and 'memref<4xf32>'}}
func.func private @mixed_sequence(!tseq.seq<tensor<4xf32>, memref<4xf32>>)

// -----

// Tests that a run has at least one tensor.
// expected-error @+1 {{length of a run must be from 1 to 16777216}}
func.func private @empty_run(!tseq.seq<0 x tensor<4xf32>>)

// -----

// Tests that a short text does not make a huge list.
// expected-error @+1 {{length of a run must be from 1 to 16777216}}
func.func private @huge_run(!tseq.seq<1000000000000 x tensor<4xf32>>)

// -----

// Tests that the number of operands of a pack is that of its type.
func.func @pack_too_few(%a: tensor<4xf32>) {
  // expected-error @+1 {{number of operands and types do not match}}
  %0 = tseq.pack %a : !tseq.seq<2 x tensor<4xf32>>
  return
}

// -----

// Tests that a pack needs a type of the dialect.
func.func @pack_other_type(%a: tensor<4xf32>) {
  // expected-error @+1 {{expected a !tseq.seq type}}
  %0 = tseq.pack %a : tensor<4xf32>
  return
}

// -----

// Tests that the types of a pack are those of its operands.
func.func @pack_types(%a: tensor<4xf32>) {
  // expected-error @+1 {{'tseq.pack' op tensors do not have the types that '!tseq.seq<tensor<8xf32>>' lists}}
  %0 = "tseq.pack"(%a) : (tensor<4xf32>) -> !tseq.seq<tensor<8xf32>>
  return
}

// -----

// Tests the same for an unpack.
func.func @unpack_types(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.unpack' op tensors do not have the types that '!tseq.seq<tensor<4xf32>>' lists}}
  %0:2 = "tseq.unpack"(%a) : (!tseq.seq<tensor<4xf32>>) -> (tensor<4xf32>, tensor<4xf32>)
  return
}

// -----

// Tests that an element is taken from inside of the list.
func.func @get_outside(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{index 1 is outside of the sequence '!tseq.seq<tensor<4xf32>>'}}
  %0 = tseq.get %a[1] : !tseq.seq<tensor<4xf32>>
  return
}

// -----

// Tests that an index is not negative.
func.func @get_negative(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{index -1 is outside of the sequence}}
  %0 = tseq.get %a[-1] : !tseq.seq<tensor<4xf32>>
  return
}

// -----

// Tests that a readback reads one element.
func.func @item_of_many(%a: tensor<2xf32>) {
  // expected-error @+1 {{'tseq.item' op reads a tensor of one element, not 'tensor<2xf32>'}}
  %0 = tseq.item %a : tensor<2xf32>
  return
}

// -----

// Tests that the number of elements must be known.
func.func @item_of_unknown(%a: tensor<?xf32>) {
  // expected-error @+1 {{'tseq.item' op reads a tensor of one element, not 'tensor<?xf32>'}}
  %0 = tseq.item %a : tensor<?xf32>
  return
}

// -----

// Tests that a kernel holds phases only.
func.func @kernel_with_other_op(%a: tensor<4xf32>) {
  // expected-error @+1 {{'tseq.kernel' op holds 'arith.negf', which is not a phase (reduce, scalar, map) nor a list op}}
  %0 = tseq.kernel -> tensor<4xf32> {
    %b = arith.negf %a : tensor<4xf32>
    tseq.yield %b : tensor<4xf32>
  }
  return
}

// -----

// Tests that a kernel yields its results.
func.func @kernel_yield(%a: tensor<4xf32>) {
  // expected-error @+1 {{'tseq.kernel' op yields 0 values for 1 results}}
  %0 = tseq.kernel -> tensor<4xf32> {
    tseq.yield
  }
  return
}

// -----

// Tests that a graph has an operand type for each operand.
func.func @graph_types(%a: tensor<4xf32>) {
  // expected-error @+1 {{expected 1 operand types}}
  tseq.graph "g" (%x = %a) : (tensor<4xf32>, f32) -> () {
    tseq.yield
  }
  return
}

// -----

// Tests that a sequence does not cross a graph's border.
func.func @graph_of_sequence(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{operand of a graph must be a tensor, a memref or a host scalar, not '!tseq.seq<tensor<4xf32>>'}}
  tseq.graph "g" (%x = %a) : (!tseq.seq<tensor<4xf32>>) -> () {
    tseq.yield
  }
  return
}

// -----

// Tests that a graph's operands have static shapes.
func.func @graph_dynamic(%a: tensor<?xf32>) {
  // expected-error @+1 {{'tseq.graph' op operand #0 must have a static shape, but is 'tensor<?xf32>'}}
  tseq.graph "g" (%x = %a) : (tensor<?xf32>) -> () {
    tseq.yield
  }
  return
}

// -----

// Tests that a graph sees nothing but its arguments.
func.func @graph_captures(%a: tensor<4xf32>) {
  // expected-note @+1 {{required by region isolation constraints}}
  %0 = tseq.graph "g" () : () -> tensor<4xf32> {
    // expected-error @+1 {{using value defined outside the region}}
    tseq.yield %a : tensor<4xf32>
  }
  return
}

// -----

// Tests that a graph yields its results.
func.func @graph_yield(%a: tensor<4xf32>) {
  // expected-error @+1 {{'tseq.graph' op yields 'tensor<4xf32>' as value #0, but 'tensor<8xf32>' is wanted}}
  %0 = tseq.graph "g" (%x = %a) : (tensor<4xf32>) -> tensor<8xf32> {
    tseq.yield %x : tensor<4xf32>
  }
  return
}

// -----

// Tests that a branch decides by one bit.
func.func @if_condition(%a: tensor<i32>) {
  // expected-error @+1 {{'tseq.if' op condition must be a device scalar of type i1, not 'tensor<i32>'}}
  tseq.if %a : tensor<i32> {
    tseq.yield
  }
  return
}

// -----

// Tests that a branch with results has two sides.
func.func @if_without_else(%a: tensor<4xf32>, %c: tensor<i1>) {
  // expected-error @+1 {{'tseq.if' op has results, so it needs an else region}}
  %0 = tseq.if %c : tensor<i1> -> tensor<4xf32> {
    tseq.yield %a : tensor<4xf32>
  }
  return
}

// -----

// Tests that both sides yield the results.
func.func @if_else_yield(%a: tensor<4xf32>, %c: tensor<i1>) {
  // expected-error @+1 {{'tseq.if' op yields 0 values for 1 results}}
  %0 = tseq.if %c : tensor<i1> -> tensor<4xf32> {
    tseq.yield %a : tensor<4xf32>
  } else {
    tseq.yield
  }
  return
}

// -----

// Tests that a loop carries what it was given.
func.func @while_types(%a: tensor<f32>, %c: tensor<i1>) {
  // expected-error @+1 {{'tseq.while' op carried values, body arguments and results must have the same types}}
  %0 = tseq.while %c : tensor<i1> iter(%a : tensor<f32>) -> tensor<f64> {
  ^bb0(%x: tensor<f32>):
    tseq.yield %c, %x : tensor<i1>, tensor<f32>
  }
  return
}

// -----

// Tests that a loop yields its next condition.
func.func @while_yield(%a: tensor<f32>, %c: tensor<i1>) {
  // expected-error @+1 {{'tseq.while' op yields 1 values for 2 values (the condition, then what is carried)}}
  %0 = tseq.while %c : tensor<i1> iter(%a : tensor<f32>) -> tensor<f32> {
  ^bb0(%x: tensor<f32>):
    tseq.yield %x : tensor<f32>
  }
  return
}

// -----

// Tests that a yield stands in an op of the dialect.
func.func @yield_alone() {
  // expected-error @+1 {{'tseq.yield' op expects parent op to be one of}}
  tseq.yield
}
