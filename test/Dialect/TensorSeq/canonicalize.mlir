// RUN: graph-opt %s --canonicalize="test-convergence" --split-input-file | FileCheck %s

// Tests that an element of a list that is made on the spot is the tensor.
// CHECK-LABEL: func.func @get_of_pack(
// CHECK-SAME:    %{{.*}}: tensor<4xf32>, %[[B:.*]]: tensor<8xf32>
// CHECK-NEXT:    return %[[B]]
func.func @get_of_pack(%a: tensor<4xf32>, %b: tensor<8xf32>) -> tensor<8xf32> {
  %s = tseq.pack %a, %b : !tseq.seq<tensor<4xf32>, tensor<8xf32>>
  %0 = tseq.get %s[1] : !tseq.seq<tensor<4xf32>, tensor<8xf32>>
  return %0 : tensor<8xf32>
}

// -----

// Tests the same for all elements.
// CHECK-LABEL: func.func @unpack_of_pack(
// CHECK-SAME:    %[[A:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<8xf32>
// CHECK-NEXT:    return %[[B]], %[[A]]
func.func @unpack_of_pack(%a: tensor<4xf32>, %b: tensor<8xf32>) -> (tensor<8xf32>, tensor<4xf32>) {
  %s = tseq.pack %a, %b : !tseq.seq<tensor<4xf32>, tensor<8xf32>>
  %0:2 = tseq.unpack %s : !tseq.seq<tensor<4xf32>, tensor<8xf32>>
  return %0#1, %0#0 : tensor<8xf32>, tensor<4xf32>
}

// -----

// Tests that a list made of all elements of another one, in order, is that one.
// CHECK-LABEL: func.func @pack_of_whole_list(
// CHECK-SAME:    %[[S:.*]]: !tseq.seq<2 x tensor<4xf32>>
// CHECK-NEXT:    return %[[S]], %[[S]]
func.func @pack_of_whole_list(%s: !tseq.seq<2 x tensor<4xf32>>) -> (!tseq.seq<2 x tensor<4xf32>>, !tseq.seq<2 x tensor<4xf32>>) {
  %a:2 = tseq.unpack %s : !tseq.seq<2 x tensor<4xf32>>
  %b = tseq.get %s[0] : !tseq.seq<2 x tensor<4xf32>>
  %c = tseq.get %s[1] : !tseq.seq<2 x tensor<4xf32>>
  %0 = tseq.pack %a#0, %a#1 : !tseq.seq<2 x tensor<4xf32>>
  %1 = tseq.pack %b, %c : !tseq.seq<2 x tensor<4xf32>>
  return %0, %1 : !tseq.seq<2 x tensor<4xf32>>, !tseq.seq<2 x tensor<4xf32>>
}

// -----

// Tests that a part of a list, or one in another order, is a list of its own.
// CHECK-LABEL: func.func @pack_of_other_order
// CHECK:         %[[X:.*]] = tseq.pack %{{.*}}#1, %{{.*}}#0
// CHECK:         %[[Y:.*]] = tseq.pack %{{.*}}#0
// CHECK:         return %[[X]], %[[Y]]
func.func @pack_of_other_order(%s: !tseq.seq<2 x tensor<4xf32>>) -> (!tseq.seq<2 x tensor<4xf32>>, !tseq.seq<tensor<4xf32>>) {
  %a:2 = tseq.unpack %s : !tseq.seq<2 x tensor<4xf32>>
  %0 = tseq.pack %a#1, %a#0 : !tseq.seq<2 x tensor<4xf32>>
  %1 = tseq.pack %a#0 : !tseq.seq<tensor<4xf32>>
  return %0, %1 : !tseq.seq<2 x tensor<4xf32>>, !tseq.seq<tensor<4xf32>>
}

// -----

// Tests that a map loses operands that it does not use or has twice.
// CHECK-LABEL: func.func @map_operands(
// CHECK-SAME:    %[[A:.*]]: !tseq.seq<tensor<4xf32>>, %{{.*}}: !tseq.seq<tensor<4xf32>>, %[[K:.*]]: tensor<f32>, %{{.*}}: tensor<f32>
// CHECK-NEXT:    tseq.map ins(%[[A]] : !tseq.seq<tensor<4xf32>>) scalars(%[[K]] : tensor<f32>)
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32, %[[Y:.*]]: f32):
// CHECK-NEXT:      %[[P:.*]] = arith.mulf %[[X]], %[[X]]
// CHECK-NEXT:      %[[Q:.*]] = arith.mulf %[[Y]], %[[Y]]
// CHECK-NEXT:      arith.addf %[[P]], %[[Q]]
func.func @map_operands(%a: !tseq.seq<tensor<4xf32>>, %b: !tseq.seq<tensor<4xf32>>, %k: tensor<f32>, %l: tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
  %0 = tseq.map ins(%a, %b, %a : !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>)
      scalars(%k, %l, %k : tensor<f32>, tensor<f32>, tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32, %y: f32, %z: f32, %u: f32, %v: f32, %w: f32):
    %p = arith.mulf %x, %z : f32
    %q = arith.mulf %u, %w : f32
    %r = arith.addf %p, %q : f32
    tseq.yield %r : f32
  }
  return %0 : !tseq.seq<tensor<4xf32>>
}

