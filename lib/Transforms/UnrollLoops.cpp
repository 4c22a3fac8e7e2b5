//===- UnrollLoops.cpp - Short loops over device work ---------------------===//
//
// A loop of the host around device work costs a launch per turn, and a slice at
// the loop's index has no static place. Unrolled, all turns are one region.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Calibration.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Utils/Utils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace graphopt {
#define GEN_PASS_DEF_UNROLLLOOPS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

/// Whether `op` is a kernel by itself if it is captured.
static bool isKernel(Operation *op) {
  auto capturable = dyn_cast<tseq::CapturableOpInterface>(op);
  return capturable && capturable.isKernel();
}

namespace {
/// What is in the body of a loop.
struct Work {
  int64_t ops = 0; ///< The bodies of device work do not count.
  int64_t kernels = 0;
};
} // namespace

static Work countWork(scf::ForOp loop) {
  Work work;
  loop.getBody()->walk<WalkOrder::PreOrder>([&](Operation *op) {
    ++work.ops;
    if (!isKernel(op))
      return WalkResult::advance();
    ++work.kernels;
    return WalkResult::skip();
  });
  return work;
}

namespace {
struct UnrollLoops : public graphopt::impl::UnrollLoopsBase<UnrollLoops> {
  using UnrollLoopsBase::UnrollLoopsBase;

  void runOnOperation() override {
    calibration = graphopt::Calibration::getFor(getOperation());
    bool changed = false;
    // Inner ones first: what they become counts for the outer ones.
    getOperation().walk<WalkOrder::PostOrder>([&](scf::ForOp loop) {
      if (isWorthwhile(loop))
        changed |= unroll(loop);
    });
    if (!changed)
      return markAllAnalysesPreserved();
    foldIndices();
  }

private:
  bool isWorthwhile(scf::ForOp loop);
  static bool unroll(scf::ForOp loop);
  void foldIndices();

  graphopt::Calibration calibration;
};
} // namespace

/// Whether `loop` has device work, and all its turns in one graph cost less
/// than a launch for each.
bool UnrollLoops::isWorthwhile(scf::ForOp loop) {
  std::optional<APInt> turns = loop.getStaticTripCount();
  if (!turns || turns->isZero())
    return false;
  Work work = countWork(loop);
  if (work.kernels == 0)
    return false;
  if (auto choice = loop->getAttrOfType<BoolAttr>("graphopt.unroll"))
    return choice.getValue();
  if (turns->isOne())
    return true;
  bool isShort = turns->ule(maxOps) &&
                 turns->getZExtValue() * work.ops <= uint64_t(maxOps);
  // Each turn is a launch less at every call, and nodes to build once.
  double numTurns = turns->roundToDouble();
  double saved = (numTurns - 1) * calibration.graphLaunch;
  double build = numTurns * work.kernels * calibration.nodeBuild;
  if (isShort && build <= calls * saved)
    return true;
  graphopt::remarkRefused(loop, "loop-not-unrolled")
      << mlir::remark::reason("{0}",
                              isShort ? "build-costs-more" : "too-many-ops")
      << mlir::remark::metric("Ops", work.ops)
      << mlir::remark::metric("MaxOps", maxOps.getValue())
      << mlir::remark::metric("saved-microseconds", saved)
      << mlir::remark::metric("build-microseconds", build);
  return false;
}

/// Pattern: for i = 0 to 3 { f(i) } -> f(0); f(1); f(2)
bool UnrollLoops::unroll(scf::ForOp loop) {
  uint64_t turns = loop.getStaticTripCount()->getZExtValue();
  graphopt::remarkDone(loop, "loop-unrolled")
      << mlir::remark::metric("Turns", static_cast<int64_t>(turns));
  return succeeded(loopUnrollFull(loop));
}

/// Makes slices and views at what is now a constant index static, and removes
/// the loops and branches that have become trivial.
void UnrollLoops::foldIndices() {
  MLIRContext *context = &getContext();
  RewritePatternSet patterns(context);
  for (Dialect *dialect : context->getLoadedDialects())
    dialect->getCanonicalizationPatterns(patterns);
  for (RegisteredOperationName op : context->getRegisteredOperations())
    op.getCanonicalizationPatterns(patterns, context);
  (void)applyPatternsGreedily(getOperation(), std::move(patterns));
}
