// RUN: graph-opt %s --embed-kernels --split-input-file --verify-diagnostics | FileCheck %s

// Tests that code becomes a constant with what the runtime needs to load it:
// the name, the bytes, how many, flags. The mark of the module goes.
// CHECK-LABEL: module @machine_code {
// CHECK:         llvm.mlir.global internal constant @kernels.image("\7FELF\00") {{{.*}}alignment = 16 : i64}
// CHECK:         llvm.mlir.global internal constant @kernels.name("kernels\00")
// CHECK:         llvm.mlir.global internal constant @kernels.module() {{.*}} : !llvm.struct<(ptr, ptr, i64, i64)> {
// CHECK-DAG:       %[[NAME:.*]] = llvm.mlir.addressof @kernels.name
// CHECK-DAG:       %[[IMAGE:.*]] = llvm.mlir.addressof @kernels.image
// CHECK-DAG:       %[[BYTES:.*]] = llvm.mlir.constant(5 : i64)
// CHECK:           %[[A:.*]] = llvm.insertvalue %[[NAME]], %{{.*}}[0]
// CHECK:           %[[B:.*]] = llvm.insertvalue %[[IMAGE]], %[[A]][1]
// CHECK:           llvm.insertvalue %[[BYTES]], %[[B]][2]
// CHECK:           llvm.return
// CHECK-NOT:     gpu.binary
module @machine_code attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90">, bin = "\7FELF\00">]
}

// -----

// Tests that PTX ends in a zero byte, which counts.
// CHECK-LABEL: module @text {
// CHECK:         @kernels.image(".version 8.1\00") {{{.*}}alignment = 16 : i64}
// CHECK:         llvm.mlir.constant(13 : i64)
module @text attributes {gpu.container_module} {
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90">, assembly = ".version 8.1">]
}

// -----

// Tests that the module that a lowered graph declared is now defined, and still
// found by those who refer to it.
// CHECK-LABEL: module @declared {
// CHECK-NOT:     external constant
// CHECK:         llvm.mlir.global internal constant @kernels.module()
// CHECK:         llvm.mlir.addressof @kernels.module
module @declared attributes {gpu.container_module} {
  llvm.mlir.global external constant @kernels.module() : !llvm.struct<(ptr, ptr, i64, i64)>
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90">, bin = "\7FELF">]
  llvm.func @user() -> !llvm.ptr {
    %0 = llvm.mlir.addressof @kernels.module : !llvm.ptr
    llvm.return %0 : !llvm.ptr
  }
}

// -----

// Tests that several binaries are several modules.
// CHECK-LABEL: module @several {
// CHECK-DAG:     @first.module()
// CHECK-DAG:     @second.module()
module @several attributes {gpu.container_module} {
  gpu.binary @first [#gpu.object<#nvvm.target<chip = "sm_90">, bin = "1">]
  gpu.binary @second [#gpu.object<#nvvm.target<chip = "sm_90">, bin = "2">]
}

// -----

// Tests that the code of several targets is refused.
module @targets attributes {gpu.container_module} {
  // expected-error @+1 {{'gpu.binary' op must hold the code of one target}}
  gpu.binary @kernels [#gpu.object<#nvvm.target<chip = "sm_90">, bin = "1">, #gpu.object<#nvvm.target<chip = "sm_80">, bin = "2">]
}
