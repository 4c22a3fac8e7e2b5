// RUN: graph-run %s --entry=views --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,CHECK
// RUN: graph-run %s --entry=inserts --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,CHECK
// RUN: graph-run %s --entry=slices --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,CHECK
// RUN: graph-run %s --entry=new_tensor --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,CHECK
// RUN: graph-run %s --entry=joined --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,CHECK
// RUN: graph-run %s --entry=scaled --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,CHECK
// RUN: graph-run %s --entry=part --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,CHECK
// RUN: graph-run %s --entry=other_buffer --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,CHECK
// RUN: graph-run %s --entry=slices_in_place --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,CHECK
// RUN: graph-run %s --entry=computed_base --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=TWO,CHECK
// RUN: graph-run %s --entry=columns --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=TWO,CHECK
// RUN: graph-run %s --entry=norms --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,CHECK
// RUN: graph-run %s --entry=view_of_view --repeat 3 --verify --stats=json | FileCheck %s --check-prefixes=ONE,CHECK
// RUN: graph-run %s --entry=only_slice --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=collected --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=rotated --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=shifted --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=overlapping_slices --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=old_whole --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=old_slice --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=base_again --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=inserted_twice --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=written_twice --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=nested --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=strided --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=in_branch --arg 2=1 --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=in_branch --arg 2=-1 --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=device_branch --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=slice_in_branch --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=carried --repeat 2 --verify | FileCheck %s

// ONE:      "kernel_nodes":1,"memcpy_nodes":0,
// TWO:      "kernel_nodes":2,"memcpy_nodes":0,
// CHECK:    verify: ok

// Tests that tensors of any rank go to views of a bucket in one kernel.
func.func @views(%g0: memref<3x4xf32>, %g1: memref<5xf32>, %g2: memref<f32>, %bucket: memref<18xf32>) {
  %a = bufferization.to_tensor %g0 restrict : memref<3x4xf32> to tensor<3x4xf32>
  %b = bufferization.to_tensor %g1 restrict : memref<5xf32> to tensor<5xf32>
  %c = bufferization.to_tensor %g2 restrict : memref<f32> to tensor<f32>
  %v0 = memref.subview %bucket[0] [12] [1] : memref<18xf32> to memref<12xf32, strided<[1]>>
  %v1 = memref.subview %bucket[12] [5] [1] : memref<18xf32> to memref<5xf32, strided<[1], offset: 12>>
  %v2 = memref.subview %bucket[17] [1] [1] : memref<18xf32> to memref<1xf32, strided<[1], offset: 17>>
  %l0 = tensor.collapse_shape %a [[0, 1]] : tensor<3x4xf32> into tensor<12xf32>
  %l2 = tensor.expand_shape %c [] output_shape [1] : tensor<f32> into tensor<1xf32>
  bufferization.materialize_in_destination %l0 in restrict writable %v0 : (tensor<12xf32>, memref<12xf32, strided<[1]>>) -> ()
  bufferization.materialize_in_destination %b in restrict writable %v1 : (tensor<5xf32>, memref<5xf32, strided<[1], offset: 12>>) -> ()
  bufferization.materialize_in_destination %l2 in restrict writable %v2 : (tensor<1xf32>, memref<1xf32, strided<[1], offset: 17>>) -> ()
  return
}

// Tests that a chain of insertions writes the bucket in place, in one kernel.
func.func @inserts(%g0: memref<3x4xf32>, %g1: memref<5xf32>, %g2: memref<f32>, %bucket: memref<20xf32>) {
  %a = bufferization.to_tensor %g0 restrict : memref<3x4xf32> to tensor<3x4xf32>
  %b = bufferization.to_tensor %g1 restrict : memref<5xf32> to tensor<5xf32>
  %c = bufferization.to_tensor %g2 restrict : memref<f32> to tensor<f32>
  %t = bufferization.to_tensor %bucket restrict writable : memref<20xf32> to tensor<20xf32>
  %l0 = tensor.collapse_shape %a [[0, 1]] : tensor<3x4xf32> into tensor<12xf32>
  %l2 = tensor.expand_shape %c [] output_shape [1] : tensor<f32> into tensor<1xf32>
  %t0 = tensor.insert_slice %l0 into %t[0] [12] [1] : tensor<12xf32> into tensor<20xf32>
  %t1 = tensor.insert_slice %b into %t0[12] [5] [1] : tensor<5xf32> into tensor<20xf32>
  %t2 = tensor.insert_slice %l2 into %t1[17] [1] [1] : tensor<1xf32> into tensor<20xf32>
  bufferization.materialize_in_destination %t2 in restrict writable %bucket : (tensor<20xf32>, memref<20xf32>) -> ()
  return
}

