// RUN: graph-opt %s --promote-buffers | FileCheck %s
// RUN: graph-opt %s --promote-buffers --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics

// Tests that a read after a write takes what was written.
// CHECK-LABEL: func.func @read_after_write(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4xf32>, %[[A:[^:]*]]: tensor<4xf32>
// CHECK-NEXT:    %[[B:.*]] = arith.negf %[[A]]
// CHECK-NEXT:    materialize_in_destination %[[B]] in restrict writable %[[M]]
// CHECK-NEXT:    return %[[B]]
func.func @read_after_write(%m: memref<4xf32>, %a: tensor<4xf32>) -> tensor<4xf32> {
  %b = arith.negf %a : tensor<4xf32>
  bufferization.materialize_in_destination %b in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  %c = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  return %c : tensor<4xf32>
}

// Tests that a buffer is read once.
// CHECK-LABEL: func.func @read_twice
// CHECK:         %[[A:.*]] = bufferization.to_tensor
// CHECK-NEXT:    return %[[A]], %[[A]]
func.func @read_twice(%m: memref<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %a = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  %b = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  return %a, %b : tensor<4xf32>, tensor<4xf32>
}

// Tests that a write that nothing sees before the next one goes.
// CHECK-LABEL: func.func @overwritten(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4xf32>, %{{.*}}: tensor<4xf32>, %[[B:[^:]*]]: tensor<4xf32>
// CHECK-NEXT:    materialize_in_destination %[[B]] in restrict writable %[[M]]
// CHECK-NEXT:    return
func.func @overwritten(%m: memref<4xf32>, %a: tensor<4xf32>, %b: tensor<4xf32>) {
  bufferization.materialize_in_destination %a in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  bufferization.materialize_in_destination %b in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

func.func private @look()

// Tests that a write that a call may see stays, and that a read after it reads.
// CHECK-LABEL: func.func @seen_by_call(
// CHECK:         materialize_in_destination
// CHECK-NEXT:    call @look
// CHECK-NEXT:    %[[C:.*]] = bufferization.to_tensor
// CHECK-NEXT:    materialize_in_destination
// CHECK-NEXT:    return %[[C]]
func.func @seen_by_call(%m: memref<4xf32>, %a: tensor<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  bufferization.materialize_in_destination %a in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  call @look() : () -> ()
  %c = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  bufferization.materialize_in_destination %b in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  return %c : tensor<4xf32>
}

// Tests that a write inside of a branch becomes its result, and that what the
// branch leaves alone keeps what the buffer holds.
// CHECK-LABEL: func.func @write_in_branch(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4xf32>, %[[C:[^:]*]]: i1
// CHECK:         %[[OLD:.*]] = bufferization.to_tensor %[[M]]
// CHECK:         %[[R:.*]] = scf.if %[[C]] -> (tensor<4xf32>) {
// CHECK-NEXT:      %[[N:.*]] = arith.negf %[[OLD]]
// CHECK-NEXT:      scf.yield %[[N]]
// CHECK-NEXT:    } else {
// CHECK-NEXT:      scf.yield %[[OLD]]
// CHECK:         materialize_in_destination %[[R]] in restrict writable %[[M]]
func.func @write_in_branch(%m: memref<4xf32>, %c: i1) {
  %a = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{write-promoted}}
  scf.if %c {
    %b = arith.negf %a : tensor<4xf32>
    bufferization.materialize_in_destination %b in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  }
  return
}

// Tests that both sides of a branch are promoted, with results it already has,
// and that a read after it takes the result.
// CHECK-LABEL: func.func @write_in_both_sides(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4xf32>, %[[K:[^:]*]]: memref<4xf32>
// CHECK:         %[[R:.*]]:3 = scf.if %{{.*}} -> (f32, tensor<4xf32>, tensor<4xf32>) {
// CHECK:         } else {
// CHECK:         }
// CHECK-DAG:     materialize_in_destination %[[R]]#1 in restrict writable %[[M]]
// CHECK-DAG:     materialize_in_destination %[[R]]#2 in restrict writable %[[K]]
// CHECK:         return %[[R]]#0, %[[R]]#1
func.func @write_in_both_sides(%m: memref<4xf32>, %k: memref<4xf32>, %c: i1, %x: f32) -> (f32, tensor<4xf32>) {
  %a = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{write-promoted}}
  %r = scf.if %c -> f32 {
    %b = arith.negf %a : tensor<4xf32>
    bufferization.materialize_in_destination %b in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
    scf.yield %x : f32
  } else {
    %y = arith.negf %x : f32
    %b = arith.addf %a, %a : tensor<4xf32>
    bufferization.materialize_in_destination %b in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
    bufferization.materialize_in_destination %b in restrict writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
    scf.yield %y : f32
  }
  %t = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  return %r, %t : f32, tensor<4xf32>
}

