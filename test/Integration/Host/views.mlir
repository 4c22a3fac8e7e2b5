// RUN: graph-run %s --entry=flat_views --repeat 3 --verify --stats=json | FileCheck %s --check-prefix=FLAT
// RUN: graph-run %s --entry=overlapping --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=whole_and_part --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=whole_beside_parts --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=strided_view --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=one_view_from_another --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=bucket --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=unbucket --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=reshaped_view --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=sliding --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,NOCOPY
// RUN: graph-run %s --entry=whole_part_whole --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,NOCOPY
// RUN: graph-run %s --entry=gradient_bucket --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,NOCOPY
// RUN: graph-run %s --entry=rows_and_columns --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,NOCOPY
// RUN: graph-run %s --entry=jacobi --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE
// RUN: graph-run %s --entry=shifted_in_branch --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE
// RUN: graph-run %s --entry=interleaved --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,NOCOPY
// RUN: graph-run %s --entry=put_in_and_read_later --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=dynamic_view --arg 1=3 --repeat 3 --verify | FileCheck %s
// CHECK: verify: ok
// ONE:    "graphs":1,
// NOCOPY: "memcpy_nodes":0,
// ONE:    verify: ok

// Tests that disjoint views of one buffer, one of them at an offset of two
// elements, are scaled by one kernel.
// FLAT:      "kernel_nodes":1,
// FLAT-NEXT: verify: ok
func.func @flat_views(%flat: memref<100xf32>, %by: f32) {
  %v0 = memref.subview %flat[0] [2] [1] : memref<100xf32> to memref<2xf32, strided<[1]>>
  %v1 = memref.subview %flat[2] [64] [1] : memref<100xf32> to memref<64xf32, strided<[1], offset: 2>>
  %v2 = memref.subview %flat[66] [34] [1] : memref<100xf32> to memref<34xf32, strided<[1], offset: 66>>
  %g0 = bufferization.to_tensor %v0 restrict writable : memref<2xf32, strided<[1]>> to tensor<2xf32>
  %g1 = bufferization.to_tensor %v1 restrict writable : memref<64xf32, strided<[1], offset: 2>> to tensor<64xf32>
  %g2 = bufferization.to_tensor %v2 restrict writable : memref<34xf32, strided<[1], offset: 66>> to tensor<34xf32>
  %s0 = tensor.splat %by : tensor<2xf32>
  %s1 = tensor.splat %by : tensor<64xf32>
  %s2 = tensor.splat %by : tensor<34xf32>
  %r0 = arith.mulf %g0, %s0 : tensor<2xf32>
  %r1 = arith.mulf %g1, %s1 : tensor<64xf32>
  %r2 = arith.mulf %g2, %s2 : tensor<34xf32>
  bufferization.materialize_in_destination %r0 in restrict writable %v0 : (tensor<2xf32>, memref<2xf32, strided<[1]>>) -> ()
  bufferization.materialize_in_destination %r1 in restrict writable %v1 : (tensor<64xf32>, memref<64xf32, strided<[1], offset: 2>>) -> ()
  bufferization.materialize_in_destination %r2 in restrict writable %v2 : (tensor<34xf32>, memref<34xf32, strided<[1], offset: 66>>) -> ()
  return
}

// Tests that what one view writes is seen through an overlapping one, and only
// after the write.
func.func @overlapping(%flat: memref<12xf32>) -> tensor<8xf32> {
  %v0 = memref.subview %flat[0] [8] [1] : memref<12xf32> to memref<8xf32, strided<[1]>>
  %v1 = memref.subview %flat[4] [8] [1] : memref<12xf32> to memref<8xf32, strided<[1], offset: 4>>
  %a = bufferization.to_tensor %v0 restrict writable : memref<8xf32, strided<[1]>> to tensor<8xf32>
  %old = bufferization.to_tensor %v1 restrict : memref<8xf32, strided<[1], offset: 4>> to tensor<8xf32>
  %r = arith.addf %a, %a : tensor<8xf32>
  bufferization.materialize_in_destination %r in restrict writable %v0 : (tensor<8xf32>, memref<8xf32, strided<[1]>>) -> ()
  %new = bufferization.to_tensor %v1 restrict : memref<8xf32, strided<[1], offset: 4>> to tensor<8xf32>
  %both = arith.subf %new, %old : tensor<8xf32>
  return %both : tensor<8xf32>
}

