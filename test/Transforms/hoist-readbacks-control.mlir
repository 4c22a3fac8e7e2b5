// RUN: graph-opt %s --hoist-readbacks | FileCheck %s
// RUN: graph-opt %s --hoist-readbacks --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics -o %t

// Tests that a sum over the elements of a tensor becomes one scalar program
// with a loop: the index is the host's no more.
// CHECK-LABEL: func.func @sum_of_elements(
// CHECK-SAME:    %[[T:[^:]*]]: tensor<64xf32>
// CHECK:         %[[S:.*]] = tseq.scalar ins(%[[T]] : tensor<64xf32>) -> tensor<f64>
// CHECK-NEXT:    ^bb0(%[[A:.*]]: tensor<64xf32>):
// CHECK:           scf.for
// CHECK:             tensor.extract %[[A]]
// CHECK:         return %[[S]]
func.func @sum_of_elements(%t: tensor<64xf32>) -> tensor<f64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = arith.constant 64 : index
  %init = arith.constant 0.0 : f64
  %sum = scf.for %i = %c0 to %n step %c1 iter_args(%a = %init) -> f64 {
    // expected-remark @+1 {{readback-removed}}
    %v = tensor.extract %t[%i] : tensor<64xf32>
    %w = arith.extf %v : f32 to f64
    %b = arith.addf %a, %w : f64
    scf.yield %b : f64
  }
  %u = tensor.from_elements %sum : tensor<f64>
  return %u : tensor<f64>
}

// Tests that an element at an index that the host computed is loaded on the
// device, and that the index goes there.
// CHECK-LABEL: func.func @one_element(
// CHECK-SAME:    %[[T:[^:]*]]: tensor<8xf32>, %[[I:[^:]*]]: index
// CHECK:         %[[U:.*]] = tensor.from_elements %[[I]] : tensor<index>
// CHECK:         tseq.scalar ins(%[[T]], %[[U]] : tensor<8xf32>, tensor<index>) -> tensor<f32>
// CHECK-NEXT:    ^bb0(%[[A:.*]]: tensor<8xf32>, %[[J:.*]]: index):
// CHECK-NEXT:      tensor.extract %[[A]][%[[J]]]
func.func @one_element(%t: tensor<8xf32>, %i: index) -> tensor<f32> {
  // expected-remark @+1 {{readback-removed}}
  %v = tensor.extract %t[%i] : tensor<8xf32>
  %u = tensor.from_elements %v : tensor<f32>
  return %u : tensor<f32>
}

// Tests that a loop that the host runs carries a sum as a device scalar, and
// reads it once after the last turn.
// CHECK-LABEL: func.func @carried(
// CHECK:         %[[INIT:.*]] = tensor.from_elements %cst : tensor<f64>
// CHECK:         %[[R:.*]] = scf.for {{.*}} iter_args(%[[A:.*]] = %[[INIT]]) -> (tensor<f64>)
// CHECK-NOT:       tseq.item
// CHECK:           %[[B:.*]] = tseq.scalar ins(%[[A]], %{{.*}} : tensor<f64>, tensor<f64>)
// CHECK:           scf.yield %[[B]] : tensor<f64>
// CHECK:         %[[H:.*]] = tseq.item %[[R]] use(observed)
// CHECK:         return %[[H]]
func.func @carried(%g: tensor<4xf64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %init = arith.constant 0.0 : f64
  // expected-remark @+2 {{scalar-carried}}
  // expected-remark @+1 {{readback-observed | Category:graph-opt | Remark="the value is returned", UsedBy="func.return}}
  %sum = scf.for %i = %c0 to %n step %c1 iter_args(%a = %init) -> f64 {
    %s = tseq.pack %g : !tseq.seq<tensor<4xf64>>
    %m = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf64>>) -> tensor<f64> {
    ^bb0(%x: f64):
      tseq.yield %x : f64
    }
    // expected-remark @+1 {{readback-removed}}
    %h = tseq.item %m : tensor<f64>
    %b = arith.addf %a, %h : f64
    scf.yield %b : f64
  }
  return %sum : f64
}

// Tests that a sum which the host looks at in every turn is not carried.
// CHECK-LABEL: func.func @looked_at(
// CHECK:         scf.for {{.*}} -> (f64)
// CHECK:           tseq.item %{{.*}} use(observed)
// CHECK:           call @log
func.func private @log(f64)
func.func @looked_at(%m: tensor<f64>, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %init = arith.constant 0.0 : f64
  %sum = scf.for %i = %c0 to %n step %c1 iter_args(%a = %init) -> f64 {
    // expected-remark @+1 {{readback-observed | Category:graph-opt | Remark="the value is passed to a call"}}
    %h = tseq.item %m : tensor<f64>
    %b = arith.addf %a, %h : f64
    func.call @log(%a) : (f64) -> ()
    scf.yield %b : f64
  }
  return %sum : f64
}

