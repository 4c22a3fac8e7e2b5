// RUN: graph-opt %s | graph-opt | FileCheck %s
// RUN: graph-opt --mlir-print-op-generic %s | graph-opt | FileCheck %s

func.func private @phase(!llvm.ptr, i64, i64)
func.func private @finish(!llvm.ptr, i64, i64)
llvm.func @external_phase(!llvm.ptr, i64, i64)

gpu.module @kernels {
  gpu.func @scale(%a: memref<64xf32>) kernel {
    gpu.return
  }
}

// Tests that buffers, parameters and the arena are printed by role.
// CHECK-LABEL: cudagraph.graph @arguments(
// CHECK-SAME: %[[G:.*]]: memref<64xf32>, %[[V:.*]]: memref<2xf32, strided<[1], offset: 8>>)
// CHECK-SAME: parameters(%[[P:.*]]: memref<f64>, %[[I:.*]]: memref<index>)
// CHECK-SAME: arena(%[[A:.*]]: memref<64xi8>) attributes {note = "kept"} {
cudagraph.graph @arguments(%g: memref<64xf32>, %v: memref<2xf32, strided<[1], offset: 8>>)
    parameters(%p: memref<f64>, %i: memref<index>) arena(%a: memref<64xi8>) attributes {note = "kept"} {
  // CHECK: %[[T:.*]] = memref.view %[[A]]
  %c8 = arith.constant 8 : index
  %t = memref.view %a[%c8][] : memref<64xi8> to memref<4xf32>
  // CHECK: %[[K0:.*]] = cudagraph.kernel "norm" phases [#cudagraph.phase<@phase, 12>, #cudagraph.phase<@finish, 1>]
  // CHECK-SAME: args(%[[G]] read, %[[P]] read, %[[T]] write : memref<64xf32>, memref<f64>, memref<4xf32>)
  %0 = cudagraph.kernel "norm" phases [#cudagraph.phase<@phase, 12>, #cudagraph.phase<@finish, 1>]
    args(%g read, %p read, %t write : memref<64xf32>, memref<f64>, memref<4xf32>)
  // CHECK: cudagraph.kernel "in place" after(%[[K0]])
  // CHECK-SAME: args(%[[V]] readwrite, %[[T]] read : memref<2xf32, strided<[1], offset: 8>>, memref<4xf32>)
  %1 = cudagraph.kernel "in place" after(%0) phases [#cudagraph.phase<@external_phase, 1>]
    args(%v readwrite, %t read : memref<2xf32, strided<[1], offset: 8>>, memref<4xf32>)
}

// Tests that an empty graph and a private one round-trip.
// CHECK-LABEL: cudagraph.graph private @nothing() {
// CHECK-NEXT: }
cudagraph.graph private @nothing() {
}

// Tests the launch of a kernel on the GPU.
// CHECK-LABEL: cudagraph.graph @gpu_kernel
cudagraph.graph @gpu_kernel(%g: memref<64xf32>) {
  // CHECK: cudagraph.kernel "scale" phases [#cudagraph.phase<@kernels::@scale, 64>]
  // CHECK-SAME: args(%{{.*}} readwrite : memref<64xf32>) grid [1, 1, 1] block [64, 1, 1] cooperative
  %0 = cudagraph.kernel "scale" phases [#cudagraph.phase<@kernels::@scale, 64>]
    args(%g readwrite : memref<64xf32>) grid [1, 1, 1] block [64, 1, 1] cooperative
  // CHECK: cudagraph.kernel "no operands" after(%{{.*}}) phases [#cudagraph.phase<@phase, 0>] args()
  %1 = cudagraph.kernel "no operands" after(%0) phases [#cudagraph.phase<@phase, 0>] args()
}

// CHECK-LABEL: cudagraph.graph @child
cudagraph.graph @child(%g: memref<64xf32>) {
  // CHECK: cudagraph.memset %{{.*}} value(0 : i8) : memref<64xf32>
  %0 = cudagraph.memset %g value(0 : i8) : memref<64xf32>
}

// Tests copies, fills, joins and children.
// CHECK-LABEL: cudagraph.graph @other_nodes
cudagraph.graph @other_nodes(%g: memref<64xf32>, %h: memref<64xf32>) {
  // CHECK: %[[C:.*]] = cudagraph.memcpy %[[G:.*]] to %[[H:.*]] : memref<64xf32> to memref<64xf32>
  %0 = cudagraph.memcpy %g to %h : memref<64xf32> to memref<64xf32>
  // CHECK: %[[S:.*]] = cudagraph.memset %[[G]] value(16256 : i16) after(%[[C]]) : memref<64xf32>
  %1 = cudagraph.memset %g value(16256 : i16) after(%0) : memref<64xf32>
  // CHECK: %[[E:.*]] = cudagraph.empty after(%[[C]], %[[S]])
  %2 = cudagraph.empty after(%0, %1)
  // CHECK: cudagraph.child @child after(%[[E]]) args(%[[G]] write : memref<64xf32>)
  %3 = cudagraph.child @child after(%2) args(%g write : memref<64xf32>)
}

// Tests that the halves of a buffer may be used side by side, through views.
// CHECK-LABEL: cudagraph.graph @disjoint_views
cudagraph.graph @disjoint_views(%g: memref<64xf32>) {
  %lo = memref.subview %g[0] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1]>>
  %hi = memref.subview %g[32] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1], offset: 32>>
  %lo2 = memref.expand_shape %lo [[0, 1]] output_shape [4, 8]
    : memref<32xf32, strided<[1]>> into memref<4x8xf32>
  // CHECK: cudagraph.memset
  %0 = cudagraph.memset %lo2 value(0 : i32) : memref<4x8xf32>
  // CHECK: cudagraph.memset
  %1 = cudagraph.memset %hi value(0 : i32) : memref<32xf32, strided<[1], offset: 32>>
}

// Tests that a path through other nodes orders two accesses.
// CHECK-LABEL: cudagraph.graph @ordered_by_path
cudagraph.graph @ordered_by_path(%g: memref<64xf32>, %h: memref<64xf32>) {
  %0 = cudagraph.memset %g value(0 : i8) : memref<64xf32>
  %1 = cudagraph.memset %h value(0 : i8) : memref<64xf32>
  %2 = cudagraph.empty after(%0, %1)
  %3 = cudagraph.empty after(%2)
  // CHECK: cudagraph.memcpy
  %4 = cudagraph.memcpy %g to %h after(%3) : memref<64xf32> to memref<64xf32>
}

// Tests the conditional nodes.
// CHECK-LABEL: cudagraph.graph @conditionals
cudagraph.graph @conditionals(%g: memref<64xf32>, %b: memref<i1>, %s: memref<i64>) {
  // CHECK: %[[IF:.*]] = cudagraph.if %{{.*}} : memref<i1> {
  // CHECK-NEXT: cudagraph.memset
  // CHECK-NEXT: } else {
  // CHECK-NEXT: cudagraph.empty
  // CHECK-NEXT: }
  %0 = cudagraph.if %b : memref<i1> {
    %in = cudagraph.memset %g value(0 : i8) : memref<64xf32>
  } else {
    %in = cudagraph.empty
  }
  // CHECK: %[[WHILE:.*]] = cudagraph.while %{{.*}} after(%[[IF]]) : memref<i1> {
  // CHECK-NEXT: cudagraph.kernel
  // CHECK-NEXT: }
  %1 = cudagraph.while %b after(%0) : memref<i1> {
    %in = cudagraph.kernel "step" phases [#cudagraph.phase<@phase, 1>]
      args(%g readwrite, %b write : memref<64xf32>, memref<i1>)
  }
  // CHECK: cudagraph.switch %{{.*}} after(%[[WHILE]]) : memref<i64> cases {
  // CHECK-NEXT: cudagraph.memset
  // CHECK-NEXT: }, {
  // CHECK-NEXT: cudagraph.if
  // CHECK-NEXT: cudagraph.empty
  // CHECK-NEXT: }
  // CHECK-NEXT: }
  %2 = cudagraph.switch %s after(%1) : memref<i64> cases {
    %in = cudagraph.memset %g value(1 : i32) : memref<64xf32>
  }, {
    %in = cudagraph.if %b : memref<i1> {
      %deeper = cudagraph.empty
    }
  }
}

// Tests the handles of conditional nodes: the kernels that set them, beside the
// node or in its body, and conditional nodes without one.
// CHECK-LABEL: cudagraph.graph @handles
cudagraph.graph @handles(%g: memref<64xf32>, %b: memref<i1>, %s: memref<i64>) {
  // CHECK: %[[SET:.*]] = cudagraph.kernel "set" phases [#cudagraph.phase<@kernels::@scale, 1>]
  // CHECK-SAME: args(%{{.*}} read : memref<i1>) sets [0, 3] grid [1, 1, 1] block [32, 1, 1]
  %0 = cudagraph.kernel "set" phases [#cudagraph.phase<@kernels::@scale, 1>]
    args(%b read : memref<i1>) sets [0, 3] grid [1, 1, 1] block [32, 1, 1]
  // CHECK: %[[IF:.*]] = cudagraph.if %{{.*}} after(%[[SET]]) handle(0) : memref<i1> {
  %1 = cudagraph.if %b after(%0) handle(0) : memref<i1> {
    %in = cudagraph.memset %g value(0 : i8) : memref<64xf32>
  }
  // CHECK: %[[PATH:.*]] = cudagraph.empty after(%[[IF]])
  %2 = cudagraph.empty after(%1)
  // CHECK: %[[WHILE:.*]] = cudagraph.while %{{.*}} after(%[[PATH]]) handle(3) : memref<i1> {
  // CHECK-NEXT: cudagraph.kernel "step" {{.*}} sets [3] grid [1, 1, 1] block [32, 1, 1]
  %3 = cudagraph.while %b after(%2) handle(3) : memref<i1> {
    %in = cudagraph.kernel "step" phases [#cudagraph.phase<@kernels::@scale, 1>]
      args(%g readwrite, %b write : memref<64xf32>, memref<i1>) sets [3] grid [1, 1, 1] block [32, 1, 1]
  }
  // CHECK: %[[SWITCH:.*]] = cudagraph.switch %{{.*}} after(%[[WHILE]]) handle(7) : memref<i64> cases {
  %4 = cudagraph.switch %s after(%3) handle(7) : memref<i64> cases {
    %in = cudagraph.memset %g value(1 : i32) : memref<64xf32>
  }
  // CHECK: cudagraph.if %{{.*}} after(%[[SWITCH]]) : memref<i1> {
  %5 = cudagraph.if %b after(%4) : memref<i1> {
    %in = cudagraph.memset %g value(0 : i8) : memref<64xf32>
  }
}

// Tests the ops of the host; the offset of a buffer is part of its address.
// CHECK-LABEL: func.func @host
func.func @host(%g: memref<64xf32>, %v: memref<2xf32, strided<[1], offset: ?>>, %f: f64, %i: index,
                %x: memref<1x1xi1>) -> (f64, i1) {
  // CHECK: %[[EXEC:.*]] = cudagraph.instantiate @arguments : !cudagraph.exec
  %e = cudagraph.instantiate @arguments : !cudagraph.exec
  // CHECK: cudagraph.update %[[EXEC]] buffers(%{{.*}}, %{{.*}} : memref<64xf32>, memref<2xf32, strided<[1], offset: ?>>)
  cudagraph.update %e buffers(%g, %v : memref<64xf32>, memref<2xf32, strided<[1], offset: ?>>)
  // CHECK: cudagraph.launch %[[EXEC]] buffers(%{{.*}}, %{{.*}} : {{.*}}) parameters(%{{.*}}, %{{.*}} : f64, index)
  cudagraph.launch %e buffers(%g, %v : memref<64xf32>, memref<2xf32, strided<[1], offset: ?>>)
    parameters(%f, %i : f64, index)
  // CHECK: %[[NOTHING:.*]] = cudagraph.instantiate @nothing
  %n = cudagraph.instantiate @nothing : !cudagraph.exec
  // CHECK: cudagraph.launch %[[NOTHING]] buffers()
  cudagraph.launch %n buffers()
  %s = memref.alloc() : memref<f64>
  // CHECK: cudagraph.mailbox %[[SCALAR:.*]][0] : memref<f64>
  %se = cudagraph.instantiate @scalar : !cudagraph.exec
  %m = cudagraph.mailbox %se[0] : memref<f64>
  cudagraph.launch %se buffers(%m : memref<f64>)
  // CHECK: cudagraph.readback %{{.*}}, %{{.*}} : memref<f64>, memref<1x1xi1> -> f64, i1
  %r:2 = cudagraph.readback %s, %x : memref<f64>, memref<1x1xi1> -> f64, i1
  return %r#0, %r#1 : f64, i1
}

// Tests fetches, awaits and deliveries.
// CHECK-LABEL: func.func @deferred
func.func @deferred(%x: memref<f64>, %y: memref<1x1xi1>, %out: memref<f64>) -> (f64, i1) {
  // CHECK: %[[P:.*]] = cudagraph.fetch %{{.*}}, %{{.*}} : memref<f64>, memref<1x1xi1> -> <f64, i1>
  %p = cudagraph.fetch %x, %y : memref<f64>, memref<1x1xi1> -> !cudagraph.pending<f64, i1>
  // CHECK: cudagraph.deliver %{{.*}} to %{{.*}} : memref<f64> to memref<f64>
  cudagraph.deliver %x to %out : memref<f64> to memref<f64>
  // CHECK: cudagraph.await %[[P]] : <f64, i1>
  %r:2 = cudagraph.await %p : !cudagraph.pending<f64, i1>
  return %r#0, %r#1 : f64, i1
}

cudagraph.graph @scalar(%out: memref<f64>) {
}