// Tests the way back, through slices of a tensor.
func.func @slices(%g0: memref<3x4xf32>, %g1: memref<5xf32>, %g2: memref<f32>, %bucket: memref<18xf32>) {
  %t = bufferization.to_tensor %bucket restrict : memref<18xf32> to tensor<18xf32>
  %s0 = tensor.extract_slice %t[0] [12] [1] : tensor<18xf32> to tensor<12xf32>
  %s1 = tensor.extract_slice %t[12] [5] [1] : tensor<18xf32> to tensor<5xf32>
  %s2 = tensor.extract_slice %t[17] [1] [1] : tensor<18xf32> to tensor<f32>
  %e0 = tensor.expand_shape %s0 [[0, 1]] output_shape [3, 4] : tensor<12xf32> into tensor<3x4xf32>
  bufferization.materialize_in_destination %e0 in restrict writable %g0 : (tensor<3x4xf32>, memref<3x4xf32>) -> ()
  bufferization.materialize_in_destination %s1 in restrict writable %g1 : (tensor<5xf32>, memref<5xf32>) -> ()
  bufferization.materialize_in_destination %s2 in restrict writable %g2 : (tensor<f32>, memref<f32>) -> ()
  return
}

// Tests that a tensor that is returned is put together in one kernel.
func.func @new_tensor(%g0: tensor<3x4xf32>, %g1: tensor<2x4xf32>) -> tensor<5x4xf32> {
  %e = tensor.empty() : tensor<5x4xf32>
  %t0 = tensor.insert_slice %g0 into %e[0, 0] [3, 4] [1, 1] : tensor<3x4xf32> into tensor<5x4xf32>
  %t1 = tensor.insert_slice %g1 into %t0[3, 0] [2, 4] [1, 1] : tensor<2x4xf32> into tensor<5x4xf32>
  return %t1 : tensor<5x4xf32>
}

// Tests that a concatenation is one kernel.
func.func @joined(%g0: memref<4xf32>, %g1: memref<7xf32>) -> tensor<11xf32> {
  %a = bufferization.to_tensor %g0 restrict : memref<4xf32> to tensor<4xf32>
  %b = bufferization.to_tensor %g1 restrict : memref<7xf32> to tensor<7xf32>
  %t = tensor.concat dim(0) %a, %b : (tensor<4xf32>, tensor<7xf32>) -> tensor<11xf32>
  return %t : tensor<11xf32>
}

// Tests that what computes the slices writes them.
func.func @scaled(%g0: memref<4xf32>, %g1: memref<3x3xf32>, %by: f32, %bucket: memref<13xf32>) {
  %a = bufferization.to_tensor %g0 restrict : memref<4xf32> to tensor<4xf32>
  %b = bufferization.to_tensor %g1 restrict : memref<3x3xf32> to tensor<3x3xf32>
  %t = bufferization.to_tensor %bucket restrict writable : memref<13xf32> to tensor<13xf32>
  %s0 = tensor.splat %by : tensor<4xf32>
  %s1 = tensor.splat %by : tensor<3x3xf32>
  %r0 = arith.mulf %a, %s0 : tensor<4xf32>
  %r1 = arith.mulf %b, %s1 : tensor<3x3xf32>
  %l1 = tensor.collapse_shape %r1 [[0, 1]] : tensor<3x3xf32> into tensor<9xf32>
  %t0 = tensor.insert_slice %r0 into %t[9] [4] [1] : tensor<4xf32> into tensor<13xf32>
  %t1 = tensor.insert_slice %l1 into %t0[0] [9] [1] : tensor<9xf32> into tensor<13xf32>
  bufferization.materialize_in_destination %t1 in restrict writable %bucket : (tensor<13xf32>, memref<13xf32>) -> ()
  return
}

