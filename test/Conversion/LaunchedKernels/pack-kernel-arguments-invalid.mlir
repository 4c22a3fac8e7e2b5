// RUN: graph-opt %s --pack-kernel-arguments --verify-diagnostics --split-input-file

// Tests that a node that does not fit its kernel is named.

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
