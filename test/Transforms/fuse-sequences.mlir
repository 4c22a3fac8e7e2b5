// RUN: graph-opt %s --fuse-sequences --canonicalize --cse | FileCheck %s

// Tests that a chain of maps is one map.
// CHECK-LABEL: func.func @chain
// CHECK:         %[[R:.*]] = tseq.map ins(%{{[^,]*}} : !tseq.seq<tensor<4xf32>>)
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT:      %[[Y:.*]] = arith.negf %[[X]]
// CHECK-NEXT:      %[[Z:.*]] = math.exp %[[Y]]
// CHECK-NEXT:      tseq.yield %[[Z]]
// CHECK-NOT:     tseq.map
func.func @chain(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tseq.graph "g" (%p = %a) : (tensor<4xf32>) -> tensor<4xf32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    %u = tseq.pack %t : !tseq.seq<tensor<4xf32>>
    %n = tseq.map ins(%u : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = math.exp %x : f32
      tseq.yield %y : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %v : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// Tests that a value in the middle of a chain that is used elsewhere stays a
// result.
// CHECK-LABEL: func.func @value_in_the_middle
// CHECK:         tseq.map {{.*}} -> !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>
// CHECK:           tseq.yield %{{.*}}, %{{.*}} : f32, f32
// CHECK-NOT:     tseq.map
func.func @value_in_the_middle(%a: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0:2 = tseq.graph "g" (%p = %a) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %n = tseq.map ins(%m : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = math.exp %x : f32
      tseq.yield %y : f32
    }
    %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    %v = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %t, %v : tensor<4xf32>, tensor<4xf32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<4xf32>
}

// Tests that equal maps of tensors of different shapes are one map of a list.
// CHECK-LABEL: func.func @equal_maps
// CHECK:         %[[S:.*]] = tseq.pack %{{.*}}, %{{.*}} : !tseq.seq<tensor<4xf32>, tensor<2x3xf32>>
// CHECK:         tseq.map ins(%[[S]] : {{.*}}) scalars(%{{.*}} : tensor<f32>)
// CHECK-NOT:     tseq.map
// CHECK:         return
func.func @equal_maps(%a: tensor<4xf32>, %b: tensor<2x3xf32>, %k: f32) -> (tensor<4xf32>, tensor<2x3xf32>) {
  %0:2 = tseq.graph "g" (%p = %a, %q = %b, %d = %k) : (tensor<4xf32>, tensor<2x3xf32>, f32) -> (tensor<4xf32>, tensor<2x3xf32>) {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) scalars(%d : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %u = tseq.pack %q : !tseq.seq<tensor<2x3xf32>>
    %n = tseq.map ins(%u : !tseq.seq<tensor<2x3xf32>>) scalars(%d : tensor<f32>) -> !tseq.seq<tensor<2x3xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    %v = tseq.get %n[0] : !tseq.seq<tensor<2x3xf32>>
    tseq.yield %t, %v : tensor<4xf32>, tensor<2x3xf32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<2x3xf32>
}

// Tests that maps that compute different things, on tensors of different
// shapes, stay apart.
// CHECK-LABEL: func.func @different_maps
// CHECK:         tseq.map
// CHECK:         tseq.map
func.func @different_maps(%a: tensor<4xf32>, %b: tensor<2x3xf32>) -> (tensor<4xf32>, tensor<2x3xf32>) {
  %0:2 = tseq.graph "g" (%p = %a, %q = %b) : (tensor<4xf32>, tensor<2x3xf32>) -> (tensor<4xf32>, tensor<2x3xf32>) {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %z = arith.negf %x : f32
      tseq.yield %z : f32
    }
    %u = tseq.pack %q : !tseq.seq<tensor<2x3xf32>>
    %n = tseq.map ins(%u : !tseq.seq<tensor<2x3xf32>>) -> !tseq.seq<tensor<2x3xf32>> {
    ^bb0(%x: f32):
      %z = math.exp %x : f32
      tseq.yield %z : f32
    }
    %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    %v = tseq.get %n[0] : !tseq.seq<tensor<2x3xf32>>
    tseq.yield %t, %v : tensor<4xf32>, tensor<2x3xf32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<2x3xf32>
}

// Tests that equal reductions and the scalars that read them are one kernel:
// a reduction per tensor, then one scalar program.
// CHECK-LABEL: func.func @norms
// CHECK:         %[[S:.*]] = tseq.pack %{{.*}}, %{{.*}} : !tseq.seq<tensor<4xf32>, tensor<2x3xf32>>
// CHECK:         tseq.kernel -> tensor<f32>
// CHECK:           %[[N:.*]] = tseq.reduce [add] per_tensor ins(%[[S]] : {{.*}}) -> tensor<2xf32>
// CHECK:           tseq.scalar ins(%[[N]] : tensor<2xf32>) -> tensor<f32>
// CHECK:             tensor.extract
// CHECK:             tensor.extract
// CHECK:             arith.addf
// CHECK:             math.sqrt
// CHECK-NOT:     tseq.scalar
// CHECK:         return
func.func @norms(%a: tensor<4xf32>, %b: tensor<2x3xf32>) -> tensor<f32> {
  %0 = tseq.graph "g" (%p = %a, %q = %b) : (tensor<4xf32>, tensor<2x3xf32>) -> tensor<f32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %u = tseq.pack %q : !tseq.seq<tensor<2x3xf32>>
    %n = tseq.reduce [add] ins(%u : !tseq.seq<tensor<2x3xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %t = tseq.scalar ins(%m, %n : tensor<f32>, tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.addf %x, %y : f32
      tseq.yield %z : f32
    }
    %r = tseq.scalar ins(%t : tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32):
      %z = math.sqrt %x : f32
      tseq.yield %z : f32
    }
    tseq.yield %r : tensor<f32>
  }
  return %0 : tensor<f32>
}

// Tests that reductions that read a list in common read it once, in one op whatever
// their combiners, bodies and scalars are; lists of the same tensors are one.
// CHECK-LABEL: func.func @common_list
// CHECK:         tseq.kernel
// CHECK:           %[[R:.*]]:2 = tseq.reduce [add, maximum] ins(%[[S:.*]], %[[T:.*]] : !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf16>>)
// CHECK-SAME:        scalars(%[[K:.*]] : tensor<f32>)
// CHECK-NEXT:      ^bb0(%[[X:.*]]: f32, %[[Y:.*]]: f16, %[[BY:.*]]: f32):
// CHECK-NEXT:        %[[WIDE:.*]] = arith.extf %[[Y]]
// CHECK-NEXT:        %[[SCALED:.*]] = arith.mulf %[[X]], %[[BY]]
// CHECK-NEXT:        %[[SUM:.*]] = arith.addf %[[SCALED]], %[[WIDE]]
// CHECK-NEXT:        tseq.yield %[[X]], %[[SUM]]
// CHECK:           tseq.scalar ins(%[[R]]#0, %[[R]]#1
// CHECK-NOT:     tseq.kernel
func.func @common_list(%a: tensor<4xf32>, %b: tensor<4xf16>, %k: tensor<f32>) -> tensor<f32> {
  %0 = tseq.graph "g" (%p = %a, %q = %b, %by = %k) : (tensor<4xf32>, tensor<4xf16>, tensor<f32>) -> tensor<f32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %t = tseq.pack %q : !tseq.seq<tensor<4xf16>>
    %u = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %n = tseq.reduce [maximum] ins(%t, %u : !tseq.seq<tensor<4xf16>>, !tseq.seq<tensor<4xf32>>) scalars(%by : tensor<f32>) -> tensor<f32> {
    ^bb0(%y: f16, %x: f32, %f: f32):
      %wide = arith.extf %y : f16 to f32
      %scaled = arith.mulf %x, %f : f32
      %sum = arith.addf %scaled, %wide : f32
      tseq.yield %sum : f32
    }
    %z = tseq.scalar ins(%m, %n : tensor<f32>, tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.divf %x, %y : f32
      tseq.yield %z : f32
    }
    tseq.yield %z : tensor<f32>
  }
  return %0 : tensor<f32>
}

// Tests that reductions of other lists are two ops, but one kernel with what reads
// both.
// CHECK-LABEL: func.func @different_lists
// CHECK:         tseq.kernel
// CHECK-DAG:       tseq.reduce [add]
// CHECK-DAG:       tseq.reduce [maximum]
// CHECK:           tseq.scalar
// CHECK-NOT:     tseq.kernel
func.func @different_lists(%a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<f32> {
  %0 = tseq.graph "g" (%p = %a, %q = %b) : (tensor<4xf32>, tensor<4xf32>) -> tensor<f32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %u = tseq.pack %q : !tseq.seq<tensor<4xf32>>
    %n = tseq.reduce [maximum] ins(%u : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %t = tseq.scalar ins(%m, %n : tensor<f32>, tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.divf %x, %y : f32
      tseq.yield %z : f32
    }
    tseq.yield %t : tensor<f32>
  }
  return %0 : tensor<f32>
}

// Tests that a reduction computes what it reduces itself, and that the value
// is still made for the one other use.
// CHECK-LABEL: func.func @map_into_reduce
// CHECK-NOT:     tseq.kernel
// CHECK:         tseq.reduce [add] ins(%[[S:.*]] : !tseq.seq<tensor<4xf32>>)
// CHECK:           arith.mulf
// CHECK:         tseq.map ins(%[[S]] : !tseq.seq<tensor<4xf32>>)
// CHECK:           arith.mulf
func.func @map_into_reduce(%a: tensor<4xf32>) -> (tensor<f32>, tensor<4xf32>) {
  %0:2 = tseq.graph "g" (%p = %a) : (tensor<4xf32>) -> (tensor<f32>, tensor<4xf32>) {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %z = arith.mulf %x, %x : f32
      tseq.yield %z : f32
    }
    %n = tseq.reduce [add] ins(%m : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %n, %t : tensor<f32>, tensor<4xf32>
  }
  return %0#0, %0#1 : tensor<f32>, tensor<4xf32>
}

// Tests that a map that waits for a reduction of its own input stays behind it.
// CHECK-LABEL: func.func @scale_by_own_norm
// CHECK:         %[[N:.*]] = tseq.reduce
// CHECK:         tseq.map ins({{.*}}) scalars(%[[N]] : tensor<f32>)
func.func @scale_by_own_norm(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tseq.graph "g" (%p = %a) : (tensor<4xf32>) -> tensor<4xf32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %n = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) scalars(%n : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %t : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// Tests that a branch around a map that else keeps what was there is a
// predicated map.
// CHECK-LABEL: func.func @predication
// CHECK-NOT:     tseq.if
// CHECK:         tseq.map ins(%[[S:.*]] : !tseq.seq<tensor<4xf32>>) when(%{{.*}} : tensor<i1>) else(%[[S]] : !tseq.seq<tensor<4xf32>>)
// CHECK-NOT:     tseq.if
// CHECK:         return
func.func @predication(%a: tensor<4xf32>, %c: tensor<i1>) -> tensor<4xf32> {
  %0 = tseq.graph "g" (%p = %a, %d = %c) : (tensor<4xf32>, tensor<i1>) -> tensor<4xf32> {
    %r = tseq.if %d : tensor<i1> -> tensor<4xf32> {
      %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
      %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
      ^bb0(%x: f32):
        %z = arith.negf %x : f32
        tseq.yield %z : f32
      }
      %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
      tseq.yield %t : tensor<4xf32>
    } else {
      tseq.yield %p : tensor<4xf32>
    }
    tseq.yield %r : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// Tests that a branch that holds a kernel of its own stays one.
// CHECK-LABEL: func.func @branch_with_contraction
// CHECK:         tseq.if
// CHECK:           linalg.matmul
func.func @branch_with_contraction(%a: tensor<4x4xf32>, %c: tensor<i1>) -> tensor<4x4xf32> {
  %0 = tseq.graph "g" (%p = %a, %d = %c) : (tensor<4x4xf32>, tensor<i1>) -> tensor<4x4xf32> {
    %r = tseq.if %d : tensor<i1> -> tensor<4x4xf32> {
      %m = linalg.matmul ins(%p, %p : tensor<4x4xf32>, tensor<4x4xf32>) outs(%p : tensor<4x4xf32>) -> tensor<4x4xf32>
      tseq.yield %m : tensor<4x4xf32>
    } else {
      tseq.yield %p : tensor<4x4xf32>
    }
    tseq.yield %r : tensor<4x4xf32>
  }
  return %0 : tensor<4x4xf32>
}

// Tests that a division of integers is not moved out of its branch.
// CHECK-LABEL: func.func @guarded_division
// CHECK:         scf.if
// CHECK:           arith.divsi
// CHECK:         } else {
func.func @guarded_division(%a: tensor<i32>, %b: tensor<i32>, %c: tensor<i1>) -> tensor<i32> {
  %0 = tseq.graph "g" (%p = %a, %q = %b, %d = %c) : (tensor<i32>, tensor<i32>, tensor<i1>) -> tensor<i32> {
    %r = tseq.if %d : tensor<i1> -> tensor<i32> {
      %m = tseq.scalar ins(%p, %q : tensor<i32>, tensor<i32>) -> tensor<i32> {
      ^bb0(%x: i32, %y: i32):
        %z = arith.divsi %x, %y : i32
        tseq.yield %z : i32
      }
      tseq.yield %m : tensor<i32>
    } else {
      tseq.yield %p : tensor<i32>
    }
    tseq.yield %r : tensor<i32>
  }
  return %0 : tensor<i32>
}

// Tests that an op that is a kernel of its own parts what comes before it from
// what comes after.
// CHECK-LABEL: func.func @across_contraction
// CHECK:         tseq.map
// CHECK:           arith.negf
// CHECK:         linalg.matmul
// CHECK:         tseq.map
// CHECK:           arith.negf
func.func @across_contraction(%a: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = tseq.graph "g" (%p = %a) : (tensor<4x4xf32>) -> tensor<4x4xf32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4x4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4x4xf32>>) -> !tseq.seq<tensor<4x4xf32>> {
    ^bb0(%x: f32):
      %z = arith.negf %x : f32
      tseq.yield %z : f32
    }
    %t = tseq.get %m[0] : !tseq.seq<tensor<4x4xf32>>
    %u = linalg.matmul ins(%t, %t : tensor<4x4xf32>, tensor<4x4xf32>) outs(%p : tensor<4x4xf32>) -> tensor<4x4xf32>
    %v = tseq.pack %u : !tseq.seq<tensor<4x4xf32>>
    %n = tseq.map ins(%v : !tseq.seq<tensor<4x4xf32>>) -> !tseq.seq<tensor<4x4xf32>> {
    ^bb0(%x: f32):
      %z = arith.negf %x : f32
      tseq.yield %z : f32
    }
    %w = tseq.get %n[0] : !tseq.seq<tensor<4x4xf32>>
    tseq.yield %w : tensor<4x4xf32>
  }
  return %0 : tensor<4x4xf32>
}

// Tests that work outside of a graph is left alone.
// CHECK-LABEL: func.func @outside
// CHECK:         tseq.map
// CHECK:         tseq.map
func.func @outside(%s: !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    %y = arith.negf %x : f32
    tseq.yield %y : f32
  }
  %n = tseq.map ins(%m : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    %y = math.exp %x : f32
    tseq.yield %y : f32
  }
  return %n : !tseq.seq<tensor<4xf32>>
}

// Tests that a region that is in memory already is left alone: its maps have no
// results, but effects.
// CHECK-LABEL: func.func @in_memory
// CHECK-COUNT-2: tseq.map
func.func @in_memory(%m: memref<4xf32>) {
  tseq.graph "g" (%p = %m) : (memref<4xf32>) -> () {
    %s = tseq.pack %p : !tseq.seq<memref<4xf32>>
    tseq.map chunk(4) ins(%s : !tseq.seq<memref<4xf32>>) outs(%s : !tseq.seq<memref<4xf32>>) {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    tseq.map chunk(4) ins(%s : !tseq.seq<memref<4xf32>>) outs(%s : !tseq.seq<memref<4xf32>>) {
    ^bb0(%x: f32):
      %y = math.exp %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// Tests a value that is reduced and then used with the result: it is computed
// where it is used, twice.
// CHECK-LABEL: func.func @centered
// CHECK:         %[[N:.*]] = tseq.reduce [add] ins(%[[S:[^ ]*]] :
// CHECK:           arith.negf
// CHECK:         tseq.map ins(%[[S]] : {{.*}}) scalars(%[[N]] : tensor<f32>)
// CHECK:           arith.negf
// CHECK:           arith.subf
// CHECK-NOT:     tseq.map
func.func @centered(%a: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tseq.graph "g" (%p = %a) : (tensor<4xf32>) -> tensor<4xf32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %z = arith.negf %x : f32
      tseq.yield %z : f32
    }
    %n = tseq.reduce [add] ins(%m : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %r = tseq.map ins(%m : !tseq.seq<tensor<4xf32>>) scalars(%n : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.subf %x, %y : f32
      tseq.yield %z : f32
    }
    %t = tseq.get %r[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %t : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// Tests that a fill that two maps share is computed in each of them, so that the
// maps of all tensors are one list in which each has an element.
// CHECK-LABEL: func.func @shared_fill
// CHECK:         %[[L:.*]] = tseq.pack %{{.*}}, %{{.*}}, %{{.*}} : !tseq.seq<tensor<4xf32>, tensor<3xf32>, tensor<4xf32>>
// CHECK-NEXT:    tseq.map ins(%[[L]] : {{.*}}) scalars(%{{.*}} : tensor<f32>)
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32, %[[C:.*]]: f32):
// CHECK-NEXT:      %[[Y:.*]] = arith.mulf %[[X]], %[[C]]
// CHECK-NEXT:      tseq.yield %[[Y]] : f32
// CHECK-NOT:     tseq.map
func.func @shared_fill(%a: tensor<4xf32>, %b: tensor<3xf32>, %c: tensor<4xf32>, %s: tensor<f32>) -> (tensor<4xf32>, tensor<3xf32>, tensor<4xf32>) {
  %0:3 = tseq.graph "g" (%p = %a, %q = %b, %r = %c, %k = %s) : (tensor<4xf32>, tensor<3xf32>, tensor<4xf32>, tensor<f32>) -> (tensor<4xf32>, tensor<3xf32>, tensor<4xf32>) {
    %f = tseq.map scalars(%k : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %e = tseq.map scalars(%k : tensor<f32>) -> !tseq.seq<tensor<3xf32>> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %ps = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %qs = tseq.pack %q : !tseq.seq<tensor<3xf32>>
    %rs = tseq.pack %r : !tseq.seq<tensor<4xf32>>
    %u = tseq.map ins(%ps, %f : !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %v = tseq.map ins(%qs, %e : !tseq.seq<tensor<3xf32>>, !tseq.seq<tensor<3xf32>>) -> !tseq.seq<tensor<3xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %w = tseq.map ins(%rs, %f : !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %ue = tseq.get %u[0] : !tseq.seq<tensor<4xf32>>
    %ve = tseq.get %v[0] : !tseq.seq<tensor<3xf32>>
    %we = tseq.get %w[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %ue, %ve, %we : tensor<4xf32>, tensor<3xf32>, tensor<4xf32>
  }
  return %0#0, %0#1, %0#2 : tensor<4xf32>, tensor<3xf32>, tensor<4xf32>
}

// Tests that tensors of equal fills in a list count as one fill, in a predicated
// map as well; and that a fill stays where its tensor is a result.
// CHECK-LABEL: func.func @list_of_fills
// CHECK-DAG:     %[[F:.*]] = tseq.map scalars(%[[K:.*]] : tensor<f32>) -> !tseq.seq<tensor<4xf32>>
// CHECK-DAG:     %[[L:.*]] = tseq.pack %{{.*}}, %{{.*}} : !tseq.seq<tensor<3xf32>, tensor<4xf32>>
// CHECK:         %[[R:.*]] = tseq.map ins(%[[L]] : {{[^)]*}}) scalars(%[[K]] : tensor<f32>) when(%{{.*}} : tensor<i1>) else(%[[L]] :
// CHECK:           arith.mulf
// CHECK-NOT:     tseq.map
func.func @list_of_fills(%a: tensor<3xf32>, %b: tensor<4xf32>, %s: tensor<f32>, %h: tensor<i1>) -> (tensor<3xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0:3 = tseq.graph "g" (%p = %a, %q = %b, %k = %s, %w = %h) : (tensor<3xf32>, tensor<4xf32>, tensor<f32>, tensor<i1>) -> (tensor<3xf32>, tensor<4xf32>, tensor<4xf32>) {
    %f = tseq.map scalars(%k : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %e = tseq.map scalars(%k : tensor<f32>) -> !tseq.seq<tensor<3xf32>> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %fe = tseq.get %f[0] : !tseq.seq<tensor<4xf32>>
    %ee = tseq.get %e[0] : !tseq.seq<tensor<3xf32>>
    %fills = tseq.pack %ee, %fe : !tseq.seq<tensor<3xf32>, tensor<4xf32>>
    %l = tseq.pack %p, %q : !tseq.seq<tensor<3xf32>, tensor<4xf32>>
    %u = tseq.map ins(%l, %fills : !tseq.seq<tensor<3xf32>, tensor<4xf32>>, !tseq.seq<tensor<3xf32>, tensor<4xf32>>) when(%w : tensor<i1>) else(%l : !tseq.seq<tensor<3xf32>, tensor<4xf32>>) -> !tseq.seq<tensor<3xf32>, tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %ue = tseq.get %u[0] : !tseq.seq<tensor<3xf32>, tensor<4xf32>>
    %ve = tseq.get %u[1] : !tseq.seq<tensor<3xf32>, tensor<4xf32>>
    tseq.yield %ue, %ve, %fe : tensor<3xf32>, tensor<4xf32>, tensor<4xf32>
  }
  return %0#0, %0#1, %0#2 : tensor<3xf32>, tensor<4xf32>, tensor<4xf32>
}

// Tests that different fills in a list stay an input, made by one map.
// CHECK-LABEL: func.func @list_of_different_fills
// CHECK:         tseq.map scalars(%{{.*}} : tensor<2xf32>)
// CHECK:         %[[M:.*]] = tseq.pack %{{.*}}, %{{.*}} : !tseq.seq<tensor<3xf32>, tensor<4xf32>>
// CHECK-NEXT:    tseq.map ins(%{{.*}}, %[[M]] :
func.func @list_of_different_fills(%a: tensor<3xf32>, %b: tensor<4xf32>, %s: tensor<f32>, %t: tensor<f32>) -> (tensor<3xf32>, tensor<4xf32>) {
  %0:2 = tseq.graph "g" (%p = %a, %q = %b, %k = %s, %n = %t) : (tensor<3xf32>, tensor<4xf32>, tensor<f32>, tensor<f32>) -> (tensor<3xf32>, tensor<4xf32>) {
    %f = tseq.map scalars(%k : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %e = tseq.map scalars(%n : tensor<f32>) -> !tseq.seq<tensor<3xf32>> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %fe = tseq.get %f[0] : !tseq.seq<tensor<4xf32>>
    %ee = tseq.get %e[0] : !tseq.seq<tensor<3xf32>>
    %fills = tseq.pack %ee, %fe : !tseq.seq<tensor<3xf32>, tensor<4xf32>>
    %l = tseq.pack %p, %q : !tseq.seq<tensor<3xf32>, tensor<4xf32>>
    %u = tseq.map ins(%l, %fills : !tseq.seq<tensor<3xf32>, tensor<4xf32>>, !tseq.seq<tensor<3xf32>, tensor<4xf32>>) -> !tseq.seq<tensor<3xf32>, tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %ue = tseq.get %u[0] : !tseq.seq<tensor<3xf32>, tensor<4xf32>>
    %ve = tseq.get %u[1] : !tseq.seq<tensor<3xf32>, tensor<4xf32>>
    tseq.yield %ue, %ve : tensor<3xf32>, tensor<4xf32>
  }
  return %0#0, %0#1 : tensor<3xf32>, tensor<4xf32>
}

// Tests that what two maps of different lists read is computed once: the lists
// become results of one map.
// CHECK-LABEL: func.func @shared_by_two_lists
// CHECK-DAG:     %[[X:.*]] = tseq.pack %[[P:.*]], %[[Q:.*]] : !tseq.seq<tensor<4xf32>, tensor<3xf32>>
// CHECK:         %[[R:.*]]:2 = tseq.map ins(%[[X]] : !tseq.seq<tensor<4xf32>, tensor<3xf32>>) -> !tseq.seq<tensor<4xf32>, tensor<3xf32>>, !tseq.seq<tensor<4xf32>, tensor<3xf32>> {
// CHECK-COUNT-1:   math.exp
// CHECK-NOT:       math.exp
// CHECK:           tseq.yield %{{.*}}, %{{.*}} : f32, f32
// CHECK-NOT:     tseq.map
func.func @shared_by_two_lists(%a: tensor<4xf32>, %b: tensor<3xf32>) -> (tensor<4xf32>, tensor<3xf32>, tensor<4xf32>, tensor<3xf32>) {
  %0:4 = tseq.graph "g" (%p = %a, %q = %b) : (tensor<4xf32>, tensor<3xf32>) -> (tensor<4xf32>, tensor<3xf32>, tensor<4xf32>, tensor<3xf32>) {
    %ps = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %qs = tseq.pack %q : !tseq.seq<tensor<3xf32>>
    %e = tseq.map ins(%ps : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = math.exp %x : f32
      tseq.yield %y : f32
    }
    %f = tseq.map ins(%qs : !tseq.seq<tensor<3xf32>>) -> !tseq.seq<tensor<3xf32>> {
    ^bb0(%x: f32):
      %y = math.exp %x : f32
      tseq.yield %y : f32
    }
    %u = tseq.map ins(%e : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %v = tseq.map ins(%f : !tseq.seq<tensor<3xf32>>) -> !tseq.seq<tensor<3xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %w = tseq.map ins(%e : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = math.sqrt %x : f32
      tseq.yield %y : f32
    }
    %z = tseq.map ins(%f : !tseq.seq<tensor<3xf32>>) -> !tseq.seq<tensor<3xf32>> {
    ^bb0(%x: f32):
      %y = math.sqrt %x : f32
      tseq.yield %y : f32
    }
    %ue = tseq.get %u[0] : !tseq.seq<tensor<4xf32>>
    %ve = tseq.get %v[0] : !tseq.seq<tensor<3xf32>>
    %we = tseq.get %w[0] : !tseq.seq<tensor<4xf32>>
    %ze = tseq.get %z[0] : !tseq.seq<tensor<3xf32>>
    tseq.yield %ue, %ve, %we, %ze : tensor<4xf32>, tensor<3xf32>, tensor<4xf32>, tensor<3xf32>
  }
  return %0#0, %0#1, %0#2, %0#3 : tensor<4xf32>, tensor<3xf32>, tensor<4xf32>, tensor<3xf32>
}

// Tests that scalars that are ready together once other work is joined are one,
// and that the reduction then sees what makes its list.
// CHECK-LABEL: func.func @ready_together
// CHECK:         %[[Z:.*]] = tseq.pack %{{[^,]*}} : !tseq.seq<tensor<16xf32>>
// CHECK:         %[[XY:.*]] = tseq.pack
// CHECK:         tseq.kernel
// CHECK-NEXT:      tseq.reduce [maximum] ins(%[[Z]]
// CHECK:           tseq.reduce [add] ins(%[[XY]]
// CHECK-NEXT:      ^bb0(%[[X:.*]]: f32):
// CHECK-NEXT:        %[[N:.*]] = arith.negf %[[X]]
// CHECK-NEXT:        tseq.yield %[[N]]
// CHECK:           tseq.scalar
// CHECK-NOT:     tseq.scalar
// CHECK-NOT:     tseq.kernel
// CHECK:         return
func.func @ready_together(%a: tensor<8xf32>, %b: tensor<4xf32>, %c: tensor<16xf32>)
    -> (tensor<8xf32>, tensor<4xf32>, tensor<16xf32>, tensor<f32>) {
  %0:4 = tseq.graph "g" (%x = %a, %y = %b, %z = %c)
      : (tensor<8xf32>, tensor<4xf32>, tensor<16xf32>)
      -> (tensor<8xf32>, tensor<4xf32>, tensor<16xf32>, tensor<f32>) {
    %xs = tseq.pack %x : !tseq.seq<tensor<8xf32>>
    %ys = tseq.pack %y : !tseq.seq<tensor<4xf32>>
    %zs = tseq.pack %z : !tseq.seq<tensor<16xf32>>
    %p = tseq.map ins(%xs : !tseq.seq<tensor<8xf32>>) -> !tseq.seq<tensor<8xf32>> {
    ^bb0(%e: f32):
      %n = arith.negf %e : f32
      tseq.yield %n : f32
    }
    %q = tseq.map ins(%ys : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%e: f32):
      %n = arith.negf %e : f32
      tseq.yield %n : f32
    }
    %p0 = tseq.get %p[0] : !tseq.seq<tensor<8xf32>>
    %q0 = tseq.get %q[0] : !tseq.seq<tensor<4xf32>>
    %pq = tseq.pack %p0, %q0 : !tseq.seq<tensor<8xf32>, tensor<4xf32>>
    %sum = tseq.reduce [add] ins(%pq : !tseq.seq<tensor<8xf32>, tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%e: f32):
      tseq.yield %e : f32
    }
    %max = tseq.reduce [maximum] ins(%zs : !tseq.seq<tensor<16xf32>>) -> tensor<f32> {
    ^bb0(%e: f32):
      tseq.yield %e : f32
    }
    %half = tseq.scalar ins(%max : tensor<f32>) -> tensor<f32> {
    ^bb0(%e: f32):
      %s = math.sqrt %e : f32
      tseq.yield %s : f32
    }
    %both = tseq.scalar ins(%sum, %half : tensor<f32>, tensor<f32>) -> tensor<f32> {
    ^bb0(%e: f32, %f: f32):
      %s = arith.divf %e, %f : f32
      tseq.yield %s : f32
    }
    %scaled = tseq.map ins(%zs : !tseq.seq<tensor<16xf32>>) scalars(%half : tensor<f32>) -> !tseq.seq<tensor<16xf32>> {
    ^bb0(%e: f32, %f: f32):
      %s = arith.mulf %e, %f : f32
      tseq.yield %s : f32
    }
    %z0 = tseq.get %scaled[0] : !tseq.seq<tensor<16xf32>>
    tseq.yield %p0, %q0, %z0, %both : tensor<8xf32>, tensor<4xf32>, tensor<16xf32>, tensor<f32>
  }
  return %0#0, %0#1, %0#2, %0#3 : tensor<8xf32>, tensor<4xf32>, tensor<16xf32>, tensor<f32>
}

// Tests that a map whose reader waits, because it overwrites what others read,
// waits with it: both are one.
// CHECK-LABEL: func.func @waits_with_its_reader(
// CHECK:         tseq.reduce
// CHECK:         tseq.map
// CHECK:           arith.negf
// CHECK-NEXT:      math.exp
// CHECK-NOT:     tseq.map
// CHECK:         return
func.func @waits_with_its_reader(%m: memref<4xf32>, %b: tensor<4xf32>) -> tensor<f32> {
  %a = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  %0:2 = tseq.graph "g" (%p = %a, %q = %b) : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<f32>) {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %t = tseq.pack %q : !tseq.seq<tensor<4xf32>>
    %n = tseq.map ins(%t : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %e = tseq.map ins(%n : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = math.exp %x : f32
      tseq.yield %y : f32
    }
    %first = tseq.reduce [add] ins(%t : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %sum = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) scalars(%first : tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32, %f: f32):
      %y = arith.mulf %x, %f : f32
      tseq.yield %y : f32
    }
    %r = tseq.get %e[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %r, %sum : tensor<4xf32>, tensor<f32>
  }
  bufferization.materialize_in_destination %0#0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  return %0#1 : tensor<f32>
}

// Tests that a list of one element that goes through a device scalar and back,
// as one that is read back and uploaded again, is the list it was.
// CHECK-LABEL: func.func @through_a_scalar
// CHECK:         tseq.map ins(%{{[^,]*}} : !tseq.seq<tensor<1x1xf32>>)
// CHECK:           arith.negf
// CHECK:           math.exp
// CHECK-NOT:     tseq.map
func.func @through_a_scalar(%a: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %0 = tseq.graph "g" (%p = %a) : (tensor<1x1xf32>) -> tensor<1x1xf32> {
    %s = tseq.pack %p : !tseq.seq<tensor<1x1xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<1x1xf32>>) -> !tseq.seq<tensor<1x1xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %t = tseq.get %m[0] : !tseq.seq<tensor<1x1xf32>>
    %c = tensor.collapse_shape %t [] : tensor<1x1xf32> into tensor<f32>
    %e = tensor.expand_shape %c [] output_shape [1, 1] : tensor<f32> into tensor<1x1xf32>
    %u = tseq.pack %e : !tseq.seq<tensor<1x1xf32>>
    %n = tseq.map ins(%u : !tseq.seq<tensor<1x1xf32>>) -> !tseq.seq<tensor<1x1xf32>> {
    ^bb0(%x: f32):
      %y = math.exp %x : f32
      tseq.yield %y : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<tensor<1x1xf32>>
    tseq.yield %v : tensor<1x1xf32>
  }
  return %0 : tensor<1x1xf32>
}
