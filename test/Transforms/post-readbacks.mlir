// RUN: graph-opt %s --post-readbacks --remarks-filter="graph-opt.*" --remark-policy=all 2>&1 | FileCheck %s

// Tests that a scalar that a kernel stores once is posted, and what is left
// where it is: what several threads may store, what a kernel in a body stores,
// what two graphs share, what the host waits for at once, and a list.
// CHECK: remark: {{.*}}readback-posted
// CHECK-NOT: readback-posted

// CHECK-LABEL: func.func @posted
// CHECK-NEXT: %[[E:.*]] = cudagraph.instantiate @posted_graph
// CHECK-NEXT: %[[M:.*]] = cudagraph.mailbox %[[E]][1] : memref<f64>
// CHECK-NEXT: cudagraph.launch %[[E]] buffers(%{{.*}}, %[[M]] :
// CHECK-NEXT: cudagraph.fetch %[[M]]
// CHECK-NOT: memref.dealloc
// CHECK: return
func.func @posted(%x: memref<4xf64>) -> f64 {
  %m = memref.alloc() : memref<f64>
  %e = cudagraph.instantiate @posted_graph : !cudagraph.exec
  cudagraph.launch %e buffers(%x, %m : memref<4xf64>, memref<f64>)
  %p = cudagraph.fetch %m : memref<f64> -> <f64>
  memref.dealloc %m : memref<f64>
  %v = cudagraph.await %p : <f64>
  return %v : f64
}
cudagraph.graph @posted_graph(%x: memref<4xf64>, %m: memref<f64>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@kernels::@once, 1>]
    args(%x read, %m write : memref<4xf64>, memref<f64>) grid [1, 1, 1] block [32, 1, 1]
}

// CHECK-LABEL: func.func @left
// CHECK-COUNT-5: memref.alloc()
// CHECK-NOT: cudagraph.mailbox
// CHECK: return
func.func @left(%x: memref<4xf64>) -> (f64, f64, f64, f64, f64) {
  %a = memref.alloc() : memref<f64>
  %b = memref.alloc() : memref<f64>
  %c = memref.alloc() : memref<f64>
  %d = memref.alloc() : memref<f64>
  %f = memref.alloc() : memref<f64>
  %ea = cudagraph.instantiate @by_many_threads : !cudagraph.exec
  cudagraph.launch %ea buffers(%x, %a : memref<4xf64>, memref<f64>)
  %pa = cudagraph.fetch %a : memref<f64> -> <f64>
  %eb = cudagraph.instantiate @in_a_body : !cudagraph.exec
  cudagraph.launch %eb buffers(%x, %b : memref<4xf64>, memref<f64>)
  %pb = cudagraph.fetch %b : memref<f64> -> <f64>
  %ec = cudagraph.instantiate @shared_kernel : !cudagraph.exec
  cudagraph.launch %ec buffers(%x, %c, %d : memref<4xf64>, memref<f64>, memref<f64>)
  %pc = cudagraph.fetch %c, %d : memref<f64>, memref<f64> -> <f64, f64>
  %ef = cudagraph.instantiate @not_deferred : !cudagraph.exec
  cudagraph.launch %ef buffers(%x, %f : memref<4xf64>, memref<f64>)
  %vf = cudagraph.readback %f : memref<f64> -> f64
  memref.dealloc %a : memref<f64>
  memref.dealloc %b : memref<f64>
  memref.dealloc %c : memref<f64>
  memref.dealloc %d : memref<f64>
  memref.dealloc %f : memref<f64>
  %vc, %vd = cudagraph.await %pc : <f64, f64>
  %vb = cudagraph.await %pb : <f64>
  %va = cudagraph.await %pa : <f64>
  return %va, %vb, %vc, %vd, %vf : f64, f64, f64, f64, f64
}
cudagraph.graph @by_many_threads(%x: memref<4xf64>, %m: memref<f64>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@kernels::@many, 1>]
    args(%x read, %m write : memref<4xf64>, memref<f64>) grid [1, 1, 1] block [32, 1, 1]
}
cudagraph.graph @in_a_body(%x: memref<4xf64>, %m: memref<f64>) arena(%a: memref<1xi8>) {
  %c0 = arith.constant 0 : index
  %b = memref.view %a[%c0][] : memref<1xi8> to memref<i1>
  %0 = cudagraph.if %b : memref<i1> {
    %1 = cudagraph.kernel "k" phases [#cudagraph.phase<@kernels::@once_in_a_body, 1>]
      args(%x read, %m write : memref<4xf64>, memref<f64>) grid [1, 1, 1] block [32, 1, 1]
  }
}
cudagraph.graph @shared_kernel(%x: memref<4xf64>, %m: memref<f64>, %n: memref<f64>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@kernels::@shared, 1>]
    args(%x read, %m write : memref<4xf64>, memref<f64>) grid [1, 1, 1] block [32, 1, 1]
  %1 = cudagraph.kernel "k" phases [#cudagraph.phase<@kernels::@shared, 1>]
    args(%x read, %n write : memref<4xf64>, memref<f64>) grid [1, 1, 1] block [32, 1, 1]
}
cudagraph.graph @not_deferred(%x: memref<4xf64>, %m: memref<f64>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@kernels::@once_waited_for, 1>]
    args(%x read, %m write : memref<4xf64>, memref<f64>) grid [1, 1, 1] block [32, 1, 1]
}

