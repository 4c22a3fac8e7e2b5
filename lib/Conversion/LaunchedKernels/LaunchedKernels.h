//===- LaunchedKernels.h - Kernels of other compilers -----------*- C++ -*-===//
//
// What the conversions of captured launches share: the nodes whose kernels take
// arguments of their own, as their compiler made them, instead of slots.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_CONVERSION_LAUNCHEDKERNELS_LAUNCHEDKERNELS_H
#define GRAPHOPT_LIB_CONVERSION_LAUNCHEDKERNELS_LAUNCHEDKERNELS_H

#include "GraphOpt/CudaGraph/CudaGraph.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/IR/BuiltinOps.h"

namespace graphopt {

/// A node and the kernel that it launches.
struct LaunchedKernel {
  mlir::cudagraph::KernelOp node;
  mlir::gpu::GPUFuncOp function;
};

/// The ops of dialect `gpu` that are left in `function`: launches that no graph
/// holds, and what is ordered with them. Reports an error if a token comes from
/// outside of the function or goes there.
mlir::FailureOr<mlir::SmallVector<mlir::Operation *>>
findDirectOps(mlir::func::FuncOp function);

/// Makes on memrefs, before `op`, what it does if it is a gpu.memset,
/// gpu.dealloc or gpu.wait, of which tokens keep the order; false if it is
/// something else.
bool convertPlainOp(mlir::Operation *op);

/// Erases `ops`, all that findDirectOps found, whose work is done by others.
/// Tokens order nothing any more; those that loops and branches carry become a
/// number that nobody reads.
void eraseDirectOps(mlir::func::FuncOp function,
                    mlir::ArrayRef<mlir::Operation *> ops);

/// The nodes of all graphs of `module` whose kernels take arguments of their
/// own. Those that pass the extents of their grid get kernels for any grid.
/// Reports an error if launches are in a nested module, if what a node names is
/// no kernel or calls functions without a body, or if the node's operands do
/// not fit the kernel's arguments.
mlir::FailureOr<mlir::SmallVector<LaunchedKernel>>
findLaunchedKernels(mlir::ModuleOp module);

/// Erases kernels with arguments of their own that nothing in `module` refers
/// to, and modules and binaries that hold no other ones.
void eraseUnusedKernels(mlir::ModuleOp module);

/// The memref of type `type` whose first element, of a memref of type
/// `operand`, is at `address` (a generic pointer). `operand` has static shape
/// and strides; `type` is a memref of that rank and element type.
mlir::Value createArgument(mlir::OpBuilder &builder, mlir::Location loc,
                           const mlir::LLVMTypeConverter &converter,
                           mlir::Value address, mlir::MemRefType operand,
                           mlir::MemRefType type);

/// The scalar of type `type` in the slot at `address`.
mlir::Value loadArgument(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value address, mlir::Type type);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_LAUNCHEDKERNELS_LAUNCHEDKERNELS_H
