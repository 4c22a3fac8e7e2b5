// RUN: graph-opt %s --capture-launches --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics -o - | FileCheck %s

// Tests what is refused and what ends a chain, each with a reason, and that what
// is refused stays as it was.

module attributes {gpu.container_module} {
gpu.binary @code [#gpu.object<#nvvm.target, bin = "code">]
gpu.module @lowered {
  llvm.func @k(%p: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}
gpu.module @k {
  gpu.func @scale(%m: memref<8xf32>, %f: f32) kernel {
    %i = gpu.thread_id x
    %x = memref.load %m[%i] : memref<8xf32>
    %y = arith.mulf %x, %f : f32
    memref.store %y, %m[%i] : memref<8xf32>
    gpu.return
  }
  gpu.func @open(%m: memref<?xf32>) kernel {
    gpu.return
  }
  gpu.func @asks(%m: memref<8xf32>) kernel {
    func.call @block() : () -> ()
    gpu.return
  }
  func.func private @block() {
    %b = gpu.block_id x
    return
  }
  func.func private @elsewhere(f32) -> f32
  func.func private @__nv_expf(f32) -> f32
  func.func private @deep(%x: f32) -> f32 {
    %y = func.call @elsewhere(%x) : (f32) -> f32
    return %y : f32
  }
  gpu.func @calls(%m: memref<8xf32>) kernel {
    %i = gpu.thread_id x
    %x = memref.load %m[%i] : memref<8xf32>
    %y = func.call @deep(%x) : (f32) -> f32
    memref.store %y, %m[%i] : memref<8xf32>
    gpu.return
  }
  gpu.func @exp(%m: memref<8xf32>) kernel {
    %i = gpu.thread_id x
    %x = memref.load %m[%i] : memref<8xf32>
    %y = func.call @__nv_expf(%x) : (f32) -> f32
    memref.store %y, %m[%i] : memref<8xf32>
    gpu.return
  }
  gpu.func @space(%m: memref<8xf32, 1>) kernel {
    gpu.return
  }
  gpu.func @pointer(%m: !llvm.ptr) kernel {
    gpu.return
  }
}

// CHECK-LABEL: func.func @refused
// CHECK-COUNT-10: gpu.launch_func
func.func @refused(%a: memref<8xf32>, %d: memref<?xf32>, %s: memref<8xf32, 1>,
                   %p: !llvm.ptr, %f: f32, %n: index, %n32: i32) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  %big = arith.constant 100000 : i32
  %stack = memref.alloca() : memref<8xf32>
  // expected-remark @below {{its kernel is code already, or has no body}}
  gpu.launch_func @code::@k blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>)
  // expected-remark @below {{its kernel is code already, or has no body}}
  gpu.launch_func @lowered::@k blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%p : !llvm.ptr)
  // expected-remark @below {{a node has no cluster size}}
  gpu.launch_func @k::@scale clusters in (%1, %1, %1) blocks in (%1, %1, %1)
    threads in (%8, %1, %1) args(%a : memref<8xf32>, %f : f32)
  // expected-remark @below {{must be positive constants}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%n, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  // expected-remark @below {{its grid are no constants, and the kernel asks for its block in a way that is not followed}}
  gpu.launch_func @k::@asks blocks in (%n, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>)
  // expected-remark @below {{must be positive constants}}
  gpu.launch_func @k::@scale blocks in (%0, %1, %1) threads in (%8, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  // expected-remark @below {{must be positive constants}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    dynamic_shared_memory_size %n32 args(%a : memref<8xf32>, %f : f32)
  // expected-remark @below {{at most 49152 bytes of dynamic shared memory}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    dynamic_shared_memory_size %big args(%a : memref<8xf32>, %f : f32)
  // expected-remark @below {{a memref with a dynamic shape}}
  gpu.launch_func @k::@open blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%d : memref<?xf32>)
  // expected-remark @below {{on the stack of the host}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%8, %1, %1)
    args(%stack : memref<8xf32>, %f : f32)
  return
}

// CHECK-LABEL: func.func @refused_operands
// CHECK-COUNT-2: gpu.launch_func
func.func @refused_operands(%s: memref<8xf32, 1>, %p: !llvm.ptr) {
  %1 = arith.constant 1 : index
  // expected-remark @below {{another memory space}}
  gpu.launch_func @k::@space blocks in (%1, %1, %1) threads in (%1, %1, %1)
    args(%s : memref<8xf32, 1>)
  // expected-remark @below {{neither a memref nor a scalar of at most 8 bytes}}
  gpu.launch_func @k::@pointer blocks in (%1, %1, %1) threads in (%1, %1, %1)
    args(%p : !llvm.ptr)
  return
}

// Without streams of the program's, what is refused stays in the order of the
// caller's stream, so that what shares a token with it is captured all the same.
// CHECK-LABEL: func.func @refused_token
// CHECK:         %[[M:.*]] = memref.alloc
// CHECK:         cudagraph.launch {{.*}} buffers(%[[M]], %{{.*}} :
// CHECK-NEXT:    gpu.launch_func async @k::@scale {{.*}} args(%[[M]] :
// CHECK-NEXT:    cudagraph.wait
// CHECK-NOT:     gpu.
// CHECK:         return
func.func @refused_token(%a: memref<8xf32>, %f: f32, %n: index) {
  %1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %m, %t0 = gpu.alloc async () : memref<8xf32>
  // expected-remark @below {{launches-captured}}
  %t1 = gpu.memset async [%t0] %m, %zero : memref<8xf32>, f32
  // expected-remark @below {{must be positive constants}}
  %t2 = gpu.launch_func async [%t1] @k::@scale blocks in (%1, %1, %1) threads in (%n, %1, %1)
    args(%m : memref<8xf32>, %f : f32)
  gpu.wait [%t2]
  gpu.memset %a, %zero : memref<8xf32>, f32
  return
}