// Tests that what is not overwritten stays, and is not touched.
func.func @part(%g: memref<3xf32>, %bucket: memref<64xf32>) {
  %a = bufferization.to_tensor %g restrict : memref<3xf32> to tensor<3xf32>
  %t = bufferization.to_tensor %bucket restrict writable : memref<64xf32> to tensor<64xf32>
  %t0 = tensor.insert_slice %a into %t[30] [3] [1] : tensor<3xf32> into tensor<64xf32>
  bufferization.materialize_in_destination %t0 in restrict writable %bucket : (tensor<64xf32>, memref<64xf32>) -> ()
  return
}

// Tests that what is not overwritten is copied in the same kernel if the result
// is another buffer.
func.func @other_buffer(%g0: memref<3xf32>, %g1: memref<3xf32>, %from: memref<64xf32>, %to: memref<64xf32>) {
  %a = bufferization.to_tensor %g0 restrict : memref<3xf32> to tensor<3xf32>
  %b = bufferization.to_tensor %g1 restrict : memref<3xf32> to tensor<3xf32>
  %t = bufferization.to_tensor %from restrict : memref<64xf32> to tensor<64xf32>
  %t0 = tensor.insert_slice %a into %t[30] [3] [1] : tensor<3xf32> into tensor<64xf32>
  %t1 = tensor.insert_slice %b into %t0[40] [3] [1] : tensor<3xf32> into tensor<64xf32>
  bufferization.materialize_in_destination %t1 in restrict writable %to : (tensor<64xf32>, memref<64xf32>) -> ()
  return
}

// Tests that slices of a bucket are updated in place.
func.func @slices_in_place(%bucket: memref<12xf32>) {
  %t = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
  %s0 = tensor.extract_slice %t[0] [8] [1] : tensor<12xf32> to tensor<8xf32>
  %s1 = tensor.extract_slice %t[8] [4] [1] : tensor<12xf32> to tensor<4xf32>
  %r0 = math.exp %s0 : tensor<8xf32>
  %r1 = math.exp %s1 : tensor<4xf32>
  %t0 = tensor.insert_slice %r0 into %t[0] [8] [1] : tensor<8xf32> into tensor<12xf32>
  %t1 = tensor.insert_slice %r1 into %t0[8] [4] [1] : tensor<4xf32> into tensor<12xf32>
  bufferization.materialize_in_destination %t1 in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  return
}

// Tests that slices are put into what another kernel computed, without a copy.
func.func @computed_base(%g: memref<3xf32>, %from: memref<64xf32>, %to: memref<64xf32>) {
  %a = bufferization.to_tensor %g restrict : memref<3xf32> to tensor<3xf32>
  %t = bufferization.to_tensor %from restrict : memref<64xf32> to tensor<64xf32>
  %n = arith.negf %t : tensor<64xf32>
  %t0 = tensor.insert_slice %a into %n[30] [3] [1] : tensor<3xf32> into tensor<64xf32>
  bufferization.materialize_in_destination %t0 in restrict writable %to : (tensor<64xf32>, memref<64xf32>) -> ()
  return
}

// Tests that slices with gaps are one kernel each and copy nothing else.
func.func @columns(%g0: memref<4x2xf32>, %g1: memref<4x3xf32>, %m: memref<4x5xf32>) {
  %a = bufferization.to_tensor %g0 restrict : memref<4x2xf32> to tensor<4x2xf32>
  %b = bufferization.to_tensor %g1 restrict : memref<4x3xf32> to tensor<4x3xf32>
  %t = tensor.concat dim(1) %a, %b : (tensor<4x2xf32>, tensor<4x3xf32>) -> tensor<4x5xf32>
  bufferization.materialize_in_destination %t in restrict writable %m : (tensor<4x5xf32>, memref<4x5xf32>) -> ()
  return
}