// Tests that branches in branches are promoted from the inside.
// CHECK-LABEL: func.func @nested_branches(
// CHECK:         scf.if %{{.*}} -> (tensor<4xf32>) {
// CHECK:           scf.if %{{.*}} -> (tensor<4xf32>) {
// CHECK:         materialize_in_destination
// CHECK-NOT:     materialize_in_destination
func.func @nested_branches(%m: memref<4xf32>, %c: i1, %d: i1) {
  %a = bufferization.to_tensor %m restrict writable : memref<4xf32> to tensor<4xf32>
  // expected-remark @+1 {{write-promoted}}
  scf.if %c {
    // expected-remark @+1 {{write-promoted}}
    scf.if %d {
      %b = arith.negf %a : tensor<4xf32>
      bufferization.materialize_in_destination %b in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
    }
  }
  return
}

// Tests that a branch with other effects keeps its writes.
// CHECK-LABEL: func.func @branch_with_call
// CHECK:         scf.if
// CHECK:           call @look
// CHECK:           materialize_in_destination
// CHECK:         }
// CHECK-NEXT:    return
func.func @branch_with_call(%m: memref<4xf32>, %a: tensor<4xf32>, %c: i1) {
  scf.if %c {
    func.call @look() : () -> ()
    bufferization.materialize_in_destination %a in restrict writable %m : (tensor<4xf32>, memref<4xf32>) -> ()
  }
  return
}

// Tests that a branch that writes two buffers that may overlap keeps its
// writes, in their order.
// CHECK-LABEL: func.func @overlapping_writes_in_branch
// CHECK:         scf.if
// CHECK:           materialize_in_destination
// CHECK:           materialize_in_destination
// CHECK:         }
// CHECK-NEXT:    return
func.func @overlapping_writes_in_branch(%m: memref<6xf32>, %a: tensor<4xf32>, %b: tensor<4xf32>, %c: i1) {
  %v = memref.subview %m[0] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1]>>
  %w = memref.subview %m[2] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: 2>>
  scf.if %c {
    bufferization.materialize_in_destination %a in restrict writable %v : (tensor<4xf32>, memref<4xf32, strided<[1]>>) -> ()
    // expected-remark @+1 {{aliasing-buffers}}
    bufferization.materialize_in_destination %b in restrict writable %w : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 2>>) -> ()
  }
  return
}

// Tests that disjoint views of one buffer do not disturb each other.
// CHECK-LABEL: func.func @disjoint_views(
// CHECK:         %[[A:.*]] = bufferization.to_tensor
// CHECK:         materialize_in_destination
// CHECK-NOT:     bufferization.to_tensor
// CHECK:         return %[[A]]
func.func @disjoint_views(%m: memref<8xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %v = memref.subview %m[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  %w = memref.subview %m[4] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 4>>
  %0 = bufferization.to_tensor %v restrict writable : memref<4xf32, strided<[1]>> to tensor<4xf32>
  bufferization.materialize_in_destination %b in restrict writable %w : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 4>>) -> ()
  %1 = bufferization.to_tensor %v restrict writable : memref<4xf32, strided<[1]>> to tensor<4xf32>
  return %1 : tensor<4xf32>
}

