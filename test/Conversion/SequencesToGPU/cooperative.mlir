// RUN: graph-opt %s --convert-sequences-to-gpu | FileCheck %s
// RUN: graph-opt %s --convert-sequences-to-gpu="cooperative-threads=256 cooperative-blocks=1" \
// RUN:   | FileCheck %s --check-prefix=OPTIONS

// Tests that phases of a cooperative kernel share a node, whose blocks wait for each
// other where a phase needs what another one finished; that any number of blocks does
// the work, each of them going from its own row of the table of blocks to the one
// that is as many rows on as there are blocks; that the row of the map, which walks
// backward, is loaded before the wait; and that what both phases use is one operand.
// CHECK-LABEL: gpu.func @f_graph0_k0
// CHECK-SAME: known_block_size = array<i32: 512, 1, 1>
// CHECK-SAME: nvvm.minctasm = 2
// CHECK-NOT: known_grid_size
// OPTIONS: gpu.func @f_graph0_k0{{.*}}nvvm.minctasm = 1
// CHECK: %[[GRID:.*]] = gpu.grid_dim x
// CHECK: %[[BLOCKS:.*]] = arith.index_castui %[[GRID]]
// The reduction, a block of the division after the other.
// CHECK: %[[ROWS:.*]] = llvm.mlir.addressof @[[TABLE:.*]] : !llvm.ptr<1>
// CHECK: llvm.load %{{.*}} invariant
// CHECK: %[[BOUNDS:.*]] = llvm.extractelement
// CHECK: llvm.load %{{.*}} invariant
// CHECK: %[[OFFSET:.*]] = llvm.extractelement
// CHECK: %[[LENGTH:.*]] = llvm.extractelement
// CHECK: scf.for %[[NUMBER:.*]] = %{{.*}} to %{{.*}} step %[[BLOCKS]] iter_args(%[[B:.*]] = %[[BOUNDS]], %[[O:.*]] = %[[OFFSET]], %[[L:.*]] = %[[LENGTH]])
// CHECK: %[[FOLLOWING:.*]] = arith.addi %[[NUMBER]], %[[BLOCKS]]
// CHECK: arith.minui %[[FOLLOWING]], %c97_i32
// CHECK: llvm.mlir.addressof @[[TABLE]]
// CHECK: llvm.load %{{.*}} invariant
// CHECK: %[[NEXTBOUNDS:.*]] = llvm.extractelement
// CHECK: llvm.load %{{.*}} invariant
// CHECK: %[[NEXTOFFSET:.*]] = llvm.extractelement
// CHECK: %[[NEXTLENGTH:.*]] = llvm.extractelement
// CHECK: scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %{{.*}} = %[[O]], %{{.*}} = %[[L]])
// CHECK: scf.yield %[[NEXTBOUNDS]], %[[NEXTOFFSET]], %[[NEXTLENGTH]] :
// The row of the map.
// CHECK: llvm.mlir.addressof @[[MAPTABLE:.*]] : !llvm.ptr<1>
// CHECK: llvm.load %{{.*}} invariant
// CHECK: %[[MAPBOUNDS:.*]] = llvm.extractelement
// CHECK: llvm.load %{{.*}} invariant
// CHECK: %[[MAPOFFSET:.*]] = llvm.extractelement
// CHECK: %[[MAPLENGTH:.*]] = llvm.extractelement
// CHECK: llvm.load %[[DONE:.*]] atomic syncscope("device") monotonic
// CHECK: llvm.atomicrmw uinc_wrap
// CHECK: scf.if
// The last block makes the scalar, then lets the others go.
// CHECK: math.sqrt
// CHECK: llvm.atomicrmw add %[[DONE]]
// CHECK: } else {
// CHECK: scf.while
// CHECK: llvm.load %[[DONE]] atomic syncscope("device") monotonic
// CHECK: llvm.fence syncscope("device") acq_rel
// CHECK: gpu.barrier
// The map.
// CHECK-NOT: invariant
// CHECK: scf.for %{{.*}} = %{{.*}} to %{{.*}} step %[[BLOCKS]] iter_args(%{{.*}} = %[[MAPBOUNDS]], %{{.*}} = %[[MAPOFFSET]], %{{.*}} = %[[MAPLENGTH]])
// CHECK: arith.mulf
// CHECK-LABEL: cudagraph.graph @f.graph0
// CHECK: cudagraph.kernel "f.graph0.k0"
// CHECK-SAME: args(%{{.*}} readwrite, %{{.*}} readwrite, %{{.*}} readwrite, %{{.*}} readwrite :
// CHECK-SAME: block [512, 1, 1] cooperative {any_grid}
// CHECK-NOT: cudagraph.kernel
// OPTIONS: cudagraph.kernel{{.*}}block [256, 1, 1] cooperative {any_grid}
func.func @f(%m: memref<100000xf32>, %n: memref<f32>, %s: memref<100xf32>) {
  tseq.graph "f.graph0" (%g = %m, %sum = %n, %scratch = %s) : (memref<100000xf32>, memref<f32>, memref<100xf32>) -> () {
    %l = tseq.pack %g : !tseq.seq<memref<100000xf32>>
    tseq.kernel cooperative {
      tseq.reduce [add] chunk(1024) ins(%l : !tseq.seq<memref<100000xf32>>) outs(%sum : memref<f32>) scratch(%scratch : memref<100xf32>) {
      ^bb0(%x: f32):
        tseq.yield %x : f32
      }
      tseq.scalar ins(%sum : memref<f32>) outs(%sum : memref<f32>) {
      ^bb0(%x: f32):
        %r = math.sqrt %x : f32
        tseq.yield %r : f32
      }
      tseq.map backward chunk(1024) ins(%l : !tseq.seq<memref<100000xf32>>) scalars(%sum : memref<f32>) outs(%l : !tseq.seq<memref<100000xf32>>) {
      ^bb0(%x: f32, %k: f32):
        %y = arith.mulf %x, %k : f32
        tseq.yield %y : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}