// Tests that reductions are collected in one tensor by the kernel that makes
// them.
func.func @norms(%g0: memref<30xf32>, %g1: memref<40xf32>, %out: memref<2xf32>) {
  %a = bufferization.to_tensor %g0 restrict : memref<30xf32> to tensor<30xf32>
  %b = bufferization.to_tensor %g1 restrict : memref<40xf32> to tensor<40xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<f32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %s0 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
      ins(%a : tensor<30xf32>) outs(%i : tensor<f32>) {
  ^bb0(%in: f32, %acc: f32):
    %m = arith.maximumf %acc, %in : f32
    linalg.yield %m : f32
  } -> tensor<f32>
  %s1 = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
      ins(%b : tensor<40xf32>) outs(%i : tensor<f32>) {
  ^bb0(%in: f32, %acc: f32):
    %m = arith.maximumf %acc, %in : f32
    linalg.yield %m : f32
  } -> tensor<f32>
  %n = tensor.empty() : tensor<2xf32>
  %t0 = tensor.insert_slice %s0 into %n[0] [1] [1] : tensor<f32> into tensor<2xf32>
  %t1 = tensor.insert_slice %s1 into %t0[1] [1] [1] : tensor<f32> into tensor<2xf32>
  bufferization.materialize_in_destination %t1 in restrict writable %out : (tensor<2xf32>, memref<2xf32>) -> ()
  return
}

// Tests that two halves of a buffer trade places.
func.func @rotated(%bucket: memref<12xf32>) {
  %t = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
  %s0 = tensor.extract_slice %t[0] [6] [1] : tensor<12xf32> to tensor<6xf32>
  %s1 = tensor.extract_slice %t[6] [6] [1] : tensor<12xf32> to tensor<6xf32>
  %t0 = tensor.insert_slice %s1 into %t[0] [6] [1] : tensor<6xf32> into tensor<12xf32>
  %t1 = tensor.insert_slice %s0 into %t0[6] [6] [1] : tensor<6xf32> into tensor<12xf32>
  bufferization.materialize_in_destination %t1 in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  return
}

// Tests that a slice that overlaps its source is moved by a few elements.
func.func @shifted(%bucket: memref<12xf32>) {
  %t = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
  %s = tensor.extract_slice %t[0] [8] [1] : tensor<12xf32> to tensor<8xf32>
  %t0 = tensor.insert_slice %s into %t[3] [8] [1] : tensor<8xf32> into tensor<12xf32>
  bufferization.materialize_in_destination %t0 in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  return
}

// Tests that the later of two overlapping slices wins.
func.func @overlapping_slices(%g0: memref<6xf32>, %g1: memref<6xf32>, %bucket: memref<12xf32>) {
  %a = bufferization.to_tensor %g0 restrict : memref<6xf32> to tensor<6xf32>
  %b = bufferization.to_tensor %g1 restrict : memref<6xf32> to tensor<6xf32>
  %t = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
  %t0 = tensor.insert_slice %a into %t[4] [6] [1] : tensor<6xf32> into tensor<12xf32>
  %t1 = tensor.insert_slice %b into %t0[2] [6] [1] : tensor<6xf32> into tensor<12xf32>
  bufferization.materialize_in_destination %t1 in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  return
}

// Tests that the old contents of a bucket are read before slices replace them.
func.func @old_whole(%g: memref<6xf32>, %bucket: memref<12xf32>, %out: memref<12xf32>) {
  %a = bufferization.to_tensor %g restrict : memref<6xf32> to tensor<6xf32>
  %t = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
  %t0 = tensor.insert_slice %a into %t[4] [6] [1] : tensor<6xf32> into tensor<12xf32>
  %d = arith.subf %t0, %t : tensor<12xf32>
  bufferization.materialize_in_destination %d in restrict writable %out : (tensor<12xf32>, memref<12xf32>) -> ()
  bufferization.materialize_in_destination %t0 in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  return
}

