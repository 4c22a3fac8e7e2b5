// RUN: graph-run %s --entry=with_else --repeat 3 --verify --stats=json | FileCheck %s --check-prefix=ELSE
// RUN: graph-run %s --entry=host_condition --arg 1=0 --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=host_condition --arg 1=1 --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=nested --arg 1=0.5 --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=nested --arg 1=-100 --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=nested --arg 1=100 --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=tensor_result --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=scalar_result --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=readback_inside --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=call_inside --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=two_branches --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=division_guarded --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=selects --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=switch --arg 1=2 --repeat 2 --verify | FileCheck %s
// CHECK: verify: ok

func.func private @sum(%g: tensor<40xf32>) -> f32 {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%g : tensor<40xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h = tensor.extract %s[] : tensor<f32>
  return %h : f32
}
func.func private @times(%g: tensor<40xf32>, %by: f32) -> tensor<40xf32> {
  %s = tensor.splat %by : tensor<40xf32>
  %r = arith.mulf %g, %s : tensor<40xf32>
  return %r : tensor<40xf32>
}

// Tests that a branch with two sides on a device value needs no readback.
// ELSE:      "readbacks":0,
// ELSE-NEXT: verify: ok
func.func @with_else(%m: memref<40xf32>, %k: memref<40xf32>) {
  %g = bufferization.to_tensor %m restrict writable : memref<40xf32> to tensor<40xf32>
  %o = bufferization.to_tensor %k restrict writable : memref<40xf32> to tensor<40xf32>
  %n = call @sum(%g) : (tensor<40xf32>) -> f32
  %zero = arith.constant 0.0 : f32
  %c = arith.cmpf ogt, %n, %zero : f32
  scf.if %c {
    %by = arith.constant -2.0 : f32
    %r = func.call @times(%g, %by) : (tensor<40xf32>, f32) -> tensor<40xf32>
    bufferization.materialize_in_destination %r in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
  } else {
    %r = func.call @times(%o, %n) : (tensor<40xf32>, f32) -> tensor<40xf32>
    %q = arith.subf %g, %r : tensor<40xf32>
    bufferization.materialize_in_destination %r in restrict writable %k : (tensor<40xf32>, memref<40xf32>) -> ()
    bufferization.materialize_in_destination %q in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
  }
  return
}

// Tests that a branch on a value of the host stays there.
func.func @host_condition(%m: memref<40xf32>, %c: i1) -> f32 {
  %g = bufferization.to_tensor %m restrict writable : memref<40xf32> to tensor<40xf32>
  scf.if %c {
    %by = arith.constant 3.0 : f32
    %r = func.call @times(%g, %by) : (tensor<40xf32>, f32) -> tensor<40xf32>
    bufferization.materialize_in_destination %r in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
  }
  %after = bufferization.to_tensor %m restrict writable : memref<40xf32> to tensor<40xf32>
  %n = call @sum(%after) : (tensor<40xf32>) -> f32
  return %n : f32
}

// Tests branches in branches, each on a device value.
func.func @nested(%m: memref<40xf32>, %limit: f32) -> f32 {
  %g = bufferization.to_tensor %m restrict writable : memref<40xf32> to tensor<40xf32>
  %n = call @sum(%g) : (tensor<40xf32>) -> f32
  %low = arith.cmpf olt, %n, %limit : f32
  scf.if %low {
    %q = arith.mulf %n, %n : f32
    %one = arith.constant 1.0 : f32
    %tiny = arith.cmpf olt, %q, %one : f32
    scf.if %tiny {
      %r = func.call @times(%g, %q) : (tensor<40xf32>, f32) -> tensor<40xf32>
      bufferization.materialize_in_destination %r in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
    } else {
      %d = arith.divf %one, %q : f32
      %r = func.call @times(%g, %d) : (tensor<40xf32>, f32) -> tensor<40xf32>
      %s = arith.addf %r, %g : tensor<40xf32>
      bufferization.materialize_in_destination %s in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
    }
  } else {
    %a = math.absf %g : tensor<40xf32>
    bufferization.materialize_in_destination %a in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
  }
  return %n : f32
}

// Tests that a branch yields tensors.
func.func @tensor_result(%g: tensor<40xf32>, %o: tensor<40xf32>) -> (tensor<40xf32>, tensor<40xf32>) {
  %n = call @sum(%g) : (tensor<40xf32>) -> f32
  %k = call @sum(%o) : (tensor<40xf32>) -> f32
  %c = arith.cmpf olt, %n, %k : f32
  %r:2 = scf.if %c -> (tensor<40xf32>, tensor<40xf32>) {
    %x = func.call @times(%g, %n) : (tensor<40xf32>, f32) -> tensor<40xf32>
    scf.yield %x, %o : tensor<40xf32>, tensor<40xf32>
  } else {
    %x = func.call @times(%o, %k) : (tensor<40xf32>, f32) -> tensor<40xf32>
    scf.yield %g, %x : tensor<40xf32>, tensor<40xf32>
  }
  return %r#0, %r#1 : tensor<40xf32>, tensor<40xf32>
}

