// RUN: graph-run %s --entry=while_scalar --verify | FileCheck %s
// RUN: graph-run %s --entry=loop_writes_two --arg 2=3 --verify | FileCheck %s
// RUN: graph-run %s --entry=nested_loops --verify | FileCheck %s
// RUN: graph-run %s --entry=if_in_loop --arg 1=3 --verify | FileCheck %s
// RUN: graph-run %s --entry=otherwise_other --arg 3=0 --verify | FileCheck %s
// RUN: graph-run %s --entry=otherwise_other --arg 3=-1000 --verify | FileCheck %s
// RUN: graph-run %s --entry=if_insert --arg 1=1 --verify | FileCheck %s
// RUN: graph-run %s --entry=if_insert --arg 1=0 --verify | FileCheck %s
// RUN: graph-run %s --entry=cond_alias --arg 2=1 --verify | FileCheck %s
// RUN: graph-run %s --entry=cond_alias --arg 2=0 --verify | FileCheck %s
// RUN: graph-run %s --entry=swap_in_branch --arg 2=1 --repeat 3 --verify | FileCheck %s
// CHECK: verify: ok

func.func private @sum(%g: tensor<24xf32>) -> f32 {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%g : tensor<24xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h = tensor.extract %s[] : tensor<f32>
  return %h : f32
}

// Tests a loop of the host on a value that was read back.
func.func @while_scalar(%a: tensor<24xf32>) -> (f32, i32) {
  %s = call @sum(%a) : (tensor<24xf32>) -> f32
  %abs = math.absf %s : f32
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %h = arith.constant 0.5 : f32
  %lim = arith.constant 0.1 : f32
  %r:2 = scf.while (%x = %abs, %n = %c0) : (f32, i32) -> (f32, i32) {
    %g = arith.cmpf ogt, %x, %lim : f32
    scf.condition(%g) %x, %n : f32, i32
  } do {
  ^bb0(%x: f32, %n: i32):
    %y = arith.mulf %x, %h : f32
    %k = arith.addi %n, %c1 : i32
    scf.yield %y, %k : f32, i32
  }
  return %r#0, %r#1 : f32, i32
}

// Tests a loop that moves one buffer to another and adds up what it makes.
func.func @loop_writes_two(%m: memref<24xf32>, %k: memref<24xf32>, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%acc = %z) -> f32 {
    %a = bufferization.to_tensor %m restrict writable : memref<24xf32> to tensor<24xf32>
    %b = bufferization.to_tensor %k restrict writable : memref<24xf32> to tensor<24xf32>
    bufferization.materialize_in_destination %b in restrict writable %m : (tensor<24xf32>, memref<24xf32>) -> ()
    %q = arith.addf %a, %b : tensor<24xf32>
    bufferization.materialize_in_destination %q in restrict writable %k : (tensor<24xf32>, memref<24xf32>) -> ()
    %s = func.call @sum(%q) : (tensor<24xf32>) -> f32
    %t = arith.addf %acc, %s : f32
    scf.yield %t : f32
  }
  return %r : f32
}

// Tests loops in loops that carry a tensor, with a reduction in the inner one.
func.func @nested_loops(%a: tensor<24xf32>) -> tensor<24xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %r = scf.for %i = %c0 to %c3 step %c1 iter_args(%t = %a) -> tensor<24xf32> {
    %q = scf.for %j = %c0 to %i step %c1 iter_args(%u = %t) -> tensor<24xf32> {
      %n = arith.negf %u : tensor<24xf32>
      %s = func.call @sum(%n) : (tensor<24xf32>) -> f32
      %f = tensor.splat %s : tensor<24xf32>
      %v = arith.addf %n, %f : tensor<24xf32>
      scf.yield %v : tensor<24xf32>
    }
    %w = arith.addf %q, %a : tensor<24xf32>
    scf.yield %w : tensor<24xf32>
  }
  return %r : tensor<24xf32>
}

