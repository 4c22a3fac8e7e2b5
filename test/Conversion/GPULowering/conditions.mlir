// RUN: rm -rf %t && mkdir %t
// RUN: graph-opt %s --assemble-kernels="toolkit=%t" --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics --embed-kernels -o %t/ptx.mlir
// RUN: FileCheck %s --input-file=%t/ptx.mlir
// RUN: %python %S/Inputs/print_ptx.py < %t/ptx.mlir | FileCheck %s --check-prefix=PTX

// Tests that PTX alone, which can not be linked with the device runtime, sets no
// conditions, that the program says so to the runtime, and that remarks say why.
// CHECK:     llvm.mlir.global internal constant @kernels.module()
// CHECK:       %[[FLAGS:.*]] = llvm.mlir.constant(1 : i64)
// CHECK:       llvm.insertvalue %[[FLAGS]], %{{.*}}[3]
// CHECK:     llvm.mlir.global internal constant @others.module()
// CHECK:       %[[NONE:.*]] = llvm.mlir.constant(0 : i64)
// CHECK:       llvm.insertvalue %[[NONE]], %{{.*}}[3]
// PTX-NOT:   cudaGraphSetConditional
// PTX:       .visible .entry kernel(
// PTX-NOT:   cudaGraphSetConditional
// expected-remark @+1 {{no-toolkit}}
gpu.module @kernels {
  // expected-remark @+1 {{host-branches}}
  llvm.func @cudaGraphSetConditional(i64, i32)
  llvm.func @kernel(%handle: i64, %value: i32) attributes {nvvm.kernel} {
    llvm.call @cudaGraphSetConditional(%handle, %value) : (i64, i32) -> ()
    llvm.return
  }
}
// expected-remark @+1 {{no-toolkit}}
gpu.module @others {
  llvm.func @kernel(%slots: !llvm.ptr) attributes {nvvm.kernel} {
    llvm.return
  }
}
