// RUN: graph-opt %s --raise-to-sequences --canonicalize --split-input-file --verify-diagnostics --remarks-filter="graph-opt.*" --remark-policy=all | FileCheck %s

// Tests that ops of arith on tensors become a map, one for a chain, which says how
// many they were; a tensor that is read twice is one input, a splat constant is in
// the body.
// CHECK-LABEL: func.func @map(
// CHECK-SAME:    %[[X:.*]]: tensor<4xf32>)
// CHECK:         %[[S:.*]] = tseq.pack %[[X]]
// CHECK:         %[[R:.*]] = tseq.map ins(%[[S]] : {{.*}}) ->
// CHECK-SAME:        {graphopt.parts = {bytes = 64 : i64, kernels = 2 : i64}}
// CHECK-NEXT:      ^bb0(%[[E:.*]]: f32):
// CHECK-NEXT:        %[[TWO:.*]] = arith.constant 2.0
// CHECK-NEXT:        %[[M:.*]] = arith.mulf %[[E]], %[[E]] fastmath<nnan> : f32
// CHECK-NEXT:        %[[A:.*]] = arith.addf %[[M]], %[[TWO]] : f32
// CHECK-NEXT:        tseq.yield %[[A]]
// CHECK:         tseq.get %[[R]][0]
func.func @map(%x: tensor<4xf32>) -> tensor<4xf32> {
  %two = arith.constant dense<2.0> : tensor<4xf32>
  %q = arith.mulf %x, %x fastmath<nnan> : tensor<4xf32>
  %y = arith.addf %q, %two : tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

// Tests that a value which two ops of one chain read does not divide it.
// CHECK-LABEL: func.func @diamond(
// CHECK:         tseq.map
// CHECK:           %[[M:.*]] = arith.mulf
// CHECK-NEXT:      %[[A:.*]] = math.absf %[[M]]
// CHECK-NEXT:      %[[N:.*]] = arith.negf %[[M]]
// CHECK-NEXT:      arith.addf %[[A]], %[[N]]
// CHECK-NOT:     tseq.map
func.func @diamond(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %m = arith.mulf %x, %y : tensor<4xf32>
  %a = math.absf %m : tensor<4xf32>
  %n = arith.negf %m : tensor<4xf32>
  %r = arith.addf %a, %n : tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

// Tests that what others read ends a chain, as does what the host may wait for or
// write in between, and an op that asks for a launch of its own.
// CHECK-LABEL: func.func @apart(
// CHECK-COUNT-6: tseq.map
// CHECK-NOT:     tseq.map
func.func private @log(f32)
func.func @apart(%x: tensor<4xf32>, %s: tensor<f32>)
    -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %shared = arith.mulf %x, %x : tensor<4xf32>
  %a = math.absf %shared : tensor<4xf32>
  %before = arith.addf %x, %shared : tensor<4xf32>
  %h = tensor.extract %s[] : tensor<f32>
  func.call @log(%h) : (f32) -> ()
  %b = arith.negf %before : tensor<4xf32>
  %own = math.exp %x {graphopt.launch = "stream"} : tensor<4xf32>
  %c = arith.negf %own : tensor<4xf32>
  return %a, %b, %c : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
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

// Tests that elementwise structured ops are parts of chains, with what their
// bodies capture, one element that is the same for all, and their initial value.
// CHECK-LABEL: func.func @structured_chain(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<4x2xf32>, %[[Y:[^:]*]]: tensor<4x2xf32>, %[[K:[^:]*]]: f32, %[[D:[^:]*]]: tensor<f32>
// CHECK-DAG:     %[[PX:.*]] = tseq.pack %[[X]]
// CHECK-DAG:     %[[PY:.*]] = tseq.pack %[[Y]]
// CHECK-DAG:     %[[S:.*]] = tensor.from_elements %[[K]]
// CHECK:         tseq.map {{.*}}ins(%[[PX]], %[[PY]] : {{.*}}) scalars(%[[D]], %[[S]] :
// CHECK-NEXT:    ^bb0(%[[A:.*]]: f32, %[[B:.*]]: f32, %[[C:.*]]: f32, %[[E:.*]]: f32):
// CHECK-NEXT:      %[[SUM:.*]] = arith.addf %[[A]], %[[B]]
// CHECK-NEXT:      %[[ROOT:.*]] = math.sqrt %[[SUM]]
// CHECK-NEXT:      %[[M:.*]] = arith.mulf %[[ROOT]], %[[C]]
// CHECK-NEXT:      %[[N:.*]] = arith.addf %[[M]], %[[E]]
// CHECK-NEXT:      %[[L:.*]] = arith.subf %[[N]], %[[A]]
// CHECK-NEXT:      %[[Z:.*]] = arith.negf %[[L]]
// CHECK-NEXT:      tseq.yield %[[Z]]
// CHECK-NOT:     linalg
func.func @structured_chain(%x: tensor<4x2xf32>, %y: tensor<4x2xf32>, %k: f32, %d: tensor<f32>) -> tensor<4x2xf32> {
  %e = tensor.empty() : tensor<4x2xf32>
  %sum = linalg.add ins(%x, %y : tensor<4x2xf32>, tensor<4x2xf32>) outs(%e : tensor<4x2xf32>) -> tensor<4x2xf32>
  %root = math.sqrt %sum : tensor<4x2xf32>
  %scaled = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> ()>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%root, %d : tensor<4x2xf32>, tensor<f32>) outs(%e : tensor<4x2xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.mulf %a, %b : f32
    %n = arith.addf %m, %k : f32
    linalg.yield %n : f32
  } -> tensor<4x2xf32>
  %less = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%scaled : tensor<4x2xf32>) outs(%x : tensor<4x2xf32>) {
  ^bb0(%a: f32, %o: f32):
    %m = arith.subf %a, %o : f32
    linalg.yield %m : f32
  } -> tensor<4x2xf32>
  %r = linalg.map { arith.negf } ins(%less : tensor<4x2xf32>) outs(%e : tensor<4x2xf32>)
  return %r : tensor<4x2xf32>
}

// Tests that a structured op that reads rows or another order of elements, and
// one that reads nothing, are no part of a chain.
// CHECK-LABEL: func.func @no_structured_chain(
// CHECK:         linalg.generic
// CHECK:         linalg.transpose
// CHECK:         tseq.map
func.func @no_structured_chain(%x: tensor<4x4xf32>, %row: tensor<4xf32>) -> tensor<4x4xf32> {
  %e = tensor.empty() : tensor<4x4xf32>
  // expected-remark @+1 {{not-raised}}
  %rows = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> (j)>, affine_map<(i, j) -> (i, j)>], iterator_types = ["parallel", "parallel"]}
      ins(%x, %row : tensor<4x4xf32>, tensor<4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %m = arith.mulf %a, %b : f32
    linalg.yield %m : f32
  } -> tensor<4x4xf32>
  // expected-remark @+1 {{not-raised}}
  %turned = linalg.transpose ins(%rows : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) permutation = [1, 0]
  %r = arith.negf %turned : tensor<4x4xf32>
  return %r : tensor<4x4xf32>
}
