// RUN: graph-run %s --entry=own_rates --repeat 3 --verify --stats=json | FileCheck %s --check-prefix=TWO
// RUN: graph-run %s --entry=rates_of_arguments --repeat 3 --verify --stats=json | FileCheck %s --check-prefix=ONE
// RUN: graph-run %s --entry=state_in_branches --repeat 4 --verify --stats=json | FileCheck %s --check-prefix=ONE
// RUN: graph-run %s --entry=state_in_branches --arg 5=1 --arg 4=nan --repeat 4 --verify --stats=json | FileCheck %s --check-prefix=ONE
// RUN: graph-run %s --entry=clip_use_zero --repeat 3 --verify --stats=json | FileCheck %s --check-prefix=TWO
// RUN: graph-run %s --entry=clip_use_zero --arg 2=1e9 --repeat 3 --verify --stats=json | FileCheck %s --check-prefix=TWO
// RUN: graph-run %s --entry=two_places --arg 2=1 --repeat 3 --verify --stats=json | FileCheck %s --check-prefix=ONE
// RUN: graph-run %s --entry=two_places --arg 2=0 --repeat 3 --verify --stats=json | FileCheck %s --check-prefix=ONE

// TWO:      "kernel_nodes":2,"memcpy_nodes":0,"memset_nodes":0,"conditional_nodes":0,
// TWO-SAME: "readbacks":0,
// TWO-NEXT: verify: ok
// ONE:      "kernel_nodes":1,"memcpy_nodes":0,"memset_nodes":0,"conditional_nodes":0,
// ONE-SAME: "readbacks":0,
// ONE-NEXT: verify: ok

#id = affine_map<(d0) -> (d0)>
#none = affine_map<(d0) -> ()>

