// RUN: graph-opt %s --form-graphs | FileCheck %s
// RUN: graph-opt %s --form-graphs --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics

func.func private @log(f32)
func.func private @f(f32) -> f32

// Tests that a run of device ops is one graph, which sees a host scalar as an
// operand and makes constants again inside.
// CHECK-LABEL: func.func @one_region(
// CHECK-SAME:    %[[A:[^:]*]]: tensor<4xf32>, %[[K:[^:]*]]: f32
// CHECK:         %[[R:.*]] = tseq.graph "one_region.graph0" (%[[X:.*]] = %[[A]], %[[Y:.*]] = %[[K]]) : (tensor<4xf32>, f32) -> tensor<4xf32> attributes {kernels = 2 : i64} {
// CHECK:           tseq.pack %[[X]]
// CHECK:           tseq.reduce
// CHECK:           tseq.map ins({{.*}}) scalars(%{{.*}}, %[[Y]] : tensor<f32>, tensor<f32>)
// CHECK:           tseq.yield
// CHECK:         return %[[R]]
func.func @one_region(%a: tensor<4xf32>, %k: f32) -> tensor<4xf32> {
  %u = tensor.from_elements %k : tensor<f32>
  // expected-remark @+1 {{region-formed}}
  %s = tseq.pack %a : !tseq.seq<tensor<4xf32>>
  %n = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) scalars(%n, %u : tensor<f32>, tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32, %y: f32, %z: f32):
    %p = arith.mulf %x, %y : f32
    %q = arith.addf %p, %z : f32
    tseq.yield %q : f32
  }
  %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
  return %t : tensor<4xf32>
}

// Tests that host work that no device op needs does not split a region.
// CHECK-LABEL: func.func @host_work_moves
// CHECK:         tseq.graph "host_work_moves.graph0"
// CHECK:           tseq.reduce
// CHECK:           tseq.reduce
// CHECK:         %[[H:.*]] = tseq.item
// CHECK:         math.sqrt %[[H]]
// CHECK-NOT:     tseq.graph
func.func @host_work_moves(%a: tensor<4xf32>) -> (f32, tensor<f32>) {
  // expected-remark @+1 {{region-formed}}
  %s = tseq.pack %a : !tseq.seq<tensor<4xf32>>
  %n = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  %h = tseq.item %n : tensor<f32>
  %q = math.sqrt %h : f32
  %m = tseq.reduce [maximum] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return %q, %m : f32, tensor<f32>
}

// Tests that an op that needs a host value of a region goes to the next one,
// and that a list is made in each.
// CHECK-LABEL: func.func @two_levels
// CHECK:         %[[G:.*]] = tseq.graph "two_levels.graph0"
// CHECK:           tseq.pack
// CHECK:         %[[H:.*]] = tseq.item %[[G]]
// CHECK:         %[[Q:.*]] = call @f(%[[H]])
// CHECK:         tseq.graph "two_levels.graph1" ({{.*}}%[[Q]]{{.*}})
// CHECK:           tseq.pack
func.func @two_levels(%a: tensor<4xf32>) -> tensor<4xf32> {
  // expected-remark @+1 {{region-formed}}
  %s = tseq.pack %a : !tseq.seq<tensor<4xf32>>
  %n = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  %h = tseq.item %n : tensor<f32>
  // expected-remark @+1 {{region-split}}
  %q = func.call @f(%h) : (f32) -> f32
  %u = tensor.from_elements %q : tensor<f32>
  %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) scalars(%u : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32, %y: f32):
    %p = arith.mulf %x, %y : f32
    tseq.yield %p : f32
  }
  %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
  return %t : tensor<4xf32>
}

// Tests that writes to the caller's buffers follow their region and do not
// split it, and that a write of a buffer's other contents stays behind what
// reads them.
// CHECK-LABEL: func.func @buffers(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4xf32>, %[[K:[^:]*]]: memref<4xf32>, %[[A:[^:]*]]: tensor<4xf32>
// CHECK-DAG:     %[[T:.*]] = bufferization.to_tensor %[[M]]
// CHECK-DAG:     %[[U:.*]] = bufferization.to_tensor %[[K]]
// CHECK:         %[[G:.*]]:2 = tseq.graph "buffers.graph0"
// CHECK-NOT:     tseq.graph
// CHECK-DAG:     materialize_in_destination %[[A]] in restrict writable %[[M]]
// CHECK-DAG:     materialize_in_destination %[[G]]#0 in restrict writable %[[K]]
// CHECK:         return %[[G]]#1
func.func @buffers(%m: memref<4xf32>, %k: memref<4xf32>, %a: tensor<4xf32>) -> tensor<4xf32> {
  %t = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  %u = bufferization.to_tensor %k restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s = tseq.pack %t : !tseq.seq<tensor<4xf32>>
  %x = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = arith.negf %v : f32
    tseq.yield %w : f32
  }
  %y = tseq.get %x[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %a in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  bufferization.materialize_in_destination %y in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  %s2 = tseq.pack %u : !tseq.seq<tensor<4xf32>>
  %x2 = tseq.map ins(%s2 : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%v: f32):
    %w = math.absf %v : f32
    tseq.yield %w : f32
  }
  %y2 = tseq.get %x2[0] : !tseq.seq<tensor<4xf32>>
  return %y2 : tensor<4xf32>
}

