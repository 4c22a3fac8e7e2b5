// RUN: graph-opt --pack-entry-points=async-results --split-input-file %s | FileCheck %s
// RUN: graph-opt --pack-entry-points --split-input-file %s | FileCheck %s --check-prefix=SYNC

// Tests that a fetch that is only returned is delivered to the results, each
// value to all results that it is.
// CHECK-LABEL: func.func @graphopt_async_entry_returned(
// CHECK-SAME: %{{.*}}: !llvm.ptr {graphopt.context}, %{{.*}}: !llvm.ptr {graphopt.stream}, %{{.*}}: !llvm.ptr, %[[RESULTS:.*]]: !llvm.ptr, %[[PENDING:.*]]: !llvm.ptr {graphopt.pending}) -> i32
// CHECK-SAME: graphopt.entry = "returned"
// CHECK: %[[NULL:.*]] = llvm.mlir.zero
// CHECK: llvm.store %[[NULL]], %[[PENDING]]
// CHECK-NOT: cudagraph.fetch
// CHECK: cudagraph.deliver %[[A:.*]], %{{.*}}, %[[A]] to %{{.*}}, %{{.*}}, %{{.*}} : memref<f64>, memref<1xi1>, memref<f64> to memref<f64>, memref<1xi1>, memref<f64>
// CHECK-NOT: cudagraph.await
// CHECK: goContextTakeStatus
// SYNC-LABEL: func.func @graphopt_entry_returned(
// SYNC: cudagraph.fetch
// SYNC: cudagraph.await
// SYNC: llvm.store
func.func @returned(%m: memref<f64>, %n: memref<1xi1>) -> (f64, i1, f64) {
  %p = cudagraph.fetch %m, %n : memref<f64>, memref<1xi1> -> !cudagraph.pending<f64, i1>
  %v:2 = cudagraph.await %p : !cudagraph.pending<f64, i1>
  return %v#0, %v#1, %v#0 : f64, i1, f64
}

// -----

// Tests that a value that is also used is awaited, and stored by the program.
// CHECK-LABEL: func.func @graphopt_async_entry_used(
// CHECK: cudagraph.fetch
// CHECK: %[[V:.*]] = cudagraph.await
// CHECK-NOT: cudagraph.deliver
// CHECK: llvm.store %[[V]],
func.func private @log(f64)
func.func @used(%m: memref<f64>) -> f64 {
  %p = cudagraph.fetch %m : memref<f64> -> !cudagraph.pending<f64>
  %v = cudagraph.await %p : !cudagraph.pending<f64>
  call @log(%v) : (f64) -> ()
  return %v : f64
}

// -----

// Tests that a function that others call waits for its results itself.
// CHECK-LABEL: func.func @graphopt_async_entry_called(
// CHECK-NOT: cudagraph.deliver
// CHECK: call @called
// CHECK-LABEL: func.func private @called(
// CHECK: cudagraph.await
func.func @called(%m: memref<f64>) -> f64 {
  %p = cudagraph.fetch %m : memref<f64> -> !cudagraph.pending<f64>
  %v = cudagraph.await %p : !cudagraph.pending<f64>
  return %v : f64
}
func.func @caller(%m: memref<f64>) -> f64 {
  %v = call @called(%m) : (memref<f64>) -> f64
  return %v : f64
}

// -----

// Tests that a function without anything to await has an entry of the same
// kind.
// CHECK-LABEL: func.func @graphopt_async_entry_host(
// CHECK: llvm.store %{{.*}}, %{{.*}} : !llvm.ptr, !llvm.ptr
func.func @host(%x: f64) -> f64 {
  return %x : f64
}
