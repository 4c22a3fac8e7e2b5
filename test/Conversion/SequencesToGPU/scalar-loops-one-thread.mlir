// RUN: graph-opt %s --convert-sequences-to-gpu="threads=64" --canonicalize --split-input-file | FileCheck %s

// Tests that a loop whose end is not known stays with one thread.
// CHECK-LABEL: func.func @dynamic_bounds(
// CHECK:         gpu.func @g_k0(%{{[^:]*}}: !llvm.ptr) kernel
// CHECK:           %[[FIRST:.*]] = arith.cmpi eq
// CHECK-NEXT:      scf.if %[[FIRST]]
// CHECK:             %[[R:.*]] = scf.for
// CHECK-NOT:       gpu.barrier
// CHECK:             llvm.store %[[R]]
// CHECK:           gpu.return
func.func @dynamic_bounds(%m0: memref<16xf32>, %m1: memref<f32>, %m2: memref<i64>, %u0: memref<f32>) {
  tseq.graph "g" (%p0 = %m0, %p1 = %m1, %p2 = %m2, %o0 = %u0) : (memref<16xf32>, memref<f32>, memref<i64>, memref<f32>) -> () {
    tseq.scalar ins(%p0, %p1, %p2 : memref<16xf32>, memref<f32>, memref<i64>) outs(%o0 : memref<f32>) {
    ^bb0(%l0: memref<16xf32>, %l1: f32, %l2: i64):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.index_cast %l2 : i64 to index
      %r = scf.for %k = %c0 to %n step %c1 iter_args(%s = %l1) -> (f32) {
        %x = memref.load %l0[%k] : memref<16xf32>
        %z = arith.addf %s, %x : f32
        scf.yield %z : f32
      }
      tseq.yield %r : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that so does a loop that does not start with turn 0.
// CHECK-LABEL: func.func @other_begin(
// CHECK:         gpu.func @g_k0(%{{[^:]*}}: !llvm.ptr) kernel
// CHECK:           %[[FIRST:.*]] = arith.cmpi eq
// CHECK-NEXT:      scf.if %[[FIRST]]
// CHECK:             %[[R:.*]] = scf.for
// CHECK-NOT:       gpu.barrier
// CHECK:             llvm.store %[[R]]
// CHECK:           gpu.return
func.func @other_begin(%m0: memref<16xf32>, %m1: memref<f32>, %u0: memref<f32>) {
  tseq.graph "g" (%p0 = %m0, %p1 = %m1, %o0 = %u0) : (memref<16xf32>, memref<f32>, memref<f32>) -> () {
    tseq.scalar ins(%p0, %p1 : memref<16xf32>, memref<f32>) outs(%o0 : memref<f32>) {
    ^bb0(%l0: memref<16xf32>, %l1: f32):
      %c0 = arith.constant 1 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 16 : index
      %r = scf.for %k = %c0 to %n step %c1 iter_args(%s = %l1) -> (f32) {
        %x = memref.load %l0[%k] : memref<16xf32>
        %z = arith.addf %s, %x : f32
        scf.yield %z : f32
      }
      tseq.yield %r : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that so does a loop of less than eight turns.
// CHECK-LABEL: func.func @few_turns(
// CHECK:         gpu.func @g_k0(%{{[^:]*}}: !llvm.ptr) kernel
// CHECK:           %[[FIRST:.*]] = arith.cmpi eq
// CHECK-NEXT:      scf.if %[[FIRST]]
// CHECK:             %[[R:.*]] = scf.for
// CHECK-NOT:       gpu.barrier
// CHECK:             llvm.store %[[R]]
// CHECK:           gpu.return
func.func @few_turns(%m0: memref<7xf32>, %m1: memref<f32>, %u0: memref<f32>) {
  tseq.graph "g" (%p0 = %m0, %p1 = %m1, %o0 = %u0) : (memref<7xf32>, memref<f32>, memref<f32>) -> () {
    tseq.scalar ins(%p0, %p1 : memref<7xf32>, memref<f32>) outs(%o0 : memref<f32>) {
    ^bb0(%l0: memref<7xf32>, %l1: f32):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 7 : index
      %r = scf.for %k = %c0 to %n step %c1 iter_args(%s = %l1) -> (f32) {
        %x = memref.load %l0[%k] : memref<7xf32>
        %z = arith.addf %s, %x : f32
        scf.yield %z : f32
      }
      tseq.yield %r : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that so does a loop in which every op waits for the turn before.
// CHECK-LABEL: func.func @nothing_independent(
// CHECK:         gpu.func @g_k0(%{{[^:]*}}: !llvm.ptr) kernel
// CHECK:           %[[FIRST:.*]] = arith.cmpi eq
// CHECK-NEXT:      scf.if %[[FIRST]]
// CHECK:             %[[R:.*]] = scf.for
// CHECK-NOT:       gpu.barrier
// CHECK:             llvm.store %[[R]]
// CHECK:           gpu.return
func.func @nothing_independent(%m0: memref<16xf32>, %m1: memref<f32>, %u0: memref<f32>) {
  tseq.graph "g" (%p0 = %m0, %p1 = %m1, %o0 = %u0) : (memref<16xf32>, memref<f32>, memref<f32>) -> () {
    tseq.scalar ins(%p0, %p1 : memref<16xf32>, memref<f32>) outs(%o0 : memref<f32>) {
    ^bb0(%l0: memref<16xf32>, %l1: f32):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 16 : index
      %r = scf.for %k = %c0 to %n step %c1 iter_args(%s = %l1) -> (f32) {
        %y = math.sqrt %s : f32
        %z = arith.addf %s, %y : f32
        scf.yield %z : f32
      }
      tseq.yield %r : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that so does a loop that picks the next element by the last one.
// CHECK-LABEL: func.func @element_chosen_by_chain(
// CHECK:         gpu.func @g_k0(%{{[^:]*}}: !llvm.ptr) kernel
// CHECK:           %[[FIRST:.*]] = arith.cmpi eq
// CHECK-NEXT:      scf.if %[[FIRST]]
// CHECK:             %[[R:.*]]:2 = scf.for
// CHECK-NOT:       gpu.barrier
// CHECK:             llvm.store %[[R]]#0
// CHECK:           gpu.return
func.func @element_chosen_by_chain(%m0: memref<16xf32>, %m1: memref<f32>, %u0: memref<f32>) {
  tseq.graph "g" (%p0 = %m0, %p1 = %m1, %o0 = %u0) : (memref<16xf32>, memref<f32>, memref<f32>) -> () {
    tseq.scalar ins(%p0, %p1 : memref<16xf32>, memref<f32>) outs(%o0 : memref<f32>) {
    ^bb0(%l0: memref<16xf32>, %l1: f32):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 16 : index
      %q:2 = scf.for %k = %c0 to %n step %c1 iter_args(%s = %l1, %at = %c0) -> (f32, index) {
        %x = memref.load %l0[%at] : memref<16xf32>
        %z = arith.addf %s, %x : f32
        %i = arith.fptosi %x : f32 to i64
        %j = arith.index_cast %i : i64 to index
        scf.yield %z, %j : f32, index
      }
      tseq.yield %q#0 : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that so does a loop with a store inside.
// CHECK-LABEL: func.func @store_inside(
// CHECK:         gpu.func @g_k0(%{{[^:]*}}: !llvm.ptr) kernel
// CHECK:           %[[FIRST:.*]] = arith.cmpi eq
// CHECK-NEXT:      scf.if %[[FIRST]]
// CHECK:             %[[LAST:.*]] = scf.for
// CHECK-NOT:       gpu.barrier
// CHECK:             %[[R:.*]] = arith.addf %[[LAST]]
// CHECK:             llvm.store %[[R]]
// CHECK:           gpu.return
func.func @store_inside(%m0: memref<16xf32>, %m1: memref<f32>, %u0: memref<f32>) {
  tseq.graph "g" (%p0 = %m0, %p1 = %m1, %o0 = %u0) : (memref<16xf32>, memref<f32>, memref<f32>) -> () {
    tseq.scalar ins(%p0, %p1 : memref<16xf32>, memref<f32>) outs(%o0 : memref<f32>) {
    ^bb0(%l0: memref<16xf32>, %l1: f32):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 16 : index
      %t = memref.alloca() : memref<16xf32>
      %r = scf.for %k = %c0 to %n step %c1 iter_args(%s = %l1) -> (f32) {
        %x = memref.load %l0[%k] : memref<16xf32>
        %z = arith.addf %s, %x : f32
        memref.store %z, %t[%k] : memref<16xf32>
        scf.yield %z : f32
      }
      %e = memref.load %t[%c1] : memref<16xf32>
      %f = arith.addf %r, %e : f32
      tseq.yield %f : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that so does a loop with a branch inside.
// CHECK-LABEL: func.func @branch_inside(
// CHECK:         gpu.func @g_k0(%{{[^:]*}}: !llvm.ptr) kernel
// CHECK:           %[[FIRST:.*]] = arith.cmpi eq
// CHECK-NEXT:      scf.if %[[FIRST]]
// CHECK:             %[[R:.*]] = scf.for
// CHECK-NOT:       gpu.barrier
// CHECK:             llvm.store %[[R]]
// CHECK:           gpu.return
func.func @branch_inside(%m0: memref<16xf32>, %m1: memref<f32>, %u0: memref<f32>) {
  tseq.graph "g" (%p0 = %m0, %p1 = %m1, %o0 = %u0) : (memref<16xf32>, memref<f32>, memref<f32>) -> () {
    tseq.scalar ins(%p0, %p1 : memref<16xf32>, memref<f32>) outs(%o0 : memref<f32>) {
    ^bb0(%l0: memref<16xf32>, %l1: f32):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 16 : index
      %r = scf.for %k = %c0 to %n step %c1 iter_args(%s = %l1) -> (f32) {
        %x = memref.load %l0[%k] : memref<16xf32>
        %b = arith.cmpf ogt, %x, %s : f32
        %z = scf.if %b -> (f32) {
          %y = math.exp %x : f32
          scf.yield %y : f32
        } else {
          scf.yield %s : f32
        }
        scf.yield %z : f32
      }
      tseq.yield %r : f32
    }
    tseq.yield
  }
  return
}
