// RUN: graph-opt %s --inline-calls --split-input-file | FileCheck %s

// Tests that a call is inlined and the private function goes.
// CHECK-LABEL: func.func @f(
// CHECK-SAME:    %[[X:.*]]: f32)
// CHECK-NEXT:    %[[Y:.*]] = arith.addf %[[X]], %[[X]]
// CHECK-NEXT:    return %[[Y]]
// CHECK-NOT:   @twice
func.func private @twice(%x: f32) -> f32 {
  %y = arith.addf %x, %x : f32
  return %y : f32
}
func.func @f(%x: f32) -> f32 {
  %y = call @twice(%x) : (f32) -> f32
  return %y : f32
}

// -----

// Tests that of declarations those that nothing calls go.
// CHECK-NOT:   @unused
// CHECK:       func.func private @log(f32)
// CHECK-NOT:   @unused
// CHECK-LABEL: func.func @g(
// CHECK:         call @log(
func.func private @unused(f32)
func.func private @log(f32)
func.func @g(%x: f32) {
  call @log(%x) : (f32) -> ()
  return
}

// -----

// Tests that a recursive call stays.
// CHECK-LABEL: func.func @recursive(
// CHECK:         call @recursive(
func.func @recursive(%x: f32) -> f32 {
  %y = call @recursive(%x) : (f32) -> f32
  return %y : f32
}

// -----

// Tests that what is in a module inside of the module is inlined as well.
// CHECK-LABEL: module @inner
// CHECK-NOT:     @one
// CHECK:         func.func @h()
// CHECK-NEXT:      %[[ONE:.*]] = arith.constant 1
// CHECK-NEXT:      return %[[ONE]]
// CHECK-NOT:     @one
module @inner {
  func.func private @one() -> i32 {
    %one = arith.constant 1 : i32
    return %one : i32
  }
  func.func @h() -> i32 {
    %one = call @one() : () -> i32
    return %one : i32
  }
}