// Tests that a write to a part is seen in the whole, and the other way round.
func.func @whole_and_part(%flat: memref<10xf32>) {
  %part = memref.subview %flat[3] [4] [1] : memref<10xf32> to memref<4xf32, strided<[1], offset: 3>>
  %p = bufferization.to_tensor %part restrict writable : memref<4xf32, strided<[1], offset: 3>> to tensor<4xf32>
  %q = arith.negf %p : tensor<4xf32>
  bufferization.materialize_in_destination %q in restrict writable %part : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 3>>) -> ()
  %w = bufferization.to_tensor %flat restrict writable : memref<10xf32> to tensor<10xf32>
  %x = arith.addf %w, %w : tensor<10xf32>
  bufferization.materialize_in_destination %x in restrict writable %flat : (tensor<10xf32>, memref<10xf32>) -> ()
  %p2 = bufferization.to_tensor %part restrict writable : memref<4xf32, strided<[1], offset: 3>> to tensor<4xf32>
  %q2 = arith.mulf %p2, %p : tensor<4xf32>
  bufferization.materialize_in_destination %q2 in restrict writable %part : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 3>>) -> ()
  return
}

// Tests that a write to a part is seen in the whole where a part that lies
// between the whole's begin and the write is read as well.
func.func @whole_beside_parts(%flat: memref<12xf32>, %out: memref<12xf32>) {
  %v1 = memref.subview %flat[1] [2] [1] : memref<12xf32> to memref<2xf32, strided<[1], offset: 1>>
  %v8 = memref.subview %flat[8] [4] [1] : memref<12xf32> to memref<4xf32, strided<[1], offset: 8>>
  %old = bufferization.to_tensor %flat restrict writable : memref<12xf32> to tensor<12xf32>
  %a = bufferization.to_tensor %v1 restrict writable : memref<2xf32, strided<[1], offset: 1>> to tensor<2xf32>
  %b = bufferization.to_tensor %v8 restrict writable : memref<4xf32, strided<[1], offset: 8>> to tensor<4xf32>
  %b2 = arith.addf %b, %b : tensor<4xf32>
  bufferization.materialize_in_destination %b2 in restrict writable %v8 : (tensor<4xf32>, memref<4xf32, strided<[1], offset: 8>>) -> ()
  %new = bufferization.to_tensor %flat restrict writable : memref<12xf32> to tensor<12xf32>
  %d = arith.subf %new, %old : tensor<12xf32>
  bufferization.materialize_in_destination %d in restrict writable %out : (tensor<12xf32>, memref<12xf32>) -> ()
  %n = arith.negf %a : tensor<2xf32>
  bufferization.materialize_in_destination %n in restrict writable %v1 : (tensor<2xf32>, memref<2xf32, strided<[1], offset: 1>>) -> ()
  return
}

// Tests that a view with gaps is updated without touching what lies between.
func.func @strided_view(%m: memref<6x8xf32>) {
  %v = memref.subview %m[1, 2] [3, 2] [2, 3] : memref<6x8xf32> to memref<3x2xf32, strided<[16, 3], offset: 10>>
  %t = bufferization.to_tensor %v restrict writable : memref<3x2xf32, strided<[16, 3], offset: 10>> to tensor<3x2xf32>
  %r = arith.addf %t, %t : tensor<3x2xf32>
  bufferization.materialize_in_destination %r in restrict writable %v : (tensor<3x2xf32>, memref<3x2xf32, strided<[16, 3], offset: 10>>) -> ()
  return
}

// Tests that an overlapping view may be written from another one's contents.
func.func @one_view_from_another(%m: memref<9xf32>) {
  %v0 = memref.subview %m[0] [8] [1] : memref<9xf32> to memref<8xf32, strided<[1]>>
  %v1 = memref.subview %m[1] [8] [1] : memref<9xf32> to memref<8xf32, strided<[1], offset: 1>>
  %a = bufferization.to_tensor %v0 restrict writable : memref<8xf32, strided<[1]>> to tensor<8xf32>
  %r = math.absf %a : tensor<8xf32>
  bufferization.materialize_in_destination %r in restrict writable %v1 : (tensor<8xf32>, memref<8xf32, strided<[1], offset: 1>>) -> ()
  return
}

