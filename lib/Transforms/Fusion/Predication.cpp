//===- Predication.cpp - Branches around maps become predicates -----------===//
//
// Replaces a tseq.if that only chooses between new and old tensors by maps that
// write nothing where the condition is false.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::tseq;

/// Whether every op of the branch can run, or be predicated, outside of it.
static bool isPredicable(IfOp op) {
  for (Operation &inner : op.getThenRegion().front().without_terminator()) {
    if (auto map = dyn_cast<MapOp>(inner)) {
      if (map.getPredicate())
        return false;
      continue;
    }
    if (isa<PackOp, GetOp, UnpackOp>(inner))
      continue;
    if (!isa<ScalarOp>(inner) || !isSpeculatable(&inner))
      return false;
  }
  return op.getNumResults() > 0;
}

/// Whether `value` is a device scalar: choosing it costs next to nothing.
static bool isDeviceScalar(Value value) {
  auto type = dyn_cast<ShapedType>(value.getType());
  return type && type.getRank() == 0;
}

/// Pattern: if c { a } else { b } -> scalar { select c, a, b }
static Value selectScalar(PatternRewriter &rewriter, IfOp op, Value a,
                          Value b) {
  Location loc = op.getLoc();
  auto scalar =
      ScalarOp::create(rewriter, loc, a.getType(),
                       ValueRange{op.getCondition(), a, b}, ValueRange());
  OpBuilder::InsertionGuard guard(rewriter);
  Type element = cast<ShapedType>(a.getType()).getElementType();
  SmallVector<Location> locs(3, loc);
  Block *body = rewriter.createBlock(
      &scalar.getBody(), {}, {rewriter.getI1Type(), element, element}, locs);
  Value chosen =
      arith::SelectOp::create(rewriter, loc, body->getArgument(0),
                              body->getArgument(1), body->getArgument(2));
  YieldOp::create(rewriter, loc, chosen);
  return scalar.getResults().front();
}

/// What a predicated map leaves where the predicate is false, per result and
/// tensor: the value that the else region yields in place of it.
static LogicalResult
findOtherwise(IfOp op, MapOp map,
              SmallVectorImpl<SmallVector<Value>> &otherwise) {
  otherwise.resize(map.getNumResults());
  for (auto [i, result] : llvm::enumerate(map.getResults()))
    otherwise[i].resize(cast<SeqType>(result.getType()).size());
  Operation *thenYield = op.getThenRegion().front().getTerminator();
  Operation *elseYield = op.getElseRegion().front().getTerminator();
  for (auto [i, value] : llvm::enumerate(thenYield->getOperands())) {
    auto get = value.getDefiningOp<GetOp>();
    if (!get || get.getSequence().getDefiningOp() != map)
      continue;
    unsigned number = cast<OpResult>(get.getSequence()).getResultNumber();
    otherwise[number][get.getIndex()] = elseYield->getOperand(i);
  }
  for (ArrayRef<Value> values : otherwise)
    if (llvm::is_contained(values, Value()))
      return failure();
  // The values must be the map's alone: a later map in the branch that reads
  // them would read the old ones.
  for (Value result : map.getResults())
    for (Operation *user : result.getUsers())
      if (!isa<GetOp>(user) ||
          !llvm::all_of(user->getUsers(), llvm::IsaPred<YieldOp>))
        return failure();
  return success();
}

namespace {
/// Pattern: if c { map(a) } else { b } -> map(a) when c else b
struct PredicateMaps : OpRewritePattern<IfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(IfOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getElseRegion().empty() ||
        !op.getElseRegion().front().without_terminator().empty())
      return rewriter.notifyMatchFailure(op, "else region does work");
    if (!isPredicable(op))
      return rewriter.notifyMatchFailure(op, "branch holds more than maps and "
                                             "scalars");
    Block &body = op.getThenRegion().front();
    Operation *thenYield = body.getTerminator();
    Operation *elseYield = op.getElseRegion().front().getTerminator();
    for (auto [a, b] :
         llvm::zip(thenYield->getOperands(), elseYield->getOperands())) {
      auto get = a.getDefiningOp<GetOp>();
      bool isMapped = get && get->getBlock() == &body &&
                      get.getSequence().getDefiningOp<MapOp>();
      if (a != b && !isMapped && !isDeviceScalar(a))
        return rewriter.notifyMatchFailure(op, "a result is not a map's");
    }
    SmallVector<std::pair<MapOp, SmallVector<SmallVector<Value>>>> maps;
    for (MapOp map : body.getOps<MapOp>()) {
      SmallVector<SmallVector<Value>> otherwise;
      if (failed(findOtherwise(op, map, otherwise)))
        return rewriter.notifyMatchFailure(map, "not every result is chosen");
      maps.push_back({map, otherwise});
    }

    SmallVector<Value> results(thenYield->getOperands());
    SmallVector<Value> others(elseYield->getOperands());
    rewriter.eraseOp(thenYield);
    rewriter.inlineBlockBefore(&body, op);
    rewriter.setInsertionPoint(op);
    for (auto [result, other] : llvm::zip(results, others))
      if (result != other && isDeviceScalar(result))
        result = selectScalar(rewriter, op, result, other);
    for (auto &entry : maps) {
      MapOp map = entry.first;
      rewriter.setInsertionPoint(map);
      SmallVector<Value> packed;
      for (ArrayRef<Value> values : entry.second)
        packed.push_back(PackOp::create(rewriter, map.getLoc(), values));
      rewriter.modifyOpInPlace(map, [&] {
        map.getPredicateMutable().assign(op.getCondition());
        map.getOtherwiseMutable().assign(packed);
      });
      graphopt::remarkDone(map, "branch-predicated")
          << "the branch became a predicate of the map in it";
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};
} // namespace

void graphopt::populatePredicationPatterns(RewritePatternSet &patterns) {
  patterns.add<PredicateMaps>(patterns.getContext());
}
