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

// Tests that a region that reads one part of a buffer and writes another that
// overlaps it reads from a copy.
// CHECK-LABEL: func.func @shifted_part(
// CHECK:         %[[A:.*]] = memref.subview %{{.*}}[0] [4] [1]
// CHECK:         %[[B:.*]] = memref.subview %{{.*}}[2] [4] [1]
// CHECK:         %[[COPY:.*]] = memref.alloc() : memref<4xf32>
// CHECK:         memref.copy %[[A]], %[[COPY]]
// CHECK:         tseq.graph "shifted_part" (%{{.*}} = %[[COPY]], %{{.*}} = %[[B]])
func.func @shifted_part(%m: memref<8xf32>) {
  %a = memref.subview %m[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  %b = memref.subview %m[2] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 2>>
  // expected-remark @+1 {{old-contents-kept}}
  %old = bufferization.to_tensor %a restrict writable : memref<4xf32, strided<[1]>> to tensor<4xf32>
  %new = tseq.graph "shifted_part" (%t = %old) : (tensor<4xf32>) -> tensor<4xf32> {
    %s = tseq.pack %t : !tseq.seq<tensor<4xf32>>
    %n = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    %g = tseq.get %n[0] : <tensor<4xf32>>
    tseq.yield %g : tensor<4xf32>
  }
  bufferization.materialize_in_destination %new in restrict writable %b : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 2>>) -> ()
  return
}

// Tests that slices are computed where they are put, and that a slice of a
// tensor is a view of its memory.
// CHECK-LABEL: func.func @slices_in_place(
// CHECK:         tseq.graph "g" (%[[B:.*]] = %{{.*}}) : (memref<6xf32>) -> () {
// CHECK-NOT:       memref.alloc
// CHECK-NOT:       memref.copy
// CHECK-DAG:       %[[X:.*]] = memref.subview %[[B]][0] [4] [1]
// CHECK-DAG:       %[[Y:.*]] = memref.subview %[[B]][4] [2] [1]
// CHECK-DAG:       %[[I:.*]] = tseq.pack %[[X]], %[[Y]]
// CHECK-DAG:       %[[V:.*]] = memref.reinterpret_cast %[[B]] to offset: [0], sizes: [4]
// CHECK-DAG:       %[[W:.*]] = memref.reinterpret_cast %[[B]] to offset: [4], sizes: [2]
// CHECK-DAG:       %[[O:.*]] = tseq.pack %[[V]], %[[W]]
// CHECK:           tseq.map chunk(16384) ins(%[[I]] : {{.*}}) outs(%[[O]] :
// CHECK-NOT:       memref.copy
// CHECK:           tseq.yield
func.func @slices_in_place(%m: memref<6xf32>) {
  %t = bufferization.to_tensor %m restrict writable : memref<6xf32> to tensor<6xf32>
  %0 = tseq.graph "g" (%p = %t) : (tensor<6xf32>) -> tensor<6xf32> {
    %x = tensor.extract_slice %p[0] [4] [1] : tensor<6xf32> to tensor<4xf32>
    %y = tensor.extract_slice %p[4] [2] [1] : tensor<6xf32> to tensor<2xf32>
    %s = tseq.pack %x, %y : !tseq.seq<tensor<4xf32>, tensor<2xf32>>
    %n = tseq.map ins(%s : !tseq.seq<tensor<4xf32>, tensor<2xf32>>) -> !tseq.seq<tensor<4xf32>, tensor<2xf32>> {
    ^bb0(%a: f32):
      %b = arith.negf %a : f32
      tseq.yield %b : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<tensor<4xf32>, tensor<2xf32>>
    %w = tseq.get %n[1] : !tseq.seq<tensor<4xf32>, tensor<2xf32>>
    %c = tensor.insert_slice %v into %p[0] [4] [1] : tensor<4xf32> into tensor<6xf32>
    %d = tensor.insert_slice %w into %c[4] [2] [1] : tensor<2xf32> into tensor<6xf32>
    tseq.yield %d : tensor<6xf32>
  }
  bufferization.materialize_in_destination %0 in restrict writable %m : (tensor<6xf32>, memref<6xf32>) -> ()
  return
}

// Tests that a slice that overlaps what the same map reads goes through a
// temporary, and that the rest of the buffer stays where it is.
// CHECK-LABEL: func.func @shifted_slice(
// CHECK:         tseq.graph "g" (%[[B:.*]] = %{{.*}}) : (memref<6xf32>) -> () {
// CHECK:           %[[A:.*]] = memref.alloc() : memref<4xf32>
// CHECK:           tseq.map
// CHECK:           %[[V:.*]] = memref.subview %[[B]][1] [4] [1]
// CHECK:           memref.copy %[[A]], %[[V]]
// CHECK-NOT:       memref.copy
// CHECK:           tseq.yield
func.func @shifted_slice(%m: memref<6xf32>) {
  %t = bufferization.to_tensor %m restrict writable : memref<6xf32> to tensor<6xf32>
  %0 = tseq.graph "g" (%p = %t) : (tensor<6xf32>) -> tensor<6xf32> {
    %x = tensor.extract_slice %p[0] [4] [1] : tensor<6xf32> to tensor<4xf32>
    %s = tseq.pack %x : !tseq.seq<tensor<4xf32>>
    %n = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%a: f32):
      %b = arith.negf %a : f32
      tseq.yield %b : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    // expected-remark @+1 {{slice-copied}}
    %c = tensor.insert_slice %v into %p[1] [4] [1] : tensor<4xf32> into tensor<6xf32>
    tseq.yield %c : tensor<6xf32>
  }
  bufferization.materialize_in_destination %0 in restrict writable %m : (tensor<6xf32>, memref<6xf32>) -> ()
  return
}

