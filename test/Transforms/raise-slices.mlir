// RUN: graph-opt %s --raise-to-sequences | FileCheck %s

// Tests that a slice that was put in is taken back as it was.
// CHECK-LABEL: func.func @same(
// CHECK-SAME:    %{{[^:]*}}: tensor<8xf32>, %[[X:[^:]*]]: tensor<4xf32>
// CHECK:         return %[[X]]
func.func @same(%t: tensor<8xf32>, %x: tensor<4xf32>, %at: index) -> tensor<4xf32> {
  %0 = tensor.insert_slice %x into %t[%at] [4] [1] : tensor<4xf32> into tensor<8xf32>
  %1 = tensor.extract_slice %0[%at] [4] [1] : tensor<8xf32> to tensor<4xf32>
  return %1 : tensor<4xf32>
}

// Tests that a slice apart from those that were put in is one of what they were
// put into, and that one in between keeps what it needs only.
// CHECK-LABEL: func.func @apart(
// CHECK:         %[[T:.*]] = tseq.get %{{.*}}
// CHECK:         %[[FIRST:.*]] = tensor.insert_slice %{{.*}} into %[[T]][0] [4] [1]
// CHECK:         %[[A:.*]] = tensor.extract_slice %[[T]][8] [4] [1]
// CHECK:         %[[B:.*]] = tensor.extract_slice %[[FIRST]][2] [2] [2]
// CHECK:         return %[[A]], %[[B]]
func.func @apart(%given: tensor<12xf32>, %x: tensor<2x2xf32>, %y: tensor<2xf32>) -> (tensor<4xf32>, tensor<2xf32>) {
  %t = arith.negf %given : tensor<12xf32>
  %f = tensor.collapse_shape %x [[0, 1]] : tensor<2x2xf32> into tensor<4xf32>
  %0 = tensor.insert_slice %f into %t[0] [4] [1] : tensor<4xf32> into tensor<12xf32>
  %1 = tensor.insert_slice %y into %0[5] [2] [1] : tensor<2xf32> into tensor<12xf32>
  %2 = tensor.extract_slice %1[8] [4] [1] : tensor<12xf32> to tensor<4xf32>
  %3 = tensor.extract_slice %1[2] [2] [2] : tensor<12xf32> to tensor<2xf32>
  return %2, %3 : tensor<4xf32>, tensor<2xf32>
}

// Tests that a part of a slice that was put in is one of what was put in, and
// that one that reaches beyond it is not.
// CHECK-LABEL: func.func @inside(
// CHECK-SAME:    %{{[^:]*}}: tensor<4x8xf32>, %[[X:[^:]*]]: tensor<2x8xf32>
// CHECK:         %[[T:.*]] = tseq.get %{{.*}}
// CHECK:         %[[ALL:.*]] = tensor.insert_slice %{{.*}} into %[[T]][1, 0] [2, 8] [1, 1]
// CHECK:         %[[A:.*]] = tensor.extract_slice %[[X]][1, 3] [1, 2] [1, 2] : tensor<2x8xf32> to tensor<2xf32>
// CHECK:         %[[B:.*]] = tensor.extract_slice %[[ALL]][2, 3] [2, 2] [1, 1]
// CHECK:         return %[[A]], %[[B]]
func.func @inside(%given: tensor<4x8xf32>, %x: tensor<2x8xf32>) -> (tensor<2xf32>, tensor<2x2xf32>) {
  %t = arith.negf %given : tensor<4x8xf32>
  %0 = tensor.insert_slice %x into %t[1, 0] [2, 8] [1, 1] : tensor<2x8xf32> into tensor<4x8xf32>
  %1 = tensor.extract_slice %0[2, 3] [1, 2] [1, 2] : tensor<4x8xf32> to tensor<2xf32>
  %2 = tensor.extract_slice %0[2, 3] [2, 2] [1, 1] : tensor<4x8xf32> to tensor<2x2xf32>
  return %1, %2 : tensor<2xf32>, tensor<2x2xf32>
}

// Tests that slices with gaps that take turns are apart, and that a slice is not
// moved past one at a place that is not known.
// CHECK-LABEL: func.func @turns(
// CHECK:         %[[T:.*]] = tseq.get %{{.*}}
// CHECK:         %[[EVEN:.*]] = tensor.insert_slice %{{.*}} into %[[T]][0] [4] [2]
// CHECK:         %[[ODD:.*]] = tensor.extract_slice %[[T]][1] [4] [2]
// CHECK:         %[[ANY:.*]] = tensor.insert_slice %{{.*}} into %[[EVEN]][%{{.*}}] [4] [1]
// CHECK:         %[[LATER:.*]] = tensor.extract_slice %[[ANY]][1] [4] [2]
// CHECK:         return %[[ODD]], %[[LATER]]
func.func @turns(%given: tensor<8xf32>, %x: tensor<4xf32>, %at: index) -> (tensor<4xf32>, tensor<4xf32>) {
  %t = arith.negf %given : tensor<8xf32>
  %0 = tensor.insert_slice %x into %t[0] [4] [2] : tensor<4xf32> into tensor<8xf32>
  %1 = tensor.extract_slice %0[1] [4] [2] : tensor<8xf32> to tensor<4xf32>
  %2 = tensor.insert_slice %x into %0[%at] [4] [1] : tensor<4xf32> into tensor<8xf32>
  %3 = tensor.extract_slice %2[1] [4] [2] : tensor<8xf32> to tensor<4xf32>
  return %1, %3 : tensor<4xf32>, tensor<4xf32>
}

// Tests that a slice of a version before others were put in does not see them.
// CHECK-LABEL: func.func @older_version(
// CHECK:         %[[OLD:.*]] = tensor.insert_slice %{{.*}} into %{{.*}}[0] [4] [1]
// CHECK:         tensor.extract_slice %[[OLD]][2] [4] [1]
func.func @older_version(%given: tensor<8xf32>, %x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<8xf32>, tensor<4xf32>) {
  %t = arith.negf %given : tensor<8xf32>
  %0 = tensor.insert_slice %x into %t[0] [4] [1] : tensor<4xf32> into tensor<8xf32>
  %1 = tensor.insert_slice %y into %0[2] [4] [1] : tensor<4xf32> into tensor<8xf32>
  %2 = tensor.extract_slice %0[2] [4] [1] : tensor<8xf32> to tensor<4xf32>
  return %1, %2 : tensor<8xf32>, tensor<4xf32>
}

// Tests that a slice of a constant that is the same everywhere is one.
// CHECK-LABEL: func.func @of_fill(
// CHECK:         %[[C:.*]] = arith.constant dense<1.500000e+00> : tensor<4xf32>
// CHECK:         return %[[C]]
func.func @of_fill(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c = arith.constant dense<1.5> : tensor<8xf32>
  %0 = tensor.insert_slice %x into %c[0] [4] [1] : tensor<4xf32> into tensor<8xf32>
  %1 = tensor.extract_slice %0[4] [4] [1] : tensor<8xf32> to tensor<4xf32>
  return %1 : tensor<4xf32>
}