// Tests that a branch that holds arithmetic alone is a part of it.
// CHECK-LABEL: func.func @branch_in_scalar(
// CHECK:         tseq.scalar
// CHECK:           scf.if
// CHECK:             math.exp
// CHECK-NOT:     tseq.item
// CHECK:         return
func.func @branch_in_scalar(%c: i1, %m: tensor<f32>) -> tensor<f32> {
  %one = arith.constant 1.0 : f32
  %r = scf.if %c -> f32 {
    // expected-remark @+1 {{readback-removed}}
    %h = tseq.item %m : tensor<f32>
    // expected-remark @+1 {{math-may-differ}}
    %e = math.exp %h : f32
    scf.yield %e : f32
  } else {
    scf.yield %one : f32
  }
  %u = tensor.from_elements %r : tensor<f32>
  return %u : tensor<f32>
}

// Tests that a branch on what the host knows carries what only the device
// needs.
// CHECK-LABEL: func.func @host_branch(
// CHECK-NOT:     tseq.item
// CHECK:         %[[R:.*]] = scf.if %{{.*}} -> (tensor<f32>)
// CHECK:         return %[[R]]
func.func @host_branch(%c: i1, %g: tensor<4xf32>) -> tensor<f32> {
  %one = arith.constant 1.0 : f32
  // expected-remark @+1 {{scalar-carried}}
  %r = scf.if %c -> f32 {
    %s = tseq.pack %g : !tseq.seq<tensor<4xf32>>
    %m = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    // expected-remark @+1 {{readback-removed}}
    %h = tseq.item %m : tensor<f32>
    // expected-remark @+1 {{math-may-differ}}
    %e = math.exp %h : f32
    scf.yield %e : f32
  } else {
    scf.yield %one : f32
  }
  %u = tensor.from_elements %r : tensor<f32>
  return %u : tensor<f32>
}

// Tests that a loop on a value read back becomes a loop on the device: what it
// does before its condition is done once before, and at the end of each turn;
// its counter, which the host had, is a device scalar.
// CHECK-LABEL: func.func @device_loop(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<4xf32>
// CHECK-NOT:     tseq.item
// CHECK:         tseq.reduce
// CHECK:         %[[R:.*]]:2 = tseq.while %{{.*}} : tensor<i1> iter(%[[X]], %{{.*}} : tensor<4xf32>, tensor<i32>)
// CHECK:         ^bb0(%[[T:.*]]: tensor<4xf32>, %[[I:.*]]: tensor<i32>):
// CHECK:           tseq.map
// CHECK:           tseq.scalar ins(%[[I]]
// CHECK:           tseq.reduce
// CHECK:           tseq.yield %{{.*}} : tensor<i1>, tensor<4xf32>, tensor<i32>
// CHECK:         return %[[R]]#0
func.func @device_loop(%x: tensor<4xf32>, %max: f32) -> tensor<4xf32> {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c9 = arith.constant 9 : i32
  // expected-remark @+2 {{loop-on-device}}
  // expected-remark @+1 {{branch-moved}}
  %r:2 = scf.while (%t = %x, %i = %c0) : (tensor<4xf32>, i32) -> (tensor<4xf32>, i32) {
    %s = tseq.pack %t : !tseq.seq<tensor<4xf32>>
    %m = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%v: f32):
      tseq.yield %v : f32
    }
    // expected-remark @+1 {{readback-removed}}
    %h = tseq.item %m : tensor<f32>
    %big = arith.cmpf ogt, %h, %max : f32
    %more = arith.cmpi slt, %i, %c9 : i32
    %go = arith.andi %big, %more : i1
    scf.condition(%go) %t, %i : tensor<4xf32>, i32
  } do {
  ^bb0(%t: tensor<4xf32>, %i: i32):
    %s = tseq.pack %t : !tseq.seq<tensor<4xf32>>
    %y = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%v: f32):
      %w = arith.addf %v, %v : f32
      tseq.yield %w : f32
    }
    %z = tseq.get %y[0] : !tseq.seq<tensor<4xf32>>
    %j = arith.addi %i, %c1 : i32
    scf.yield %z, %j : tensor<4xf32>, i32
  }
  return %r#0 : tensor<4xf32>
}

