// RUN: graph-run %s --entry=integers --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=unsigned_ops --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=small_integers --verify | FileCheck %s
// RUN: graph-run %s --entry=booleans --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=masked --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=halves --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=half_sum --verify | FileCheck %s
// RUN: graph-run %s --entry=doubles --repeat 2 --verify | FileCheck %s
// RUN: graph-run %s --entry=mixed --repeat 3 --verify | FileCheck %s
// RUN: graph-run %s --entry=indices --verify | FileCheck %s
// RUN: graph-run %s --entry=integer_reductions --verify | FileCheck %s
// RUN: graph-run %s --entry=bit_reductions --verify | FileCheck %s
// RUN: graph-run %s --entry=functions --verify | FileCheck %s
// RUN: graph-run %s --entry=rounding --verify | FileCheck %s
// RUN: graph-run %s --entry=complex_left_alone --arg 0=3 | FileCheck %s --check-prefix=COMPLEX
// RUN: graph-run %s --entry=loss_scale --arg 0=65536 --arg 1=2 --arg 2=10 --arg 3=3 --verify | FileCheck %s
// CHECK: verify: ok

// Tests arithmetic on integers, with constants that are not splats.
func.func @integers(%a: tensor<6xi32>, %m: memref<6xi32>) -> tensor<6xi32> {
  %b = bufferization.to_tensor %m restrict writable : memref<6xi32> to tensor<6xi32>
  %c = arith.constant dense<[1, 2, 3, -4, 5, 6]> : tensor<6xi32>
  %x = arith.muli %a, %c : tensor<6xi32>
  %y = arith.subi %x, %b : tensor<6xi32>
  %z = arith.floordivsi %y, %c : tensor<6xi32>
  bufferization.materialize_in_destination %y in restrict writable %m : (tensor<6xi32>, memref<6xi32>) -> ()
  return %z : tensor<6xi32>
}

// Tests that signed and unsigned readings of the same bits stay apart.
func.func @unsigned_ops(%a: tensor<6xi32>) -> (tensor<6xi32>, tensor<6xi32>, tensor<6xf32>, tensor<6xi64>) {
  %c = arith.constant dense<-7> : tensor<6xi32>
  %x = arith.addi %a, %c : tensor<6xi32>
  %y = arith.maxui %x, %a : tensor<6xi32>
  %s = arith.constant dense<3> : tensor<6xi32>
  %z = arith.shrui %x, %s : tensor<6xi32>
  %f = arith.uitofp %x : tensor<6xi32> to tensor<6xf32>
  %w = arith.extui %x : tensor<6xi32> to tensor<6xi64>
  return %y, %z, %f, %w : tensor<6xi32>, tensor<6xi32>, tensor<6xf32>, tensor<6xi64>
}

// Tests integers of one and two bytes, which wrap around.
func.func @small_integers(%a: tensor<300xi8>, %b: tensor<300xi16>) -> (tensor<300xi8>, tensor<300xi16>, i8) {
  %k = arith.constant dense<100> : tensor<300xi8>
  %x = arith.addi %a, %k : tensor<300xi8>
  %w = arith.extsi %x : tensor<300xi8> to tensor<300xi16>
  %y = arith.muli %w, %b : tensor<300xi16>
  %zero = arith.constant dense<0> : tensor<i8>
  %s = linalg.reduce { arith.addi } ins(%x : tensor<300xi8>) outs(%zero : tensor<i8>) dimensions = [0]
  %h = tensor.extract %s[] : tensor<i8>
  return %x, %y, %h : tensor<300xi8>, tensor<300xi16>, i8
}

// Tests results of type i1, as tensors and as scalars.
func.func @booleans(%a: tensor<19xf32>, %b: tensor<19xf32>) -> (tensor<19xi1>, i1, i1) {
  %c = arith.cmpf olt, %a, %b : tensor<19xf32>
  %false = arith.constant dense<false> : tensor<i1>
  %true = arith.constant dense<true> : tensor<i1>
  %any = linalg.reduce { arith.ori } ins(%c : tensor<19xi1>) outs(%false : tensor<i1>) dimensions = [0]
  %all = linalg.reduce { arith.andi } ins(%c : tensor<19xi1>) outs(%true : tensor<i1>) dimensions = [0]
  %x = tensor.extract %any[] : tensor<i1>
  %y = tensor.extract %all[] : tensor<i1>
  return %c, %x, %y : tensor<19xi1>, i1, i1
}

