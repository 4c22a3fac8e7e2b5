// RUN: graph-opt %s --bufferize-sequences | FileCheck %s
// RUN: graph-opt %s --bufferize-sequences="chunk-elements=2" | FileCheck %s --check-prefix=CHUNK
// RUN: graph-opt %s --bufferize-sequences --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics

// Tests that a map whose result goes to the buffer it reads works in place.
// CHECK-LABEL: func.func @in_place(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4xf32>
// CHECK-NEXT:    tseq.graph "g" (%[[A:.*]] = %[[M]]) : (memref<4xf32>) -> () {
// CHECK-NOT:       memref.alloc
// CHECK:           %[[S:.*]] = tseq.pack %[[A]]
// CHECK:           tseq.map chunk(16384) ins(%[[S]] : {{.*}}) outs(%{{.*}} : !tseq.seq<memref<4xf32>>)
// CHECK-NOT:       memref.copy
// CHECK:           tseq.yield
// CHECK-NOT:     materialize_in_destination
// CHECK:         return
func.func @in_place(%m: memref<4xf32>) {
  %t = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  %0 = tseq.graph "g" (%p = %t) : (tensor<4xf32>) -> tensor<4xf32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %n = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %v : tensor<4xf32>
  }
  bufferization.materialize_in_destination %0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// Tests that a result that is returned gets memory outside of the region.
// CHECK-LABEL: func.func @returned(
// CHECK:         %[[R:.*]] = memref.alloc() : memref<4xf32>
// CHECK:         tseq.graph "g" ({{.*}} = %[[R]]) :
// CHECK-NOT:       memref.alloc
// CHECK:         %[[T:.*]] = bufferization.to_tensor %[[R]]
// CHECK:         return %[[T]]
func.func @returned(%t: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tseq.graph "g" (%p = %t) : (tensor<4xf32>) -> tensor<4xf32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %n = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %v : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// Tests that two buffers trade their contents through a temporary: neither
// write may come before the other's read.
// CHECK-LABEL: func.func @swap(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4xf32>, %[[K:[^:]*]]: memref<4xf32>
// CHECK:         tseq.graph "g" (%{{.*}} = %[[M]], %{{.*}} = %[[K]])
// CHECK:           memref.alloc() : memref<4xf32>
// CHECK:           tseq.map
// CHECK:           memref.copy
// CHECK:           tseq.yield
func.func @swap(%m: memref<4xf32>, %k: memref<4xf32>) {
  %t = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  %u = bufferization.to_tensor %k restrict writable : memref<4xf32> to tensor<4xf32>
  %0:2 = tseq.graph "g" (%p = %t, %q = %u) : (tensor<4xf32>, tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
    %s = tseq.pack %p, %q : !tseq.seq<2 x tensor<4xf32>>
    %n = tseq.map ins(%s : !tseq.seq<2 x tensor<4xf32>>) -> !tseq.seq<2 x tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<2 x tensor<4xf32>>
    %w = tseq.get %n[1] : !tseq.seq<2 x tensor<4xf32>>
    tseq.yield %w, %v : tensor<4xf32>, tensor<4xf32>
  }
  bufferization.materialize_in_destination %0#0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  bufferization.materialize_in_destination %0#1 in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// Tests that what a buffer held and is used after the region is copied before,
// with a remark.
// CHECK-LABEL: func.func @old_contents(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4xf32>
// CHECK:         %[[C:.*]] = memref.alloc() : memref<4xf32>
// CHECK:         memref.copy %[[M]], %[[C]]
// CHECK:         %[[OLD:.*]] = bufferization.to_tensor %[[C]]
// CHECK:         tseq.graph
// CHECK:         return %[[OLD]]
func.func @old_contents(%m: memref<4xf32>) -> tensor<4xf32> {
  // expected-remark @+1 {{the buffer is overwritten before the last use of its contents}}
  %t = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  %0 = tseq.graph "g" (%p = %t) : (tensor<4xf32>) -> tensor<4xf32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %n = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %v : tensor<4xf32>
  }
  bufferization.materialize_in_destination %0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  return %t : tensor<4xf32>
}

// Tests that a reduction has a partial result for each chunk of each tensor,
// and that its scalar tail writes the result's memory.
// CHECK-LABEL: func.func @reduce(
// CHECK:         %[[R:.*]] = memref.alloc() : memref<f32>
// CHECK:         tseq.graph "g" ({{.*}}, %[[OUT:.*]] = %[[R]])
// CHECK:           %[[N:.*]] = memref.alloc() : memref<f32>
// CHECK:           %[[P:.*]] = memref.alloc() : memref<2xf32>
// CHECK:           tseq.kernel {
// CHECK:             tseq.reduce [add] chunk(16384) ins({{.*}}) outs(%[[N]] : memref<f32>) scratch(%[[P]] : memref<2xf32>)
// CHECK:             tseq.scalar ins(%[[N]] : memref<f32>) outs(%[[OUT]] : memref<f32>)
// CHECK:         tseq.item %[[R]] : memref<f32>
// CHUNK-LABEL: func.func @reduce(
// CHUNK:           memref.alloc() : memref<5xf32>
// CHUNK:           tseq.reduce [add] chunk(2)
func.func @reduce(%t: tensor<4xf32>, %u: tensor<5xf32>) -> f32 {
  %0 = tseq.graph "g" (%p = %t, %q = %u) : (tensor<4xf32>, tensor<5xf32>) -> tensor<f32> {
    %r = tseq.kernel -> tensor<f32> {
      %s = tseq.pack %p, %q : !tseq.seq<tensor<4xf32>, tensor<5xf32>>
      %n = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>, tensor<5xf32>>) -> tensor<f32> {
      ^bb0(%x: f32):
        tseq.yield %x : f32
      }
      %v = tseq.scalar ins(%n : tensor<f32>) -> tensor<f32> {
      ^bb0(%x: f32):
        %y = math.sqrt %x : f32
        tseq.yield %y : f32
      }
      tseq.yield %v : tensor<f32>
    }
    tseq.yield %r : tensor<f32>
  }
  %h = tseq.item %0 : tensor<f32>
  return %h : f32
}