// The sum of the squares of a tensor, read by the host.
func.func private @square_sum(%t: tensor<?xf32>) -> f64 {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<f32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<f32>) -> tensor<f32>
  %s = linalg.generic {indexing_maps = [#id, #none], iterator_types = ["reduction"]}
      ins(%t : tensor<?xf32>) outs(%i : tensor<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %m = arith.mulf %x, %x : f32
    %a = arith.addf %acc, %m : f32
    linalg.yield %a : f32
  } -> tensor<f32>
  %v = tensor.extract %s[] : tensor<f32>
  %d = arith.extf %v : f32 to f64
  return %d : f64
}

// The rate of a tensor, by a branch of the host.
func.func private @rate(%p: f64, %u: f64) -> f32 {
  %zero = arith.constant 0.0 : f64
  %one = arith.constant 1.0 : f64
  %some = arith.cmpf une, %u, %zero : f64
  %r = scf.if %some -> (f64) {
    %q = arith.divf %p, %u : f64
    %s = math.sqrt %q : f64
    scf.yield %s : f64
  } else {
    scf.yield %one : f64
  }
  %f = arith.truncf %r : f64 to f32
  return %f : f32
}

// Tests a momentum that is updated in place, while the update that it gives is
// reduced per tensor, and then scaled by a rate of the tensor: of three lists of
// different shapes the reductions are one kernel, and the updates another.
func.func @own_rates(%p0: memref<20xf32>, %m0: memref<20xf32>, %p1: memref<700xf32>, %m1: memref<700xf32>, %p2: memref<1001xf32>, %m2: memref<1001xf32>) {
  %t0 = bufferization.to_tensor %p0 restrict writable : memref<20xf32> to tensor<20xf32>
  %n0 = bufferization.to_tensor %m0 restrict writable : memref<20xf32> to tensor<20xf32>
  %s0 = arith.addf %n0, %t0 : tensor<20xf32>
  bufferization.materialize_in_destination %s0 in restrict writable %m0 : (tensor<20xf32>, memref<20xf32>) -> ()
  %u0 = math.exp %s0 : tensor<20xf32>
  %dt0 = tensor.cast %t0 : tensor<20xf32> to tensor<?xf32>
  %du0 = tensor.cast %u0 : tensor<20xf32> to tensor<?xf32>
  %x0 = func.call @square_sum(%dt0) : (tensor<?xf32>) -> f64
  %y0 = func.call @square_sum(%du0) : (tensor<?xf32>) -> f64
  %r0 = func.call @rate(%x0, %y0) : (f64, f64) -> f32
  %f0 = tensor.splat %r0 : tensor<20xf32>
  %v0 = arith.mulf %u0, %f0 : tensor<20xf32>
  %w0 = arith.subf %t0, %v0 : tensor<20xf32>
  bufferization.materialize_in_destination %w0 in restrict writable %p0 : (tensor<20xf32>, memref<20xf32>) -> ()
  %t1 = bufferization.to_tensor %p1 restrict writable : memref<700xf32> to tensor<700xf32>
  %n1 = bufferization.to_tensor %m1 restrict writable : memref<700xf32> to tensor<700xf32>
  %s1 = arith.addf %n1, %t1 : tensor<700xf32>
  bufferization.materialize_in_destination %s1 in restrict writable %m1 : (tensor<700xf32>, memref<700xf32>) -> ()
  %u1 = math.exp %s1 : tensor<700xf32>
  %dt1 = tensor.cast %t1 : tensor<700xf32> to tensor<?xf32>
  %du1 = tensor.cast %u1 : tensor<700xf32> to tensor<?xf32>
  %x1 = func.call @square_sum(%dt1) : (tensor<?xf32>) -> f64
  %y1 = func.call @square_sum(%du1) : (tensor<?xf32>) -> f64
  %r1 = func.call @rate(%x1, %y1) : (f64, f64) -> f32
  %f1 = tensor.splat %r1 : tensor<700xf32>
  %v1 = arith.mulf %u1, %f1 : tensor<700xf32>
  %w1 = arith.subf %t1, %v1 : tensor<700xf32>
  bufferization.materialize_in_destination %w1 in restrict writable %p1 : (tensor<700xf32>, memref<700xf32>) -> ()
  %t2 = bufferization.to_tensor %p2 restrict writable : memref<1001xf32> to tensor<1001xf32>
  %n2 = bufferization.to_tensor %m2 restrict writable : memref<1001xf32> to tensor<1001xf32>
  %s2 = arith.addf %n2, %t2 : tensor<1001xf32>
  bufferization.materialize_in_destination %s2 in restrict writable %m2 : (tensor<1001xf32>, memref<1001xf32>) -> ()
  %u2 = math.exp %s2 : tensor<1001xf32>
  %dt2 = tensor.cast %t2 : tensor<1001xf32> to tensor<?xf32>
  %du2 = tensor.cast %u2 : tensor<1001xf32> to tensor<?xf32>
  %x2 = func.call @square_sum(%dt2) : (tensor<?xf32>) -> f64
  %y2 = func.call @square_sum(%du2) : (tensor<?xf32>) -> f64
  %r2 = func.call @rate(%x2, %y2) : (f64, f64) -> f32
  %f2 = tensor.splat %r2 : tensor<1001xf32>
  %v2 = arith.mulf %u2, %f2 : tensor<1001xf32>
  %w2 = arith.subf %t2, %v2 : tensor<1001xf32>
  bufferization.materialize_in_destination %w2 in restrict writable %p2 : (tensor<1001xf32>, memref<1001xf32>) -> ()
  return
}

// Tests scalars that the caller gives, one for each tensor: they are listed in
// the kernel of the map that reads them.
func.func @rates_of_arguments(%p0: memref<20xf32>, %p1: memref<70xf32>, %r0: f32, %r1: f32) {
  %t0 = bufferization.to_tensor %p0 restrict writable : memref<20xf32> to tensor<20xf32>
  %t1 = bufferization.to_tensor %p1 restrict writable : memref<70xf32> to tensor<70xf32>
  %f0 = tensor.splat %r0 : tensor<20xf32>
  %f1 = tensor.splat %r1 : tensor<70xf32>
  %v0 = arith.mulf %t0, %f0 : tensor<20xf32>
  %v1 = arith.mulf %t1, %f1 : tensor<70xf32>
  bufferization.materialize_in_destination %v0 in restrict writable %p0 : (tensor<20xf32>, memref<20xf32>) -> ()
  bufferization.materialize_in_destination %v1 in restrict writable %p1 : (tensor<70xf32>, memref<70xf32>) -> ()
  return
}

// Tests state that is stored in nested branches, with a remainder that one of
// them guards.
func.func @state_in_branches(%scale: memref<f32>, %budget: memref<i32>, %last: memref<i32>, %turn: memref<i32>, %count: tensor<f32>, %full: i32, %window: i32) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %zero = arith.constant 0.0 : f32
  %two = arith.constant 2.0 : f32
  %n = tensor.extract %count[] : tensor<f32>
  %bad = arith.cmpf une, %n, %zero : f32
  %tt = bufferization.to_tensor %turn restrict writable : memref<i32> to tensor<i32>
  %now = tensor.extract %tt[] : tensor<i32>
  scf.if %bad {
    %tb = bufferization.to_tensor %budget restrict writable : memref<i32> to tensor<i32>
    %b = tensor.extract %tb[] : tensor<i32>
    %one = arith.cmpi eq, %b, %c1 : i32
    scf.if %one {
      %ts = bufferization.to_tensor %scale restrict writable : memref<f32> to tensor<f32>
      %s = tensor.extract %ts[] : tensor<f32>
      %half = arith.divf %s, %two : f32
      %new = tensor.from_elements %half : tensor<f32>
      bufferization.materialize_in_destination %new in restrict writable %scale : (tensor<f32>, memref<f32>) -> ()
    } else {
      %less = arith.subi %b, %c1 : i32
      %new = tensor.from_elements %less : tensor<i32>
      bufferization.materialize_in_destination %new in restrict writable %budget : (tensor<i32>, memref<i32>) -> ()
    }
    %nl = tensor.from_elements %now : tensor<i32>
    bufferization.materialize_in_destination %nl in restrict writable %last : (tensor<i32>, memref<i32>) -> ()
  } else {
    %tl = bufferization.to_tensor %last restrict writable : memref<i32> to tensor<i32>
    %l = tensor.extract %tl[] : tensor<i32>
    %d = arith.subi %now, %l : i32
    %some = arith.cmpi sgt, %window, %c0 : i32
    scf.if %some {
      %r = arith.remsi %d, %window : i32
      %at = arith.cmpi eq, %r, %c0 : i32
      scf.if %at {
        %nb = tensor.from_elements %full : tensor<i32>
        bufferization.materialize_in_destination %nb in restrict writable %budget : (tensor<i32>, memref<i32>) -> ()
        %ts = bufferization.to_tensor %scale restrict writable : memref<f32> to tensor<f32>
        %s = tensor.extract %ts[] : tensor<f32>
        %double = arith.mulf %s, %two : f32
        %new = tensor.from_elements %double : tensor<f32>
        bufferization.materialize_in_destination %new in restrict writable %scale : (tensor<f32>, memref<f32>) -> ()
      }
    }
  }
  %next = arith.addi %now, %c1 : i32
  %nt = tensor.from_elements %next : tensor<i32>
  bufferization.materialize_in_destination %nt in restrict writable %turn : (tensor<i32>, memref<i32>) -> ()
  return
}

