// RUN: graph-opt %s --plan-memory | FileCheck %s

// Tests that temporaries are views of one arena, each at a multiple of 256
// bytes, and that one that is over gives its place to the next.
// CHECK-LABEL: func.func @reuse(
// CHECK:         %[[ARENA:.*]] = memref.alloc() {{.*}}: memref<512xi8>
// CHECK:         tseq.graph "g" (%{{.*}}, %[[A:[^ ]*]] = %[[ARENA]]) : (memref<8xf32>, memref<512xi8>) -> () attributes {
// CHECK-DAG:       arena = 1 : i64
// CHECK-DAG:       arena_bytes = 512 : i64
// CHECK-DAG:       arena_bytes_without_reuse = 768 : i64
// CHECK-NOT:       memref.alloc
// CHECK:           memref.view %[[A]][%{{.*}}][] : memref<512xi8> to memref<8xf32>
// CHECK:           memref.view %[[A]][%{{.*}}][] : memref<512xi8> to memref<8xf32>
// CHECK:           memref.view %[[A]][%{{.*}}][] : memref<512xi8> to memref<8xf32>
func.func @reuse(%m: memref<8xf32>) {
  tseq.graph "g" (%a = %m) : (memref<8xf32>) -> () {
    %x = memref.alloc() : memref<8xf32>
    memref.copy %a, %x : memref<8xf32> to memref<8xf32>
    %y = memref.alloc() : memref<8xf32>
    memref.copy %x, %y : memref<8xf32> to memref<8xf32>
    %z = memref.alloc() : memref<8xf32>
    memref.copy %y, %z : memref<8xf32> to memref<8xf32>
    memref.copy %z, %a : memref<8xf32> to memref<8xf32>
    tseq.yield
  }
  return
}

// Tests that temporaries that live at the same time, through a list or a view,
// do not share memory.
// CHECK-LABEL: func.func @alive_together(
// CHECK:         tseq.graph
// CHECK-SAME:      arena_bytes = 512 : i64
// CHECK-SAME:      arena_bytes_without_reuse = 512 : i64
func.func @alive_together(%m: memref<8xf32>) {
  tseq.graph "g" (%a = %m) : (memref<8xf32>) -> () {
    %x = memref.alloc() : memref<8xf32>
    %v = memref.expand_shape %x [[0, 1]] output_shape [2, 4] : memref<8xf32> into memref<2x4xf32>
    memref.copy %a, %x : memref<8xf32> to memref<8xf32>
    %y = memref.alloc() : memref<2x4xf32>
    %s = tseq.pack %v : !tseq.seq<memref<2x4xf32>>
    %t = tseq.pack %y : !tseq.seq<memref<2x4xf32>>
    tseq.map chunk(4) ins(%s : !tseq.seq<memref<2x4xf32>>) outs(%t : !tseq.seq<memref<2x4xf32>>) {
    ^bb0(%e: f32):
      tseq.yield %e : f32
    }
    %w = memref.collapse_shape %y [[0, 1]] : memref<2x4xf32> into memref<8xf32>
    memref.copy %w, %a : memref<8xf32> to memref<8xf32>
    tseq.yield
  }
  return
}

// Tests that a temporary of a loop lives as long as the loop runs.
// CHECK-LABEL: func.func @in_a_loop(
// CHECK:         tseq.graph
// CHECK-SAME:      arena_bytes = 512 : i64
func.func @in_a_loop(%m: memref<8xf32>, %c: memref<i1>) {
  tseq.graph "g" (%a = %m, %d = %c) : (memref<8xf32>, memref<i1>) -> () {
    %x = memref.alloc() : memref<8xf32>
    memref.copy %a, %x : memref<8xf32> to memref<8xf32>
    tseq.while %d : memref<i1> {
      memref.copy %x, %a : memref<8xf32> to memref<8xf32>
      %y = memref.alloc() : memref<8xf32>
      memref.copy %a, %y : memref<8xf32> to memref<8xf32>
      memref.copy %y, %a : memref<8xf32> to memref<8xf32>
      tseq.scalar outs(%d : memref<i1>) {
        %f = arith.constant false
        tseq.yield %f : i1
      }
      tseq.yield
    }
    tseq.yield
  }
  return
}

// Tests that a region without temporaries gets no arena, and that memory
// outside of regions is left alone.
// CHECK-LABEL: func.func @no_temporaries(
// CHECK:         memref.alloc() : memref<8xf32>
// CHECK:         tseq.graph "g" (%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) : (memref<8xf32>, memref<8xf32>) -> () {
func.func @no_temporaries(%m: memref<8xf32>) {
  %x = memref.alloc() : memref<8xf32>
  tseq.graph "g" (%a = %m, %b = %x) : (memref<8xf32>, memref<8xf32>) -> () {
    memref.copy %a, %b : memref<8xf32> to memref<8xf32>
    tseq.yield
  }
  memref.dealloc %x : memref<8xf32>
  return
}
