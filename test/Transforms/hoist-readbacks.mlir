// RUN: graph-opt %s --hoist-readbacks | FileCheck %s
// RUN: graph-opt %s --hoist-readbacks --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics

// Tests that host arithmetic between a readback and an upload becomes scalar
// work on the device, with the types and the order of the host.
// CHECK-LABEL: func.func @arithmetic(
// CHECK-SAME:    %[[N:[^:]*]]: tensor<f32>, %[[MAX:[^:]*]]: f64
// CHECK-NOT:     tseq.item
// CHECK:         %[[M:.*]] = tensor.from_elements %[[MAX]] : tensor<f64>
// CHECK:         %[[T:.*]] = tseq.scalar ins(%[[N]], %[[M]] : {{.*}}) -> tensor<f32>
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32, %[[Y:.*]]: f64):
// CHECK-NEXT:      %[[W:.*]] = arith.extf %[[X]] : f32 to f64
// CHECK-NEXT:      %[[C:.*]] = arith.divf %[[Y]], %[[W]] : f64
// CHECK-NEXT:      arith.truncf %[[C]] : f64 to f32
// CHECK:         return %[[T]]
func.func @arithmetic(%n: tensor<f32>, %max: f64) -> tensor<f32> {
  // expected-remark @+1 {{readback-removed}}
  %h = tseq.item %n : tensor<f32>
  %w = arith.extf %h : f32 to f64
  %c = arith.divf %max, %w : f64
  %t = arith.truncf %c : f64 to f32
  %d = tensor.from_elements %t : tensor<f32>
  return %d : tensor<f32>
}

// Tests that a value which two programs need is one of its own.
// CHECK-LABEL: func.func @shared_arithmetic(
// CHECK:         %[[R:.*]] = tseq.scalar ins(%{{.*}} : tensor<f32>) -> tensor<f32>
// CHECK:         tseq.scalar ins(%[[R]] : tensor<f32>) -> tensor<f32>
// CHECK:         tseq.scalar ins(%[[R]] : tensor<f32>) -> tensor<f32>
func.func @shared_arithmetic(%n: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  // expected-remark @+1 {{readback-removed}}
  %h = tseq.item %n : tensor<f32>
  %r = math.sqrt %h : f32
  %s = arith.addf %r, %r : f32
  %t = arith.negf %r : f32
  %a = tensor.from_elements %s : tensor<f32>
  %b = tensor.from_elements %t : tensor<f32>
  return %a, %b : tensor<f32>, tensor<f32>
}

// Tests that what is read back and uploaded unchanged stays on the device.
// CHECK-LABEL: func.func @round_trip(
// CHECK-SAME:    %[[A:[^:]*]]: tensor<f32>
// CHECK-NEXT:    return %[[A]]
func.func @round_trip(%a: tensor<f32>) -> tensor<f32> {
  // expected-remark @+1 {{readback-removed}}
  %h = tseq.item %a : tensor<f32>
  %d = tensor.from_elements %h : tensor<f32>
  return %d : tensor<f32>
}

// Tests that a tensor of one element and higher rank is collapsed first.
// CHECK-LABEL: func.func @rank_two(
// CHECK-SAME:    %[[A:[^:]*]]: tensor<1x1xf32>
// CHECK-NEXT:    %[[D:.*]] = tensor.collapse_shape %[[A]] [] : tensor<1x1xf32> into tensor<f32>
// CHECK-NEXT:    return %[[D]]
func.func @rank_two(%a: tensor<1x1xf32>) -> tensor<f32> {
  // expected-remark @+1 {{readback-removed}}
  %h = tseq.item %a : tensor<1x1xf32>
  %d = tensor.from_elements %h : tensor<f32>
  return %d : tensor<f32>
}

// Tests that many readbacks that are added up and returned become one.
// CHECK-LABEL: func.func @fewer_readbacks
// CHECK-COUNT-1: tseq.item %{{.*}} use(observed)
// CHECK-NOT:     tseq.item
// CHECK:         return
func.func @fewer_readbacks(%a: tensor<f32>, %b: tensor<f32>, %c: tensor<f32>) -> f64 {
  // expected-remark @+1 {{readback-removed}}
  %x = tseq.item %a : tensor<f32>
  // expected-remark @+1 {{readback-removed}}
  %y = tseq.item %b : tensor<f32>
  // expected-remark @+1 {{readback-removed}}
  %z = tseq.item %c : tensor<f32>
  %u = arith.extf %x : f32 to f64
  %v = arith.extf %y : f32 to f64
  %w = arith.extf %z : f32 to f64
  %s = arith.addf %u, %v : f64
  // expected-remark @+1 {{readback-observed}}
  %t = arith.addf %s, %w : f64
  return %t : f64
}

// Tests that one readback that is only returned stays where it is, with the
// host's arithmetic.
// CHECK-LABEL: func.func @one_returned
// CHECK:         %[[H:.*]] = tseq.item %{{.*}} use(observed) : tensor<f32>
// CHECK-NEXT:    %[[R:.*]] = math.sqrt %[[H]] : f32
// CHECK-NEXT:    return %[[R]]
func.func @one_returned(%a: tensor<f32>) -> f32 {
  // expected-remark @+1 {{readback-observed}}
  %h = tseq.item %a : tensor<f32>
  %r = math.sqrt %h : f32
  return %r : f32
}

