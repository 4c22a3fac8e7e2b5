//===- CanonicalizeBodies.cpp - Canonicalization, inner blocks first ------===//
//
// Upstream's canonicalizer looks at the op around a region again whenever
// something in the region has changed, and asks each time whether all that is
// in it is dead. Here each long body is a scope of its own.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <map>

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

/// Whether a region in `root` has more than one block.
static bool hasBranches(Operation *root) {
  return root
      ->walk([](Operation *op) {
        return llvm::any_of(op->getRegions(),
                            [](Region &region) {
                              return !region.empty() && !region.hasOneBlock();
                            })
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
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
/// Pattern: %a, %b = scf.if ... { yield %x, %x } -> the uses of %b use %a.
/// The same for arguments that loops carry. Upstream's pattern compares each
/// value with each other one; a branch that updates thousands of tensors yields
/// as many.
struct MergeForwardedValues
    : public OpInterfaceRewritePattern<RegionBranchOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(RegionBranchOpInterface op,
                                PatternRewriter &rewriter) const override {
    if (!isa<scf::SCFDialect>(op->getDialect()))
      return rewriter.notifyMatchFailure(op, "not an op of scf");
    RegionBranchInverseSuccessorMapping sources;
    op.getSuccessorInputOperandMapping(sources);
    bool changed = merge(op->getResults(), sources, rewriter);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        changed |= merge(block.getArguments(), sources, rewriter);
    return success(changed);
  }

private:
  /// Who hands a value on, and what.
  using Sources = SmallVector<std::pair<Operation *, void *>>;

  static bool merge(ValueRange values,
                    const RegionBranchInverseSuccessorMapping &sources,
                    PatternRewriter &rewriter) {
    bool changed = false;
    std::map<Sources, Value> merged;
    for (Value value : values) {
      auto it = sources.find(value);
      if (it == sources.end())
        continue;
      Sources key;
      for (OpOperand *operand : it->second)
        key.push_back(
            {operand->getOwner(), operand->get().getAsOpaquePointer()});
      llvm::sort(key);
      auto [first, isNew] = merged.try_emplace(key, value);
      if (isNew || value.use_empty() ||
          value.getType() != first->second.getType())
        continue;
      rewriter.replaceAllUsesWith(value, first->second);
      changed = true;
    }
    return changed;
  }
};

struct CanonicalizeBodies
    : public graphopt::impl::CanonicalizeBodiesBase<CanonicalizeBodies> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    for (Dialect *dialect : context->getLoadedDialects())
      dialect->getCanonicalizationPatterns(set);
    for (RegisteredOperationName op : context->getRegisteredOperations())
      op.getCanonicalizationPatterns(set, context);
    set.add<MergeForwardedValues>(context);
    patterns = FrozenRewritePatternSet(
        std::move(set),
        {"(anonymous namespace)::RemoveDuplicateSuccessorInputUses"});
    return success();
  }

  void runOnOperation() override {
    SmallVector<Region *> bodies;
    collectBodies(getOperation().getBody(), /*depth=*/0, bodies);
    GreedyRewriteConfig config;
    config.setUseTopDownTraversal();
    // It looks at all ops once more each time, for the sake of blocks.
    if (!hasBranches(getOperation()))
      config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
    // What does not converge is right all the same, as in upstream's pass.
    bool changed = false;
    for (Region *body : bodies) {
      bool changedBody = false;
      (void)applyPatternsGreedily(*body, patterns, config, &changedBody);
      changed |= changedBody;
    }
    if (!changed)
      markAllAnalysesPreserved();
  }

  FrozenRewritePatternSet patterns;
};
} // namespace
