// RUN: rm -rf %t && mkdir %t
// RUN: %python %S/../../graph-run/Inputs/npy.py write %t/a.npy "<f4" "(7,)" f 1 -2 3 4 -5 6 7
// RUN: graph-run %s --entry=rank_zero --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=zero_size --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=zero_size_only --verify | FileCheck %s
// RUN: graph-run %s --entry=one_element --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=chunk_borders --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=many_shapes --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=dynamic --arg 0=%t/a.npy --verify | FileCheck %s
// RUN: graph-run %s --entry=dynamic_then_static --arg 1=5 --verify | FileCheck %s
// RUN: graph-run %s --entry=readback_sizes --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=reshapes --verify | FileCheck %s
// RUN: graph-run %s --entry=casts --verify | FileCheck %s
// RUN: graph-run %s --entry=empty_function | count 0
// RUN: graph-run %s --entry=arguments_returned --verify | FileCheck %s
// RUN: graph-run %s --entry=unused --verify | FileCheck %s
// CHECK: verify: ok

func.func private @sum(%a: tensor<?xf32>) -> f32 {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%a : tensor<?xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h = tensor.extract %s[] : tensor<f32>
  return %h : f32
}

// Tests tensors and buffers without dimensions.
func.func @rank_zero(%a: tensor<f32>, %m: memref<f32>) -> (tensor<f32>, f32) {
  %t = bufferization.to_tensor %m restrict writable : memref<f32> to tensor<f32>
  %x = arith.addf %a, %t : tensor<f32>
  %y = math.exp %x : tensor<f32>
  bufferization.materialize_in_destination %y in restrict writable %m : (tensor<f32>, memref<f32>) -> ()
  %h = tensor.extract %t[] : tensor<f32>
  return %x, %h : tensor<f32>, f32
}