// Tests the reasons that keep a readback on the host.
// CHECK-LABEL: func.func @reasons(
// CHECK-COUNT-4: tseq.item %{{.*}} use(decisive)
func.func private @step()
func.func @reasons(%a: tensor<index>, %b: tensor<i1>, %c: tensor<i1>, %t: tensor<?xf32>) -> (tensor<?xf32>, f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-remark @+1 {{readback-kept | Category:graph-opt | Remark="the value is an extent", UsedBy="tensor.empty}}
  %n = tseq.item %a : tensor<index>
  %e = tensor.empty(%n) : tensor<?xf32>
  // expected-remark @+1 {{readback-kept | Category:graph-opt | Remark="the value is an index", UsedBy="tensor.extract}}
  %i = tseq.item %a : tensor<index>
  %v = tensor.extract %t[%i] : tensor<?xf32>
  // expected-remark @+1 {{readback-kept | Category:graph-opt | Remark="the value is asserted", UsedBy="cf.assert}}
  %x = tseq.item %b : tensor<i1>
  cf.assert %x, "must hold"
  // expected-remark @+1 {{readback-kept | Category:graph-opt | Remark="the host branches by the value", UsedBy="scf.if}}
  %y = tseq.item %c : tensor<i1>
  scf.if %y {
    func.call @step() : () -> ()
  }
  // expected-remark @+1 {{readback-kept | Category:graph-opt | Remark="the value bounds a loop", UsedBy="scf.for}}
  %m = tseq.item %a : tensor<index>
  scf.for %k = %c0 to %m step %c1 {
    func.call @step() : () -> ()
  }
  return %e, %v : tensor<?xf32>, f32
}

// Tests that a choice between tensors by a value read back is a copy with a
// predicate, and one between device scalars a scalar program.
// CHECK-LABEL: func.func @choices(
// CHECK-SAME:    %[[A:[^:]*]]: tensor<4xf32>, %[[B:[^:]*]]: tensor<4xf32>
// CHECK-NOT:     tseq.item
// CHECK-DAG:     %[[X:.*]] = tseq.pack %[[A]]
// CHECK-DAG:     %[[Y:.*]] = tseq.pack %[[B]]
// CHECK-DAG:     %[[P:.*]] = tseq.scalar {{.*}} -> tensor<i1>
// CHECK:         tseq.map ins(%[[X]] : {{.*}}) when(%[[P]] : tensor<i1>) else(%[[Y]] :
// CHECK:         tseq.scalar ins(%[[P]], {{.*}}) -> tensor<f32>
// CHECK:           arith.select
func.func @choices(%a: tensor<4xf32>, %b: tensor<4xf32>, %x: tensor<f32>, %y: tensor<f32>) -> (tensor<4xf32>, tensor<f32>) {
  // expected-remark @+1 {{readback-removed}}
  %h = tseq.item %x : tensor<f32>
  %zero = arith.constant 0.0 : f32
  %c = arith.cmpf ogt, %h, %zero : f32
  %r = arith.select %c, %a, %b : tensor<4xf32>
  %s = arith.select %c, %x, %y : tensor<f32>
  return %r, %s : tensor<4xf32>, tensor<f32>
}

// Tests that a choice that the host can make stays: it copies nothing.
// CHECK-LABEL: func.func @host_choice(
// CHECK-NEXT:    arith.select
func.func @host_choice(%c: i1, %a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %r = arith.select %c, %a, %b : tensor<4xf32>
  return %r : tensor<4xf32>
}

// Tests that arithmetic in a branch that no readback feeds is left to the host, which
// does it before the branch, and so is what only follows from it; that a division of
// integers, which the branch may guard, is not, nor what readbacks feed.
// CHECK-LABEL: func.func @independent(
// CHECK-SAME:    %[[C:[^:]*]]: tensor<i1>, %[[V:[^:]*]]: tensor<f32>, %[[A:[^:]*]]: tensor<4xf32>, %[[K:[^:]*]]: f32, %[[I:[^:]*]]: i32, %[[J:[^:]*]]: i32
// CHECK:         %[[POWER:.*]] = math.powf %[[K]], %{{.*}} : f32
// CHECK:         %[[REST:.*]] = arith.subf %{{.*}}, %[[POWER]] : f32
// CHECK:         %[[X:.*]] = tensor.from_elements %[[REST]]
// CHECK:         tseq.if %[[C]]
// CHECK:           tseq.scalar ins(%[[V]], %[[X]],
// CHECK:             arith.divsi
// CHECK-NOT:     math.powf
func.func @independent(%c: tensor<i1>, %v: tensor<f32>, %a: tensor<4xf32>, %k: f32, %i: i32, %j: i32) -> tensor<4xf32> {
  // expected-remark @+1 {{readback-removed}}
  %h = tseq.item %c : tensor<i1>
  // expected-remark @+1 {{readback-removed}}
  %w = tseq.item %v : tensor<f32>
  // expected-remark @+1 {{branch-moved}}
  %r = scf.if %h -> tensor<4xf32> {
    %beta = arith.constant 0.9 : f32
    %one = arith.constant 1.0 : f32
    %power = math.powf %k, %beta : f32
    %rest = arith.subf %one, %power : f32
    %fed = arith.mulf %w, %rest : f32
    %q = arith.divsi %i, %j : i32
    %f = arith.sitofp %q : i32 to f32
    %sum = arith.addf %fed, %f : f32
    %u = tensor.from_elements %sum : tensor<f32>
    %x = tensor.from_elements %rest : tensor<f32>
    %s = tseq.pack %a : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) scalars(%u, %x : tensor<f32>, tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%e: f32, %g: f32, %o: f32):
      %y = arith.mulf %e, %g : f32
      %z = arith.addf %y, %o : f32
      tseq.yield %z : f32
    }
    %d = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    scf.yield %d : tensor<4xf32>
  } else {
    scf.yield %a : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}
