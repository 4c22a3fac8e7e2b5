// RUN: graph-opt %s --pull-views --split-input-file | FileCheck %s
// RUN: graph-opt %s --pull-views --split-input-file --remarks-filter="graph-opt.*" --remark-policy=all -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK

// Tests that two views of one buffer become one operand, and that the views are
// made again in the region.
// CHECK-LABEL: func.func @two_views(
// CHECK-SAME:      %[[FLAT:.*]]: memref<67xf32>)
// CHECK-NEXT:    tseq.graph "g" (%[[F:.*]] = %[[FLAT]]) : (memref<67xf32>) -> () {
// CHECK-NEXT:      %[[A:.*]] = memref.subview %[[F]][0] [64] [1]
// CHECK-NEXT:      %[[B:.*]] = memref.subview %[[F]][64] [3] [1]
// CHECK-NEXT:      memref.copy %[[A]], %[[A]]
// CHECK-NEXT:      memref.copy %[[B]], %[[B]]
// REMARK: views-pulled{{.*}}operands=1, operands-before=2
func.func @two_views(%flat: memref<67xf32>) {
  %v = memref.subview %flat[0] [64] [1] : memref<67xf32> to memref<64xf32, strided<[1]>>
  %w = memref.subview %flat[64] [3] [1] : memref<67xf32> to memref<3xf32, strided<[1], offset: 64>>
  tseq.graph "g" (%a = %v, %b = %w) : (memref<64xf32, strided<[1]>>, memref<3xf32, strided<[1], offset: 64>>) -> () {
    memref.copy %a, %a : memref<64xf32, strided<[1]>> to memref<64xf32, strided<[1]>>
    memref.copy %b, %b : memref<3xf32, strided<[1], offset: 64>> to memref<3xf32, strided<[1], offset: 64>>
    tseq.yield
  }
  return
}

// -----

// Tests that a buffer that is an operand itself and by a view is passed once,
// and that scalars and other buffers keep their order.
// CHECK-LABEL: func.func @buffer_and_view(
// CHECK-SAME:      %[[H:.*]]: f32, %[[M:.*]]: memref<8xf32>, %[[N:.*]]: memref<4xf32>)
// CHECK-NEXT:    tseq.graph "g" (%[[S:.*]] = %[[H]], %[[A:.*]] = %[[M]], %[[B:.*]] = %[[N]]) : (f32, memref<8xf32>, memref<4xf32>) -> () {
// CHECK-NEXT:      %[[V:.*]] = memref.subview %[[A]][4] [4] [1]
// CHECK-NEXT:      memref.copy %[[V]], %[[B]]
// CHECK-NEXT:      memref.copy %[[A]], %[[A]]
// CHECK-NEXT:      memref.copy %[[S]], %[[S]]
func.func @buffer_and_view(%h: f32, %m: memref<8xf32>, %n: memref<4xf32>) {
  %v = memref.subview %m[4] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 4>>
  tseq.graph "g" (%s = %h, %a = %v, %b = %n, %c = %m) : (f32, memref<4xf32, strided<[1], offset: 4>>, memref<4xf32>, memref<8xf32>) -> () {
    memref.copy %a, %b : memref<4xf32, strided<[1], offset: 4>> to memref<4xf32>
    memref.copy %c, %c : memref<8xf32> to memref<8xf32>
    memref.copy %s, %s : memref<f32> to memref<f32>
    tseq.yield
  }
  return
}

// -----