// Tests a branch on a device value in a loop of the host.
func.func @if_in_loop(%m: memref<24xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  scf.for %i = %c0 to %n step %c1 {
    %a = bufferization.to_tensor %m restrict writable : memref<24xf32> to tensor<24xf32>
    %s = func.call @sum(%a) : (tensor<24xf32>) -> f32
    %c = arith.cmpf ogt, %s, %z : f32
    scf.if %c {
      %b = arith.negf %a : tensor<24xf32>
      bufferization.materialize_in_destination %b in restrict writable %m : (tensor<24xf32>, memref<24xf32>) -> ()
    } else {
      %f = tensor.splat %s : tensor<24xf32>
      %b = arith.subf %a, %f : tensor<24xf32>
      bufferization.materialize_in_destination %b in restrict writable %m : (tensor<24xf32>, memref<24xf32>) -> ()
    }
  }
  return
}

// Tests a branch whose sides write different buffers from each other's contents.
func.func @otherwise_other(%m: memref<24xf32>, %k: memref<24xf32>, %n: memref<24xf32>, %lim: f32) {
  %a = bufferization.to_tensor %m restrict writable : memref<24xf32> to tensor<24xf32>
  %b = bufferization.to_tensor %k restrict writable : memref<24xf32> to tensor<24xf32>
  %c = bufferization.to_tensor %n restrict writable : memref<24xf32> to tensor<24xf32>
  %s = call @sum(%a) : (tensor<24xf32>) -> f32
  %p = arith.cmpf ogt, %s, %lim : f32
  scf.if %p {
    %x = arith.negf %b : tensor<24xf32>
    bufferization.materialize_in_destination %x in restrict writable %m : (tensor<24xf32>, memref<24xf32>) -> ()
    bufferization.materialize_in_destination %a in restrict writable %k : (tensor<24xf32>, memref<24xf32>) -> ()
  } else {
    bufferization.materialize_in_destination %c in restrict writable %m : (tensor<24xf32>, memref<24xf32>) -> ()
  }
  return
}

// Tests that a slice is put into a buffer or not.
func.func @if_insert(%m: memref<24xf32>, %c: i1) {
  %a = bufferization.to_tensor %m restrict writable : memref<24xf32> to tensor<24xf32>
  %s = tensor.extract_slice %a[0] [6] [1] : tensor<24xf32> to tensor<6xf32>
  %n = arith.negf %s : tensor<6xf32>
  scf.if %c {
    %y = tensor.insert_slice %n into %a[12] [6] [1] : tensor<6xf32> into tensor<24xf32>
    bufferization.materialize_in_destination %y in restrict writable %m : (tensor<24xf32>, memref<24xf32>) -> ()
  }
  return
}

// Tests that a choice between two buffers keeps what they held.
func.func @cond_alias(%m: memref<24xf32>, %k: memref<24xf32>, %c: i1) -> tensor<24xf32> {
  %a = bufferization.to_tensor %m restrict writable : memref<24xf32> to tensor<24xf32>
  %b = bufferization.to_tensor %k restrict writable : memref<24xf32> to tensor<24xf32>
  %x = arith.select %c, %a, %b : tensor<24xf32>
  %y = arith.negf %a : tensor<24xf32>
  bufferization.materialize_in_destination %y in restrict writable %m : (tensor<24xf32>, memref<24xf32>) -> ()
  %z = scf.if %c -> tensor<24xf32> {
    scf.yield %a : tensor<24xf32>
  } else {
    scf.yield %b : tensor<24xf32>
  }
  %r = arith.addf %x, %z : tensor<24xf32>
  return %r : tensor<24xf32>
}

// Tests that two buffers trade their contents in a branch that holds nothing
// else.
func.func @swap_in_branch(%m: memref<24xf32>, %k: memref<24xf32>, %c: i1) {
  %a = bufferization.to_tensor %m restrict writable : memref<24xf32> to tensor<24xf32>
  %b = bufferization.to_tensor %k restrict writable : memref<24xf32> to tensor<24xf32>
  scf.if %c {
    bufferization.materialize_in_destination %b in restrict writable %m : (tensor<24xf32>, memref<24xf32>) -> ()
    bufferization.materialize_in_destination %a in restrict writable %k : (tensor<24xf32>, memref<24xf32>) -> ()
  }
  return
}
