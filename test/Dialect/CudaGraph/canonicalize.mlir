// RUN: graph-opt --canonicalize --split-input-file %s | FileCheck %s

// Tests that an edge listed twice, and one that another implies, go.
// CHECK-LABEL: cudagraph.graph @implied_edges
cudagraph.graph @implied_edges(%a: memref<4xf32>, %b: memref<4xf32>, %c: memref<4xf32>) {
  // CHECK: %[[N0:.*]] = cudagraph.memset %{{.*}} value(0 : i8) :
  // CHECK: %[[N1:.*]] = cudagraph.memcpy {{.*}} after(%[[N0]])
  // CHECK: cudagraph.memcpy {{.*}} after(%[[N1]])
  %0 = cudagraph.memset %a value(0 : i8) : memref<4xf32>
  %1 = cudagraph.memcpy %a to %b after(%0, %0) : memref<4xf32> to memref<4xf32>
  %2 = cudagraph.memcpy %b to %c after(%0, %1) : memref<4xf32> to memref<4xf32>
}

// -----

// Tests that edges from independent nodes stay.
// CHECK-LABEL: cudagraph.graph @needed_edges
cudagraph.graph @needed_edges(%a: memref<4xf32>, %b: memref<4xf32>) {
  // CHECK: %[[N0:.*]] = cudagraph.memset
  // CHECK: %[[N1:.*]] = cudagraph.memset
  // CHECK: cudagraph.memcpy {{.*}} after(%[[N0]], %[[N1]])
  %0 = cudagraph.memset %a value(0 : i8) : memref<4xf32>
  %1 = cudagraph.memset %b value(0 : i8) : memref<4xf32>
  %2 = cudagraph.memcpy %a to %b after(%0, %1) : memref<4xf32> to memref<4xf32>
}

// -----

// Tests that an empty node with one predecessor is bypassed.
// CHECK-LABEL: cudagraph.graph @bypass_empty
cudagraph.graph @bypass_empty(%a: memref<4xf32>, %b: memref<4xf32>) {
  // CHECK-NEXT: %[[N0:.*]] = cudagraph.memset
  // CHECK-NEXT: cudagraph.memcpy {{.*}} after(%[[N0]])
  // CHECK-NEXT: }
  %0 = cudagraph.memset %a value(0 : i8) : memref<4xf32>
  %1 = cudagraph.empty after(%0)
  %2 = cudagraph.memcpy %a to %b after(%1) : memref<4xf32> to memref<4xf32>
  %3 = cudagraph.empty after(%2)
}

// -----

// Tests that an empty node that saves edges stays.
// CHECK-LABEL: cudagraph.graph @keep_join
cudagraph.graph @keep_join(%a: memref<4xf32>, %b: memref<4xf32>) {
  // CHECK: %[[E:.*]] = cudagraph.empty after(%{{.*}}, %{{.*}})
  // CHECK: cudagraph.memset {{.*}} after(%[[E]])
  // CHECK: cudagraph.memset {{.*}} after(%[[E]])
  %0 = cudagraph.memset %a value(0 : i8) : memref<4xf32>
  %1 = cudagraph.memset %b value(0 : i8) : memref<4xf32>
  %2 = cudagraph.empty after(%0, %1)
  %3 = cudagraph.memset %a value(1 : i8) after(%2) : memref<4xf32>
  %4 = cudagraph.memset %b value(1 : i8) after(%2) : memref<4xf32>
}

// -----

// Tests that copies and fills of nothing go, and keep what they ordered.
// CHECK-LABEL: cudagraph.graph @zero_bytes
cudagraph.graph @zero_bytes(%a: memref<0x4xf32>, %b: memref<0x4xf32>, %c: memref<4xf32>) {
  // CHECK-NEXT: %[[N0:.*]] = cudagraph.memset
  // CHECK-NEXT: cudagraph.memset {{.*}} after(%[[N0]])
  // CHECK-NEXT: }
  %0 = cudagraph.memset %c value(0 : i8) : memref<4xf32>
  %1 = cudagraph.memset %a value(0 : i8) after(%0) : memref<0x4xf32>
  %2 = cudagraph.memcpy %a to %b after(%1) : memref<0x4xf32> to memref<0x4xf32>
  %3 = cudagraph.memset %c value(1 : i8) after(%2) : memref<4xf32>
}

// -----

// Tests that a copy of a buffer to itself goes.
// CHECK-LABEL: cudagraph.graph @self_copy
cudagraph.graph @self_copy(%a: memref<4xf32>) {
  // CHECK-NEXT: }
  %0 = cudagraph.memcpy %a to %a : memref<4xf32> to memref<4xf32>
}

// -----

// Tests that conditionals without work go, and an else without work.
// CHECK-LABEL: cudagraph.graph @empty_bodies
cudagraph.graph @empty_bodies(%a: memref<4xf32>, %b: memref<i1>, %s: memref<i64>) {
  // CHECK-NEXT: cudagraph.if
  // CHECK-NEXT: cudagraph.memset
  // CHECK-NEXT: }
  // CHECK-NEXT: }
  %0 = cudagraph.if %b : memref<i1> {
  } else {
    %in = cudagraph.empty
  }
  %1 = cudagraph.switch %s after(%0) : memref<i64> cases {
  }, {
  }
  %2 = cudagraph.if %b after(%1) : memref<i1> {
    %in = cudagraph.memset %a value(0 : i8) : memref<4xf32>
  } else {
  }
}

