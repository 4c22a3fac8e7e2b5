// RUN: graph-opt %s --graph-opt-pipeline="device=cuda stop-after=graphs" | FileCheck %s --check-prefix=GRAPHS
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda format=isa" -o %t
// RUN: FileCheck %s --check-prefix=RUNTIME --input-file=%t
// RUN: FileCheck %s --check-prefix=ONLY-LLVM --input-file=%t
// RUN: graph-opt %s --graph-opt-pipeline="device=cuda chip=sm_80 stop-after=graphs" | FileCheck %s --check-prefix=SMALL

// Tests that norm and clip of three buffers, two of them large, are one node: the
// norms with their total, then, behind a barrier, the predicated scaling.
// GRAPHS-LABEL: func.func @clip(
// GRAPHS-SAME:    %[[M:[^:]*]]: memref<3000x2000xf32>, %[[K:[^:]*]]: memref<7xf32>, %[[N:[^:]*]]: memref<2000x3000xf32>
// GRAPHS:         %[[E:.*]] = cudagraph.instantiate @clip.graph0
// GRAPHS-NEXT:    cudagraph.launch %[[E]] buffers(
// GRAPHS:         cudagraph.readback %{{.*}} : memref<f64> -> f64
// GRAPHS-NOT:     cudagraph.
// GRAPHS:       gpu.module @graphopt_kernels
// GRAPHS:         gpu.func @clip_graph0_k0(
// GRAPHS-SAME:      known_block_size = array<i32: 512, 1, 1>, nvvm.minctasm = 2
// GRAPHS-NOT:     gpu.func
// GRAPHS:       cudagraph.graph @clip.graph0({{.*}}) arena(%[[ARENA:[^:]*]]: memref<
// GRAPHS:         cudagraph.kernel "clip.graph0.k0" phases [#cudagraph.phase<@graphopt_kernels::@clip_graph0_k0, 1>] args(%{{[^ ]*}} readwrite, %{{[^ ]*}} readwrite, %{{[^ ]*}} readwrite,
// GRAPHS-SAME:      grid [264, 1, 1] block [512, 1, 1] cooperative {any_grid}
// GRAPHS-NEXT:  }
// GRAPHS-NOT:   tseq

// Tests that the grid is that of the chip.
// SMALL:        cudagraph.kernel {{.*}} grid [216, 1, 1]

// Tests that in the end only the LLVM dialect is left: the entry point, the
// code, and a builder that adds the node.
// RUNTIME:      llvm.func @graphopt_entry_clip(
// RUNTIME:        llvm.call @goGraphInstantiate(
// RUNTIME:        llvm.call @goExecLaunch(
// RUNTIME:        llvm.call @goReadback(
// RUNTIME:        llvm.call @goWait(
// RUNTIME:      llvm.mlir.global internal constant @graphopt_kernels.image("
// RUNTIME:      llvm.mlir.global internal constant @graphopt_kernels.module()
// RUNTIME:      llvm.func internal @clip.graph0.build(
// RUNTIME:        llvm.call @goGraphAddCudaKernel(
// RUNTIME-NOT:    llvm.call @goGraphAdd
// RUNTIME:        llvm.return

// ONLY-LLVM-NOT: {{(^|[^a-z_."])(arith|builtin\.unrealized|cf|cudagraph|func|gpu|linalg|math|memref|nvvm|scf|tensor|tseq)\.}}
// ONLY-LLVM:     llvm.func @graphopt_entry_clip(
// ONLY-LLVM-NOT: {{(^|[^a-z_."])(arith|builtin\.unrealized|cf|cudagraph|func|gpu|linalg|math|memref|nvvm|scf|tensor|tseq)\.}}
func.func @clip(%m: memref<3000x2000xf32>, %k: memref<7xf32>, %n: memref<2000x3000xf32>, %max: f64) -> f64 {
  %a = bufferization.to_tensor %m restrict writable : memref<3000x2000xf32> to tensor<3000x2000xf32>
  %b = bufferization.to_tensor %k restrict writable : memref<7xf32> to tensor<7xf32>
  %c = bufferization.to_tensor %n restrict writable : memref<2000x3000xf32> to tensor<2000x3000xf32>
  %p = arith.mulf %a, %a : tensor<3000x2000xf32>
  %q = arith.mulf %b, %b : tensor<7xf32>
  %r = arith.mulf %c, %c : tensor<2000x3000xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%p : tensor<3000x2000xf32>) outs(%zero : tensor<f32>) dimensions = [0, 1]
  %t = linalg.reduce { arith.addf } ins(%q : tensor<7xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %u = linalg.reduce { arith.addf } ins(%r : tensor<2000x3000xf32>) outs(%zero : tensor<f32>) dimensions = [0, 1]
  %s0 = tensor.extract %s[] : tensor<f32>
  %t0 = tensor.extract %t[] : tensor<f32>
  %u0 = tensor.extract %u[] : tensor<f32>
  %s1 = arith.extf %s0 : f32 to f64
  %t1 = arith.extf %t0 : f32 to f64
  %u1 = arith.extf %u0 : f32 to f64
  %st = arith.addf %s1, %t1 : f64
  %sum = arith.addf %st, %u1 : f64
  %norm = math.sqrt %sum : f64
  %one = arith.constant 1.0 : f64
  %scale = arith.divf %max, %norm : f64
  %clips = arith.cmpf olt, %scale, %one : f64
  scf.if %clips {
    %f = arith.truncf %scale : f64 to f32
    %fa = tensor.splat %f : tensor<3000x2000xf32>
    %fb = tensor.splat %f : tensor<7xf32>
    %fc = tensor.splat %f : tensor<2000x3000xf32>
    %x = arith.mulf %a, %fa : tensor<3000x2000xf32>
    %y = arith.mulf %b, %fb : tensor<7xf32>
    %z = arith.mulf %c, %fc : tensor<2000x3000xf32>
    bufferization.materialize_in_destination %x in restrict writable %m : (tensor<3000x2000xf32>, memref<3000x2000xf32>) -> ()
    bufferization.materialize_in_destination %y in restrict writable %k : (tensor<7xf32>, memref<7xf32>) -> ()
    bufferization.materialize_in_destination %z in restrict writable %n : (tensor<2000x3000xf32>, memref<2000x3000xf32>) -> ()
  }
  return %norm : f64
}
