// RUN: graph-opt %s --pack-entry-points --convert-cudagraph-to-llvm | FileCheck %s

// Tests that a launch on a stream of the program's own goes to that stream, any
// other and a wait to the caller's, and that a wait asks for the context.

cudagraph.graph @g(%a: memref<8xf32>) {
  %0 = cudagraph.memset %a value(0 : i32) : memref<8xf32>
}
func.func private @make() -> !llvm.ptr
// CHECK-LABEL: func.func @graphopt_entry_own
// CHECK-SAME:    (%{{.*}}: !llvm.ptr{{.*}}, %[[CALLER:.*]]: !llvm.ptr {graphopt.stream}
// CHECK:         %[[OWN:.*]] = call @make()
// CHECK:         llvm.call @goExecLaunch(%{{.*}}, %[[OWN]], %{{.*}}, %{{.*}}, %{{.*}})
// CHECK:         llvm.call @goExecLaunch(%{{.*}}, %[[CALLER]], %{{.*}}, %{{.*}}, %{{.*}})
func.func @own(%a: memref<8xf32>) {
  %s = func.call @make() : () -> !llvm.ptr
  %e = cudagraph.instantiate @g : !cudagraph.exec
  cudagraph.launch %e buffers(%a : memref<8xf32>) stream(%s : !llvm.ptr)
  cudagraph.launch %e buffers(%a : memref<8xf32>)
  return
}
// CHECK-LABEL: func.func @graphopt_entry_waits
// CHECK-SAME:    (%[[CONTEXT:.*]]: !llvm.ptr{{.*}}, %[[CALLER:.*]]: !llvm.ptr {graphopt.stream}
// CHECK:         llvm.call @goWait(%[[CONTEXT]], %[[CALLER]])
func.func @waits() {
  cudagraph.wait
  return
}
