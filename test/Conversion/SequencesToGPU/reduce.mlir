// RUN: graph-opt %s --convert-sequences-to-gpu="max-blocks=16 threads=64" --canonicalize --split-input-file | FileCheck %s

// Tests a reduction of all tensors: each block joins its elements in registers,
// over the lanes, over the warps, into one partial result; the block that draws
// the last ticket joins those in a fixed order, sums of f32 in f64.
// CHECK-LABEL: func.func @total(
// CHECK:         gpu.func @g_k0(%[[SLOTS:.*]]: !llvm.ptr) workgroup(%[[WARPS:.*]] : memref<2xf32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}, %[[TICKET:.*]] : memref<1xi32, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}, %[[WIDE:.*]] : memref<2xf64, #gpu.address_space<workgroup>> {llvm.align = 16 : i64}) kernel
// CHECK-SAME:      graphopt.slots_by_value = 4 : i64
// CHECK-DAG:       %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK-DAG:       %[[ZERO64:.*]] = arith.constant 0.000000e+00 : f64
// CHECK-DAG:       %[[TID:.*]] = gpu.thread_id x
// CHECK-DAG:       %[[THREAD:.*]] = arith.index_castui %[[TID]]
// CHECK:           scf.if
// Of a piece, offset and length come from the turn before.
// CHECK:             %[[SUM:.*]]:3 = scf.for {{.*}} iter_args(%[[ACC:.*]] = %[[ZERO]], %{{.*}}, %{{.*}}) -> (f32, i64, i64)
// CHECK:               %[[ROUNDS:.*]] = scf.for {{.*}} iter_args(%{{.*}} = %[[ACC]]) -> (f32)
// CHECK-COUNT-2:         llvm.load %{{.*}} -> f32
// The rest is a round in which units are missing, which do not count.
// CHECK:               %[[UNIT:.*]] = arith.addi %{{.*}}, %[[THREAD]]
// CHECK:               %[[ISANY:.*]] = arith.cmpi ult, %[[UNIT]], %[[COUNT:.*]] :
// CHECK:               %[[SINGLE:.*]] = scf.if %[[ISANY]] -> (f32) {
// CHECK-DAG:             %[[IS0:.*]] = arith.cmpi ult, %[[UNIT]], %[[COUNT]]
// CHECK-DAG:             %[[UNIT1:.*]] = arith.addi %[[UNIT]], %c64_i32
// CHECK-DAG:             %[[IS1:.*]] = arith.cmpi ult, %[[UNIT1]], %[[COUNT]]
// CHECK-COUNT-2:         llvm.load %{{.*}} -> f32
// CHECK:                 %[[WITH0:.*]] = arith.addf %[[ROUNDS]], %{{.*}}
// CHECK:                 %[[SUM0:.*]] = arith.select %[[IS0]], %[[WITH0]], %[[ROUNDS]]
// CHECK:                 %[[WITH1:.*]] = arith.addf %[[SUM0]], %{{.*}}
// CHECK:                 %[[SUM1:.*]] = arith.select %[[IS1]], %[[WITH1]], %[[SUM0]]
// CHECK:                 scf.yield %[[SUM1]]
// CHECK:               } else {
// CHECK:                 scf.yield %[[ROUNDS]]
// CHECK:               scf.for {{.*}} iter_args(%{{.*}} = %[[SINGLE]]) -> (f32)
// CHECK-COUNT-4:         llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xf32>
// CHECK-COUNT-16:        arith.mulf
// CHECK-COUNT-16:        arith.addf
// CHECK:               scf.if {{.*}} -> (f32)
// CHECK-COUNT-4:         llvm.load %{{.*}} {alignment = 16 : i64} : !llvm.ptr<1> -> vector<4xf32>
// CHECK-COUNT-4:         arith.select
// CHECK:               scf.if {{.*}} -> (f32)
// CHECK-NOT:             arith.select
// CHECK:               scf.yield %{{.*}} : f32, i64, i64
// CHECK-COUNT-5:     gpu.shuffle xor
// CHECK:             gpu.barrier
// CHECK:             memref.store %{{.*}}, %[[WARPS]]
// CHECK:             gpu.barrier
// CHECK:             %[[W0:.*]] = memref.load %[[WARPS]][%c0]
// CHECK:             %[[W1:.*]] = memref.load %[[WARPS]][%c1]
// CHECK:             %[[PARTIAL:.*]] = arith.addf %[[W0]], %[[W1]]
// CHECK:             scf.if
// CHECK:               %[[SCRATCH:.*]] = llvm.getelementptr %[[SLOTS]][1]
// CHECK:               llvm.store %[[PARTIAL]], %{{.*}} : f32, !llvm.ptr<1>
// CHECK:           gpu.barrier
// CHECK:           scf.if
// CHECK:             llvm.fence syncscope("device") acq_rel
// CHECK:             %[[STATESLOT:.*]] = llvm.getelementptr %[[SLOTS]][3]
// CHECK:             %[[STATE:.*]] = llvm.load %[[STATESLOT]] : !llvm.ptr -> !llvm.ptr<1>
// CHECK:             %[[DRAWN:.*]] = llvm.atomicrmw uinc_wrap %[[STATE]], %c2_i32 syncscope("device") monotonic
// CHECK:             %[[ENDS:.*]] = arith.cmpi eq, %[[DRAWN]], %c2_i32
// CHECK:             scf.if %[[ENDS]] {
// CHECK-NEXT:          llvm.fence syncscope("device") acq_rel
// CHECK:             memref.store %[[DRAWN]], %[[TICKET]][%c0]
// CHECK:           gpu.barrier
// CHECK:           %[[MINE:.*]] = memref.load %[[TICKET]][%c0]
// CHECK:           %[[LAST:.*]] = arith.cmpi eq, %[[MINE]], %c2_i32
// CHECK:           scf.if %[[LAST]]
// CHECK:             scf.for {{.*}} step %c64_i32 iter_args(%{{.*}} = %[[ZERO64]]) -> (f64)
// CHECK:               arith.extf %{{.*}} : f32 to f64
// CHECK-COUNT-10:    gpu.shuffle xor
// CHECK:             memref.store %{{.*}}, %[[WIDE]]
// CHECK:             arith.truncf %{{.*}} : f64 to f32
// CHECK:       cudagraph.graph @g(%[[A:.*]]: memref<10xf32>, %[[OUT:.*]]: memref<f32>) arena(%[[ARENA:.*]]: memref<260xi8>)
// CHECK-DAG:     %[[P:.*]] = memref.view %[[ARENA]][%c0][] : memref<260xi8> to memref<3xf32>
// CHECK-DAG:     %[[S:.*]] = memref.view %[[ARENA]][%c256][] : memref<260xi8> to memref<4xi8>
// CHECK:         cudagraph.kernel {{.*}} args(%[[A]] read, %[[P]] readwrite, %[[OUT]] write, %[[S]] readwrite :
// CHECK-SAME:      grid [3, 1, 1] block [64, 1, 1]
func.func @total(%m: memref<10xf32>, %o: memref<f32>) {
  %arena = memref.alloc() : memref<12xi8>
  tseq.graph "g" (%a = %m, %r = %o, %d = %arena) : (memref<10xf32>, memref<f32>, memref<12xi8>) -> () attributes {arena = 2 : i64, arena_bytes = 12 : i64} {
    %c0 = arith.constant 0 : index
    %p = memref.view %d[%c0][] : memref<12xi8> to memref<3xf32>
    %s = tseq.pack %a : !tseq.seq<memref<10xf32>>
    tseq.reduce [add] chunk(4) ins(%s : !tseq.seq<memref<10xf32>>) outs(%r : memref<f32>) scratch(%p : memref<3xf32>) {
    ^bb0(%x: f32):
      %y = arith.mulf %x, %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests a reduction per tensor: one partial result for each piece, joined by a
// thread for a tensor of few pieces and by a warp for one of many. What a thread
// needs to know of its first tensor is loaded before it waits for the last block.
// CHECK-LABEL: func.func @per_tensor(
// CHECK-DAG:     @[[FEWFIRST:table.*]](dense<[0, 11]> : tensor<2xi32>)
// CHECK-DAG:     @[[FEWTENSOR:table.*]](dense<[0, 2]> : tensor<2xi32>)
// CHECK-DAG:     @[[MANYTENSOR:table.*]](dense<1> : tensor<1xi32>)
// CHECK-DAG:     @[[MANYEND:table.*]](dense<11> : tensor<1xi32>)
// CHECK:         gpu.func @g_k0(
// CHECK-DAG:       %[[TENSORS:.*]] = llvm.mlir.addressof @[[FEWTENSOR]]
// CHECK-DAG:       %[[FIRSTS:.*]] = llvm.mlir.addressof @[[FEWFIRST]]
// CHECK-DAG:       %[[TID:.*]] = gpu.thread_id x
// CHECK-DAG:       %[[THREAD:.*]] = arith.index_castui %[[TID]]
// CHECK:           scf.for %[[PIECE:.*]] = %{{.*}} to %{{.*}} step %c1_i32 iter_args({{.*}}) -> (i64, i64)
// CHECK:             gpu.shuffle xor
// CHECK:             scf.if
// CHECK:               %[[PLACE:.*]] = llvm.getelementptr %{{.*}}[%[[PIECE]]]
// CHECK:               llvm.store %{{.*}}, %[[PLACE]] : f32
// CHECK:           %[[START:.*]] = arith.minui %[[THREAD]], %c1_i32
// CHECK:           %[[AT:.*]] = llvm.getelementptr %[[TENSORS]][%[[START]]]
// CHECK:           %[[TENSOR0:.*]] = llvm.load %[[AT]] invariant
// CHECK:           %[[AT:.*]] = llvm.getelementptr %[[FIRSTS]][%[[START]]]
// CHECK:           %[[FIRST0:.*]] = llvm.load %[[AT]] invariant
// CHECK:           llvm.atomicrmw uinc_wrap
// CHECK:           scf.if
// CHECK:             scf.for %[[NUMBER:.*]] = %[[THREAD]] to %c2_i32 step %c64_i32 iter_args(%[[TENSOR:.*]] = %[[TENSOR0]], %[[FIRST:.*]] = %[[FIRST0]])
// CHECK:               %[[FOLLOWING:.*]] = arith.addi %[[NUMBER]], %c64_i32
// CHECK:               %[[NEXT:.*]] = arith.minui %[[FOLLOWING]], %c1_i32
// CHECK:               %[[AT:.*]] = llvm.getelementptr %[[TENSORS]][%[[NEXT]]]
// CHECK:               %[[NEXTTENSOR:.*]] = llvm.load %[[AT]] invariant
// CHECK:               %[[AT:.*]] = llvm.getelementptr %[[FIRSTS]][%[[NEXT]]]
// CHECK:               %[[NEXTFIRST:.*]] = llvm.load %[[AT]] invariant
// All have one piece, so that there is nothing to select.
// CHECK-NOT:           arith.select
// CHECK:               %[[PARTIAL:.*]] = arith.minui %[[FIRST]], %c11_i32
// CHECK:               %[[AT:.*]] = llvm.getelementptr %{{.*}}[%[[PARTIAL]]]
// CHECK:               llvm.load %[[AT]] :
// CHECK-NOT:           arith.select
// CHECK-NOT:           gpu.shuffle
// CHECK:               llvm.getelementptr %{{.*}}[%[[TENSOR]]]
// CHECK:               scf.yield %[[NEXTTENSOR]], %[[NEXTFIRST]]
// CHECK:             scf.for %{{.*}} = %{{.*}} to %c1_i32 step %c2_i32
// CHECK:               scf.for {{.*}} step %c32_i32 iter_args(
// CHECK:               gpu.shuffle xor
// CHECK:         cudagraph.kernel {{.*}} grid [12, 1, 1]
func.func @per_tensor(%m: memref<3xf32>, %n: memref<39xf32>, %o: memref<f32>, %r: memref<3xf32>) {
  %arena = memref.alloc() : memref<48xi8>
  tseq.graph "g" (%a = %m, %b = %n, %c = %o, %e = %r, %d = %arena) : (memref<3xf32>, memref<39xf32>, memref<f32>, memref<3xf32>, memref<48xi8>) -> () attributes {arena = 4 : i64, arena_bytes = 48 : i64} {
    %c0 = arith.constant 0 : index
    %p = memref.view %d[%c0][] : memref<48xi8> to memref<12xf32>
    %s = tseq.pack %a, %b, %c : !tseq.seq<memref<3xf32>, memref<39xf32>, memref<f32>>
    tseq.reduce [add] per_tensor chunk(4) ins(%s : !tseq.seq<memref<3xf32>, memref<39xf32>, memref<f32>>) outs(%e : memref<3xf32>) scratch(%p : memref<12xf32>) {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a thread loads all partial results of a tensor of few pieces, here two
// to four, before it joins them in order; those that not all tensors have count
// where they are.
// CHECK-LABEL: func.func @few_pieces(
// CHECK-DAG:     (dense<[3, 5, 9]> : tensor<3xi32>)
// CHECK-DAG:     (dense<[0, 3, 5]> : tensor<3xi32>)
// CHECK-DAG:     (dense<[0, 1, 2]> : tensor<3xi32>)
// CHECK:         gpu.func @g_k0(
// CHECK-DAG:       %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK:           llvm.atomicrmw uinc_wrap
// CHECK:           scf.if
// CHECK:             scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %[[FIRST:.*]] = %{{.*}}, %[[END:.*]] = %{{.*}}) -> (i32, i32, i32)
// CHECK:               arith.minui %[[FIRST]], %c8_i32
// CHECK:               %[[V0:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> f32
// CHECK:               %[[N1:.*]] = arith.addi %[[FIRST]], %c1_i32
// CHECK:               arith.minui %[[N1]], %c8_i32
// CHECK:               %[[V1:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> f32
// CHECK:               %[[N2:.*]] = arith.addi %[[FIRST]], %c2_i32
// CHECK:               arith.minui %[[N2]], %c8_i32
// CHECK:               %[[V2:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> f32
// CHECK:               %[[N3:.*]] = arith.addi %[[FIRST]], %c3_i32
// CHECK:               arith.minui %[[N3]], %c8_i32
// CHECK:               %[[V3:.*]] = llvm.load %{{.*}} : !llvm.ptr<1> -> f32
// CHECK-NEXT:          %[[R1:.*]] = arith.mulf %[[V0]], %[[V1]]
// CHECK-NEXT:          %[[WITH2:.*]] = arith.mulf %[[R1]], %[[V2]]
// CHECK-NEXT:          %[[IS2:.*]] = arith.cmpi ult, %[[N2]], %[[END]]
// CHECK-NEXT:          %[[R2:.*]] = arith.select %[[IS2]], %[[WITH2]], %[[R1]]
// CHECK-NEXT:          %[[WITH3:.*]] = arith.mulf %[[R2]], %[[V3]]
// CHECK-NEXT:          %[[IS3:.*]] = arith.cmpi ult, %[[N3]], %[[END]]
// CHECK-NEXT:          %[[R3:.*]] = arith.select %[[IS3]], %[[WITH3]], %[[R2]]
// CHECK:               llvm.store %[[R3]]
// CHECK-NOT:         scf.for
// CHECK:         cudagraph.kernel
func.func @few_pieces(%m: memref<12xf32>, %n: memref<8xf32>, %o: memref<14xf32>, %r: memref<3xf32>, %k: memref<9xf32>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %o, %e = %r, %p = %k) : (memref<12xf32>, memref<8xf32>, memref<14xf32>, memref<3xf32>, memref<9xf32>) -> () {
    %s = tseq.pack %a, %b, %c : !tseq.seq<memref<12xf32>, memref<8xf32>, memref<14xf32>>
    tseq.reduce [mul] per_tensor chunk(4) ins(%s : !tseq.seq<memref<12xf32>, memref<8xf32>, memref<14xf32>>) outs(%e : memref<3xf32>) scratch(%p : memref<9xf32>) {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests several combiners of several types: each has its own identity, its
// place in shared memory and its partial results; only sums of f32 are widened.
// CHECK-LABEL: func.func @combiners(
// CHECK:         gpu.func @g_k0(
// CHECK-SAME:      workgroup(%{{.*}} : memref<2xf32, {{[^)]*}}, %{{.*}} : memref<2xi64, {{[^)]*}}, %{{.*}} : memref<2xi8, {{[^)]*}}, %{{.*}} : memref<2xbf16,
// CHECK-DAG:       %[[LEAST:.*]] = arith.constant 0xFF800000 : f32
// CHECK-DAG:       %[[ZERO:.*]] = arith.constant 0 : i64
// CHECK-DAG:       %[[TRUE:.*]] = arith.constant true
// CHECK-DAG:       %[[GREATEST:.*]] = arith.constant 0x7FC0 : bf16
// CHECK:           scf.for {{.*}} iter_args(%{{.*}} = %[[LEAST]], %{{.*}} = %[[ZERO]], %{{.*}} = %[[TRUE]], %{{.*}} = %[[GREATEST]], %{{.*}}, %{{.*}}) -> (f32, i64, i1, bf16, i64, i64)
// A float of 32 bits is exchanged as it is, 64 bits in halves, fewer as 32.
// CHECK:           %[[WORD:.*]] = arith.bitcast %{{.*}} : f32 to i32
// CHECK:           gpu.shuffle xor %[[WORD]]
// CHECK:           arith.maximumf
// CHECK:           llvm.bitcast %{{.*}} : i64 to vector<2xi32>
// CHECK-COUNT-2:   gpu.shuffle xor
// CHECK:           llvm.bitcast %{{.*}} : vector<2xi32> to i64
// CHECK:           arith.addi
// CHECK:           arith.extui %{{.*}} : i1 to i32
// CHECK:           gpu.shuffle xor
// CHECK:           arith.trunci %{{.*}} : i32 to i1
// CHECK:           arith.andi
// CHECK:           arith.bitcast %{{.*}} : bf16 to i16
// CHECK:           arith.extui %{{.*}} : i16 to i32
// CHECK:           gpu.shuffle xor
// CHECK:           arith.minnumf
// CHECK-NOT:       f64
// CHECK:         cudagraph.kernel {{.*}} args(%{{.*}} read, %{{.*}} readwrite, %{{.*}} readwrite, %{{.*}} readwrite, %{{.*}} readwrite, %{{.*}} write, %{{.*}} write, %{{.*}} write, %{{.*}} write, %{{.*}} readwrite : memref<8xbf16>, memref<2xf32>, memref<2xi64>, memref<2xi1>, memref<2xbf16>, memref<f32>, memref<i64>, memref<i1>, memref<bf16>, memref<4xi8>)
func.func @combiners(%m: memref<8xbf16>, %u: memref<f32>, %v: memref<i64>, %w: memref<i1>, %x: memref<bf16>) {
  %arena = memref.alloc() : memref<1024xi8>
  tseq.graph "g" (%a = %m, %f = %u, %g = %v, %h = %w, %i = %x, %d = %arena) : (memref<8xbf16>, memref<f32>, memref<i64>, memref<i1>, memref<bf16>, memref<1024xi8>) -> () attributes {arena = 5 : i64, arena_bytes = 1024 : i64} {
    %c0 = arith.constant 0 : index
    %c256 = arith.constant 256 : index
    %c512 = arith.constant 512 : index
    %c768 = arith.constant 768 : index
    %p = memref.view %d[%c0][] : memref<1024xi8> to memref<2xf32>
    %q = memref.view %d[%c256][] : memref<1024xi8> to memref<2xi64>
    %r = memref.view %d[%c512][] : memref<1024xi8> to memref<2xi1>
    %t = memref.view %d[%c768][] : memref<1024xi8> to memref<2xbf16>
    %s = tseq.pack %a : !tseq.seq<memref<8xbf16>>
    tseq.reduce [maximum, add, and, minnum] chunk(4) ins(%s : !tseq.seq<memref<8xbf16>>) outs(%f, %g, %h, %i : memref<f32>, memref<i64>, memref<i1>, memref<bf16>) scratch(%p, %q, %r, %t : memref<2xf32>, memref<2xi64>, memref<2xi1>, memref<2xbf16>) {
    ^bb0(%e: bf16):
      %wide = arith.extf %e : bf16 to f32
      %one = arith.constant 1 : i64
      %finite = math.isfinite %e : bf16
      tseq.yield %wide, %one, %finite, %e : f32, i64, i1, bf16
    }
    tseq.yield
  }
  return
}

// -----

// Tests that the scalar program after a reduction is computed by the last block
// once the result is there.
// CHECK-LABEL: func.func @tail(
// CHECK:         gpu.func @g_k0(
// CHECK:           llvm.atomicrmw uinc_wrap
// CHECK:           scf.if
// CHECK:             scf.if
// CHECK:               %[[SUM:.*]] = arith.truncf %{{.*}} : f64 to f32
// CHECK:               llvm.store %[[SUM]]
// CHECK:             gpu.barrier
// CHECK:             scf.if
// CHECK:               math.sqrt
// CHECK-NOT:       math.sqrt
// CHECK:         cudagraph.kernel "g.k0"
// CHECK-NOT:     cudagraph.kernel
func.func @tail(%m: memref<8xf32>, %n: memref<f32>) {
  %arena = memref.alloc() : memref<512xi8>
  tseq.graph "g" (%a = %m, %c = %n, %d = %arena) : (memref<8xf32>, memref<f32>, memref<512xi8>) -> () attributes {arena = 2 : i64, arena_bytes = 512 : i64} {
    %c0 = arith.constant 0 : index
    %c256 = arith.constant 256 : index
    %p = memref.view %d[%c0][] : memref<512xi8> to memref<2xf32>
    %q = memref.view %d[%c256][] : memref<512xi8> to memref<f32>
    tseq.kernel {
      %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
      tseq.reduce [add] chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) outs(%q : memref<f32>) scratch(%p : memref<2xf32>) {
      ^bb0(%x: f32):
        tseq.yield %x : f32
      }
      tseq.scalar ins(%q : memref<f32>) outs(%c : memref<f32>) {
      ^bb0(%x: f32):
        %y = math.sqrt %x : f32
        tseq.yield %y : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a list of one block needs no ticket.
// CHECK-LABEL: func.func @one_block(
// CHECK:         gpu.func @g_k0(
// CHECK-SAME:      graphopt.slots_by_value = 3 : i64
// CHECK-NOT:       llvm.atomicrmw
// CHECK-NOT:       llvm.fence
// CHECK:         cudagraph.graph @g(%{{.*}}: memref<8xf32>, %{{.*}}: memref<f32>, %{{.*}}: memref<1xf32>) attributes {disjoint_buffers} {
func.func @one_block(%m: memref<8xf32>, %n: memref<f32>, %k: memref<1xf32>) {
  tseq.graph "g" (%a = %m, %r = %n, %p = %k) : (memref<8xf32>, memref<f32>, memref<1xf32>) -> () {
    %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
    tseq.reduce [add] chunk(8) ins(%s : !tseq.seq<memref<8xf32>>) outs(%r : memref<f32>) scratch(%p : memref<1xf32>) {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a sum over tensors without elements is the identity, of all and
// per tensor.
// CHECK-LABEL: func.func @no_elements(
// CHECK:         gpu.func @g_k0(
// CHECK-DAG:       %[[ONE:.*]] = arith.constant 1.000000e+00 : f32
// CHECK:           scf.for %{{.*}} to %c0_i32 step %c64_i32 iter_args(%{{.*}} = %[[ONE]])
// CHECK:           llvm.store %{{.*}} : f32, !llvm.ptr<1>
// CHECK:         gpu.func @g_k1(
// CHECK:           %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
// CHECK:           scf.for %{{.*}} to %c2_i32 step %c64_i32 iter_args(%[[TENSOR:.*]] =
// CHECK:             %[[PLACE:.*]] = llvm.getelementptr %{{.*}}[%[[TENSOR]]]
// CHECK:             llvm.store %[[ZERO]], %[[PLACE]] : f32, !llvm.ptr<1>
// CHECK:         cudagraph.kernel "g.k0" {{.*}} grid [1, 1, 1]
// CHECK:         cudagraph.kernel "g.k1" {{.*}} grid [1, 1, 1]
func.func @no_elements(%m: memref<0xf32>, %n: memref<3x0xf32>, %r: memref<f32>, %t: memref<2xf32>, %u: memref<0xf32>) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %r, %d = %t, %p = %u) : (memref<0xf32>, memref<3x0xf32>, memref<f32>, memref<2xf32>, memref<0xf32>) -> () {
    %s = tseq.pack %a, %b : !tseq.seq<memref<0xf32>, memref<3x0xf32>>
    tseq.reduce [mul] chunk(8) ins(%s : !tseq.seq<memref<0xf32>, memref<3x0xf32>>) outs(%c : memref<f32>) scratch(%p : memref<0xf32>) {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    tseq.reduce [add] per_tensor chunk(8) ins(%s : !tseq.seq<memref<0xf32>, memref<3x0xf32>>) outs(%d : memref<2xf32>) scratch(%p : memref<0xf32>) {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    tseq.yield
  }
  return
}
