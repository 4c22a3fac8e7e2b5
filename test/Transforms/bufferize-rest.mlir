// RUN: graph-opt %s --bufferize-rest --split-input-file | FileCheck %s
// RUN: graph-opt %s --bufferize-rest="max-analyzed-ops=0" --split-input-file | FileCheck %s --check-prefix=COPY

// Tests that tensors outside of regions get memory, and that a tensor argument,
// which is the caller's value, is not written.
// CHECK-LABEL: func.func @argument(
// CHECK-SAME:    %[[A:[^:]*]]: memref<?xf32>
// CHECK:         %[[NEW:.*]] = memref.alloc
// CHECK:         linalg.map { math.exp } ins({{.*}}) outs(%[[NEW]]
// CHECK:         return %[[NEW]]
func.func @argument(%a: tensor<?xf32>) -> tensor<?xf32> {
  %0 = linalg.map { math.exp } ins(%a : tensor<?xf32>) outs(%a : tensor<?xf32>)
  return %0 : tensor<?xf32>
}

// -----

// Tests that a chain works in place, unless it is too long to be analyzed.
// CHECK-LABEL: func.func @chain(
// CHECK-COUNT-1: memref.alloc
// CHECK-NOT:     memref.alloc
// CHECK:         return
// COPY-LABEL: func.func @chain(
// COPY-COUNT-2: memref.alloc
func.func @chain(%a: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %e = tensor.empty(%n) : tensor<?xf32>
  %0 = linalg.map { math.exp } ins(%a : tensor<?xf32>) outs(%e : tensor<?xf32>)
  %1 = linalg.map { math.absf } ins(%0 : tensor<?xf32>) outs(%0 : tensor<?xf32>)
  return %1 : tensor<?xf32>
}

// -----

// Tests that a module without tensors stays as it is.
// CHECK-LABEL: func.func @no_tensors(
// CHECK-NEXT:    memref.copy
// CHECK-NEXT:    return
func.func @no_tensors(%m: memref<4xf32>, %k: memref<4xf32>) {
  memref.copy %m, %k : memref<4xf32> to memref<4xf32>
  return
}

// -----

// Tests that a copy to memory with gaps needs no library.
// CHECK-LABEL: func.func @strided_copy(
// CHECK:         linalg.generic
// CHECK-NOT:     memref.copy
func.func @strided_copy(%m: memref<4x4xf32, strided<[8, 2]>>, %t: tensor<4x4xf32>) {
  bufferization.materialize_in_destination %t in restrict writable %m : (tensor<4x4xf32>, memref<4x4xf32, strided<[8, 2]>>) -> ()
  return
}

// -----

// Tests that such a copy needs none in a module without tensors either.
// CHECK-LABEL: func.func @only_strided_copy(
// CHECK:         linalg.generic
// CHECK-NOT:     memref.copy
// CHECK:         return
func.func @only_strided_copy(%m: memref<4x4xf32, strided<[8, 2]>>, %k: memref<4x4xf32>) {
  memref.copy %m, %k : memref<4x4xf32, strided<[8, 2]>> to memref<4x4xf32>
  return
}

// -----

// Tests that functions that call each other agree on memory, however long the
// module is.
// CHECK-LABEL: func.func private @callee(
// CHECK-SAME:    memref<4xf32{{.*}}>) -> memref<4xf32
// CHECK-LABEL: func.func @caller(
// CHECK:         call @callee(%{{.*}}) : (memref<4xf32{{.*}}>) -> memref<4xf32
// COPY-LABEL: func.func @caller(
// COPY:         call @callee(%{{.*}}) : (memref<4xf32{{.*}}>) -> memref<4xf32
func.func private @callee(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = linalg.map { math.exp } ins(%a : tensor<4xf32>) outs(%a : tensor<4xf32>)
  return %0 : tensor<4xf32>
}
func.func @caller(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = call @callee(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
