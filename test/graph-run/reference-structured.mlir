// RUN: graph-run %s --entry=matmul --reference-only --print | FileCheck %s --check-prefix=MATMUL
// RUN: graph-run %s --entry=sum_in_f64 --reference-only --print | FileCheck %s --check-prefix=SUM
// RUN: graph-run %s --entry=argmax --reference-only --print | FileCheck %s --check-prefix=ARGMAX
// RUN: graph-run %s --entry=permutes --reference-only --print | FileCheck %s --check-prefix=PERMUTE
// RUN: graph-run %s --entry=body_with_branch --reference-only --print | FileCheck %s --check-prefix=BRANCH
// RUN: graph-run %s --entry=empty_is_identity --reference-only --print | FileCheck %s --check-prefix=EMPTY
// RUN: graph-run %s --entry=slices --reference-only --print | FileCheck %s --check-prefix=SLICES
// RUN: graph-run %s --entry=gathers --reference-only --print | FileCheck %s --check-prefix=GATHER

// Tests that named ops are evaluated by their bodies.
// MATMUL: result0 = f32 [2, 2]: 58 64 139 154
func.func @matmul() -> tensor<2x2xf32> {
  %a = arith.constant dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
  %b = arith.constant dense<[[7.0, 8.0], [9.0, 10.0], [11.0, 12.0]]> : tensor<3x2xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<2x2xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<2x2xf32>) -> tensor<2x2xf32>
  %0 = linalg.matmul ins(%a, %b : tensor<2x3xf32>, tensor<3x2xf32>)
                     outs(%init : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// Tests that a sum of many f32 is accumulated in f64 and rounded once: in f32
// it would stop growing at 2^24.
// SUM: result0 = f32 []: 20000000
func.func @sum_in_f64() -> tensor<f32> {
  %one = arith.constant 1.0 : f32
  %empty = tensor.empty() : tensor<20000000xf32>
  %ones = linalg.fill ins(%one : f32) outs(%empty : tensor<20000000xf32>) -> tensor<20000000xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %0 = linalg.reduce { arith.addf } ins(%ones : tensor<20000000xf32>)
                                    outs(%zero : tensor<f32>) dimensions = [0]
  return %0 : tensor<f32>
}

// Tests a reduction with two results that depend on each other.
// ARGMAX:      result0 = f32 []: 7
// ARGMAX-NEXT: result1 = index []: 2
func.func @argmax() -> (tensor<f32>, tensor<index>) {
  %a = arith.constant dense<[3.0, -1.0, 7.0, 7.0, 0.5]> : tensor<5xf32>
  %lowest = arith.constant dense<0xFF800000> : tensor<f32>
  %zero = arith.constant dense<0> : tensor<index>
  %0:2 = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>, affine_map<(i) -> ()>],
      iterator_types = ["reduction"]}
      ins(%a : tensor<5xf32>) outs(%lowest, %zero : tensor<f32>, tensor<index>) {
  ^bb0(%x: f32, %best: f32, %at: index):
    %i = linalg.index 0 : index
    %larger = arith.cmpf ogt, %x, %best : f32
    %value = arith.select %larger, %x, %best : f32
    %index = arith.select %larger, %i, %at : index
    linalg.yield %value, %index : f32, index
  } -> (tensor<f32>, tensor<index>)
  return %0#0, %0#1 : tensor<f32>, tensor<index>
}