// -----

// Tests that a map loses results that nobody uses, and what they are otherwise.
// CHECK-LABEL: func.func @map_results(
// CHECK-SAME:    %[[A:.*]]: !tseq.seq<tensor<4xf32>>, %[[B:.*]]: !tseq.seq<tensor<4xf32>>, %[[P:.*]]: tensor<i1>
// CHECK:         %[[R:.*]] = tseq.map ins(%[[A]] : {{.*}}) when(%[[P]] : tensor<i1>) else(%[[B]] : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>>
// CHECK:           %[[Y:.*]] = arith.addf
// CHECK:           tseq.yield %[[Y]] : f32
// CHECK:         return %[[R]]
func.func @map_results(%a: !tseq.seq<tensor<4xf32>>, %b: !tseq.seq<tensor<4xf32>>, %p: tensor<i1>) -> !tseq.seq<tensor<4xf32>> {
  %0:2 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) when(%p : tensor<i1>)
      else(%a, %b : !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    %n = arith.negf %x : f32
    %y = arith.addf %x, %x : f32
    tseq.yield %n, %y : f32, f32
  }
  return %0#1 : !tseq.seq<tensor<4xf32>>
}

// -----

// Tests that work that nobody uses goes.
// CHECK-LABEL: func.func @unused_work
// CHECK-NEXT:    return
func.func @unused_work(%a: !tseq.seq<tensor<4xf32>>, %t: tensor<f32>) {
  %0 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  %1 = tseq.reduce [add] ins(%a : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  %2 = tseq.scalar ins(%t : tensor<f32>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  %3 = tseq.item %t : tensor<f32>
  return
}

// -----

// Tests that work on memory stays, whatever its results.
// CHECK-LABEL: func.func @work_on_memory
// CHECK:         tseq.map
// CHECK:         tseq.scalar
func.func @work_on_memory(%a: !tseq.seq<memref<4xf32>>, %t: memref<f32>) {
  tseq.map chunk(4) ins(%a : !tseq.seq<memref<4xf32>>) outs(%a : !tseq.seq<memref<4xf32>>) {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  tseq.scalar outs(%t : memref<f32>) {
    %z = arith.constant 0.0 : f32
    tseq.yield %z : f32
  }
  return
}

// -----

// Tests that a map with outs keeps nothing of inputs that it does not read.
// CHECK-LABEL: func.func @map_of_memory_operands(
// CHECK-SAME:    %{{.*}}: !tseq.seq<memref<4xf32>>, %[[B:.*]]: !tseq.seq<memref<4xf32>>
// CHECK-NEXT:    tseq.map chunk(4) outs(%[[B]] : !tseq.seq<memref<4xf32>>)
func.func @map_of_memory_operands(%a: !tseq.seq<memref<4xf32>>, %b: !tseq.seq<memref<4xf32>>) {
  tseq.map chunk(4) ins(%a : !tseq.seq<memref<4xf32>>) outs(%b : !tseq.seq<memref<4xf32>>) {
  ^bb0(%x: f32):
    %z = arith.constant 0.0 : f32
    tseq.yield %z : f32
  }
  return
}

// -----

// Tests that a reduction loses operands and results, but not what says how much
// there is to reduce.
// CHECK-LABEL: func.func @reduce_operands(
// CHECK-SAME:    %[[A:.*]]: !tseq.seq<2 x tensor<4xf32>>, %{{.*}}: !tseq.seq<2 x tensor<4xf32>>
// CHECK-NEXT:    tseq.reduce [maximum] ins(%[[A]] : !tseq.seq<2 x tensor<4xf32>>) -> tensor<f32>
// CHECK:         tseq.reduce [add] ins(%{{.*}} : !tseq.seq<2 x tensor<4xf32>>) -> tensor<f32>
func.func @reduce_operands(%a: !tseq.seq<2 x tensor<4xf32>>, %b: !tseq.seq<2 x tensor<4xf32>>) -> (tensor<f32>, tensor<f32>) {
  %0:2 = tseq.reduce [add, maximum] ins(%a, %b : !tseq.seq<2 x tensor<4xf32>>, !tseq.seq<2 x tensor<4xf32>>) -> tensor<f32>, tensor<f32> {
  ^bb0(%x: f32, %y: f32):
    tseq.yield %y, %x : f32, f32
  }
  %1 = tseq.reduce [add] ins(%a, %b : !tseq.seq<2 x tensor<4xf32>>, !tseq.seq<2 x tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32, %y: f32):
    %one = arith.constant 1.0 : f32
    tseq.yield %one : f32
  }
  return %0#1, %1 : tensor<f32>, tensor<f32>
}

// -----

// Tests that a scalar program loses operands and results.
// CHECK-LABEL: func.func @scalar_operands(
// CHECK-SAME:    %[[A:.*]]: tensor<f32>, %{{.*}}: tensor<2xf32>
// CHECK-NEXT:    %[[R:.*]] = tseq.scalar ins(%[[A]] : tensor<f32>) -> tensor<f32> {
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT:      %[[Y:.*]] = arith.addf %[[X]], %[[X]]
// CHECK-NEXT:      tseq.yield %[[Y]] : f32
func.func @scalar_operands(%a: tensor<f32>, %b: tensor<2xf32>) -> tensor<f32> {
  %0:2 = tseq.scalar ins(%a, %b, %a : tensor<f32>, tensor<2xf32>, tensor<f32>) -> tensor<f64>, tensor<f32> {
  ^bb0(%x: f32, %y: tensor<2xf32>, %z: f32):
    %w = arith.extf %x : f32 to f64
    %s = arith.addf %x, %z : f32
    tseq.yield %w, %s : f64, f32
  }
  return %0#1 : tensor<f32>
}

// -----

// Tests that a kernel and a graph lose results that nobody uses, and then the
// work behind them.
// CHECK-LABEL: func.func @structure_results(
// CHECK-SAME:    %[[A:.*]]: tensor<4xf32>, %{{.*}}: f64
// CHECK-NEXT:    %[[G:.*]] = tseq.graph "g" (%[[X:.*]] = %[[A]]) : (tensor<4xf32>) -> tensor<f32> {
// CHECK:           tseq.kernel -> tensor<f32> {
// CHECK:             tseq.reduce [add]
// CHECK-NOT:         tseq.scalar
// CHECK:         return %[[G]]
func.func @structure_results(%a: tensor<4xf32>, %k: f64) -> tensor<f32> {
  %0:2 = tseq.graph "g" (%x = %a, %m = %k, %y = %a) : (tensor<4xf32>, f64, tensor<4xf32>) -> (tensor<f32>, tensor<f32>) {
    %1:2 = tseq.kernel -> tensor<f32>, tensor<f32> {
      %s = tseq.pack %y : !tseq.seq<tensor<4xf32>>
      %n = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
      ^bb0(%v: f32):
        tseq.yield %v : f32
      }
      %r = tseq.scalar ins(%n : tensor<f32>) -> tensor<f32> {
      ^bb0(%v: f32):
        %w = math.sqrt %v : f32
        tseq.yield %w : f32
      }
      tseq.yield %n, %r : tensor<f32>, tensor<f32>
    }
    tseq.yield %1#0, %1#1 : tensor<f32>, tensor<f32>
  }
  return %0#0 : tensor<f32>
}

// -----

// Tests that a branch on a constant is the side that is taken.
// CHECK-LABEL: func.func @constant_branch(
// CHECK-SAME:    %[[A:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<4xf32>
// CHECK-NEXT:    return %[[A]], %[[B]]
func.func @constant_branch(%a: tensor<4xf32>, %b: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %true = arith.constant dense<true> : tensor<i1>
  %false = arith.constant dense<false> : tensor<i1>
  %0 = tseq.if %true : tensor<i1> -> tensor<4xf32> {
    tseq.yield %a : tensor<4xf32>
  } else {
    tseq.yield %b : tensor<4xf32>
  }
  %1 = tseq.if %false : tensor<i1> -> tensor<4xf32> {
    tseq.yield %a : tensor<4xf32>
  } else {
    tseq.yield %b : tensor<4xf32>
  }
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// -----

// Tests that a branch loses results that nobody uses, on both sides.
// CHECK-LABEL: func.func @branch_results(
// CHECK-SAME:    %[[A:.*]]: tensor<4xf32>, %[[B:.*]]: tensor<4xf32>
// CHECK-NEXT:    tseq.if %{{.*}} : tensor<i1> -> tensor<4xf32> {
// CHECK-NEXT:      tseq.yield %[[B]] : tensor<4xf32>
// CHECK-NEXT:    } else {
// CHECK-NEXT:      tseq.yield %[[A]] : tensor<4xf32>
func.func @branch_results(%a: tensor<4xf32>, %b: tensor<4xf32>, %c: tensor<i1>) -> tensor<4xf32> {
  %0:2 = tseq.if %c : tensor<i1> -> tensor<4xf32>, tensor<4xf32> {
    tseq.yield %a, %b : tensor<4xf32>, tensor<4xf32>
  } else {
    tseq.yield %b, %a : tensor<4xf32>, tensor<4xf32>
  }
  return %0#1 : tensor<4xf32>
}

// -----

// Tests that a map that is always done needs no predicate, and one that never
// is gives what it would otherwise.
// CHECK-LABEL: func.func @constant_predicate(
// CHECK-SAME:    %[[A:.*]]: !tseq.seq<tensor<4xf32>>, %[[B:.*]]: !tseq.seq<tensor<4xf32>>
// CHECK-NEXT:    %[[R:.*]] = tseq.map ins(%[[A]] : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>>
// CHECK:         return %[[R]], %[[B]]
func.func @constant_predicate(%a: !tseq.seq<tensor<4xf32>>, %b: !tseq.seq<tensor<4xf32>>) -> (!tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>) {
  %true = arith.constant dense<true> : tensor<i1>
  %false = arith.constant dense<false> : tensor<i1>
  %0 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) when(%true : tensor<i1>) else(%b : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    %y = arith.negf %x : f32
    tseq.yield %y : f32
  }
  %1 = tseq.map ins(%a : !tseq.seq<tensor<4xf32>>) when(%false : tensor<i1>) else(%b : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    %y = arith.negf %x : f32
    tseq.yield %y : f32
  }
  return %0, %1 : !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>
}

// -----

// Tests that a loop that never runs gives what it was given, and that one that
// may run stays.
// CHECK-LABEL: func.func @constant_loop(
// CHECK-SAME:    %[[A:.*]]: tensor<f32>
// CHECK:         %[[R:.*]] = tseq.while %{{.*}} : tensor<i1> iter(%[[A]] : tensor<f32>)
// CHECK:         return %[[A]], %[[R]]
func.func @constant_loop(%a: tensor<f32>, %c: tensor<i1>) -> (tensor<f32>, tensor<f32>) {
  %false = arith.constant dense<false> : tensor<i1>
  %0 = tseq.while %false : tensor<i1> iter(%a : tensor<f32>) -> tensor<f32> {
  ^bb0(%x: tensor<f32>):
    tseq.yield %c, %x : tensor<i1>, tensor<f32>
  }
  %1 = tseq.while %c : tensor<i1> iter(%a : tensor<f32>) -> tensor<f32> {
  ^bb0(%x: tensor<f32>):
    %y:2 = tseq.scalar ins(%x : tensor<f32>) -> tensor<f32>, tensor<i1> {
    ^bb1(%v: f32):
      %w = arith.addf %v, %v : f32
      %d = arith.cmpf olt, %w, %v : f32
      tseq.yield %w, %d : f32, i1
    }
    tseq.yield %y#1, %y#0 : tensor<i1>, tensor<f32>
  }
  return %0, %1 : tensor<f32>, tensor<f32>
}

// -----

// Tests that what was uploaded need not be read back, nor a constant.
// CHECK-LABEL: func.func @item_of_upload(
// CHECK-SAME:    %[[X:.*]]: f32
// CHECK-NEXT:    %[[C:.*]] = arith.constant 2.500000e+00 : f64
// CHECK-NEXT:    return %[[X]], %[[C]]
func.func @item_of_upload(%x: f32) -> (f32, f64) {
  %t = tensor.from_elements %x : tensor<1xf32>
  %0 = tseq.item %t use(decisive) : tensor<1xf32>
  %c = arith.constant dense<2.5> : tensor<f64>
  %1 = tseq.item %c : tensor<f64>
  return %0, %1 : f32, f64
}

// -----

// Tests that a readback of computed work stays.
// CHECK-LABEL: func.func @item_of_work
// CHECK:         tseq.item
func.func @item_of_work(%x: tensor<f32>) -> f32 {
  %0 = tseq.item %x : tensor<f32>
  return %0 : f32
}
