//===- KernelEffects.h - What a kernel does to its arguments ----*- C++ -*-===//
//
// Looks into the function of a kernel that another compiler made. What can not
// be known is taken to read and write.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_ANALYSIS_KERNELEFFECTS_H
#define GRAPHOPT_ANALYSIS_KERNELEFFECTS_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace graphopt {

/// How a kernel uses the memory that one argument refers to.
struct ArgumentUse {
  bool reads = false;
  bool writes = false;
};

/// What a kernel does to memory.
struct KernelEffects {
  /// One for each argument; neither for one that is no memref.
  llvm::SmallVector<ArgumentUse> arguments;
  /// It may touch memory that no argument refers to, or does something that is
  /// not understood, as a call of a function without a body.
  bool touchesOtherMemory = false;
};

/// Follows each load, store, copy and atomic of `function`, and of the
/// functions it calls, through views back to an argument. Memory of the block
/// or the thread and constant globals do not count. An access through a memref
/// whose origin is not seen may be one to any argument.
KernelEffects getKernelEffects(mlir::FunctionOpInterface function);

/// The first call in `function`, or in a function that it calls, of one without
/// a body that the device does not bring along either (libdevice, intrinsics,
/// and the few of CUDA's runtime); null if there is none.
mlir::Operation *findUnknownCall(mlir::FunctionOpInterface function);

/// Whether `function` asks where its block is, or how many there are, only by
/// ops of `gpu` in its own body: then another number of blocks can do its work.
bool asksForBlocksItself(mlir::FunctionOpInterface function);

/// The function that `launch` runs, if it is to be seen: not if it is in a
/// gpu.binary, or has no body.
mlir::FunctionOpInterface lookupKernel(mlir::gpu::LaunchFuncOp launch);

/// The same for a launch; its arguments are the kernel operands. Without a
/// function to look into, every memref is read and written.
KernelEffects getKernelEffects(mlir::gpu::LaunchFuncOp launch);

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_KERNELEFFECTS_H
