// RUN: graph-opt %s --convert-sequences-to-host --split-input-file | FileCheck %s

// Tests that a region becomes a graph of one kernel, launched where the region
// stood, and that the map's body runs over the elements of each chunk.
// CHECK-LABEL: func.func @map(
// CHECK-SAME:    %[[M:[^:]*]]: memref<8xf32>
// CHECK:         %[[E:.*]] = cudagraph.instantiate @g : !cudagraph.exec
// CHECK:         cudagraph.launch %[[E]] buffers(%[[M]] : memref<8xf32>)
// CHECK:       cudagraph.graph @g(%[[A:.*]]: memref<8xf32>) attributes {disjoint_buffers} {
// CHECK-NEXT:    cudagraph.kernel "g.k0" phases [#cudagraph.phase<@g.k0.phase0, 2>] args(%[[A]] readwrite : memref<8xf32>)
// CHECK-NEXT:  }
// CHECK:       func.func private @g.k0.phase0(%{{.*}}: !llvm.ptr, %{{.*}}: i64, %{{.*}}: i64)
// CHECK:         scf.for
// CHECK:           arith.negf
func.func @map(%m: memref<8xf32>) {
  tseq.graph "g" (%a = %m) : (memref<8xf32>) -> () {
    %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
    tseq.map chunk(4) ins(%s : !tseq.seq<memref<8xf32>>) outs(%s : !tseq.seq<memref<8xf32>>) {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a host scalar is a parameter of the graph, and that a kernel says
// what it reads and what it writes.
// CHECK-LABEL: func.func @scalar_parameter(
// CHECK-SAME:    %[[M:[^:]*]]: memref<8xf32>, %[[N:[^:]*]]: memref<8xf32>, %[[K:[^:]*]]: f32
// CHECK:         cudagraph.launch %{{.*}} buffers(%[[M]], %[[N]] : memref<8xf32>, memref<8xf32>) parameters(%[[K]] : f32)
// CHECK:       cudagraph.graph @g(%[[A:.*]]: memref<8xf32>, %[[B:.*]]: memref<8xf32>) parameters(%[[P:.*]]: memref<f32>)
// CHECK:         cudagraph.kernel
// CHECK-DAG:       %[[A]] read
// CHECK-DAG:       %[[B]] write
// CHECK-DAG:       %[[P]] read
func.func @scalar_parameter(%m: memref<8xf32>, %n: memref<8xf32>, %k: f32) {
  tseq.graph "g" (%a = %m, %b = %n, %c = %k) : (memref<8xf32>, memref<8xf32>, f32) -> () {
    %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
    %t = tseq.pack %b : !tseq.seq<memref<8xf32>>
    tseq.map chunk(8) ins(%s : !tseq.seq<memref<8xf32>>) scalars(%c : memref<f32>) outs(%t : !tseq.seq<memref<8xf32>>) {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that the phases of a kernel are functions of one node: the partial
// sums, their sum, the scalar program.
// CHECK-LABEL: func.func @kernel(
// CHECK:         cudagraph.launch
// CHECK:         cudagraph.readback %{{.*}} : memref<f32>
// CHECK:       cudagraph.graph @g(
// CHECK:         cudagraph.kernel "g.k0" phases [#cudagraph.phase<@g.k0.phase0, 3>, #cudagraph.phase<@g.k0.phase1, 1>, #cudagraph.phase<@g.k0.phase2, 1>]
// CHECK-NOT:     cudagraph.kernel
// CHECK:       func.func private @g.k0.phase0
// CHECK:       func.func private @g.k0.phase1
// CHECK:       func.func private @g.k0.phase2
// CHECK:         math.sqrt
func.func @kernel(%m: memref<8xf32>, %n: memref<2xf32>, %o: memref<f32>) -> f32 {
  %arena = memref.alloc() : memref<512xi8>
  tseq.graph "g" (%a = %m, %b = %n, %c = %o, %d = %arena) : (memref<8xf32>, memref<2xf32>, memref<f32>, memref<512xi8>) -> () attributes {arena = 3 : i64, arena_bytes = 512 : i64} {
    %c0 = arith.constant 0 : index
    %c256 = arith.constant 256 : index
    %p = memref.view %d[%c0][] : memref<512xi8> to memref<3xf32>
    %q = memref.view %d[%c256][] : memref<512xi8> to memref<f32>
    tseq.kernel {
      %s = tseq.pack %a, %b : !tseq.seq<memref<8xf32>, memref<2xf32>>
      tseq.reduce [add] chunk(4) ins(%s : !tseq.seq<memref<8xf32>, memref<2xf32>>) outs(%q : memref<f32>) scratch(%p : memref<3xf32>) {
      ^bb0(%x: f32):
        tseq.yield %x : f32
      }
      tseq.scalar ins(%q : memref<f32>) outs(%c : memref<f32>) {
      ^bb0(%x: f32):
        %y = math.sqrt %x : f32
        tseq.yield %y : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  %h = tseq.item %o : memref<f32>
  return %h : f32
}

// -----

// Tests that a node waits for those whose data it reads or overwrites, and for
// no other.
// CHECK-LABEL: cudagraph.graph @edges.g(
// CHECK-SAME:    %[[A:[^:]*]]: memref<8xf32>, %[[B:[^:]*]]: memref<8xf32>, %[[C:[^:]*]]: memref<8xf32>
// CHECK-NEXT:    %[[X:.*]] = cudagraph.memcpy %[[A]] to %[[B]] :
// CHECK-NEXT:    %[[Y:.*]] = cudagraph.memcpy %[[A]] to %[[C]] :
// CHECK-NEXT:    %[[Z:.*]] = cudagraph.kernel {{.*}} after(%[[X]], %[[Y]])
// CHECK-NEXT:    cudagraph.memcpy %[[A]] to %[[C]] after(%[[Z]]
func.func @edges(%m: memref<8xf32>, %n: memref<8xf32>, %o: memref<8xf32>) {
  tseq.graph "edges.g" (%a = %m, %b = %n, %c = %o) : (memref<8xf32>, memref<8xf32>, memref<8xf32>) -> () {
    memref.copy %a, %b : memref<8xf32> to memref<8xf32>
    memref.copy %a, %c : memref<8xf32> to memref<8xf32>
    %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
    tseq.map chunk(8) ins(%s : !tseq.seq<memref<8xf32>>) outs(%s : !tseq.seq<memref<8xf32>>) {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    memref.copy %a, %c : memref<8xf32> to memref<8xf32>
    tseq.yield
  }
  return
}

// -----

// Tests that branches and loops become conditional nodes, with the nodes of
// their bodies inside.
// CHECK-LABEL: cudagraph.graph @control.g(
// CHECK:         %[[IF:.*]] = cudagraph.if %[[C:.*]] : memref<i1> {
// CHECK:           cudagraph.memcpy
// CHECK:         } else {
// CHECK:           cudagraph.memcpy
// CHECK:         }
// CHECK:         cudagraph.while %[[C]] after(%[[IF]]) : memref<i1> {
// CHECK:           cudagraph.kernel
// CHECK:         }
func.func @control(%m: memref<8xf32>, %n: memref<8xf32>, %f: memref<i1>) {
  tseq.graph "control.g" (%a = %m, %b = %n, %c = %f) : (memref<8xf32>, memref<8xf32>, memref<i1>) -> () {
    tseq.if %c : memref<i1> {
      memref.copy %a, %b : memref<8xf32> to memref<8xf32>
      tseq.yield
    } else {
      memref.copy %b, %a : memref<8xf32> to memref<8xf32>
      tseq.yield
    }
    tseq.while %c : memref<i1> {
      tseq.scalar outs(%c : memref<i1>) {
        %false = arith.constant false
        tseq.yield %false : i1
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a predicated map asks for its predicate before it touches data.
// CHECK-LABEL: cudagraph.graph @predicate.g(
// CHECK:         cudagraph.kernel
// CHECK:       func.func private @predicate.g.k0.phase0
// CHECK:         %[[P:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i1
// CHECK:         scf.if %[[P]]
// CHECK:           scf.for
// CHECK:             arith.negf
func.func @predicate(%m: memref<8xf32>, %f: memref<i1>) {
  tseq.graph "predicate.g" (%a = %m, %c = %f) : (memref<8xf32>, memref<i1>) -> () {
    %s = tseq.pack %a : !tseq.seq<memref<8xf32>>
    tseq.map chunk(8) ins(%s : !tseq.seq<memref<8xf32>>) when(%c : memref<i1>) outs(%s : !tseq.seq<memref<8xf32>>) {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that a structured op is a kernel of its own.
// CHECK-LABEL: cudagraph.graph @structured.g(
// CHECK:         cudagraph.kernel "structured.g.k0" phases [#cudagraph.phase<@structured.g.k0.phase0, 1>]
// CHECK:       func.func private @structured.g.k0.phase0
// CHECK:         linalg.matmul
func.func @structured(%m: memref<4x4xf32>, %n: memref<4x4xf32>) {
  tseq.graph "structured.g" (%a = %m, %b = %n) : (memref<4x4xf32>, memref<4x4xf32>) -> () {
    linalg.matmul ins(%a, %a : memref<4x4xf32>, memref<4x4xf32>) outs(%b : memref<4x4xf32>)
    tseq.yield
  }
  return
}

// -----

// Tests that a map over tensors without elements does nothing.
// CHECK-LABEL: cudagraph.graph @zero_size.g(
// CHECK:         cudagraph.kernel "zero_size.g.k0" phases [#cudagraph.phase<@zero_size.g.k0.phase0, 0>]
// CHECK:       func.func private @zero_size.g.k0.phase0
// CHECK-NEXT:    return
func.func @zero_size(%m: memref<0xf32>) {
  tseq.graph "zero_size.g" (%a = %m) : (memref<0xf32>) -> () {
    %s = tseq.pack %a : !tseq.seq<memref<0xf32>>
    tseq.map chunk(8) ins(%s : !tseq.seq<memref<0xf32>>) outs(%s : !tseq.seq<memref<0xf32>>) {
    ^bb0(%x: f32):
      %y = arith.negf %x : f32
      tseq.yield %y : f32
    }
    tseq.yield
  }
  return
}
