// RUN: graph-opt %s --convert-sequences-to-gpu="threads=64" --canonicalize --split-input-file | FileCheck %s

// Tests a loop over a list longer than a tile: all threads compute the roots of
// 1024 elements into shared memory, as words of 64 bits, then each joins them in
// the order of the loop, eight at a time; the first thread writes the result once
// all have read.
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
// CHECK-NEXT:          %[[BITS:.*]] = arith.bitcast %[[Y]] : f32 to i32
// CHECK-NEXT:          %[[WORD:.*]] = arith.extui %[[BITS]] : i32 to i64
// CHECK-NEXT:          %[[AT:.*]] = arith.index_castui %[[PLACE]]
// CHECK-NEXT:          memref.store %[[WORD]], %[[TILE]][%[[AT]]]
// CHECK-NEXT:        }
// CHECK-NEXT:        gpu.barrier
// CHECK-NEXT:        %[[GROUPS:.*]] = arith.divui %[[COUNT]], %[[EIGHT]]
// CHECK-NEXT:        %[[WHOLE:.*]] = arith.muli %[[GROUPS]], %[[EIGHT]]
// CHECK-NEXT:        %[[BY8:.*]] = scf.for %[[P:.*]] = %[[ZERO]] to %[[WHOLE]] step %[[EIGHT]] iter_args(%[[S8:.*]] = %[[S]]) -> (f32)
// CHECK-NEXT:          %[[P0:.*]] = arith.index_castui %[[P]]
// CHECK-NEXT:          %[[W0:.*]] = memref.load %[[TILE]][%[[P0]]]
// CHECK-NEXT:          %[[B0:.*]] = arith.trunci %[[W0]] : i64 to i32
// CHECK-NEXT:          %[[Y0:.*]] = arith.bitcast %[[B0]] : i32 to f32
// CHECK-NEXT:          %[[P1:.*]] = arith.addi %[[P]], %[[ONE]]
// CHECK-NEXT:          %[[I1:.*]] = arith.index_castui %[[P1]]
// CHECK-NEXT:          %[[W1:.*]] = memref.load %[[TILE]][%[[I1]]]
// CHECK-NEXT:          %[[B1:.*]] = arith.trunci %[[W1]] : i64 to i32
// CHECK-NEXT:          %[[Y1:.*]] = arith.bitcast %[[B1]] : i32 to f32
// CHECK-COUNT-6:       memref.load %[[TILE]]
// CHECK-NEXT:          arith.trunci
// CHECK-NEXT:          arith.bitcast
// CHECK-NEXT:          %[[S0:.*]] = arith.addf %[[S8]], %[[Y0]]
// CHECK-NEXT:          %[[S1:.*]] = arith.addf %[[S0]], %[[Y1]]
// CHECK-COUNT-6:       arith.addf
// CHECK-NEXT:          scf.yield
// CHECK:             %[[BY1:.*]] = scf.for %[[P:.*]] = %[[WHOLE]] to %[[COUNT]] step %[[ONE]] iter_args(%[[SL:.*]] = %[[BY8]]) -> (f32)
// CHECK-NEXT:          %[[PL:.*]] = arith.index_castui %[[P]]
// CHECK-NEXT:          %[[WL:.*]] = memref.load %[[TILE]][%[[PL]]]
// CHECK-NEXT:          %[[BL:.*]] = arith.trunci %[[WL]] : i64 to i32
// CHECK-NEXT:          %[[YL:.*]] = arith.bitcast %[[BL]] : i32 to f32
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