// Tests that a chain of views is followed, and that what two operands share of
// it is made once.
// CHECK-LABEL: func.func @chain(
// CHECK-SAME:      %[[M:.*]]: memref<4x6xf32>)
// CHECK-NEXT:    tseq.graph "g" (%[[F:.*]] = %[[M]]) : (memref<4x6xf32>) -> () {
// CHECK-NEXT:      %[[ONE:.*]] = memref.collapse_shape %[[F]]
// CHECK-NEXT:      %[[PART:.*]] = memref.subview %[[ONE]][8] [8] [1]
// CHECK-NEXT:      %[[TWO:.*]] = memref.expand_shape %[[PART]]
// CHECK-NEXT:      %[[OTHER:.*]] = memref.reinterpret_cast %[[PART]] to offset: [8], sizes: [4, 2], strides: [2, 1]
// CHECK-NEXT:      %[[SAME:.*]] = memref.cast %[[OTHER]]
// CHECK-NEXT:      memref.copy %[[TWO]], %[[TWO]]
// CHECK-NEXT:      memref.copy %[[PART]], %[[PART]]
// CHECK-NEXT:      memref.copy %[[SAME]], %[[SAME]]
// CHECK-NEXT:      tseq.yield
// CHECK:         return
func.func @chain(%m: memref<4x6xf32>) {
  %one = memref.collapse_shape %m [[0, 1]] : memref<4x6xf32> into memref<24xf32>
  %part = memref.subview %one[8] [8] [1] : memref<24xf32> to memref<8xf32, strided<[1], offset: 8>>
  %two = memref.expand_shape %part [[0, 1]] output_shape [2, 4] : memref<8xf32, strided<[1], offset: 8>> into memref<2x4xf32, strided<[4, 1], offset: 8>>
  %other = memref.reinterpret_cast %part to offset: [8], sizes: [4, 2], strides: [2, 1] : memref<8xf32, strided<[1], offset: 8>> to memref<4x2xf32, strided<[2, 1], offset: 8>>
  %same = memref.cast %other : memref<4x2xf32, strided<[2, 1], offset: 8>> to memref<4x2xf32, strided<[2, 1], offset: 8>>
  tseq.graph "g" (%a = %two, %b = %part, %c = %same) : (memref<2x4xf32, strided<[4, 1], offset: 8>>, memref<8xf32, strided<[1], offset: 8>>, memref<4x2xf32, strided<[2, 1], offset: 8>>) -> () {
    memref.copy %a, %a : memref<2x4xf32, strided<[4, 1], offset: 8>> to memref<2x4xf32, strided<[4, 1], offset: 8>>
    memref.copy %b, %b : memref<8xf32, strided<[1], offset: 8>> to memref<8xf32, strided<[1], offset: 8>>
    memref.copy %c, %c : memref<4x2xf32, strided<[2, 1], offset: 8>> to memref<4x2xf32, strided<[2, 1], offset: 8>>
    tseq.yield
  }
  return
}

// -----

