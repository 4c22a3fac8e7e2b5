// RUN: graph-opt %s --convert-sequences-to-gpu="chip=sm_87" --canonicalize --split-input-file | FileCheck %s
// RUN: graph-opt %s --convert-sequences-to-gpu="chip=sm_87 tile-threads=64" --split-input-file | FileCheck %s --check-prefix=THREADS
// RUN: graph-opt %s --convert-sequences-to-gpu="chip=sm_87 max-blocks=100" --split-input-file | FileCheck %s --check-prefix=WAVE

// Tests that maps on long lists are dealt out in tiles: here of 2048 elements, 64
// bytes for each of 128 threads. A row stands for a span of tiles, 256 here, which
// makes the tables the shortest. What the tensors leave comes behind: two tiles of the
// first one; the last 500 elements, the second and the third tensor are packed into
// one block. The scalar that every block would compute is a node of its own.
// CHECK-LABEL: func.func @long
// CHECK:     @[[PIECES:table.*]](dense<[0, 2048, 524288, 2048, 526336, 2048, 528384, 500, 0, 4294967996, 0, 8589934892]> : tensor<12xi64>)
// First piece and end, offset, tensor and length of the piece to start with: that is
// the last one, as the map walks backward.
// CHECK:     @[[ROWS:table.*]](dense<[4294967296, 0, 0, 2048, 8589934593, 0, 524288, 2048, 12884901890, 0, 526336, 2048, 25769803779, 0, 0, 8589934892]> : tensor<16xi64>)
// CHECK:     gpu.func @long_graph0_k0_0
// CHECK:       math.sqrt
// CHECK:     gpu.func @long_graph0_k0_1(%[[SLOTS:.*]]: !llvm.ptr)
// CHECK-SAME:  known_block_size = array<i32: 128, 1, 1>, known_grid_size = array<i32: 259, 1, 1>, nvvm.minctasm = 8 : i32
// CHECK-NOT:   math.sqrt
// CHECK:       %[[BLOCK:.*]] = arith.index_castui %block_id_x
// CHECK:       %[[NUMBER:.*]] = arith.minui %[[BLOCK]], %c258_i32
// Blocks that start first have what the list ends with.
// CHECK:       %[[TILE:.*]] = arith.subi %c258_i32, %[[NUMBER]]
// CHECK:       %[[INSPANS:.*]] = arith.cmpi ult, %[[TILE]], %c256_i32
// CHECK:       %[[SPAN:.*]] = arith.shrui %[[TILE]], %c8_i32
// CHECK:       %[[OTHER:.*]] = arith.subi %c3_i32, %[[NUMBER]]
// CHECK:       %[[ROW:.*]] = arith.select %[[INSPANS]], %[[SPAN]], %[[OTHER]]
// CHECK:       %[[INDEX:.*]] = arith.muli %[[ROW]], %c2_i32
// CHECK:       llvm.getelementptr %{{.*}}[%[[INDEX]]]
// CHECK:       %[[WORDS:.*]] = llvm.load %{{.*}} invariant
// CHECK:       %[[WORDS:.*]] = llvm.load %{{.*}} invariant
// CHECK:       %[[START:.*]] = llvm.extractelement %[[WORDS]][%c0_i32
// CHECK:       %[[LENGTH:.*]] = llvm.extractelement %[[WORDS]][%c1_i32
// CHECK:       %[[PLACE:.*]] = arith.andi %[[TILE]], %c255_i32
// CHECK:       %[[BEFORE:.*]] = arith.select %[[INSPANS]], %[[PLACE]], %c0_i32
// CHECK:       %[[WIDE:.*]] = arith.extui %[[BEFORE]]
// CHECK:       %[[SKIPPED:.*]] = arith.muli %[[WIDE]], %c2048_i64
// CHECK:       %[[OFFSET:.*]] = arith.addi %[[START]], %[[SKIPPED]]
// CHECK:       scf.for {{.*}} iter_args(%{{.*}} = %[[OFFSET]], %{{.*}} = %[[LENGTH]])
// CHECK-LABEL: cudagraph.graph @long.graph0
// CHECK:     %[[SCALAR:.*]] = cudagraph.kernel "long.graph0.k0.0"
// CHECK:     cudagraph.kernel "long.graph0.k0.1" after(%[[SCALAR]]){{.*}} grid [259, 1, 1] block [128, 1, 1]