// Tests a mask in a caller's buffer.
func.func @masked(%m: memref<19xi1>, %a: tensor<19xf32>) -> tensor<19xf32> {
  %c = bufferization.to_tensor %m restrict writable : memref<19xi1> to tensor<19xi1>
  %zero = arith.constant dense<0.0> : tensor<19xf32>
  %r = arith.select %c, %a, %zero : tensor<19xi1>, tensor<19xf32>
  %true = arith.constant dense<true> : tensor<19xi1>
  %n = arith.xori %c, %true : tensor<19xi1>
  bufferization.materialize_in_destination %n in restrict writable %m : (tensor<19xi1>, memref<19xi1>) -> ()
  return %r : tensor<19xf32>
}

// Tests that arithmetic in f16 and bf16 rounds after each op.
func.func @halves(%a: tensor<23xf16>, %b: tensor<23xbf16>) -> (tensor<23xf16>, tensor<23xbf16>, tensor<23xf16>) {
  %c = arith.constant dense<0.333> : tensor<23xf16>
  %x = arith.mulf %a, %c : tensor<23xf16>
  %y = arith.addf %x, %a : tensor<23xf16>
  %d = arith.constant dense<0.333> : tensor<23xbf16>
  %z = arith.mulf %b, %d : tensor<23xbf16>
  %w = arith.subf %z, %b : tensor<23xbf16>
  %e = math.exp %x : tensor<23xf16>
  return %y, %w, %e : tensor<23xf16>, tensor<23xbf16>, tensor<23xf16>
}

// Tests that a sum of small floats accumulates in f32 and is rounded once.
func.func @half_sum(%a: tensor<5000xf16>, %b: tensor<5000xbf16>) -> (f16, bf16) {
  %z16 = arith.constant dense<0.0> : tensor<f16>
  %zb = arith.constant dense<0.0> : tensor<bf16>
  %q = math.absf %a : tensor<5000xf16>
  %r = math.absf %b : tensor<5000xbf16>
  %s = linalg.reduce { arith.addf } ins(%q : tensor<5000xf16>) outs(%z16 : tensor<f16>) dimensions = [0]
  %t = linalg.reduce { arith.addf } ins(%r : tensor<5000xbf16>) outs(%zb : tensor<bf16>) dimensions = [0]
  %x = tensor.extract %s[] : tensor<f16>
  %y = tensor.extract %t[] : tensor<bf16>
  return %x, %y : f16, bf16
}

// Tests that f64 stays f64.
func.func @doubles(%m: memref<41xf64>) -> f64 {
  %a = bufferization.to_tensor %m restrict writable : memref<41xf64> to tensor<41xf64>
  %zero = arith.constant dense<0.0> : tensor<f64>
  %q = arith.mulf %a, %a : tensor<41xf64>
  %s = linalg.reduce { arith.addf } ins(%q : tensor<41xf64>) outs(%zero : tensor<f64>) dimensions = [0]
  %h = tensor.extract %s[] : tensor<f64>
  %n = math.sqrt %h : f64
  %f = tensor.splat %n : tensor<41xf64>
  %r = arith.divf %a, %f : tensor<41xf64>
  bufferization.materialize_in_destination %r in restrict writable %m : (tensor<41xf64>, memref<41xf64>) -> ()
  return %n : f64
}

// Tests a list of tensors of several types that one factor scales.
func.func @mixed(%m0: memref<12xf32>, %m1: memref<12xbf16>, %m2: memref<12xf16>, %m3: memref<12xf64>, %by: f32) {
  %a = bufferization.to_tensor %m0 restrict writable : memref<12xf32> to tensor<12xf32>
  %b = bufferization.to_tensor %m1 restrict writable : memref<12xbf16> to tensor<12xbf16>
  %c = bufferization.to_tensor %m2 restrict writable : memref<12xf16> to tensor<12xf16>
  %d = bufferization.to_tensor %m3 restrict writable : memref<12xf64> to tensor<12xf64>
  %f = tensor.splat %by : tensor<12xf32>
  %wb = arith.extf %b : tensor<12xbf16> to tensor<12xf32>
  %wc = arith.extf %c : tensor<12xf16> to tensor<12xf32>
  %wf = arith.extf %f : tensor<12xf32> to tensor<12xf64>
  %x = arith.mulf %a, %f : tensor<12xf32>
  %y = arith.mulf %wb, %f : tensor<12xf32>
  %z = arith.mulf %wc, %f : tensor<12xf32>
  %w = arith.mulf %d, %wf : tensor<12xf64>
  %ny = arith.truncf %y : tensor<12xf32> to tensor<12xbf16>
  %nz = arith.truncf %z : tensor<12xf32> to tensor<12xf16>
  bufferization.materialize_in_destination %x in restrict writable %m0 : (tensor<12xf32>, memref<12xf32>) -> ()
  bufferization.materialize_in_destination %ny in restrict writable %m1 : (tensor<12xbf16>, memref<12xbf16>) -> ()
  bufferization.materialize_in_destination %nz in restrict writable %m2 : (tensor<12xf16>, memref<12xf16>) -> ()
  bufferization.materialize_in_destination %w in restrict writable %m3 : (tensor<12xf64>, memref<12xf64>) -> ()
  return
}