// Tests the same for a part of the old contents that is used later.
func.func @old_slice(%g: memref<6xf32>, %bucket: memref<12xf32>, %out: memref<4xf32>) -> tensor<4xf32> {
  %a = bufferization.to_tensor %g restrict : memref<6xf32> to tensor<6xf32>
  %t = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
  %old = tensor.extract_slice %t[2] [4] [1] : tensor<12xf32> to tensor<4xf32>
  %n = arith.negf %a : tensor<6xf32>
  %t0 = tensor.insert_slice %n into %t[4] [6] [1] : tensor<6xf32> into tensor<12xf32>
  %new = tensor.extract_slice %t0[2] [4] [1] : tensor<12xf32> to tensor<4xf32>
  %d = arith.subf %new, %old : tensor<4xf32>
  bufferization.materialize_in_destination %d in restrict writable %out : (tensor<4xf32>, memref<4xf32>) -> ()
  bufferization.materialize_in_destination %t0 in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  return %old : tensor<4xf32>
}

// Tests that two tensors are put together from one base.
func.func @base_again(%g: memref<6xf32>, %from: memref<12xf32>, %o0: memref<12xf32>, %o1: memref<12xf32>) {
  %a = bufferization.to_tensor %g restrict : memref<6xf32> to tensor<6xf32>
  %f = bufferization.to_tensor %from restrict : memref<12xf32> to tensor<12xf32>
  %t = math.absf %f : tensor<12xf32>
  %t0 = tensor.insert_slice %a into %t[0] [6] [1] : tensor<6xf32> into tensor<12xf32>
  %t1 = tensor.insert_slice %a into %t[5] [6] [1] : tensor<6xf32> into tensor<12xf32>
  bufferization.materialize_in_destination %t0 in restrict writable %o0 : (tensor<12xf32>, memref<12xf32>) -> ()
  bufferization.materialize_in_destination %t1 in restrict writable %o1 : (tensor<12xf32>, memref<12xf32>) -> ()
  return
}

// Tests that a tensor is put into two places of a bucket and used otherwise.
func.func @inserted_twice(%g: memref<6xf32>, %bucket: memref<12xf32>) -> tensor<6xf32> {
  %a = bufferization.to_tensor %g restrict : memref<6xf32> to tensor<6xf32>
  %t = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
  %n = arith.negf %a : tensor<6xf32>
  %t0 = tensor.insert_slice %n into %t[0] [6] [1] : tensor<6xf32> into tensor<12xf32>
  %t1 = tensor.insert_slice %n into %t0[6] [6] [1] : tensor<6xf32> into tensor<12xf32>
  bufferization.materialize_in_destination %t1 in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  return %n : tensor<6xf32>
}

// Tests that a bucket is written, changed and written again.
func.func @written_twice(%g0: memref<6xf32>, %bucket: memref<12xf32>, %out: memref<12xf32>) {
  %a = bufferization.to_tensor %g0 restrict : memref<6xf32> to tensor<6xf32>
  %t = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
  %t0 = tensor.insert_slice %a into %t[0] [6] [1] : tensor<6xf32> into tensor<12xf32>
  bufferization.materialize_in_destination %t0 in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  bufferization.materialize_in_destination %t0 in restrict writable %out : (tensor<12xf32>, memref<12xf32>) -> ()
  %u = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
  %s = tensor.extract_slice %u[3] [6] [1] : tensor<12xf32> to tensor<6xf32>
  %n = arith.negf %s : tensor<6xf32>
  %t1 = tensor.insert_slice %n into %u[4] [6] [1] : tensor<6xf32> into tensor<12xf32>
  bufferization.materialize_in_destination %t1 in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  return
}

// Tests that a tensor that is put together from slices is a slice itself.
func.func @nested(%g0: memref<2xf32>, %g1: memref<3xf32>, %bucket: memref<12xf32>) {
  %a = bufferization.to_tensor %g0 restrict : memref<2xf32> to tensor<2xf32>
  %b = bufferization.to_tensor %g1 restrict : memref<3xf32> to tensor<3xf32>
  %t = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
  %c = tensor.concat dim(0) %a, %b : (tensor<2xf32>, tensor<3xf32>) -> tensor<5xf32>
  %t0 = tensor.insert_slice %c into %t[1] [5] [1] : tensor<5xf32> into tensor<12xf32>
  %t1 = tensor.insert_slice %c into %t0[7] [5] [1] : tensor<5xf32> into tensor<12xf32>
  bufferization.materialize_in_destination %t1 in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  return
}