// Tests that of two slices that overlap and are made by one op the later one is
// copied.
// CHECK-LABEL: func.func @overlapping_slices(
// CHECK:         tseq.graph "g" ({{.*}}%[[R:[^ ]*]] = %{{[^)]*}}) : (memref<4xf32>, memref<4xf32>, memref<6xf32>)
// CHECK:         %[[V:.*]] = memref.reinterpret_cast %[[R]] to offset: [2], sizes: [4]
// CHECK:         %[[A:.*]] = memref.alloc() : memref<4xf32>
// CHECK:         tseq.pack %[[V]], %[[A]]
// CHECK:         tseq.map
// CHECK:         %[[W:.*]] = memref.subview %[[R]][0] [4] [1]
// CHECK:         memref.copy %[[A]], %[[W]]
// CHECK-NOT:     memref.copy
// CHECK:         tseq.yield
func.func @overlapping_slices(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<6xf32> {
  %0 = tseq.graph "g" (%p = %x, %q = %y) : (tensor<4xf32>, tensor<4xf32>) -> tensor<6xf32> {
    %s = tseq.pack %p, %q : !tseq.seq<2 x tensor<4xf32>>
    %n = tseq.map ins(%s : !tseq.seq<2 x tensor<4xf32>>) -> !tseq.seq<2 x tensor<4xf32>> {
    ^bb0(%a: f32):
      %b = arith.negf %a : f32
      tseq.yield %b : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<2 x tensor<4xf32>>
    %w = tseq.get %n[1] : !tseq.seq<2 x tensor<4xf32>>
    %e = tensor.empty() : tensor<6xf32>
    %c = tensor.insert_slice %v into %e[2] [4] [1] : tensor<4xf32> into tensor<6xf32>
    // expected-remark @+1 {{slice-copied}}
    %d = tensor.insert_slice %w into %c[0] [4] [1] : tensor<4xf32> into tensor<6xf32>
    tseq.yield %d : tensor<6xf32>
  }
  return %0 : tensor<6xf32>
}

// Tests that what is read later is copied before a slice replaces some of it.
// CHECK-LABEL: func.func @read_later(
// CHECK:         tseq.graph "g" (%[[B:[^ ]*]] = %{{.*}}) : (memref<6xf32>, memref<4xf32>, memref<f32>) -> () {
// CHECK:           %[[N:.*]] = memref.alloc() : memref<4xf32>
// CHECK:           tseq.map
// CHECK:           %[[OLD:.*]] = memref.alloc() : memref<6xf32>
// CHECK:           memref.copy %[[B]], %[[OLD]]
// CHECK:           %[[V:.*]] = memref.subview %[[B]][1] [4] [1]
// CHECK:           memref.copy %[[N]], %[[V]]
// CHECK:           %[[READ:.*]] = tseq.pack %[[OLD]]
// CHECK:           tseq.reduce [add] {{.*}}ins(%[[READ]]
// CHECK-NOT:       memref.copy
// CHECK:           tseq.yield
func.func @read_later(%m: memref<6xf32>, %x: memref<4xf32>) -> tensor<f32> {
  %t = bufferization.to_tensor %m restrict writable : memref<6xf32> to tensor<6xf32>
  %u = bufferization.to_tensor %x restrict writable : memref<4xf32> to tensor<4xf32>
  %0:2 = tseq.graph "g" (%p = %t, %q = %u) : (tensor<6xf32>, tensor<4xf32>) -> (tensor<6xf32>, tensor<f32>) {
    %s = tseq.pack %q : !tseq.seq<tensor<4xf32>>
    %n = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%a: f32):
      %b = arith.negf %a : f32
      tseq.yield %b : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    // expected-remark @+2 {{old-contents-kept}}
    // expected-remark @+1 {{slice-copied}}
    %c = tensor.insert_slice %v into %p[1] [4] [1] : tensor<4xf32> into tensor<6xf32>
    %w = tseq.pack %p : !tseq.seq<tensor<6xf32>>
    %r = tseq.reduce [add] ins(%w : !tseq.seq<tensor<6xf32>>) -> tensor<f32> {
    ^bb0(%a: f32):
      tseq.yield %a : f32
    }
    tseq.yield %c, %r : tensor<6xf32>, tensor<f32>
  }
  bufferization.materialize_in_destination %0#0 in restrict writable %m : (tensor<6xf32>, memref<6xf32>) -> ()
  return %0#1 : tensor<f32>
}

// Tests that slices that overlap are put into a buffer one after the other, each
// where it belongs, although what lies between is read.
// CHECK-LABEL: func.func @windows(
// CHECK:         tseq.graph "g" (%[[B:[^ ]*]] = %{{[^ ]*}}) : (memref<6xf32>) -> () {
// CHECK-NOT:       memref.alloc
// CHECK:           %[[R:.*]] = memref.subview %[[B]][2] [4] [1]
// CHECK:           %[[IN:.*]] = tseq.pack %[[R]]
// CHECK:           %[[W:.*]] = memref.reinterpret_cast %[[B]] to offset: [2], sizes: [4]
// CHECK:           %[[OUT:.*]] = tseq.pack %[[W]]
// CHECK:           tseq.map {{.*}} ins(%[[IN]] {{.*}} outs(%[[OUT]]
// CHECK-NOT:       memref.copy
// CHECK:         return
func.func @windows(%m: memref<6xf32>) {
  %t = bufferization.to_tensor %m restrict writable : memref<6xf32> to tensor<6xf32>
  %0 = tseq.graph "g" (%p = %t) : (tensor<6xf32>) -> tensor<6xf32> {
    %x = tensor.extract_slice %p[0] [4] [1] : tensor<6xf32> to tensor<4xf32>
    %s = tseq.pack %x : !tseq.seq<tensor<4xf32>>
    %n = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%a: f32):
      %b = arith.negf %a : f32
      tseq.yield %b : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    %c = tensor.insert_slice %v into %p[0] [4] [1] : tensor<4xf32> into tensor<6xf32>
    %y = tensor.extract_slice %c[2] [4] [1] : tensor<6xf32> to tensor<4xf32>
    %u = tseq.pack %y : !tseq.seq<tensor<4xf32>>
    %o = tseq.map ins(%u : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%a: f32):
      %b = math.absf %a : f32
      tseq.yield %b : f32
    }
    %w = tseq.get %o[0] : !tseq.seq<tensor<4xf32>>
    %d = tensor.insert_slice %w into %c[2] [4] [1] : tensor<4xf32> into tensor<6xf32>
    tseq.yield %d : tensor<6xf32>
  }
  bufferization.materialize_in_destination %0 in restrict writable %m : (tensor<6xf32>, memref<6xf32>) -> ()
  return
}

