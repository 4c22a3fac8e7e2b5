// RUN: graph-opt %s --fuse-sequences --canonicalize --cse | FileCheck %s

// Tests that maps that differ in tensors and scalars alone are one map with a
// list of scalars, and that what makes the scalars is a loop over the list.
// CHECK-LABEL: func.func @own_scalars(
// CHECK:         %[[N:.*]] = tseq.kernel -> tensor<3xf32>
// CHECK:           %[[R:.*]] = tseq.reduce [add] per_tensor {{.*}} -> tensor<3xf32>
// CHECK:           %[[S:.*]] = tseq.scalar ins(%{{.*}}, %[[R]] : tensor<f32>, tensor<3xf32>) -> tensor<3xf32>
// CHECK-NEXT:      ^bb0(%[[SHARED:.*]]: f32, %[[LIST:.*]]: tensor<3xf32>):
// CHECK-NEXT:        %[[NEW:.*]] = tensor.generate
// CHECK-NEXT:        ^bb0(%[[I:.*]]: index):
// CHECK-NEXT:          %[[X:.*]] = tensor.extract %[[LIST]][%[[I]]]
// CHECK-NEXT:          %[[P:.*]] = arith.cmpf ogt, %[[X]], %[[SHARED]]
// CHECK-NEXT:          %[[Y:.*]] = scf.if %[[P]] -> (f32) {
// CHECK-NEXT:            %[[D:.*]] = arith.divf %[[SHARED]], %[[X]]
// CHECK-NEXT:            scf.yield %[[D]]
// CHECK-NEXT:          } else {
// CHECK-NEXT:            scf.yield %[[X]]
// CHECK-NEXT:          }
// CHECK-NEXT:          tensor.yield %[[Y]]
// CHECK:             tseq.yield %[[NEW]] : tensor<3xf32>
// CHECK:         tseq.map {{.*}} scalars(%[[N]], %{{.*}} : tensor<3xf32>, tensor<f32>)
// CHECK-NOT:     tseq.map
// CHECK:         return
func.func @own_scalars(%a: tensor<4xf32>, %b: tensor<2x3xf32>, %c: tensor<5xf32>, %k: f32) -> (tensor<4xf32>, tensor<2x3xf32>, tensor<5xf32>) {
  %0:3 = tseq.graph "g" (%p = %a, %q = %b, %r = %c, %s = %k) : (tensor<4xf32>, tensor<2x3xf32>, tensor<5xf32>, f32) -> (tensor<4xf32>, tensor<2x3xf32>, tensor<5xf32>) {
    %pp = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %pq = tseq.pack %q : !tseq.seq<tensor<2x3xf32>>
    %pr = tseq.pack %r : !tseq.seq<tensor<5xf32>>
    %np = tseq.reduce [add] ins(%pp : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %nq = tseq.reduce [add] ins(%pq : !tseq.seq<tensor<2x3xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %nr = tseq.reduce [add] ins(%pr : !tseq.seq<tensor<5xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %fp = tseq.scalar ins(%np, %s : tensor<f32>, tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32, %y: f32):
      %m = arith.cmpf ogt, %x, %y : f32
      %z = scf.if %m -> (f32) {
        %d = arith.divf %y, %x : f32
        scf.yield %d : f32
      } else {
        scf.yield %x : f32
      }
      tseq.yield %z : f32
    }
    %fq = tseq.scalar ins(%nq, %s : tensor<f32>, tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32, %y: f32):
      %m = arith.cmpf ogt, %x, %y : f32
      %z = scf.if %m -> (f32) {
        %d = arith.divf %y, %x : f32
        scf.yield %d : f32
      } else {
        scf.yield %x : f32
      }
      tseq.yield %z : f32
    }
    %fr = tseq.scalar ins(%nr, %s : tensor<f32>, tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32, %y: f32):
      %m = arith.cmpf ogt, %x, %y : f32
      %z = scf.if %m -> (f32) {
        %d = arith.divf %y, %x : f32
        scf.yield %d : f32
      } else {
        scf.yield %x : f32
      }
      tseq.yield %z : f32
    }
    %mp = tseq.map ins(%pp : !tseq.seq<tensor<4xf32>>) scalars(%fp, %s : tensor<f32>, tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32, %z: f32):
      %m = arith.mulf %x, %y : f32
      %n = arith.addf %m, %z : f32
      tseq.yield %n : f32
    }
    %mq = tseq.map ins(%pq : !tseq.seq<tensor<2x3xf32>>) scalars(%fq, %s : tensor<f32>, tensor<f32>) -> !tseq.seq<tensor<2x3xf32>> {
    ^bb0(%x: f32, %y: f32, %z: f32):
      %m = arith.mulf %x, %y : f32
      %n = arith.addf %m, %z : f32
      tseq.yield %n : f32
    }
    %mr = tseq.map ins(%pr : !tseq.seq<tensor<5xf32>>) scalars(%fr, %s : tensor<f32>, tensor<f32>) -> !tseq.seq<tensor<5xf32>> {
    ^bb0(%x: f32, %y: f32, %z: f32):
      %m = arith.mulf %x, %y : f32
      %n = arith.addf %m, %z : f32
      tseq.yield %n : f32
    }
    %rp = tseq.get %mp[0] : !tseq.seq<tensor<4xf32>>
    %rq = tseq.get %mq[0] : !tseq.seq<tensor<2x3xf32>>
    %rr = tseq.get %mr[0] : !tseq.seq<tensor<5xf32>>
    tseq.yield %rp, %rq, %rr : tensor<4xf32>, tensor<2x3xf32>, tensor<5xf32>
  }
  return %0#0, %0#1, %0#2 : tensor<4xf32>, tensor<2x3xf32>, tensor<5xf32>
}

