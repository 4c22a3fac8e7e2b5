// RUN: graph-opt %s --raise-to-sequences | FileCheck %s
// RUN: graph-opt %s --raise-to-sequences --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics

#id = affine_map<(i, j) -> (i, j)>
#ji = affine_map<(i, j) -> (j, i)>
#row = affine_map<(i, j) -> (i)>
#i = affine_map<(i) -> (i)>
#none = affine_map<(i) -> ()>

// Tests that shapes known at run time only are refused.
// CHECK-LABEL: func.func @dynamic_shape
// CHECK:         linalg.map
func.func @dynamic_shape(%a: tensor<?xf32>, %e: tensor<?xf32>) -> tensor<?xf32> {
  // expected-remark @+1 {{dynamic shape or unsupported element type}}
  %0 = linalg.map { math.exp } ins(%a : tensor<?xf32>) outs(%e : tensor<?xf32>)
  return %0 : tensor<?xf32>
}

// Tests that element types no kernel computes with are refused.
// CHECK-LABEL: func.func @complex_elements
// CHECK:         linalg.map
func.func @complex_elements(%a: tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>> {
  %e = tensor.empty() : tensor<4xcomplex<f32>>
  // expected-remark @+1 {{dynamic shape or unsupported element type}}
  %0 = linalg.map { complex.exp } ins(%a : tensor<4xcomplex<f32>>) outs(%e : tensor<4xcomplex<f32>>)
  return %0 : tensor<4xcomplex<f32>>
}

// Tests that integers that do not fill bytes are refused.
// CHECK-LABEL: func.func @odd_integers
// CHECK:         linalg.map
func.func @odd_integers(%a: tensor<4xi7>) -> tensor<4xi7> {
  %e = tensor.empty() : tensor<4xi7>
  // expected-remark @+1 {{dynamic shape or unsupported element type}}
  %0 = linalg.map { arith.addi } ins(%a, %a : tensor<4xi7>, tensor<4xi7>) outs(%e : tensor<4xi7>)
  return %0 : tensor<4xi7>
}

// Tests that broadcasts and transposes are refused.
// CHECK-LABEL: func.func @broadcast_and_transpose
// CHECK:         linalg.generic
// CHECK:         linalg.generic
func.func @broadcast_and_transpose(%a: tensor<4x4xf32>, %b: tensor<4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %e = tensor.empty() : tensor<4x4xf32>
  // expected-remark @+1 {{neither elementwise nor a full reduction}}
  %0 = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a, %b : tensor<4x4xf32>, tensor<4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%x: f32, %y: f32, %o: f32):
    %s = arith.addf %x, %y : f32
    linalg.yield %s : f32
  } -> tensor<4x4xf32>
  // expected-remark @+1 {{neither elementwise nor a full reduction}}
  %1 = linalg.generic {indexing_maps = [#ji, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<4x4xf32>) outs(%e : tensor<4x4xf32>) {
  ^bb0(%x: f32, %o: f32):
    linalg.yield %x : f32
  } -> tensor<4x4xf32>
  return %0, %1 : tensor<4x4xf32>, tensor<4x4xf32>
}

// Tests that reductions of rows and contractions are refused.
// CHECK-LABEL: func.func @partial_reductions
// CHECK:         linalg.reduce
// CHECK:         linalg.matmul
func.func @partial_reductions(%a: tensor<4x4xf32>, %z: tensor<4xf32>, %m: tensor<4x4xf32>) -> (tensor<4xf32>, tensor<4x4xf32>) {
  // expected-remark @+1 {{neither elementwise nor a full reduction}}
  %0 = linalg.reduce { arith.addf } ins(%a : tensor<4x4xf32>) outs(%z : tensor<4xf32>) dimensions = [1]
  // expected-remark @+1 {{neither elementwise nor a full reduction}}
  %1 = linalg.matmul ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>) outs(%m : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4x4xf32>
}

// Tests that a reduction that depends on its order is refused.
// CHECK-LABEL: func.func @ordered_reduction
// CHECK:         linalg.generic
func.func @ordered_reduction(%a: tensor<4xf32>, %z: tensor<f32>) -> tensor<f32> {
  // expected-remark @+1 {{neither elementwise nor a full reduction}}
  %0 = linalg.generic {indexing_maps = [#i, #none], iterator_types = ["reduction"]}
      ins(%a : tensor<4xf32>) outs(%z : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %s = arith.subf %x, %acc : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  return %0 : tensor<f32>
}

// Tests that a reduction whose accumulator is used twice is refused.
// CHECK-LABEL: func.func @accumulator_used_twice
// CHECK:         linalg.generic
func.func @accumulator_used_twice(%a: tensor<4xf32>, %z: tensor<f32>) -> tensor<f32> {
  // expected-remark @+1 {{neither elementwise nor a full reduction}}
  %0 = linalg.generic {indexing_maps = [#i, #none], iterator_types = ["reduction"]}
      ins(%a : tensor<4xf32>) outs(%z : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %t = arith.mulf %x, %acc : f32
    %s = arith.addf %t, %acc : f32
    linalg.yield %s : f32
  } -> tensor<f32>
  return %0 : tensor<f32>
}

// Tests that a body that uses its place is refused.
// CHECK-LABEL: func.func @index_in_body
// CHECK:         linalg.generic
func.func @index_in_body() -> tensor<4xindex> {
  %e = tensor.empty() : tensor<4xindex>
  // expected-remark @+1 {{body holds more than arith and math}}
  %0 = linalg.generic {indexing_maps = [#i], iterator_types = ["parallel"]} outs(%e : tensor<4xindex>) {
  ^bb0(%o: index):
    %n = linalg.index 0 : index
    linalg.yield %n : index
  } -> tensor<4xindex>
  return %0 : tensor<4xindex>
}

// Tests that ops on memory are refused.
// CHECK-LABEL: func.func @on_memory
// CHECK:         linalg.map
func.func @on_memory(%m: memref<4xf32>) {
  // expected-remark @+1 {{works on buffers}}
  linalg.map { math.exp } ins(%m : memref<4xf32>) outs(%m : memref<4xf32>)
  return
}
