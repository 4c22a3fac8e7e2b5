// RUN: graph-opt --convert-cudagraph-to-llvm --split-input-file --verify-diagnostics %s

// Tests that host ops need the context.
cudagraph.graph @g() {
}
func.func @no_context() {
  // expected-error @+2 {{needs an argument of its function that is marked graphopt.context; pack-entry-points adds one}}
  // expected-error @+1 {{failed to legalize}}
  %e = cudagraph.instantiate @g : !cudagraph.exec
  return
}

// -----

// Tests that a kernel without a grid, which runs on the host, is refused if its
// function is none of the host.
gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90">, bin = "">]
// expected-error @+1 {{failed to legalize}}
cudagraph.graph @no_grid(%g: memref<64xf32>) {
  // expected-error @+1 {{phase @kernels::@scale is not a function on the host}}
  %0 = cudagraph.kernel "scale" phases [#cudagraph.phase<@kernels::@scale, 64>] args(%g readwrite : memref<64xf32>)
}

// -----

// expected-error @+1 {{symbol @g.info is needed for the lowering of graph @g}}
func.func private @g.info()
// expected-error @+1 {{failed to legalize}}
cudagraph.graph @g() {
}

// -----

// expected-error @+1 {{symbol @goGraphAddEmpty is a function of the graph runtime; the program must not use its name}}
func.func private @goGraphAddEmpty(f32)
// expected-error @+1 {{failed to legalize}}
cudagraph.graph @g() {
  %0 = cudagraph.empty
}
