// RUN: graph-opt %s --use-device-memory --split-input-file --verify-diagnostics

// Tests that another op of the host that touches memory is refused.
func.func @atomic(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %m: memref<4xf32>, %i: index, %x: f32) -> f32 {
  // expected-error @+1 {{runs on the host, but its memory is on the device; no copy to the host exists for this op}}
  %y = memref.atomic_rmw addf %x, %m[%i] : (f32, memref<4xf32>) -> f32
  return %y : f32
}

// -----

// Tests that structured ops, which become loops before, are refused.
func.func @structured(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %m: memref<4xf32>, %x: f32) {
  // expected-error @+1 {{runs on the host, but its memory is on the device}}
  linalg.fill ins(%x : f32) outs(%m : memref<4xf32>)
  return
}

// -----

// Tests that vectors of memory are refused.
func.func @vector(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %m: memref<4xf32>, %i: index) -> vector<4xf32> {
  // expected-error @+1 {{runs on the host, but its memory is on the device}}
  %v = vector.load %m[%i] : memref<4xf32>, vector<4xf32>
  return %v : vector<4xf32>
}

// -----

// Tests that a function that works with memory needs the context.
func.func @no_context(%m: memref<4xf32>) {
  // expected-error @+3 {{needs an argument of its function that is marked graphopt.context; pack-entry-points adds one}}
  // expected-error @+2 {{marked graphopt.stream; pack-entry-points adds one}}
  // expected-error @+1 {{failed to legalize}}
  memref.dealloc %m : memref<4xf32>
  return
}

// -----

// Tests that a copy whose rank is not known is refused.
func.func @unranked_copy(%c: !llvm.ptr {graphopt.context}, %s: !llvm.ptr {graphopt.stream}, %a: memref<*xf32>, %b: memref<*xf32>) {
  // expected-error @+1 {{no copy of unranked device memory exists}}
  memref.copy %a, %b : memref<*xf32> to memref<*xf32>
  return
}
