//===- PlaceReadbacks.cpp - Kernels write where the host reads ------------===//
//
// Chooses the scalars that a graph writes into memory of the host, so that no
// copy follows the graph.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Analysis/Requests.h"
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

namespace {
struct PlaceReadbacks
    : public graphopt::impl::PlaceReadbacksBase<PlaceReadbacks> {
  void runOnOperation() override;

private:
  bool isOnlyWritten(SymbolTable &symbols, LaunchOp launch, unsigned number);
  ReadbackOp findReadback(SymbolTable &symbols, memref::AllocOp alloc);
};
} // namespace

/// Whether kernels of the graph of `launch` write its buffer `number`, and
/// nothing in it reads it.
bool PlaceReadbacks::isOnlyWritten(SymbolTable &symbols, LaunchOp launch,
                                   unsigned number) {
  auto exec = launch.getExec().getDefiningOp<InstantiateOp>();
  auto graph = exec ? symbols.lookup<GraphOp>(exec.getGraph()) : GraphOp();
  if (!graph || launch.getStream())
    return false;
  BlockArgument buffer = graph.getBody()->getArgument(number);
  return llvm::all_of(buffer.getUses(), [](OpOperand &use) {
    auto kernel = dyn_cast<cudagraph::KernelOp>(use.getOwner());
    if (!kernel)
      return false;
    unsigned first = kernel.getArgs().getBeginOperandIndex();
    int32_t access = kernel.getAccesses()[use.getOperandNumber() - first];
    return static_cast<Access>(access) == Access::Write;
  });
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
  for (OpOperand &use : alloc->getUses()) {
    Operation *user = use.getOwner();
    if (user->getBlock() != alloc->getBlock())
      return nullptr;
    if (auto launch = dyn_cast<LaunchOp>(user)) {
      unsigned first = launch.getBuffers().getBeginOperandIndex();
      if (!isOnlyWritten(symbols, launch, use.getOperandNumber() - first))
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
      alloc->setAttr(kReadableAttribute, UnitAttr::get(&getContext()));
      remarkDone(readback, "readback-placed")
          << remark::reason("the kernels write the value where the host reads "
                            "it: no copy is made");
    });
}
