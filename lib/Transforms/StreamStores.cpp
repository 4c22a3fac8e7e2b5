//===- StreamStores.cpp - Leave the cache to what is read again -----------===//
//
// Chooses which maps on memory write past the cache.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Calibration.h"
#include "GraphOpt/Analysis/Footprint.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"
#include "Report/Work.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphopt {
#define GEN_PASS_DEF_STREAMSTORES
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Later phases that are looked at: the cache holds what the last ones left.
static constexpr size_t kWindow = 4;

/// On an op or a function: whether maps may write past the cache.
static constexpr StringLiteral kStreaming = "graphopt.streaming";

/// What `op` or, without an own choice, its function says.
static std::optional<bool> getChoice(Operation *op) {
  for (; op; op = op->getParentOfType<func::FuncOp>())
    if (auto choice = op->getAttrOfType<BoolAttr>(kStreaming))
      return choice.getValue();
  return std::nullopt;
}

namespace {
struct StreamStores : public graphopt::impl::StreamStoresBase<StreamStores> {
  void runOnOperation() override {
    double cacheBytes = Calibration::getFor(getOperation()).cacheBytes;
    getOperation().walk(
        [&](GraphOp graph) { visit(graph.getBody().front(), cacheBytes); });
  }

private:
  void visit(Block &block, double cacheBytes);
};
} // namespace

/// The phases of `block`, the last one first. Branches and loops end the
/// search, and what is in them is left alone: a loop comes back.
void StreamStores::visit(Block &block, double cacheBytes) {
  bool isBeforeOther = false;
  SmallVector<Footprint> later;
  for (Operation &op : llvm::reverse(block)) {
    isBeforeOther |= isa<tseq::IfOp, WhileOp>(op);
    if (!isa<MapOp, ReduceOp, ScalarOp, tseq::KernelOp>(op))
      continue;
    SmallVector<Operation *> phases = getPhases(&op);
    for (Operation *phase : llvm::reverse(phases)) {
      if (isa<ScalarOp>(phase))
        continue;
      Footprint footprint(phase);
      auto map = dyn_cast<MapOp>(phase);
      bool pays = map && !isBeforeOther && countBytes(phase) > cacheBytes &&
                  llvm::none_of(later, [&](const Footprint &other) {
                    return footprint.sharesMemoryWith(other);
                  });
      if (map && getChoice(map).value_or(pays))
        map.setStreaming(true);
      if (later.size() == kWindow)
        later.erase(later.begin());
      later.push_back(std::move(footprint));
    }
  }
}
