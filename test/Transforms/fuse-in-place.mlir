// RUN: graph-opt %s --fuse-sequences --canonicalize --cse | FileCheck %s

// Tests that a map that a reduction and a later map read is computed by each of
// them: nothing is written before all of the old values have been read.
// CHECK-LABEL: func.func @state_and_direction(
// CHECK:         tseq.reduce [add] ins(%{{.*}}, %{{.*}} : !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>)
// CHECK:         tseq.map {{.*}} -> !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>
// CHECK-NOT:     tseq.map
// CHECK:         return
func.func @state_and_direction(%pm: memref<4xf32>, %mm: memref<4xf32>) {
  %tp = bufferization.to_tensor %pm restrict writable : memref<4xf32> to tensor<4xf32>
  %tm = bufferization.to_tensor %mm restrict writable : memref<4xf32> to tensor<4xf32>
  %0:2 = tseq.graph "g" (%p = %tp, %m = %tm) : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
    %lp = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %lm = tseq.pack %m : !tseq.seq<tensor<4xf32>>
    %u:2 = tseq.map ins(%lp, %lm : !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %new = arith.addf %x, %y : f32
      %direction = math.exp %new : f32
      tseq.yield %new, %direction : f32, f32
    }
    %n = tseq.reduce [add] ins(%u#1 : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %v = tseq.map ins(%lp, %u#1 : !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>) scalars(%n : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32, %z: f32):
      %s = arith.mulf %y, %z : f32
      %t = arith.subf %x, %s : f32
      tseq.yield %t : f32
    }
    %nm = tseq.get %u#0[0] : !tseq.seq<tensor<4xf32>>
    %np = tseq.get %v[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %nm, %np : tensor<4xf32>, tensor<4xf32>
  }
  bufferization.materialize_in_destination %0#0 in restrict writable %mm : (tensor<4xf32>, memref<4xf32>) -> ()
  bufferization.materialize_in_destination %0#1 in restrict writable %pm : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// Tests that a fill of a buffer that a later map still reads waits for it and
// joins it.
// CHECK-LABEL: func.func @zero_after_use(
// CHECK:         tseq.reduce
// CHECK:         tseq.map {{.*}} -> !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>
// CHECK-NOT:     tseq.map
// CHECK:         return
func.func @zero_after_use(%pm: memref<4xf32>, %gm: memref<4xf32>) {
  %tp = bufferization.to_tensor %pm restrict writable : memref<4xf32> to tensor<4xf32>
  %tg = bufferization.to_tensor %gm restrict writable : memref<4xf32> to tensor<4xf32>
  %0:2 = tseq.graph "g" (%p = %tp, %g = %tg) : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
    %lp = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %lg = tseq.pack %g : !tseq.seq<tensor<4xf32>>
    %z = tseq.map -> !tseq.seq<tensor<4xf32>> {
      %zero = arith.constant 0.0 : f32
      tseq.yield %zero : f32
    }
    %n = tseq.reduce [add] ins(%lg : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %v = tseq.map ins(%lp, %lg : !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>) scalars(%n : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32, %s: f32):
      %m = arith.mulf %y, %s : f32
      %t = arith.subf %x, %m : f32
      tseq.yield %t : f32
    }
    %nz = tseq.get %z[0] : !tseq.seq<tensor<4xf32>>
    %np = tseq.get %v[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %np, %nz : tensor<4xf32>, tensor<4xf32>
  }
  bufferization.materialize_in_destination %0#0 in restrict writable %pm : (tensor<4xf32>, memref<4xf32>) -> ()
  bufferization.materialize_in_destination %0#1 in restrict writable %gm : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// Tests that two maps of which each overwrites what the other one reads are put
// in some order.
// CHECK-LABEL: func.func @exchange(
// CHECK:         tseq.map
// CHECK:         tseq.map
func.func @exchange(%am: memref<4xf32>, %bm: memref<2x2xf32>) {
  %ta = bufferization.to_tensor %am restrict writable : memref<4xf32> to tensor<4xf32>
  %tb = bufferization.to_tensor %bm restrict writable : memref<2x2xf32> to tensor<2x2xf32>
  %0:2 = tseq.graph "g" (%a = %ta, %b = %tb) : (tensor<4xf32>, tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<4xf32>) {
    %va = tensor.expand_shape %a [[0, 1]] output_shape [2, 2] : tensor<4xf32> into tensor<2x2xf32>
    %vb = tensor.collapse_shape %b [[0, 1]] : tensor<2x2xf32> into tensor<4xf32>
    %la = tseq.pack %va : !tseq.seq<tensor<2x2xf32>>
    %lb = tseq.pack %vb : !tseq.seq<tensor<4xf32>>
    %u = tseq.map ins(%la : !tseq.seq<tensor<2x2xf32>>) -> !tseq.seq<tensor<2x2xf32>> {
    ^bb0(%x: f32):
      %y = math.exp %x : f32
      tseq.yield %y : f32
    }
    %v = tseq.map ins(%lb : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %nu = tseq.get %u[0] : !tseq.seq<tensor<2x2xf32>>
    %nv = tseq.get %v[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %nu, %nv : tensor<2x2xf32>, tensor<4xf32>
  }
  bufferization.materialize_in_destination %0#0 in restrict writable %bm : (tensor<2x2xf32>, memref<2x2xf32>) -> ()
  bufferization.materialize_in_destination %0#1 in restrict writable %am : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// Tests that a scalar that no reduction makes wait shares the kernel of one.
// CHECK-LABEL: func.func @scalar_beside_reduction(
// CHECK:         tseq.kernel
// CHECK:           tseq.reduce
// CHECK:           tseq.scalar
// CHECK:         tseq.map
// CHECK-NOT:     tseq.scalar
// CHECK:         return
func.func @scalar_beside_reduction(%a: tensor<4xf32>, %s: tensor<f32>) -> tensor<4xf32> {
  %0 = tseq.graph "g" (%p = %a, %k = %s) : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32> {
    %lp = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %e = tseq.scalar ins(%k : tensor<f32>) -> tensor<f32> {
    ^bb0(%x: f32):
      %y = math.exp %x : f32
      tseq.yield %y : f32
    }
    %n = tseq.reduce [add] ins(%lp : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    %m = tseq.map ins(%lp : !tseq.seq<tensor<4xf32>>) scalars(%n, %e : tensor<f32>, tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32, %z: f32):
      %t = arith.mulf %x, %y : f32
      %u = arith.addf %t, %z : f32
      tseq.yield %u : f32
    }
    %r = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %r : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}