// Tests that what was put into a slice and is read after another slice has
// replaced some of it is copied in between.
// CHECK-LABEL: func.func @source_read_later(
// CHECK:         tseq.graph "g" (%[[B:[^ ]*]] = %{{.*}}) : (memref<6xf32>, memref<4xf32>) -> () {
// CHECK:           %[[FIRST:.*]] = memref.reinterpret_cast %[[B]] to offset: [0], sizes: [4]
// CHECK:           tseq.map
// CHECK:           tseq.map
// CHECK:           %[[OLD:.*]] = memref.alloc() : memref<4xf32>
// CHECK:           memref.copy %[[FIRST]], %[[OLD]]
// CHECK:           %[[V:.*]] = memref.subview %[[B]][2] [4] [1]
// CHECK:           memref.copy %{{.*}}, %[[V]]
// CHECK:           memref.copy %[[OLD]], %{{.*}} : memref<4xf32> to memref<4xf32>
// CHECK:           tseq.yield
func.func @source_read_later(%m: memref<6xf32>) -> tensor<4xf32> {
  %t = bufferization.to_tensor %m restrict writable : memref<6xf32> to tensor<6xf32>
  %0:2 = tseq.graph "g" (%p = %t) : (tensor<6xf32>) -> (tensor<6xf32>, tensor<4xf32>) {
    %x = tensor.extract_slice %p[0] [4] [1] : tensor<6xf32> to tensor<4xf32>
    %s = tseq.pack %x : !tseq.seq<tensor<4xf32>>
    %n = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%a: f32):
      %b = arith.negf %a : f32
      tseq.yield %b : f32
    }
    %v = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    %c = tensor.insert_slice %v into %p[0] [4] [1] : tensor<4xf32> into tensor<6xf32>
    %y = tensor.extract_slice %c[2] [4] [1] : tensor<6xf32> to tensor<4xf32>
    %u = tseq.pack %y : !tseq.seq<tensor<4xf32>>
    %o = tseq.map ins(%u : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%a: f32):
      %b = math.absf %a : f32
      tseq.yield %b : f32
    }
    %w = tseq.get %o[0] : !tseq.seq<tensor<4xf32>>
    // expected-remark @+2 {{old-contents-kept}}
    // expected-remark @+1 {{slice-copied}}
    %d = tensor.insert_slice %w into %c[2] [4] [1] : tensor<4xf32> into tensor<6xf32>
    tseq.yield %d, %v : tensor<6xf32>, tensor<4xf32>
  }
  bufferization.materialize_in_destination %0#0 in restrict writable %m : (tensor<6xf32>, memref<6xf32>) -> ()
  return %0#1 : tensor<4xf32>
}