// Tests that device ops that need nothing of a call move above it, so that one
// region is left.
// CHECK-LABEL: func.func @no_barrier
// CHECK:         tseq.graph
// CHECK-NOT:     tseq.graph
// CHECK:         call @log
// CHECK-NEXT:    return
func.func @no_barrier(%a: tensor<4xf32>, %k: f32) -> (tensor<f32>, tensor<f32>) {
  // expected-remark @+1 {{region-formed}}
  %s = tseq.pack %a : !tseq.seq<tensor<4xf32>>
  %n = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  call @log(%k) : (f32) -> ()
  %m = tseq.reduce [maximum] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  return %n, %m : tensor<f32>, tensor<f32>
}

// Tests that a call whose effects are unknown is where a region ends if what
// comes after is written to a buffer, which the call must not see, or may trap;
// and that the remark stands at the call.
// CHECK-LABEL: func.func @barrier
// CHECK:         tseq.graph
// CHECK:         call @log
// CHECK:         tseq.graph
func.func @barrier(%a: tensor<4xf32>, %k: f32, %m: memref<4xf32>) -> tensor<f32> {
  // expected-remark @+1 {{region-formed}}
  %s = tseq.pack %a : !tseq.seq<tensor<4xf32>>
  %n = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xf32>>) -> tensor<f32> {
  ^bb0(%x: f32):
    tseq.yield %x : f32
  }
  // expected-remark @+1 {{region-split}}
  call @log(%k) : (f32) -> ()
  // expected-remark @+1 {{region-formed}}
  %q = tseq.pack %a : !tseq.seq<tensor<4xf32>>
  %d = tseq.map ins(%q : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    %y = arith.negf %x : f32
    tseq.yield %y : f32
  }
  %t = tseq.get %d[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %t in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  return %n : tensor<f32>
}
// CHECK-LABEL: func.func @barrier_that_guards
// CHECK:         tseq.graph
// CHECK:         call @log
// CHECK:         tseq.graph
func.func @barrier_that_guards(%a: tensor<4xi32>, %k: f32) -> (tensor<i32>, tensor<4xi32>) {
  // expected-remark @+1 {{region-formed}}
  %s = tseq.pack %a : !tseq.seq<tensor<4xi32>>
  %n = tseq.reduce [add] ins(%s : !tseq.seq<tensor<4xi32>>) -> tensor<i32> {
  ^bb0(%x: i32):
    tseq.yield %x : i32
  }
  // expected-remark @+1 {{region-split}}
  call @log(%k) : (f32) -> ()
  // expected-remark @+1 {{region-formed}}
  %q = tseq.pack %a : !tseq.seq<tensor<4xi32>>
  %d = tseq.map ins(%q : !tseq.seq<tensor<4xi32>>) -> !tseq.seq<tensor<4xi32>> {
  ^bb0(%x: i32):
    %y = arith.divsi %x, %x : i32
    tseq.yield %y : i32
  }
  %t = tseq.get %d[0] : !tseq.seq<tensor<4xi32>>
  return %n, %t : tensor<i32>, tensor<4xi32>
}

