// RUN: graph-opt %s --raise-to-sequences --cse | FileCheck %s

#id = affine_map<(i, j) -> (i, j)>
#all = affine_map<(i, j) -> ()>
#i = affine_map<(i) -> (i)>
#none = affine_map<(i) -> ()>

// Tests that an elementwise op becomes a map and a captured host scalar an
// upload; the constant goes into the body.
// CHECK-LABEL: func.func @elementwise(
// CHECK-SAME:    %[[A:[^:]*]]: tensor<4x5xf32>, %[[K:[^:]*]]: f32
// CHECK-DAG:     %[[S:.*]] = tseq.pack %[[A]] : !tseq.seq<tensor<4x5xf32>>
// CHECK-DAG:     %[[D:.*]] = tensor.from_elements %[[K]] : tensor<f32>
// CHECK:         %[[R:.*]] = tseq.map ins(%[[S]] : {{.*}}) scalars(%[[D]] : tensor<f32>) -> !tseq.seq<tensor<4x5xf32>>
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32, %[[Y:.*]]: f32):
// CHECK-NEXT:      %[[C:.*]] = arith.constant 2.000000e+00 : f32
// CHECK:           %[[M:.*]] = arith.mulf %[[X]], %[[Y]]
// CHECK:           arith.addf %[[M]], %[[C]]
// CHECK:         tseq.get %[[R]][0]
func.func @elementwise(%a: tensor<4x5xf32>, %k: f32) -> tensor<4x5xf32> {
  %two = arith.constant 2.0 : f32
  %e = tensor.empty() : tensor<4x5xf32>
  %0 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<4x5xf32>) outs(%e : tensor<4x5xf32>) {
  ^bb0(%x: f32, %o: f32):
    %m = arith.mulf %x, %k : f32
    %y = arith.addf %m, %two : f32
    linalg.yield %y : f32
  } -> tensor<4x5xf32>
  return %0 : tensor<4x5xf32>
}

