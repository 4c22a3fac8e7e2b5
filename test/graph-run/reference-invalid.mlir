// RUN: not graph-run %s --entry=other_dialect --reference-only 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: not graph-run %s --entry=out_of_bounds --arg 1=4 --reference-only 2>&1 | FileCheck %s --check-prefix=BOUNDS
// RUN: not graph-run %s --entry=asserts --arg 0=false --reference-only 2>&1 | FileCheck %s --check-prefix=ASSERT
// RUN: not graph-run %s --entry=gather_out_of_bounds --arg 1=9 --reference-only 2>&1 | FileCheck %s --check-prefix=GATHER
// RUN: not graph-run %s --entry=endless_recursion --reference-only 2>&1 | FileCheck %s --check-prefix=RECURSION
// RUN: not graph-run %s --entry=divides_by_zero --arg 1=0 --verify 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not graph-run %s --entry=remainder_of_zero --arg 0=0 --reference-only 2>&1 | FileCheck %s --check-prefix=REMAINDER
// RUN: not graph-run %s --entry=division_overflows --arg 0=-128 --arg 1=-1 --reference-only 2>&1 | FileCheck %s --check-prefix=OVERFLOW
// RUN: not graph-run %s --entry=affine_modulo_zero --arg 0=0 --reference-only 2>&1 | FileCheck %s --check-prefix=AFFINE
// RUN: not graph-run %s --entry=unknown_external --reference-only 2>&1 | FileCheck %s --check-prefix=EXTERNAL

// Tests that an op outside of the reference's dialects is named and located.
// OTHER: reference-invalid.mlir:[[# @LINE + 3]]:{{[0-9]+}}: error: the reference does not evaluate 'vector.broadcast'
// OTHER: graph-run: error: the reference can not evaluate the input
func.func @other_dialect(%x: f32) {
  %v = vector.broadcast %x : f32 to vector<4xf32>
  return
}

// Tests that an index is checked.
// BOUNDS: error: index 4 is outside of dimension 0 of extent 4
func.func @out_of_bounds(%t: tensor<4xf32>, %i: index) -> f32 {
  %x = tensor.extract %t[%i] : tensor<4xf32>
  return %x : f32
}

// Tests that a failing assertion ends the run.
// ASSERT: error: assertion failed: must hold
func.func @asserts(%c: i1) {
  cf.assert %c, "must hold"
  return
}

// Tests that indices computed in a body are checked.
// GATHER: error: an access of 'linalg.map' leaves its operand
func.func @gather_out_of_bounds(%table: tensor<3xf32>, %at: tensor<2xindex>) -> tensor<2xf32> {
  %empty = tensor.empty() : tensor<2xf32>
  %0 = linalg.map ins(%at : tensor<2xindex>) outs(%empty : tensor<2xf32>)
    (%i: index, %out: f32) {
      %x = tensor.extract %table[%i] : tensor<3xf32>
      linalg.yield %x : f32
    }
  return %0 : tensor<2xf32>
}

// Tests that recursion without end is an error, not a crash.
// RECURSION: error: calls are nested too deeply for the reference
func.func @endless_recursion() {
  call @endless_recursion() : () -> ()
  return
}

// Tests that a call of a function that nobody defines is an error.
// EXTERNAL: error: the reference can not call 'nobody_defines_this': no such symbol
func.func private @nobody_defines_this(i32)
func.func @unknown_external(%x: i32) {
  call @nobody_defines_this(%x) : (i32) -> ()
  return
}

// Tests that what the IR leaves undefined is an error with a location: on
// scalars, before the compiled program traps, and inside of bodies.
// ZERO: reference-invalid.mlir:[[# @LINE + 2]]:{{[0-9]+}}: error: 'arith.divsi' divides by zero
func.func @divides_by_zero(%a: i32, %b: i32) -> i32 {
  %0 = arith.divsi %a, %b : i32
  return %0 : i32
}

// REMAINDER: error: 'linalg.generic' divides by zero
func.func @remainder_of_zero(%t: tensor<4xi32>) -> tensor<4xi32> {
  %0 = linalg.generic {
      indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>],
      iterator_types = ["parallel"]} ins(%t : tensor<4xi32>) outs(%t : tensor<4xi32>) {
  ^bb0(%x: i32, %out: i32):
    %rest = arith.remui %x, %x : i32
    linalg.yield %rest : i32
  } -> tensor<4xi32>
  return %0 : tensor<4xi32>
}

// OVERFLOW: error: a division of 'arith.floordivsi' overflows: the smallest integer by -1
func.func @division_overflows(%a: i8, %b: i8) -> i8 {
  %0 = arith.floordivsi %a, %b : i8
  return %0 : i8
}

// AFFINE: error: an affine expression divides by a number that is not positive
func.func @affine_modulo_zero(%n: index) -> index {
  %c7 = arith.constant 7 : index
  %0 = affine.apply affine_map<(i)[s] -> (i mod s)>(%c7)[%n]
  return %0 : index
}
