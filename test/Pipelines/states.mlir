// RUN: graph-opt %s --graph-opt-pipeline="stop-after=sequences" | FileCheck %s --check-prefix=SEQUENCES
// RUN: graph-opt %s --graph-opt-pipeline="stop-after=hoisted" | FileCheck %s --check-prefix=HOISTED
// RUN: graph-opt %s --graph-opt-pipeline="device=host stop-after=regions" | FileCheck %s --check-prefix=REGIONS
// RUN: graph-opt %s --graph-opt-pipeline="precision=exact stop-after=fused" | FileCheck %s --check-prefix=FUSED
// RUN: graph-opt %s --graph-opt-pipeline="stop-after=buffers" | FileCheck %s --check-prefix=BUFFERS
// RUN: graph-opt %s --graph-opt-pipeline="stop-after=graphs" | FileCheck %s --check-prefix=GRAPHS
// RUN: graph-opt %s --graph-opt-pipeline="stop-after=runtime" | FileCheck %s --check-prefix=RUNTIME
// RUN: graph-opt %s --graph-opt-pipeline | FileCheck %s --check-prefix=RUNTIME

// Tests that two norms that clip two buffers go through every state: calls are
// inlined, readbacks and the branch move to the device, one region is formed,
// two kernels are left, and in the end one launch.

// SEQUENCES-LABEL: func.func @clip(
// SEQUENCES-NOT:     call
// SEQUENCES-COUNT-2: tseq.reduce [add]
// SEQUENCES:         tseq.item
// SEQUENCES:         scf.if
// SEQUENCES-NOT:     linalg
// SEQUENCES-NOT:     func.func

// HOISTED-LABEL: func.func @clip(
// HOISTED-NOT:     scf.if
// HOISTED:         tseq.scalar
// HOISTED-COUNT-1: tseq.item %{{.*}} use(observed) : tensor<f32>
// HOISTED-NOT:     tseq.item
// HOISTED:         tseq.if

// REGIONS-LABEL: func.func @clip(
// REGIONS:         tseq.graph "clip.graph0"
// REGIONS:           tseq.reduce
// REGIONS:           tseq.if
// REGIONS-NOT:     tseq.graph
// REGIONS:         tseq.item

// FUSED-LABEL: func.func @clip(
// FUSED:         tseq.graph "clip.graph0"
// FUSED:           tseq.kernel
// FUSED:             tseq.reduce [add] per_tensor
// FUSED:             tseq.scalar
// FUSED:           tseq.map {{.*}} when(%{{.*}} : tensor<i1>)
// FUSED-NOT:       tseq.map

// BUFFERS-LABEL: func.func @clip(
// BUFFERS-SAME:    %[[M:[^:]*]]: memref<40xf32>, %[[K:[^:]*]]: memref<2x5xf32>
// BUFFERS-NOT:     tensor<
// BUFFERS:         tseq.graph "clip.graph0" ({{.*}} = %[[M]], {{.*}} = %[[K]],
// BUFFERS-SAME:      arena_bytes = [[#]]
// BUFFERS-NOT:       memref.alloc
// BUFFERS:         tseq.item %{{.*}} : memref<f32>

// GRAPHS-LABEL: func.func @clip(
// GRAPHS:         %[[E:.*]] = cudagraph.instantiate @clip.graph0
// GRAPHS:         cudagraph.launch %[[E]]
// GRAPHS:         cudagraph.readback
// GRAPHS:       cudagraph.graph @clip.graph0
// GRAPHS:         %[[N:.*]] = cudagraph.kernel
// GRAPHS:         cudagraph.kernel {{.*}} after(%[[N]])
// GRAPHS-NOT:     cudagraph.kernel
// GRAPHS-NOT:   tseq

// RUNTIME-NOT:   func.func
// RUNTIME:       llvm.func @{{.*}}_clip(
// RUNTIME-NOT:   func.func
func.func private @sum(%g: tensor<40xf32>) -> f32 {
  %q = arith.mulf %g, %g : tensor<40xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%q : tensor<40xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h = tensor.extract %s[] : tensor<f32>
  return %h : f32
}
func.func private @sum2(%g: tensor<2x5xf32>) -> f32 {
  %q = arith.mulf %g, %g : tensor<2x5xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%q : tensor<2x5xf32>) outs(%zero : tensor<f32>) dimensions = [0, 1]
  %h = tensor.extract %s[] : tensor<f32>
  return %h : f32
}
func.func @clip(%m: memref<40xf32>, %k: memref<2x5xf32>) -> f32 {
  %a = bufferization.to_tensor %m restrict writable : memref<40xf32> to tensor<40xf32>
  %b = bufferization.to_tensor %k restrict writable : memref<2x5xf32> to tensor<2x5xf32>
  %x = call @sum(%a) : (tensor<40xf32>) -> f32
  %y = call @sum2(%b) : (tensor<2x5xf32>) -> f32
  %s = arith.addf %x, %y : f32
  %norm = math.sqrt %s : f32
  %one = arith.constant 1.0 : f32
  %c = arith.divf %one, %norm : f32
  %clips = arith.cmpf olt, %c, %one : f32
  scf.if %clips {
    %f = tensor.splat %c : tensor<40xf32>
    %g = tensor.splat %c : tensor<2x5xf32>
    %u = arith.mulf %a, %f : tensor<40xf32>
    %v = arith.mulf %b, %g : tensor<2x5xf32>
    bufferization.materialize_in_destination %u in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
    bufferization.materialize_in_destination %v in restrict writable %k : (tensor<2x5xf32>, memref<2x5xf32>) -> ()
  }
  return %norm : f32
}