// Tests a list shorter than a tile and that each value that the join takes has a
// tile in the one array, no longer than the list: also a bit, and the turn itself,
// as a number.
// CHECK-LABEL: func.func @several_values(
// CHECK:         gpu.func @g_k0(%{{[^:]*}}: !llvm.ptr) workgroup(%[[WORDS:[^ ]*]] : memref<60xi64, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}) kernel
// CHECK-DAG:       %[[SECOND:.*]] = arith.constant 20 : i32
// CHECK-DAG:       %[[THIRD:.*]] = arith.constant 40 : i32
// CHECK:           gpu.barrier
// CHECK:           gpu.barrier
// CHECK:           scf.for %[[PLACE:[^ ]*]] = 
// CHECK-NEXT:        %[[TURN:.*]] = arith.index_castui %[[PLACE]]
// CHECK:             %[[WIDE:.*]] = arith.extf
// CHECK-NEXT:        %[[BIT:.*]] = arith.cmpf
// CHECK-NEXT:        %[[W0:.*]] = arith.bitcast %[[WIDE]] : f64 to i64
// CHECK-NEXT:        %[[I0:.*]] = arith.index_castui %[[PLACE]]
// CHECK-NEXT:        memref.store %[[W0]], %[[WORDS]][%[[I0]]]
// CHECK-NEXT:        %[[W1:.*]] = arith.extui %[[BIT]] : i1 to i64
// CHECK-NEXT:        %[[P1:.*]] = arith.addi %[[PLACE]], %[[SECOND]]
// CHECK-NEXT:        %[[I1:.*]] = arith.index_castui %[[P1]]
// CHECK-NEXT:        memref.store %[[W1]], %[[WORDS]][%[[I1]]]
// CHECK-NEXT:        %[[W2:.*]] = arith.index_cast %[[TURN]] : index to i64
// CHECK-NEXT:        %[[P2:.*]] = arith.addi %[[PLACE]], %[[THIRD]]
// CHECK-NEXT:        %[[I2:.*]] = arith.index_castui %[[P2]]
// CHECK-NEXT:        memref.store %[[W2]], %[[WORDS]][%[[I2]]]
// CHECK-NEXT:      }
// CHECK-NEXT:      gpu.barrier
// CHECK-NEXT:      scf.for %[[P:[^ ]*]] = {{.*}} -> (f64, index)
// CHECK-NEXT:        %[[I0:.*]] = arith.index_castui %[[P]]
// CHECK-NEXT:        %[[W0:.*]] = memref.load %[[WORDS]][%[[I0]]]
// CHECK-NEXT:        %[[N:.*]] = arith.bitcast %[[W0]] : i64 to f64
// CHECK-NEXT:        %[[P1:.*]] = arith.addi %[[P]], %[[SECOND]]
// CHECK-NEXT:        %[[I1:.*]] = arith.index_castui %[[P1]]
// CHECK-NEXT:        %[[W1:.*]] = memref.load %[[WORDS]][%[[I1]]]
// CHECK-NEXT:        %[[HOLDS:.*]] = arith.trunci %[[W1]] : i64 to i1
// CHECK-NEXT:        %[[P2:.*]] = arith.addi %[[P]], %[[THIRD]]
// CHECK-NEXT:        %[[I2:.*]] = arith.index_castui %[[P2]]
// CHECK-NEXT:        %[[W2:.*]] = memref.load %[[WORDS]][%[[I2]]]
// CHECK-NEXT:        %[[K:.*]] = arith.index_cast %[[W2]] : i64 to index
// CHECK:             arith.addf %{{.*}}, %[[N]]
// CHECK-NEXT:        arith.select %[[HOLDS]]
// CHECK-NEXT:        arith.select %[[HOLDS]], %[[K]], %{{.*}} : index
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

