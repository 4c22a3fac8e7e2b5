// RUN: graph-opt %s --fuse-sequences | FileCheck %s

// Tests that a reduce computes again what another op reads, too, as long as that
// is a little.
// CHECK-LABEL: func.func @few(
// CHECK:         %[[LIST:.*]] = tseq.pack
// CHECK:         tseq.reduce [add] ins(%[[LIST]] :
func.func @few(%a: tensor<4xf32>) -> (tensor<4xf32>, tensor<f32>) {
  %0:2 = tseq.graph "g" (%p = %a) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<f32>) {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x0: f32):
      %x1 = arith.addf %x0, %x0 : f32
      %x2 = arith.mulf %x1, %x0 : f32
      %x3 = arith.addf %x2, %x0 : f32
      %x4 = arith.mulf %x3, %x0 : f32
      %x5 = arith.addf %x4, %x0 : f32
      %x6 = arith.mulf %x5, %x0 : f32
      %x7 = arith.addf %x6, %x0 : f32
      %x8 = arith.mulf %x7, %x0 : f32
      %x9 = arith.addf %x8, %x0 : f32
      %x10 = arith.mulf %x9, %x0 : f32
      %x11 = arith.addf %x10, %x0 : f32
      %x12 = arith.mulf %x11, %x0 : f32
      %x13 = arith.addf %x12, %x0 : f32
      %x14 = arith.mulf %x13, %x0 : f32
      %x15 = arith.addf %x14, %x0 : f32
      %x16 = arith.mulf %x15, %x0 : f32
      %x17 = arith.addf %x16, %x0 : f32
      %x18 = arith.mulf %x17, %x0 : f32
      %x19 = arith.addf %x18, %x0 : f32
      %x20 = arith.mulf %x19, %x0 : f32
      %x21 = arith.addf %x20, %x0 : f32
      %x22 = arith.mulf %x21, %x0 : f32
      %x23 = arith.addf %x22, %x0 : f32
      %x24 = arith.mulf %x23, %x0 : f32
      %x25 = arith.addf %x24, %x0 : f32
      %x26 = arith.mulf %x25, %x0 : f32
      %x27 = arith.addf %x26, %x0 : f32
      %x28 = arith.mulf %x27, %x0 : f32
      %x29 = arith.addf %x28, %x0 : f32
      %x30 = arith.mulf %x29, %x0 : f32
      %x31 = arith.addf %x30, %x0 : f32
      %x32 = arith.mulf %x31, %x0 : f32
      tseq.yield %x32 : f32
    }
    %r = tseq.reduce [add] ins(%m : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %t, %r : tensor<4xf32>, tensor<f32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<f32>
}

// Tests that it reads what is more than that.
// CHECK-LABEL: func.func @many(
// CHECK:         %[[MADE:.*]] = tseq.map
// CHECK:         tseq.reduce [add] ins(%[[MADE]] :
func.func @many(%a: tensor<4xf32>) -> (tensor<4xf32>, tensor<f32>) {
  %0:2 = tseq.graph "g" (%p = %a) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<f32>) {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x0: f32):
      %x1 = arith.addf %x0, %x0 : f32
      %x2 = arith.mulf %x1, %x0 : f32
      %x3 = arith.addf %x2, %x0 : f32
      %x4 = arith.mulf %x3, %x0 : f32
      %x5 = arith.addf %x4, %x0 : f32
      %x6 = arith.mulf %x5, %x0 : f32
      %x7 = arith.addf %x6, %x0 : f32
      %x8 = arith.mulf %x7, %x0 : f32
      %x9 = arith.addf %x8, %x0 : f32
      %x10 = arith.mulf %x9, %x0 : f32
      %x11 = arith.addf %x10, %x0 : f32
      %x12 = arith.mulf %x11, %x0 : f32
      %x13 = arith.addf %x12, %x0 : f32
      %x14 = arith.mulf %x13, %x0 : f32
      %x15 = arith.addf %x14, %x0 : f32
      %x16 = arith.mulf %x15, %x0 : f32
      %x17 = arith.addf %x16, %x0 : f32
      %x18 = arith.mulf %x17, %x0 : f32
      %x19 = arith.addf %x18, %x0 : f32
      %x20 = arith.mulf %x19, %x0 : f32
      %x21 = arith.addf %x20, %x0 : f32
      %x22 = arith.mulf %x21, %x0 : f32
      %x23 = arith.addf %x22, %x0 : f32
      %x24 = arith.mulf %x23, %x0 : f32
      %x25 = arith.addf %x24, %x0 : f32
      %x26 = arith.mulf %x25, %x0 : f32
      %x27 = arith.addf %x26, %x0 : f32
      %x28 = arith.mulf %x27, %x0 : f32
      %x29 = arith.addf %x28, %x0 : f32
      %x30 = arith.mulf %x29, %x0 : f32
      %x31 = arith.addf %x30, %x0 : f32
      %x32 = arith.mulf %x31, %x0 : f32
      %x33 = arith.addf %x32, %x0 : f32
      tseq.yield %x33 : f32
    }
    %r = tseq.reduce [add] ins(%m : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %t, %r : tensor<4xf32>, tensor<f32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<f32>
}

