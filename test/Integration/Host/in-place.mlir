// RUN: graph-run %s --entry=chain --repeat 3 --verify --stats=json | FileCheck %s --check-prefix=CHAIN
// RUN: graph-run %s --entry=swap --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=rotate --repeat 4 --verify | FileCheck %s
// RUN: graph-run %s --entry=same_value_twice --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=old_contents --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=old_contents_returned --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=norm_of_old_and_new --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=zero_after_use --verify | FileCheck %s
// RUN: graph-run %s --entry=written_twice --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=neighbour_of_old --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=plain_write_after_use --verify | FileCheck %s
// RUN: graph-run %s --entry=host_value_written_after_use --verify | FileCheck %s
// RUN: graph-run %s --entry=host_value_written_before_use --verify | FileCheck %s
// RUN: graph-run %s --entry=write_between_regions --verify | FileCheck %s
// CHECK: verify: ok

// Tests that a value read, changed and written twice over is one kernel.
// CHAIN:      "kernel_nodes":1,
// CHAIN-NEXT: verify: ok
func.func @chain(%m: memref<70xf32>, %by: f32) {
  %a = bufferization.to_tensor %m restrict writable : memref<70xf32> to tensor<70xf32>
  %s = tensor.splat %by : tensor<70xf32>
  %b = arith.mulf %a, %s : tensor<70xf32>
  bufferization.materialize_in_destination %b in restrict writable %m : (tensor<70xf32>, memref<70xf32>) -> ()
  %c = bufferization.to_tensor %m restrict writable : memref<70xf32> to tensor<70xf32>
  %d = arith.addf %c, %c : tensor<70xf32>
  bufferization.materialize_in_destination %d in restrict writable %m : (tensor<70xf32>, memref<70xf32>) -> ()
  return
}

// Tests that two buffers may trade their contents: neither write is seen by
// the other.
func.func @swap(%m0: memref<9xf32>, %m1: memref<9xf32>) {
  %a = bufferization.to_tensor %m0 restrict writable : memref<9xf32> to tensor<9xf32>
  %b = bufferization.to_tensor %m1 restrict writable : memref<9xf32> to tensor<9xf32>
  bufferization.materialize_in_destination %b in restrict writable %m0 : (tensor<9xf32>, memref<9xf32>) -> ()
  bufferization.materialize_in_destination %a in restrict writable %m1 : (tensor<9xf32>, memref<9xf32>) -> ()
  return
}

// Tests the same for three buffers whose contents change on the way.
func.func @rotate(%m0: memref<5x3xf32>, %m1: memref<5x3xf32>, %m2: memref<5x3xf32>) {
  %a = bufferization.to_tensor %m0 restrict writable : memref<5x3xf32> to tensor<5x3xf32>
  %b = bufferization.to_tensor %m1 restrict writable : memref<5x3xf32> to tensor<5x3xf32>
  %c = bufferization.to_tensor %m2 restrict writable : memref<5x3xf32> to tensor<5x3xf32>
  %x = arith.negf %b : tensor<5x3xf32>
  %y = arith.addf %c, %a : tensor<5x3xf32>
  %z = math.absf %a : tensor<5x3xf32>
  bufferization.materialize_in_destination %x in restrict writable %m0 : (tensor<5x3xf32>, memref<5x3xf32>) -> ()
  bufferization.materialize_in_destination %y in restrict writable %m1 : (tensor<5x3xf32>, memref<5x3xf32>) -> ()
  bufferization.materialize_in_destination %z in restrict writable %m2 : (tensor<5x3xf32>, memref<5x3xf32>) -> ()
  return
}

// Tests that one value may go to two buffers and to the caller.
func.func @same_value_twice(%m0: memref<33xf32>, %m1: memref<33xf32>) -> tensor<33xf32> {
  %a = bufferization.to_tensor %m0 restrict writable : memref<33xf32> to tensor<33xf32>
  %r = arith.addf %a, %a : tensor<33xf32>
  bufferization.materialize_in_destination %r in restrict writable %m0 : (tensor<33xf32>, memref<33xf32>) -> ()
  bufferization.materialize_in_destination %r in restrict writable %m1 : (tensor<33xf32>, memref<33xf32>) -> ()
  return %r : tensor<33xf32>
}

// Tests that what was read before a write keeps its value after it.
func.func @old_contents(%m0: memref<17xf32>, %m1: memref<17xf32>) {
  %old = bufferization.to_tensor %m0 restrict writable : memref<17xf32> to tensor<17xf32>
  %new = arith.mulf %old, %old : tensor<17xf32>
  bufferization.materialize_in_destination %new in restrict writable %m0 : (tensor<17xf32>, memref<17xf32>) -> ()
  %seen = bufferization.to_tensor %m0 restrict writable : memref<17xf32> to tensor<17xf32>
  %diff = arith.subf %old, %seen : tensor<17xf32>
  bufferization.materialize_in_destination %diff in restrict writable %m1 : (tensor<17xf32>, memref<17xf32>) -> ()
  return
}

