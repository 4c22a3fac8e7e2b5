// RUN: graph-opt %s --pack-kernel-arguments --verify-diagnostics --split-input-file

// Tests that a launch that was not captured is named, and a node that does not
// fit its kernel.

module attributes {gpu.container_module} {
  gpu.binary @code [#gpu.object<#nvvm.target, bin = "code">]
  func.func @left(%a: memref<8xf32>) {
    %1 = arith.constant 1 : index
    // expected-error @+2 {{'gpu.launch_func' was not captured: its kernel is code already, or has no body}}
    // expected-note @+1 {{only captured launches are lowered for a GPU}}
    gpu.launch_func @code::@k blocks in (%1, %1, %1) threads in (%1, %1, %1)
      args(%a : memref<8xf32>)
    return
  }
}

// -----

cudagraph.graph @g(%a: memref<8xf32>) {
  // expected-error @below {{does not pass what kernel @k::@other takes: '(memref<8xf64>) -> ()'}}
  %0 = cudagraph.kernel "other" phases [#cudagraph.phase<@k::@other, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [8, 1, 1]
}
gpu.module @k {
  gpu.func @other(%m: memref<8xf64>) kernel {
    gpu.return
  }
}