// Tests that structured and shape ops of upstream are part of a region, and
// that a branch on a device scalar is.
// CHECK-LABEL: func.func @upstream_ops
// CHECK:         tseq.graph
// CHECK:           linalg.matmul
// CHECK:           tensor.collapse_shape
// CHECK:           tseq.if
// CHECK:           tseq.yield
func.func @upstream_ops(%a: tensor<4x4xf32>, %c: tensor<i1>) -> tensor<16xf32> {
  // expected-remark @+1 {{region-formed}}
  %0 = linalg.matmul ins(%a, %a : tensor<4x4xf32>, tensor<4x4xf32>) outs(%a : tensor<4x4xf32>) -> tensor<4x4xf32>
  %1 = tensor.collapse_shape %0 [[0, 1]] : tensor<4x4xf32> into tensor<16xf32>
  %2 = tseq.if %c : tensor<i1> -> tensor<16xf32> {
    %s = tseq.pack %1 : !tseq.seq<tensor<16xf32>>
    %x = tseq.map ins(%s : !tseq.seq<tensor<16xf32>>) -> !tseq.seq<tensor<16xf32>> {
    ^bb0(%v: f32):
      %w = arith.negf %v : f32
      tseq.yield %w : f32
    }
    %y = tseq.get %x[0] : !tseq.seq<tensor<16xf32>>
    tseq.yield %y : tensor<16xf32>
  } else {
    tseq.yield %1 : tensor<16xf32>
  }
  return %2 : tensor<16xf32>
}

// Tests that an op that may not be captured stays outside, with a remark, and
// that bodies of the host's loops have regions of their own.
// CHECK-LABEL: func.func @loop
// CHECK:         linalg.map
// CHECK:         scf.for
// CHECK:           tseq.graph
// CHECK:             tseq.map
// CHECK:           materialize_in_destination
func.func @loop(%m: memref<4xf32>, %d: tensor<?xf32>, %n: index) -> tensor<?xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // expected-remark @+1 {{not-captured}}
  %e = linalg.map { math.exp } ins(%d : tensor<?xf32>) outs(%d : tensor<?xf32>)
  scf.for %i = %c0 to %n step %c1 {
    %t = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
    // expected-remark @+1 {{region-formed}}
    %s = tseq.pack %t : !tseq.seq<tensor<4xf32>>
    %x = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%v: f32):
      %w = arith.negf %v : f32
      tseq.yield %w : f32
    }
    %y = tseq.get %x[0] : !tseq.seq<tensor<4xf32>>
    bufferization.materialize_in_destination %y in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  }
  return %e : tensor<?xf32>
}

// Tests that a function without kernels stays as it was.
// CHECK-LABEL: func.func @nothing_to_capture
// CHECK-NOT:     tseq.graph
func.func @nothing_to_capture(%a: tensor<4x4xf32>, %x: f32) -> (tensor<16xf32>, f32) {
  %0 = tensor.collapse_shape %a [[0, 1]] : tensor<4x4xf32> into tensor<16xf32>
  %1 = arith.addf %x, %x : f32
  return %0, %1 : tensor<16xf32>, f32
}

// Tests that an upload in a branch of the device is passed to the region.
// CHECK-LABEL: func.func @upload_in_branch(
// CHECK-SAME:    %[[C:[^:]*]]: tensor<i1>, %[[A:[^:]*]]: tensor<4xf32>, %[[K:[^:]*]]: f32)
// CHECK:         tseq.graph "upload_in_branch.graph0" ({{.*}} = %[[K]]
// CHECK:           tseq.if
// CHECK-NOT:         tensor.from_elements
// CHECK:             tseq.map
func.func @upload_in_branch(%c: tensor<i1>, %a: tensor<4xf32>, %k: f32) -> tensor<4xf32> {
  // expected-remark @+1 {{region-formed}}
  %0 = tseq.if %c : tensor<i1> -> tensor<4xf32> {
    %u = tensor.from_elements %k : tensor<f32>
    %s = tseq.pack %a : !tseq.seq<tensor<4xf32>>
    %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) scalars(%u : tensor<f32>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32, %y: f32):
      %z = arith.mulf %x, %y : f32
      tseq.yield %z : f32
    }
    %r = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    tseq.yield %r : tensor<4xf32>
  } else {
    tseq.yield %a : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// Tests that a read of a buffer that was written before is of another region,
// if nothing gave it the written value.
// CHECK-LABEL: func.func @read_after_write(
// CHECK:         %[[A:.*]] = bufferization.to_tensor %[[M:.*]] restrict
// CHECK:         %[[G:.*]] = tseq.graph {{.*}} = %[[A]]
// CHECK:         bufferization.materialize_in_destination %[[G]] in restrict writable %[[M]]
// CHECK:         %[[B:.*]] = bufferization.to_tensor %[[M]] restrict
// CHECK:         tseq.graph {{.*}} = %[[B]]
func.func @read_after_write(%m: memref<4xf32>) -> tensor<4xf32> {
  %a = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %s = tseq.pack %a : !tseq.seq<tensor<4xf32>>
  %x = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%e: f32):
    %n = arith.negf %e : f32
    tseq.yield %n : f32
  }
  %y = tseq.get %x[0] : !tseq.seq<tensor<4xf32>>
  // expected-remark @+1 {{region-split}}
  bufferization.materialize_in_destination %y in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  %b = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{region-formed}}
  %t = tseq.pack %b : !tseq.seq<tensor<4xf32>>
  %z = tseq.map ins(%t : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%e: f32):
    %n = math.absf %e : f32
    tseq.yield %n : f32
  }
  %w = tseq.get %z[0] : !tseq.seq<tensor<4xf32>>
  return %w : tensor<4xf32>
}