// Tests that separate buffers are gathered into one, through views.
func.func @bucket(%g0: memref<3x4xf32>, %g1: memref<5xf32>, %flat: memref<17xf32>) {
  %a = bufferization.to_tensor %g0 restrict : memref<3x4xf32> to tensor<3x4xf32>
  %b = bufferization.to_tensor %g1 restrict : memref<5xf32> to tensor<5xf32>
  %v0 = memref.subview %flat[0] [12] [1] : memref<17xf32> to memref<12xf32, strided<[1]>>
  %v1 = memref.subview %flat[12] [5] [1] : memref<17xf32> to memref<5xf32, strided<[1], offset: 12>>
  %c = tensor.collapse_shape %a [[0, 1]] : tensor<3x4xf32> into tensor<12xf32>
  bufferization.materialize_in_destination %c in restrict writable %v0 : (tensor<12xf32>, memref<12xf32, strided<[1]>>) -> ()
  bufferization.materialize_in_destination %b in restrict writable %v1 : (tensor<5xf32>, memref<5xf32, strided<[1], offset: 12>>) -> ()
  return
}

// Tests the way back, through slices of a tensor.
func.func @unbucket(%flat: memref<17xf32>, %g0: memref<3x4xf32>, %g1: memref<5xf32>) {
  %f = bufferization.to_tensor %flat restrict : memref<17xf32> to tensor<17xf32>
  %s0 = tensor.extract_slice %f[0] [12] [1] : tensor<17xf32> to tensor<12xf32>
  %s1 = tensor.extract_slice %f[12] [5] [1] : tensor<17xf32> to tensor<5xf32>
  %e0 = tensor.expand_shape %s0 [[0, 1]] output_shape [3, 4] : tensor<12xf32> into tensor<3x4xf32>
  bufferization.materialize_in_destination %e0 in restrict writable %g0 : (tensor<3x4xf32>, memref<3x4xf32>) -> ()
  bufferization.materialize_in_destination %s1 in restrict writable %g1 : (tensor<5xf32>, memref<5xf32>) -> ()
  return
}

// Tests that a view of another shape is the same memory.
func.func @reshaped_view(%m: memref<4x6xf32>) -> tensor<24xf32> {
  %v = memref.collapse_shape %m [[0, 1]] : memref<4x6xf32> into memref<24xf32>
  %t = bufferization.to_tensor %m restrict writable : memref<4x6xf32> to tensor<4x6xf32>
  %old = bufferization.to_tensor %v restrict : memref<24xf32> to tensor<24xf32>
  %r = arith.mulf %t, %t : tensor<4x6xf32>
  bufferization.materialize_in_destination %r in restrict writable %m : (tensor<4x6xf32>, memref<4x6xf32>) -> ()
  %new = bufferization.to_tensor %v restrict : memref<24xf32> to tensor<24xf32>
  %d = arith.subf %new, %old : tensor<24xf32>
  return %d : tensor<24xf32>
}

// Tests that a view at an offset known at run time only is updated in place.
func.func @dynamic_view(%m: memref<16xf32>, %at: index) {
  %v = memref.subview %m[%at] [4] [1] : memref<16xf32> to memref<4xf32, strided<[1], offset: ?>>
  %t = bufferization.to_tensor %v restrict writable : memref<4xf32, strided<[1], offset: ?>> to tensor<4xf32>
  %r = arith.addf %t, %t : tensor<4xf32>
  bufferization.materialize_in_destination %r in restrict writable %v : (tensor<4xf32>, memref<4xf32, strided<[1], offset: ?>>) -> ()
  return
}

// Tests that windows that slide over a buffer are updated in place, in one
// graph.
func.func @sliding(%m: memref<64xf32>) {
  %v = memref.subview %m[0] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1]>>
  %t = bufferization.to_tensor %v restrict writable : memref<32xf32, strided<[1]>> to tensor<32xf32>
  %r = arith.addf %t, %t : tensor<32xf32>
  bufferization.materialize_in_destination %r in restrict writable %v : (tensor<32xf32>, memref<32xf32, strided<[1]>>) -> ()
  %v1 = memref.subview %m[8] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1], offset: 8>>
  %t1 = bufferization.to_tensor %v1 restrict writable : memref<32xf32, strided<[1], offset: 8>> to tensor<32xf32>
  %r1 = arith.addf %t1, %t1 : tensor<32xf32>
  bufferization.materialize_in_destination %r1 in restrict writable %v1 : (tensor<32xf32>, memref<32xf32, strided<[1], offset: 8>>) -> ()
  %v2 = memref.subview %m[16] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1], offset: 16>>
  %t2 = bufferization.to_tensor %v2 restrict writable : memref<32xf32, strided<[1], offset: 16>> to tensor<32xf32>
  %r2 = arith.addf %t2, %t2 : tensor<32xf32>
  bufferization.materialize_in_destination %r2 in restrict writable %v2 : (tensor<32xf32>, memref<32xf32, strided<[1], offset: 16>>) -> ()
  %v3 = memref.subview %m[24] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1], offset: 24>>
  %t3 = bufferization.to_tensor %v3 restrict writable : memref<32xf32, strided<[1], offset: 24>> to tensor<32xf32>
  %r3 = arith.addf %t3, %t3 : tensor<32xf32>
  bufferization.materialize_in_destination %r3 in restrict writable %v3 : (tensor<32xf32>, memref<32xf32, strided<[1], offset: 24>>) -> ()
  return
}

