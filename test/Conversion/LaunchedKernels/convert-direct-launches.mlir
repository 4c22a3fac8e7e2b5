// RUN: graph-opt %s --pack-entry-points=device-memory --convert-direct-launches | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda format=isa" | FileCheck %s --check-prefix=CODE

// Tests that a launch that no graph holds is the runtime's, in its place: with
// the sizes that the host computes, and with memrefs as upstream passes them.

// CHECK-DAG:   llvm.mlir.global internal constant @graphopt.kernel.scale("scale\00")
// CHECK-DAG:   llvm.mlir.global external constant @k.module()
// CHECK-LABEL: func.func @graphopt_entry_sizes
// CHECK-SAME:    (%[[CONTEXT:.*]]: !llvm.ptr {graphopt.context}, %[[STREAM:.*]]: !llvm.ptr {graphopt.stream}
// CHECK:         %[[A:.*]] = builtin.unrealized_conversion_cast {{.*}} to memref<?x4xf32, strided<[?, 1], offset: ?>>
// CHECK:         %[[F:.*]] = llvm.load {{.*}} -> f32
// CHECK:         %[[N:.*]] = builtin.unrealized_conversion_cast {{.*}} : i64 to index
// CHECK:         %[[T:.*]] = llvm.load {{.*}} -> i32
// CHECK:         %[[P:.*]] = memref.extract_aligned_pointer_as_index %[[A]]
// CHECK:         %[[I:.*]] = arith.index_cast %[[P]] : index to i64
// CHECK:         %[[ADDRESS:.*]] = llvm.inttoptr %[[I]] : i64 to !llvm.ptr
// CHECK:         %{{.*}}, %[[OFFSET:.*]], %[[SIZES:.*]]:2, %[[STRIDES:.*]]:2 = memref.extract_strided_metadata %[[A]]
// CHECK:         llvm.intr.stacksave
// CHECK:         %[[EIGHT:.*]] = llvm.mlir.constant(8 : i64)
// CHECK:         %[[LIST:.*]] = llvm.alloca %[[EIGHT]] x !llvm.ptr
// CHECK-COUNT-2: llvm.store %[[ADDRESS]], %{{.*}} : !llvm.ptr, !llvm.ptr
// CHECK-COUNT-5: llvm.store %{{.*}} : i64, !llvm.ptr
// CHECK:         llvm.store %[[F]], %[[SLOT:.*]] : f32, !llvm.ptr
// CHECK:         %[[LAST:.*]] = llvm.getelementptr %[[LIST]][7]
// CHECK:         llvm.store %[[SLOT]], %[[LAST]]
// CHECK:         %[[GRID:.*]] = arith.index_cast %[[N]] : index to i64
// CHECK:         %[[SHARED:.*]] = arith.extsi %[[T]] : i32 to i64
// CHECK:         llvm.insertvalue %[[GRID]], %{{.*}}[2]
// CHECK:         llvm.insertvalue %[[SHARED]], %{{.*}}[11]
// CHECK:         llvm.insertvalue %[[LIST]], %{{.*}}[12]
// CHECK:         llvm.call @goLaunchKernel(%[[CONTEXT]], %[[STREAM]], %{{.*}})
// CHECK:         llvm.intr.stackrestore
// The kernel has as many parameters as it is given.
// CODE:        scale_param_7
// CODE-NOT:    scale_param_8
// CODE:        llvm.call @goLaunchKernel
module attributes {gpu.container_module} {
gpu.module @k {
  gpu.func @scale(%m: memref<?x4xf32, strided<[?, 1], offset: ?>>, %f: f32) kernel {
    %i = gpu.block_id x
    %j = gpu.thread_id x
    %x = memref.load %m[%i, %j] : memref<?x4xf32, strided<[?, 1], offset: ?>>
    %y = arith.mulf %x, %f : f32
    memref.store %y, %m[%i, %j] : memref<?x4xf32, strided<[?, 1], offset: ?>>
    gpu.return
  }
}
func.func @sizes(%a: memref<?x4xf32, strided<[?, 1], offset: ?>>, %f: f32, %n: index, %t: i32) {
  %1 = arith.constant 1 : index
  %c1 = arith.constant 1 : i32
  %n32 = arith.index_cast %n : index to i32
  gpu.launch_func @k::@scale blocks in (%n, %1, %1) threads in (%1, %1, %1)
    dynamic_shared_memory_size %t
    args(%a : memref<?x4xf32, strided<[?, 1], offset: ?>>, %f : f32)
  gpu.launch_func @k::@scale blocks in (%c1, %c1, %c1) threads in (%n32, %c1, %c1) : i32
    args(%a : memref<?x4xf32, strided<[?, 1], offset: ?>>, %f : f32)
  return
}

// Tests clusters, and kernels that are code already.
// CHECK-LABEL: func.func @graphopt_entry_code
// CHECK:         %[[C2:.*]] = arith.constant 2 : index
// CHECK:         llvm.mlir.addressof @compiled.module
// CHECK:         %[[X:.*]] = arith.index_cast %[[C2]]
// CHECK:         llvm.insertvalue %{{.*}}, %{{.*}}[8]
// CHECK:         llvm.call @goLaunchKernel
// CHECK:         llvm.mlir.addressof @lowered.module
// CHECK:         llvm.call @goLaunchKernel
gpu.binary @compiled [#gpu.object<#nvvm.target, kernels = <[
  #gpu.kernel_metadata<"k", !llvm.func<void (ptr, ptr, i64, i64, i64)>>]>, bin = "code">]
gpu.module @lowered {
  llvm.func @k(%p: !llvm.ptr, %n: i64) attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}
func.func @code(%a: memref<8xf32>, %n: index) {
  %1 = arith.constant 1 : index
  %2 = arith.constant 2 : index
  gpu.launch_func @compiled::@k clusters in (%2, %1, %1) blocks in (%2, %1, %1) threads in (%n, %1, %1)
    args(%a : memref<8xf32>)
  %i = memref.extract_aligned_pointer_as_index %a : memref<8xf32> -> index
  %j = arith.index_cast %i : index to i64
  %p = llvm.inttoptr %j : i64 to !llvm.ptr
  gpu.launch_func @lowered::@k blocks in (%1, %1, %1) threads in (%n, %1, %1)
    args(%p : !llvm.ptr, %n : index)
  return
}

// Tests that the host waits where work depends on that of another stream, and
// for nothing on the same one.
// CHECK-LABEL: func.func @graphopt_entry_streams
// CHECK-SAME:    (%[[CONTEXT:.*]]: !llvm.ptr {graphopt.context}, %[[CALLER:.*]]: !llvm.ptr {graphopt.stream}
// CHECK:         %[[A:.*]] = call @make()
// CHECK:         %[[B:.*]] = call @make()
// CHECK:         %[[M:.*]] = memref.alloc
// CHECK:         call @goWait(%[[CONTEXT]], %[[CALLER]])
// CHECK:         call @goLaunchKernel(%[[CONTEXT]], %[[A]],
// CHECK-NOT:     goWait
// CHECK:         call @goLaunchKernel(%[[CONTEXT]], %[[A]],
// CHECK:         call @goWait(%[[CONTEXT]], %[[A]])
// CHECK:         call @goLaunchKernel(%[[CONTEXT]], %[[B]],
// CHECK:         call @goWait(%[[CONTEXT]], %[[A]])
// CHECK:         call @goWait(%[[CONTEXT]], %[[B]])
// CHECK:         memref.copy %[[M]]
// CHECK:         memref.dealloc %[[M]]
// CHECK:         call @goWait(%[[CONTEXT]], %[[CALLER]])
// CHECK-NOT:     goWait
// CHECK:         return
func.func private @make() -> !llvm.ptr
gpu.module @l {
  gpu.func @add(%m: memref<8xf32>, %f: f32) kernel {
    gpu.return
  }
}
func.func @streams(%x: memref<8xf32>, %f: f32, %n: index) {
  %1 = arith.constant 1 : index
  %a = func.call @make() : () -> !llvm.ptr
  %b = func.call @make() : () -> !llvm.ptr
  %m, %t0 = gpu.alloc async () : memref<8xf32>
  %t1 = gpu.launch_func async [%t0] <%a : !llvm.ptr> @l::@add blocks in (%1, %1, %1) threads in (%n, %1, %1)
    args(%m : memref<8xf32>, %f : f32)
  %t2 = gpu.launch_func async [%t1] <%a : !llvm.ptr> @l::@add blocks in (%1, %1, %1) threads in (%n, %1, %1)
    args(%m : memref<8xf32>, %f : f32)
  %t3 = gpu.launch_func async [%t2] <%b : !llvm.ptr> @l::@add blocks in (%1, %1, %1) threads in (%n, %1, %1)
    args(%m : memref<8xf32>, %f : f32)
  %t4 = gpu.wait async [%t2, %t3]
  %t5 = gpu.memcpy async [%t4] %x, %m : memref<8xf32>, memref<8xf32>
  %t6 = gpu.dealloc async [%t5] %m : memref<8xf32>
  gpu.wait [%t6]
  return
}
}
