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
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@k::@calls, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
}
gpu.module @k {
  func.func private @callee(memref<8xf32>)
  // expected-note @below {{in @calls}}
  gpu.func @calls(%m: memref<8xf32>) kernel {
    // expected-error @below {{'func.call' has no form there}}
    func.call @callee(%m) : (memref<8xf32>) -> ()
    gpu.return
  }
}

// -----

func.func @left(%t: !gpu.async.token) {
  // expected-error @below {{'gpu.wait' was not captured}}
  gpu.wait [%t]
  return
}
