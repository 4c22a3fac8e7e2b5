// RUN: graph-run %s --entry=infinity_norm --repeat 2 --verify --stats=json | FileCheck %s --check-prefix=ONE
// RUN: graph-run %s --entry=overflow_by_sum --verify --stats=json | FileCheck %s
// RUN: graph-run %s --entry=overflow_by_count --verify --stats=json | FileCheck %s --check-prefix=ONE
// RUN: graph-run %s --entry=unscale_and_clip --arg 2=1024 --arg 3=0.25 --repeat 3 --verify --stats=json | FileCheck %s --check-prefix=NONE
// RUN: graph-run %s --entry=unscale_and_clip --arg 2=0.5 --arg 3=0 --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=serial_device_sum --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=lamb --arg 6=0.01 --repeat 3 --verify --stats=json | FileCheck %s --check-prefix=LAMB
// RUN: graph-run %s --entry=sentinel --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=nan_is_not_clipped --arg 0=nan --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=bf16_clip --arg 2=0.125 --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=distributed_norm --repeat 2 --verify | FileCheck %s
// CHECK: verify: ok

#row = affine_map<(i) -> (i)>
#all = affine_map<(i) -> ()>

// Tests the largest magnitude over tensors of different types: one kernel and
// the one readback that is returned.
// ONE:      "kernel_nodes":1,
// ONE-SAME: "readbacks":{{[12]}},
// ONE-NEXT: verify: ok
func.func @infinity_norm(%a: tensor<77xf32>, %b: tensor<4x5xf32>) -> f32 {
  %zero = arith.constant 0.0 : f32
  %init = tensor.from_elements %zero : tensor<f32>
  %x = linalg.generic {indexing_maps = [#row, #all], iterator_types = ["reduction"]}
      ins(%a : tensor<77xf32>) outs(%init : tensor<f32>) {
  ^bb0(%e: f32, %m: f32):
    %abs = math.absf %e : f32
    %max = arith.maximumf %abs, %m : f32
    linalg.yield %max : f32
  } -> tensor<f32>
  %y = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> ()>],
                       iterator_types = ["reduction", "reduction"]}
      ins(%b : tensor<4x5xf32>) outs(%init : tensor<f32>) {
  ^bb0(%e: f32, %m: f32):
    %abs = math.absf %e : f32
    %max = arith.maximumf %m, %abs : f32
    linalg.yield %max : f32
  } -> tensor<f32>
  %hx = tensor.extract %x[] : tensor<f32>
  %hy = tensor.extract %y[] : tensor<f32>
  %r = arith.maximumf %hx, %hy : f32
  return %r : f32
}