// THREADS-LABEL: cudagraph.graph @long.graph0
// THREADS:   cudagraph.kernel "long.graph0.k0.1"{{.*}} grid [518, 1, 1] block [64, 1, 1]

// Tests that who bounds the number of blocks gets no more, and no second node.
// WAVE-LABEL: cudagraph.graph @long.graph0
// WAVE-COUNT-1: cudagraph.kernel "long.graph0.k0"{{.*}} grid [100, 1, 1] block [256, 1, 1]
// WAVE-NOT:  cudagraph.kernel
// WAVE:      func.func @short
func.func @long(%a: memref<528884xf32>, %b: memref<700xf32>, %c: memref<300xf32>, %k: memref<f32>, %h: memref<f32>) {
  tseq.graph "long.graph0" (%x = %a, %y = %b, %z = %c, %by = %k, %t = %h) : (memref<528884xf32>, memref<700xf32>, memref<300xf32>, memref<f32>, memref<f32>) -> () {
    tseq.kernel {
      tseq.scalar ins(%by : memref<f32>) outs(%t : memref<f32>) {
      ^bb0(%v: f32):
        %r = math.sqrt %v : f32
        tseq.yield %r : f32
      }
      %l = tseq.pack %x, %y, %z : !tseq.seq<memref<528884xf32>, memref<700xf32>, memref<300xf32>>
      tseq.map backward chunk(4096) ins(%l : !tseq.seq<memref<528884xf32>, memref<700xf32>, memref<300xf32>>) scalars(%t : memref<f32>) outs(%l : !tseq.seq<memref<528884xf32>, memref<700xf32>, memref<300xf32>>) {
      ^bb0(%v: f32, %s: f32):
        %w = arith.mulf %v, %s : f32
        tseq.yield %w : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that one wave of blocks does what is shorter than two waves of tiles, here 256.
// CHECK-LABEL: cudagraph.graph @short.graph0
// CHECK:     cudagraph.kernel "short.graph0.k0"{{.*}} grid [64, 1, 1] block [256, 1, 1]
func.func @short(%a: memref<524287xf32>) {
  tseq.graph "short.graph0" (%x = %a) : (memref<524287xf32>) -> () {
    %l = tseq.pack %x : !tseq.seq<memref<524287xf32>>
    tseq.map chunk(4096) ins(%l : !tseq.seq<memref<524287xf32>>) outs(%l : !tseq.seq<memref<524287xf32>>) {
    ^bb0(%v: f32):
      %w = arith.negf %v : f32
      tseq.yield %w : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that all lists of 16 bits have tiles with more elements, 64 bytes for each
// thread, and lists of several widths as many as the widest.
// CHECK-LABEL: cudagraph.graph @narrow.graph0
// CHECK:     cudagraph.kernel "narrow.graph0.k0"{{.*}} grid [256, 1, 1] block [128, 1, 1]
// CHECK:     cudagraph.kernel "narrow.graph0.k1"{{.*}} grid [512, 1, 1] block [128, 1, 1]
func.func @narrow(%a: memref<1048576xbf16>, %b: memref<1048576xf32>) {
  tseq.graph "narrow.graph0" (%x = %a, %y = %b) : (memref<1048576xbf16>, memref<1048576xf32>) -> () {
    %l = tseq.pack %x : !tseq.seq<memref<1048576xbf16>>
    tseq.map chunk(4096) ins(%l : !tseq.seq<memref<1048576xbf16>>) outs(%l : !tseq.seq<memref<1048576xbf16>>) {
    ^bb0(%v: bf16):
      %w = arith.negf %v : bf16
      tseq.yield %w : bf16
    }
    %m = tseq.pack %y : !tseq.seq<memref<1048576xf32>>
    tseq.map chunk(4096) ins(%l : !tseq.seq<memref<1048576xbf16>>) outs(%m : !tseq.seq<memref<1048576xf32>>) {
    ^bb0(%v: bf16):
      %w = arith.extf %v : bf16 to f32
      tseq.yield %w : f32
    }
    tseq.yield
  }
  return
}
