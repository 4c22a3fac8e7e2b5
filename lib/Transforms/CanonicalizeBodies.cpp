//===- CanonicalizeBodies.cpp - Canonicalization, inner blocks first ------===//
//
// Upstream's canonicalizer looks at the op around a region again whenever
// something in the region has changed, and asks each time whether all that is
// in it is dead. Here each long body is a scope of its own.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace graphopt {
#define GEN_PASS_DEF_CANONICALIZEBODIES
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

/// Ops of a block from which on it is worth a scope of its own.
static constexpr size_t kLongBlock = 64;

/// Nested bodies that get a scope: each op is visited once for each of those
/// that it is in.
static constexpr unsigned kMaxDepth = 8;

static bool isLong(Region &region) {
  return llvm::any_of(region, [](Block &block) {
    return llvm::hasNItemsOrMore(block, kLongBlock);
  });
}

/// Adds the long regions in `region`, inner ones first, then itself.
static void collectBodies(Region &region, unsigned depth,
                          SmallVectorImpl<Region *> &bodies) {
  if (depth < kMaxDepth)
    for (Operation &op : region.getOps())
      for (Region &inner : op.getRegions())
        collectBodies(inner, depth + 1, bodies);
  if (depth == 0 || isLong(region))
    bodies.push_back(&region);
}

namespace {
struct CanonicalizeBodies
    : public graphopt::impl::CanonicalizeBodiesBase<CanonicalizeBodies> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    for (Dialect *dialect : context->getLoadedDialects())
      dialect->getCanonicalizationPatterns(set);
    for (RegisteredOperationName op : context->getRegisteredOperations())
      op.getCanonicalizationPatterns(set, context);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    SmallVector<Region *> bodies;
    collectBodies(getOperation().getBody(), /*depth=*/0, bodies);
    GreedyRewriteConfig config;
    config.setUseTopDownTraversal();
    // What does not converge is right all the same, as in upstream's pass.
    for (Region *body : bodies)
      (void)applyPatternsGreedily(*body, patterns, config);
  }

  FrozenRewritePatternSet patterns;
};
} // namespace