// Tests that a region that gets old contents of a buffer by way of a branch and
// overwrites the buffer gets a copy.
// CHECK-LABEL: func.func @handed_on(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4xf32>
// CHECK:         memref.copy %[[M]], %[[COPY:.*]] :
// CHECK:         bufferization.to_tensor %[[COPY]]
// CHECK:         tseq.graph "handed_on" ({{.*}}, %{{.*}} = %[[M]],
func.func @handed_on(%m: memref<4xf32>, %t: tensor<4xf32>, %c: i1) -> tensor<f32> {
  %chosen = scf.if %c -> tensor<4xf32> {
    scf.yield %t : tensor<4xf32>
  } else {
    // expected-remark @+1 {{old-contents-kept}}
    %old = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
    scf.yield %old : tensor<4xf32>
  }
  %new, %most = tseq.graph "handed_on" (%u = %chosen) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<f32>) {
    %n = tseq.map -> !tseq.seq<tensor<4xf32>> {
      %x = arith.constant 1.5 : f32
      tseq.yield %x : f32
    }
    %g = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    %s = tseq.pack %u : !tseq.seq<tensor<4xf32>>
    %r = tseq.reduce [maximum] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
    ^bb0(%x: f32):
      tseq.yield %x : f32
    }
    tseq.yield %g, %r : tensor<4xf32>, tensor<f32>
  }
  bufferization.materialize_in_destination %new in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  return %most : tensor<f32>
}

