// RUN: graph-opt %s --convert-launched-kernels-to-host --verify-diagnostics --split-input-file

// Tests that kernels whose threads can not run one after the other are named.

cudagraph.graph @g(%a: memref<8xf32>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@waits, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
}
gpu.module @k {
  // expected-note @below {{in @waits}}
  gpu.func @waits(%m: memref<8xf32>) kernel {
    // expected-error @below {{the kernel can not run on the host: threads that wait for each other need a GPU}}
    gpu.barrier
    gpu.return
  }
}

// -----

cudagraph.graph @g(%a: memref<8xf32>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@shares, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
}
gpu.module @k {
  // expected-error @below {{it declares memory of the block or the thread}}
  // expected-note @below {{in @shares}}
  gpu.func @shares(%m: memref<8xf32>) workgroup(%s: memref<8xf32, #gpu.address_space<workgroup>>) kernel {
    gpu.return
  }
}

// -----

cudagraph.graph @g(%a: memref<8xf32>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@talks, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
}
gpu.module @k {
  // expected-note @below {{in @talks}}
  gpu.func @talks(%m: memref<8xf32>) kernel {
    // expected-error @below {{'gpu.lane_id' has no form there}}
    %l = gpu.lane_id
    gpu.return
  }
}

// -----

cudagraph.graph @g(%a: memref<8xf32>) {
  // expected-note @below {{launched here}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@calls, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
}
gpu.module @k {
  func.func private @callee(memref<8xf32>)
  func.func private @between(%m: memref<8xf32>) {
    // expected-error @below {{calls a function without a body in a kernel: only libdevice's, intrinsics, and vprintf, __assertfail, malloc and free are there}}
    func.call @callee(%m) : (memref<8xf32>) -> ()
    return
  }
  gpu.func @calls(%m: memref<8xf32>) kernel {
    func.call @between(%m) : (memref<8xf32>) -> ()
    gpu.return
  }
}

// -----

cudagraph.graph @g(%a: memref<8xf32>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@exp, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
}
gpu.module @k {
  func.func private @__nv_expf(f32) -> f32
  // expected-error @below {{the kernel can not run on the host: it calls @__nv_expf, which has no body}}
  gpu.func @exp(%m: memref<8xf32>) kernel {
    %i = gpu.thread_id x
    %x = memref.load %m[%i] : memref<8xf32>
    %y = func.call @__nv_expf(%x) : (f32) -> f32
    memref.store %y, %m[%i] : memref<8xf32>
    gpu.return
  }
}

// -----

cudagraph.graph @g(%a: memref<8xf32>) {
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@asks, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
}
gpu.module @k {
  // expected-note @below {{in @place}}
  func.func private @place() -> index {
    // expected-error @below {{the kernel can not run on the host: a function that it calls asks for its thread}}
    %i = gpu.thread_id x
    return %i : index
  }
  gpu.func @asks(%m: memref<8xf32>) kernel {
    %i = func.call @place() : () -> index
    gpu.return
  }
}

// -----

cudagraph.graph @g(%a: memref<8xf32>) {
  // expected-error @below {{launches @device, which is no kernel}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@device, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
}
gpu.module @k {
  gpu.func @device(%m: memref<8xf32>) {
    gpu.return
  }
}

// -----

cudagraph.graph @g(%a: memref<8xf32>) {
  // expected-error @below {{does not pass what kernel @k::@space takes}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@space, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
}
gpu.module @k {
  gpu.func @space(%m: memref<8xf32, 1>) kernel {
    gpu.return
  }
}

// -----

// Tests that what was not captured and can not run on the host is named.

// expected-error @below {{an async token crosses the border of the function}}
func.func @left(%t: !gpu.async.token) {
  gpu.wait [%t]
  return
}

// -----

module attributes {gpu.container_module} {
  gpu.binary @code [#gpu.object<#nvvm.target, bin = "code">]
  func.func @binary(%a: memref<8xf32>) {
    %1 = arith.constant 1 : index
    // expected-error @below {{was not captured, and its kernel @code::@k has no body that the host could run}}
    gpu.launch_func @code::@k blocks in (%1, %1, %1) threads in (%1, %1, %1)
      args(%a : memref<8xf32>)
    return
  }
}

// -----

func.func @other(%m: memref<*xf32>) {
  // expected-error @below {{'gpu.host_register' was not captured and has no form on the host}}
  gpu.host_register %m : memref<*xf32>
  return
}

// -----

module attributes {gpu.container_module} {
module @inner attributes {gpu.container_module} {
  gpu.module @k {
    gpu.func @k(%m: memref<8xf32>) kernel {
      gpu.return
    }
  }
  func.func @nested(%a: memref<8xf32>) {
    %1 = arith.constant 1 : index
    // expected-error @below {{is in a nested module: only the functions of the outermost one are compiled}}
    gpu.launch_func @k::@k blocks in (%1, %1, %1) threads in (%1, %1, %1)
      args(%a : memref<8xf32>)
    return
  }
}
}