// Tests that device scalars to load count as ops do.
// CHECK-LABEL: func.func @scalars(
// CHECK:         %[[MADE:.*]] = tseq.map
// CHECK:         tseq.reduce [add] ins(%[[MADE]] :
func.func @scalars(%a: tensor<4xf32>, %s0: tensor<f32>, %s1: tensor<f32>, %s2: tensor<f32>, %s3: tensor<f32>, %s4: tensor<f32>, %s5: tensor<f32>, %s6: tensor<f32>, %s7: tensor<f32>, %s8: tensor<f32>, %s9: tensor<f32>, %s10: tensor<f32>, %s11: tensor<f32>, %s12: tensor<f32>, %s13: tensor<f32>, %s14: tensor<f32>, %s15: tensor<f32>, %s16: tensor<f32>)
    -> (tensor<4xf32>, tensor<f32>) {
  %0:2 = tseq.graph "g" (%p = %a, %q0 = %s0, %q1 = %s1, %q2 = %s2, %q3 = %s3, %q4 = %s4, %q5 = %s5, %q6 = %s6, %q7 = %s7, %q8 = %s8, %q9 = %s9, %q10 = %s10, %q11 = %s11, %q12 = %s12, %q13 = %s13, %q14 = %s14, %q15 = %s15, %q16 = %s16)
      : (tensor<4xf32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>)
      -> (tensor<4xf32>, tensor<f32>) {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) scalars(%q0, %q1, %q2, %q3, %q4, %q5, %q6, %q7, %q8, %q9, %q10, %q11, %q12, %q13, %q14, %q15, %q16 : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x0: f32, %k0: f32, %k1: f32, %k2: f32, %k3: f32, %k4: f32, %k5: f32, %k6: f32, %k7: f32, %k8: f32, %k9: f32, %k10: f32, %k11: f32, %k12: f32, %k13: f32, %k14: f32, %k15: f32, %k16: f32):
      %x1 = arith.addf %x0, %k0 : f32
      %x2 = arith.addf %x1, %k1 : f32
      %x3 = arith.addf %x2, %k2 : f32
      %x4 = arith.addf %x3, %k3 : f32
      %x5 = arith.addf %x4, %k4 : f32
      %x6 = arith.addf %x5, %k5 : f32
      %x7 = arith.addf %x6, %k6 : f32
      %x8 = arith.addf %x7, %k7 : f32
      %x9 = arith.addf %x8, %k8 : f32
      %x10 = arith.addf %x9, %k9 : f32
      %x11 = arith.addf %x10, %k10 : f32
      %x12 = arith.addf %x11, %k11 : f32
      %x13 = arith.addf %x12, %k12 : f32
      %x14 = arith.addf %x13, %k13 : f32
      %x15 = arith.addf %x14, %k14 : f32
      %x16 = arith.addf %x15, %k15 : f32
      %x17 = arith.addf %x16, %k16 : f32
      tseq.yield %x17 : f32
    }
    %r = tseq.reduce [add] ins(%m : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %t, %r : tensor<4xf32>, tensor<f32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<f32>
}
