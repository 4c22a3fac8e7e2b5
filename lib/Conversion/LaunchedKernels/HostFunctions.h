//===- HostFunctions.h - Kernels as functions of the host -------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_LAUNCHEDKERNELS_HOSTFUNCTIONS_H
#define GRAPHOPT_LIB_CONVERSION_LAUNCHEDKERNELS_HOSTFUNCTIONS_H

#include "LaunchedKernels.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

namespace graphopt {

/// Makes functions of the host that do the work of kernels, each once.
class HostFunctions {
public:
  /// They are added to `module`.
  explicit HostFunctions(mlir::ModuleOp module);

  /// The function of a phase with one item for each block of the node. Reports
  /// an error if the kernel can not run on the host.
  mlir::FailureOr<mlir::func::FuncOp> getPhase(const LaunchedKernel &kernel);

  /// A function that runs a whole grid: of the arguments of `function`, and the
  /// extents of grid and block, six values of type index.
  mlir::FailureOr<mlir::func::FuncOp> getGrid(mlir::gpu::GPUFuncOp function);

private:
  /// Extents of grid and block that all launches of a function share.
  using Sizes = std::array<int64_t, 6>;

  mlir::FailureOr<mlir::func::FuncOp> getThread(mlir::gpu::GPUFuncOp function,
                                                std::optional<Sizes> sizes);
  mlir::LogicalResult copySymbols(mlir::Operation *root,
                                  mlir::gpu::GPUModuleOp from);
  mlir::func::FuncOp createFunction(mlir::gpu::GPUFuncOp kernel,
                                    llvm::StringRef suffix,
                                    mlir::TypeRange types);
  mlir::Value index(mlir::Location loc, int64_t value);

  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  mlir::OpBuilder builder;
  mlir::LLVMTypeConverter converter;
  llvm::DenseMap<std::pair<mlir::Operation *, mlir::Attribute>,
                 mlir::func::FuncOp>
      threads, phases;
  llvm::DenseMap<mlir::Operation *, mlir::func::FuncOp> grids;
  /// The copies of symbols of kernels' modules.
  llvm::DenseMap<mlir::Operation *, mlir::StringAttr> copies;
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_LAUNCHEDKERNELS_HOSTFUNCTIONS_H
