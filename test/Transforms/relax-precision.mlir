// RUN: graph-opt %s --pass-pipeline='builtin.module(func.func(relax-precision))' | FileCheck %s
// RUN: graph-opt %s --graph-opt-pipeline="precision=fast stop-after=fused" | FileCheck %s --check-prefix=FAST
// RUN: graph-opt %s --graph-opt-pipeline="precision=exact stop-after=fused" | FileCheck %s --check-prefix=EXACT

// EXACT-NOT: fastmath<contract>
// FAST: tseq.map
// FAST: fastmath<contract>

// Tests that elementwise code may contract but not be reordered.
// CHECK-LABEL: func.func @elementwise_contracts
// CHECK: arith.mulf %{{.*}}, %{{.*}} fastmath<contract> : f32
// CHECK: arith.addf %{{.*}}, %{{.*}} fastmath<contract> : f32
func.func @elementwise_contracts(%t: tensor<4xf32>) -> tensor<4xf32> {
  %s = tseq.pack %t : !tseq.seq<tensor<4xf32>>
  %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    %y = arith.mulf %x, %x : f32
    %z = arith.addf %y, %x : f32
    tseq.yield %z : f32
  }
  %r = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
  return %r : tensor<4xf32>
}

// Tests that sums of scalars may become trees, and that flags which are there
// stay.
// CHECK-LABEL: func.func @scalars_reorder
// CHECK: arith.addf %{{.*}}, %{{.*}} fastmath<reassoc,contract> : f64
// CHECK: arith.mulf %{{.*}}, %{{.*}} fastmath<reassoc,nnan,contract> : f64
// CHECK: arith.truncf %{{.*}} fastmath<reassoc,contract> : f64 to f32
func.func @scalars_reorder(%t: tensor<f64>) -> tensor<f32> {
  %r = tseq.scalar ins(%t : tensor<f64>) -> tensor<f32> {
  ^bb0(%x: f64):
    %y = arith.addf %x, %x : f64
    %z = arith.mulf %y, %x fastmath<nnan> : f64
    %w = arith.truncf %z : f64 to f32
    tseq.yield %w : f32
  }
  return %r : tensor<f32>
}

// Tests that arithmetic of the host is left as it is.
// CHECK-LABEL: func.func @host_stays
// CHECK: arith.addf %{{.*}}, %{{.*}} : f64
func.func @host_stays(%x: f64) -> f64 {
  %y = arith.addf %x, %x : f64
  return %y : f64
}