// Tests that scalars that are not elements of one list in order are listed one
// by one, and that a list in a reduction counts as well.
// CHECK-LABEL: func.func @unrelated_scalars(
// CHECK:         tseq.scalar ins(%[[S:.*]], %[[T:.*]] : tensor<f32>, tensor<f32>) -> tensor<2xf32>
// CHECK-NEXT:    ^bb0(%[[X:.*]]: f32, %[[Y:.*]]: f32):
// CHECK-NEXT:      %[[L:.*]] = tensor.from_elements %[[X]], %[[Y]]
// CHECK-NEXT:      tseq.yield %[[L]]
// CHECK:         tseq.reduce [add] per_tensor {{.*}} scalars(%{{.*}} : tensor<2xf32>)
// CHECK-NOT:     tseq.reduce
// CHECK:         return
func.func @unrelated_scalars(%a: tensor<4xf32>, %b: tensor<3xf32>, %s: tensor<f32>, %t: tensor<f32>) -> (tensor<f32>, tensor<f32>) {
  %0:2 = tseq.graph "g" (%p = %a, %q = %b, %k = %s, %l = %t) : (tensor<4xf32>, tensor<3xf32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>) {
    %pp = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %pq = tseq.pack %q : !tseq.seq<tensor<3xf32>>
    %np = tseq.reduce [add] ins(%pp : !tseq.seq<tensor<4xf32>>) scalars(%k : tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %nq = tseq.reduce [add] ins(%pq : !tseq.seq<tensor<3xf32>>) scalars(%l : tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    tseq.yield %np, %nq : tensor<f32>, tensor<f32>
  }
  return %0#0, %0#1 : tensor<f32>, tensor<f32>
}

// Tests that what all elements have in common stays outside of the loop, though
// it is computed from the first of them.
// CHECK-LABEL: func.func @relative_to_first(
// CHECK:         tseq.scalar
// CHECK-NEXT:    ^bb0(%[[LIST:.*]]: tensor<2xf32>):
// CHECK:           %[[FIRST:.*]] = tensor.extract %[[LIST]][%{{.*}}]
// CHECK-NEXT:      %[[ROOT:.*]] = math.sqrt %[[FIRST]]
// CHECK-NEXT:      tensor.generate
// CHECK-NEXT:      ^bb0(%[[I:.*]]: index):
// CHECK-NEXT:        %[[X:.*]] = tensor.extract %[[LIST]][%[[I]]]
// CHECK-NEXT:        %[[D:.*]] = arith.divf %[[X]], %[[ROOT]]
// CHECK-NEXT:        tensor.yield %[[D]]
func.func @relative_to_first(%a: tensor<4xf32>, %b: tensor<3xf32>) -> (tensor<4xf32>, tensor<3xf32>) {
  %0:2 = tseq.graph "g" (%p = %a, %q = %b) : (tensor<4xf32>, tensor<3xf32>) -> (tensor<4xf32>, tensor<3xf32>) {
    %pp = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %pq = tseq.pack %q : !tseq.seq<tensor<3xf32>>
    %np = tseq.reduce [add] ins(%pp : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %nq = tseq.reduce [add] ins(%pq : !tseq.seq<tensor<3xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %root = tseq.scalar ins(%np : tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32):
      %y = math.sqrt %x : f32
      tseq.yield %y : f32
    }
    %fp = tseq.scalar ins(%np, %root : tensor<f32>, tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.divf %x, %y : f32
      tseq.yield %z : f32
    }
    %fq = tseq.scalar ins(%nq, %root : tensor<f32>, tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.divf %x, %y : f32
      tseq.yield %z : f32
    }
    %mp = tseq.map ins(%pp : !tseq.seq<tensor<4xf32>>) scalars(%fp : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %m = arith.mulf %x, %y : f32
      tseq.yield %m : f32
    }
    %mq = tseq.map ins(%pq : !tseq.seq<tensor<3xf32>>) scalars(%fq : tensor<f32>) -> !tseq.seq<tensor<3xf32>> {
    ^bb0(%x: f32, %y: f32):
      %m = arith.mulf %x, %y : f32
      tseq.yield %m : f32
    }
    %rp = tseq.get %mp[0] : !tseq.seq<tensor<4xf32>>
    %rq = tseq.get %mq[0] : !tseq.seq<tensor<3xf32>>
    tseq.yield %rp, %rq : tensor<4xf32>, tensor<3xf32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<3xf32>
}

// Tests that a tensor that is scaled by two scalars is read once: its maps are
// not a list that holds it twice.
// CHECK-LABEL: func.func @one_tensor_two_scalars(
// CHECK:         %[[L:.*]] = tseq.pack %{{[^,]*}} : !tseq.seq<tensor<4xf32>>
// CHECK:         tseq.map ins(%[[L]] : !tseq.seq<tensor<4xf32>>) scalars(%{{.*}}, %{{.*}} : tensor<f32>, tensor<f32>)
// CHECK-NOT:     tseq.map
// CHECK:         return
func.func @one_tensor_two_scalars(%a: tensor<4xf32>, %s: tensor<f32>, %t: tensor<f32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0:2 = tseq.graph "g" (%p = %a, %k = %s, %l = %t) : (tensor<4xf32>, tensor<f32>, tensor<f32>) -> (tensor<4xf32>, tensor<4xf32>) {
    %pp = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%pp : !tseq.seq<tensor<4xf32>>) scalars(%k : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %n = tseq.map ins(%pp : !tseq.seq<tensor<4xf32>>) scalars(%l : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %u = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    %v = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %u, %v : tensor<4xf32>, tensor<4xf32>
  }
  return %0#0, %0#1 : tensor<4xf32>, tensor<4xf32>
}
