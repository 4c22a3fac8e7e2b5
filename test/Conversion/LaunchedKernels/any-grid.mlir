// RUN: graph-opt %s --pack-kernel-arguments --split-input-file | FileCheck %s
// RUN: graph-opt %s --convert-launched-kernels-to-host --split-input-file -o /dev/null

// Tests that each block of a node with the extents of its grid as operands does
// the work of every n-th block of that grid.

// CHECK-LABEL: cudagraph.graph @g
// CHECK:         phases [#cudagraph.phase<@k::@set_any_grid_slots, 1>]
// CHECK-NOT:     graphopt.grid_in_operands
// CHECK:         phases [#cudagraph.phase<@k::@set_any_grid_slots, 1>]
cudagraph.graph @g(%a: memref<8xf32>) parameters(%n: memref<index>, %i: memref<i32>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@set, 1>]
    args(%a readwrite, %n read, %i read, %n read : memref<8xf32>, memref<index>, memref<i32>, memref<index>)
    grid [1024, 1, 1] block [2, 1, 1] {graphopt.grid_in_operands}
  %1 = cudagraph.kernel "k" after(%0) phases [#cudagraph.phase<@k::@set, 1>]
    args(%a readwrite, %n read, %i read, %n read : memref<8xf32>, memref<index>, memref<i32>, memref<index>)
    grid [1024, 1, 1] block [4, 1, 1] {graphopt.grid_in_operands}
}
// CHECK:       gpu.func @set_any_grid_slots(
// CHECK:         %[[X:.*]] = arith.index_cast %{{.*}} : i64 to index
// CHECK:         %[[I:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i32
// CHECK:         %[[Z:.*]] = arith.index_cast %{{.*}} : i64 to index
// What is on the stack is there once.
// CHECK:         %[[S:.*]] = memref.alloca() : memref<1xf32>
// CHECK:         %[[Y:.*]] = arith.index_cast %[[I]] : i32 to index
// CHECK-NEXT:    %[[P:.*]] = arith.muli %[[X]], %[[Y]] : index
// CHECK-NEXT:    %[[N:.*]] = arith.muli %[[P]], %[[Z]] : index
// CHECK-NEXT:    %[[FIRST:.*]] = gpu.block_id x
// CHECK-NEXT:    %[[STEP:.*]] = gpu.grid_dim x
// CHECK-NEXT:    scf.for %[[B:.*]] = %[[FIRST]] to %[[N]] step %[[STEP]] {
// CHECK-NEXT:      %[[BX:.*]] = arith.remui %[[B]], %[[X]] : index
// CHECK-NEXT:      %[[LINE:.*]] = arith.divui %[[B]], %[[X]] : index
// CHECK-NEXT:      %[[BY:.*]] = arith.remui %[[LINE]], %[[Y]] : index
// CHECK-NEXT:      arith.divui %[[LINE]], %[[Y]] : index
// CHECK:           %[[T:.*]] = gpu.block_dim y
// CHECK-NEXT:      %[[F:.*]] = arith.muli %[[BY]], %[[T]] : index
// CHECK-NEXT:      %[[TY:.*]] = gpu.thread_id y
// CHECK-NEXT:      arith.addi %[[F]], %[[TY]] : index
// CHECK-NEXT:      arith.addi %[[BX]], %[[X]] : index
// CHECK-NOT:       gpu.barrier
// CHECK:         gpu.return
gpu.module @k {
  gpu.func @set(%m: memref<8xf32>) kernel {
    %c0 = arith.constant 0 : index
    %s = memref.alloca() : memref<1xf32>
    %y = gpu.global_id y
    %b = gpu.block_id x
    %n = gpu.grid_dim x
    %i = arith.addi %b, %n : index
    %x = memref.load %s[%c0] : memref<1xf32>
    memref.store %x, %m[%y] : memref<8xf32>
    memref.store %x, %m[%i] : memref<8xf32>
    gpu.return
  }
}

// -----

// Tests that bodies of several blocks stay together.

// CHECK-LABEL: gpu.func @blocks_any_grid_slots
// CHECK:         scf.for
// CHECK:           scf.execute_region {
// CHECK:             cf.cond_br
// CHECK:             scf.yield
// CHECK:           }
// CHECK-NOT:       gpu.barrier
// CHECK:         gpu.return
cudagraph.graph @g(%a: memref<8xf32>) parameters(%n: memref<index>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@blocks, 1>]
    args(%a readwrite, %n read, %n read, %n read : memref<8xf32>, memref<index>, memref<index>, memref<index>)
    grid [1024, 1, 1] block [2, 1, 1] {graphopt.grid_in_operands}
}
gpu.module @k {
  gpu.func @blocks(%m: memref<8xf32>) kernel {
    %b = gpu.block_id x
    %t = gpu.thread_id x
    %c = arith.cmpi ult, %b, %t : index
    %x = arith.constant 1.0 : f32
    cf.cond_br %c, ^work, ^end
  ^work:
    memref.store %x, %m[%b] : memref<8xf32>
    cf.br ^end
  ^end:
    gpu.return
  }
}
