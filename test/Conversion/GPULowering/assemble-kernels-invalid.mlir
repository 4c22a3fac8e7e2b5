// RUN: rm -rf %t && mkdir %t
// RUN: not graph-opt %s --assemble-kernels="format=bin toolkit=%t" 2>&1 | FileCheck %s --check-prefix=TOOLS
// RUN: not graph-opt %s --assemble-kernels="format=fatbin toolkit=%t" 2>&1 | FileCheck %s --check-prefix=TOOLS
// RUN: graph-opt %s --assemble-kernels="toolkit=%t" --remarks-filter="graph-opt.*" --remark-policy=all --verify-diagnostics | FileCheck %s --check-prefix=ASSEMBLY
// RUN: not graph-opt %s --assemble-kernels="chip=sm_70" 2>&1 | FileCheck %s --check-prefix=OLD
// RUN: not graph-opt %s --assemble-kernels="chip=sm_90x" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not graph-opt %s --assemble-kernels="chip=gfx942" 2>&1 | FileCheck %s --check-prefix=CHIP
// RUN: not graph-opt %s --assemble-kernels="format=elf" 2>&1 | FileCheck %s --check-prefix=FORMAT

// Tests that without a toolkit machine code is refused with what was looked
// for, and that by default PTX is left, with a remark.
// TOOLS: error: found no CUDA toolkit: looked for {{.*}}/bin/ptxas (format=isa needs none)
// ASSEMBLY: gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90">, assembly =

// Tests that a chip that is unknown or too old is refused by name.
// CHIP: error: unknown chip '{{sm_90x|gfx942}}': it must be one of LLVM's NVPTX backend
// OLD: error: chip 'sm_70' is too old: kernels need sm_80 or newer

// FORMAT: Cannot find option named 'elf'
// expected-remark @+1 {{no-toolkit}}
gpu.module @kernels {
  llvm.func @kernel(%slots: !llvm.ptr) attributes {nvvm.kernel} {
    llvm.return
  }
}
