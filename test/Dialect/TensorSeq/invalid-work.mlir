// RUN: graph-opt --split-input-file --verify-diagnostics %s

// Tests that a map works on something.
func.func @map_without_domain(%k: tensor<f32>) {
  // expected-error @+1 {{'tseq.map' op needs an input, a result or an out}}
  tseq.map scalars(%k : tensor<f32>) {
  ^bb0(%x: f32):
    tseq.yield
  }
  return
}

// -----

// Tests that inputs have the same shapes.
func.func @map_shapes(%a: !tseq.seq<tensor<4xf32>>, %b: !tseq.seq<tensor<5xf32>>) {
  // expected-error @+1 {{'tseq.map' op input #1 has the shapes of '!tseq.seq<tensor<5xf32>>', which differ from those of '!tseq.seq<tensor<4xf32>>'}}
  %0 = tseq.map ins(%a, %b : !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<5xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32, %y: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that inputs have the same number of tensors.
func.func @map_lengths(%a: !tseq.seq<2 x tensor<4xf32>>, %b: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.map' op input #1 has the shapes of}}
  %0 = tseq.map ins(%a, %b : !tseq.seq<2 x tensor<4xf32>>, !tseq.seq<tensor<4xf32>>) -> !tseq.seq<2 x tensor<4xf32>> {
  ^bb0(%x: f32, %y: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that all results have the same shapes.
func.func @map_result_shapes(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.map' op result #1 has the shapes of '!tseq.seq<tensor<2x2xf32>>'}}
  %0:2 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<2x2xf32>> {
  ^bb0(%x: f32):
    tseq.yield %x, %x : f32, f32
  }
  return
}

// -----

// Tests that the tensors of one list have one element type.
func.func @map_mixed_input(%a: !tseq.seq<tensor<4xf32>, tensor<4xf16>>) {
  // expected-error @+1 {{'tseq.map' op input #0 mixes element types: '!tseq.seq<tensor<4xf32>, tensor<4xf16>>'}}
  %0 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>, tensor<4xf16>>) -> !tseq.seq<2 x tensor<4xf32>> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that a body has an argument for each operand.
func.func @map_arguments(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.map' op body has 2 arguments, but there are 1 inputs and scalars}}
  %0 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32, %y: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that a body sees elements.
func.func @map_argument_type(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.map' op body argument #0 is 'f64', but the input holds 'f32'}}
  %0 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf64>> {
  ^bb0(%x: f64):
    tseq.yield %x : f64
  }
  return
}

// -----

// Tests that a scalar is one value, or one for each tensor.
func.func @map_scalar_shape(%a: !tseq.seq<2 x tensor<4xf32>>, %k: tensor<3xf32>) {
  // expected-error @+1 {{'tseq.map' op scalar #0 must have rank 0, or rank 1 with one value for each of 2 tensors, but is 'tensor<3xf32>'}}
  %0 = tseq.map ins(%a : !tseq.seq<2 x tensor<4xf32>>) scalars(%k : tensor<3xf32>) -> !tseq.seq<2 x tensor<4xf32>> {
  ^bb0(%x: f32, %y: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests the type of a scalar's argument.
func.func @map_scalar_type(%a: !tseq.seq<tensor<4xf32>>, %k: tensor<f64>) {
  // expected-error @+1 {{'tseq.map' op body argument #1 is 'f32', but the scalar holds 'f64'}}
  %0 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) scalars(%k : tensor<f64>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32, %y: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that a map yields a value for each result.
func.func @map_yields_too_few(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.map' op body must yield one value for each of 2 results}}
  %0:2 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that a map yields what its result holds.
func.func @map_yields_other_type(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.map' op yields 'f32' as value #0, but the result holds 'bf16'}}
  %0 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xbf16>> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that `else` needs a predicate.
func.func @map_else_only(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.map' op has `else` without `when`}}
  %0 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) else(%a : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that a predicated map says what its results are otherwise.
func.func @map_when_only(%a: !tseq.seq<tensor<4xf32>>, %p: tensor<i1>) {
  // expected-error @+1 {{'tseq.map' op `else` must have the types of the results}}
  %0 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) when(%p : tensor<i1>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that a predicate is one bit.
func.func @map_predicate(%a: !tseq.seq<tensor<4xf32>>, %p: tensor<2xi1>) {
  // expected-error @+1 {{'tseq.map' op condition must be a device scalar of type i1, not 'tensor<2xi1>'}}
  %0 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) when(%p : tensor<2xi1>) else(%a : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that results and outs exclude each other.
func.func @map_results_and_outs(%a: !tseq.seq<tensor<4xf32>>, %m: !tseq.seq<memref<4xf32>>) {
  // expected-error @+1 {{'tseq.map' op has both results and outs; results are for tensors, outs for memrefs}}
  %0 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) outs(%m : !tseq.seq<memref<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that outs are memory.
func.func @map_outs_of_tensors(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.map' op outs must be memrefs, not '!tseq.seq<tensor<4xf32>>'}}
  tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) outs(%a : !tseq.seq<tensor<4xf32>>) {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that results are tensors.
func.func @map_results_of_memrefs(%a: !tseq.seq<memref<4xf32>>) {
  // expected-error @+1 {{'tseq.map' op results must be tensors, not '!tseq.seq<memref<4xf32>>'}}
  %0 = tseq.map ins(%a : !tseq.seq<memref<4xf32>>) -> !tseq.seq<memref<4xf32>> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that a chunk holds something.
func.func @map_empty_chunk(%m: !tseq.seq<memref<4xf32>>) {
  // expected-error @+1 {{'tseq.map' op chunk must be at least 1 element}}
  tseq.map chunk(0) ins(%m : !tseq.seq<memref<4xf32>>) outs(%m : !tseq.seq<memref<4xf32>>) {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that a body sees nothing but its arguments.
func.func @map_captures(%a: !tseq.seq<tensor<4xf32>>, %k: f32) {
  // expected-note @+1 {{required by region isolation constraints}}
  %0 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    // expected-error @+1 {{using value defined outside the region}}
    %y = arith.mulf %x, %k : f32
    tseq.yield %y : f32
  }
  return
}

// -----

// Tests that a body may not be empty.
func.func @map_without_terminator(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.map' op expects a non-empty block}}
  %0 = "tseq.map"(%a) <{operandSegmentSizes = array<i32: 1, 0, 0, 0, 0>}> ({
  ^bb0(%x: f32):
  }) : (!tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>>
  return
}

// -----

// Tests that a reduction needs something to reduce.
func.func @reduce_nothing() {
  // expected-error @+1 {{'tseq.reduce' op needs an input}}
  %0 = "tseq.reduce"() <{combiners = [#tseq<combiner add>], operandSegmentSizes = array<i32: 0, 0, 0, 0>}> ({
    %z = arith.constant 0.0 : f32
    tseq.yield %z : f32
  }) : () -> tensor<f32>
  return
}

// -----

// Tests that a reduction says how values are joined.
func.func @reduce_without_combiner(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.reduce' op needs a combiner}}
  tseq.reduce [] ins(%a : !tseq.seq<tensor<4xf32>>) {
  ^bb0(%x: f32):
    tseq.yield
  }
  return
}

// -----

// Tests that a combiner has a known name.
func.func @reduce_unknown_combiner(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{unknown combiner 'median'}}
  %0 = tseq.reduce [median] ins(%a : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that floats are not joined bit by bit.
func.func @reduce_floats_by_bits(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.reduce' op combiner 'xor' does not join values of type 'f32'}}
  %0 = tseq.reduce [xor] ins(%a : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that the extremum of floats does not join integers.
func.func @reduce_integers_as_floats(%a: !tseq.seq<tensor<4xi32>>) {
  // expected-error @+1 {{'tseq.reduce' op combiner 'maximum' does not join values of type 'i32'}}
  %0 = tseq.reduce [maximum] ins(%a : !tseq.seq<tensor<4xi32>>) -> tensor<i32> {
  ^bb0(%x: i32):
    tseq.yield %x : i32
  }
  return
}

// -----

// Tests that a result has the type of the accumulator.
func.func @reduce_result_type(%a: !tseq.seq<tensor<4xbf16>>) {
  // expected-error @+1 {{'tseq.reduce' op result #0 must be 'tensor<bf16>', not 'tensor<f32>'}}
  %0 = tseq.reduce [add] ins(%a : !tseq.seq<tensor<4xbf16>>) -> tensor<f32> {
  ^bb0(%x: bf16):
    tseq.yield %x : bf16
  }
  return
}

// -----

// Tests that a reduction per tensor has one value for each.
func.func @reduce_per_tensor_shape(%a: !tseq.seq<3 x tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.reduce' op result #0 must be 'tensor<3xf32>', not 'tensor<f32>'}}
  %0 = tseq.reduce [add] per_tensor ins(%a : !tseq.seq<3 x tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that each combiner has a value and a result.
func.func @reduce_counts(%a: !tseq.seq<tensor<4xf32>>) {
  // expected-error @+1 {{'tseq.reduce' op must yield one value and have one result for each of 2 combiners}}
  %0 = tseq.reduce [add, maximum] ins(%a : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that each result has its scratch buffer.
func.func @reduce_scratch(%a: !tseq.seq<memref<4xf32>>, %o: memref<f32>, %s: memref<1xf32>) {
  // expected-error @+1 {{'tseq.reduce' op needs one scratch buffer for each of 1 results}}
  tseq.reduce [add] chunk(4) ins(%a : !tseq.seq<memref<4xf32>>) outs(%o : memref<f32>) scratch(%s, %s : memref<1xf32>, memref<1xf32>) {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that a scalar program has an argument for each input.
func.func @scalar_arguments(%a: tensor<f32>) {
  // expected-error @+1 {{'tseq.scalar' op body has 0 arguments for 1 inputs}}
  %0 = tseq.scalar ins(%a : tensor<f32>) -> tensor<f32> {
    %z = arith.constant 0.0 : f32
    tseq.yield %z : f32
  }
  return
}

// -----

// Tests that a device scalar is seen as its element.
func.func @scalar_argument_type(%a: tensor<f32>) {
  // expected-error @+1 {{'tseq.scalar' op body argument #0 must be 'f32', not 'tensor<f32>'}}
  %0 = tseq.scalar ins(%a : tensor<f32>) -> tensor<f32> {
  ^bb0(%x: tensor<f32>):
    %z = arith.constant 0.0 : f32
    tseq.yield %z : f32
  }
  return
}

// -----

// Tests that inputs have shapes known at compile time.
func.func @scalar_dynamic(%a: tensor<?xf32>) {
  // expected-error @+1 {{'tseq.scalar' op input #0 must have a static shape}}
  %0 = tseq.scalar ins(%a : tensor<?xf32>) -> tensor<f32> {
  ^bb0(%x: tensor<?xf32>):
    %z = arith.constant 0.0 : f32
    tseq.yield %z : f32
  }
  return
}

// -----

// Tests that results are single values or lists of them.
func.func @scalar_result_rank(%a: tensor<f32>) {
  // expected-error @+1 {{'tseq.scalar' op result #0 must have rank 0, or rank 1 and a static size, not 'tensor<1x1xf32>'}}
  %0 = tseq.scalar ins(%a : tensor<f32>) -> tensor<1x1xf32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that a list is yielded as a tensor.
func.func @scalar_list_of_value(%a: tensor<f32>) {
  // expected-error @+1 {{'tseq.scalar' op yields 'f32' as value #0, but 'tensor<1xf32>' is wanted}}
  %0 = tseq.scalar ins(%a : tensor<f32>) -> tensor<1xf32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that a list is made where it is yielded.
func.func @scalar_list_passed_on(%a: tensor<4xf32>) {
  // expected-error @+1 {{'tseq.scalar' op value #0 must be made by tensor.from_elements or tensor.generate in the body}}
  %0 = tseq.scalar ins(%a : tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%x: tensor<4xf32>):
    tseq.yield %x : tensor<4xf32>
  }
  return
}

// -----

// Tests that the body stores lists on memrefs through arguments.
func.func @scalar_out_argument(%a: memref<f32>, %b: memref<4xf32>) {
  // expected-error @+1 {{'tseq.scalar' op body has 1 arguments for 1 inputs and the outs of rank 1}}
  tseq.scalar ins(%a : memref<f32>) outs(%b : memref<4xf32>) {
  ^bb0(%x: f32):
    tseq.yield
  }
  return
}

// -----

// Tests that a scalar program yields what its result holds.
func.func @scalar_yield(%a: tensor<f32>) {
  // expected-error @+1 {{'tseq.scalar' op yields 'f32' as value #0, but 'f64' is wanted}}
  %0 = tseq.scalar ins(%a : tensor<f32>) -> tensor<f64> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that scratch must hold one partial result per chunk.
func.func @scratch_too_small(%a: memref<100xf32>, %o: memref<f32>, %s: memref<6xf32>) {
  %p = tseq.pack %a : !tseq.seq<memref<100xf32>>
  // expected-error@+1 {{scratch #0 must be a list of at least 7 values of type 'f32', not 'memref<6xf32>'}}
  tseq.reduce [add] chunk(16) ins(%p : !tseq.seq<memref<100xf32>>) outs(%o : memref<f32>) scratch(%s : memref<6xf32>) {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that scratch must have the type of the partial results.
func.func @scratch_of_other_type(%a: memref<100xf32>, %o: memref<f32>, %s: memref<7xi8>) {
  %p = tseq.pack %a : !tseq.seq<memref<100xf32>>
  // expected-error@+1 {{scratch #0 must be a list of at least 7 values of type 'f32', not 'memref<7xi8>'}}
  tseq.reduce [add] chunk(16) ins(%p : !tseq.seq<memref<100xf32>>) outs(%o : memref<f32>) scratch(%s : memref<7xi8>) {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}

// -----

// Tests that the number of partial results must be known.
func.func @scratch_without_chunk(%a: memref<100xf32>, %o: memref<f32>, %s: memref<7xf32>) {
  %p = tseq.pack %a : !tseq.seq<memref<100xf32>>
  // expected-error@+1 {{has scratch, so it needs a chunk}}
  tseq.reduce [add] ins(%p : !tseq.seq<memref<100xf32>>) outs(%o : memref<f32>) scratch(%s : memref<7xf32>) {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return
}