// Tests tensors of indices.
func.func @indices(%a: tensor<11xindex>, %b: tensor<11xi32>) -> (tensor<11xindex>, index) {
  %c = arith.index_cast %b : tensor<11xi32> to tensor<11xindex>
  %s = arith.addi %a, %c : tensor<11xindex>
  %zero = arith.constant dense<0> : tensor<index>
  %r = linalg.reduce { arith.addi } ins(%s : tensor<11xindex>) outs(%zero : tensor<index>) dimensions = [0]
  %h = tensor.extract %r[] : tensor<index>
  return %s, %h : tensor<11xindex>, index
}

// Tests extrema and products of integers.
func.func @integer_reductions(%a: tensor<31xi32>) -> (i32, i32, i32, i32, i32) {
  %lo = arith.constant dense<-2147483648> : tensor<i32>
  %hi = arith.constant dense<2147483647> : tensor<i32>
  %zero = arith.constant dense<0> : tensor<i32>
  %ones = arith.constant dense<-1> : tensor<i32>
  %one = arith.constant dense<1> : tensor<i32>
  %c = arith.constant dense<-3> : tensor<31xi32>
  %x = arith.addi %a, %c : tensor<31xi32>
  %r0 = linalg.reduce { arith.maxsi } ins(%x : tensor<31xi32>) outs(%lo : tensor<i32>) dimensions = [0]
  %r1 = linalg.reduce { arith.minsi } ins(%x : tensor<31xi32>) outs(%hi : tensor<i32>) dimensions = [0]
  %r2 = linalg.reduce { arith.maxui } ins(%x : tensor<31xi32>) outs(%zero : tensor<i32>) dimensions = [0]
  %r3 = linalg.reduce { arith.minui } ins(%x : tensor<31xi32>) outs(%ones : tensor<i32>) dimensions = [0]
  %r4 = linalg.reduce { arith.muli } ins(%x : tensor<31xi32>) outs(%one : tensor<i32>) dimensions = [0]
  %h0 = tensor.extract %r0[] : tensor<i32>
  %h1 = tensor.extract %r1[] : tensor<i32>
  %h2 = tensor.extract %r2[] : tensor<i32>
  %h3 = tensor.extract %r3[] : tensor<i32>
  %h4 = tensor.extract %r4[] : tensor<i32>
  return %h0, %h1, %h2, %h3, %h4 : i32, i32, i32, i32, i32
}

// Tests reductions of bits, and an initial value that is not the identity.
func.func @bit_reductions(%a: tensor<31xi16>) -> (i16, i16, i16) {
  %zero = arith.constant dense<0> : tensor<i16>
  %some = arith.constant dense<1234> : tensor<i16>
  %x = linalg.reduce { arith.xori } ins(%a : tensor<31xi16>) outs(%some : tensor<i16>) dimensions = [0]
  %o = linalg.reduce { arith.ori } ins(%a : tensor<31xi16>) outs(%zero : tensor<i16>) dimensions = [0]
  %n = linalg.reduce { arith.andi } ins(%a : tensor<31xi16>) outs(%some : tensor<i16>) dimensions = [0]
  %h0 = tensor.extract %x[] : tensor<i16>
  %h1 = tensor.extract %o[] : tensor<i16>
  %h2 = tensor.extract %n[] : tensor<i16>
  return %h0, %h1, %h2 : i16, i16, i16
}

