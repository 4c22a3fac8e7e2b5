// RUN: graph-opt %s --lower-control-flow | FileCheck %s

// Tests that a branch becomes a conditional jump.
// CHECK-LABEL: func.func @branch
// CHECK: cf.cond_br %{{.*}}, ^[[THEN:.*]], ^[[END:.*]]
// CHECK: ^[[THEN]]:
// CHECK-NEXT: memref.store
// CHECK-NEXT: cf.br ^[[END]]
// CHECK-NOT: scf.
func.func @branch(%c: i1, %m: memref<f32>, %x: f32) {
  scf.if %c {
    memref.store %x, %m[] : memref<f32>
  }
  return
}

// Tests that loops in a row and in each other are lowered, with their values.
// CHECK-LABEL: func.func @loops
// CHECK-NOT: scf.
// CHECK-COUNT-3: arith.cmpi slt
// CHECK-NOT: scf.
func.func @loops(%n: index, %x: f32) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = scf.for %i = %c0 to %n step %c1 iter_args(%s = %x) -> f32 {
    %inner = scf.for %j = %c0 to %n step %c1 iter_args(%t = %s) -> f32 {
      %u = arith.addf %t, %x : f32
      scf.yield %u : f32
    }
    scf.yield %inner : f32
  }
  %b = scf.for %i = %c0 to %n step %c1 iter_args(%s = %a) -> f32 {
    %u = arith.mulf %s, %x : f32
    scf.yield %u : f32
  }
  return %b : f32
}

// Tests that a parallel loop, which is lowered by way of another loop, goes.
// CHECK-LABEL: func.func @parallel
// CHECK-NOT: scf.
// CHECK: cf.cond_br
func.func @parallel(%n: index, %m: memref<?xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    memref.store %x, %m[%i] : memref<?xf32>
  }
  return
}

// Tests that a loop is lowered before the branch in it: its body is one block.
// CHECK-LABEL: func.func @while_around_branch
// CHECK-NOT: scf.
// CHECK: cf.cond_br
func.func @while_around_branch(%x: f32, %c: i1) -> f32 {
  %limit = arith.constant 8.0 : f32
  %r = scf.while (%a = %x) : (f32) -> f32 {
    %more = arith.cmpf olt, %a, %limit : f32
    scf.condition(%more) %a : f32
  } do {
  ^bb0(%b: f32):
    %next = scf.if %c -> f32 {
      %d = arith.addf %b, %b : f32
      scf.yield %d : f32
    } else {
      scf.yield %limit : f32
    }
    scf.yield %next : f32
  }
  return %r : f32
}
