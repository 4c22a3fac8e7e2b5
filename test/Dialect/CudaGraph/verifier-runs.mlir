// RUN: graph-opt-test %s --drop-edges --split-input-file --verify-diagnostics

// Tests that the proof runs behind every pass: without edges, a graph is an
// error wherever it is, in a function's module, a nested one, or a body.
cudagraph.graph @outer(%a: memref<8xf32>, %b: memref<8xf32>) {
  // expected-note @+1 {{the other access}}
  %0 = cudagraph.memset %a value(0 : i8) : memref<8xf32>
  // expected-error @+1 {{memcpy #1 is not ordered after memset #0}}
  %1 = cudagraph.memcpy %a to %b after(%0) : memref<8xf32> to memref<8xf32>
}

// -----

module @nested {
  cudagraph.graph @inner(%c: memref<i1>, %a: memref<8xf32>, %b: memref<8xf32>) {
    %0 = cudagraph.if %c : memref<i1> {
      // expected-note @+1 {{the other access}}
      %1 = cudagraph.memset %a value(0 : i8) : memref<8xf32>
      // expected-error @+1 {{memcpy #1 is not ordered after memset #0}}
      %2 = cudagraph.memcpy %a to %b after(%1) : memref<8xf32> to memref<8xf32>
    }
  }
}

// -----

// Tests that one without hazards stays one.
cudagraph.graph @free(%a: memref<8xf32>, %b: memref<8xf32>) {
  %0 = cudagraph.memset %a value(0 : i8) : memref<8xf32>
  %1 = cudagraph.memset %b value(0 : i8) after(%0) : memref<8xf32>
}
