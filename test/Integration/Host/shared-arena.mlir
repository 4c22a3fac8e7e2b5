// RUN: graph-run %s --repeat 3 --device=host --verify | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=buffers" | FileCheck %s --check-prefix=IR
// CHECK: verify: ok

// Tests that two regions, between which the host computes a scalar, share one
// arena that the call allocates and frees, and that what goes from one to the
// other is not in it.
// IR-LABEL: func.func @two_regions(
// IR:         %[[ARENA:.*]] = memref.alloc() : memref<[[BYTES:[0-9]+]]xi8>
// IR:         tseq.graph {{.*}} = %[[ARENA]]) {{.*}} shared_arena = 
// IR:         call @cosf
// IR:         tseq.graph {{.*}} = %[[ARENA]]) {{.*}} shared_arena = 
// IR:         memref.dealloc %[[ARENA]] : memref<[[BYTES]]xi8>
// IR:         return
func.func @two_regions(%x: tensor<1025x4100xf32>) -> (tensor<4100xf32>, tensor<1025xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<4100x1025xf32>
  %g = tensor.empty() : tensor<4100xf32>
  %h = tensor.empty() : tensor<1025xf32>
  %gz = linalg.fill ins(%zero : f32) outs(%g : tensor<4100xf32>) -> tensor<4100xf32>
  %hz = linalg.fill ins(%zero : f32) outs(%h : tensor<1025xf32>) -> tensor<1025xf32>
  %t = linalg.transpose ins(%x : tensor<1025x4100xf32>) outs(%e : tensor<4100x1025xf32>) permutation = [1, 0]
  %r = linalg.reduce { arith.addf } ins(%t : tensor<4100x1025xf32>) outs(%gz : tensor<4100xf32>) dimensions = [1]
  %q = linalg.reduce { arith.maximumf } ins(%t : tensor<4100x1025xf32>) outs(%hz : tensor<1025xf32>) dimensions = [0]
  %n0 = tensor.splat %zero : tensor<f32>
  %n = linalg.reduce { arith.maximumf } ins(%r : tensor<4100xf32>) outs(%n0 : tensor<f32>) dimensions = [0]
  %v = tensor.extract %n[] : tensor<f32>
  %f = func.call @cosf(%v) : (f32) -> f32
  %s = tensor.splat %f : tensor<1025x4100xf32>
  %y = arith.mulf %x, %s : tensor<1025x4100xf32>
  %u = linalg.transpose ins(%y : tensor<1025x4100xf32>) outs(%e : tensor<4100x1025xf32>) permutation = [1, 0]
  %a = linalg.reduce { arith.addf } ins(%u : tensor<4100x1025xf32>) outs(%r : tensor<4100xf32>) dimensions = [1]
  %b = linalg.reduce { arith.maximumf } ins(%u : tensor<4100x1025xf32>) outs(%q : tensor<1025xf32>) dimensions = [0]
  return %a, %b : tensor<4100xf32>, tensor<1025xf32>
}
func.func private @cosf(f32) -> f32
