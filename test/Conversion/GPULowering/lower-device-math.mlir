// RUN: graph-opt %s --lower-device-math | FileCheck %s

// Tests that what PTX rounds as IEEE 754 says becomes an intrinsic, of each
// type that it has.
// CHECK-LABEL: func.func @floats(
// CHECK-SAME:    %[[X:[^:]*]]: f32, %[[Y:[^:]*]]: f64
// CHECK-NEXT:    llvm.call_intrinsic "llvm.sqrt.f32"(%[[X]]) : (f32) -> f32
// CHECK-NEXT:    llvm.call_intrinsic "llvm.sqrt.f64"(%[[Y]]) : (f64) -> f64
// CHECK-NEXT:    llvm.call_intrinsic "llvm.fma.f32"(%[[X]], %[[X]], %[[X]])
// CHECK-NEXT:    llvm.call_intrinsic "llvm.fabs.f64"(%[[Y]])
// CHECK-NEXT:    llvm.call_intrinsic "llvm.copysign.f32"(%[[X]], %[[X]])
// CHECK-NEXT:    llvm.call_intrinsic "llvm.floor.f32"(%[[X]])
// CHECK-NEXT:    llvm.call_intrinsic "llvm.ceil.f64"(%[[Y]])
// CHECK-NEXT:    llvm.call_intrinsic "llvm.trunc.f32"(%[[X]])
// CHECK-NEXT:    llvm.call_intrinsic "llvm.roundeven.f64"(%[[Y]])
// CHECK-NOT:     math
func.func @floats(%x: f32, %y: f64) -> (f32, f64, f32, f64, f32, f32, f64, f32, f64) {
  %0 = math.sqrt %x : f32
  %1 = math.sqrt %y : f64
  %2 = math.fma %x, %x, %x : f32
  %3 = math.absf %y : f64
  %4 = math.copysign %x, %x : f32
  %5 = math.floor %x : f32
  %6 = math.ceil %y : f64
  %7 = math.trunc %x : f32
  %8 = math.roundeven %y : f64
  return %0, %1, %2, %3, %4, %5, %6, %7, %8 : f32, f64, f32, f64, f32, f32, f64, f32, f64
}

// Tests that integers do too; where zero is a legal operand a flag says so.
// CHECK-LABEL: func.func @integers(
// CHECK-SAME:    %[[X:[^:]*]]: i32, %[[Y:[^:]*]]: i64
// CHECK:         %[[FALSE:.*]] = arith.constant false
// CHECK:         llvm.call_intrinsic "llvm.ctpop.i32"(%[[X]]) : (i32) -> i32
// CHECK:         llvm.call_intrinsic "llvm.abs.i64"(%[[Y]], %[[FALSE]]) : (i64, i1) -> i64
// CHECK:         llvm.call_intrinsic "llvm.ctlz.i32"(%[[X]], %[[FALSE]])
// CHECK:         llvm.call_intrinsic "llvm.cttz.i64"(%[[Y]], %[[FALSE]])
// CHECK-NOT:     math
func.func @integers(%x: i32, %y: i64) -> (i32, i64, i32, i64) {
  %0 = math.ctpop %x : i32
  %1 = math.absi %y : i64
  %2 = math.ctlz %x : i32
  %3 = math.cttz %y : i64
  return %0, %1, %2, %3 : i32, i64, i32, i64
}

// Tests that functions that the device approximates are left to libdevice, and
// that integer powers are expanded.
// CHECK-LABEL: func.func @rest(
// CHECK:         math.exp
// CHECK:         math.powf
// CHECK-NOT:     math.fpowi
// CHECK:         return
func.func @rest(%x: f32, %n: i32) -> (f32, f32, f32) {
  %0 = math.exp %x : f32
  %1 = math.powf %x, %x : f32
  %2 = math.fpowi %x, %n : f32, i32
  return %0, %1, %2 : f32, f32, f32
}