// Tests that a readback that decides about memory is decisive.
// CHECK-LABEL: func.func @extent
// CHECK:         tseq.item %{{.*}} use(decisive) : tensor<i32>
func.func @extent(%a: tensor<i32>) -> tensor<?xf32> {
  // expected-remark @+1 {{readback-kept}}
  %h = tseq.item %a : tensor<i32>
  %n = arith.index_cast %h : i32 to index
  %e = tensor.empty(%n) : tensor<?xf32>
  return %e : tensor<?xf32>
}

// Tests that a loop bound is decisive.
// CHECK-LABEL: func.func @loop_bound
// CHECK:         tseq.item %{{.*}} use(decisive) : tensor<index>
func.func @loop_bound(%a: tensor<index>, %m: memref<8xf32>, %x: f32) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-remark @+1 {{readback-kept}}
  %n = tseq.item %a : tensor<index>
  scf.for %i = %c0 to %n step %c1 {
    memref.store %x, %m[%i] : memref<8xf32>
  }
  return
}

func.func private @log(f32)

// Tests that an argument of a call is read back, and that what also feeds the
// device is computed there.
// CHECK-LABEL: func.func @argument_of_call
// CHECK:         %[[S:.*]] = tseq.scalar
// CHECK:         %[[H:.*]] = tseq.item %[[S]]
// CHECK:         call @log(%[[H]])
// CHECK:         return %[[S]]
func.func @argument_of_call(%a: tensor<f32>) -> tensor<f32> {
  // expected-remark @+1 {{readback-removed}}
  %h = tseq.item %a : tensor<f32>
  // expected-remark @+1 {{readback-observed}}
  %q = math.sqrt %h : f32
  call @log(%q) : (f32) -> ()
  %d = tensor.from_elements %q : tensor<f32>
  return %d : tensor<f32>
}

// Tests that a branch of the host between device work becomes one of the
// device, and the uploads in it device scalars.
// CHECK-LABEL: func.func @branch(
// CHECK-SAME:    %[[N:[^:]*]]: tensor<f32>, %[[G:[^:]*]]: tensor<4xf32>
// CHECK-NOT:     tseq.item
// CHECK-NOT:     scf.if
// CHECK:         %[[C:.*]] = tseq.scalar
// CHECK:           arith.cmpf olt
// CHECK:         %[[R:.*]] = tseq.if %[[C]] : tensor<i1> -> tensor<4xf32> {
// CHECK:           tseq.map ins({{.*}}) scalars(%[[N]] : tensor<f32>)
// CHECK:         } else {
// CHECK:           tseq.yield %[[G]]
// CHECK:         return %[[R]]
func.func @branch(%n: tensor<f32>, %g: tensor<4xf32>) -> tensor<4xf32> {
  %one = arith.constant 1.0 : f32
  // expected-remark @+1 {{readback-removed}}
  %h = tseq.item %n : tensor<f32>
  %c = arith.cmpf olt, %h, %one : f32
  // expected-remark @+1 {{branch-moved}}
  %r = scf.if %c -> tensor<4xf32> {
    %k = tensor.from_elements %h : tensor<f32>
    %s = tseq.pack %g : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) scalars(%k : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    scf.yield %t : tensor<4xf32>
  } else {
    scf.yield %g : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// Tests that a branch of scalars only is scalar work itself.
// CHECK-LABEL: func.func @branch_of_scalars
// CHECK-NOT:     tseq.item
// CHECK:         tseq.scalar
// CHECK:           scf.if
// CHECK-NOT:     tseq.if
// CHECK:         return
func.func @branch_of_scalars(%n: tensor<i32>) -> tensor<i32> {
  %c0 = arith.constant 0 : i32
  %c100 = arith.constant 100 : i32
  // expected-remark @+1 {{readback-removed}}
  %h = tseq.item %n : tensor<i32>
  %c = arith.cmpi ne, %h, %c0 : i32
  %r = scf.if %c -> i32 {
    %q = arith.divsi %c100, %h : i32
    scf.yield %q : i32
  } else {
    scf.yield %c0 : i32
  }
  %d = tensor.from_elements %r : tensor<i32>
  return %d : tensor<i32>
}

// Tests that a branch with an effect of the host stays on the host.
// CHECK-LABEL: func.func @branch_with_call
// CHECK:         %[[H:.*]] = tseq.item %{{.*}} use(decisive)
// CHECK:         scf.if
// CHECK:           call @log
// CHECK-NOT:     tseq.if
func.func @branch_with_call(%n: tensor<f32>) {
  %one = arith.constant 1.0 : f32
  // expected-remark @+1 {{readback-kept}}
  %h = tseq.item %n : tensor<f32>
  %c = arith.cmpf olt, %h, %one : f32
  scf.if %c {
    func.call @log(%h) : (f32) -> ()
  }
  return
}

// Tests that a branch on a value of the host stays there, with the device work
// in it.
// CHECK-LABEL: func.func @branch_of_the_host
// CHECK:         scf.if
// CHECK-NOT:     tseq.if
func.func @branch_of_the_host(%n: tensor<f32>, %g: tensor<4xf32>, %c: i1) -> tensor<4xf32> {
  // expected-remark @+1 {{readback-removed}}
  %h = tseq.item %n : tensor<f32>
  %k = tensor.from_elements %h : tensor<f32>
  %r = scf.if %c -> tensor<4xf32> {
    %s = tseq.pack %g : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) scalars(%k : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    scf.yield %t : tensor<4xf32>
  } else {
    scf.yield %g : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// Tests that a readback that nothing uses goes.
// CHECK-LABEL: func.func @unused
// CHECK-NEXT:    return
func.func @unused(%n: tensor<f32>) {
  // expected-remark @+1 {{readback-removed}}
  %h = tseq.item %n : tensor<f32>
  %q = math.sqrt %h : f32
  return
}