// Tests that updates of a buffer, of a part of it, and of the buffer again
// are one graph.
func.func @whole_part_whole(%m: memref<64xf32>) {
  %t = bufferization.to_tensor %m restrict writable : memref<64xf32> to tensor<64xf32>
  %r = arith.mulf %t, %t : tensor<64xf32>
  bufferization.materialize_in_destination %r in restrict writable %m : (tensor<64xf32>, memref<64xf32>) -> ()
  %v = memref.subview %m[5] [20] [1] : memref<64xf32> to memref<20xf32, strided<[1], offset: 5>>
  %t1 = bufferization.to_tensor %v restrict writable : memref<20xf32, strided<[1], offset: 5>> to tensor<20xf32>
  %r1 = arith.negf %t1 : tensor<20xf32>
  bufferization.materialize_in_destination %r1 in restrict writable %v : (tensor<20xf32>, memref<20xf32, strided<[1], offset: 5>>) -> ()
  %t2 = bufferization.to_tensor %m restrict writable : memref<64xf32> to tensor<64xf32>
  %r2 = arith.addf %t2, %t2 : tensor<64xf32>
  bufferization.materialize_in_destination %r2 in restrict writable %m : (tensor<64xf32>, memref<64xf32>) -> ()
  return
}

// Tests that a buffer that is cleared whole, written in parts, measured
// whole and scaled in parts is never copied.
func.func @gradient_bucket(%m: memref<64xf32>, %g0: tensor<32xf32>, %g1: tensor<32xf32>) -> f32 {
  %zeros = arith.constant dense<0.0> : tensor<64xf32>
  bufferization.materialize_in_destination %zeros in restrict writable %m : (tensor<64xf32>, memref<64xf32>) -> ()
  %v = memref.subview %m[0] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1]>>
  %t = bufferization.to_tensor %v restrict writable : memref<32xf32, strided<[1]>> to tensor<32xf32>
  %r = arith.addf %t, %g0 : tensor<32xf32>
  bufferization.materialize_in_destination %r in restrict writable %v : (tensor<32xf32>, memref<32xf32, strided<[1]>>) -> ()
  %v1 = memref.subview %m[32] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1], offset: 32>>
  %t1 = bufferization.to_tensor %v1 restrict writable : memref<32xf32, strided<[1], offset: 32>> to tensor<32xf32>
  %r1 = arith.addf %t1, %g1 : tensor<32xf32>
  bufferization.materialize_in_destination %r1 in restrict writable %v1 : (tensor<32xf32>, memref<32xf32, strided<[1], offset: 32>>) -> ()
  %t2 = bufferization.to_tensor %m restrict writable : memref<64xf32> to tensor<64xf32>
  %r2 = arith.mulf %t2, %t2 : tensor<64xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %sum = linalg.reduce { arith.addf } ins(%r2 : tensor<64xf32>) outs(%init : tensor<f32>) dimensions = [0]
  %h = tensor.extract %sum[] : tensor<f32>
  %v2 = memref.subview %m[0] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1]>>
  %by = tensor.splat %h : tensor<32xf32>
  %t3 = bufferization.to_tensor %v2 restrict writable : memref<32xf32, strided<[1]>> to tensor<32xf32>
  %r3 = arith.mulf %t3, %by : tensor<32xf32>
  bufferization.materialize_in_destination %r3 in restrict writable %v2 : (tensor<32xf32>, memref<32xf32, strided<[1]>>) -> ()
  %v3 = memref.subview %m[32] [32] [1] : memref<64xf32> to memref<32xf32, strided<[1], offset: 32>>
  %by1 = tensor.splat %h : tensor<32xf32>
  %t4 = bufferization.to_tensor %v3 restrict writable : memref<32xf32, strided<[1], offset: 32>> to tensor<32xf32>
  %r4 = arith.mulf %t4, %by1 : tensor<32xf32>
  bufferization.materialize_in_destination %r4 in restrict writable %v3 : (tensor<32xf32>, memref<32xf32, strided<[1], offset: 32>>) -> ()
  return %h : f32
}