// Tests loops in a row: each takes what those before made and works on all threads,
// through the words of the longest; what is between is computed by each thread.
// CHECK-LABEL: func.func @loops_in_a_row(
// CHECK:         gpu.func @g_k0(%{{[^:]*}}: !llvm.ptr) workgroup(%[[WORDS:[^ ]*]] : memref<40xi64, {{[^,]*}}) kernel
// CHECK-DAG:       %[[MIDDLE:.*]] = arith.constant 24 : i32
// CHECK-DAG:       %[[LONG:.*]] = arith.constant 40 : i32
// CHECK-DAG:       %[[SHORT:.*]] = arith.constant 16 : i32
// CHECK:           scf.for %{{.*}} to %[[MIDDLE]] step
// CHECK:             math.sqrt
// CHECK:             memref.store %{{.*}}, %[[WORDS]][%{{.*}}] : memref<40xi64, #gpu.address_space<workgroup>>
// CHECK:           gpu.barrier
// CHECK:           %[[SUM:.*]] = scf.for {{.*}} -> (f32)
// CHECK:             memref.load %[[WORDS]][%{{.*}}] : memref<40xi64, #gpu.address_space<workgroup>>
// CHECK:           %[[SCALE:.*]] = arith.negf %[[SUM]]
// CHECK:           gpu.barrier
// CHECK-NEXT:      scf.for %{{.*}} to %[[LONG]] step
// CHECK:             arith.mulf %{{.*}}, %[[SCALE]]
// CHECK:             memref.store %{{.*}}, %[[WORDS]]
// CHECK:           gpu.barrier
// CHECK:           %[[MAX:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[SUM]]) -> (f32)
// CHECK:             memref.load %[[WORDS]]
// CHECK:             arith.maximumf
// CHECK:           gpu.barrier
// CHECK-NEXT:      scf.for %{{.*}} to %[[SHORT]] step
// CHECK:             math.absf
// CHECK:             memref.store %{{.*}}, %[[WORDS]]
// CHECK:           gpu.barrier
// CHECK:           %[[MIN:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[MAX]]) -> (f32)
// CHECK:             memref.load %[[WORDS]]
// CHECK:             arith.minimumf
// CHECK:           gpu.barrier
// CHECK-NEXT:      scf.if
// CHECK:             llvm.store %[[MIN]]
func.func @loops_in_a_row(%m0: memref<40xf32>, %m1: memref<f32>, %u0: memref<f32>) {
  tseq.graph "g" (%p0 = %m0, %p1 = %m1, %o0 = %u0) : (memref<40xf32>, memref<f32>, memref<f32>) -> () {
    tseq.scalar ins(%p0, %p1 : memref<40xf32>, memref<f32>) outs(%o0 : memref<f32>) {
    ^bb0(%l0: memref<40xf32>, %l1: f32):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n24 = arith.constant 24 : index
      %n40 = arith.constant 40 : index
      %n16 = arith.constant 16 : index
      %r = scf.for %k = %c0 to %n24 step %c1 iter_args(%s = %l1) -> (f32) {
        %x = memref.load %l0[%k] : memref<40xf32>
        %y = math.sqrt %x : f32
        %z = arith.addf %s, %y : f32
        scf.yield %z : f32
      }
      %scale = arith.negf %r : f32
      %q = scf.for %k = %c0 to %n40 step %c1 iter_args(%s = %r) -> (f32) {
        %x = memref.load %l0[%k] : memref<40xf32>
        %y = arith.mulf %x, %scale : f32
        %z = arith.maximumf %s, %y : f32
        scf.yield %z : f32
      }
      %p = scf.for %k = %c0 to %n16 step %c1 iter_args(%s = %q) -> (f32) {
        %x = memref.load %l0[%k] : memref<40xf32>
        %y = math.absf %x : f32
        %z = arith.minimumf %s, %y : f32
        scf.yield %z : f32
      }
      tseq.yield %p : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that tiles are smaller where the join takes more than three values: five
// tiles of 608 turns, a multiple of eight, are what fits in 3072 words.
// CHECK-LABEL: func.func @smaller_tile(
// CHECK:         gpu.func @g_k0(%{{[^:]*}}: !llvm.ptr) workgroup(%[[WORDS:[^ ]*]] : memref<3040xi64, {{[^,]*}}) kernel
// CHECK-DAG:       %[[SIZE:.*]] = arith.constant 608 : i32
// CHECK-DAG:       %[[FIFTH:.*]] = arith.constant 2432 : i32
// CHECK-DAG:       %[[END:.*]] = arith.constant 1500 : i32
// CHECK:           scf.for %[[BASE:.*]] = %{{.*}} to %[[END]] step %[[SIZE]]
// CHECK-NEXT:        %[[REST:.*]] = arith.subi %[[END]], %[[BASE]]
// CHECK-NEXT:        %[[COUNT:.*]] = arith.minui %[[REST]], %[[SIZE]]
// CHECK-NEXT:        gpu.barrier
// CHECK-NEXT:        scf.for %[[PLACE:.*]] = %{{.*}} to %[[COUNT]] step
// CHECK-COUNT-4:       memref.store %{{.*}}, %[[WORDS]]
// CHECK:               %[[P:.*]] = arith.addi %[[PLACE]], %[[FIFTH]]
// CHECK-NEXT:          %[[I:.*]] = arith.index_castui %[[P]]
// CHECK-NEXT:          memref.store %{{.*}}, %[[WORDS]][%[[I]]]
// CHECK-NEXT:        }
// CHECK-NEXT:        gpu.barrier
func.func @smaller_tile(%m0: memref<1500xf32>, %m1: memref<f32>, %u0: memref<f32>) {
  tseq.graph "g" (%p0 = %m0, %p1 = %m1, %o0 = %u0) : (memref<1500xf32>, memref<f32>, memref<f32>) -> () {
    tseq.scalar ins(%p0, %p1 : memref<1500xf32>, memref<f32>) outs(%o0 : memref<f32>) {
    ^bb0(%l0: memref<1500xf32>, %l1: f32):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 1500 : index
      %r = scf.for %k = %c0 to %n step %c1 iter_args(%s = %l1) -> (f32) {
        %x = memref.load %l0[%k] : memref<1500xf32>
        %y = math.sqrt %x : f32
        %v = math.absf %x : f32
        %w = math.floor %x : f32
        %f = math.ceil %x : f32
        %a = math.fma %s, %x, %y : f32
        %b = math.fma %a, %v, %w : f32
        %z = arith.subf %b, %f : f32
        scf.yield %z : f32
      }
      tseq.yield %r : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests a loop that passes as many values as a shared one can: 48, the powers of an
// element, in tiles of 64 turns.
// CHECK-LABEL: func.func @least_tile(
// CHECK:         gpu.func @g_k0(%{{[^:]*}}: !llvm.ptr) workgroup(%[[WORDS:[^ ]*]] : memref<3072xi64, {{[^,]*}}) kernel
// CHECK-DAG:       %[[SIZE:.*]] = arith.constant 64 : i32
// CHECK-DAG:       %[[LAST:.*]] = arith.constant 3008 : i32
// CHECK-DAG:       %[[END:.*]] = arith.constant 100 : i32
// CHECK:           scf.for %{{.*}} to %[[END]] step %[[SIZE]]
// CHECK:             gpu.barrier
// CHECK-NEXT:        scf.for %[[PLACE:[^ ]*]] = 
// CHECK-COUNT-47:      memref.store %{{.*}}, %[[WORDS]]
// CHECK:               %[[P:.*]] = arith.addi %[[PLACE]], %[[LAST]]
// CHECK-NEXT:          %[[I:.*]] = arith.index_castui %[[P]]
// CHECK-NEXT:          memref.store %{{.*}}, %[[WORDS]][%[[I]]]
// CHECK-NEXT:        }
// CHECK-NEXT:        gpu.barrier
func.func @least_tile(%m0: memref<100xf32>, %m1: memref<f32>, %u0: memref<f32>) {
  tseq.graph "g" (%p0 = %m0, %p1 = %m1, %o0 = %u0) : (memref<100xf32>, memref<f32>, memref<f32>) -> () {
    tseq.scalar ins(%p0, %p1 : memref<100xf32>, memref<f32>) outs(%o0 : memref<f32>) {
    ^bb0(%l0: memref<100xf32>, %l1: f32):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 100 : index
      %r = scf.for %k = %c0 to %n step %c1 iter_args(%s = %l1) -> (f32) {
        %x = memref.load %l0[%k] : memref<100xf32>
        %x1 = arith.mulf %x, %x : f32  %x2 = arith.mulf %x1, %x : f32  %s1 = math.fma %x1, %x2, %s : f32
        %x3 = arith.mulf %x2, %x : f32  %x4 = arith.mulf %x3, %x : f32  %s2 = math.fma %x3, %x4, %s1 : f32
        %x5 = arith.mulf %x4, %x : f32  %x6 = arith.mulf %x5, %x : f32  %s3 = math.fma %x5, %x6, %s2 : f32
        %x7 = arith.mulf %x6, %x : f32  %x8 = arith.mulf %x7, %x : f32  %s4 = math.fma %x7, %x8, %s3 : f32
        %x9 = arith.mulf %x8, %x : f32  %x10 = arith.mulf %x9, %x : f32  %s5 = math.fma %x9, %x10, %s4 : f32
        %x11 = arith.mulf %x10, %x : f32  %x12 = arith.mulf %x11, %x : f32  %s6 = math.fma %x11, %x12, %s5 : f32
        %x13 = arith.mulf %x12, %x : f32  %x14 = arith.mulf %x13, %x : f32  %s7 = math.fma %x13, %x14, %s6 : f32
        %x15 = arith.mulf %x14, %x : f32  %x16 = arith.mulf %x15, %x : f32  %s8 = math.fma %x15, %x16, %s7 : f32
        %x17 = arith.mulf %x16, %x : f32  %x18 = arith.mulf %x17, %x : f32  %s9 = math.fma %x17, %x18, %s8 : f32
        %x19 = arith.mulf %x18, %x : f32  %x20 = arith.mulf %x19, %x : f32  %s10 = math.fma %x19, %x20, %s9 : f32
        %x21 = arith.mulf %x20, %x : f32  %x22 = arith.mulf %x21, %x : f32  %s11 = math.fma %x21, %x22, %s10 : f32
        %x23 = arith.mulf %x22, %x : f32  %x24 = arith.mulf %x23, %x : f32  %s12 = math.fma %x23, %x24, %s11 : f32
        %x25 = arith.mulf %x24, %x : f32  %x26 = arith.mulf %x25, %x : f32  %s13 = math.fma %x25, %x26, %s12 : f32
        %x27 = arith.mulf %x26, %x : f32  %x28 = arith.mulf %x27, %x : f32  %s14 = math.fma %x27, %x28, %s13 : f32
        %x29 = arith.mulf %x28, %x : f32  %x30 = arith.mulf %x29, %x : f32  %s15 = math.fma %x29, %x30, %s14 : f32
        %x31 = arith.mulf %x30, %x : f32  %x32 = arith.mulf %x31, %x : f32  %s16 = math.fma %x31, %x32, %s15 : f32
        %x33 = arith.mulf %x32, %x : f32  %x34 = arith.mulf %x33, %x : f32  %s17 = math.fma %x33, %x34, %s16 : f32
        %x35 = arith.mulf %x34, %x : f32  %x36 = arith.mulf %x35, %x : f32  %s18 = math.fma %x35, %x36, %s17 : f32
        %x37 = arith.mulf %x36, %x : f32  %x38 = arith.mulf %x37, %x : f32  %s19 = math.fma %x37, %x38, %s18 : f32
        %x39 = arith.mulf %x38, %x : f32  %x40 = arith.mulf %x39, %x : f32  %s20 = math.fma %x39, %x40, %s19 : f32
        %x41 = arith.mulf %x40, %x : f32  %x42 = arith.mulf %x41, %x : f32  %s21 = math.fma %x41, %x42, %s20 : f32
        %x43 = arith.mulf %x42, %x : f32  %x44 = arith.mulf %x43, %x : f32  %s22 = math.fma %x43, %x44, %s21 : f32
        %x45 = arith.mulf %x44, %x : f32  %x46 = arith.mulf %x45, %x : f32  %s23 = math.fma %x45, %x46, %s22 : f32
        %x47 = arith.mulf %x46, %x : f32  %x48 = arith.mulf %x47, %x : f32  %z = math.fma %x47, %x48, %s23 : f32
        scf.yield %z : f32
      }
      tseq.yield %r : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a loop that passes one value more stays with one thread.
// CHECK-LABEL: func.func @too_many_values(
// CHECK:         gpu.func @g_k0(%{{[^:]*}}: !llvm.ptr) kernel
// CHECK:           %[[FIRST:.*]] = arith.cmpi eq
// CHECK-NEXT:      scf.if %[[FIRST]]
// CHECK:             %[[R:.*]] = scf.for
// CHECK-NOT:       gpu.barrier
// CHECK:             llvm.store %[[R]]
// CHECK:           gpu.return
func.func @too_many_values(%m0: memref<100xf32>, %m1: memref<f32>, %u0: memref<f32>) {
  tseq.graph "g" (%p0 = %m0, %p1 = %m1, %o0 = %u0) : (memref<100xf32>, memref<f32>, memref<f32>) -> () {
    tseq.scalar ins(%p0, %p1 : memref<100xf32>, memref<f32>) outs(%o0 : memref<f32>) {
    ^bb0(%l0: memref<100xf32>, %l1: f32):
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %n = arith.constant 100 : index
      %r = scf.for %k = %c0 to %n step %c1 iter_args(%s = %l1) -> (f32) {
        %x = memref.load %l0[%k] : memref<100xf32>
        %x1 = arith.mulf %x, %x : f32  %x2 = arith.mulf %x1, %x : f32  %s1 = math.fma %x1, %x2, %s : f32
        %x3 = arith.mulf %x2, %x : f32  %x4 = arith.mulf %x3, %x : f32  %s2 = math.fma %x3, %x4, %s1 : f32
        %x5 = arith.mulf %x4, %x : f32  %x6 = arith.mulf %x5, %x : f32  %s3 = math.fma %x5, %x6, %s2 : f32
        %x7 = arith.mulf %x6, %x : f32  %x8 = arith.mulf %x7, %x : f32  %s4 = math.fma %x7, %x8, %s3 : f32
        %x9 = arith.mulf %x8, %x : f32  %x10 = arith.mulf %x9, %x : f32  %s5 = math.fma %x9, %x10, %s4 : f32
        %x11 = arith.mulf %x10, %x : f32  %x12 = arith.mulf %x11, %x : f32  %s6 = math.fma %x11, %x12, %s5 : f32
        %x13 = arith.mulf %x12, %x : f32  %x14 = arith.mulf %x13, %x : f32  %s7 = math.fma %x13, %x14, %s6 : f32
        %x15 = arith.mulf %x14, %x : f32  %x16 = arith.mulf %x15, %x : f32  %s8 = math.fma %x15, %x16, %s7 : f32
        %x17 = arith.mulf %x16, %x : f32  %x18 = arith.mulf %x17, %x : f32  %s9 = math.fma %x17, %x18, %s8 : f32
        %x19 = arith.mulf %x18, %x : f32  %x20 = arith.mulf %x19, %x : f32  %s10 = math.fma %x19, %x20, %s9 : f32
        %x21 = arith.mulf %x20, %x : f32  %x22 = arith.mulf %x21, %x : f32  %s11 = math.fma %x21, %x22, %s10 : f32
        %x23 = arith.mulf %x22, %x : f32  %x24 = arith.mulf %x23, %x : f32  %s12 = math.fma %x23, %x24, %s11 : f32
        %x25 = arith.mulf %x24, %x : f32  %x26 = arith.mulf %x25, %x : f32  %s13 = math.fma %x25, %x26, %s12 : f32
        %x27 = arith.mulf %x26, %x : f32  %x28 = arith.mulf %x27, %x : f32  %s14 = math.fma %x27, %x28, %s13 : f32
        %x29 = arith.mulf %x28, %x : f32  %x30 = arith.mulf %x29, %x : f32  %s15 = math.fma %x29, %x30, %s14 : f32
        %x31 = arith.mulf %x30, %x : f32  %x32 = arith.mulf %x31, %x : f32  %s16 = math.fma %x31, %x32, %s15 : f32
        %x33 = arith.mulf %x32, %x : f32  %x34 = arith.mulf %x33, %x : f32  %s17 = math.fma %x33, %x34, %s16 : f32
        %x35 = arith.mulf %x34, %x : f32  %x36 = arith.mulf %x35, %x : f32  %s18 = math.fma %x35, %x36, %s17 : f32
        %x37 = arith.mulf %x36, %x : f32  %x38 = arith.mulf %x37, %x : f32  %s19 = math.fma %x37, %x38, %s18 : f32
        %x39 = arith.mulf %x38, %x : f32  %x40 = arith.mulf %x39, %x : f32  %s20 = math.fma %x39, %x40, %s19 : f32
        %x41 = arith.mulf %x40, %x : f32  %x42 = arith.mulf %x41, %x : f32  %s21 = math.fma %x41, %x42, %s20 : f32
        %x43 = arith.mulf %x42, %x : f32  %x44 = arith.mulf %x43, %x : f32  %s22 = math.fma %x43, %x44, %s21 : f32
        %x45 = arith.mulf %x44, %x : f32  %x46 = arith.mulf %x45, %x : f32  %s23 = math.fma %x45, %x46, %s22 : f32
        %x47 = arith.mulf %x46, %x : f32  %x48 = arith.mulf %x47, %x : f32  %s24 = math.fma %x47, %x48, %s23 : f32
        %x49 = arith.mulf %x48, %x : f32  %z = arith.addf %s24, %x49 : f32
        scf.yield %z : f32
      }
      tseq.yield %r : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests a loop before a map in one kernel: every block computes it with all of its
// threads, and reads the result back behind a barrier.
// CHECK-LABEL: func.func @before_map(
// CHECK:         gpu.func @g_k0(%{{.*}}: !llvm.ptr) workgroup(%[[TILE:[^ ]*]] : memref<8xi64, {{[^,]*}}) kernel
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
