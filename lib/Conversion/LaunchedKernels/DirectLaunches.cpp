//===- DirectLaunches.cpp - Launches that no graph holds ------------------===//
//
// Lets the host do what was not captured. The host device is done with what it
// is asked for when a call returns, so that there is nothing to wait for.
//
//===----------------------------------------------------------------------===//

#include "DirectLaunches.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace graphopt;

/// Pattern: gpu.launch_func -> call of a loop over all threads
static LogicalResult convertLaunch(gpu::LaunchFuncOp op,
                                   HostFunctions &functions) {
  auto kernel = SymbolTable::lookupNearestSymbolFrom<gpu::GPUFuncOp>(
      op, op.getKernelAttr());
  if (!kernel || kernel.isExternal())
    return op.emitError("was not captured, and its kernel ")
           << op.getKernelAttr()
           << " has no body that the host could run: only code for a GPU";
  FailureOr<func::FuncOp> grid = functions.getGrid(kernel);
  if (failed(grid))
    return failure();
  OpBuilder builder(op);
  SmallVector<Value> operands(op.getKernelOperands());
  gpu::KernelDim3 blocks = op.getGridSizeOperandValues();
  gpu::KernelDim3 threads = op.getBlockSizeOperandValues();
  for (Value extent :
       {blocks.x, blocks.y, blocks.z, threads.x, threads.y, threads.z}) {
    if (!extent.getType().isIndex())
      extent = arith::IndexCastOp::create(builder, op.getLoc(),
                                          builder.getIndexType(), extent);
    operands.push_back(extent);
  }
  func::CallOp::create(builder, op.getLoc(), *grid, operands);
  return success();
}

/// Makes what the host does in place of `op`, which stays.
static LogicalResult convert(Operation *op, HostFunctions &functions) {
  if (convertPlainOp(op))
    return success();
  OpBuilder builder(op);
  Location loc = op->getLoc();
  return llvm::TypeSwitch<Operation *, LogicalResult>(op)
      .Case([&](gpu::LaunchFuncOp launch) {
        return convertLaunch(launch, functions);
      })
      // Pattern: gpu.memcpy -> linalg.generic that copies
      .Case([&](gpu::MemcpyOp copy) -> LogicalResult {
        if (isa<UnrankedMemRefType>(copy.getSrc().getType()) ||
            isa<UnrankedMemRefType>(copy.getDst().getType()))
          return copy.emitError("copies memory of unknown rank");
        linalg::makeMemRefCopyOp(builder, loc, copy.getSrc(), copy.getDst());
        return success();
      })
      // Pattern: gpu.alloc -> memref.alloc
      .Case([&](gpu::AllocOp alloc) {
        auto memory = memref::AllocOp::create(
            builder, loc, alloc.getType(), alloc.getDynamicSizes(),
            alloc.getSymbolOperands(), IntegerAttr());
        alloc.getMemref().replaceAllUsesWith(memory);
        return success();
      })
      .Default([](Operation *other) {
        return other->emitError("'")
               << other->getName()
               << "' was not captured and has no form on the host";
      });
}

LogicalResult graphopt::convertDirectLaunches(ModuleOp module,
                                              HostFunctions &functions) {
  for (auto function : llvm::to_vector(module.getOps<func::FuncOp>())) {
    FailureOr<SmallVector<Operation *>> ops = findDirectOps(function);
    if (failed(ops))
      return failure();
    for (Operation *op : *ops)
      if (failed(convert(op, functions)))
        return failure();
    eraseDirectOps(function, *ops);
  }
  return success();
}
