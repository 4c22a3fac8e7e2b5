// RUN: graph-opt %s --canonicalize-bodies | FileCheck %s
// RUN: graph-opt %s --canonicalize > %t.upstream
// RUN: graph-opt %s --canonicalize-bodies | diff - %t.upstream

// Tests that bodies and what is around them are canonicalized: a loop of one turn
// goes, with a branch in it whose condition is known then.
// CHECK-LABEL: func.func @one_turn(
// CHECK-SAME:    %[[X:.*]]: f32)
// CHECK-NEXT:    %[[Y:.*]] = arith.addf %[[X]], %[[X]]
// CHECK-NEXT:    return %[[Y]]
func.func @one_turn(%x: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %c1 step %c1 iter_args(%v = %x) -> f32 {
    %first = arith.cmpi eq, %i, %c0 : index
    %s = scf.if %first -> f32 {
      %y = arith.addf %v, %v : f32
      scf.yield %y : f32
    } else {
      scf.yield %v : f32
    }
    scf.yield %s : f32
  }
  return %r : f32
}

// Tests that dead work in a branch goes, and then the branch.
// CHECK-LABEL: func.func @dead_branch(
// CHECK-NEXT:    return
func.func @dead_branch(%c: i1, %x: f32) {
  scf.if %c {
    %y = arith.addf %x, %x : f32
    %z = arith.mulf %y, %y : f32
  }
  return
}

// Tests that values that a branch hands on twice are one result, and that those
// which differ on one side are two.
// CHECK-LABEL: func.func @equal_results(
// CHECK:         %[[R:.*]]:2 = scf.if
// CHECK:         return %[[R]]#0, %[[R]]#0, %[[R]]#1
func.func @equal_results(%c: i1, %x: f32, %y: f32) -> (f32, f32, f32) {
  %r:3 = scf.if %c -> (f32, f32, f32) {
    %s = arith.addf %x, %y : f32
    scf.yield %s, %s, %s : f32, f32, f32
  } else {
    %d = arith.subf %x, %y : f32
    scf.yield %d, %d, %y : f32, f32, f32
  }
  return %r#0, %r#1, %r#2 : f32, f32, f32
}

// Tests that equal values that a loop carries are one, and that those which
// start differently are two.
// CHECK-LABEL: func.func @equal_carried(
// CHECK:         %[[R:.*]]:2 = scf.for {{.*}} iter_args(%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}})
// CHECK:         return %[[R]]#0, %[[R]]#0, %[[R]]#1
func.func @equal_carried(%n: index, %x: f32, %y: f32) -> (f32, f32, f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:3 = scf.for %i = %c0 to %n step %c1
      iter_args(%a = %x, %b = %x, %c = %y) -> (f32, f32, f32) {
    %s = arith.addf %a, %b : f32
    %t = arith.mulf %s, %c : f32
    scf.yield %t, %t, %t : f32, f32, f32
  }
  return %r#0, %r#1, %r#2 : f32, f32, f32
}
