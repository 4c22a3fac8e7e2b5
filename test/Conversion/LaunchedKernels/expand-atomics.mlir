// RUN: graph-opt %s --expand-atomics | FileCheck %s
// RUN: graph-opt %s --expand-atomics --convert-to-llvm --reconcile-unrealized-casts | FileCheck %s --check-prefix=LLVM

// Tests that atomic updates of floats compare integers, which is what machines
// can do, and that the cast of the memref goes in the lowering.

// CHECK-LABEL: func.func @float
// CHECK-SAME:    (%[[M:.*]]: memref<8xf32>, %[[I:.*]]: index, %[[V:.*]]: f32)
// CHECK:         %[[N:.*]] = builtin.unrealized_conversion_cast %[[M]] : memref<8xf32> to memref<8xi32>
// CHECK-NEXT:    %[[B:.*]] = memref.generic_atomic_rmw %[[N]][%[[I]]] : memref<8xi32> {
// CHECK-NEXT:    ^bb0(%[[Z:.*]]: i32):
// CHECK-NEXT:      %[[X:.*]] = arith.bitcast %[[Z]] : i32 to f32
// CHECK-NEXT:      %[[Y:.*]] = arith.divf %[[X]], %[[V]] : f32
// CHECK-NEXT:      %[[W:.*]] = arith.bitcast %[[Y]] : f32 to i32
// CHECK-NEXT:      memref.atomic_yield %[[W]] : i32
// CHECK:         %[[R:.*]] = arith.bitcast %[[B]] : i32 to f32
// CHECK-NEXT:    return %[[R]]
// LLVM-LABEL:  llvm.func @float
// LLVM:          llvm.cmpxchg %{{.*}} acq_rel monotonic : !llvm.ptr, i32
// LLVM-NOT:      unrealized
func.func @float(%m: memref<8xf32>, %i: index, %v: f32) -> f32 {
  %r = memref.generic_atomic_rmw %m[%i] : memref<8xf32> {
  ^bb0(%x: f32):
    %y = arith.divf %x, %v : f32
    memref.atomic_yield %y : f32
  }
  return %r : f32
}

// Tests that products, for which there is no instruction, are computed in a loop
// of comparisons.
// CHECK-LABEL: func.func @products
// CHECK:         memref.generic_atomic_rmw %{{.*}} : memref<8xi64>
// CHECK:           arith.mulf %{{.*}} : f64
// CHECK:         memref.generic_atomic_rmw %{{.*}} : memref<8xi32>
// CHECK-NEXT:    ^bb0(%[[X:.*]]: i32):
// CHECK-NEXT:      arith.muli %[[X]], %{{.*}} : i32
// LLVM-LABEL:  llvm.func @products
// LLVM-COUNT-2:  llvm.cmpxchg
func.func @products(%m: memref<8xf64>, %n: memref<8xi32>, %i: index, %v: f64, %w: i32) {
  %0 = memref.atomic_rmw mulf %v, %m[%i] : (f64, memref<8xf64>) -> f64
  %1 = memref.atomic_rmw muli %w, %n[%i] : (i32, memref<8xi32>) -> i32
  return
}

// Tests that what LLVM can do stays.
// CHECK-LABEL: func.func @kept
// CHECK:         memref.atomic_rmw addf
// CHECK:         memref.generic_atomic_rmw %{{.*}} : memref<8xi32> {
// CHECK-NEXT:    ^bb0(%[[X:.*]]: i32):
// CHECK-NEXT:      memref.atomic_yield %[[X]]
// LLVM-LABEL:  llvm.func @kept
// LLVM:          llvm.atomicrmw fadd
func.func @kept(%m: memref<8xf32>, %n: memref<8xi32>, %i: index, %v: f32) {
  %0 = memref.atomic_rmw addf %v, %m[%i] : (f32, memref<8xf32>) -> f32
  %1 = memref.generic_atomic_rmw %n[%i] : memref<8xi32> {
  ^bb0(%x: i32):
    memref.atomic_yield %x : i32
  }
  return
}