// Tests that a branch yields a scalar that feeds the device and the caller.
func.func @scalar_result(%m: memref<40xf32>) -> f32 {
  %g = bufferization.to_tensor %m restrict writable : memref<40xf32> to tensor<40xf32>
  %n = call @sum(%g) : (tensor<40xf32>) -> f32
  %one = arith.constant 1.0 : f32
  %c = arith.cmpf ogt, %n, %one : f32
  %f = scf.if %c -> f32 {
    %d = arith.divf %one, %n : f32
    scf.yield %d : f32
  } else {
    scf.yield %one : f32
  }
  %r = call @times(%g, %f) : (tensor<40xf32>, f32) -> tensor<40xf32>
  bufferization.materialize_in_destination %r in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
  return %f : f32
}

// Tests that a branch may hold a reduction that decides about another branch.
func.func @readback_inside(%m: memref<40xf32>) -> f32 {
  %g = bufferization.to_tensor %m restrict writable : memref<40xf32> to tensor<40xf32>
  %n = call @sum(%g) : (tensor<40xf32>) -> f32
  %zero = arith.constant 0.0 : f32
  %c = arith.cmpf une, %n, %zero : f32
  %r = scf.if %c -> f32 {
    %x = func.call @times(%g, %n) : (tensor<40xf32>, f32) -> tensor<40xf32>
    %k = func.call @sum(%x) : (tensor<40xf32>) -> f32
    %d = arith.cmpf ogt, %k, %n : f32
    scf.if %d {
      bufferization.materialize_in_destination %x in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
    }
    scf.yield %k : f32
  } else {
    scf.yield %zero : f32
  }
  return %r : f32
}

// Tests that a branch with a call to the outside stays on the host.
func.func private @cosf(f32) -> f32
func.func @call_inside(%m: memref<40xf32>) {
  %g = bufferization.to_tensor %m restrict writable : memref<40xf32> to tensor<40xf32>
  %n = call @sum(%g) : (tensor<40xf32>) -> f32
  %one = arith.constant 100.0 : f32
  %c = arith.cmpf olt, %n, %one : f32
  scf.if %c {
    %f = func.call @cosf(%n) : (f32) -> f32
    %x = func.call @times(%g, %f) : (tensor<40xf32>, f32) -> tensor<40xf32>
    bufferization.materialize_in_destination %x in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
  }
  return
}

// Tests two branches in a row on one buffer, the second on what the first left.
func.func @two_branches(%m: memref<40xf32>) {
  %g = bufferization.to_tensor %m restrict writable : memref<40xf32> to tensor<40xf32>
  %n = call @sum(%g) : (tensor<40xf32>) -> f32
  %zero = arith.constant 0.0 : f32
  %c = arith.cmpf olt, %n, %zero : f32
  scf.if %c {
    %x = arith.negf %g : tensor<40xf32>
    bufferization.materialize_in_destination %x in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
  }
  %h = bufferization.to_tensor %m restrict writable : memref<40xf32> to tensor<40xf32>
  %k = call @sum(%h) : (tensor<40xf32>) -> f32
  %one = arith.constant 1.0 : f32
  %d = arith.cmpf ogt, %k, %one : f32
  scf.if %d {
    %f = arith.divf %one, %k : f32
    %x = func.call @times(%h, %f) : (tensor<40xf32>, f32) -> tensor<40xf32>
    bufferization.materialize_in_destination %x in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
  }
  return
}

// Tests that an integer division runs only where its branch is taken.
func.func @division_guarded(%g: tensor<40xi32>) -> i32 {
  %zero = arith.constant dense<0> : tensor<i32>
  %s = linalg.reduce { arith.muli } ins(%g : tensor<40xi32>) outs(%zero : tensor<i32>) dimensions = [0]
  %n = tensor.extract %s[] : tensor<i32>
  %c0 = arith.constant 0 : i32
  %c100 = arith.constant 100 : i32
  %c = arith.cmpi ne, %n, %c0 : i32
  %r = scf.if %c -> i32 {
    %d = arith.divsi %c100, %n : i32
    scf.yield %d : i32
  } else {
    scf.yield %c0 : i32
  }
  return %r : i32
}

// Tests selects between tensors and between device scalars.
func.func @selects(%g: tensor<40xf32>, %o: tensor<40xf32>) -> (tensor<40xf32>, f32) {
  %n = call @sum(%g) : (tensor<40xf32>) -> f32
  %k = call @sum(%o) : (tensor<40xf32>) -> f32
  %c = arith.cmpf olt, %n, %k : f32
  %t = arith.select %c, %g, %o : tensor<40xf32>
  %s = arith.select %c, %k, %n : f32
  %x = call @times(%t, %s) : (tensor<40xf32>, f32) -> tensor<40xf32>
  return %x, %s : tensor<40xf32>, f32
}

// Tests a choice among several cases.
func.func @switch(%m: memref<40xf32>, %i: index) -> f32 {
  %g = bufferization.to_tensor %m restrict writable : memref<40xf32> to tensor<40xf32>
  %r = scf.index_switch %i -> tensor<40xf32>
  case 0 {
    scf.yield %g : tensor<40xf32>
  }
  case 2 {
    %x = arith.negf %g : tensor<40xf32>
    scf.yield %x : tensor<40xf32>
  }
  default {
    %x = arith.addf %g, %g : tensor<40xf32>
    scf.yield %x : tensor<40xf32>
  }
  bufferization.materialize_in_destination %r in restrict writable %m : (tensor<40xf32>, memref<40xf32>) -> ()
  %n = call @sum(%r) : (tensor<40xf32>) -> f32
  return %n : f32
}
