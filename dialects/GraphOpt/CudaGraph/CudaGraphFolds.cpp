//===- CudaGraphFolds.cpp - Canonicalization of graphs --------------------===//
//
// Implements the canonicalization patterns of the cudagraph dialect. All of
// them keep what the edges order: an edge or a node goes only where other
// edges say the same.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace mlir::cudagraph;

/// How many nodes the search for an implied edge visits per node at most; it
/// keeps long graphs linear, at the price of keeping an edge too many.
static constexpr size_t kMaxVisited = 256;

/// Replaces the edges of `node`.
static void setAfter(PatternRewriter &rewriter, NodeOpInterface node,
                     ArrayRef<Value> after) {
  rewriter.modifyOpInPlace(node, [&] { node.getAfterMutable().assign(after); });
}

/// Those of `after` that are reached from others of `after`.
static DenseSet<Value> findImplied(ArrayRef<Value> after) {
  DenseSet<Value> listed(after.begin(), after.end()), implied, visited;
  SmallVector<Value> worklist(after);
  Operation *earliest = nullptr;
  for (Value value : after)
    if (Operation *op = value.getDefiningOp())
      if (!earliest || op->isBeforeInBlock(earliest))
        earliest = op;
  while (!worklist.empty() && visited.size() < kMaxVisited) {
    auto node = worklist.pop_back_val().getDefiningOp<NodeOpInterface>();
    if (!node)
      continue;
    for (Value previous : node.getAfter()) {
      Operation *op = previous.getDefiningOp();
      if (!op || op->isBeforeInBlock(earliest) ||
          !visited.insert(previous).second)
        continue;
      if (listed.contains(previous))
        implied.insert(previous);
      worklist.push_back(previous);
    }
  }
  return implied;
}

/// Appends the nodes of `list` with `node` replaced by what it comes after.
static SmallVector<Value> spliceAfter(ValueRange list, NodeOpInterface node) {
  SmallVector<Value> after;
  for (Value value : list) {
    if (value == node.getNode())
      llvm::append_range(after, node.getAfter());
    else
      after.push_back(value);
  }
  return after;
}

/// Removes `node`; its successors come after its predecessors instead.
static void bypass(PatternRewriter &rewriter, NodeOpInterface node) {
  for (Operation *user :
       llvm::make_early_inc_range(node.getNode().getUsers())) {
    auto successor = cast<NodeOpInterface>(user);
    // A node that lists this one twice is met twice.
    if (llvm::is_contained(successor.getAfter(), node.getNode()))
      setAfter(rewriter, successor, spliceAfter(successor.getAfter(), node));
  }
  rewriter.eraseOp(node);
}

/// Whether all bodies of `op` lack nodes.
static bool hasNoNodes(RegionRange regions) {
  return llvm::all_of(regions, [](Region *region) {
    return region->getOps<NodeOpInterface>().empty();
  });
}

namespace {
// Pattern: node after(%a, %a, %b) -> node after(%b), if %b comes after %a
struct DropImpliedEdges : OpInterfaceRewritePattern<NodeOpInterface> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(NodeOpInterface node,
                                PatternRewriter &rewriter) const override {
    if (node.getAfter().size() < 2)
      return rewriter.notifyMatchFailure(node, "has less than two edges");
    SetVector<Value> after(node.getAfter().begin(), node.getAfter().end());
    DenseSet<Value> implied = findImplied(after.getArrayRef());
    after.remove_if([&](Value value) { return implied.contains(value); });
    if (after.size() == node.getAfter().size())
      return rewriter.notifyMatchFailure(node, "every edge is needed");
    setAfter(rewriter, node, after.getArrayRef());
    return success();
  }
};

// Pattern: %e = empty after(%a), node after(%e) -> node after(%a)
// With many predecessors only where it makes no edge more than there were.
struct BypassEmpty : OpRewritePattern<EmptyOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(EmptyOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getAfter().size() > 1 && !op.getNode().use_empty() &&
        !op.getNode().hasOneUse())
      return rewriter.notifyMatchFailure(op, "joins edges for many nodes");
    bypass(rewriter, op);
    return success();
  }
};

// Pattern: memcpy of nothing, memcpy %a to %a -> empty
struct DropMemcpy : OpRewritePattern<MemcpyOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MemcpyOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getSource() != op.getDestination() &&
        cast<MemRefType>(op.getSource().getType()).getNumElements())
      return rewriter.notifyMatchFailure(op, "copies something");
    rewriter.replaceOpWithNewOp<EmptyOp>(op, op.getNode().getType(),
                                         op.getAfter());
    return success();
  }
};

