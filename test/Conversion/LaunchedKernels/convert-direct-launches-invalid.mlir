// RUN: graph-opt %s --pack-entry-points=device-memory --convert-direct-launches --verify-diagnostics --split-input-file

// Tests that what can not be launched is named, with the reason.

module attributes {gpu.container_module} {
gpu.module @k {
  gpu.func @f(%m: memref<8xf32>) kernel {
    gpu.return
  }
}
func.func @stack() {
  %1 = arith.constant 1 : index
  %m = memref.alloca() : memref<8xf32>
  // expected-error @below {{is launched in its place, as no graph can hold it, but a kernel operand is on the stack of the host: 'memref<8xf32>'}}
  gpu.launch_func @k::@f blocks in (%1, %1, %1) threads in (%1, %1, %1) args(%m : memref<8xf32>)
  return
}
}

// -----

module attributes {gpu.container_module} {
gpu.module @k {
  gpu.func @f(%m: memref<*xf32>) kernel {
    gpu.return
  }
}
func.func @unranked(%m: memref<8xf32>) {
  %1 = arith.constant 1 : index
  %u = memref.cast %m : memref<8xf32> to memref<*xf32>
  // expected-error @below {{a kernel operand is of a type that can not be passed: 'memref<*xf32>'}}
  gpu.launch_func @k::@f blocks in (%1, %1, %1) threads in (%1, %1, %1) args(%u : memref<*xf32>)
  return
}
}

// -----

module attributes {gpu.container_module} {
gpu.module @k {
  llvm.func @f(%p: !llvm.ptr) attributes {gpu.kernel, nvvm.kernel} {
    llvm.return
  }
}
gpu.binary @code [#gpu.object<#nvvm.target, kernels = <[
  #gpu.kernel_metadata<"k", !llvm.func<void (ptr)>>]>, bin = "code">]
func.func @signature(%m: memref<8xf32>) {
  %1 = arith.constant 1 : index
  // expected-error @below {{but kernel @code::@k takes other parameters: '!llvm.func<void (ptr)>'}}
  gpu.launch_func @code::@k blocks in (%1, %1, %1) threads in (%1, %1, %1) args(%m : memref<8xf32>)
  return
}
}

// -----

module attributes {gpu.container_module} {
gpu.module @k {
  func.func private @elsewhere(f32) -> f32
  gpu.func @f(%x: f32) kernel {
    // expected-note @below {{called here}}
    %y = func.call @elsewhere(%x) : (f32) -> f32
    gpu.return
  }
}
func.func @calls(%x: f32) {
  %1 = arith.constant 1 : index
  // expected-error @below {{but kernel @k::@f calls a function without a body}}
  gpu.launch_func @k::@f blocks in (%1, %1, %1) threads in (%1, %1, %1) args(%x : f32)
  return
}
}

// -----

module attributes {gpu.container_module} {
gpu.module @k {
  gpu.func @f(%m: memref<8xf32>) kernel {
    gpu.return
  }
}
// expected-error @below {{it is not known which stream it belongs to}}
func.func @carried(%m: memref<8xf32>, %n: index, %s: i64) {
  %0 = arith.constant 0 : index
  %1 = arith.constant 1 : index
  %stream = llvm.inttoptr %s : i64 to !llvm.ptr
  %t = gpu.wait async
  %u = scf.for %i = %0 to %n step %1 iter_args(%v = %t) -> !gpu.async.token {
    %w = gpu.launch_func async [%v] <%stream : !llvm.ptr> @k::@f blocks in (%1, %1, %1) threads in (%n, %1, %1)
      args(%m : memref<8xf32>)
    scf.yield %w : !gpu.async.token
  }
  gpu.wait [%u]
  return
}
}

// -----

// expected-error @below {{an async token crosses the border of the function}}
func.func private @token(%t: !gpu.async.token) {
  gpu.wait [%t]
  return
}

// -----

func.func @other(%m: memref<*xf32>) {
  // expected-error @below {{'gpu.host_register' was not captured, and the runtime has nothing like it}}
  gpu.host_register %m : memref<*xf32>
  return
}
