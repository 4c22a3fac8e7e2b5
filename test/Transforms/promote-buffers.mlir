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

// Tests that a branch that writes two views that overlap writes the part of the
// buffer that both cover, in their order.
// CHECK-LABEL: func.func @overlapping_writes_in_branch(
// CHECK-SAME:    %[[M:[^:]*]]: memref<6xf32>, %[[A:[^:]*]]: tensor<4xf32>, %[[B:[^:]*]]: tensor<4xf32>
// CHECK:         %[[OLD:.*]] = bufferization.to_tensor %[[M]]
// CHECK:         %[[R:.*]] = scf.if
// CHECK:           %[[FIRST:.*]] = tensor.insert_slice %[[A]] into %[[OLD]][0] [4] [1]
// CHECK:           %[[BOTH:.*]] = tensor.insert_slice %[[B]] into %[[FIRST]][2] [4] [1]
// CHECK:           scf.yield %[[BOTH]]
// CHECK:         materialize_in_destination %[[R]] in restrict writable %[[M]]
// CHECK-NOT:     materialize_in_destination
func.func @overlapping_writes_in_branch(%m: memref<6xf32>, %a: tensor<4xf32>, %b: tensor<4xf32>, %c: i1) {
  %v = memref.subview %m[0] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1]>>
  %w = memref.subview %m[2] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: 2>>
  // expected-remark @+1 {{write-promoted}}
  scf.if %c {
    // expected-remark @+1 {{views-joined}}
    bufferization.materialize_in_destination %a in restrict writable %v : (tensor<4xf32>, memref<4xf32, strided<[1]>>) -> ()
    // expected-remark @+1 {{views-joined}}
    bufferization.materialize_in_destination %b in restrict writable %w : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 2>>) -> ()
  }
  return
}

// Tests that the sides of a branch that write views that overlap write the part
// of the buffer that all cover.
// CHECK-LABEL: func.func @other_view_on_each_side(
// CHECK-SAME:    %[[M:[^:]*]]: memref<6xf32>, %[[A:[^:]*]]: tensor<4xf32>, %[[B:[^:]*]]: tensor<4xf32>
// CHECK:         %[[OLD:.*]] = bufferization.to_tensor %[[M]]
// CHECK:         %[[R:.*]] = scf.if
// CHECK:           %[[ONE:.*]] = tensor.insert_slice %[[A]] into %[[OLD]][0] [4] [1]
// CHECK:           scf.yield %[[ONE]]
// CHECK:         } else {
// CHECK:           %[[OTHER:.*]] = tensor.insert_slice %[[B]] into %[[OLD]][2] [4] [1]
// CHECK:           scf.yield %[[OTHER]]
// CHECK:         materialize_in_destination %[[R]] in restrict writable %[[M]]
func.func @other_view_on_each_side(%m: memref<6xf32>, %a: tensor<4xf32>, %b: tensor<4xf32>, %c: i1) {
  %v = memref.subview %m[0] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1]>>
  %w = memref.subview %m[2] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: 2>>
  // expected-remark @+1 {{write-promoted}}
  scf.if %c {
    // expected-remark @+1 {{views-joined}}
    bufferization.materialize_in_destination %a in restrict writable %v : (tensor<4xf32>, memref<4xf32, strided<[1]>>) -> ()
  } else {
    // expected-remark @+1 {{views-joined}}
    bufferization.materialize_in_destination %b in restrict writable %w : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 2>>) -> ()
  }
  return
}

