// RUN: graph-opt --convert-cudagraph-to-llvm %s | FileCheck %s

// Tests that a kernel on the GPU becomes a call with its launch: module, name,
// grid, block, and how operands travel. References are (buffer, access, offset,
// bytes); a condition that the kernel sets is one more.
// CHECK:       llvm.mlir.global external constant @[[$MODULE:kernels.module]]() {{.*}} : !llvm.struct<(ptr, ptr, i64, i64)>
// CHECK:       llvm.mlir.global internal constant @[[$ONE:g.refs.[0-9]+]](dense<[0, 3, 0, 256]> : tensor<4xi64>)
// CHECK:       llvm.mlir.global internal constant @[[$FIRST:g.launch.[0-9]+]]() {{.*}} : !llvm.struct<(ptr, ptr, array<3 x i32>, array<3 x i32>, i32, i32, i32, i32)> {
// CHECK-DAG:     %[[MODULE:.*]] = llvm.mlir.addressof @[[$MODULE]]
// CHECK-DAG:     %[[GRID:.*]] = llvm.mlir.constant(dense<[2, 1, 1]> : tensor<3xi32>)
// CHECK-DAG:     %[[BLOCK:.*]] = llvm.mlir.constant(dense<[32, 1, 1]> : tensor<3xi32>)
// CHECK-NOT:     llvm.mlir.constant(1 : i32)
// CHECK:         llvm.insertvalue %[[MODULE]], %{{.*}}[0]
// CHECK:         llvm.insertvalue %[[GRID]], %{{.*}}[2]
// CHECK:         llvm.insertvalue %[[BLOCK]], %{{.*}}[3]
// CHECK:         llvm.return

// CHECK:       llvm.mlir.global internal constant @[[$TWO:g.refs.[0-9]+]](dense<[1, 1, 0, 1, -3, 1, 0, 8]> : tensor<8xi64>)
// CHECK:       llvm.mlir.global internal constant @[[$SECOND:g.launch.[0-9]+]]()
// CHECK-DAG:     %[[TABLE:.*]] = llvm.mlir.constant(1 : i32)
// CHECK:         llvm.insertvalue %[[TABLE]], %{{.*}}[6]
// CHECK:         llvm.return

// CHECK-LABEL: llvm.func internal @g.build(
// CHECK-SAME:    %[[GRAPH:.*]]: !llvm.ptr) -> i32
// CHECK:         llvm.call @goGraphAddCondition(%[[GRAPH]],
// CHECK:         %[[R1:.*]] = llvm.mlir.addressof @[[$ONE]]
// CHECK:         %[[L1:.*]] = llvm.mlir.addressof @[[$FIRST]]
// CHECK:         llvm.call @goGraphAddCudaKernel(%[[GRAPH]], %{{.*}}, %{{.*}}, %{{.*}}, %[[R1]], %{{.*}}, %[[L1]], %{{.*}})
// CHECK:         %[[R2:.*]] = llvm.mlir.addressof @[[$TWO]]
// CHECK:         %[[COUNT:.*]] = llvm.mlir.constant(2 : i64)
// CHECK:         %[[L2:.*]] = llvm.mlir.addressof @[[$SECOND]]
// CHECK:         llvm.call @goGraphAddCudaKernel(%[[GRAPH]], %{{.*}}, %{{.*}}, %{{.*}}, %[[R2]], %[[COUNT]], %[[L2]], %{{.*}})
// CHECK:         %[[CONDITION:.*]] = llvm.mlir.constant(0 : i64) : i64
// CHECK:         llvm.call @goGraphAddConditional(%[[GRAPH]], %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[CONDITION]],
cudagraph.graph @g(%a: memref<64xf32>, %flag: memref<i1>) {
  %0 = cudagraph.kernel "by_value" phases [#cudagraph.phase<@kernels::@by_value, 1>]
    args(%a readwrite : memref<64xf32>) grid [2, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "in_table" phases [#cudagraph.phase<@kernels::@in_table, 1>]
    args(%flag read : memref<i1>) sets [0] grid [1, 1, 1] block [32, 1, 1]
  %2 = cudagraph.if %flag after(%0, %1) handle(0) : memref<i1> {
    %3 = cudagraph.memset %a value(0 : i32) : memref<64xf32>
  }
}
gpu.module @kernels {
  gpu.func @by_value(%slots: !llvm.ptr) kernel attributes {graphopt.slots_by_value = 1} {
    gpu.return
  }
  gpu.func @in_table(%slots: !llvm.ptr) kernel {
    gpu.return
  }
}