// Tests slices with strides, of which one is put among the elements of the
// other.
func.func @strided(%g0: memref<6xf32>, %bucket: memref<12xf32>) -> tensor<4xf32> {
  %a = bufferization.to_tensor %g0 restrict : memref<6xf32> to tensor<6xf32>
  %t = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
  %o = tensor.extract_slice %t[1] [4] [3] : tensor<12xf32> to tensor<4xf32>
  %n = arith.negf %a : tensor<6xf32>
  %t0 = tensor.insert_slice %a into %t[0] [6] [2] : tensor<6xf32> into tensor<12xf32>
  %t1 = tensor.insert_slice %n into %t0[1] [6] [2] : tensor<6xf32> into tensor<12xf32>
  %p = tensor.extract_slice %t1[1] [4] [3] : tensor<12xf32> to tensor<4xf32>
  %s = arith.addf %o, %p : tensor<4xf32>
  bufferization.materialize_in_destination %t1 in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  return %s : tensor<4xf32>
}

// Tests that a bucket that is written in a branch keeps its contents otherwise.
func.func @in_branch(%g: memref<6xf32>, %bucket: memref<12xf32>, %x: f32) {
  %zero = arith.constant 0.0 : f32
  %c = arith.cmpf ogt, %x, %zero : f32
  scf.if %c {
    %a = bufferization.to_tensor %g restrict : memref<6xf32> to tensor<6xf32>
    %t = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
    %t0 = tensor.insert_slice %a into %t[4] [6] [1] : tensor<6xf32> into tensor<12xf32>
    bufferization.materialize_in_destination %t0 in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  }
  return
}

// Tests the same on a condition of the device.
func.func @device_branch(%g: memref<6xf32>, %bucket: memref<12xf32>, %x: memref<f32>) {
  %zero = arith.constant 0.0 : f32
  %xt = bufferization.to_tensor %x restrict : memref<f32> to tensor<f32>
  %v = tensor.extract %xt[] : tensor<f32>
  %c = arith.cmpf ogt, %v, %zero : f32
  scf.if %c {
    %a = bufferization.to_tensor %g restrict : memref<6xf32> to tensor<6xf32>
    %t = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
    %n = math.exp %a : tensor<6xf32>
    %t0 = tensor.insert_slice %n into %t[4] [6] [1] : tensor<6xf32> into tensor<12xf32>
    bufferization.materialize_in_destination %t0 in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  }
  return
}

// Tests slices of a tensor that a loop carries.
func.func @carried(%g: memref<4xf32>, %bucket: memref<12xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %a = bufferization.to_tensor %g restrict : memref<4xf32> to tensor<4xf32>
  %t = bufferization.to_tensor %bucket restrict writable : memref<12xf32> to tensor<12xf32>
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%b = %t) -> tensor<12xf32> {
    %s = tensor.extract_slice %b[0] [4] [1] : tensor<12xf32> to tensor<4xf32>
    %n = arith.addf %s, %a : tensor<4xf32>
    %b0 = tensor.insert_slice %n into %b[3] [4] [1] : tensor<4xf32> into tensor<12xf32>
    %b1 = tensor.insert_slice %s into %b0[8] [4] [1] : tensor<4xf32> into tensor<12xf32>
    scf.yield %b1 : tensor<12xf32>
  }
  bufferization.materialize_in_destination %r in restrict writable %bucket : (tensor<12xf32>, memref<12xf32>) -> ()
  return
}

