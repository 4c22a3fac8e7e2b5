// RUN: graph-opt %s --assemble-kernels="format=isa" | FileCheck %s
// RUN: graph-opt %s --assemble-kernels="format=isa" | %python %S/Inputs/print_ptx.py | FileCheck %s --check-prefixes=PTX,SM90
// RUN: graph-opt %s --assemble-kernels="format=isa chip=sm_80" | %python %S/Inputs/print_ptx.py | FileCheck %s --check-prefixes=PTX,SM80
// RUN: graph-opt %s --assemble-kernels="format=isa chip=sm_100" | %python %S/Inputs/print_ptx.py | FileCheck %s --check-prefixes=PTX,SM100
// RUN: graph-opt %s --assemble-kernels="format=isa chip=sm_120a" | %python %S/Inputs/print_ptx.py | FileCheck %s --check-prefixes=PTX,SM120
// RUN: graph-opt %s --assemble-kernels="format=isa chip=sm_121" | %python %S/Inputs/print_ptx.py | FileCheck %s --check-prefixes=PTX,SM121

// Tests that each module becomes a binary of its name.
// CHECK-NOT:   gpu.module
// CHECK:       gpu.binary @kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90">, assembly = "
// CHECK:       gpu.binary @more_kernels [#gpu.object<#nvvm.target<O = 3, chip = "sm_90">, assembly = "
// CHECK-NOT:   gpu.module

// Tests that the PTX is for the chip, of a version that has parameters of
// 32,764 bytes and knows the chip.
// SM80:        .version 8.1
// SM80-NEXT:   .target sm_80
// SM90:        .version 8.1
// SM90-NEXT:   .target sm_90
// SM100:       .version 8.6
// SM100-NEXT:  .target sm_100
// SM120:       .version 8.7
// SM120-NEXT:  .target sm_120a
// SM121:       .version 8.8
// SM121-NEXT:  .target sm_121

// Tests that slots are read from the parameters by a number that the thread
// computes, without a copy of them on its stack.
// PTX:         .visible .entry kernel(
// PTX-NEXT:      .param .align 8 .b8 kernel_param_0[24]
// PTX-NOT:       .local
// PTX:           mov.b64 %[[PARAMETERS:rd[0-9]+]], kernel_param_0;
// PTX:           add.s64 %[[SLOT:rd[0-9]+]], %[[PARAMETERS]], %rd{{[0-9]+}};
// PTX:           ld.param.b64 %[[ADDRESS:rd[0-9]+]], [%[[SLOT]]];
// PTX:           ld.global.b32 %r{{[0-9]+}}, [%[[ADDRESS]]];
// PTX-NOT:       .local
// PTX:           ret;
gpu.module @kernels {
  llvm.func @kernel(%slots: !llvm.ptr {llvm.byval = !llvm.array<3 x i64>, llvm.align = 8 : i64, nvvm.grid_constant}) attributes {nvvm.kernel} {
    %number = nvvm.read.ptx.sreg.ctaid.x : i32
    %slot = llvm.getelementptr %slots[%number] : (!llvm.ptr, i32) -> !llvm.ptr, i64
    %address = llvm.load %slot : !llvm.ptr -> !llvm.ptr<1>
    %x = llvm.load %address : !llvm.ptr<1> -> f32
    %y = llvm.fneg %x : f32
    llvm.store %y, %address : f32, !llvm.ptr<1>
    llvm.return
  }
}
gpu.module @more_kernels {
  llvm.func @other(%slots: !llvm.ptr) attributes {nvvm.kernel} {
    llvm.return
  }
}