// Tests that the old contents may be returned.
func.func @old_contents_returned(%m0: memref<17xf32>) -> (tensor<17xf32>, tensor<17xf32>) {
  %old = bufferization.to_tensor %m0 restrict writable : memref<17xf32> to tensor<17xf32>
  %new = arith.addf %old, %old : tensor<17xf32>
  bufferization.materialize_in_destination %new in restrict writable %m0 : (tensor<17xf32>, memref<17xf32>) -> ()
  return %old, %new : tensor<17xf32>, tensor<17xf32>
}

// Tests that a reduction of what a buffer held is done before the buffer is
// overwritten, and one of what it holds after.
func.func @norm_of_old_and_new(%m0: memref<65xf32>, %by: f32) -> (f32, f32) {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %old = bufferization.to_tensor %m0 restrict writable : memref<65xf32> to tensor<65xf32>
  %factor = tensor.splat %by : tensor<65xf32>
  %half = arith.constant dense<0.5> : tensor<65xf32>
  %scaled = arith.mulf %old, %factor : tensor<65xf32>
  %new = arith.addf %scaled, %half : tensor<65xf32>
  bufferization.materialize_in_destination %new in restrict writable %m0 : (tensor<65xf32>, memref<65xf32>) -> ()
  %again = bufferization.to_tensor %m0 restrict writable : memref<65xf32> to tensor<65xf32>
  %s0 = linalg.reduce { arith.addf } ins(%old : tensor<65xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %s1 = linalg.reduce { arith.addf } ins(%again : tensor<65xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h0 = tensor.extract %s0[] : tensor<f32>
  %h1 = tensor.extract %s1[] : tensor<f32>
  return %h0, %h1 : f32, f32
}

// Tests that hp += f32(lp); lp = 0 reads lp before it is cleared.
func.func @zero_after_use(%hp: memref<130xf32>, %lp: memref<130xbf16>) {
  %h = bufferization.to_tensor %hp restrict writable : memref<130xf32> to tensor<130xf32>
  %l = bufferization.to_tensor %lp restrict writable : memref<130xbf16> to tensor<130xbf16>
  %w = arith.extf %l : tensor<130xbf16> to tensor<130xf32>
  %sum = arith.addf %h, %w : tensor<130xf32>
  bufferization.materialize_in_destination %sum in restrict writable %hp : (tensor<130xf32>, memref<130xf32>) -> ()
  %zero = arith.constant 0.0 : bf16
  %empty = tensor.empty() : tensor<130xbf16>
  %cleared = linalg.fill ins(%zero : bf16) outs(%empty : tensor<130xbf16>) -> tensor<130xbf16>
  bufferization.materialize_in_destination %cleared in restrict writable %lp : (tensor<130xbf16>, memref<130xbf16>) -> ()
  return
}

// Tests that a write that is overwritten unseen goes, and that a value seen in
// between stays what it was.
func.func @written_twice(%m0: memref<8xf32>, %m1: memref<8xf32>) {
  %a = bufferization.to_tensor %m0 restrict writable : memref<8xf32> to tensor<8xf32>
  %b = arith.negf %a : tensor<8xf32>
  bufferization.materialize_in_destination %b in restrict writable %m0 : (tensor<8xf32>, memref<8xf32>) -> ()
  %seen = bufferization.to_tensor %m0 restrict : memref<8xf32> to tensor<8xf32>
  %c = arith.addf %a, %a : tensor<8xf32>
  bufferization.materialize_in_destination %c in restrict writable %m0 : (tensor<8xf32>, memref<8xf32>) -> ()
  bufferization.materialize_in_destination %seen in restrict writable %m1 : (tensor<8xf32>, memref<8xf32>) -> ()
  return
}

// Tests that an update in place does not reach another element's old value.
func.func @neighbour_of_old(%m0: memref<4x4xf32>, %m1: memref<4x4xf32>) {
  %a = bufferization.to_tensor %m0 restrict writable : memref<4x4xf32> to tensor<4x4xf32>
  %empty = tensor.empty() : tensor<4x4xf32>
  %t = linalg.transpose ins(%a : tensor<4x4xf32>) outs(%empty : tensor<4x4xf32>) permutation = [1, 0]
  %sum = arith.addf %a, %t : tensor<4x4xf32>
  bufferization.materialize_in_destination %t in restrict writable %m0 : (tensor<4x4xf32>, memref<4x4xf32>) -> ()
  bufferization.materialize_in_destination %sum in restrict writable %m1 : (tensor<4x4xf32>, memref<4x4xf32>) -> ()
  return
}

// Tests that a write of something that no kernel makes comes after the kernels
// that read what the buffer held.
func.func @plain_write_after_use(%m0: memref<8xf32>, %m1: memref<8xf32>, %m2: memref<8xf32>, %a: tensor<8xf32>)
    -> (tensor<8xf32>, f32) {
  %t0 = bufferization.to_tensor %m0 restrict writable : memref<8xf32> to tensor<8xf32>
  %t1 = bufferization.to_tensor %m1 restrict writable : memref<8xf32> to tensor<8xf32>
  %t2 = bufferization.to_tensor %m2 restrict writable : memref<8xf32> to tensor<8xf32>
  %c = arith.constant dense<[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]> : tensor<8xf32>
  %x = arith.addf %t0, %t1 : tensor<8xf32>
  %s = arith.addf %x, %t2 : tensor<8xf32>
  bufferization.materialize_in_destination %a in restrict writable %m0 : (tensor<8xf32>, memref<8xf32>) -> ()
  bufferization.materialize_in_destination %t0 in restrict writable %m1 : (tensor<8xf32>, memref<8xf32>) -> ()
  bufferization.materialize_in_destination %c in restrict writable %m2 : (tensor<8xf32>, memref<8xf32>) -> ()
  %zero = arith.constant dense<0.0> : tensor<f32>
  %n = linalg.reduce { arith.addf } ins(%t1 : tensor<8xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h = tensor.extract %n[] : tensor<f32>
  return %s, %h : tensor<8xf32>, f32
}

// Tests the same where a readback that steers the host lies in between.
func.func @write_between_regions(%m0: memref<8xf32>, %m1: memref<8xf32>) -> tensor<8xf32> {
  %t0 = bufferization.to_tensor %m0 restrict writable : memref<8xf32> to tensor<8xf32>
  %t1 = bufferization.to_tensor %m1 restrict writable : memref<8xf32> to tensor<8xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %n = linalg.reduce { arith.addf } ins(%t0 : tensor<8xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h = tensor.extract %n[] : tensor<f32>
  %f = func.call @cosf(%h) : (f32) -> f32
  bufferization.materialize_in_destination %t1 in restrict writable %m0 : (tensor<8xf32>, memref<8xf32>) -> ()
  %s = tensor.splat %f : tensor<8xf32>
  %r = arith.mulf %t0, %s : tensor<8xf32>
  bufferization.materialize_in_destination %r in restrict writable %m1 : (tensor<8xf32>, memref<8xf32>) -> ()
  %again = bufferization.to_tensor %m0 restrict writable : memref<8xf32> to tensor<8xf32>
  %q = arith.addf %again, %r : tensor<8xf32>
  return %q : tensor<8xf32>
}
func.func private @cosf(f32) -> f32

// Tests the same for a value that the host makes.
func.func @host_value_written_after_use(%m0: memref<8xf32>, %x: f32) -> tensor<8xf32> {
  %t0 = bufferization.to_tensor %m0 restrict writable : memref<8xf32> to tensor<8xf32>
  %g = tensor.generate {
  ^bb0(%i: index):
    %n = arith.index_cast %i : index to i32
    %f = arith.sitofp %n : i32 to f32
    %y = arith.addf %f, %x : f32
    tensor.yield %y : f32
  } : tensor<8xf32>
  %s = arith.addf %t0, %t0 : tensor<8xf32>
  bufferization.materialize_in_destination %g in restrict writable %m0 : (tensor<8xf32>, memref<8xf32>) -> ()
  return %s : tensor<8xf32>
}

// Tests that what was read before such a write may be used first, or only,
// after it.
func.func @host_value_written_before_use(%m0: memref<8xf32>, %m1: memref<8xf32>, %x: f32) -> (tensor<8xf32>, f32) {
  %t0 = bufferization.to_tensor %m0 restrict writable : memref<8xf32> to tensor<8xf32>
  %t1 = bufferization.to_tensor %m1 restrict writable : memref<8xf32> to tensor<8xf32>
  %g = tensor.generate {
  ^bb0(%i: index):
    %n = arith.index_cast %i : index to i32
    %f = arith.sitofp %n : i32 to f32
    %y = arith.addf %f, %x : f32
    tensor.yield %y : f32
  } : tensor<8xf32>
  bufferization.materialize_in_destination %g in restrict writable %m0 : (tensor<8xf32>, memref<8xf32>) -> ()
  bufferization.materialize_in_destination %g in restrict writable %m1 : (tensor<8xf32>, memref<8xf32>) -> ()
  %s = arith.mulf %t0, %t0 : tensor<8xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %n = linalg.reduce { arith.addf } ins(%s : tensor<8xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h = tensor.extract %n[] : tensor<f32>
  %f = func.call @cosf(%h) : (f32) -> f32
  %by = tensor.splat %f : tensor<8xf32>
  %r = arith.mulf %t1, %by : tensor<8xf32>
  return %r, %h : tensor<8xf32>, f32
}
