// RUN: graph-opt %s --raise-to-sequences --canonicalize --split-input-file --verify-diagnostics --remarks-filter="graph-opt.*" --remark-policy=all | FileCheck %s

// Tests that an op of arith on tensors becomes a map; a tensor that it reads twice
// is one input, a splat constant is in the body.
// CHECK-LABEL: func.func @map(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK:         %[[S:.*]] = tseq.pack %[[X]]
// CHECK:         %[[Q:.*]] = tseq.map ins(%[[S]] : {{.*}}) ->
// CHECK-NEXT:      ^bb0(%[[E:.*]]: f32):
// CHECK-NEXT:        %[[M:.*]] = arith.mulf %[[E]], %[[E]] fastmath<nnan> : f32
// CHECK-NEXT:        tseq.yield %[[M]]
// CHECK:         %[[R:.*]] = tseq.map ins(%[[Q]] : {{.*}}) ->
// CHECK-NEXT:      ^bb0(%[[E:.*]]: f32):
// CHECK:             arith.addf %[[E]], %{{.*}} : f32
// CHECK:         tseq.get %[[R]][0]
func.func @map(%x: tensor<4xf32>) -> tensor<4xf32> {
  %two = arith.constant dense<2.0> : tensor<4xf32>
  %q = arith.mulf %x, %x fastmath<nnan> : tensor<4xf32>
  %y = arith.addf %q, %two : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// Tests that each result has the type of its elements.
// CHECK-LABEL: func.func @types(
// CHECK:         tseq.map {{.*}} -> !tseq.seq<tensor<4xi1>>
// CHECK:           arith.cmpf olt, %{{.*}}, %{{.*}} : f32
// CHECK:         tseq.map {{.*}} -> !tseq.seq<tensor<4xf64>>
// CHECK:           arith.extf %{{.*}} : f32 to f64
func.func @types(%x: tensor<4xf32>, %y: tensor<4xf32>)
    -> (tensor<4xi1>, tensor<4xf64>) {
  %c = arith.cmpf olt, %x, %y : tensor<4xf32>
  %w = arith.extf %x : tensor<4xf32> to tensor<4xf64>
  return %c, %w : tensor<4xi1>, tensor<4xf64>
}

// -----

// Tests that work on a device scalar is a scalar, on a member of a list a map.
// CHECK-LABEL: func.func @one(
// CHECK:         tseq.scalar ins(%{{.*}} : tensor<f32>) -> tensor<f32>
// CHECK:           math.sqrt %{{.*}} : f32
// CHECK:         tseq.map
// CHECK:           math.sqrt %{{.*}} : f32
func.func @one(%s: tensor<f32>, %m: tensor<1xf32>)
    -> (tensor<f32>, tensor<1xf32>) {
  %a = math.sqrt %s : tensor<f32>
  %b = math.sqrt %m : tensor<1xf32>
  return %a, %b : tensor<f32>, tensor<1xf32>
}

// -----

// Tests that a condition of the host is an upload.
// CHECK-LABEL: func.func @condition(
// CHECK-SAME:    %[[C:.*]]: i1,
// CHECK:         %[[D:.*]] = tensor.from_elements %[[C]] : tensor<i1>
// CHECK:         tseq.map {{.*}} scalars(%[[D]] : tensor<i1>)
// CHECK:           arith.select
func.func @condition(%c: i1, %x: tensor<4xf32>, %y: tensor<4xf32>)
    -> tensor<4xf32> {
  %r = arith.select %c, %x, %y : tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// Tests that what is refused becomes a structured op, with a remark.
// CHECK-LABEL: func.func @dynamic(
// CHECK:         linalg.generic
// CHECK:           arith.addf %{{.*}}, %{{.*}} : f32
func.func @dynamic(%x: tensor<?xf32>) -> tensor<?xf32> {
  // expected-remark @below {{not-raised}}
  %y = arith.addf %x, %x : tensor<?xf32>
  return %y : tensor<?xf32>
}