// Tests that a list of scalars is stored by the program that makes it, by a loop
// or one by one, into memory of its own.
// CHECK-LABEL: func.func @lists_of_scalars(
// CHECK:         tseq.scalar ins({{.*}} : memref<3xf32>) outs({{.*}} : memref<f32>, memref<3xf32>, memref<2xf32>) {
// CHECK-NEXT:    ^bb0(%[[X:.*]]: memref<3xf32>, %[[L:.*]]: memref<3xf32>, %[[M:.*]]: memref<2xf32>):
// CHECK:           %[[F:.*]] = memref.load %[[X]]
// CHECK:           scf.parallel (%[[I:.*]]) = (%{{.*}}) to (%{{.*}}) step (%{{.*}}) {
// CHECK-NEXT:        %[[E:.*]] = memref.load %[[X]][%[[I]]]
// CHECK-NEXT:        %[[S:.*]] = math.sqrt %[[E]]
// CHECK-NEXT:        memref.store %[[S]], %[[L]][%[[I]]]
// CHECK:           memref.store %[[F]], %[[M]]
// CHECK:           memref.store %[[F]], %[[M]]
// CHECK:           tseq.yield %[[F]] : f32
func.func @lists_of_scalars(%x: tensor<3xf32>) -> (tensor<f32>, tensor<3xf32>, tensor<2xf32>) {
  %0:3 = tseq.graph "g" (%a = %x) : (tensor<3xf32>) -> (tensor<f32>, tensor<3xf32>, tensor<2xf32>) {
    %s:3 = tseq.scalar ins(%a : tensor<3xf32>) -> tensor<f32>, tensor<3xf32>, tensor<2xf32> {
    ^bb0(%l: tensor<3xf32>):
      %c0 = arith.constant 0 : index
      %f = tensor.extract %l[%c0] : tensor<3xf32>
      %g = tensor.generate {
      ^bb0(%i: index):
        %e = tensor.extract %l[%i] : tensor<3xf32>
        %r = math.sqrt %e : f32
        tensor.yield %r : f32
      } : tensor<3xf32>
      %h = tensor.from_elements %f, %f : tensor<2xf32>
      tseq.yield %f, %g, %h : f32, tensor<3xf32>, tensor<2xf32>
    }
    tseq.yield %s#0, %s#1, %s#2 : tensor<f32>, tensor<3xf32>, tensor<2xf32>
  }
  return %0#0, %0#1, %0#2 : tensor<f32>, tensor<3xf32>, tensor<2xf32>
}

// Tests that a list of constants, to which a list of values folds, is stored
// element by element.
// CHECK-LABEL: func.func @list_of_constants(
// CHECK:         tseq.scalar
// CHECK-COUNT-2:   memref.store
func.func @list_of_constants() -> tensor<2xf32> {
  %r = tseq.graph "list_of_constants.graph0" () : () -> tensor<2xf32> {
    %0 = tseq.scalar -> tensor<2xf32> {
      %c = arith.constant dense<[1.0, 2.0]> : tensor<2xf32>
      tseq.yield %c : tensor<2xf32>
    }
    tseq.yield %0 : tensor<2xf32>
  }
  return %r : tensor<2xf32>
}
