//===- UnrollLoops.cpp - Short loops over device work ---------------------===//
//
// A loop of the host around device work costs a launch per turn, and a slice at
// the loop's index has no static place. Unrolled, all turns are one region.
//
//===----------------------------------------------------------------------===//

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

/// Ops in the body of `loop`, not counting the bodies of device work.
static int64_t countOps(scf::ForOp loop, bool &hasDeviceWork) {
  int64_t count = 0;
  loop.getBody()->walk<WalkOrder::PreOrder>([&](Operation *op) {
    ++count;
    if (!isKernel(op))
      return WalkResult::advance();
    hasDeviceWork = true;
    return WalkResult::skip();
  });
  return count;
}

namespace {
struct UnrollLoops : public graphopt::impl::UnrollLoopsBase<UnrollLoops> {
  using UnrollLoopsBase::UnrollLoopsBase;

  void runOnOperation() override {
    bool changed = false;
    // Inner ones first: what they become counts for the outer ones.
    getOperation().walk<WalkOrder::PostOrder>([&](scf::ForOp loop) {
      if (isWorthwhile(loop))
        changed |= unroll(loop);
    });
    if (changed)
      foldIndices();
  }

private:
  bool isWorthwhile(scf::ForOp loop);
  static bool unroll(scf::ForOp loop);
  void foldIndices();
};
} // namespace

/// Whether `loop` has device work and few turns.
bool UnrollLoops::isWorthwhile(scf::ForOp loop) {
  std::optional<APInt> turns = loop.getStaticTripCount();
  if (!turns || turns->isZero())
    return false;
  bool hasDeviceWork = false;
  int64_t ops = countOps(loop, hasDeviceWork);
  if (!hasDeviceWork)
    return false;
  if (auto choice = loop->getAttrOfType<BoolAttr>("graphopt.unroll"))
    return choice.getValue();
  if (turns->ule(maxOps) && turns->getZExtValue() * ops <= uint64_t(maxOps))
    return true;
  graphopt::remarkRefused(loop, "loop-not-unrolled")
      << mlir::remark::metric("Ops", ops)
      << mlir::remark::metric("MaxOps", maxOps.getValue());
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