// Tests functions of math on tensors and on device scalars.
func.func @functions(%a: tensor<29xf32>) -> (tensor<29xf32>, f32, tensor<29xf32>) {
  %abs = math.absf %a : tensor<29xf32>
  %l = math.log1p %abs : tensor<29xf32>
  %t = math.tanh %l : tensor<29xf32>
  %e = math.erf %t : tensor<29xf32>
  %f = math.fma %a, %t, %e : tensor<29xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%t : tensor<29xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h = tensor.extract %s[] : tensor<f32>
  %p = math.powf %h, %h : f32
  %x = math.exp2 %p : f32
  %c = math.copysign %abs, %a : tensor<29xf32>
  return %f, %x, %c : tensor<29xf32>, f32, tensor<29xf32>
}

// Tests roundings and conversions between floats and integers.
func.func @rounding(%a: tensor<29xf32>) -> (tensor<29xf32>, tensor<29xi32>, tensor<29xf16>, tensor<29xf32>) {
  %k = arith.constant dense<7.5> : tensor<29xf32>
  %x = arith.mulf %a, %k : tensor<29xf32>
  %r = math.roundeven %x : tensor<29xf32>
  %i = arith.fptosi %x : tensor<29xf32> to tensor<29xi32>
  %h = arith.truncf %x : tensor<29xf32> to tensor<29xf16>
  %f = math.floor %x : tensor<29xf32>
  %m = arith.remf %x, %k : tensor<29xf32>
  %g = arith.addf %f, %m : tensor<29xf32>
  return %r, %i, %h, %g : tensor<29xf32>, tensor<29xi32>, tensor<29xf16>, tensor<29xf32>
}

// Tests that complex numbers, which no kernel computes with, go through.
// COMPLEX: result0 = 6 : f32
func.func @complex_left_alone(%a: f32, %b: f32) -> f32 {
  %z = complex.create %a, %b : complex<f32>
  %w = complex.mul %z, %z : complex<f32>
  %t = tensor.from_elements %w : tensor<1xcomplex<f32>>
  %c0 = arith.constant 0 : index
  %v = tensor.extract %t[%c0] : tensor<1xcomplex<f32>>
  %r = complex.im %v : complex<f32>
  return %r : f32
}

// Tests the state of a loss scale on the device, decided by an overflow there.
func.func @loss_scale(%scale: f32, %hysteresis: i32, %iter: i32, %last: i32, %g: tensor<40xf32>)
    -> (f32, i32, i32, i32) {
  %c0 = arith.constant 0 : i32
  %c1 = arith.constant 1 : i32
  %c2 = arith.constant 2 : i32
  %window = arith.constant 6 : i32
  %two = arith.constant 2.0 : f32
  %min = arith.constant 1.0 : f32
  %zero = arith.constant dense<0.0> : tensor<f32>
  %sum = linalg.reduce { arith.addf } ins(%g : tensor<40xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %h = tensor.extract %sum[] : tensor<f32>
  %overflow = arith.cmpf uno, %h, %h : f32
  %r:3 = scf.if %overflow -> (f32, i32, i32) {
    %is1 = arith.cmpi eq, %hysteresis, %c1 : i32
    %x:2 = scf.if %is1 -> (f32, i32) {
      %half = arith.divf %scale, %two : f32
      %m = arith.maximumf %half, %min : f32
      scf.yield %m, %hysteresis : f32, i32
    } else {
      %less = arith.subi %hysteresis, %c1 : i32
      scf.yield %scale, %less : f32, i32
    }
    scf.yield %x#0, %x#1, %iter : f32, i32, i32
  } else {
    %d0 = arith.subi %iter, %last : i32
    %d = arith.subi %d0, %c1 : i32
    %pos = arith.cmpi sgt, %d, %c0 : i32
    %x:2 = scf.if %pos -> (f32, i32) {
      %rem = arith.remsi %d, %window : i32
      %at = arith.cmpi eq, %rem, %c0 : i32
      %y:2 = scf.if %at -> (f32, i32) {
        %twice = arith.mulf %scale, %two : f32
        scf.yield %twice, %c2 : f32, i32
      } else {
        scf.yield %scale, %hysteresis : f32, i32
      }
      scf.yield %y#0, %y#1 : f32, i32
    } else {
      scf.yield %scale, %hysteresis : f32, i32
    }
    scf.yield %x#0, %x#1, %last : f32, i32, i32
  }
  %next = arith.addi %iter, %c1 : i32
  return %r#0, %r#1, %next, %r#2 : f32, i32, i32, i32
}
