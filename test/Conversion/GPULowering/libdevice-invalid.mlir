// RUN: rm -rf %t && mkdir %t
// RUN: graph-opt %s --assemble-kernels="format=isa toolkit=%t" --verify-diagnostics

// Tests that a kernel that calls libdevice is refused where there is none.
// expected-error @+1 {{a kernel calls __nv_expf of libdevice, but there is no libdevice.10.bc in a CUDA toolkit or beside this program}}
gpu.module @kernels {
  llvm.func @__nv_expf(f32) -> f32
  llvm.func @kernel(%address: !llvm.ptr<1>) attributes {nvvm.kernel} {
    %x = llvm.load %address : !llvm.ptr<1> -> f32
    %y = llvm.call @__nv_expf(%x) : (f32) -> f32
    llvm.store %y, %address : f32, !llvm.ptr<1>
    llvm.return
  }
}
