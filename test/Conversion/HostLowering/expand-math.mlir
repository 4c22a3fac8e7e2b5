// RUN: graph-opt %s --expand-math | FileCheck %s

// Tests that classes of floats are comparisons: |x| < inf, |x| == inf, and x
// unordered with itself; and that what is normal depends on the type.
// CHECK-LABEL: func.func @classes(
// CHECK-SAME:    %[[X:[^:]*]]: f32, %[[Y:[^:]*]]: f64, %[[H:[^:]*]]: f16
// CHECK:         %[[INF:.*]] = arith.constant 0x7F800000 : f32
// CHECK:         %[[M:.*]] = math.absf %[[X]]
// CHECK:         arith.cmpf olt, %[[M]], %[[INF]]
// CHECK:         %[[INF64:.*]] = arith.constant 0x7FF0000000000000 : f64
// CHECK:         %[[N:.*]] = math.absf %[[Y]]
// CHECK:         arith.cmpf oeq, %[[N]], %[[INF64]]
// CHECK:         arith.cmpf uno, %[[X]], %[[X]]
// CHECK:         %[[MIN:.*]] = arith.constant 6.103520e-05 : f16
// CHECK:         %[[A:.*]] = arith.cmpf oge, %{{.*}}, %[[MIN]] : f16
// CHECK:         %[[B:.*]] = arith.cmpf olt, %{{.*}} : f16
// CHECK:         arith.andi %[[A]], %[[B]]
func.func @classes(%x: f32, %y: f64, %h: f16) -> (i1, i1, i1, i1) {
  %0 = math.isfinite %x : f32
  %1 = math.isinf %y : f64
  %2 = math.isnan %x : f32
  %3 = math.isnormal %h : f16
  return %0, %1, %2, %3 : i1, i1, i1, i1
}

// Tests that what is above the upper limit is that limit.
// CHECK-LABEL: func.func @clamp(
// CHECK-SAME:    %[[X:[^:]*]]: f32, %[[LOW:[^:]*]]: f32, %[[HIGH:[^:]*]]: f32
// CHECK:         %[[M:.*]] = arith.minimumf %[[X]], %[[HIGH]]
// CHECK:         arith.maximumf %[[M]], %[[LOW]]
func.func @clamp(%x: f32, %low: f32, %high: f32) -> f32 {
  %0 = math.clampf %x to [%low, %high] : f32
  return %0 : f32
}

// Tests that a power of integers is a loop over the bits of the exponent, which
// ends for negative ones too.
// CHECK-LABEL: func.func @power(
// CHECK-NOT:     math.ipowi
// CHECK:         scf.while
// CHECK:           arith.cmpi ne
// CHECK:           arith.shrui
// CHECK:         arith.cmpi slt
// CHECK:         arith.select
func.func @power(%x: i8, %e: i8) -> i8 {
  %0 = math.ipowi %x, %e : i8
  return %0 : i8
}

// Tests that vectors are left alone.
// CHECK-LABEL: func.func @vectors(
// CHECK:         math.isinf
// CHECK:         math.ipowi
func.func @vectors(%x: vector<4xf32>, %i: vector<4xi32>) -> (vector<4xi1>, vector<4xi32>) {
  %0 = math.isinf %x : vector<4xf32>
  %1 = math.ipowi %i, %i : vector<4xi32>
  return %0, %1 : vector<4xi1>, vector<4xi32>
}
