// RUN: graph-run %s --entry=rounds_after_each_op --reference-only | FileCheck %s --check-prefix=ROUND
// RUN: graph-run %s --entry=nan_and_zero --reference-only | FileCheck %s --check-prefix=NAN
// RUN: graph-run %s --entry=wraps_integers --reference-only | FileCheck %s --check-prefix=WRAP
// RUN: graph-run %s --entry=converts --reference-only | FileCheck %s --check-prefix=CONVERT

// Tests that floats are rounded to their type after each operation.
// ROUND:      result0 = 0.1 : f16
// ROUND-NEXT: result1 = 256 : bf16
// ROUND-NEXT: result2 = 16777216 : f32
// ROUND-NEXT: result3 = 16777217 : f64
func.func @rounds_after_each_op() -> (f16, bf16, f32, f64) {
  %h1 = arith.constant 1.0 : f16
  %h10 = arith.constant 10.0 : f16
  %h = arith.divf %h1, %h10 : f16
  %b256 = arith.constant 256.0 : bf16
  %b1 = arith.constant 1.0 : bf16
  %b = arith.addf %b256, %b1 : bf16
  %f24 = arith.constant 16777216.0 : f32
  %f1 = arith.constant 1.0 : f32
  %f = arith.addf %f24, %f1 : f32
  %d24 = arith.constant 16777216.0 : f64
  %d1 = arith.constant 1.0 : f64
  %d = arith.addf %d24, %d1 : f64
  return %h, %b, %f, %d : f16, bf16, f32, f64
}

// Tests that maximumf propagates NaN and orders zeros, and maxnumf does not
// propagate it; that ordered and unordered predicates differ on NaN.
// NAN:      result0 = nan : f32
// NAN-NEXT: result1 = 1 : f32
// NAN-NEXT: result2 = 0 : f32
// NAN-NEXT: result3 = -0 : f32
// NAN-NEXT: result4 = false : i1
// NAN-NEXT: result5 = true : i1
func.func @nan_and_zero() -> (f32, f32, f32, f32, i1, i1) {
  %nan = arith.constant 0x7FC00000 : f32
  %one = arith.constant 1.0 : f32
  %zero = arith.constant 0.0 : f32
  %minus = arith.constant -0.0 : f32
  %0 = arith.maximumf %nan, %one : f32
  %1 = arith.maxnumf %nan, %one : f32
  %2 = arith.maximumf %minus, %zero : f32
  %3 = arith.minimumf %zero, %minus : f32
  %4 = arith.cmpf olt, %nan, %one : f32
  %5 = arith.cmpf ult, %nan, %one : f32
  return %0, %1, %2, %3, %4, %5 : f32, f32, f32, f32, i1, i1
}

// Tests that integers wrap to their width and that unsigned operations see the
// bits as unsigned numbers.
// WRAP:      result0 = -128 : i8
// WRAP-NEXT: result1 = 1 : i8
// WRAP-NEXT: result2 = true : i1
// WRAP-NEXT: result3 = -1 : i8
// WRAP-NEXT: result4 = -2 : i8
func.func @wraps_integers() -> (i8, i8, i1, i8, i8) {
  %max = arith.constant 127 : i8
  %one = arith.constant 1 : i8
  %minus = arith.constant -1 : i8
  %three = arith.constant -3 : i8
  %two = arith.constant 2 : i8
  %0 = arith.addi %max, %one : i8
  %1 = arith.divui %minus, %minus : i8
  %2 = arith.cmpi ugt, %minus, %max : i8
  %3 = arith.divsi %three, %two : i8
  %4 = arith.floordivsi %three, %two : i8
  return %0, %1, %2, %3, %4 : i8, i8, i1, i8, i8
}

// Tests that conversions round once, to nearest even.
// CONVERT:      result0 = 1.01 : bf16
// CONVERT-NEXT: result1 = 65504 : f16
// CONVERT-NEXT: result2 = inf : f16
// CONVERT-NEXT: result3 = 255 : f32
// CONVERT-NEXT: result4 = -1 : f32
// CONVERT-NEXT: result5 = -2 : i32
// CONVERT-NEXT: result6 = 1065353216 : i32
func.func @converts() -> (bf16, f16, f16, f32, f32, i32, i32) {
  // Just above half way between 1 and the next bf16; through f32 it would be
  // exactly half way, and become 1.
  %a = arith.constant 1.00390625000000022 : f64
  %0 = arith.truncf %a : f64 to bf16
  %b = arith.constant 65519.0 : f32
  %1 = arith.truncf %b : f32 to f16
  %c = arith.constant 65520.0 : f32
  %2 = arith.truncf %c : f32 to f16
  %d = arith.constant -1 : i8
  %3 = arith.uitofp %d : i8 to f32
  %4 = arith.sitofp %d : i8 to f32
  %e = arith.constant -2.9 : f32
  %5 = arith.fptosi %e : f32 to i32
  %f = arith.constant 1.0 : f32
  %6 = arith.bitcast %f : f32 to i32
  return %0, %1, %2, %3, %4, %5, %6 : bf16, f16, f16, f32, f32, i32, i32
}
