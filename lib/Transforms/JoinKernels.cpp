//===- JoinKernels.cpp - Barriers instead of node boundaries --------------===//
//
// Joins kernels on memory that wait for one another.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Calibration.h"
#include "GraphOpt/Analysis/Footprint.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"
#include "Report/Work.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace graphopt {
#define GEN_PASS_DEF_JOINKERNELS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// On an op or a function: whether kernels may be joined.
static constexpr StringLiteral kCooperative = "graphopt.cooperative";

/// Phases of a joined kernel: bounds its code, and the time to find it.
static constexpr size_t kMaxPhases = 32;

/// Whether `op` is a phase, or a kernel of phases.
static bool isKernelWork(Operation *op) {
  return isa<MapOp, ReduceOp, ScalarOp, tseq::KernelOp>(op);
}

/// Whether a kernel may be moved down over `op`, which is no kernel.
static bool canMoveOver(Operation *op) {
  return isa<memref::AllocOp>(op) || isPure(op);
}

static bool isForbidden(Operation *op) {
  auto choice = op->getAttrOfType<BoolAttr>(kCooperative);
  return choice && !choice.getValue();
}

namespace {
/// A kernel and what its phases touch.
struct Candidate {
  Operation *op;
  std::vector<Footprint> footprints;

  explicit Candidate(Operation *op) : op(op) {
    for (Operation *phase : getPhases(op))
      footprints.emplace_back(phase);
  }

  /// Whether a phase of this one, which comes later, waits for one of `other`.
  bool waitsFor(const Candidate &other) const {
    return llvm::any_of(footprints, [&](const Footprint &later) {
      return llvm::any_of(other.footprints, [&](const Footprint &earlier) {
        return !later.isIndependentOf(earlier);
      });
    });
  }
};

struct JoinKernels : public graphopt::impl::JoinKernelsBase<JoinKernels> {
  using JoinKernelsBase::JoinKernelsBase;

  void runOnOperation() override {
    if (isForbidden(getOperation()))
      return;
    maxBytes = maxCached * Calibration::getFor(getOperation()).cacheBytes;
    getOperation().walk([&](GraphOp graph) {
      graph.walk([&](Block *block) {
        if (isa<GraphOp, tseq::IfOp, tseq::WhileOp>(block->getParentOp()))
          joinIn(*block);
      });
    });
  }

private:
  /// Whether kernels that move `bytes` together gain by it.
  bool pays(int64_t bytes) const {
    return bytes >= minBytes && bytes <= maxBytes;
  }
  void joinIn(Block &block);
  tseq::KernelOp join(Operation *first, Operation *second);

  double maxBytes = 0;
};
} // namespace

/// Pattern: first; second -> kernel cooperative { first; second }
tseq::KernelOp JoinKernels::join(Operation *first, Operation *second) {
  OpBuilder builder(second);
  auto joined = tseq::KernelOp::create(
      builder,
      FusedLoc::get(&getContext(), {first->getLoc(), second->getLoc()}),
      TypeRange());
  joined.setCooperative(true);
  Block *body = builder.createBlock(&joined.getBody());
  YieldOp::create(builder, joined.getLoc(), ValueRange());
  Operation *end = body->getTerminator();
  for (Operation *op : {first, second}) {
    auto kernel = dyn_cast<tseq::KernelOp>(op);
    if (!kernel) {
      op->moveBefore(end);
      continue;
    }
    Block &phases = kernel.getBody().front();
    phases.getTerminator()->erase();
    body->getOperations().splice(end->getIterator(), phases.getOperations());
    kernel.erase();
  }
  return joined;
}

void JoinKernels::joinIn(Block &block) {
  std::optional<Candidate> last;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (!isKernelWork(&op) || isForbidden(&op)) {
      if (!canMoveOver(&op))
        last.reset();
      continue;
    }
    Candidate next(&op);
    bool fits =
        last && last->footprints.size() + next.footprints.size() <= kMaxPhases;
    if (!fits || !pays(countBytes({last->op, &op})) || !next.waitsFor(*last)) {
      last.emplace(std::move(next));
      continue;
    }
    tseq::KernelOp joined = join(last->op, &op);
    remarkDone(joined, "kernels-joined")
        << "a barrier over the grid costs less than two kernels";
    last->op = joined;
    llvm::append_range(last->footprints, std::move(next.footprints));
  }
}
