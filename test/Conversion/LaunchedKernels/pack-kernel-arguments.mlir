// RUN: graph-opt %s --pack-kernel-arguments | FileCheck %s

// Tests that a captured kernel reads its arguments from slots: memrefs with the
// shape and strides that the node passes, scalars as they are; one copy for
// each kernel and types; a kernel that is not referred to any more is gone.

// CHECK-LABEL: cudagraph.graph @g
// CHECK:         phases [#cudagraph.phase<@k::@mixed_slots, 1>]
// CHECK:         phases [#cudagraph.phase<@k::@mixed_slots, 1>]
// CHECK:         phases [#cudagraph.phase<@k::@open_slots, 1>]
// CHECK:         phases [#cudagraph.phase<@k::@open_slots_{{[0-9]+}}, 1>]
// CHECK:         phases [#cudagraph.phase<@k::@ours, 1>]
cudagraph.graph @g(%a: memref<8xf32>, %b: memref<4x2xf32, strided<[4, 1], offset: 3>>)
    parameters(%f: memref<f32>, %i: memref<index>, %c: memref<i1>, %h: memref<bf16>) {
  %0 = cudagraph.kernel "mixed" phases [#cudagraph.phase<@k::@mixed, 1>]
    args(%a readwrite, %f read, %i read, %c read, %h read
         : memref<8xf32>, memref<f32>, memref<index>, memref<i1>, memref<bf16>)
    grid [2, 1, 1] block [4, 1, 1]
  %1 = cudagraph.kernel "mixed" after(%0) phases [#cudagraph.phase<@k::@mixed, 1>]
    args(%a readwrite, %f read, %i read, %c read, %h read
         : memref<8xf32>, memref<f32>, memref<index>, memref<i1>, memref<bf16>)
    grid [1, 1, 1] block [8, 1, 1]
  %flat = memref.expand_shape %a [[0, 1]] output_shape [4, 2] : memref<8xf32> into memref<4x2xf32>
  %2 = cudagraph.kernel "open" after(%1) phases [#cudagraph.phase<@k::@open, 1>]
    args(%flat readwrite : memref<4x2xf32>) grid [1, 1, 1] block [8, 1, 1]
  %3 = cudagraph.kernel "open" phases [#cudagraph.phase<@k::@open, 1>]
    args(%b readwrite : memref<4x2xf32, strided<[4, 1], offset: 3>>) grid [1, 1, 1] block [8, 1, 1]
  %4 = cudagraph.kernel "ours" after(%2) phases [#cudagraph.phase<@k::@ours, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
}

// CHECK-LABEL: gpu.module @k
gpu.module @k {
// CHECK-NOT:     gpu.func @mixed(
// CHECK:         gpu.func @mixed_slots(%[[S:.*]]: !llvm.ptr) kernel
// CHECK-SAME:      graphopt.slots_by_value = 5
// CHECK-NEXT:      %[[S0:.*]] = llvm.getelementptr %[[S]][0] : (!llvm.ptr) -> !llvm.ptr, i64
// CHECK-NEXT:      %[[P:.*]] = llvm.load %[[S0]] : !llvm.ptr -> !llvm.ptr<1>
// CHECK-NEXT:      llvm.addrspacecast %[[P]] : !llvm.ptr<1> to !llvm.ptr
// CHECK:           %[[M:.*]] = builtin.unrealized_conversion_cast %{{.*}} to memref<8xf32, strided<[1]>>
// CHECK:           memref.cast %[[M]] : memref<8xf32, strided<[1]>> to memref<8xf32>
// CHECK:           %[[S1:.*]] = llvm.getelementptr %[[S]][1]
// CHECK-NEXT:      llvm.load %[[S1]] : !llvm.ptr -> f32
// CHECK:           %[[S2:.*]] = llvm.getelementptr %[[S]][2]
// CHECK-NEXT:      %[[I:.*]] = llvm.load %[[S2]] : !llvm.ptr -> i64
// CHECK-NEXT:      arith.index_cast %[[I]] : i64 to index
// CHECK:           %[[S3:.*]] = llvm.getelementptr %[[S]][3]
// CHECK-NEXT:      %[[B:.*]] = llvm.load %[[S3]] : !llvm.ptr -> i8
// CHECK-NEXT:      arith.trunci %[[B]] : i8 to i1
// CHECK:           %[[S4:.*]] = llvm.getelementptr %[[S]][4]
// CHECK-NEXT:      llvm.load %[[S4]] : !llvm.ptr -> bf16
  gpu.func @mixed(%m: memref<8xf32>, %f: f32, %i: index, %c: i1, %h: bf16) kernel {
    %x = arith.extf %h : bf16 to f32
    %y = arith.addf %x, %f : f32
    scf.if %c {
      memref.store %y, %m[%i] : memref<8xf32>
    }
    gpu.return
  }
// CHECK-NOT:     gpu.func @open(
// CHECK:         gpu.func @open_slots(
// CHECK:           memref.cast %{{.*}} : memref<4x2xf32, strided<[2, 1]>> to memref<?x?xf32, strided<[?, ?], offset: ?>>
// The address is that of the first element: offset 3 is before it.
// CHECK:         gpu.func @open_slots_{{[0-9]+}}(
// CHECK:           llvm.getelementptr %{{.*}}[-3] : (!llvm.ptr) -> !llvm.ptr, f32
// CHECK:           memref.cast %{{.*}} : memref<4x2xf32, strided<[4, 1], offset: 3>> to memref<?x?xf32, strided<[?, ?], offset: ?>>
  gpu.func @open(%m: memref<?x?xf32, strided<[?, ?], offset: ?>>) kernel {
    gpu.return
  }
// CHECK:         gpu.func @ours(%{{.*}}: !llvm.ptr) kernel attributes {graphopt.slots_by_value = 1
  gpu.func @ours(%slots: !llvm.ptr) kernel attributes {graphopt.slots_by_value = 1} {
    gpu.return
  }
}
