// REQUIRES: libdevice
// RUN: graph-opt %s --assemble-kernels="format=isa" | %python %S/Inputs/print_ptx.py | FileCheck %s

// Tests that libdevice is linked in and inlined, and that nothing else of it is
// left.
// CHECK:     .visible .entry kernel(
// CHECK-NOT: call
// CHECK:     ex2.approx.ftz.f32
// CHECK-NOT: call
// CHECK:     ret;
// CHECK-NOT: __nv_
gpu.module @kernels {
  llvm.func @__nv_expf(f32) -> f32
  llvm.func @kernel(%address: !llvm.ptr<1>) attributes {nvvm.kernel} {
    %x = llvm.load %address : !llvm.ptr<1> -> f32
    %y = llvm.call @__nv_expf(%x) : (f32) -> f32
    llvm.store %y, %address : f32, !llvm.ptr<1>
    llvm.return
  }
}