// Tests lists whose first and last tensors are empty: their sum is 0 and
// nothing is written.
func.func @zero_size(%m0: memref<0xf32>, %m1: memref<5xf32>, %m2: memref<3x0x2xf32>) -> (f32, f32, tensor<3x0x2xf32>) {
  %a = bufferization.to_tensor %m0 restrict writable : memref<0xf32> to tensor<0xf32>
  %b = bufferization.to_tensor %m1 restrict writable : memref<5xf32> to tensor<5xf32>
  %c = bufferization.to_tensor %m2 restrict writable : memref<3x0x2xf32> to tensor<3x0x2xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s0 = linalg.reduce { arith.addf } ins(%a : tensor<0xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %s1 = linalg.reduce { arith.addf } ins(%b : tensor<5xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %s2 = linalg.reduce { arith.addf } ins(%c : tensor<3x0x2xf32>) outs(%zero : tensor<f32>) dimensions = [0, 1, 2]
  %h0 = tensor.extract %s0[] : tensor<f32>
  %h1 = tensor.extract %s1[] : tensor<f32>
  %h2 = tensor.extract %s2[] : tensor<f32>
  %h01 = arith.addf %h0, %h1 : f32
  %h = arith.addf %h01, %h2 : f32
  %f0 = tensor.splat %h : tensor<0xf32>
  %f1 = tensor.splat %h : tensor<5xf32>
  %f2 = tensor.splat %h : tensor<3x0x2xf32>
  %r0 = arith.mulf %a, %f0 : tensor<0xf32>
  %r1 = arith.mulf %b, %f1 : tensor<5xf32>
  %r2 = arith.mulf %c, %f2 : tensor<3x0x2xf32>
  bufferization.materialize_in_destination %r0 in restrict writable %m0 : (tensor<0xf32>, memref<0xf32>) -> ()
  bufferization.materialize_in_destination %r1 in restrict writable %m1 : (tensor<5xf32>, memref<5xf32>) -> ()
  bufferization.materialize_in_destination %r2 in restrict writable %m2 : (tensor<3x0x2xf32>, memref<3x0x2xf32>) -> ()
  return %h0, %h, %r2 : f32, f32, tensor<3x0x2xf32>
}

// Tests a program that has nothing but an empty tensor.
func.func @zero_size_only(%a: tensor<0x4xf32>) -> (tensor<0x4xf32>, f32) {
  %init = arith.constant dense<2.5> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%a : tensor<0x4xf32>) outs(%init : tensor<f32>) dimensions = [0, 1]
  %h = tensor.extract %s[] : tensor<f32>
  %b = arith.negf %a : tensor<0x4xf32>
  return %b, %h : tensor<0x4xf32>, f32
}

// Tests tensors of one element and of rank one and more, alone and in lists.
func.func @one_element(%m0: memref<1xf32>, %m1: memref<1x1xf32>, %a: tensor<6xf32>) -> (tensor<1xf32>, f32) {
  %c0 = arith.constant 0 : index
  %t0 = bufferization.to_tensor %m0 restrict writable : memref<1xf32> to tensor<1xf32>
  %t1 = bufferization.to_tensor %m1 restrict writable : memref<1x1xf32> to tensor<1x1xf32>
  %x = tensor.extract %t0[%c0] : tensor<1xf32>
  %y = tensor.extract %t1[%c0, %c0] : tensor<1x1xf32>
  %z = arith.mulf %x, %y : f32
  %u = tensor.from_elements %z : tensor<1xf32>
  %v = arith.addf %u, %t0 : tensor<1xf32>
  %w = arith.negf %t1 : tensor<1x1xf32>
  bufferization.materialize_in_destination %v in restrict writable %m0 : (tensor<1xf32>, memref<1xf32>) -> ()
  bufferization.materialize_in_destination %w in restrict writable %m1 : (tensor<1x1xf32>, memref<1x1xf32>) -> ()
  return %u, %z : tensor<1xf32>, f32
}

// Tests lengths around the length of a chunk.
func.func @chunk_borders(%m0: memref<16383xf32>, %m1: memref<16384xf32>, %m2: memref<16385xf32>, %m3: memref<3xf32>) -> f32 {
  %a = bufferization.to_tensor %m0 restrict writable : memref<16383xf32> to tensor<16383xf32>
  %b = bufferization.to_tensor %m1 restrict writable : memref<16384xf32> to tensor<16384xf32>
  %c = bufferization.to_tensor %m2 restrict writable : memref<16385xf32> to tensor<16385xf32>
  %d = bufferization.to_tensor %m3 restrict writable : memref<3xf32> to tensor<3xf32>
  %zero = arith.constant dense<0xFF800000> : tensor<f32>
  %s0 = linalg.reduce { arith.maximumf } ins(%a : tensor<16383xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %s1 = linalg.reduce { arith.maximumf } ins(%b : tensor<16384xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %s2 = linalg.reduce { arith.maximumf } ins(%c : tensor<16385xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %s3 = linalg.reduce { arith.maximumf } ins(%d : tensor<3xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %s01 = arith.maximumf %s0, %s1 : tensor<f32>
  %s23 = arith.minimumf %s2, %s3 : tensor<f32>
  %s = arith.subf %s01, %s23 : tensor<f32>
  %h = tensor.extract %s[] : tensor<f32>
  %f0 = tensor.splat %h : tensor<16383xf32>
  %f1 = tensor.splat %h : tensor<16384xf32>
  %f2 = tensor.splat %h : tensor<16385xf32>
  %f3 = tensor.splat %h : tensor<3xf32>
  %r0 = arith.addf %a, %f0 : tensor<16383xf32>
  %r1 = arith.addf %b, %f1 : tensor<16384xf32>
  %r2 = arith.addf %c, %f2 : tensor<16385xf32>
  %r3 = arith.addf %d, %f3 : tensor<3xf32>
  bufferization.materialize_in_destination %r0 in restrict writable %m0 : (tensor<16383xf32>, memref<16383xf32>) -> ()
  bufferization.materialize_in_destination %r1 in restrict writable %m1 : (tensor<16384xf32>, memref<16384xf32>) -> ()
  bufferization.materialize_in_destination %r2 in restrict writable %m2 : (tensor<16385xf32>, memref<16385xf32>) -> ()
  bufferization.materialize_in_destination %r3 in restrict writable %m3 : (tensor<3xf32>, memref<3xf32>) -> ()
  return %h : f32
}

// Tests one list of all ranks.
func.func @many_shapes(%m0: memref<f32>, %m1: memref<2xf32>, %m2: memref<3x5xf32>, %m3: memref<2x1x3x4xf32>, %by: f32) {
  %a = bufferization.to_tensor %m0 restrict writable : memref<f32> to tensor<f32>
  %b = bufferization.to_tensor %m1 restrict writable : memref<2xf32> to tensor<2xf32>
  %c = bufferization.to_tensor %m2 restrict writable : memref<3x5xf32> to tensor<3x5xf32>
  %d = bufferization.to_tensor %m3 restrict writable : memref<2x1x3x4xf32> to tensor<2x1x3x4xf32>
  %f0 = tensor.splat %by : tensor<f32>
  %f1 = tensor.splat %by : tensor<2xf32>
  %f2 = tensor.splat %by : tensor<3x5xf32>
  %f3 = tensor.splat %by : tensor<2x1x3x4xf32>
  %r0 = arith.subf %a, %f0 : tensor<f32>
  %r1 = arith.subf %b, %f1 : tensor<2xf32>
  %r2 = arith.subf %c, %f2 : tensor<3x5xf32>
  %r3 = arith.subf %d, %f3 : tensor<2x1x3x4xf32>
  bufferization.materialize_in_destination %r0 in restrict writable %m0 : (tensor<f32>, memref<f32>) -> ()
  bufferization.materialize_in_destination %r1 in restrict writable %m1 : (tensor<2xf32>, memref<2xf32>) -> ()
  bufferization.materialize_in_destination %r2 in restrict writable %m2 : (tensor<3x5xf32>, memref<3x5xf32>) -> ()
  bufferization.materialize_in_destination %r3 in restrict writable %m3 : (tensor<2x1x3x4xf32>, memref<2x1x3x4xf32>) -> ()
  return
}

// Tests that work on shapes known at run time only is left alone and right.
func.func @dynamic(%a: tensor<?xf32>) -> (tensor<?xf32>, f32) {
  %b = arith.mulf %a, %a : tensor<?xf32>
  %h = call @sum(%b) : (tensor<?xf32>) -> f32
  %c0 = arith.constant 0 : index
  %n = tensor.dim %a, %c0 : tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %f = linalg.fill ins(%h : f32) outs(%e : tensor<?xf32>) -> tensor<?xf32>
  %r = arith.divf %a, %f : tensor<?xf32>
  return %r, %h : tensor<?xf32>, f32
}

// Tests static work that a dynamic part feeds.
func.func @dynamic_then_static(%a: tensor<12xf32>, %n: index) -> tensor<12xf32> {
  %s = tensor.extract_slice %a[0] [%n] [1] : tensor<12xf32> to tensor<?xf32>
  %h = call @sum(%s) : (tensor<?xf32>) -> f32
  %f = tensor.splat %h : tensor<12xf32>
  %b = arith.addf %a, %f : tensor<12xf32>
  %c = arith.negf %b : tensor<12xf32>
  return %c : tensor<12xf32>
}

// Tests that a count read to size an allocation stays on the host, and that the
// work before and after it is right.
func.func @readback_sizes(%a: tensor<9xi32>, %b: tensor<9xf32>) -> (tensor<?xf32>, index) {
  %zero = arith.constant dense<0> : tensor<i32>
  %one = arith.constant dense<1> : tensor<9xi32>
  %odd = arith.andi %a, %one : tensor<9xi32>
  %s = linalg.reduce { arith.addi } ins(%odd : tensor<9xi32>) outs(%zero : tensor<i32>) dimensions = [0]
  %h = tensor.extract %s[] : tensor<i32>
  %n = arith.index_cast %h : i32 to index
  %c = arith.addf %b, %b : tensor<9xf32>
  %r = tensor.extract_slice %c[0] [%n] [1] : tensor<9xf32> to tensor<?xf32>
  %e = tensor.empty(%n) : tensor<?xf32>
  %x = linalg.map { math.exp } ins(%r : tensor<?xf32>) outs(%e : tensor<?xf32>)
  return %x, %n : tensor<?xf32>, index
}

// Tests that ops which only change the shape cost nothing and are seen through.
func.func @reshapes(%a: tensor<4x6xf32>) -> (tensor<2x2x6xf32>, tensor<24xf32>, tensor<1x24xf32>) {
  %f = tensor.collapse_shape %a [[0, 1]] : tensor<4x6xf32> into tensor<24xf32>
  %n = arith.negf %f : tensor<24xf32>
  %e = tensor.expand_shape %n [[0, 1, 2]] output_shape [2, 2, 6] : tensor<24xf32> into tensor<2x2x6xf32>
  %x = arith.addf %e, %e : tensor<2x2x6xf32>
  %shape = arith.constant dense<[1, 24]> : tensor<2xindex>
  %r = tensor.reshape %n(%shape) : (tensor<24xf32>, tensor<2xindex>) -> tensor<1x24xf32>
  %y = arith.mulf %r, %r : tensor<1x24xf32>
  return %x, %f, %y : tensor<2x2x6xf32>, tensor<24xf32>, tensor<1x24xf32>
}

// Tests casts between static and dynamic shapes and of bits.
func.func @casts(%a: tensor<8xf32>) -> (tensor<8xi32>, tensor<?xf32>) {
  %d = tensor.cast %a : tensor<8xf32> to tensor<?xf32>
  %n = arith.negf %d : tensor<?xf32>
  %s = tensor.cast %n : tensor<?xf32> to tensor<8xf32>
  %x = arith.addf %s, %a : tensor<8xf32>
  %b = arith.bitcast %x : tensor<8xf32> to tensor<8xi32>
  %c = arith.bitcast %a : tensor<8xf32> to tensor<8xi32>
  %r = arith.xori %b, %c : tensor<8xi32>
  return %r, %n : tensor<8xi32>, tensor<?xf32>
}

// Tests a function that does nothing.
func.func @empty_function() {
  return
}

// Tests that arguments may be returned, twice and in another order.
func.func @arguments_returned(%a: tensor<3xf32>, %b: tensor<4xi32>, %x: f64) -> (tensor<4xi32>, tensor<3xf32>, f64, tensor<3xf32>) {
  return %b, %a, %x, %a : tensor<4xi32>, tensor<3xf32>, f64, tensor<3xf32>
}

// Tests that work and readbacks that nothing uses do no harm.
func.func @unused(%a: tensor<30xf32>) -> tensor<30xf32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%a : tensor<30xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h = tensor.extract %s[] : tensor<f32>
  %q = math.sqrt %h : f32
  %r = arith.negf %a : tensor<30xf32>
  return %r : tensor<30xf32>
}
