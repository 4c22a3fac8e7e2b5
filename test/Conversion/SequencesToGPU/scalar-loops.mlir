// RUN: graph-opt %s --convert-sequences-to-gpu="threads=64" --canonicalize --split-input-file | FileCheck %s

// Tests a loop over a list longer than a tile: all threads compute the roots of
// 1024 elements into shared memory, then each joins them in the order of the loop,
// eight at a time; the first thread writes the result once all have read.
// CHECK-LABEL: func.func @longer_than_a_tile(
// CHECK:         gpu.func @g_k0(%[[SLOTS:.*]]: !llvm.ptr) workgroup(%[[TILE:.*]] : memref<1024xi64, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}) kernel
// CHECK-DAG:       %[[ZERO:.*]] = arith.constant 0 : i32
// CHECK-DAG:       %[[ONE:.*]] = arith.constant 1 : i32
// CHECK-DAG:       %[[EIGHT:.*]] = arith.constant 8 : i32
// CHECK-DAG:       %[[WARP:.*]] = arith.constant 32 : i32
// CHECK-DAG:       %[[SIZE:.*]] = arith.constant 1024 : i32
// CHECK-DAG:       %[[END:.*]] = arith.constant 2500 : i32
// CHECK:           %[[ID:.*]] = gpu.thread_id  x
// CHECK:           %[[THREAD:.*]] = arith.index_castui %[[ID]] : index to i32
// CHECK:           %[[FIRST:.*]] = arith.cmpi eq, %[[THREAD]], %[[ZERO]]
// CHECK:           %[[LIST:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<2500xf32>
// CHECK:           %[[INIT:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> f32
// CHECK:           %[[SUM:.*]] = scf.for %[[BASE:.*]] = %[[ZERO]] to %[[END]] step %[[SIZE]] iter_args(%[[S:.*]] = %[[INIT]]) -> (f32)
// CHECK-NEXT:        %[[REST:.*]] = arith.subi %[[END]], %[[BASE]]
// CHECK-NEXT:        %[[COUNT:.*]] = arith.minui %[[REST]], %[[SIZE]]
// CHECK-NEXT:        gpu.barrier
// CHECK-NEXT:        scf.for %[[PLACE:.*]] = %[[THREAD]] to %[[COUNT]] step %[[WARP]]
// CHECK-NEXT:          %[[TURN:.*]] = arith.addi %[[BASE]], %[[PLACE]]
// CHECK-NEXT:          %[[K:.*]] = arith.index_castui %[[TURN]]
// CHECK-NEXT:          %[[X:.*]] = memref.load %[[LIST]][%[[K]]]
// CHECK-NEXT:          %[[Y:.*]] = math.sqrt %[[X]]
// CHECK-NEXT:          %[[AT:.*]] = arith.index_castui %[[PLACE]]
// CHECK-NEXT:          memref.store %[[Y]], %[[TILE]][%[[AT]]]
// CHECK-NEXT:        }
// CHECK-NEXT:        gpu.barrier
// CHECK-NEXT:        %[[GROUPS:.*]] = arith.divui %[[COUNT]], %[[EIGHT]]
// CHECK-NEXT:        %[[WHOLE:.*]] = arith.muli %[[GROUPS]], %[[EIGHT]]
// CHECK-NEXT:        %[[BY8:.*]] = scf.for %[[P:.*]] = %[[ZERO]] to %[[WHOLE]] step %[[EIGHT]] iter_args(%[[S8:.*]] = %[[S]]) -> (f32)
// CHECK-NEXT:          %[[P0:.*]] = arith.index_castui %[[P]]
// CHECK-NEXT:          %[[Y0:.*]] = memref.load %[[TILE]][%[[P0]]]
// CHECK-NEXT:          %[[P1:.*]] = arith.addi %[[P]], %[[ONE]]
// CHECK-NEXT:          %[[I1:.*]] = arith.index_castui %[[P1]]
// CHECK-NEXT:          %[[Y1:.*]] = memref.load %[[TILE]][%[[I1]]]
// CHECK-COUNT-6:       memref.load %[[TILE]]
// CHECK-NEXT:          %[[S0:.*]] = arith.addf %[[S8]], %[[Y0]]
// CHECK-NEXT:          %[[S1:.*]] = arith.addf %[[S0]], %[[Y1]]
// CHECK-COUNT-6:       arith.addf
// CHECK-NEXT:          scf.yield
// CHECK:             %[[BY1:.*]] = scf.for %[[P:.*]] = %[[WHOLE]] to %[[COUNT]] step %[[ONE]] iter_args(%[[SL:.*]] = %[[BY8]]) -> (f32)
// CHECK-NEXT:          %[[PL:.*]] = arith.index_castui %[[P]]
// CHECK-NEXT:          %[[YL:.*]] = memref.load %[[TILE]][%[[PL]]]
// CHECK-NEXT:          %[[NEXT:.*]] = arith.addf %[[SL]], %[[YL]]
// CHECK-NEXT:          scf.yield %[[NEXT]]
// CHECK:             scf.yield %[[BY1]]
// CHECK:           gpu.barrier
// CHECK-NEXT:      scf.if %[[FIRST]]
// CHECK:             llvm.store %[[SUM]], %{{.*}} : f32, !llvm.ptr<1>
// CHECK:           gpu.return
// CHECK:         cudagraph.kernel "g.k0" {{.*}} grid [1, 1, 1] block [32, 1, 1]
func.func @longer_than_a_tile(%m0: memref<2500xf32>, %m1: memref<f32>, %u0: memref<f32>) {
  tseq.graph "g" (%p0 = %m0, %p1 = %m1, %o0 = %u0) : (memref<2500xf32>, memref<f32>, memref<f32>) -> () {
    tseq.scalar ins(%p0, %p1 : memref<2500xf32>, memref<f32>) outs(%o0 : memref<f32>) {
    ^bb0(%l0: memref<2500xf32>, %l1: f32):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 2500 : index
      %r = scf.for %k = %c0 to %n step %c1 iter_args(%s = %l1) -> (f32) {
        %x = memref.load %l0[%k] : memref<2500xf32>
        %y = math.sqrt %x : f32
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

// Tests a list shorter than a tile, which is as long as the list, and that each
// value that the join takes has a tile: also the turn itself, as a number,
// and a bit, as a byte.
// CHECK-LABEL: func.func @several_values(
// CHECK:         gpu.func @g_k0(%{{.*}}: !llvm.ptr) workgroup(%[[NUMBERS:.*]] : memref<20xf64, {{.*}}, %[[BITS:.*]] : memref<20xi8, {{.*}}, %[[TURNS:.*]] : memref<20xi64, {{.*}}) kernel
// CHECK:           gpu.barrier
// CHECK:           scf.for %[[PLACE:.*]] = 
// CHECK:             %[[TURN:.*]] = arith.index_castui %[[PLACE]]
// CHECK:             %[[WIDE:.*]] = arith.extf
// CHECK:             %[[BIT:.*]] = arith.cmpf
// CHECK:             memref.store %[[WIDE]], %[[NUMBERS]]
// CHECK:             %[[BYTE:.*]] = arith.extui %[[BIT]] : i1 to i8
// CHECK:             memref.store %[[BYTE]], %[[BITS]]
// CHECK:             %[[NUMBER:.*]] = arith.index_cast %[[TURN]] : index to i64
// CHECK:             memref.store %[[NUMBER]], %[[TURNS]]
// CHECK:           gpu.barrier
// CHECK:           scf.for {{.*}} -> (f64, index)
// CHECK:             %[[N:.*]] = memref.load %[[NUMBERS]]
// CHECK:             %[[B:.*]] = memref.load %[[BITS]]
// CHECK:             %[[HOLDS:.*]] = arith.trunci %[[B]] : i8 to i1
// CHECK:             %[[T:.*]] = memref.load %[[TURNS]]
// CHECK:             %[[K:.*]] = arith.index_cast %[[T]] : i64 to index
// CHECK:             arith.addf %{{.*}}, %[[N]]
// CHECK:             arith.select %[[HOLDS]]
// CHECK:             arith.select %[[HOLDS]], %[[K]], %{{.*}} : index
func.func @several_values(%m0: memref<20xf32>, %u0: memref<f64>) {
  tseq.graph "g" (%p0 = %m0, %o0 = %u0) : (memref<20xf32>, memref<f64>) -> () {
    tseq.scalar ins(%p0 : memref<20xf32>) outs(%o0 : memref<f64>) {
    ^bb0(%l0: memref<20xf32>):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 20 : index
      %zero = arith.constant 0.0 : f32
      %init = arith.constant 0.0 : f64
      %r:2 = scf.for %k = %c0 to %n step %c1 iter_args(%s = %init, %last = %c0) -> (f64, index) {
        %x = memref.load %l0[%k] : memref<20xf32>
        %w = arith.extf %x : f32 to f64
        %p = arith.cmpf ogt, %x, %zero : f32
        %a = arith.addf %s, %w : f64
        %t = arith.select %p, %a, %s : f64
        %j = arith.select %p, %k, %last : index
        scf.yield %t, %j : f64, index
      }
      %i = arith.index_cast %r#1 : index to i64
      %f = arith.sitofp %i : i64 to f64
      %q = arith.divf %r#0, %f : f64
      tseq.yield %q : f64
    }
    tseq.yield
  }
  return
}

// -----

// Tests two loops in a row: the second takes what the first made, and both work on
// all threads; what is between is computed by each.
// CHECK-LABEL: func.func @two_loops(
// CHECK:         gpu.func @g_k0(%{{.*}}: !llvm.ptr) workgroup(%[[ROOTS:.*]] : memref<16xf32, {{.*}}, %[[PARTS:.*]] : memref<16xf32, {{.*}}) kernel
// CHECK:           gpu.barrier
// CHECK:           math.sqrt
// CHECK:           memref.store %{{.*}}, %[[ROOTS]]
// CHECK:           gpu.barrier
// CHECK:           %[[SUM:.*]] = scf.for {{.*}} -> (f32)
// CHECK:             memref.load %[[ROOTS]]
// CHECK:           %[[SCALE:.*]] = arith.negf %[[SUM]]
// CHECK:           gpu.barrier
// CHECK:           arith.mulf %{{.*}}, %[[SCALE]]
// CHECK:           memref.store %{{.*}}, %[[PARTS]]
// CHECK:           gpu.barrier
// CHECK:           %[[MAX:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[SUM]]) -> (f32)
// CHECK:             arith.maximumf
// CHECK:           gpu.barrier
// CHECK-NEXT:      scf.if
// CHECK:             llvm.store %[[MAX]]
func.func @two_loops(%m0: memref<16xf32>, %m1: memref<f32>, %u0: memref<f32>) {
  tseq.graph "g" (%p0 = %m0, %p1 = %m1, %o0 = %u0) : (memref<16xf32>, memref<f32>, memref<f32>) -> () {
    tseq.scalar ins(%p0, %p1 : memref<16xf32>, memref<f32>) outs(%o0 : memref<f32>) {
    ^bb0(%l0: memref<16xf32>, %l1: f32):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 16 : index
      %r = scf.for %k = %c0 to %n step %c1 iter_args(%s = %l1) -> (f32) {
        %x = memref.load %l0[%k] : memref<16xf32>
        %y = math.sqrt %x : f32
        %z = arith.addf %s, %y : f32
        scf.yield %z : f32
      }
      %scale = arith.negf %r : f32
      %q = scf.for %k = %c0 to %n step %c1 iter_args(%s = %r) -> (f32) {
        %x = memref.load %l0[%k] : memref<16xf32>
        %y = arith.mulf %x, %scale : f32
        %z = arith.maximumf %s, %y : f32
        scf.yield %z : f32
      }
      tseq.yield %q : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests a loop before a map in one kernel: every block computes it with all of its
// threads, and reads the result back behind a barrier.
// CHECK-LABEL: func.func @before_map(
// CHECK:         gpu.func @g_k0(%{{.*}}: !llvm.ptr) workgroup(%[[TILE:.*]] : memref<8xf32, {{.*}}) kernel
// CHECK-SAME:      known_block_size = array<i32: 64, 1, 1>
// CHECK:           gpu.barrier
// CHECK:           scf.for {{.*}} step %c64_i32
// CHECK:             memref.store %{{.*}}, %[[TILE]]
// CHECK:           gpu.barrier
// CHECK:           memref.load %[[TILE]]
// CHECK:           gpu.barrier
// CHECK-NEXT:      scf.if
// CHECK:             llvm.store %{{.*}} : f32, !llvm.ptr<1>
// CHECK-NEXT:      }
// CHECK-NEXT:      gpu.barrier
// CHECK:           %[[SCALE:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> f32
// CHECK:           arith.mulf %{{.*}}, %[[SCALE]]
// CHECK:         cudagraph.kernel "g.k0" {{.*}} grid [2, 1, 1] block [64, 1, 1]
func.func @before_map(%m: memref<8xf32>, %u: memref<f32>, %v: memref<8xf32>) {
  tseq.graph "g" (%p = %m, %o = %u, %q = %v) : (memref<8xf32>, memref<f32>, memref<8xf32>) -> () {
    tseq.kernel {
      tseq.scalar ins(%p : memref<8xf32>) outs(%o : memref<f32>) {
      ^bb0(%l: memref<8xf32>):
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %c8 = arith.constant 8 : index
        %zero = arith.constant 0.0 : f32
        %r = scf.for %k = %c0 to %c8 step %c1 iter_args(%s = %zero) -> (f32) {
          %x = memref.load %l[%k] : memref<8xf32>
          %z = arith.addf %s, %x : f32
          scf.yield %z : f32
        }
        tseq.yield %r : f32
      }
      %t = tseq.pack %q : !tseq.seq<memref<8xf32>>
      tseq.map chunk(4) ins(%t : !tseq.seq<memref<8xf32>>) scalars(%o : memref<f32>) outs(%t : !tseq.seq<memref<8xf32>>) {
      ^bb0(%x: f32, %y: f32):
        %z = arith.mulf %x, %y : f32
        tseq.yield %z : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}