func.func private @sum(%a: tensor<50xf32>) -> f32 {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%a : tensor<50xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h = tensor.extract %s[] : tensor<f32>
  return %h : f32
}
func.func private @sum_squares(%a: tensor<50xf32>, %zero: f32) -> f32 {
  %init = tensor.from_elements %zero : tensor<f32>
  %s = linalg.generic {indexing_maps = [#row, #all], iterator_types = ["reduction"]}
      ins(%a : tensor<50xf32>) outs(%init : tensor<f32>) {
  ^bb0(%e: f32, %acc: f32):
    %q = arith.mulf %e, %e : f32
    %n = arith.addf %acc, %q : f32
    linalg.yield %n : f32
  } -> tensor<f32>
  %h = tensor.extract %s[] : tensor<f32>
  return %h : f32
}

// Tests the early exit of a check for overflow, as nested branches.
func.func private @is_bad(%s: f32) -> i1 {
  %inf = arith.constant 0x7F800000 : f32
  %abs = math.absf %s : f32
  %isinf = arith.cmpf oeq, %abs, %inf : f32
  %isnan = arith.cmpf uno, %s, %s : f32
  %bad = arith.ori %isinf, %isnan : i1
  return %bad : i1
}
func.func @overflow_by_sum(%a: tensor<50xf32>, %b: tensor<50xf32>, %c: tensor<50xf32>) -> i1 {
  %true = arith.constant true
  %s0 = call @sum(%a) : (tensor<50xf32>) -> f32
  %b0 = call @is_bad(%s0) : (f32) -> i1
  %r = scf.if %b0 -> i1 {
    scf.yield %true : i1
  } else {
    %s1 = func.call @sum(%b) : (tensor<50xf32>) -> f32
    %b1 = func.call @is_bad(%s1) : (f32) -> i1
    %r1 = scf.if %b1 -> i1 {
      scf.yield %true : i1
    } else {
      %s2 = func.call @sum(%c) : (tensor<50xf32>) -> f32
      %b2 = func.call @is_bad(%s2) : (f32) -> i1
      scf.yield %b2 : i1
    }
    scf.yield %r1 : i1
  }
  return %r : i1
}

// Tests the count of bad elements, and a flag that is returned.
func.func private @count_bad(%a: tensor<50xf32>) -> tensor<f32> {
  %zero = arith.constant dense<0.0> : tensor<f32>
  %inf = arith.constant 0x7F800000 : f32
  %e0 = tensor.empty() : tensor<50xf32>
  %bad = linalg.generic {indexing_maps = [#row, #row], iterator_types = ["parallel"]}
      ins(%a : tensor<50xf32>) outs(%e0 : tensor<50xf32>) {
  ^bb0(%e: f32, %o: f32):
    %abs = math.absf %e : f32
    %isinf = arith.cmpf oeq, %abs, %inf : f32
    %isnan = arith.cmpf uno, %e, %e : f32
    %either = arith.ori %isinf, %isnan : i1
    %f = arith.uitofp %either : i1 to f32
    linalg.yield %f : f32
  } -> tensor<50xf32>
  %low = arith.constant dense<0xFF800000> : tensor<f32>
  %m = linalg.reduce { arith.maximumf } ins(%bad : tensor<50xf32>) outs(%low : tensor<f32>) dimensions = [0]
  return %m : tensor<f32>
}
func.func @overflow_by_count(%a: tensor<50xf32>, %b: tensor<50xf32>) -> i1 {
  %c0 = call @count_bad(%a) : (tensor<50xf32>) -> tensor<f32>
  %c1 = call @count_bad(%b) : (tensor<50xf32>) -> tensor<f32>
  %count = arith.addf %c0, %c1 : tensor<f32>
  %h = tensor.extract %count[] : tensor<f32>
  %zero = arith.constant 0.0 : f32
  %flag = arith.cmpf une, %h, %zero : f32
  return %flag : i1
}

// Tests unscaling joined with clipping: no readback at all.
// NONE:      "readbacks":0,
// NONE-NEXT: verify: ok
func.func @unscale_and_clip(%m0: memref<50xf32>, %m1: memref<50xf32>, %scale: f32, %max: f32) {
  %g0 = bufferization.to_tensor %m0 restrict writable : memref<50xf32> to tensor<50xf32>
  %g1 = bufferization.to_tensor %m1 restrict writable : memref<50xf32> to tensor<50xf32>
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %eps = arith.constant 1.0e-6 : f32
  %q0 = call @sum_squares(%g0, %zero) : (tensor<50xf32>, f32) -> f32
  %q1 = call @sum_squares(%g1, %zero) : (tensor<50xf32>, f32) -> f32
  %q = arith.addf %q0, %q1 : f32
  %norm = math.sqrt %q : f32
  %clips = arith.cmpf ogt, %max, %zero : f32
  %cs = scf.if %clips -> f32 {
    %u = arith.divf %norm, %scale : f32
    %v = arith.addf %u, %eps : f32
    %clip = arith.divf %v, %max : f32
    %more = arith.cmpf ogt, %clip, %one : f32
    %r = scf.if %more -> f32 {
      %s = arith.mulf %clip, %scale : f32
      scf.yield %s : f32
    } else {
      scf.yield %scale : f32
    }
    scf.yield %r : f32
  } else {
    scf.yield %scale : f32
  }
  %inv = arith.divf %one, %cs : f32
  %f = tensor.splat %inv : tensor<50xf32>
  %r0 = arith.mulf %g0, %f : tensor<50xf32>
  %r1 = arith.mulf %g1, %f : tensor<50xf32>
  bufferization.materialize_in_destination %r0 in restrict writable %m0 : (tensor<50xf32>, memref<50xf32>) -> ()
  bufferization.materialize_in_destination %r1 in restrict writable %m1 : (tensor<50xf32>, memref<50xf32>) -> ()
  return
}

// Tests a sum over tensors kept in a one-element buffer on the device.
func.func @serial_device_sum(%acc: memref<1xf32>, %a: tensor<50xf32>, %b: tensor<50xf32>) {
  %zero = arith.constant 0.0 : f32
  %t0 = bufferization.to_tensor %acc restrict writable : memref<1xf32> to tensor<1xf32>
  %init = tensor.splat %zero : tensor<1xf32>
  %s0 = linalg.generic {indexing_maps = [#row, affine_map<(i) -> (0)>], iterator_types = ["reduction"]}
      ins(%a : tensor<50xf32>) outs(%init : tensor<1xf32>) {
  ^bb0(%e: f32, %o: f32):
    %q = arith.mulf %e, %e : f32
    %n = arith.addf %o, %q : f32
    linalg.yield %n : f32
  } -> tensor<1xf32>
  %t1 = arith.addf %t0, %s0 : tensor<1xf32>
  bufferization.materialize_in_destination %t1 in restrict writable %acc : (tensor<1xf32>, memref<1xf32>) -> ()
  %t2 = bufferization.to_tensor %acc restrict writable : memref<1xf32> to tensor<1xf32>
  %s1 = linalg.generic {indexing_maps = [#row, affine_map<(i) -> (0)>], iterator_types = ["reduction"]}
      ins(%b : tensor<50xf32>) outs(%init : tensor<1xf32>) {
  ^bb0(%e: f32, %o: f32):
    %q = arith.mulf %e, %e : f32
    %n = arith.addf %o, %q : f32
    linalg.yield %n : f32
  } -> tensor<1xf32>
  %t3 = arith.addf %t2, %s1 : tensor<1xf32>
  %r = math.sqrt %t3 : tensor<1xf32>
  bufferization.materialize_in_destination %r in restrict writable %acc : (tensor<1xf32>, memref<1xf32>) -> ()
  return
}

// Tests an update by LAMB of two tensors: per-tensor norms that feed the update
// of the same tensor, and never the host.
// LAMB:      "readbacks":0,
// LAMB-NEXT: verify: ok
func.func private @lamb_step(%p: tensor<50xf32>, %m: tensor<50xf32>, %g: tensor<50xf32>, %lr: f32) -> (tensor<50xf32>, tensor<50xf32>) {
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %lo = arith.constant 0.01 : f32
  %hi = arith.constant 10.0 : f32
  %e = tensor.empty() : tensor<50xf32>
  %new:2 = linalg.generic {indexing_maps = [#row, #row, #row, #row, #row], iterator_types = ["parallel"]}
      ins(%p, %m, %g : tensor<50xf32>, tensor<50xf32>, tensor<50xf32>) outs(%e, %e : tensor<50xf32>, tensor<50xf32>) {
  ^bb0(%pe: f32, %me: f32, %ge: f32, %o0: f32, %o1: f32):
    %b1 = arith.constant 0.9 : f32
    %c1 = arith.constant 0.1 : f32
    %wd = arith.constant 0.01 : f32
    %x = arith.mulf %me, %b1 : f32
    %y = arith.mulf %ge, %c1 : f32
    %mn = arith.addf %x, %y : f32
    %d = arith.mulf %pe, %wd : f32
    %u = arith.addf %mn, %d : f32
    linalg.yield %mn, %u : f32, f32
  } -> (tensor<50xf32>, tensor<50xf32>)
  %wq = func.call @sum_squares(%p, %zero) : (tensor<50xf32>, f32) -> f32
  %uq = func.call @sum_squares(%new#1, %zero) : (tensor<50xf32>, f32) -> f32
  %wn = math.sqrt %wq : f32
  %un = math.sqrt %uq : f32
  %w0 = arith.cmpf une, %wn, %zero : f32
  %u0 = arith.cmpf une, %un, %zero : f32
  %both = arith.andi %w0, %u0 : i1
  %r = scf.if %both -> f32 {
    %q = arith.divf %wn, %un : f32
    %l = arith.maximumf %q, %lo : f32
    %h = arith.minimumf %l, %hi : f32
    scf.yield %h : f32
  } else {
    scf.yield %one : f32
  }
  %step = arith.mulf %lr, %r : f32
  %s = tensor.splat %step : tensor<50xf32>
  %d = arith.mulf %s, %new#1 : tensor<50xf32>
  %np = arith.subf %p, %d : tensor<50xf32>
  return %np, %new#0 : tensor<50xf32>, tensor<50xf32>
}
func.func @lamb(%p0: memref<50xf32>, %m0: memref<50xf32>, %g0: memref<50xf32>,
                %p1: memref<50xf32>, %m1: memref<50xf32>, %g1: memref<50xf32>, %lr: f32) {
  %tp0 = bufferization.to_tensor %p0 restrict writable : memref<50xf32> to tensor<50xf32>
  %tm0 = bufferization.to_tensor %m0 restrict writable : memref<50xf32> to tensor<50xf32>
  %tg0 = bufferization.to_tensor %g0 restrict : memref<50xf32> to tensor<50xf32>
  %tp1 = bufferization.to_tensor %p1 restrict writable : memref<50xf32> to tensor<50xf32>
  %tm1 = bufferization.to_tensor %m1 restrict writable : memref<50xf32> to tensor<50xf32>
  %tg1 = bufferization.to_tensor %g1 restrict : memref<50xf32> to tensor<50xf32>
  %a:2 = call @lamb_step(%tp0, %tm0, %tg0, %lr) : (tensor<50xf32>, tensor<50xf32>, tensor<50xf32>, f32) -> (tensor<50xf32>, tensor<50xf32>)
  %b:2 = call @lamb_step(%tp1, %tm1, %tg1, %lr) : (tensor<50xf32>, tensor<50xf32>, tensor<50xf32>, f32) -> (tensor<50xf32>, tensor<50xf32>)
  bufferization.materialize_in_destination %a#0 in restrict writable %p0 : (tensor<50xf32>, memref<50xf32>) -> ()
  bufferization.materialize_in_destination %a#1 in restrict writable %m0 : (tensor<50xf32>, memref<50xf32>) -> ()
  bufferization.materialize_in_destination %b#0 in restrict writable %p1 : (tensor<50xf32>, memref<50xf32>) -> ()
  bufferization.materialize_in_destination %b#1 in restrict writable %m1 : (tensor<50xf32>, memref<50xf32>) -> ()
  return
}

// Tests that the sentinel for a norm that is not finite is what is returned,
// while the norm itself decides about clipping.
func.func @sentinel(%m: memref<50xf32>) -> f64 {
  %g = bufferization.to_tensor %m restrict writable : memref<50xf32> to tensor<50xf32>
  %huge = arith.constant dense<1.0e30> : tensor<50xf32>
  %h = arith.mulf %g, %huge : tensor<50xf32>
  %zero = arith.constant 0.0 : f32
  %q = call @sum_squares(%h, %zero) : (tensor<50xf32>, f32) -> f32
  %root = math.sqrt %q : f32
  %d = arith.extf %root : f32 to f64
  %minus = arith.constant -1.0 : f64
  %one = arith.constant 1.0 : f64
  %inf = arith.constant 0x7FF0000000000000 : f64
  %isinf = arith.cmpf ueq, %d, %inf : f64
  %r = arith.select %isinf, %minus, %d : f64
  %c = arith.divf %one, %d : f64
  %clips = arith.cmpf olt, %c, %one : f64
  scf.if %clips {
    %f = arith.truncf %c : f64 to f32
    %s = tensor.splat %f : tensor<50xf32>
    %x = arith.mulf %g, %s : tensor<50xf32>
    bufferization.materialize_in_destination %x in restrict writable %m : (tensor<50xf32>, memref<50xf32>) -> ()
  }
  return %r : f64
}

// Tests that a coefficient that is not a number does not clip.
func.func @nan_is_not_clipped(%max: f32, %m: memref<50xf32>) -> f32 {
  %g = bufferization.to_tensor %m restrict writable : memref<50xf32> to tensor<50xf32>
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %q = call @sum_squares(%g, %zero) : (tensor<50xf32>, f32) -> f32
  %c = arith.divf %max, %q : f32
  %clips = arith.cmpf olt, %c, %one : f32
  scf.if %clips {
    %s = tensor.splat %c : tensor<50xf32>
    %x = arith.mulf %g, %s : tensor<50xf32>
    bufferization.materialize_in_destination %x in restrict writable %m : (tensor<50xf32>, memref<50xf32>) -> ()
  }
  return %q : f32
}

// Tests that bf16 gradients are scaled in f32 and rounded once.
func.func @bf16_clip(%m0: memref<31xbf16>, %m1: memref<7x9xbf16>, %max: f32) -> f32 {
  %g0 = bufferization.to_tensor %m0 restrict writable : memref<31xbf16> to tensor<31xbf16>
  %g1 = bufferization.to_tensor %m1 restrict writable : memref<7x9xbf16> to tensor<7x9xbf16>
  %w0 = arith.extf %g0 : tensor<31xbf16> to tensor<31xf32>
  %w1 = arith.extf %g1 : tensor<7x9xbf16> to tensor<7x9xf32>
  %q0 = arith.mulf %w0, %w0 : tensor<31xf32>
  %q1 = arith.mulf %w1, %w1 : tensor<7x9xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s0 = linalg.reduce { arith.addf } ins(%q0 : tensor<31xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %s1 = linalg.reduce { arith.addf } ins(%q1 : tensor<7x9xf32>) outs(%zero : tensor<f32>) dimensions = [0, 1]
  %h0 = tensor.extract %s0[] : tensor<f32>
  %h1 = tensor.extract %s1[] : tensor<f32>
  %sum = arith.addf %h0, %h1 : f32
  %norm = math.sqrt %sum : f32
  %one = arith.constant 1.0 : f32
  %c = arith.divf %max, %norm : f32
  %clips = arith.cmpf olt, %c, %one : f32
  scf.if %clips {
    %f0 = tensor.splat %c : tensor<31xf32>
    %f1 = tensor.splat %c : tensor<7x9xf32>
    %x0 = arith.mulf %w0, %f0 : tensor<31xf32>
    %x1 = arith.mulf %w1, %f1 : tensor<7x9xf32>
    %y0 = arith.truncf %x0 : tensor<31xf32> to tensor<31xbf16>
    %y1 = arith.truncf %x1 : tensor<7x9xf32> to tensor<7x9xbf16>
    bufferization.materialize_in_destination %y0 in restrict writable %m0 : (tensor<31xbf16>, memref<31xbf16>) -> ()
    bufferization.materialize_in_destination %y1 in restrict writable %m1 : (tensor<7x9xbf16>, memref<7x9xbf16>) -> ()
  }
  return %norm : f32
}

// Tests norms gathered in one tensor, whose sum is the total.
func.func @distributed_norm(%a: tensor<50xf32>, %b: tensor<50xf32>, %c: tensor<50xf32>) -> (tensor<3xf32>, f32) {
  %zero = arith.constant 0.0 : f32
  %q0 = call @sum_squares(%a, %zero) : (tensor<50xf32>, f32) -> f32
  %q1 = call @sum_squares(%b, %zero) : (tensor<50xf32>, f32) -> f32
  %q2 = call @sum_squares(%c, %zero) : (tensor<50xf32>, f32) -> f32
  %all = tensor.from_elements %q0, %q1, %q2 : tensor<3xf32>
  %init = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%all : tensor<3xf32>) outs(%init : tensor<f32>) dimensions = [0]
  %r = math.sqrt %s : tensor<f32>
  %h = tensor.extract %r[] : tensor<f32>
  return %all, %h : tensor<3xf32>, f32
}
