// RUN: graph-opt %s --verify-captured --verify-diagnostics --split-input-file

// Tests that all ops of all functions are listed at once, each with its reason.
#id = affine_map<(d0) -> (d0)>
func.func @extents(%t: tensor<?xf32>, %e: tensor<?xf32>) -> tensor<?xf32> {
  // expected-error @+2 {{not captured [dynamic-shape]: the shape of tensor<?xf32> is not static}}
  // expected-note-re @+1 {{with this op captured a call would save about {{.*}} microseconds}}
  %r = linalg.copy ins(%t : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %r : tensor<?xf32>
}
func.func @elements(%t: tensor<4xcomplex<f32>>, %e: tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>> {
  // expected-error @+2 {{not captured [element-type]: kernels do not work on tensor<4xcomplex<f32>>}}
  // expected-note @+1 {{with this op captured}}
  %r = linalg.copy ins(%t : tensor<4xcomplex<f32>>) outs(%e : tensor<4xcomplex<f32>>) -> tensor<4xcomplex<f32>>
  return %r : tensor<4xcomplex<f32>>
}
func.func @buffers(%m: memref<4xf32>, %n: memref<4xf32>) {
  // expected-error @+2 {{not captured [works-on-buffers]}}
  // expected-note @+1 {{with this op captured}}
  linalg.copy ins(%m : memref<4xf32>) outs(%n : memref<4xf32>)
  return
}
func.func @host_operand(%t: tensor<4xf32>, %s: f32) -> tensor<4xf32> {
  // expected-error @+2 {{not captured [host-operand]: it reads a host scalar of type f32}}
  // expected-note @+1 {{with this op captured}}
  %r = linalg.fill ins(%s : f32) outs(%t : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
func.func @not_in_region(%t: tensor<4xf32>, %e: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+2 {{not captured [not-in-region]: no region was formed around it}}
  // expected-note @+1 {{with this op captured}}
  %r = linalg.copy ins(%t : tensor<4xf32>) outs(%e : tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}
func.func @no_interface(%t: tensor<4xf32>) -> tensor<8xf32> {
  // expected-error @+2 {{not captured [no-interface]: no lowering of 'tensor.concat' to a node is known}}
  // expected-note @+1 {{with this op captured}}
  %r = tensor.concat dim(0) %t, %t : (tensor<4xf32>, tensor<4xf32>) -> tensor<8xf32>
  return %r : tensor<8xf32>
}

// -----

// Tests that what else blocks regions is told beside the error, and not where
// there is none.
func.func private @ask(f32) -> f32
func.func @others(%a: tensor<8xf32>, %t: tensor<?xf32>, %e: tensor<?xf32>) -> (tensor<8xf32>, tensor<?xf32>) {
  %r = tseq.graph "g0" (%x = %a) : (tensor<8xf32>) -> tensor<8xf32> {
    %s = linalg.copy ins(%x : tensor<8xf32>) outs(%x : tensor<8xf32>) -> tensor<8xf32>
    tseq.yield %s : tensor<8xf32>
  }
  %c0 = arith.constant 0 : index
  // expected-warning @+2 {{blocks capture [readback-observed]: the value is passed to a call}}
  // expected-note @+1 {{without this readback a call would save}}
  %h = tensor.extract %r[%c0] : tensor<8xf32>
  // expected-warning @+2 {{blocks capture [region-split]: its effects are not understood}}
  // expected-note @+1 {{without this call regions g0 and g1 would merge}}
  %v = func.call @ask(%h) : (f32) -> f32
  %u = tseq.graph "g1" (%x = %r, %y = %v) : (tensor<8xf32>, f32) -> tensor<8xf32> {
    %l = tseq.pack %x : !tseq.seq<tensor<8xf32>>
    %p = tseq.map ins(%l : !tseq.seq<tensor<8xf32>>) scalars(%y : tensor<f32>) -> !tseq.seq<tensor<8xf32>> {
    ^bb0(%v0: f32, %v1: f32):
      %q = arith.mulf %v0, %v1 : f32
      tseq.yield %q : f32
    }
    %s = tseq.get %p[0] : !tseq.seq<tensor<8xf32>>
    tseq.yield %s : tensor<8xf32>
  }
  // expected-error @+2 {{not captured [dynamic-shape]}}
  // expected-note @+1 {{with this op captured}}
  %d = linalg.copy ins(%t : tensor<?xf32>) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  return %u, %d : tensor<8xf32>, tensor<?xf32>
}