// -----

// Tests that a while loop stays: whether it ends is not ours to say.
// CHECK-LABEL: cudagraph.graph @keep_while
cudagraph.graph @keep_while(%b: memref<i1>) {
  // CHECK: cudagraph.while
  %0 = cudagraph.while %b : memref<i1> {
  }
}

// -----

gpu.module @kernels {
  gpu.func @set(%c: memref<i1>) kernel {
    gpu.return
  }
}

// Tests that nodes keep their handles where an edge, an empty node or an else
// goes, and the edges from what sets them; a kernel sets its handles also where
// the node that had one is gone.
// CHECK-LABEL: cudagraph.graph @keep_handles
cudagraph.graph @keep_handles(%a: memref<4xf32>, %b: memref<i1>, %s: memref<i64>) {
  // CHECK-NEXT: %[[SET:.*]] = cudagraph.kernel "set" {{.*}} sets [0, 1, 2, 3] grid
  %0 = cudagraph.kernel "set" phases [#cudagraph.phase<@kernels::@set, 1>] args(%b read : memref<i1>) sets [0, 1, 2, 3] grid [1, 1, 1] block [32, 1, 1]
  // CHECK-NEXT: %[[IF:.*]] = cudagraph.if %{{.*}} after(%[[SET]]) handle(0) : memref<i1> {
  // CHECK-NEXT: cudagraph.memset
  // CHECK-NEXT: }
  %1 = cudagraph.empty after(%0)
  %2 = cudagraph.if %b after(%1, %0) handle(0) : memref<i1> {
    %in = cudagraph.memset %a value(0 : i8) : memref<4xf32>
  } else {
    %in = cudagraph.empty
  }
  // CHECK-NEXT: %[[WHILE:.*]] = cudagraph.while %{{.*}} after(%[[IF]]) handle(1) : memref<i1> {
  // CHECK-NEXT: cudagraph.memset
  // CHECK-NEXT: }
  %3 = cudagraph.while %b after(%0, %2) handle(1) : memref<i1> {
    %in = cudagraph.memset %a value(0 : i8) : memref<4xf32>
  }
  %4 = cudagraph.if %b after(%3) handle(2) : memref<i1> {
  }
  // CHECK-NEXT: cudagraph.switch %{{.*}} after(%[[WHILE]]) handle(3) : memref<i64> cases {
  // CHECK-NEXT: cudagraph.memset
  // CHECK-NEXT: }
  // CHECK-NEXT: }
  %5 = cudagraph.switch %s after(%0, %4) handle(3) : memref<i64> cases {
    %in = cudagraph.memset %a value(0 : i8) : memref<4xf32>
  }
}

// -----

// Tests that a scalar is read back once.
// CHECK-LABEL: func.func @merge_readbacks
func.func @merge_readbacks(%a: memref<f32>, %b: memref<f32>) -> (f32, f32, f32) {
  // CHECK: %[[R:.*]]:2 = cudagraph.readback %{{.*}}, %{{.*}} :
  // CHECK: return %[[R]]#0, %[[R]]#1, %[[R]]#0
  %r:3 = cudagraph.readback %a, %b, %a : memref<f32>, memref<f32>, memref<f32> -> f32, f32, f32
  return %r#0, %r#1, %r#2 : f32, f32, f32
}

// -----

// Tests that a fetch keeps what is used of it, once.
// CHECK-LABEL: func.func @fetch_what_is_used
func.func @fetch_what_is_used(%a: memref<f32>, %b: memref<f32>, %c: memref<f64>) -> (f32, f64, f32) {
  // CHECK: %[[P:.*]] = cudagraph.fetch %arg0, %arg2 : memref<f32>, memref<f64> -> <f32, f64>
  %p = cudagraph.fetch %a, %b, %c, %a : memref<f32>, memref<f32>, memref<f64>, memref<f32> -> !cudagraph.pending<f32, f32, f64, f32>
  // CHECK: %[[R:.*]]:2 = cudagraph.await %[[P]]
  %r:4 = cudagraph.await %p : !cudagraph.pending<f32, f32, f64, f32>
  // CHECK: return %[[R]]#0, %[[R]]#1, %[[R]]#0
  return %r#0, %r#2, %r#3 : f32, f64, f32
}

// -----

// Tests that nothing is fetched that nobody uses.
// CHECK-LABEL: func.func @fetch_nothing
func.func @fetch_nothing(%a: memref<f32>) {
  // CHECK-NEXT: return
  %p = cudagraph.fetch %a : memref<f32> -> !cudagraph.pending<f32>
  %r = cudagraph.await %p : !cudagraph.pending<f32>
  return
}

// -----

// Tests that a fetch whose every value is used stays.
// CHECK-LABEL: func.func @fetch_all
func.func @fetch_all(%a: memref<f32>, %b: memref<f32>) -> (f32, f32) {
  // CHECK: cudagraph.fetch %arg1, %arg0
  %p = cudagraph.fetch %b, %a : memref<f32>, memref<f32> -> !cudagraph.pending<f32, f32>
  %r:2 = cudagraph.await %p : !cudagraph.pending<f32, f32>
  return %r#0, %r#1 : f32, f32
}
