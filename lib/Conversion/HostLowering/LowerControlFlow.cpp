//===- LowerControlFlow.cpp - scf to cf in linear time --------------------===//
//
// Applies upstream's scf-to-cf patterns from the end of a function to its
// beginning.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Conversion/Passes.h"

#include "mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace graphopt {
#define GEN_PASS_DEF_LOWERCONTROLFLOW
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

namespace {
struct LowerControlFlow
    : public graphopt::impl::LowerControlFlowBase<LowerControlFlow> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    populateSCFToControlFlowConversionPatterns(set);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    GreedyRewriteConfig config;
    config.setStrictness(GreedyRewriteStrictness::ExistingOps);
    config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    config.enableFolding(false);
    // A lowering may make scf ops of its own (parallel loops do), so repeat
    // until there are none that can be lowered.
    for (bool changed = true; changed;) {
      changed = false;
      SmallVector<Operation *> ops;
      getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
        if (isa<scf::SCFDialect>(op->getDialect()) &&
            !op->hasTrait<OpTrait::IsTerminator>())
          ops.push_back(op);
      });
      for (Operation *op : llvm::reverse(ops)) {
        bool rewritten = false;
        (void)applyOpPatternsGreedily(op, patterns, config, &rewritten);
        changed |= rewritten;
      }
    }
  }

private:
  FrozenRewritePatternSet patterns;
};
} // namespace
