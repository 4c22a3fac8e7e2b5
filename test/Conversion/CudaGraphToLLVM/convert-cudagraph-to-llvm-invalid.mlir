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
// expected-note @+1 {{found here}}
gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90">, bin = "">]
// expected-error @+1 {{failed to legalize}}
cudagraph.graph @no_grid(%g: memref<64xf32>) {
  // expected-error @+1 {{has no grid, so it runs on the host, but phase @kernels::@scale is in a 'gpu.binary'}}
  %0 = cudagraph.kernel "scale" phases [#cudagraph.phase<@kernels::@scale, 64>] args(%g readwrite : memref<64xf32>)
}

// -----

// Tests that a kernel with a grid, which runs on the GPU, is refused if its
// function is one of the host.
// expected-note @+1 {{found here}}
func.func private @scale(!llvm.ptr, i64, i64)
// expected-error @+1 {{failed to legalize}}
cudagraph.graph @grid(%g: memref<64xf32>) {
  // expected-error @+1 {{has a grid, so it runs on the GPU, but phase @scale is a 'func.func'}}
  %0 = cudagraph.kernel "scale" phases [#cudagraph.phase<@scale, 64>] args(%g readwrite : memref<64xf32>) grid [1, 1, 1] block [32, 1, 1]
}

// -----

// Tests that a kernel on the GPU is refused if it has several phases, which the
// verifier of the op does not see in a gpu.binary.
gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90">, bin = "">]
// expected-error @+1 {{failed to legalize}}
cudagraph.graph @phases(%g: memref<64xf32>) {
  // expected-error @+1 {{has a grid, so it runs on the GPU, where a kernel has one phase, but there are 2}}
  %0 = cudagraph.kernel "scale" phases [#cudagraph.phase<@kernels::@a, 64>, #cudagraph.phase<@kernels::@b, 64>] args(%g readwrite : memref<64xf32>) grid [1, 1, 1] block [32, 1, 1]
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

// -----

func.func @no_handle(%context: !llvm.ptr {graphopt.context}, %stream: !llvm.ptr {graphopt.stream},
                     %r: memref<f64>, %out: memref<f64>) {
  // expected-error @+2 {{needs an argument of its function that is marked graphopt.pending; pack-entry-points adds one}}
  // expected-error @+1 {{failed to legalize}}
  cudagraph.deliver %r to %out : memref<f64> to memref<f64>
  return
}

// -----

func.func @no_context(%stream: !llvm.ptr {graphopt.stream}, %r: memref<f64>) {
  // expected-error @+2 {{needs an argument of its function that is marked graphopt.context; pack-entry-points adds one}}
  // expected-error @+1 {{failed to legalize}}
  %p = cudagraph.fetch %r : memref<f64> -> !cudagraph.pending<f64>
  %v = cudagraph.await %p : !cudagraph.pending<f64>
  return
}
