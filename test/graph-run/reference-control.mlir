// RUN: graph-run %s --entry=loops --arg 0=10 --reference-only | FileCheck %s --check-prefix=LOOP
// RUN: graph-run %s --entry=calls --arg 0=10 --arg 1=0.5 --reference-only | FileCheck %s --check-prefix=CALL
// RUN: graph-run %s --entry=chooses_function --arg 0=false --reference-only | FileCheck %s --check-prefix=INDIRECT
// RUN: graph-run %s --entry=decides --arg 0=2 --reference-only | FileCheck %s --check-prefix=SWITCH

// Tests counted and conditional loops with carried values.
// LOOP:      result0 = 45 : index
// LOOP-NEXT: result1 = 128 : i64
func.func @loops(%n: index) -> (index, i64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %sum = scf.for %i = %c0 to %n step %c1 iter_args(%s = %c0) -> index {
    %next = arith.addi %s, %i : index
    scf.yield %next : index
  }
  %one = arith.constant 1 : i64
  %limit = arith.constant 100 : i64
  %power = scf.while (%v = %one) : (i64) -> i64 {
    %goon = arith.cmpi slt, %v, %limit : i64
    scf.condition(%goon) %v : i64
  } do {
  ^bb0(%v: i64):
    %twice = arith.addi %v, %v : i64
    scf.yield %twice : i64
  }
  return %sum, %power : index, i64
}

// Tests branches between blocks, recursion, and calls of C functions.
// CALL:      result0 = 3628800 : i64
// CALL-NEXT: result1 = 0.87758
// CALL-SAME: : f32
// CALL-NEXT: result2 = 5 : i32
func.func private @cosf(f32) -> f32
func.func private @abs(i32) -> i32
func.func private @factorial(%n: i64) -> i64 {
  %one = arith.constant 1 : i64
  %small = arith.cmpi sle, %n, %one : i64
  cf.cond_br %small, ^end, ^more
^end:
  return %one : i64
^more:
  %less = arith.subi %n, %one : i64
  %rest = func.call @factorial(%less) : (i64) -> i64
  %product = arith.muli %n, %rest : i64
  return %product : i64
}
func.func @calls(%n: i64, %x: f32) -> (i64, f32, i32) {
  %0 = call @factorial(%n) : (i64) -> i64
  %1 = call @cosf(%x) : (f32) -> f32
  %minus = arith.constant -5 : i32
  %2 = call @abs(%minus) : (i32) -> i32
  return %0, %1, %2 : i64, f32, i32
}

// Tests a switch and affine arithmetic.
// SWITCH:      result0 = 20 : i32
// SWITCH-NEXT: result1 = 4 : index
func.func @decides(%which: index) -> (i32, index) {
  %0 = scf.index_switch %which -> i32
  case 1 {
    %ten = arith.constant 10 : i32
    scf.yield %ten : i32
  }
  case 2 {
    %twenty = arith.constant 20 : i32
    scf.yield %twenty : i32
  }
  default {
    %none = arith.constant 0 : i32
    scf.yield %none : i32
  }
  %1 = affine.apply affine_map<(i) -> ((i * 7) floordiv 3)>(%which)
  return %0, %1 : i32, index
}

// Tests functions that are values.
// INDIRECT: result0 = 12 : i64
func.func private @triple(%n: i64) -> i64 {
  %three = arith.constant 3 : i64
  %0 = arith.muli %n, %three : i64
  return %0 : i64
}
func.func @chooses_function(%c: i1) -> i64 {
  %0 = func.constant @factorial : (i64) -> i64
  %1 = func.constant @triple : (i64) -> i64
  %2 = arith.select %c, %0, %1 : (i64) -> i64
  %four = arith.constant 4 : i64
  %3 = call_indirect %2(%four) : (i64) -> i64
  return %3 : i64
}