// Tests that an operand of one element is a device scalar, whatever its rank,
// and that what the op overwrites is an input only if it is read.
// CHECK-LABEL: func.func @scalar_operand(
// CHECK-SAME:    %[[A:[^:]*]]: tensor<6xf32>, %[[K:[^:]*]]: tensor<1xf32>
// CHECK:         %[[D:.*]] = tensor.collapse_shape %[[K]] []
// CHECK:         tseq.map ins(%{{[^,]*}} : !tseq.seq<tensor<6xf32>>) scalars(%[[D]] : tensor<f32>)
func.func @scalar_operand(%a: tensor<6xf32>, %k: tensor<1xf32>) -> tensor<6xf32> {
  %e = tensor.empty() : tensor<6xf32>
  %0 = linalg.generic {indexing_maps = [#i, affine_map<(i) -> (0)>, #i], iterator_types = ["parallel"]}
      ins(%a, %k : tensor<6xf32>, tensor<1xf32>) outs(%e : tensor<6xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %m = arith.mulf %x, %y : f32
    linalg.yield %m : f32
  } -> tensor<6xf32>
  return %0 : tensor<6xf32>
}

// Tests that an op with two results is one map.
// CHECK-LABEL: func.func @two_results
// CHECK:         %[[R:.*]]:2 = tseq.map ins(%{{.*}}, %{{.*}} :
// CHECK:           tseq.yield %{{.*}}, %{{.*}} : f32, i1
// CHECK:         tseq.get %[[R]]#0[0]
// CHECK:         tseq.get %[[R]]#1[0]
func.func @two_results(%a: tensor<6xf32>, %b: tensor<6xf32>) -> (tensor<6xf32>, tensor<6xi1>) {
  %e = tensor.empty() : tensor<6xf32>
  %f = tensor.empty() : tensor<6xi1>
  %0:2 = linalg.generic {indexing_maps = [#i, #i, #i, #i], iterator_types = ["parallel"]}
      ins(%a, %b : tensor<6xf32>, tensor<6xf32>) outs(%e, %f : tensor<6xf32>, tensor<6xi1>) {
  ^bb0(%x: f32, %y: f32, %o: f32, %p: i1):
    %s = arith.subf %x, %y : f32
    %c = arith.cmpf olt, %x, %y : f32
    linalg.yield %s, %c : f32, i1
  } -> (tensor<6xf32>, tensor<6xi1>)
  return %0#0, %0#1 : tensor<6xf32>, tensor<6xi1>
}

// Tests named ops, the map op and the elementwise op.
// CHECK-LABEL: func.func @named
// CHECK-NOT:     linalg
// CHECK:           arith.addf
// CHECK:           math.exp
// CHECK:           arith.maximumf
// CHECK-NOT:     linalg
func.func @named(%a: tensor<6xf32>, %b: tensor<6xf32>) -> tensor<6xf32> {
  %e = tensor.empty() : tensor<6xf32>
  %0 = linalg.add ins(%a, %b : tensor<6xf32>, tensor<6xf32>) outs(%e : tensor<6xf32>) -> tensor<6xf32>
  %1 = linalg.elementwise kind=#linalg.elementwise_kind<exp> ins(%0 : tensor<6xf32>) outs(%e : tensor<6xf32>) -> tensor<6xf32>
  %2 = linalg.map { arith.maximumf } ins(%1, %a : tensor<6xf32>, tensor<6xf32>) outs(%e : tensor<6xf32>)
  return %2 : tensor<6xf32>
}

// Tests that fills and splats are maps without inputs.
// CHECK-LABEL: func.func @fills
// CHECK:         tseq.map -> !tseq.seq<tensor<6xf32>>
// CHECK:           arith.constant 0.000000e+00
// CHECK:         tseq.map scalars(%{{.*}} : tensor<f32>) -> !tseq.seq<tensor<7xf32>>
func.func @fills(%x: f32) -> (tensor<6xf32>, tensor<7xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<6xf32>
  %0 = linalg.fill ins(%zero : f32) outs(%e : tensor<6xf32>) -> tensor<6xf32>
  %1 = tensor.splat %x : tensor<7xf32>
  return %0, %1 : tensor<6xf32>, tensor<7xf32>
}

// Tests that a full reduction from the identity is a reduce, with what is
// computed before the sum in its body.
// CHECK-LABEL: func.func @reduction
// CHECK:         %[[R:.*]] = tseq.reduce [add] ins(%{{.*}} : !tseq.seq<tensor<4x5xf32>>) -> tensor<f32>
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT:      %[[Q:.*]] = arith.mulf %[[X]], %[[X]]
// CHECK-NEXT:      tseq.yield %[[Q]]
// CHECK:         return %[[R]]
func.func @reduction(%a: tensor<4x5xf32>) -> tensor<f32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %0 = linalg.generic {indexing_maps = [#id, #all], iterator_types = ["reduction", "reduction"]}
      ins(%a : tensor<4x5xf32>) outs(%zero : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %q = arith.mulf %x, %x : f32
    %s = arith.addf %acc, %q : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  return %0 : tensor<f32>
}

// Tests that the initial value of a reduction is joined to its result.
// CHECK-LABEL: func.func @initial_value(
// CHECK-SAME:    %{{[^:]*}}: tensor<6xf32>, %[[I:[^:]*]]: tensor<f32>
// CHECK:         %[[R:.*]] = tseq.reduce [maximum]
// CHECK:         tseq.scalar ins(%[[R]], %[[I]] : tensor<f32>, tensor<f32>)
// CHECK:           arith.maximumf
func.func @initial_value(%a: tensor<6xf32>, %i: tensor<f32>) -> tensor<f32> {
  %0 = linalg.reduce { arith.maximumf } ins(%a : tensor<6xf32>) outs(%i : tensor<f32>) dimensions = [0]
  return %0 : tensor<f32>
}

// Tests that a sum in bf16 accumulates in f32 and is rounded once; a maximum
// does not.
// CHECK-LABEL: func.func @narrow_sum
// CHECK:         %[[R:.*]] = tseq.reduce [add] {{.*}} -> tensor<f32>
// CHECK:           arith.extf %{{.*}} : bf16 to f32
// CHECK:         tseq.scalar ins(%[[R]] : tensor<f32>) -> tensor<bf16>
// CHECK:           arith.truncf %{{.*}} : f32 to bf16
// CHECK:         tseq.reduce [maximum] {{.*}} -> tensor<bf16>
func.func @narrow_sum(%a: tensor<6xbf16>) -> (tensor<bf16>, tensor<bf16>) {
  %zero = arith.constant dense<0.0> : tensor<bf16>
  %low = arith.constant dense<0xFF80> : tensor<bf16>
  %0 = linalg.reduce { arith.addf } ins(%a : tensor<6xbf16>) outs(%zero : tensor<bf16>) dimensions = [0]
  %1 = linalg.reduce { arith.maximumf } ins(%a : tensor<6xbf16>) outs(%low : tensor<bf16>) dimensions = [0]
  return %0, %1 : tensor<bf16>, tensor<bf16>
}

// Tests that work on a value that was computed, and has one element, is a scalar.
// CHECK-LABEL: func.func @device_scalars
// CHECK:         %[[N:.*]] = tseq.reduce
// CHECK:         tseq.scalar ins(%[[N]] : tensor<f32>) -> tensor<f32>
// CHECK:           math.sqrt
// CHECK-NOT:     tseq.map
// CHECK:         return
func.func @device_scalars(%a: tensor<6xf32>) -> tensor<f32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %0 = linalg.reduce { arith.addf } ins(%a : tensor<6xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %e = tensor.empty() : tensor<f32>
  %1 = linalg.map { math.sqrt } ins(%0 : tensor<f32>) outs(%e : tensor<f32>)
  return %1 : tensor<f32>
}

// Tests that reading the only element of a tensor is a readback, and that an
// upload has rank 0 whatever the tensor.
// CHECK-LABEL: func.func @readback_and_upload(
// CHECK-SAME:    %[[A:[^:]*]]: tensor<1x1xi32>
// CHECK:         %[[H:.*]] = tseq.item %[[A]] : tensor<1x1xi32>
// CHECK:         %[[D:.*]] = tensor.from_elements %[[H]] : tensor<i32>
// CHECK:         tensor.expand_shape %[[D]] [] output_shape [1] : tensor<i32> into tensor<1xi32>
func.func @readback_and_upload(%a: tensor<1x1xi32>) -> tensor<1xi32> {
  %c0 = arith.constant 0 : index
  %h = tensor.extract %a[%c0, %c0] : tensor<1x1xi32>
  %t = tensor.from_elements %h : tensor<1xi32>
  return %t : tensor<1xi32>
}

// Tests that reading one element of many is left alone.
// CHECK-LABEL: func.func @one_of_many
// CHECK:         tensor.extract
func.func @one_of_many(%a: tensor<6xf32>, %i: index) -> f32 {
  %h = tensor.extract %a[%i] : tensor<6xf32>
  return %h : f32
}

// Tests that tensors without elements are raised like others.
// CHECK-LABEL: func.func @zero_size
// CHECK:         tseq.reduce [add] ins(%{{.*}} : !tseq.seq<tensor<0x4xf32>>) -> tensor<f32>
func.func @zero_size(%a: tensor<0x4xf32>) -> tensor<f32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %0 = linalg.reduce { arith.addf } ins(%a : tensor<0x4xf32>) outs(%zero : tensor<f32>) dimensions = [0, 1]
  return %0 : tensor<f32>
}

// Tests that a copy of a reshaped buffer is a map of the buffer's own shape.
// CHECK-LABEL: func.func @copy_of_reshape(
// CHECK:         %[[T:.*]] = bufferization.to_tensor
// CHECK:         %[[S:.*]] = tseq.pack %[[T]] : !tseq.seq<tensor<3x4xf32>>
// CHECK:         %[[M:.*]] = tseq.map ins(%[[S]]
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT:      tseq.yield %[[X]]
// CHECK:         %[[G:.*]] = tseq.get %[[M]][0]
// CHECK:         %[[C:.*]] = tensor.collapse_shape %[[G]]
// CHECK:         materialize_in_destination %[[C]]
func.func @copy_of_reshape(%m: memref<3x4xf32>, %to: memref<12xf32>) {
  %t = bufferization.to_tensor %m restrict : memref<3x4xf32> to tensor<3x4xf32>
  %c = tensor.collapse_shape %t [[0, 1]] : tensor<3x4xf32> into tensor<12xf32>
  bufferization.materialize_in_destination %c in restrict writable %to : (tensor<12xf32>, memref<12xf32>) -> ()
  return
}

// Tests that what is put into the caller's buffer is a map, and that the rest
// of the buffer is not copied.
// CHECK-LABEL: func.func @insert_in_place(
// CHECK:         %[[B:.*]] = bufferization.to_tensor %{{.*}} : memref<12xf32>
// CHECK-NOT:     extract_slice
// CHECK:         %[[M:.*]] = tseq.map
// CHECK:         %[[G:.*]] = tseq.get %[[M]][0]
// CHECK:         tensor.insert_slice %[[G]] into %[[B]][2] [4] [1]
func.func @insert_in_place(%m: memref<4xf32>, %to: memref<12xf32>) {
  %b = bufferization.to_tensor %to restrict writable : memref<12xf32> to tensor<12xf32>
  %t = bufferization.to_tensor %m restrict : memref<4xf32> to tensor<4xf32>
  %r = tensor.insert_slice %t into %b[2] [4] [1] : tensor<4xf32> into tensor<12xf32>
  bufferization.materialize_in_destination %r in restrict writable %to : (tensor<12xf32>, memref<12xf32>) -> ()
  return
}

// Tests that rows that no slice replaces are slices of a new tensor.
// CHECK-LABEL: func.func @insert_elsewhere(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<1x3xf32>, %[[B:[^:]*]]: tensor<4x3xf32>
// CHECK:         %[[E:.*]] = tensor.empty() : tensor<4x3xf32>
// CHECK:         tensor.extract_slice %[[B]][0, 0] [1, 3] [1, 1]
// CHECK:         %[[B0:.*]] = tensor.insert_slice %{{.*}} into %[[E]][0, 0] [1, 3] [1, 1]
// CHECK:         tensor.extract_slice %[[B]][2, 0] [2, 3] [1, 1]
// CHECK:         %[[B1:.*]] = tensor.insert_slice %{{.*}} into %[[B0]][2, 0] [2, 3] [1, 1]
// CHECK:         %[[B2:.*]] = tensor.insert_slice %{{.*}} into %[[B1]][1, 0] [1, 3] [1, 1]
// CHECK:         return %[[B2]]
func.func @insert_elsewhere(%x: tensor<1x3xf32>, %b: tensor<4x3xf32>) -> tensor<4x3xf32> {
  %r = tensor.insert_slice %x into %b[1, 0] [1, 3] [1, 1] : tensor<1x3xf32> into tensor<4x3xf32>
  return %r : tensor<4x3xf32>
}

// Tests that a concatenation is put together from maps.
// CHECK-LABEL: func.func @concatenation(
// CHECK-COUNT-2: tseq.map
// CHECK-NOT:     tensor.concat
// CHECK:         return
func.func @concatenation(%x: tensor<4xf32>, %y: tensor<3xf32>) -> tensor<7xf32> {
  %r = tensor.concat dim(0) %x, %y : (tensor<4xf32>, tensor<3xf32>) -> tensor<7xf32>
  return %r : tensor<7xf32>
}

// Tests that what a loop carries is not copied, and that a slice with gaps is
// left as it is.
// CHECK-LABEL: func.func @kept_slices(
// CHECK:         scf.for {{.*}} iter_args(%[[A:.*]] = %{{.*}}) -> (tensor<12xf32>)
// CHECK-NOT:       extract_slice
// CHECK:           tensor.insert_slice %{{.*}} into %[[A]][2] [4] [1]
// CHECK:         }
// CHECK-NOT:     tseq.map
// CHECK:         tensor.insert_slice %{{.*}} into %{{.*}}[0] [4] [2]
func.func @kept_slices(%x: tensor<4xf32>, %b: tensor<12xf32>, %n: index) -> tensor<12xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %b) -> tensor<12xf32> {
    %k = tensor.insert_slice %x into %a[2] [4] [1] : tensor<4xf32> into tensor<12xf32>
    scf.yield %k : tensor<12xf32>
  }
  %s = tensor.insert_slice %x into %r[0] [4] [2] : tensor<4xf32> into tensor<12xf32>
  return %s : tensor<12xf32>
}

// Tests that work on a given tensor of one element is a map like that on its
// neighbours, and so is what follows, but not work on a computed scalar.
// CHECK-LABEL: func.func @one_element(
// CHECK-NOT:     tseq.scalar
// CHECK-COUNT-2: tseq.map
// CHECK:         tseq.reduce
// CHECK:         tseq.scalar
// CHECK-NOT:     tseq.map
// CHECK:         return
func.func @one_element(%x: tensor<1xf32>) -> tensor<1xf32> {
  %e = tensor.empty() : tensor<1xf32>
  %0 = linalg.generic {indexing_maps = [#i, #i], iterator_types = ["parallel"]}
      ins(%x : tensor<1xf32>) outs(%e : tensor<1xf32>) {
  ^bb0(%in: f32, %o: f32):
    %y = math.absf %in : f32
    linalg.yield %y : f32
  } -> tensor<1xf32>
  %1 = linalg.generic {indexing_maps = [#i, #i], iterator_types = ["parallel"]}
      ins(%0 : tensor<1xf32>) outs(%e : tensor<1xf32>) {
  ^bb0(%in: f32, %o: f32):
    %y = math.sqrt %in : f32
    linalg.yield %y : f32
  } -> tensor<1xf32>
  %zero = arith.constant 0.0 : f32
  %s = tensor.empty() : tensor<f32>
  %f = linalg.fill ins(%zero : f32) outs(%s : tensor<f32>) -> tensor<f32>
  %2 = linalg.generic {indexing_maps = [#i, #none], iterator_types = ["reduction"]}
      ins(%1 : tensor<1xf32>) outs(%f : tensor<f32>) {
  ^bb0(%in: f32, %acc: f32):
    %y = arith.addf %acc, %in : f32
    linalg.yield %y : f32
  } -> tensor<f32>
  %3 = tensor.expand_shape %2 [] output_shape [1] : tensor<f32> into tensor<1xf32>
  %4 = linalg.generic {indexing_maps = [#i, #i], iterator_types = ["parallel"]}
      ins(%3 : tensor<1xf32>) outs(%e : tensor<1xf32>) {
  ^bb0(%in: f32, %o: f32):
    %y = math.sqrt %in : f32
    linalg.yield %y : f32
  } -> tensor<1xf32>
  return %4 : tensor<1xf32>
}
