// RUN: graph-opt %s --graph-opt-pipeline="device=cuda format=isa" --split-input-file -o %t
// RUN: %python %S/Inputs/print_ptx.py < %t | FileCheck %s
// RUN: %python %S/Inputs/print_ptx.py < %t | FileCheck %s --check-prefix=NEVER

// What no kernel here has: approximate arithmetic, contraction, stack.
// NEVER-NOT: .approx
// NEVER-NOT: .ftz
// NEVER-NOT: fma.
// NEVER-NOT: .local
// NEVER:     .visible .entry
// NEVER-NOT: .approx
// NEVER-NOT: .ftz
// NEVER-NOT: fma.
// NEVER-NOT: .local

// Tests the reduction: slots are read from the parameters by the number of the
// tensor; the main loop keeps four loads of 16 bytes in flight; the last block
// is found by a ticket behind a fence of the device, and has one behind it.
// CHECK:     .version 8.{{[1-9]}}
// CHECK:     .visible .entry clip_graph0_k0(
// CHECK:     .maxntid 256
// CHECK:     ld.global.nc.v2.b64
// CHECK:     ld.param.b64 %rd{{[0-9]+}}, [%rd{{[0-9]+}}];
// CHECK:     ld.global.v4.b32
// CHECK-NEXT: ld.global.v4.b32
// CHECK-NEXT: ld.global.v4.b32
// CHECK-NEXT: ld.global.v4.b32
// CHECK:     mul.rn.f32
// CHECK:     add.rn.f32
// CHECK-COUNT-5: shfl.sync.bfly.b32
// CHECK:     bar.sync
// CHECK:     st.shared.b32
// CHECK:     bar.sync
// CHECK:     st.global.b32
// CHECK:     bar.sync
// CHECK:     fence.acq_rel.gpu;
// CHECK:     atom.global.inc.u32 %[[TICKET:r[0-9]+]], [%rd{{[0-9]+}}], 19;
// CHECK:     setp.ne.b32 %[[OTHER:p[0-9]+]], %[[TICKET]], 19;
// CHECK-NEXT: @%[[OTHER]] bra
// CHECK:     fence.acq_rel.gpu;
// CHECK:     st.shared.b32 {{.*}}, %[[TICKET]];
// CHECK:     bar.sync

// Tests its tail: partial results are added in f64, the scalar program is
// rounded as IEEE 754 says.
// CHECK:     add.rn.f64
// CHECK:     cvt.rn.f32.f64
// CHECK:     bar.sync
// CHECK:     sqrt.rn.f32
// CHECK:     div.rn.f32
// CHECK:     ret;

// Tests the scaling: the predicate first, then as wide.
// CHECK:     .visible .entry clip_graph0_k1(
// CHECK:     ld.global.b8
// CHECK:     setp
// CHECK:     bra
// CHECK:     ld.global.v4.b32 {{.*}}+4096]
// CHECK-NEXT: ld.global.v4.b32 {{.*}}+8192]
// CHECK-NEXT: ld.global.v4.b32 {{.*}}+12288]
// CHECK:     mul.rn.f32
// CHECK:     st.global.v4.b32
// CHECK-NEXT: st.global.v4.b32
// CHECK-NEXT: st.global.v4.b32
// CHECK-NEXT: st.global.v4.b32
func.func @clip(%m: memref<40000xf32>, %k: memref<200x200xf32>) -> f32 {
  %a = bufferization.to_tensor %m restrict writable : memref<40000xf32> to tensor<40000xf32>
  %b = bufferization.to_tensor %k restrict writable : memref<200x200xf32> to tensor<200x200xf32>
  %p = arith.mulf %a, %a : tensor<40000xf32>
  %q = arith.mulf %b, %b : tensor<200x200xf32>
  %zero = arith.constant dense<0.0> : tensor<f32>
  %s = linalg.reduce { arith.addf } ins(%p : tensor<40000xf32>) outs(%zero : tensor<f32>) dimensions = [0]
  %t = linalg.reduce { arith.addf } ins(%q : tensor<200x200xf32>) outs(%zero : tensor<f32>) dimensions = [0, 1]
  %h = tensor.extract %s[] : tensor<f32>
  %i = tensor.extract %t[] : tensor<f32>
  %sum = arith.addf %h, %i : f32
  %norm = math.sqrt %sum : f32
  %one = arith.constant 1.0 : f32
  %max = arith.constant 3.0 : f32
  %c = arith.divf %max, %norm : f32
  %clips = arith.cmpf olt, %c, %one : f32
  scf.if %clips {
    %f = tensor.splat %c : tensor<40000xf32>
    %g = tensor.splat %c : tensor<200x200xf32>
    %u = arith.mulf %a, %f : tensor<40000xf32>
    %v = arith.mulf %b, %g : tensor<200x200xf32>
    bufferization.materialize_in_destination %u in restrict writable %m : (tensor<40000xf32>, memref<40000xf32>) -> ()
    bufferization.materialize_in_destination %v in restrict writable %k : (tensor<200x200xf32>, memref<200x200xf32>) -> ()
  }
  return %norm : f32
}

// -----

// Tests that eight narrow elements share an access and that each op rounds: this
// chip has the arithmetic itself.
// CHECK:     .visible .entry narrow_graph0_k0(
// CHECK:     ld.global.v4.b32
// CHECK-COUNT-4: mul.rn.bf16x2
// CHECK-COUNT-4: add.rn.bf16x2
// CHECK:     st.global.v4.b32
func.func @narrow(%m: memref<40000xbf16>) {
  %a = bufferization.to_tensor %m restrict writable : memref<40000xbf16> to tensor<40000xbf16>
  %p = arith.mulf %a, %a : tensor<40000xbf16>
  %q = arith.addf %p, %a : tensor<40000xbf16>
  bufferization.materialize_in_destination %q in restrict writable %m : (tensor<40000xbf16>, memref<40000xbf16>) -> ()
  return
}

// -----

// Tests the same in f64, two elements to an access.
// CHECK:     .visible .entry wide_graph0_k0(
// CHECK:     ld.global.v2.b64
// CHECK:     sqrt.rn.f64
// CHECK:     div.rn.f64
// CHECK:     st.global.v2.b64
func.func @wide(%m: memref<40000xf64>) {
  %a = bufferization.to_tensor %m restrict writable : memref<40000xf64> to tensor<40000xf64>
  %p = math.sqrt %a : tensor<40000xf64>
  %q = arith.divf %p, %a : tensor<40000xf64>
  bufferization.materialize_in_destination %q in restrict writable %m : (tensor<40000xf64>, memref<40000xf64>) -> ()
  return
}
