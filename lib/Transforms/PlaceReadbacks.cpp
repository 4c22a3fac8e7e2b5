//===- PlaceReadbacks.cpp - Kernels write where the host reads ------------===//
//
// Chooses the scalars that a graph writes into memory of the host, so that no
// copy follows the graph.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/SymbolTable.h"

namespace graphopt {
#define GEN_PASS_DEF_PLACEREADBACKS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::cudagraph;
using namespace graphopt;

/// On an allocation: the device writes it, and the host reads it.
static constexpr StringLiteral kReadable = "graphopt.readable";

namespace {
struct PlaceReadbacks
    : public graphopt::impl::PlaceReadbacksBase<PlaceReadbacks> {
  void runOnOperation() override;

private:
  bool isOnlyWritten(SymbolTable &symbols, LaunchOp launch, Value buffer);
  ReadbackOp findReadback(SymbolTable &symbols, memref::AllocOp alloc);
};
} // namespace

/// Whether kernels of the graph of `launch` write `buffer`, and nothing in it
/// reads it.
bool PlaceReadbacks::isOnlyWritten(SymbolTable &symbols, LaunchOp launch,
                                   Value buffer) {
  auto exec = launch.getExec().getDefiningOp<InstantiateOp>();
  auto graph = exec ? symbols.lookup<GraphOp>(exec.getGraph()) : GraphOp();
  if (!graph || launch.getStream())
    return false;
  for (auto [i, passed] : llvm::enumerate(launch.getBuffers())) {
    if (passed != buffer)
      continue;
    for (OpOperand &use : graph.getBody()->getArgument(i).getUses()) {
      auto kernel = dyn_cast<cudagraph::KernelOp>(use.getOwner());
      if (!kernel)
        return false;
      int64_t number =
          use.getOperandNumber() - kernel.getArgs().getBeginOperandIndex();
      if (number < 0 || number >= int64_t(kernel.getArgs().size()) ||
          static_cast<Access>(kernel.getAccesses()[number]) != Access::Write)
        return false;
    }
  }
  return true;
}

/// The readback of `alloc` if it holds one scalar that graphs write, one
/// readback after them waits for, and nothing else touches; else null.
ReadbackOp PlaceReadbacks::findReadback(SymbolTable &symbols,
                                        memref::AllocOp alloc) {
  MemRefType type = alloc.getType();
  if (!type.hasStaticShape() || type.getNumElements() != 1)
    return nullptr;
  ReadbackOp readback;
  SmallVector<Operation *> launches;
  for (Operation *user : alloc->getUsers()) {
    if (user->getBlock() != alloc->getBlock())
      return nullptr;
    if (auto launch = dyn_cast<LaunchOp>(user)) {
      if (!isOnlyWritten(symbols, launch, alloc))
        return nullptr;
      launches.push_back(launch);
    } else if (isa<ReadbackOp>(user) && (!readback || readback == user)) {
      readback = cast<ReadbackOp>(user);
    } else if (!isa<memref::DeallocOp>(user)) {
      return nullptr;
    }
  }
  bool isLast = readback && llvm::all_of(launches, [&](Operation *launch) {
                  return launch->isBeforeInBlock(readback);
                });
  return isLast && !launches.empty() ? readback : nullptr;
}

void PlaceReadbacks::runOnOperation() {
  SymbolTable symbols(getOperation());
  for (auto function : getOperation().getOps<func::FuncOp>())
    function.walk([&](memref::AllocOp alloc) {
      ReadbackOp readback = findReadback(symbols, alloc);
      if (!readback)
        return;
      alloc->setAttr(kReadable, UnitAttr::get(&getContext()));
      remarkDone(readback, "readback-placed")
          << remark::reason("the kernels write the value where the host reads "
                            "it: no copy is made");
    });
}