// Tests that rows and columns of a matrix are updated one after the other.
func.func @rows_and_columns(%m: memref<8x8xf32>) {
  %v = memref.subview %m[0, 0] [4, 8] [1, 1] : memref<8x8xf32> to memref<4x8xf32, strided<[8, 1]>>
  %t = bufferization.to_tensor %v restrict writable : memref<4x8xf32, strided<[8, 1]>> to tensor<4x8xf32>
  %r = arith.addf %t, %t : tensor<4x8xf32>
  bufferization.materialize_in_destination %r in restrict writable %v : (tensor<4x8xf32>, memref<4x8xf32, strided<[8, 1]>>) -> ()
  %v1 = memref.subview %m[0, 2] [8, 3] [1, 1] : memref<8x8xf32> to memref<8x3xf32, strided<[8, 1], offset: 2>>
  %t1 = bufferization.to_tensor %v1 restrict writable : memref<8x3xf32, strided<[8, 1], offset: 2>> to tensor<8x3xf32>
  %r1 = arith.addf %t1, %t1 : tensor<8x3xf32>
  bufferization.materialize_in_destination %r1 in restrict writable %v1 : (tensor<8x3xf32>, memref<8x3xf32, strided<[8, 1], offset: 2>>) -> ()
  %v2 = memref.subview %m[2, 0] [4, 8] [1, 1] : memref<8x8xf32> to memref<4x8xf32, strided<[8, 1], offset: 16>>
  %t2 = bufferization.to_tensor %v2 restrict writable : memref<4x8xf32, strided<[8, 1], offset: 16>> to tensor<4x8xf32>
  %r2 = arith.addf %t2, %t2 : tensor<4x8xf32>
  bufferization.materialize_in_destination %r2 in restrict writable %v2 : (tensor<4x8xf32>, memref<4x8xf32, strided<[8, 1], offset: 16>>) -> ()
  return
}

// Tests that an update of each element from its neighbours sees the old
// ones, several times over.
func.func @jacobi(%m: memref<64xf32>) {
  %v = memref.subview %m[0] [62] [1] : memref<64xf32> to memref<62xf32, strided<[1]>>
  %v1 = memref.subview %m[2] [62] [1] : memref<64xf32> to memref<62xf32, strided<[1], offset: 2>>
  %v2 = memref.subview %m[1] [62] [1] : memref<64xf32> to memref<62xf32, strided<[1], offset: 1>>
  %t = bufferization.to_tensor %v restrict writable : memref<62xf32, strided<[1]>> to tensor<62xf32>
  %t1 = bufferization.to_tensor %v1 restrict writable : memref<62xf32, strided<[1], offset: 2>> to tensor<62xf32>
  %r = arith.addf %t, %t1 : tensor<62xf32>
  bufferization.materialize_in_destination %r in restrict writable %v2 : (tensor<62xf32>, memref<62xf32, strided<[1], offset: 1>>) -> ()
  %t2 = bufferization.to_tensor %v restrict writable : memref<62xf32, strided<[1]>> to tensor<62xf32>
  %t3 = bufferization.to_tensor %v1 restrict writable : memref<62xf32, strided<[1], offset: 2>> to tensor<62xf32>
  %r1 = arith.addf %t2, %t3 : tensor<62xf32>
  bufferization.materialize_in_destination %r1 in restrict writable %v2 : (tensor<62xf32>, memref<62xf32, strided<[1], offset: 1>>) -> ()
  %t4 = bufferization.to_tensor %v restrict writable : memref<62xf32, strided<[1]>> to tensor<62xf32>
  %t5 = bufferization.to_tensor %v1 restrict writable : memref<62xf32, strided<[1], offset: 2>> to tensor<62xf32>
  %r2 = arith.addf %t4, %t5 : tensor<62xf32>
  bufferization.materialize_in_destination %r2 in restrict writable %v2 : (tensor<62xf32>, memref<62xf32, strided<[1], offset: 1>>) -> ()
  return
}