// Tests permuted and constant indexing maps.
// PERMUTE:      result0 = i32 [3, 2]: 1 4 2 5 3 6
// PERMUTE-NEXT: result1 = i32 [3]: 4 5 6
func.func @permutes() -> (tensor<3x2xi32>, tensor<3xi32>) {
  %a = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %e0 = tensor.empty() : tensor<3x2xi32>
  %0 = linalg.transpose ins(%a : tensor<2x3xi32>) outs(%e0 : tensor<3x2xi32>) permutation = [1, 0]
  %e1 = tensor.empty() : tensor<3xi32>
  %1 = linalg.generic {
      indexing_maps = [affine_map<(i) -> (1, i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]}
      ins(%a : tensor<2x3xi32>) outs(%e1 : tensor<3xi32>) {
  ^bb0(%x: i32, %out: i32):
    linalg.yield %x : i32
  } -> tensor<3xi32>
  return %0, %1 : tensor<3x2xi32>, tensor<3xi32>
}

// Tests that a body with control flow is interpreted point by point.
// BRANCH: result0 = f32 [4]: 0 4 0 16
func.func @body_with_branch() -> tensor<4xf32> {
  %a = arith.constant dense<[-1.0, 2.0, -3.0, 4.0]> : tensor<4xf32>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<4xf32>
  %0 = linalg.map ins(%a : tensor<4xf32>) outs(%empty : tensor<4xf32>)
    (%x: f32, %out: f32) {
      %positive = arith.cmpf ogt, %x, %zero : f32
      %value = scf.if %positive -> f32 {
        %square = arith.mulf %x, %x : f32
        scf.yield %square : f32
      } else {
        scf.yield %zero : f32
      }
      linalg.yield %value : f32
    }
  return %0 : tensor<4xf32>
}

// Tests that the sum of nothing is the initial value.
// EMPTY:      result0 = f64 []: 2.5
// EMPTY-NEXT: result1 = f32 [0, 4]:
func.func @empty_is_identity() -> (tensor<f64>, tensor<0x4xf32>) {
  %none = tensor.empty() : tensor<0xf64>
  %init = arith.constant dense<2.5> : tensor<f64>
  %0 = linalg.reduce { arith.addf } ins(%none : tensor<0xf64>)
                                    outs(%init : tensor<f64>) dimensions = [0]
  %rows = tensor.empty() : tensor<0x4xf32>
  %1 = arith.negf %rows : tensor<0x4xf32>
  return %0, %1 : tensor<f64>, tensor<0x4xf32>
}

// Tests that a body may read other tensors at computed indices.
// GATHER: result0 = bf16 [3]: 30 10 20
func.func @gathers() -> tensor<3xbf16> {
  %table = arith.constant dense<[10.0, 20.0, 30.0]> : tensor<3xbf16>
  %at = arith.constant dense<[2, 0, 1]> : tensor<3xi32>
  %empty = tensor.empty() : tensor<3xbf16>
  %0 = linalg.map ins(%at : tensor<3xi32>) outs(%empty : tensor<3xbf16>)
    (%i: i32, %out: bf16) {
      %index = arith.index_cast %i : i32 to index
      %x = tensor.extract %table[%index] : tensor<3xbf16>
      linalg.yield %x : bf16
    }
  return %0 : tensor<3xbf16>
}

// Tests slices selected by tuples of coordinates, both ways.
// SLICES:      result0 = i32 [2, 2]: 1 3 4 6
// SLICES-NEXT: result1 = i32 [2, 3]: -1 2 -3 -4 5 -6
// SLICES-NEXT: result2 = i32 [2]: 1065353216 -1073741824
func.func @slices() -> (tensor<2x2xi32>, tensor<2x3xi32>, tensor<2xi32>) {
  %whole = arith.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %columns = arith.constant dense<[[0], [2]]> : tensor<2x1xindex>
  %0 = tensor.gather %whole[%columns] gather_dims([1])
    : (tensor<2x3xi32>, tensor<2x1xindex>) -> tensor<2x2xi32>
  %zero = arith.constant dense<0> : tensor<2x2xi32>
  %negative = arith.subi %zero, %0 : tensor<2x2xi32>
  %1 = tensor.scatter %negative into %whole[%columns] scatter_dims([1]) unique
    : (tensor<2x2xi32>, tensor<2x3xi32>, tensor<2x1xindex>) -> tensor<2x3xi32>
  %floats = arith.constant dense<[1.0, -2.0]> : tensor<2xf32>
  %2 = tensor.bitcast %floats : tensor<2xf32> to tensor<2xi32>
  %transposed = linalg.transpose ins(%0 : tensor<2x2xi32>) outs(%zero : tensor<2x2xi32>) permutation = [1, 0]
  return %transposed, %1, %2 : tensor<2x2xi32>, tensor<2x3xi32>, tensor<2xi32>
}
