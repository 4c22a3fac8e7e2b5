// RUN: graph-opt %s --expand-index-casts | FileCheck %s
// RUN: graph-opt %s --expand-index-casts --canonicalize | FileCheck %s --check-prefix=FOLDED

// Tests that casts that lose bits, and those back, are in two steps, so that
// folding the pair keeps what is lost.
// CHECK-LABEL: func.func @there_and_back(
// CHECK-SAME:    %[[X:.*]]: index)
// CHECK:         %[[A:.*]] = arith.index_castui %[[X]] : index to i64
// CHECK:         %[[B:.*]] = arith.trunci %[[A]] : i64 to i1
// CHECK:         %[[C:.*]] = arith.extui %[[B]] : i1 to i64
// CHECK:         %[[D:.*]] = arith.index_castui %[[C]] : i64 to index
// CHECK:         return %[[D]]
// FOLDED-LABEL: func.func @there_and_back(
// FOLDED-SAME:    %[[X:.*]]: index)
// FOLDED-NOT:     return %[[X]]
// FOLDED:         return
func.func @there_and_back(%x: index) -> index {
  %0 = arith.index_castui %x : index to i1
  %1 = arith.index_castui %0 : i1 to index
  return %1 : index
}

// CHECK-LABEL: func.func @signed_elements(
// CHECK:         arith.extsi %{{.*}} : tensor<4xi8> to tensor<4xi64>
// CHECK-NEXT:    arith.index_cast %{{.*}} : tensor<4xi64> to tensor<4xindex>
func.func @signed_elements(%x: tensor<4xi8>) -> tensor<4xindex> {
  %0 = arith.index_cast %x : tensor<4xi8> to tensor<4xindex>
  return %0 : tensor<4xindex>
}

// Tests that a cast that keeps all bits stays.
// CHECK-LABEL: func.func @same_width(
// CHECK-NEXT:    arith.index_cast %{{.*}} : index to i64
// CHECK-NEXT:    return
func.func @same_width(%x: index) -> i64 {
  %0 = arith.index_cast %x : index to i64
  return %0 : i64
}