gpu.module @kernels {
  // CHECK-LABEL: gpu.func @once(
  // CHECK: llvm.store %{{.*}}, %{{.*}} {graphopt.posted} : f64, !llvm.ptr<1>
  gpu.func @once(%slots: !llvm.ptr) kernel {
    %x = llvm.load %slots : !llvm.ptr -> !llvm.ptr<1>
    %v = llvm.load %x : !llvm.ptr<1> -> f64
    %slot = llvm.getelementptr %slots[1] : (!llvm.ptr) -> !llvm.ptr, i64
    %m = llvm.load %slot : !llvm.ptr -> !llvm.ptr<1>
    llvm.store %v, %m {graphopt.once} : f64, !llvm.ptr<1>
    gpu.return
  }
  // CHECK-NOT: graphopt.posted
  gpu.func @many(%slots: !llvm.ptr) kernel {
    %x = llvm.load %slots : !llvm.ptr -> !llvm.ptr<1>
    %v = llvm.load %x : !llvm.ptr<1> -> f64
    %slot = llvm.getelementptr %slots[1] : (!llvm.ptr) -> !llvm.ptr, i64
    %m = llvm.load %slot : !llvm.ptr -> !llvm.ptr<1>
    llvm.store %v, %m : f64, !llvm.ptr<1>
    gpu.return
  }
  gpu.func @once_in_a_body(%slots: !llvm.ptr) kernel {
    %x = llvm.load %slots : !llvm.ptr -> !llvm.ptr<1>
    %v = llvm.load %x : !llvm.ptr<1> -> f64
    %slot = llvm.getelementptr %slots[1] : (!llvm.ptr) -> !llvm.ptr, i64
    %m = llvm.load %slot : !llvm.ptr -> !llvm.ptr<1>
    llvm.store %v, %m {graphopt.once} : f64, !llvm.ptr<1>
    gpu.return
  }
  gpu.func @shared(%slots: !llvm.ptr) kernel {
    %x = llvm.load %slots : !llvm.ptr -> !llvm.ptr<1>
    %v = llvm.load %x : !llvm.ptr<1> -> f64
    %slot = llvm.getelementptr %slots[1] : (!llvm.ptr) -> !llvm.ptr, i64
    %m = llvm.load %slot : !llvm.ptr -> !llvm.ptr<1>
    llvm.store %v, %m {graphopt.once} : f64, !llvm.ptr<1>
    gpu.return
  }
  gpu.func @once_waited_for(%slots: !llvm.ptr) kernel {
    %x = llvm.load %slots : !llvm.ptr -> !llvm.ptr<1>
    %v = llvm.load %x : !llvm.ptr<1> -> f64
    %slot = llvm.getelementptr %slots[1] : (!llvm.ptr) -> !llvm.ptr, i64
    %m = llvm.load %slot : !llvm.ptr -> !llvm.ptr<1>
    llvm.store %v, %m {graphopt.once} : f64, !llvm.ptr<1>
    gpu.return
  }
}
