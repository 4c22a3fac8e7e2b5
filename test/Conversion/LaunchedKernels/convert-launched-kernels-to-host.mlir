// RUN: graph-opt %s --convert-launched-kernels-to-host | FileCheck %s

// Tests that a captured kernel becomes a phase with one item for each block,
// which runs the block's threads, x fastest.

// CHECK-LABEL: cudagraph.graph @g
// CHECK:         cudagraph.kernel "scale" phases [#cudagraph.phase<@scale.blocks, 24>]
// CHECK-SAME:      args(%{{.*}} readwrite, %{{.*}} read : memref<8xf32>, memref<f32>)
// CHECK-NOT:     grid
// CHECK-NOT:   gpu.
cudagraph.graph @g(%a: memref<8xf32>) parameters(%f: memref<f32>) {
  %0 = cudagraph.kernel "scale" phases [#cudagraph.phase<@k::@scale, 1>]
    args(%a readwrite, %f read : memref<8xf32>, memref<f32>)
    grid [4, 3, 2] block [8, 2, 1]
}
// CHECK-LABEL: func.func private @scale.thread
// CHECK-SAME:    (%[[M:.*]]: memref<8xf32>, %[[F:.*]]: f32, %[[BX:.*]]: index, %[[BY:.*]]: index, %[[BZ:.*]]: index, %[[TX:.*]]: index, %[[TY:.*]]: index, %[[TZ:.*]]: index)
// CHECK:         %[[G:.*]] = arith.muli %[[BX]], %[[D:.*]] : index
// CHECK-NEXT:    %[[X:.*]] = arith.addi %[[G]], %[[TX]] : index
// CHECK:         %[[V:.*]] = memref.load %[[M]][%[[X]]]
// CHECK:         memref.store %{{.*}}, %[[M]][%[[TY]]]
// CHECK:         return
// CHECK-LABEL: func.func private @scale.blocks
// CHECK-SAME:    (%{{.*}}: !llvm.ptr, %[[BEGIN:.*]]: i64, %[[END:.*]]: i64)
// CHECK:         scf.for %[[B:.*]] = %{{.*}} to
// CHECK-NEXT:      scf.for %[[Z:.*]] =
// CHECK-NEXT:        scf.for %[[Y:.*]] =
// CHECK-NEXT:          scf.for %[[X:.*]] =
// CHECK:                 %[[LINE:.*]] = arith.divui %[[B]], %[[C4:.*]] : index
// CHECK-NEXT:            %[[BX:.*]] = arith.remui %[[B]], %[[C4]] : index
// CHECK-NEXT:            %[[BY:.*]] = arith.remui %[[LINE]], %[[C3:.*]] : index
// CHECK-NEXT:            %[[BZ:.*]] = arith.divui %[[LINE]], %[[C3]] : index
// CHECK-NEXT:            call @scale.thread(%{{.*}}, %{{.*}}, %[[BX]], %[[BY]], %[[BZ]], %[[X]], %[[Y]], %[[Z]])
gpu.module @k {
  gpu.func @scale(%m: memref<8xf32>, %f: f32) kernel {
    %i = gpu.global_id x
    %j = gpu.thread_id y
    %x = memref.load %m[%i] : memref<8xf32>
    %y = arith.mulf %x, %f : f32
    memref.store %y, %m[%j] : memref<8xf32>
    gpu.return
  }
}