// Tests that a predicated map whose results stay what they were copies nothing.
// CHECK-LABEL: func.func @predicated(
// CHECK:           tseq.map {{.*}} when(%{{.*}} : memref<i1>) outs
// CHECK-NOT:     memref.copy
// CHECK:         return
func.func @predicated(%m: memref<4xf32>, %c: i1) {
  %t = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  %0 = tseq.graph "g" (%p = %t, %d = %c) : (tensor<4xf32>, i1) -> tensor<4xf32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4xf32>>
    %n = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) when(%d : tensor<i1>) else(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %v : tensor<4xf32>
  }
  bufferization.materialize_in_destination %0 in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// Tests that a value that only the region sees has memory in it.
// CHECK-LABEL: func.func @temporary(
// CHECK:         tseq.graph
// CHECK:           %[[T:.*]] = memref.alloc() : memref<4x4xf32>
// CHECK:           tseq.map
// CHECK:           linalg.matmul ins(%[[T]], %[[T]] : memref<4x4xf32>, memref<4x4xf32>)
func.func @temporary(%t: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = tseq.graph "g" (%p = %t) : (tensor<4x4xf32>) -> tensor<4x4xf32> {
    %s = tseq.pack %p : !tseq.seq<tensor<4x4xf32>>
    %n = tseq.map ins(%s : !tseq.seq<tensor<4x4xf32>>) -> !tseq.seq<tensor<4x4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<tensor<4x4xf32>>
    %u = linalg.matmul ins(%v, %v : tensor<4x4xf32>, tensor<4x4xf32>) outs(%p : tensor<4x4xf32>) -> tensor<4x4xf32>
    tseq.yield %u : tensor<4x4xf32>
  }
  return %0 : tensor<4x4xf32>
}

// Tests that a branch writes the memory of its result on both sides.
// CHECK-LABEL: func.func @branch(
// CHECK:         tseq.graph "g" ({{.*}}, %[[OUT:[^ ]*]] = %{{[^,]*}}) :
// CHECK:           tseq.if %{{.*}} : memref<i1> {
// CHECK:             linalg.matmul {{.*}} outs(%[[OUT]] : memref<4x4xf32>)
// CHECK:           } else {
// CHECK:             memref.copy %{{.*}}, %[[OUT]]
// CHECK:           }
func.func @branch(%t: tensor<4x4xf32>, %c: i1) -> tensor<4x4xf32> {
  %0 = tseq.graph "g" (%p = %t, %d = %c) : (tensor<4x4xf32>, i1) -> tensor<4x4xf32> {
    %r = tseq.if %d : tensor<i1> -> tensor<4x4xf32> {
      %u = linalg.matmul ins(%p, %p : tensor<4x4xf32>, tensor<4x4xf32>) outs(%p : tensor<4x4xf32>) -> tensor<4x4xf32>
      tseq.yield %u : tensor<4x4xf32>
    } else {
      tseq.yield %p : tensor<4x4xf32>
    }
    tseq.yield %r : tensor<4x4xf32>
  }
  return %0 : tensor<4x4xf32>
}