// Tests a list that is scaled in a branch, read once, and then zeroed: the scaled
// values are kept nowhere.
func.func @clip_use_zero(%g: memref<700xf32>, %p: memref<700xf32>, %limit: f64) {
  %t = bufferization.to_tensor %g restrict writable : memref<700xf32> to tensor<700xf32>
  %tp = bufferization.to_tensor %p restrict writable : memref<700xf32> to tensor<700xf32>
  %zero = arith.constant 0.0 : f32
  %dt = tensor.cast %t : tensor<700xf32> to tensor<?xf32>
  %n = func.call @square_sum(%dt) : (tensor<?xf32>) -> f64
  %c = arith.cmpf ogt, %n, %limit : f64
  scf.if %c {
    %f = arith.divf %limit, %n : f64
    %h = arith.truncf %f : f64 to f32
    %s = tensor.splat %h : tensor<700xf32>
    %r = arith.mulf %t, %s : tensor<700xf32>
    bufferization.materialize_in_destination %r in restrict writable %g : (tensor<700xf32>, memref<700xf32>) -> ()
  }
  %t2 = bufferization.to_tensor %g restrict writable : memref<700xf32> to tensor<700xf32>
  %new = arith.subf %tp, %t2 : tensor<700xf32>
  bufferization.materialize_in_destination %new in restrict writable %p : (tensor<700xf32>, memref<700xf32>) -> ()
  %e = tensor.empty() : tensor<700xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<700xf32>) -> tensor<700xf32>
  bufferization.materialize_in_destination %z in restrict writable %g : (tensor<700xf32>, memref<700xf32>) -> ()
  return
}

// Tests a value that a branch stores to two buffers: else each keeps its own.
func.func @two_places(%a: memref<700xf32>, %b: memref<700xf32>, %flag: tensor<f32>) {
  %zero = arith.constant 0.0 : f32
  %n = tensor.extract %flag[] : tensor<f32>
  %c = arith.cmpf une, %n, %zero : f32
  scf.if %c {
    %t = bufferization.to_tensor %a restrict writable : memref<700xf32> to tensor<700xf32>
    %r = arith.negf %t : tensor<700xf32>
    bufferization.materialize_in_destination %r in restrict writable %a : (tensor<700xf32>, memref<700xf32>) -> ()
    bufferization.materialize_in_destination %r in restrict writable %b : (tensor<700xf32>, memref<700xf32>) -> ()
  }
  return
}
