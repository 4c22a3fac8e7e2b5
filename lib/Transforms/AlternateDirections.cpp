//===- AlternateDirections.cpp - Meet what is still in the cache ----------===//
//
// Chooses the direction in which lists on memory are walked.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Footprint.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphopt {
#define GEN_PASS_DEF_ALTERNATEDIRECTIONS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Earlier phases that are looked at: the cache holds what the last ones left.
static constexpr size_t kWindow = 4;

static bool isBackward(Operation *phase) {
  auto map = dyn_cast<MapOp>(phase);
  return map ? map.getBackward() : cast<ReduceOp>(phase).getBackward();
}

static void setBackward(Operation *phase) {
  if (auto map = dyn_cast<MapOp>(phase))
    map.setBackward(true);
  else
    cast<ReduceOp>(phase).setBackward(true);
}

namespace {
struct AlternateDirections
    : public graphopt::impl::AlternateDirectionsBase<AlternateDirections> {
  void runOnOperation() override {
    getOperation().walk([&](GraphOp graph) { alternateIn(graph.getBody()); });
  }

private:
  struct Phase {
    Operation *op;
    Footprint footprint;
  };

  void alternateIn(Region &region);
  void visit(Operation &op, SmallVectorImpl<Phase> &earlier);
};
} // namespace

/// Visits the phases of `op`; `earlier` holds the last ones before.
void AlternateDirections::visit(Operation &op,
                                SmallVectorImpl<Phase> &earlier) {
  if (auto kernel = dyn_cast<tseq::KernelOp>(op)) {
    for (Operation &phase : kernel.getBody().front())
      visit(phase, earlier);
    return;
  }
  if (!isa<MapOp, ReduceOp>(op)) {
    for (Region &region : op.getRegions())
      if (isa<tseq::IfOp, tseq::WhileOp>(op))
        alternateIn(region);
    return;
  }
  Phase phase{&op, Footprint(&op)};
  auto last = llvm::find_if(llvm::reverse(earlier), [&](const Phase &other) {
    return phase.footprint.sharesMemoryWith(other.footprint);
  });
  if (last != earlier.rend() && !isBackward(last->op))
    setBackward(&op);
  if (earlier.size() == kWindow)
    earlier.erase(earlier.begin());
  earlier.push_back(std::move(phase));
}

void AlternateDirections::alternateIn(Region &region) {
  for (Block &block : region) {
    SmallVector<Phase> earlier;
    for (Operation &op : block)
      visit(op, earlier);
  }
}