// Tests a block without device work that reads through another view what it
// has written.
// CHECK-LABEL: func.func @host_only(
// CHECK:         bufferization.materialize_in_destination
// CHECK-NEXT:    bufferization.to_tensor
// CHECK-NEXT:    return
func.func @host_only(%m: memref<8xf32>, %t: tensor<4xf32>) -> tensor<8xf32> {
  %part = memref.subview %m[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  bufferization.materialize_in_destination %t in restrict writable %part : (tensor<4xf32>, memref<4xf32, strided<[1]>>) -> ()
  %0 = bufferization.to_tensor %m restrict : memref<8xf32> to tensor<8xf32>
  return %0 : tensor<8xf32>
}

// Tests that a sequence that another block reads stays in its region: its
// tensors go there.
// CHECK-LABEL: func.func @sequence_of_outer_block(
// CHECK:         %[[G:.*]] = tseq.graph {{.*}} -> tensor<4xf32>
// CHECK:         scf.if %{{.*}} -> (tensor<4xf32>)
// CHECK:           tseq.graph {{.*}} (%{{.*}} = %[[G]])
// CHECK:         } else {
// CHECK-NEXT:      scf.yield %[[G]]
func.func @sequence_of_outer_block(%c: i1, %a: tensor<4xf32>) -> tensor<4xf32> {
  // expected-remark @+1 {{region-formed}}
  %s = tseq.pack %a : !tseq.seq<tensor<4xf32>>
  %m = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
  ^bb0(%x: f32):
    %y = arith.negf %x : f32
    tseq.yield %y : f32
  }
  %r = scf.if %c -> tensor<4xf32> {
    // expected-remark @+1 {{region-formed}}
    %n = tseq.map ins(%m : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>> {
    ^bb0(%x: f32):
      %y = math.exp %x : f32
      tseq.yield %y : f32
    }
    %t = tseq.get %n[0] : !tseq.seq<tensor<4xf32>>
    scf.yield %t : tensor<4xf32>
  } else {
    %t = tseq.get %m[0] : !tseq.seq<tensor<4xf32>>
    scf.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// Tests that of two writes of one region to the same buffer only the last is
// left, and that one that is read in between stays.
// CHECK-LABEL: func.func @overwritten(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4xf32>, %[[K:[^:]*]]: memref<4xf32>
// CHECK:         %[[R:.*]]:3 = tseq.graph "overwritten.graph0"
// CHECK:         materialize_in_destination %[[R]]#0 in restrict writable %[[K]]
// CHECK-NEXT:    %[[OLD:.*]] = bufferization.to_tensor %[[K]]
// CHECK-NEXT:    materialize_in_destination %[[R]]#1 in restrict writable %[[M]]
// CHECK-NEXT:    materialize_in_destination %[[R]]#2 in restrict writable %[[K]]
// CHECK-NEXT:    return %[[OLD]]
func.func @overwritten(%m: memref<4xf32>, %k: memref<4xf32>, %t: tensor<4xf32>) -> tensor<4xf32> {
  // expected-remark @+1 {{region-formed}}
  %s = tseq.pack %t : !tseq.seq<tensor<4xf32>>
  %n:3 = tseq.map ins(%s : !tseq.seq<tensor<4xf32>>) -> !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>>, !tseq.seq<tensor<4xf32>> {
  ^bb0(%a: f32):
    %b = arith.negf %a : f32
    tseq.yield %a, %b, %b : f32, f32, f32
  }
  %x = tseq.get %n#0[0] : !tseq.seq<tensor<4xf32>>
  %y = tseq.get %n#1[0] : !tseq.seq<tensor<4xf32>>
  %z = tseq.get %n#2[0] : !tseq.seq<tensor<4xf32>>
  bufferization.materialize_in_destination %x in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  %old = bufferization.to_tensor %k restrict : memref<4xf32> to tensor<4xf32>
  bufferization.materialize_in_destination %z in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  bufferization.materialize_in_destination %y in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  bufferization.materialize_in_destination %z in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  return %old : tensor<4xf32>
}