// Tests that a branch that writes two views that may overlap at a place that is
// not known keeps its writes, in their order.
// CHECK-LABEL: func.func @unknown_overlap_in_branch(
// CHECK:         scf.if
// CHECK:           materialize_in_destination
// CHECK:           materialize_in_destination
// CHECK:         }
// CHECK-NEXT:    return
func.func @unknown_overlap_in_branch(%m: memref<6xf32>, %a: tensor<4xf32>, %b: tensor<4xf32>, %c: i1, %at: index) {
  %v = memref.subview %m[0] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1]>>
  %w = memref.subview %m[%at] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: ?>>
  scf.if %c {
    bufferization.materialize_in_destination %a in restrict writable %v : (tensor<4xf32>, memref<4xf32, strided<[1]>>) -> ()
    // expected-remark @+1 {{aliasing-buffers}}
    bufferization.materialize_in_destination %b in restrict writable %w : (tensor<4xf32>, memref<4xf32, strided<[1], offset: ?>>) -> ()
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

// Tests that views that overlap are slices of one tensor: what was read before
// a write, and what is read after it.
// CHECK-LABEL: func.func @overlapping_views(
// CHECK-SAME:    %[[M:[^:]*]]: memref<6xf32>, %[[B:[^:]*]]: tensor<4xf32>
// CHECK:         %[[BEFORE:.*]] = bufferization.to_tensor %[[M]] restrict writable
// CHECK:         %[[OLD:.*]] = tensor.extract_slice %[[BEFORE]][0] [4] [1]
// CHECK:         %[[AFTER:.*]] = tensor.insert_slice %[[B]] into %[[BEFORE]][2] [4] [1]
// CHECK:         %[[NEW:.*]] = tensor.extract_slice %[[AFTER]][0] [4] [1]
// CHECK:         materialize_in_destination %[[AFTER]] in restrict writable %[[M]]
// CHECK:         return %[[OLD]], %[[NEW]]
func.func @overlapping_views(%m: memref<6xf32>, %b: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %v = memref.subview %m[0] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1]>>
  %w = memref.subview %m[2] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: 2>>
  // expected-remark @+1 {{views-joined}}
  %0 = bufferization.to_tensor %v restrict writable : memref<4xf32, strided<[1]>> to tensor<4xf32>
  // expected-remark @+1 {{views-joined}}
  bufferization.materialize_in_destination %b in restrict writable %w : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 2>>) -> ()
  // expected-remark @+1 {{views-joined}}
  %1 = bufferization.to_tensor %v restrict writable : memref<4xf32, strided<[1]>> to tensor<4xf32>
  return %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// Tests that only the part of a buffer that overlapping views cover is joined,
// also where their shapes differ, and that views apart from them are not.
// CHECK-LABEL: func.func @part_of_buffer(
// CHECK-SAME:    %[[M:[^:]*]]: memref<20xf32>, %[[B:[^:]*]]: tensor<4xf32>, %[[C:[^:]*]]: tensor<2x3xf32>
// CHECK:         %[[PART:.*]] = memref.reinterpret_cast %[[M]] to offset: [2], sizes: [8], strides: [1]
// CHECK:         %[[APART:.*]] = memref.subview %[[M]][12] [8] [1]
// CHECK:         %[[OLD:.*]] = bufferization.to_tensor %[[PART]]
// CHECK:         %[[ONE:.*]] = tensor.insert_slice %[[B]] into %[[OLD]][0] [4] [1]
// CHECK:         %[[FLAT:.*]] = tensor.collapse_shape %[[C]]
// CHECK:         %[[TWO:.*]] = tensor.insert_slice %[[FLAT]] into %[[ONE]][2] [6] [1]
// CHECK:         %[[R:.*]] = bufferization.to_tensor %[[APART]]
// CHECK:         materialize_in_destination %[[TWO]] in restrict writable %[[PART]]
// CHECK:         return %[[R]]
func.func @part_of_buffer(%m: memref<20xf32>, %b: tensor<4xf32>, %c: tensor<2x3xf32>) -> tensor<8xf32> {
  %v = memref.subview %m[2] [4] [1] : memref<20xf32> to memref<4xf32, strided<[1], offset: 2>>
  %w = memref.reinterpret_cast %m to offset: [4], sizes: [2, 3], strides: [3, 1] : memref<20xf32> to memref<2x3xf32, strided<[3, 1], offset: 4>>
  %x = memref.subview %m[12] [8] [1] : memref<20xf32> to memref<8xf32, strided<[1], offset: 12>>
  // expected-remark @+1 {{views-joined}}
  bufferization.materialize_in_destination %b in restrict writable %v : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 2>>) -> ()
  // expected-remark @+1 {{views-joined}}
  bufferization.materialize_in_destination %c in restrict writable %w : (tensor<2x3xf32>, memref<2x3xf32, strided<[3, 1], offset: 4>>) -> ()
  %0 = bufferization.to_tensor %x restrict : memref<8xf32, strided<[1], offset: 12>> to tensor<8xf32>
  return %0 : tensor<8xf32>
}

