// Tests that names of functions that are equal in C, or equal to the table, a
// packed form or a function that the module declares, get a number, whatever the
// order in the module, and that the header says so.
// RUN: graph-compile %s --name=n -o %t | count 0
// RUN: FileCheck %s < %t.h
// RUN: %cc -fsyntax-only -x c -I%S/../../include %t.h

// CHECK:      * Functions are called n_FUNCTION, other characters than letters and digits as _.
// CHECK-NEXT: * Where that is taken, _1, _2, ... follows. Identifiers have the first choice, then
// CHECK-NEXT: * shorter names, then by the alphabet.
// CHECK: /// Function 'a.b'.
// CHECK: GoStatus n_a_b_1(
// CHECK: GoStatus n_a_b_1_packed(
// CHECK: /// Function 'a_b'.
// CHECK: GoStatus n_a_b(
// CHECK: /// Function 'f_packed'.
// CHECK: GoStatus n_f_packed_1(
// CHECK: GoStatus n_f_packed_1_packed(
// CHECK: /// Function 'f'.
// CHECK: GoStatus n_f(
// CHECK: GoStatus n_f_packed(
// CHECK: /// Function 'program'.
// CHECK: GoStatus n_program_1(
// CHECK: /// Function 'sin'.
// CHECK: GoStatus n_sin_1(

// Tests that each symbol is the function that the header says.
// RUN: %python %S/Inputs/call_names.py %t.so n | FileCheck %s --check-prefix=CALLS
// CALLS: n_a_b_1: 2.0
// CALLS-NEXT: n_a_b: 3.0
// CALLS-NEXT: n_f_packed_1: 4.0
// CALLS-NEXT: n_f: 5.0
// CALLS-NEXT: n_program_1: 6.0

func.func private @n_sin(f64) -> f64

func.func @"a.b"() -> f64 {
  %k = arith.constant 2.0 : f64
  return %k : f64
}
func.func @a_b() -> f64 {
  %k = arith.constant 3.0 : f64
  return %k : f64
}
func.func @f_packed() -> f64 {
  %k = arith.constant 4.0 : f64
  return %k : f64
}
func.func @f() -> f64 {
  %k = arith.constant 5.0 : f64
  return %k : f64
}
func.func @program() -> f64 {
  %k = arith.constant 6.0 : f64
  return %k : f64
}
func.func @sin(%x: f64) -> f64 {
  %r = call @n_sin(%x) : (f64) -> f64
  return %r : f64
}
