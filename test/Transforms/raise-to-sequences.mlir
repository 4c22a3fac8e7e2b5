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
