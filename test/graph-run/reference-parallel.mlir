// RUN: graph-run %s --entry=forall --reference-only --print | FileCheck %s --check-prefix=FORALL
// RUN: graph-run %s --entry=parallel --arg 0=2 --reference-only --print | FileCheck %s --check-prefix=PARALLEL
// RUN: graph-run %s --entry=loops --arg 0=1 --arg 1=6 --reference-only --print | FileCheck %s --check-prefix=LOOPS
// RUN: graph-run %s --entry=indices --arg 0=37 --reference-only | FileCheck %s --check-prefix=INDICES

// Tests that every iteration of a forall reads its outputs as they were before.
// FORALL: result0 = i32 [4]: 13 12 11 10
func.func @forall() -> tensor<4xi32> {
  %ten = arith.constant dense<10> : tensor<1xi32>
  %init = arith.constant dense<[0, 1, 2, 3]> : tensor<4xi32>
  %0 = scf.forall (%i) in (4) shared_outs(%out = %init) -> (tensor<4xi32>) {
    %other = affine.apply affine_map<(i) -> (3 - i)>(%i)
    %old = tensor.extract_slice %out[%other] [1] [1] : tensor<4xi32> to tensor<1xi32>
    %new = arith.addi %old, %ten : tensor<1xi32>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %new into %out[%i] [1] [1] : tensor<1xi32> into tensor<4xi32>
    }
  }
  return %0 : tensor<4xi32>
}

// Tests a parallel loop over two indices that writes a buffer and reduces.
// PARALLEL:      result0 = 24 : f32
// PARALLEL-NEXT: arg0 = f32 [3, 2]: 4 4 4 4 4 4
func.func @parallel(%m: memref<3x2xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c3 = arith.constant 3 : index
  %zero = arith.constant 0.0 : f32
  %sum = scf.parallel (%i, %j) = (%c0, %c0) to (%c3, %c2) step (%c1, %c1) init (%zero) -> f32 {
    %x = memref.load %m[%i, %j] : memref<3x2xf32>
    %y = arith.mulf %x, %x : f32
    memref.store %y, %m[%i, %j] : memref<3x2xf32>
    scf.reduce(%y : f32) {
    ^bb0(%a: f32, %b: f32):
      %next = arith.addf %a, %b : f32
      scf.reduce.return %next : f32
    }
  }
  return %sum : f32
}

// Tests affine loops with bounds that are minima, accesses and conditions.
// LOOPS:      result0 = 4 : f32
// LOOPS-NEXT: arg0 = f32 [2, 4]: 0 2 0 2 6 2 8 2
func.func @loops(%m: memref<2x4xf32>, %n: index) -> f32 {
  %zero = arith.constant 0.0 : f32
  %0 = affine.for %i = 0 to min affine_map<()[s] -> (2, s)>()[%n] iter_args(%a = %zero) -> f32 {
    %1 = affine.for %j = 0 to 4 step 2 iter_args(%b = %a) -> f32 {
      %x = affine.load %m[%i, %j + 1] : memref<2x4xf32>
      affine.store %zero, %m[%i, %j] : memref<2x4xf32>
      %next = arith.addf %b, %x : f32
      affine.if affine_set<(i) : (i - 1 >= 0)>(%i) {
        affine.store %next, %m[%i, %j] : memref<2x4xf32>
      }
      affine.yield %next : f32
    }
    affine.yield %1 : f32
  }
  affine.parallel (%i, %j) = (0, 0) to (2, 4) {
    %x = affine.load %m[%i, %j] : memref<2x4xf32>
    %twice = arith.addf %x, %x : f32
    affine.store %twice, %m[%i, %j] : memref<2x4xf32>
  }
  return %0 : f32
}

// Tests that an index is taken apart and put together.
// INDICES:      result0 = 2 : index
// INDICES-NEXT: result1 = 1 : index
// INDICES-NEXT: result2 = 2 : index
// INDICES-NEXT: result3 = 37 : index
func.func @indices(%n: index) -> (index, index, index, index) {
  %0:3 = affine.delinearize_index %n into (4, 3, 5) : index, index, index
  %1 = affine.linearize_index [%0#0, %0#1, %0#2] by (4, 3, 5) : index
  return %0#0, %0#1, %0#2, %1 : index, index, index, index
}