// Copies and fills that are no nodes are the host's, in their place.
// CHECK-LABEL: func.func @host_forms
// CHECK:         linalg.fill
// CHECK:         memref.copy
// CHECK-NOT:     gpu.
// CHECK:         return
func.func @host_forms(%a: memref<8xf32>, %d: memref<?xf32>, %e: memref<?xf32>, %f: f32) {
  // expected-remark @below {{a node fills with a constant pattern}}
  gpu.memset %a, %f : memref<8xf32>, f32
  // expected-remark @below {{a memref has a dynamic shape}}
  gpu.memcpy %d, %e : memref<?xf32>, memref<?xf32>
  return
}

func.func private @look(memref<8xf32>)

// The op that ends a chain is named.
// CHECK-LABEL: func.func @split
// CHECK:         cudagraph.launch
// CHECK-NEXT:    %[[X:.*]] = memref.load
// CHECK-NEXT:    cudagraph.instantiate
// CHECK-NEXT:    cudagraph.launch {{.*}} parameters(%[[X]] : f32)
// CHECK-NEXT:    cudagraph.wait
// CHECK-NEXT:    call @look
// CHECK-NEXT:    cudagraph.instantiate
// CHECK-NEXT:    cudagraph.launch
// CHECK-NEXT:    return
func.func @split(%a: memref<8xf32>, %f: f32) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  // expected-remark @below {{launches-captured}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%1, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  // expected-remark @below {{a later 'gpu.launch_func' must stay behind it}}
  %x = memref.load %a[%0] : memref<8xf32>
  // expected-remark @below {{launches-captured}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%1, %1, %1)
    args(%a : memref<8xf32>, %x : f32)
  // expected-remark @below {{its effects are not understood}}
  func.call @look(%a) : (memref<8xf32>) -> ()
  // expected-remark @below {{launches-captured}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%1, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  return
}

// What calls a function may look at what it has launched, in a graph or not.
// CHECK-LABEL: func.func private @called
// CHECK:         cudagraph.launch
// CHECK-NEXT:    cudagraph.wait
// CHECK:         gpu.launch_func
// CHECK-NEXT:    cudagraph.wait
// CHECK-NEXT:    return
func.func private @called(%a: memref<8xf32>, %f: f32, %n: index) {
  %1 = arith.constant 1 : index
  // expected-remark @below {{launches-captured}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%1, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  // expected-remark @below {{must be positive constants}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%n, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  return
}
func.func @calls(%a: memref<8xf32>, %f: f32, %n: index) {
  func.call @called(%a, %f, %n) : (memref<8xf32>, f32, index) -> ()
  return
}

// A stream of the user's and what is not on it are ordered by tokens.
// CHECK-LABEL: func.func @streams
// CHECK-NOT:     cudagraph.launch
// CHECK:         return
func.func @streams(%a: memref<8xf32>, %f: f32, %s: !llvm.ptr) {
  %1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  // expected-remark @below {{it is ordered with work that is not on its stream}}
  %t = gpu.launch_func async <%s : !llvm.ptr> @k::@scale blocks in (%1, %1, %1) threads in (%1, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  // expected-remark @below {{it shares an async token}}
  %u = gpu.memset async [%t] %a, %zero : memref<8xf32>, f32
  gpu.wait [%u]
  return
}

// CHECK-LABEL: func.func @sizes
// CHECK-NOT:     cudagraph.launch
// CHECK:         return
func.func @sizes(%a: memref<8xf32>, %f: f32) {
  %1 = arith.constant 1 : index
  %65 = arith.constant 65 : index
  %1025 = arith.constant 1025 : index
  %65536 = arith.constant 65536 : index
  // expected-remark @below {{a block has at most 1024 threads}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%1025, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  // expected-remark @below {{a depth of 64}}
  gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%1, %1, %65)
    args(%a : memref<8xf32>, %f : f32)
  // expected-remark @below {{65535 blocks in its second}}
  gpu.launch_func @k::@scale blocks in (%1, %65536, %1) threads in (%1, %1, %1)
    args(%a : memref<8xf32>, %f : f32)
  return
}

// A function that the device does not have is found through calls; libdevice's
// are there.
// CHECK-LABEL: func.func @callees
// CHECK:         gpu.launch_func @k::@calls
// CHECK:         cudagraph.launch
func.func @callees(%a: memref<8xf32>) {
  %1 = arith.constant 1 : index
  %8 = arith.constant 8 : index
  // expected-remark @below {{its kernel calls @elsewhere, which has no body}}
  gpu.launch_func @k::@calls blocks in (%1, %1, %1) threads in (%8, %1, %1) args(%a : memref<8xf32>)
  // expected-remark @below {{launches-captured}}
  gpu.launch_func @k::@exp blocks in (%1, %1, %1) threads in (%8, %1, %1) args(%a : memref<8xf32>)
  return
}

// A module in the module is another program.
module @inner attributes {gpu.container_module} {
  gpu.module @k {
    gpu.func @scale(%m: memref<8xf32>) kernel {
      gpu.return
    }
  }
  func.func @nested(%a: memref<8xf32>) {
    %1 = arith.constant 1 : index
    // expected-remark @below {{it is in a nested module}}
    gpu.launch_func @k::@scale blocks in (%1, %1, %1) threads in (%1, %1, %1) args(%a : memref<8xf32>)
    return
  }
}
}
