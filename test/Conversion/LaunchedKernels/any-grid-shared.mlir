// RUN: graph-opt %s --pack-kernel-arguments | FileCheck %s

// Tests that threads wait before the memory that they share is that of the next
// block.

// CHECK-LABEL: gpu.func @waits_any_grid_slots
// CHECK:         scf.for
// CHECK:           gpu.dynamic_shared_memory
// CHECK:           gpu.barrier
// CHECK-NEXT:    }
// CHECK-NEXT:    gpu.return
cudagraph.graph @g(%a: memref<8xf32>) parameters(%n: memref<index>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@waits, 1>]
    args(%a readwrite, %n read, %n read, %n read : memref<8xf32>, memref<index>, memref<index>, memref<index>)
    grid [1024, 1, 1] block [2, 1, 1] shared_bytes 64 {graphopt.grid_in_operands}
}
gpu.module @k {
  gpu.func @waits(%m: memref<8xf32>) kernel {
    %c0 = arith.constant 0 : index
    %b = gpu.block_id x
    %bytes = gpu.dynamic_shared_memory : memref<?xi8, #gpu.address_space<workgroup>>
    %s = memref.view %bytes[%c0][] : memref<?xi8, #gpu.address_space<workgroup>> to memref<8xf32, #gpu.address_space<workgroup>>
    %x = memref.load %m[%b] : memref<8xf32>
    memref.store %x, %s[%b] : memref<8xf32, #gpu.address_space<workgroup>>
    gpu.return
  }
}