// Tests that slices are put into a view of a larger buffer.
func.func @view_of_view(%g: memref<2x2xf32>, %flat: memref<32xf32>) {
  %v = memref.subview %flat[5] [12] [1] : memref<32xf32> to memref<12xf32, strided<[1], offset: 5>>
  %a = bufferization.to_tensor %g restrict : memref<2x2xf32> to tensor<2x2xf32>
  %t = bufferization.to_tensor %v restrict writable : memref<12xf32, strided<[1], offset: 5>> to tensor<12xf32>
  %s = tensor.extract_slice %t[2] [4] [1] : tensor<12xf32> to tensor<4xf32>
  %l = tensor.collapse_shape %a [[0, 1]] : tensor<2x2xf32> into tensor<4xf32>
  %n = arith.subf %l, %s : tensor<4xf32>
  %t0 = tensor.insert_slice %n into %t[2] [4] [1] : tensor<4xf32> into tensor<12xf32>
  bufferization.materialize_in_destination %t0 in restrict writable %v : (tensor<12xf32>, memref<12xf32, strided<[1], offset: 5>>) -> ()
  return
}

// Tests that a slice that is only returned is right.
func.func @only_slice(%t: tensor<4x6xf32>) -> (tensor<2x6xf32>, tensor<4x2xf32>, tensor<f32>) {
  %rows = tensor.extract_slice %t[1, 0] [2, 6] [1, 1] : tensor<4x6xf32> to tensor<2x6xf32>
  %columns = tensor.extract_slice %t[0, 3] [4, 2] [1, 1] : tensor<4x6xf32> to tensor<4x2xf32>
  %one = tensor.extract_slice %t[2, 3] [1, 1] [1, 1] : tensor<4x6xf32> to tensor<f32>
  return %rows, %columns, %one : tensor<2x6xf32>, tensor<4x2xf32>, tensor<f32>
}

// Tests that device scalars are put into a tensor of which they use a slice.
func.func @collected(%bucket: memref<8xf32>, %state: memref<4xf32>) {
  %b = bufferization.to_tensor %bucket restrict : memref<8xf32> to tensor<8xf32>
  %t = bufferization.to_tensor %state restrict writable : memref<4xf32> to tensor<4xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<f32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %s = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
      ins(%b : tensor<8xf32>) outs(%i : tensor<f32>) {
  ^bb0(%in: f32, %acc: f32):
    %m = arith.maximumf %acc, %in : f32
    linalg.yield %m : f32
  } -> tensor<f32>
  %x = tensor.extract_slice %t[1] [1] [1] : tensor<4xf32> to tensor<f32>
  %y = arith.addf %x, %s : tensor<f32>
  %z = arith.mulf %x, %y : tensor<f32>
  %t0 = tensor.insert_slice %y into %t[1] [1] [1] : tensor<f32> into tensor<4xf32>
  %t1 = tensor.insert_slice %z into %t0[3] [1] [1] : tensor<f32> into tensor<4xf32>
  bufferization.materialize_in_destination %t1 in restrict writable %state : (tensor<4xf32>, memref<4xf32>) -> ()
  return
}

// Tests that a branch of the device that copies slices and does nothing else is
// part of a graph.
func.func @slice_in_branch(%bucket: memref<16xf32>, %v0: memref<2x4xf32>, %v1: memref<8xf32>, %x: memref<f32>) {
  %zero = arith.constant 0.0 : f32
  %t = bufferization.to_tensor %bucket restrict : memref<16xf32> to tensor<16xf32>
  %xt = bufferization.to_tensor %x restrict : memref<f32> to tensor<f32>
  %v = tensor.extract %xt[] : tensor<f32>
  %c = arith.cmpf ogt, %v, %zero : f32
  scf.if %c {
    %s0 = tensor.extract_slice %t[0] [8] [1] : tensor<16xf32> to tensor<8xf32>
    %s1 = tensor.extract_slice %t[8] [8] [1] : tensor<16xf32> to tensor<8xf32>
    %e0 = tensor.expand_shape %s0 [[0, 1]] output_shape [2, 4] : tensor<8xf32> into tensor<2x4xf32>
    bufferization.materialize_in_destination %e0 in restrict writable %v0 : (tensor<2x4xf32>, memref<2x4xf32>) -> ()
    bufferization.materialize_in_destination %s1 in restrict writable %v1 : (tensor<8xf32>, memref<8xf32>) -> ()
  }
  return
}
