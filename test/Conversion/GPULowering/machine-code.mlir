// REQUIRES: cuda-toolkit
// RUN: graph-opt %s --assemble-kernels --split-input-file | FileCheck %s --check-prefixes=CHECK,BIN
// RUN: graph-opt %s --assemble-kernels="format=bin chip=sm_80" --split-input-file | FileCheck %s --check-prefixes=CHECK,BIN
// RUN: graph-opt %s --assemble-kernels="format=fatbin" --split-input-file | FileCheck %s --check-prefixes=CHECK,FAT

// Tests that with a toolkit machine code is the default, as an ELF file, and that
// a fat binary holds it and PTX.
// BIN:   gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_{{[89]0}}">, bin = "\7FELF
// FAT:   gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90">, "{{[^"]*}}\7FELF
gpu.module @kernels {
  llvm.func @kernel(%slots: !llvm.ptr) attributes {nvvm.kernel} {
    llvm.return
  }
}

// -----

// Tests that a kernel that sets conditions is linked with the device runtime.
// CHECK: gpu.binary @conditions [
// BIN-SAME: bin = "\7FELF
gpu.module @conditions {
  llvm.func @cudaGraphSetConditional(i64, i32)
  llvm.func @kernel(%handle: i64, %value: i32) attributes {nvvm.kernel} {
    llvm.call @cudaGraphSetConditional(%handle, %value) : (i64, i32) -> ()
    llvm.return
  }
}
