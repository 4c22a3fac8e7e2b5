// RUN: graph-opt %s --place-readbacks --remarks-filter="graph-opt.*" --remark-policy=all 2>&1 | FileCheck %s

// Tests that a scalar that kernels only write is placed where the host reads
// it, and what is left where it is: what a node reads too, what a list holds,
// what is launched again behind the readback, what is copied, and what waits
// for nobody.
// CHECK: remark: {{.*}}readback-placed
// CHECK-NOT: readback-placed
// CHECK-LABEL: func.func @f
// CHECK-NEXT: %[[ONE:.*]] = memref.alloc() {graphopt.readable} : memref<f64>
// CHECK-NEXT: memref.alloc() : memref<f32>
// CHECK-NEXT: memref.alloc() : memref<2xf32>
// CHECK-NEXT: memref.alloc() : memref<f64>
// CHECK-NEXT: memref.alloc() : memref<f64>
// CHECK-NEXT: memref.alloc() : memref<f64>
// CHECK: cudagraph.readback %[[ONE]]
func.func @f(%other: memref<f64>) -> (f64, f32, f64, f64) {
  %one = memref.alloc() : memref<f64>
  %read = memref.alloc() : memref<f32>
  %list = memref.alloc() : memref<2xf32>
  %again = memref.alloc() : memref<f64>
  %copied = memref.alloc() : memref<f64>
  %alone = memref.alloc() : memref<f64>
  %exec = cudagraph.instantiate @g : !cudagraph.exec
  cudagraph.launch %exec buffers(%one, %read, %list : memref<f64>, memref<f32>, memref<2xf32>)
  %v:2 = cudagraph.readback %one, %read : memref<f64>, memref<f32> -> f64, f32
  cudagraph.launch %exec buffers(%again, %read, %list : memref<f64>, memref<f32>, memref<2xf32>)
  %w = cudagraph.readback %again : memref<f64> -> f64
  cudagraph.launch %exec buffers(%again, %read, %list : memref<f64>, memref<f32>, memref<2xf32>)
  cudagraph.launch %exec buffers(%copied, %read, %list : memref<f64>, memref<f32>, memref<2xf32>)
  memref.copy %copied, %other : memref<f64> to memref<f64>
  %x = cudagraph.readback %copied : memref<f64> -> f64
  cudagraph.launch %exec buffers(%alone, %read, %list : memref<f64>, memref<f32>, memref<2xf32>)
  memref.dealloc %one : memref<f64>
  memref.dealloc %again : memref<f64>
  memref.dealloc %alone : memref<f64>
  return %v#0, %v#1, %w, %x : f64, f32, f64, f64
}
cudagraph.graph @g(%one: memref<f64>, %read: memref<f32>, %list: memref<2xf32>) {
  %0 = cudagraph.kernel "a" phases [#cudagraph.phase<@a, 1>] args(%one write, %read readwrite, %list write : memref<f64>, memref<f32>, memref<2xf32>)
}
func.func private @a(!llvm.ptr, i64, i64)
