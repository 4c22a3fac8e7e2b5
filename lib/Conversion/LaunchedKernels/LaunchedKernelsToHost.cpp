//===- LaunchedKernelsToHost.cpp - Other compilers' kernels on the CPU ----===//
//
// Turns the kernels of captured launches into functions that the host device
// runs, one item per block, and launches that were not captured into calls.
//
//===----------------------------------------------------------------------===//

#include "DirectLaunches.h"
#include "HostFunctions.h"

#include "GraphOpt/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace graphopt {
#define GEN_PASS_DEF_CONVERTLAUNCHEDKERNELSTOHOST
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

namespace {
struct ConvertLaunchedKernelsToHost
    : public graphopt::impl::ConvertLaunchedKernelsToHostBase<
          ConvertLaunchedKernelsToHost> {
  void runOnOperation() override {
    if (failed(convert()))
      return signalPassFailure();
    eraseUnusedKernels(getOperation());
  }

private:
  LogicalResult convert();
};
} // namespace

LogicalResult ConvertLaunchedKernelsToHost::convert() {
  ModuleOp module = getOperation();
  FailureOr<SmallVector<LaunchedKernel>> kernels = findLaunchedKernels(module);
  if (failed(kernels))
    return failure();
  HostFunctions functions(module);
  Builder builder(&getContext());
  for (const LaunchedKernel &kernel : *kernels) {
    FailureOr<func::FuncOp> phase = functions.getPhase(kernel);
    if (failed(phase))
      return failure();
    cudagraph::KernelOp node = kernel.node;
    int64_t numBlocks = 1;
    for (int64_t extent : *node.getGrid())
      numBlocks *= extent;
    node.setPhasesAttr(builder.getArrayAttr(cudagraph::PhaseAttr::get(
        &getContext(), FlatSymbolRefAttr::get(*phase), numBlocks)));
    node.removeGridAttr();
    node.removeBlockAttr();
    node.removeSharedBytesAttr();
  }
  return convertDirectLaunches(module, functions);
}