// Tests that what is put together so far is written where the host waits, so
// that a region may do it in place.
// CHECK-LABEL: func.func @wait_in_between(
// CHECK-SAME:    %[[M:[^:]*]]: memref<8xf32>
// CHECK:         %[[ONE:.*]] = tensor.insert_slice
// CHECK:         materialize_in_destination %[[ONE]] in restrict writable %[[M]]
// CHECK:         tensor.extract
// CHECK:         %[[TWO:.*]] = tensor.insert_slice %{{.*}} into %[[ONE]][4] [4] [1]
// CHECK:         materialize_in_destination %[[TWO]] in restrict writable %[[M]]
func.func @wait_in_between(%m: memref<8xf32>, %b: tensor<4xf32>, %s: tensor<f32>) -> (f32, tensor<8xf32>) {
  %v = memref.subview %m[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  %w = memref.subview %m[4] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 4>>
  // expected-remark @+1 {{views-joined}}
  bufferization.materialize_in_destination %b in restrict writable %v : (tensor<4xf32>, memref<4xf32, strided<[1]>>) -> ()
  %h = tensor.extract %s[] : tensor<f32>
  // expected-remark @+1 {{views-joined}}
  bufferization.materialize_in_destination %b in restrict writable %w : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 4>>) -> ()
  // expected-remark @+1 {{views-joined}}
  %0 = bufferization.to_tensor %m restrict : memref<8xf32> to tensor<8xf32>
  return %h, %0 : f32, tensor<8xf32>
}

// Tests that subviews with gaps are slices of the whole buffer.
// CHECK-LABEL: func.func @rows_and_columns(
// CHECK-SAME:    %[[M:[^:]*]]: memref<4x4xf32>
// CHECK:         %[[OLD:.*]] = bufferization.to_tensor %[[M]]
// CHECK:         %[[ONE:.*]] = tensor.insert_slice %{{.*}} into %[[OLD]][1, 0] [1, 4] [1, 1]
// CHECK:         %[[COLUMN:.*]] = tensor.extract_slice %[[ONE]][0, 2] [4, 1] [1, 1] : tensor<4x4xf32> to tensor<4xf32>
// CHECK:         materialize_in_destination %[[ONE]] in restrict writable %[[M]]
// CHECK:         return %[[COLUMN]]
func.func @rows_and_columns(%m: memref<4x4xf32>, %b: tensor<4xf32>) -> tensor<4xf32> {
  %row = memref.subview %m[1, 0] [1, 4] [1, 1] : memref<4x4xf32> to memref<4xf32, strided<[1], offset: 4>>
  %column = memref.subview %m[0, 2] [4, 1] [1, 1] : memref<4x4xf32> to memref<4xf32, strided<[4], offset: 2>>
  // expected-remark @+1 {{views-joined}}
  bufferization.materialize_in_destination %b in restrict writable %row : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 4>>) -> ()
  // expected-remark @+1 {{views-joined}}
  %0 = bufferization.to_tensor %column restrict : memref<4xf32, strided<[4], offset: 2>> to tensor<4xf32>
  return %0 : tensor<4xf32>
}