// Tests that what was read is kept when an overlapping view is written, and
// that the same view is read again after that.
// CHECK-LABEL: func.func @overlapping_views(
// CHECK:         %[[V:.*]] = memref.subview %{{.*}}[0]
// CHECK:         memref.copy %[[V]], %[[COPY:.*]] :
// CHECK:         %[[OLD:.*]] = bufferization.to_tensor %[[COPY]]
// CHECK:         materialize_in_destination
// CHECK:         %[[NEW:.*]] = bufferization.to_tensor
// CHECK:         return %[[OLD]], %[[NEW]]
func.func @overlapping_views(%m: memref<6xf32>, %b: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %v = memref.subview %m[0] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1]>>
  %w = memref.subview %m[2] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: 2>>
  // expected-remark @+1 {{aliasing-buffers}}
  %0 = bufferization.to_tensor %v restrict writable : memref<4xf32, strided<[1]>> to tensor<4xf32>
  bufferization.materialize_in_destination %b in restrict writable %w : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 2>>) -> ()
  // expected-remark @+1 {{aliasing-buffers}}
  %1 = bufferization.to_tensor %v restrict writable : memref<4xf32, strided<[1]>> to tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// Tests that without `restrict` two buffers may be one.
// CHECK-LABEL: func.func @without_restrict(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4xf32>
// CHECK:         memref.copy %[[M]], %[[COPY:.*]] :
// CHECK:         bufferization.to_tensor %[[COPY]]
// CHECK:         materialize_in_destination
func.func @without_restrict(%m: memref<4xf32>, %k: memref<4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  // expected-remark @+1 {{aliasing-buffers}}
  %0 = bufferization.to_tensor %m : memref<4xf32> to tensor<4xf32>
  bufferization.materialize_in_destination %b in writable %k : (tensor<4xf32>, memref<4xf32>) -> ()
  return %0 : tensor<4xf32>
}

// Tests that what was read is kept when a copy overwrites the buffer.
// CHECK-LABEL: func.func @overwritten_by_copy(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4xf32>, %[[K:[^:]*]]: memref<4xf32>
// CHECK:         memref.copy %[[M]], %[[COPY:.*]] :
// CHECK:         bufferization.to_tensor %[[COPY]]
// CHECK:         memref.copy %[[K]], %[[M]]
func.func @overwritten_by_copy(%m: memref<4xf32>, %k: memref<4xf32>) -> tensor<4xf32> {
  // expected-remark @+1 {{aliasing-buffers}}
  %0 = bufferization.to_tensor %m restrict : memref<4xf32> to tensor<4xf32>
  memref.copy %k, %m : memref<4xf32> to memref<4xf32>
  return %0 : tensor<4xf32>
}

// Tests that a read of what was written through a part of it stays behind the
// write, also where other effects stand between them: those may fold away.
// CHECK-LABEL: func.func @whole_read_after_other_effects(
// CHECK-SAME:    %[[M:[^:]*]]: memref<8xf32>
// CHECK:         materialize_in_destination
// CHECK:         scf.if
// CHECK:         memref.copy %[[M]], %[[COPY:.*]] :
// CHECK:         bufferization.to_tensor %[[COPY]]
func.func @whole_read_after_other_effects(%m: memref<8xf32>, %t: tensor<4xf32>, %c: i1, %k: memref<f32>, %s: f32) -> tensor<8xf32> {
  %part = memref.subview %m[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  bufferization.materialize_in_destination %t in restrict writable %part : (tensor<4xf32>, memref<4xf32, strided<[1]>>) -> ()
  scf.if %c {
    memref.store %s, %k[] : memref<f32>
  }
  // expected-remark @+1 {{aliasing-buffers}}
  %0 = bufferization.to_tensor %m restrict : memref<8xf32> to tensor<8xf32>
  return %0 : tensor<8xf32>
}

// Tests that a branch that reads what it has written through another view is
// left as it is: the read must see the write.
// CHECK-LABEL: func.func @read_of_written_part(
// CHECK:         scf.if
// CHECK:           bufferization.materialize_in_destination
// CHECK:           memref.copy
// CHECK:           scf.yield
func.func @read_of_written_part(%m: memref<8xf32>, %t: tensor<4xf32>, %u: tensor<8xf32>, %c: i1) -> tensor<8xf32> {
  %part = memref.subview %m[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  %0 = scf.if %c -> tensor<8xf32> {
    bufferization.materialize_in_destination %t in restrict writable %part : (tensor<4xf32>, memref<4xf32, strided<[1]>>) -> ()
    // expected-remark @+1 {{aliasing-buffers}}
    %1 = bufferization.to_tensor %m restrict : memref<8xf32> to tensor<8xf32>
    scf.yield %1 : tensor<8xf32>
  } else {
    scf.yield %u : tensor<8xf32>
  }
  return %0 : tensor<8xf32>
}