// Tests that a branch on the device writes a view from one that overlaps it.
func.func @shifted_in_branch(%m: memref<64xf32>) -> f32 {
  %t = bufferization.to_tensor %m restrict writable : memref<64xf32> to tensor<64xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<f32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %sum = linalg.reduce { arith.addf } ins(%t : tensor<64xf32>) outs(%init : tensor<f32>) dimensions = [0]
  %h = tensor.extract %sum[] : tensor<f32>
  %one = arith.constant 1.0 : f32
  %c = arith.cmpf olt, %h, %one : f32
  %v = memref.subview %m[4] [40] [1] : memref<64xf32> to memref<40xf32, strided<[1], offset: 4>>
  %v1 = memref.subview %m[8] [40] [1] : memref<64xf32> to memref<40xf32, strided<[1], offset: 8>>
  scf.if %c {
    %t1 = bufferization.to_tensor %v restrict writable : memref<40xf32, strided<[1], offset: 4>> to tensor<40xf32>
    %r = arith.mulf %t1, %t1 : tensor<40xf32>
    bufferization.materialize_in_destination %r in restrict writable %v1 : (tensor<40xf32>, memref<40xf32, strided<[1], offset: 8>>) -> ()
    %t2 = bufferization.to_tensor %v1 restrict writable : memref<40xf32, strided<[1], offset: 8>> to tensor<40xf32>
    %r1 = arith.negf %t2 : tensor<40xf32>
    bufferization.materialize_in_destination %r1 in restrict writable %v : (tensor<40xf32>, memref<40xf32, strided<[1], offset: 4>>) -> ()
  } else {
    %t3 = bufferization.to_tensor %v1 restrict writable : memref<40xf32, strided<[1], offset: 8>> to tensor<40xf32>
    %r2 = math.absf %t3 : tensor<40xf32>
    bufferization.materialize_in_destination %r2 in restrict writable %v : (tensor<40xf32>, memref<40xf32, strided<[1], offset: 4>>) -> ()
  }
  %t4 = bufferization.to_tensor %m restrict writable : memref<64xf32> to tensor<64xf32>
  %r3 = arith.addf %t4, %t4 : tensor<64xf32>
  bufferization.materialize_in_destination %r3 in restrict writable %m : (tensor<64xf32>, memref<64xf32>) -> ()
  return %h : f32
}

// Tests that views of every other element are updated from each other, and
// then the whole.
func.func @interleaved(%m: memref<64xf32>) {
  %v = memref.subview %m[0] [32] [2] : memref<64xf32> to memref<32xf32, strided<[2]>>
  %v1 = memref.subview %m[1] [32] [2] : memref<64xf32> to memref<32xf32, strided<[2], offset: 1>>
  %t = bufferization.to_tensor %v restrict writable : memref<32xf32, strided<[2]>> to tensor<32xf32>
  %t1 = bufferization.to_tensor %v1 restrict writable : memref<32xf32, strided<[2], offset: 1>> to tensor<32xf32>
  %r = arith.addf %t, %t1 : tensor<32xf32>
  bufferization.materialize_in_destination %r in restrict writable %v : (tensor<32xf32>, memref<32xf32, strided<[2]>>) -> ()
  %r1 = arith.subf %t, %t1 : tensor<32xf32>
  bufferization.materialize_in_destination %r1 in restrict writable %v1 : (tensor<32xf32>, memref<32xf32, strided<[2], offset: 1>>) -> ()
  %t2 = bufferization.to_tensor %m restrict writable : memref<64xf32> to tensor<64xf32>
  %r2 = arith.mulf %t2, %t2 : tensor<64xf32>
  bufferization.materialize_in_destination %r2 in restrict writable %m : (tensor<64xf32>, memref<64xf32>) -> ()
  return
}

// Tests that what was put into a tensor is read as it was although another slice
// has replaced some of it since.
func.func @put_in_and_read_later(%m: memref<40xf32>) {
  %t0 = bufferization.to_tensor %m restrict writable : memref<40xf32> to tensor<40xf32>
  %a = tensor.extract_slice %t0[20] [20] [1] : tensor<40xf32> to tensor<20xf32>
  %b = arith.addf %a, %a : tensor<20xf32>
  %t1 = tensor.insert_slice %b into %t0[20] [20] [1] : tensor<20xf32> into tensor<40xf32>
  %c = tensor.extract_slice %t1[0] [20] [2] : tensor<40xf32> to tensor<20xf32>
  %t2 = tensor.insert_slice %c into %t1[15] [20] [1] : tensor<20xf32> into tensor<40xf32>
  %d = tensor.extract_slice %t2[1] [20] [2] : tensor<40xf32> to tensor<20xf32>
  %e = arith.mulf %d, %b : tensor<20xf32>
  %t3 = tensor.insert_slice %e into %t2[1] [20] [2] : tensor<20xf32> into tensor<40xf32>
  bufferization.materialize_in_destination %t3 in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
  return
}
