// RUN: graph-opt %s --verify-diagnostics --split-input-file

// Tests what verifiers say of streams and shared memory.

cudagraph.graph @g(%a: memref<8xf32>) {
}
func.func @no_stream(%a: memref<8xf32>, %s: i64) {
  %e = cudagraph.instantiate @g : !cudagraph.exec
  // expected-error @below {{operand #2 must be stream handle, but got 'i64'}}
  cudagraph.launch %e buffers(%a : memref<8xf32>) stream(%s : i64)
  return
}

// -----

llvm.func @phase(!llvm.ptr, i64, i64)
cudagraph.graph @g(%a: memref<8xf32>) {
  // expected-error @below {{shared_bytes needs grid and block}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>]
    args(%a readwrite : memref<8xf32>) shared_bytes 64
}

// -----

cudagraph.graph @g(%a: memref<8xf32>) {
  // expected-error @below {{attribute 'shared_bytes' failed to satisfy constraint}}
  %0 = cudagraph.kernel "k" phases [#cudagraph.phase<@phase, 1>]
    args(%a readwrite : memref<8xf32>) grid [1, 1, 1] block [1, 1, 1] shared_bytes -1
}
