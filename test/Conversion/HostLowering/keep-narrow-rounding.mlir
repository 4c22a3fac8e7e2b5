// RUN: graph-opt %s --keep-narrow-rounding --canonicalize | FileCheck %s
// RUN: graph-opt %s --canonicalize | FileCheck %s --check-prefix=WITHOUT

// Tests that the rounding between two narrow ops stays, which upstream's flag
// would let go.
// CHECK-LABEL: func.func @rounds_between
// CHECK: %[[NARROW:.*]] = arith.truncf %{{.*}} : f32 to bf16
// CHECK: arith.extf %[[NARROW]] : bf16 to f32
// WITHOUT-LABEL: func.func @rounds_between
// WITHOUT-NOT: arith.extf
func.func @rounds_between(%x: f32, %y: f32) -> f32 {
  %0 = arith.addf %x, %y : f32
  %1 = arith.truncf %0 fastmath<contract> : f32 to bf16
  %2 = arith.extf %1 fastmath<contract> : bf16 to f32
  %3 = arith.mulf %2, %y : f32
  return %3 : f32
}

// Tests that flags of other ops are left alone.
// CHECK-LABEL: func.func @other_flags
// CHECK: arith.addf %{{.*}} fastmath<reassoc> : f32
func.func @other_flags(%x: f32, %y: f32) -> f32 {
  %0 = arith.addf %x, %y fastmath<reassoc> : f32
  return %0 : f32
}
