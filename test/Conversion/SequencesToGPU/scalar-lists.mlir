// RUN: graph-opt %s --convert-sequences-to-gpu="threads=64" --canonicalize | FileCheck %s

// Tests that the elements of a list that a scalar program makes are dealt out to
// the threads of the block, which all compute what they have in common; the first
// one writes what is one value once all have read.
// CHECK:       gpu.func @g_k0(
// CHECK-DAG:     %[[ZERO:.*]] = arith.constant 0 : i32
// CHECK-DAG:     %[[SIZE:.*]] = arith.constant 100 : i32
// CHECK-DAG:     %[[WARP:.*]] = arith.constant 32 : i32
// CHECK:         %[[ID:.*]] = gpu.thread_id  x
// CHECK:         %[[THREAD:.*]] = arith.index_castui %[[ID]] : index to i32
// CHECK:         %[[IN:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<100xf32>
// CHECK:         %[[K:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> f32
// CHECK:         %[[OUT:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<100xf32>
// CHECK:         %[[E:.*]] = math.exp %[[K]]
// CHECK:         scf.for %[[TURN:.*]] = %[[THREAD]] to %[[SIZE]] step %[[WARP]]
// CHECK-NEXT:      %[[I:.*]] = arith.index_castui %[[TURN]]
// CHECK-NEXT:      %[[X:.*]] = memref.load %[[IN]][%[[I]]]
// CHECK-NEXT:      %[[Y:.*]] = arith.mulf %[[X]], %[[E]]
// CHECK-NEXT:      memref.store %[[Y]], %[[OUT]][%[[I]]]
// CHECK-NEXT:    }
// CHECK-NEXT:    gpu.barrier
// CHECK-NEXT:    scf.if
// CHECK:           llvm.store %[[E]]
func.func @list(%x: memref<100xf32>, %k: memref<f32>, %y: memref<100xf32>, %z: memref<f32>) {
  tseq.graph "g" (%a = %x, %b = %k, %c = %y, %d = %z) : (memref<100xf32>, memref<f32>, memref<100xf32>, memref<f32>) -> () {
    tseq.scalar ins(%a, %b : memref<100xf32>, memref<f32>) outs(%c, %d : memref<100xf32>, memref<f32>) {
    ^bb0(%in: memref<100xf32>, %s: f32, %out: memref<100xf32>):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 100 : index
      %e = math.exp %s : f32
      scf.parallel (%i) = (%c0) to (%n) step (%c1) {
        %v = memref.load %in[%i] : memref<100xf32>
        %w = arith.mulf %v, %e : f32
        memref.store %w, %out[%i] : memref<100xf32>
        scf.reduce
      }
      tseq.yield %e : f32
    }
    tseq.yield
  }
  return
}