// Pattern: memset of nothing -> empty
struct DropMemset : OpRewritePattern<MemsetOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MemsetOp op,
                                PatternRewriter &rewriter) const override {
    if (cast<MemRefType>(op.getDestination().getType()).getNumElements())
      return rewriter.notifyMatchFailure(op, "fills something");
    rewriter.replaceOpWithNewOp<EmptyOp>(op, op.getNode().getType(),
                                         op.getAfter());
    return success();
  }
};

// Pattern: if %c {} else {} -> empty; if %c {..} else {} -> if %c {..}
struct DropIf : OpRewritePattern<IfOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(IfOp op,
                                PatternRewriter &rewriter) const override {
    if (hasNoNodes(op->getRegions())) {
      rewriter.replaceOpWithNewOp<EmptyOp>(op, op.getNode().getType(),
                                           op.getAfter());
      return success();
    }
    if (op.getElseRegion().empty() || !hasNoNodes(&op.getElseRegion()))
      return rewriter.notifyMatchFailure(op, "both bodies do something");
    rewriter.modifyOpInPlace(
        op, [&] { rewriter.eraseBlock(&op.getElseRegion().front()); });
    return success();
  }
};

// Pattern: switch %s cases {}, {} -> empty
struct DropSwitch : OpRewritePattern<SwitchOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(SwitchOp op,
                                PatternRewriter &rewriter) const override {
    if (!hasNoNodes(op->getRegions()))
      return rewriter.notifyMatchFailure(op, "a case does something");
    rewriter.replaceOpWithNewOp<EmptyOp>(op, op.getNode().getType(),
                                         op.getAfter());
    return success();
  }
};

// Pattern: readback %a, %a -> readback %a
struct MergeReadbackSources : OpRewritePattern<ReadbackOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReadbackOp op,
                                PatternRewriter &rewriter) const override {
    SetVector<Value> sources(op.getSources().begin(), op.getSources().end());
    if (sources.size() == op.getSources().size())
      return rewriter.notifyMatchFailure(op, "every source is another");
    auto merged =
        ReadbackOp::create(rewriter, op.getLoc(), sources.getArrayRef());
    DenseMap<Value, Value> values;
    for (auto [source, value] :
         llvm::zip_equal(merged.getSources(), merged.getValues()))
      values[source] = value;
    rewriter.replaceOp(op, llvm::map_to_vector(op.getSources(), [&](Value v) {
                         return values.lookup(v);
                       }));
    return success();
  }
};

// Pattern: fetch %a, %a -> fetch %a; fetch of unused values -> nothing
struct DropFetchedValues : OpRewritePattern<FetchOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(FetchOp op,
                                PatternRewriter &rewriter) const override {
    AwaitOp await = op.getAwait();
    SetVector<Value> sources;
    for (auto [source, value] :
         llvm::zip_equal(op.getSources(), await.getValues()))
      if (!value.use_empty())
        sources.insert(source);
    if (sources.size() == op.getSources().size())
      return rewriter.notifyMatchFailure(op, "every value is needed");
    if (sources.empty()) {
      rewriter.eraseOp(await);
      rewriter.eraseOp(op);
      return success();
    }
    auto fetch = FetchOp::create(rewriter, op.getLoc(), sources.getArrayRef());
    rewriter.setInsertionPoint(await);
    auto values = AwaitOp::create(rewriter, await.getLoc(),
                                  fetch.getPending().getType().getValues(),
                                  fetch.getPending());
    for (auto [source, value] :
         llvm::zip_equal(op.getSources(), await.getValues()))
      if (!value.use_empty())
        rewriter.replaceAllUsesWith(
            value,
            values.getResult(llvm::find(sources, source) - sources.begin()));
    rewriter.eraseOp(await);
    rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

void CudaGraphDialect::getCanonicalizationPatterns(
    RewritePatternSet &results) const {
  results.add<DropImpliedEdges>(results.getContext());
}

void EmptyOp::getCanonicalizationPatterns(RewritePatternSet &results,
                                          MLIRContext *context) {
  results.add<BypassEmpty>(context);
}

void MemcpyOp::getCanonicalizationPatterns(RewritePatternSet &results,
                                           MLIRContext *context) {
  results.add<DropMemcpy>(context);
}

void MemsetOp::getCanonicalizationPatterns(RewritePatternSet &results,
                                           MLIRContext *context) {
  results.add<DropMemset>(context);
}

void IfOp::getCanonicalizationPatterns(RewritePatternSet &results,
                                       MLIRContext *context) {
  results.add<DropIf>(context);
}

void SwitchOp::getCanonicalizationPatterns(RewritePatternSet &results,
                                           MLIRContext *context) {
  results.add<DropSwitch>(context);
}

void ReadbackOp::getCanonicalizationPatterns(RewritePatternSet &results,
                                             MLIRContext *context) {
  results.add<MergeReadbackSources>(context);
}

void FetchOp::getCanonicalizationPatterns(RewritePatternSet &results,
                                          MLIRContext *context) {
  results.add<DropFetchedValues>(context);
}