// Tests that what was read through a view at an offset that is not known is
// kept when another view is written.
// CHECK-LABEL: func.func @unknown_offset(
// CHECK:         %[[V:.*]] = memref.subview %{{.*}}[%{{.*}}] [4] [1]
// CHECK:         memref.copy %[[V]], %[[COPY:.*]] :
// CHECK:         %[[OLD:.*]] = bufferization.to_tensor %[[COPY]]
// CHECK:         materialize_in_destination
// CHECK:         %[[NEW:.*]] = bufferization.to_tensor
// CHECK:         return %[[OLD]], %[[NEW]]
func.func @unknown_offset(%m: memref<6xf32>, %b: tensor<4xf32>, %at: index) -> (tensor<4xf32>, tensor<4xf32>) {
  %v = memref.subview %m[%at] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: ?>>
  %w = memref.subview %m[2] [4] [1] : memref<6xf32> to memref<4xf32, strided<[1], offset: 2>>
  // expected-remark @+1 {{aliasing-buffers}}
  %0 = bufferization.to_tensor %v restrict writable : memref<4xf32, strided<[1], offset: ?>> to tensor<4xf32>
  bufferization.materialize_in_destination %b in restrict writable %w : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 2>>) -> ()
  // expected-remark @+1 {{aliasing-buffers}}
  %1 = bufferization.to_tensor %v restrict writable : memref<4xf32, strided<[1], offset: ?>> to tensor<4xf32>
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

// Tests that a branch that reads what it has written through another view takes
// it from the slices that it wrote.
// CHECK-LABEL: func.func @read_of_written_part(
// CHECK-SAME:    %[[M:[^:]*]]: memref<8xf32>, %[[T:[^:]*]]: tensor<4xf32>, %[[U:[^:]*]]: tensor<8xf32>
// CHECK:         %[[OLD:.*]] = bufferization.to_tensor %[[M]]
// CHECK:         %[[R:.*]]:2 = scf.if
// CHECK:           %[[NEW:.*]] = tensor.insert_slice %[[T]] into %[[OLD]]
// CHECK:           scf.yield %[[NEW]], %[[NEW]]
// CHECK:         } else {
// CHECK:           scf.yield %[[U]], %[[OLD]]
// CHECK:         materialize_in_destination %[[R]]#1 in restrict writable %[[M]]
// CHECK:         return %[[R]]#0
func.func @read_of_written_part(%m: memref<8xf32>, %t: tensor<4xf32>, %u: tensor<8xf32>, %c: i1) -> tensor<8xf32> {
  %part = memref.subview %m[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  // expected-remark @+1 {{write-promoted}}
  %0 = scf.if %c -> tensor<8xf32> {
    // expected-remark @+1 {{views-joined}}
    bufferization.materialize_in_destination %t in restrict writable %part : (tensor<4xf32>, memref<4xf32, strided<[1]>>) -> ()
    // expected-remark @+1 {{views-joined}}
    %1 = bufferization.to_tensor %m restrict : memref<8xf32> to tensor<8xf32>
    scf.yield %1 : tensor<8xf32>
  } else {
    scf.yield %u : tensor<8xf32>
  }
  return %0 : tensor<8xf32>
}

// Tests that a view that a tensor of dynamic shape is written to is not joined with
// others: what is put into a slice must have its shape.
// CHECK-LABEL: func.func @dynamic_source(
// CHECK-NOT:     tensor.insert_slice
// CHECK:         bufferization.materialize_in_destination
// CHECK:         bufferization.to_tensor
func.func @dynamic_source(%x: tensor<?xf32>, %m: memref<8xf32>) -> tensor<4xf32> {
  %v = memref.subview %m[2] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 2>>
  %w = memref.subview %m[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  bufferization.materialize_in_destination %x in restrict writable %w : (tensor<?xf32>, memref<4xf32, strided<[1]>>) -> ()
  // expected-remark @+1 {{aliasing-buffers}}
  %a = bufferization.to_tensor %v restrict : memref<4xf32, strided<[1], offset: 2>> to tensor<4xf32>
  return %a : tensor<4xf32>
}
