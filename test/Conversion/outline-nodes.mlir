// RUN: graph-opt %s --split-input-file --outline-nodes | FileCheck %s

// Tests that a map becomes a structured op for each tensor, under its predicate,
// and that the function says where it writes.

// CHECK-LABEL: func.func @f.graph0.op0(
// CHECK-SAME:    %[[A:.*]]: memref<8xf32>, %[[B:.*]]: memref<2x2xf32>, %[[K:.*]]: memref<f32> {graphopt.parameter}, %[[P:.*]]: memref<i1>)
// CHECK-SAME:    graphopt.out_types = [memref<8xf32>, memref<2x2xf32>]
// CHECK-SAME:    graphopt.outs = array<i64: 0, 0, 1, 0>
// CHECK-SAME:    graphopt.region = "f.graph0"
// CHECK:         %[[IF:.*]] = memref.load %[[P]][] : memref<i1>
// CHECK:         scf.if %[[IF]] {
// CHECK:           %[[V:.*]] = memref.load %[[K]][] : memref<f32>
// CHECK:           linalg.generic {{.*}} ins(%[[A]] : memref<8xf32>) outs(%[[A]] : memref<8xf32>)
// CHECK:             arith.mulf %{{.*}}, %[[V]] : f32
// CHECK:         scf.if
// CHECK:           linalg.generic {{.*}} ins(%[[B]] : memref<2x2xf32>) outs(%[[B]] : memref<2x2xf32>)
// CHECK:         return
// CHECK-NOT:     func.func @f(
func.func @f(%a: memref<8xf32>, %b: memref<2x2xf32>, %k: f32, %p: memref<i1>) {
  tseq.graph "f.graph0" (%x = %a, %y = %b, %s = %k, %c = %p)
      : (memref<8xf32>, memref<2x2xf32>, f32, memref<i1>) -> () {
    %l = tseq.pack %x, %y : !tseq.seq<memref<8xf32>, memref<2x2xf32>>
    tseq.map chunk(4) ins(%l : !tseq.seq<memref<8xf32>, memref<2x2xf32>>)
        scalars(%s : memref<f32>) when(%c : memref<i1>)
        outs(%l : !tseq.seq<memref<8xf32>, memref<2x2xf32>>) {
    ^bb0(%v: f32, %w: f32):
      %r = arith.mulf %v, %w : f32
      tseq.yield %r : f32
    }
    tseq.yield
  }
  return
}

// -----

// Tests that reductions start from the identity, for each tensor or once, that
// scalars load and store, that a kernel is one function, and where temporaries
// are.

// CHECK-LABEL: func.func @g.graph0.op0(
// CHECK-SAME:    %[[A:[a-z0-9]+]]: memref<8xf32>, %[[OUT:[a-z0-9]+]]: memref<f64>, %[[ARENA:[a-z0-9]+]]: memref<512xi8> {graphopt.arena})
// CHECK-SAME:    graphopt.outs = array<i64: 2, 256, 1, 0>
// CHECK:         %[[N:.*]] = memref.view %[[ARENA]]
// CHECK:         %[[SUM:.*]] = memref.alloc() : memref<f32>
// CHECK:         %[[ID:.*]] = arith.constant 0xFF800000 : f32
// CHECK:         memref.store %[[ID]], %[[SUM]][]
// CHECK:         linalg.generic {{.*}} iterator_types = ["reduction"]} ins(%[[A]] : memref<8xf32>) outs(%[[SUM]] : memref<f32>)
// CHECK:           arith.maximumf
// CHECK:         %[[MAX:.*]] = memref.load %[[SUM]][]
// CHECK:         memref.store %[[MAX]], %[[N]][%{{.*}}] : memref<1xf32>
// CHECK:         %[[V:.*]] = memref.load %[[N]]
// CHECK:         %[[W:.*]] = arith.extf %[[V]] : f32 to f64
// CHECK:         memref.store %[[W]], %[[OUT]][] : memref<f64>

// CHECK-LABEL: func.func @g.graph0.op1(
// CHECK:         linalg.fill

