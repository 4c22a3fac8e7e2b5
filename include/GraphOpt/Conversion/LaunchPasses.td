//===- LaunchPasses.td - Other compilers' launches ---------*- tablegen -*-===//

#ifndef GRAPHOPT_CONVERSION_LAUNCH_PASSES
#define GRAPHOPT_CONVERSION_LAUNCH_PASSES

include "mlir/Pass/PassBase.td"

def PackKernelArguments
    : Pass<"pack-kernel-arguments", "::mlir::ModuleOp"> {
  let summary = "let the kernels of captured launches take slots";
  let description = [{
    A node passes one parameter, the slots of `GoCudaLaunch` (GraphRuntime.h). A
    kernel that another compiler made takes arguments of its own: a copy of it
    reads them from the slots, where a memref is the address of its first
    element, with the shape and strides of the node's operand, and a scalar is
    there itself. The original goes if nothing else refers to it.

    Of a node with `graphopt.grid_in_operands` the last three operands are the
    extents of the grid: each block of the launch does the work of every n-th
    block of that grid.

    ```mlir
    cudagraph.kernel "scale" phases [#cudagraph.phase<@k::@scale, 1>]
      args(%m readwrite, %f read : memref<8xf32>, memref<f32>) grid ...
    gpu.func @scale(%m: memref<8xf32>, %f: f32) kernel {...}
    ```
    becomes
    ```mlir
    cudagraph.kernel "scale" phases [#cudagraph.phase<@k::@scale_slots, 1>] ...
    gpu.func @scale_slots(%slots: !llvm.ptr) kernel
      attributes {graphopt.slots_by_value = 2} {...}
    ```

    Kernels that launches in no graph refer to stay as they are. Refuses, with an
    error, launches in a nested module, and nodes that do not pass what their
    kernel takes. Next: `pack-entry-points`.
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def ConvertDirectLaunches
    : Pass<"convert-direct-launches", "::mlir::ModuleOp"> {
  let summary = "launch on the GPU what no graph holds";
  let description = [{
    Launches that `capture-launches` left become calls of `goLaunchKernel`, in
    their place: on the stream that they name, else on the caller's. A kernel
    gets its arguments as upstream's lowering passes them, memrefs as allocated
    and aligned pointer, offset, sizes and strides, so that sizes of grids,
    blocks, clusters and memrefs may be values of the host, and kernels may be
    code already. Copies, fills, allocations and waits around them become those
    of the host's code.

    ```mlir
    gpu.launch_func @k::@scale blocks in (%n, %c1, %c1) threads in (%t, %c1, %c1)
      args(%m : memref<?xf32>, %f : f32)
    ```
    becomes
    ```mlir
    %launch = llvm.alloca %one x !llvm.struct<(ptr, ptr, i64, ...)>
    llvm.store %fields, %launch  // @k.module, "scale", sizes, &[%m..., %f], 6
    llvm.call @goLaunchKernel(%context, %stream, %launch)
    ```

    Tokens go: work on one stream is in the order of the program. What depends
    on the work of another stream makes the host wait for that.

    Preconditions: functions have the arguments of `pack-entry-points`. Refuses,
    with an error that names the op: a kernel without a body, or that takes
    something else than what is passed; operands on the stack of the host,
    unranked ones, and those whose layout is not strided; a stream that is no
    `!llvm.ptr`; a token from outside of the function, or one that a loop
    carries where streams are named; other ops of `gpu`. Next:
    `convert-cudagraph-to-llvm`.
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect"];
}

def ConvertLaunchedKernelsToHost
    : Pass<"convert-launched-kernels-to-host", "::mlir::ModuleOp"> {
  let summary = "turn the kernels of captured launches into CPU functions";
  let description = [{
    A node whose kernel another compiler made gets a phase with one item for each
    block; its function runs the threads of a block one after the other. Nodes of
    one kernel with equal sizes and types share their functions. Functions that a
    kernel calls and globals that it uses are copied out of its module.

    Launches that `capture-launches` left, whatever their sizes and memrefs, become
    calls of functions that run all blocks, in the order of the program; so do
    their copies, fills, allocations and waits.

    ```mlir
    cudagraph.kernel "scale" phases [#cudagraph.phase<@k::@scale, 1>]
      args(...) grid [4, 1, 1] block [256, 1, 1]
    ```
    becomes
    ```mlir
    cudagraph.kernel "scale" phases [#cudagraph.phase<@scale.blocks, 4>]
      args(...)
    func.func private @scale.blocks(%operands: !llvm.ptr, %begin: i64, %end: i64)
    func.func private @scale.thread(%m: memref<8xf32>, ...)
    ```

    Refuses, with an error, kernels whose threads wait for or talk to each other,
    that declare memory of the block, or call functions without a body; kernels
    without a body; and what is in a nested module. Next: `pack-entry-points`.
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"];
}

#endif // GRAPHOPT_CONVERSION_LAUNCH_PASSES
