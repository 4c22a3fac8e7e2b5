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
    // Outer ops before the ones in them, as upstream's patterns expect bodies
    // that are one block: each round lowers the outermost ones that are left.
    for (bool changed = true; changed;) {
      changed = false;
      SmallVector<Operation *> ops;
      getOperation()->walk<WalkOrder::PreOrder>([&](Operation *op) {
        if (!isa_and_nonnull<scf::SCFDialect>(op->getDialect()) ||
            op->hasTrait<OpTrait::IsTerminator>())
          return WalkResult::advance();
        ops.push_back(op);
        return WalkResult::skip();
      });
      for (Operation *op : llvm::reverse(ops)) {
        bool rewritten = false;
        Location loc = op->getLoc();
        if (failed(applyOpPatternsGreedily(op, patterns, config, &rewritten))) {
          emitError(loc, "lowering of control flow does not come to an end");
          return signalPassFailure();
        }
        changed |= rewritten;
      }
    }
  }

private:
  FrozenRewritePatternSet patterns;
};
} // namespace