// CHECK-LABEL: func.func @g.graph0.all(
// CHECK-SAME:    %[[A:[a-z0-9]+]]: memref<8xf32>, %[[OUT:[a-z0-9]+]]: memref<f64>, %[[ARENA:[a-z0-9]+]]: memref<512xi8> {graphopt.arena})
// CHECK-SAME:    attributes {graphopt.program, graphopt.region = "g.graph0"}
// CHECK-NEXT:    call @g.graph0.op0(%[[A]], %[[OUT]], %[[ARENA]])
// CHECK-NEXT:    call @g.graph0.op1(%[[A]], %[[OUT]], %[[ARENA]])
// CHECK-NEXT:    return
// CHECK-NOT:     func.func
func.func @g(%a: memref<8xf32>, %o: memref<f64>, %arena: memref<512xi8>) {
  tseq.graph "g.graph0" (%x = %a, %out = %o, %t = %arena)
      : (memref<8xf32>, memref<f64>, memref<512xi8>) -> () attributes {arena = 2 : i64} {
    %c256 = arith.constant 256 : index
    %c0 = arith.constant 0 : index
    %n = memref.view %t[%c256][] : memref<512xi8> to memref<1xf32>
    %part = memref.view %t[%c0][] : memref<512xi8> to memref<2xf32>
    tseq.kernel {
      %l = tseq.pack %x : !tseq.seq<memref<8xf32>>
      tseq.reduce [maximum] per_tensor chunk(4) ins(%l : !tseq.seq<memref<8xf32>>)
          outs(%n : memref<1xf32>) scratch(%part : memref<2xf32>) {
      ^bb0(%v: f32):
        tseq.yield %v : f32
      }
      tseq.scalar ins(%n : memref<1xf32>) outs(%out : memref<f64>) {
      ^bb0(%ns: memref<1xf32>):
        %i = arith.constant 0 : index
        %v = memref.load %ns[%i] : memref<1xf32>
        %w = arith.extf %v : f32 to f64
        tseq.yield %w : f64
      }
      tseq.yield
    }
    %zero = arith.constant 0.0 : f32
    linalg.fill ins(%zero : f32) outs(%x : memref<8xf32>)
    tseq.yield
  }
  return
}

// -----

// Tests that a structured op brings the constants that its body uses, and that
// nodes in branches are functions too.

// CHECK-LABEL: func.func @h.graph0.condition0(
// CHECK-LABEL: func.func @h.graph0.op0(
// CHECK:         %[[K:.*]] = arith.constant 2.0
// CHECK:         linalg.generic
// CHECK:           arith.mulf %{{.*}}, %[[K]]
func.func @h(%a: memref<8xf32>, %p: memref<i1>) {
  tseq.graph "h.graph0" (%x = %a, %c = %p) : (memref<8xf32>, memref<i1>) -> () {
    %two = arith.constant 2.0 : f32
    tseq.if %c : memref<i1> {
      linalg.generic {indexing_maps = [affine_map<(i) -> (i)>],
                      iterator_types = ["parallel"]} outs(%x : memref<8xf32>) {
      ^bb0(%v: f32):
        %w = arith.mulf %v, %two : f32
        linalg.yield %w : f32
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// -----

// Tests that copies and conditions are functions, and that the region as a whole
// branches and loops as it says.

// CHECK-LABEL: func.func @r.graph0.copy0(
// CHECK-SAME:    graphopt.copy
// CHECK-SAME:    graphopt.outs = array<i64: 3, 0>
// CHECK:         %[[V:.*]] = memref.view
// CHECK:         memref.copy %{{.*}}, %[[V]] : memref<8xf32> to memref<8xf32>
// CHECK-LABEL: func.func @r.graph0.condition0(
// CHECK-SAME:    -> i1
// CHECK:         %[[C:.*]] = memref.load %{{.*}}[] : memref<i1>
// CHECK:         return %[[C]] : i1
// CHECK:       func.func @r.graph0.copy1(
// CHECK:       func.func @r.graph0.condition1(
// CHECK:       func.func @r.graph0.op0(
// CHECK:       func.func @r.graph0.condition2(
// CHECK:       func.func @r.graph0.op1(
// CHECK-LABEL: func.func @r.graph0.all(
// CHECK-NEXT:    call @r.graph0.copy0
// CHECK-NEXT:    %[[C0:.*]] = call @r.graph0.condition0
// CHECK-NEXT:    scf.if %[[C0]] {
// CHECK-NEXT:      func.call @r.graph0.copy1
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scf.while
// CHECK-NEXT:        %[[C1:.*]] = func.call @r.graph0.condition1
// CHECK-NEXT:        scf.condition(%[[C1]])
// CHECK-NEXT:      } do {
// CHECK-NEXT:        func.call @r.graph0.op0
// CHECK-NEXT:        scf.yield
// CHECK:         %[[C2:.*]] = call @r.graph0.condition2
// CHECK-NEXT:    scf.if %[[C2]] {
// CHECK-NEXT:      func.call @r.graph0.op1
// CHECK-NEXT:    }
// CHECK-NEXT:    return
func.func @r(%a: memref<8xf32>, %p: memref<i1>, %q: memref<i1>, %arena: memref<256xi8>) {
  tseq.graph "r.graph0" (%x = %a, %c = %p, %d = %q, %t = %arena)
      : (memref<8xf32>, memref<i1>, memref<i1>, memref<256xi8>) -> () attributes {arena = 3 : i64} {
    %c0 = arith.constant 0 : index
    %v = memref.view %t[%c0][] : memref<256xi8> to memref<8xf32>
    %zero = arith.constant 0.0 : f32
    memref.copy %x, %v : memref<8xf32> to memref<8xf32>
    tseq.if %c : memref<i1> {
      memref.copy %v, %x : memref<8xf32> to memref<8xf32>
      tseq.yield
    } else {
      tseq.while %d : memref<i1> {
        linalg.fill ins(%zero : f32) outs(%v : memref<8xf32>)
        tseq.yield
      }
      tseq.yield
    }
    tseq.if %d : memref<i1> {
      linalg.fill ins(%zero : f32) outs(%x : memref<8xf32>)
      tseq.yield
    }
    tseq.yield
  }
  return
}