// Tests that each of two regions gets the views that it uses, that a view with
// a use outside stays there too, and that an allocation is a buffer like others.
// CHECK-LABEL: func.func @two_regions(
// CHECK-NEXT:    %[[M:.*]] = memref.alloc() : memref<8xf32>
// CHECK-NEXT:    %[[OUT:.*]] = memref.subview %[[M]][4] [4] [1]
// CHECK-NEXT:    tseq.graph "g" (%[[F:.*]] = %[[M]])
// CHECK-NEXT:      memref.subview %[[F]][0] [4] [1]
// CHECK-NEXT:      memref.subview %[[F]][4] [4] [1]
// CHECK-NEXT:      tseq.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    tseq.graph "h" (%[[G:.*]] = %[[M]])
// CHECK-NEXT:      memref.subview %[[G]][4] [4] [1]
// CHECK-NEXT:      tseq.yield
// CHECK-NEXT:    }
// CHECK-NEXT:    memref.load %[[OUT]][%{{.*}}]
func.func @two_regions(%i: index) -> f32 {
  %m = memref.alloc() : memref<8xf32>
  %v = memref.subview %m[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  %w = memref.subview %m[4] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: 4>>
  tseq.graph "g" (%a = %v, %b = %w) : (memref<4xf32, strided<[1]>>, memref<4xf32, strided<[1], offset: 4>>) -> () {
    tseq.yield
  }
  tseq.graph "h" (%b = %w) : (memref<4xf32, strided<[1], offset: 4>>) -> () {
    tseq.yield
  }
  %x = memref.load %w[%i] : memref<4xf32, strided<[1], offset: 4>>
  return %x : f32
}

// -----

// Tests that views without elements are pulled in like others.
// CHECK-LABEL: func.func @empty_view(
// CHECK-SAME:      %[[M:.*]]: memref<8xf32>)
// CHECK-NEXT:    tseq.graph "g" (%[[F:.*]] = %[[M]]) : (memref<8xf32>) -> () {
// CHECK-NEXT:      memref.subview %[[F]][4] [0] [1]
func.func @empty_view(%m: memref<8xf32>) {
  %v = memref.subview %m[4] [0] [1] : memref<8xf32> to memref<0xf32, strided<[1], offset: 4>>
  tseq.graph "g" (%a = %v) : (memref<0xf32, strided<[1], offset: 4>>) -> () {
    tseq.yield
  }
  return
}

// -----

// Tests that the arena is still known where operands in front of it go away.
// CHECK-LABEL: func.func @arena_moves(
// CHECK:         tseq.graph "g" (%{{.*}} = %{{.*}}, %{{.*}} = %{{.*}}) : (memref<8xf32>, memref<256xi8>) -> () attributes {arena = 1 : i64}
func.func @arena_moves(%m: memref<8xf32>) {
  %arena = memref.alloc() : memref<256xi8>
  %v = memref.subview %m[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  tseq.graph "g" (%a = %v, %b = %m, %c = %arena) : (memref<4xf32, strided<[1]>>, memref<8xf32>, memref<256xi8>) -> () attributes {arena = 2 : i64} {
    tseq.yield
  }
  return
}

// -----

// Tests that a view at an offset of run time stays an operand, and that views
// of it are not followed further.
// CHECK-LABEL: func.func @dynamic_offset(
// CHECK:         %[[D:.*]] = memref.subview %{{.*}}[%{{.*}}] [4] [1]
// CHECK-NEXT:    %[[E:.*]] = memref.expand_shape %[[D]]
// CHECK-NEXT:    tseq.graph "g" (%{{.*}} = %[[E]]) : (memref<2x2xf32, strided<[2, 1], offset: ?>>) -> () {
// CHECK-NEXT:      tseq.yield
func.func @dynamic_offset(%m: memref<8xf32>, %i: index) {
  %d = memref.subview %m[%i] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1], offset: ?>>
  %e = memref.expand_shape %d [[0, 1]] output_shape [2, 2] : memref<4xf32, strided<[1], offset: ?>> into memref<2x2xf32, strided<[2, 1], offset: ?>>
  tseq.graph "g" (%a = %e) : (memref<2x2xf32, strided<[2, 1], offset: ?>>) -> () {
    tseq.yield
  }
  return
}

// -----

// Tests that the first buffer of static shape is the operand where the one below
// has a shape of run time.
// CHECK-LABEL: func.func @dynamic_buffer(
// CHECK-SAME:      %[[M:.*]]: memref<?xf32>)
// CHECK-NEXT:    %[[S:.*]] = memref.cast %[[M]] : memref<?xf32> to memref<8xf32>
// CHECK-NEXT:    tseq.graph "g" (%[[F:.*]] = %[[S]]) : (memref<8xf32>) -> () {
// CHECK-NEXT:      memref.subview %[[F]][0] [4] [1]
func.func @dynamic_buffer(%m: memref<?xf32>) {
  %s = memref.cast %m : memref<?xf32> to memref<8xf32>
  %v = memref.subview %s[0] [4] [1] : memref<8xf32> to memref<4xf32, strided<[1]>>
  tseq.graph "g" (%a = %v) : (memref<4xf32, strided<[1]>>) -> () {
    tseq.yield
  }
  return
}

// -----

// Tests that a reinterpretation that reaches out of its source is an operand.
// CHECK-LABEL: func.func @beyond_its_source(
// CHECK:         %[[R:.*]] = memref.reinterpret_cast
// CHECK-NEXT:    tseq.graph "g" (%{{.*}} = %[[R]]) : (memref<16xf32>) -> () {
func.func @beyond_its_source(%m: memref<8xf32, strided<[1], offset: 4>>) {
  %r = memref.reinterpret_cast %m to offset: [0], sizes: [16], strides: [1] : memref<8xf32, strided<[1], offset: 4>> to memref<16xf32>
  tseq.graph "g" (%a = %r) : (memref<16xf32>) -> () {
    tseq.yield
  }
  return
}

// -----

// Tests that a change of the element type is not followed.
// CHECK-LABEL: func.func @bytes(
// CHECK:         %[[V:.*]] = memref.view
// CHECK-NEXT:    tseq.graph "g" (%{{.*}} = %[[V]]) : (memref<4xf32>) -> () {
func.func @bytes(%m: memref<64xi8>) {
  %c16 = arith.constant 16 : index
  %v = memref.view %m[%c16][] : memref<64xi8> to memref<4xf32>
  tseq.graph "g" (%a = %v) : (memref<4xf32>) -> () {
    tseq.yield
  }
  return
}
