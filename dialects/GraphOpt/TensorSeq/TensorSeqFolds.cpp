//===- TensorSeqFolds.cpp - Folds and canonicalizations of tseq -----------===//
//
// List ops cancel each other; work ops lose operands and results that nobody
// uses; control on a constant goes away.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/BitVector.h"

using namespace mlir;
using namespace mlir::tseq;

//===----------------------------------------------------------------------===//
// Lists
//===----------------------------------------------------------------------===//

/// The sequence whose tensors `tensors` lists completely and in order, if any.
static Value findWholeSequence(ValueRange tensors) {
  Value sequence;
  for (auto [i, tensor] : llvm::enumerate(tensors)) {
    Value source;
    if (auto get = tensor.getDefiningOp<GetOp>()) {
      if (get.getIndex() == i)
        source = get.getSequence();
    } else if (auto unpack = tensor.getDefiningOp<UnpackOp>()) {
      if (cast<OpResult>(tensor).getResultNumber() == i)
        source = unpack.getSequence();
    }
    if (!source || (sequence && source != sequence))
      return {};
    sequence = source;
  }
  if (sequence && cast<SeqType>(sequence.getType()).size() == tensors.size())
    return sequence;
  return {};
}

OpFoldResult PackOp::fold(FoldAdaptor) {
  Value whole = findWholeSequence(getTensors());
  return whole && whole.getType() == getType() ? whole : Value();
}

OpFoldResult GetOp::fold(FoldAdaptor) {
  if (auto pack = getSequence().getDefiningOp<PackOp>())
    return pack.getTensors()[getIndex()];
  return {};
}

namespace {
/// Pattern: unpack(pack(a, b)) -> a, b
struct UnpackOfPack : OpRewritePattern<UnpackOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(UnpackOp op,
                                PatternRewriter &rewriter) const override {
    auto pack = op.getSequence().getDefiningOp<PackOp>();
    if (!pack)
      return rewriter.notifyMatchFailure(op, "not an unpack of a pack");
    rewriter.replaceOp(op, pack.getTensors());
    return success();
  }
};
} // namespace

void UnpackOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<UnpackOfPack>(context);
}

//===----------------------------------------------------------------------===//
// Unused and repeated operands
//===----------------------------------------------------------------------===//

/// Replaces uses of the arguments of `body` whose operand of `operands`
/// repeats an earlier one, then erases the operands (and arguments, from
/// `firstArgument` on) that nothing uses; keeps at least `keep` operands.
static bool dropOperands(PatternRewriter &rewriter, Block *body,
                         MutableOperandRange operands, unsigned firstArgument,
                         unsigned keep = 0) {
  bool changed = false;
  DenseMap<std::pair<Value, Type>, BlockArgument> seen;
  for (unsigned i = 0, e = operands.size(); i < e; ++i) {
    BlockArgument argument = body->getArgument(firstArgument + i);
    auto [it, inserted] =
        seen.try_emplace({operands[i].get(), argument.getType()}, argument);
    if (inserted || argument.use_empty())
      continue;
    rewriter.replaceAllUsesWith(argument, it->second);
    changed = true;
  }
  SmallVector<unsigned> unused;
  for (unsigned i = operands.size(); i-- > 0;)
    if (body->getArgument(firstArgument + i).use_empty() &&
        operands.size() - unused.size() > keep)
      unused.push_back(i);
  if (unused.empty())
    return changed;
  llvm::BitVector dead(body->getNumArguments());
  SmallVector<Value> kept;
  llvm::SmallDenseSet<unsigned> gone(unused.begin(), unused.end());
  for (unsigned i = 0, e = operands.size(); i < e; ++i) {
    if (gone.contains(i))
      dead.set(firstArgument + i);
    else
      kept.push_back(operands[i].get());
  }
  operands.assign(kept);
  body->eraseArguments(dead);
  return true;
}

/// Runs `modify`, which says whether it changed `op`.
static LogicalResult tryModify(PatternRewriter &rewriter, Operation *op,
                               function_ref<bool()> modify) {
  rewriter.startOpModification(op);
  if (modify()) {
    rewriter.finalizeOpModification(op);
    return success();
  }
  rewriter.cancelOpModification(op);
  return rewriter.notifyMatchFailure(op, "every operand is used once");
}

namespace {
/// Pattern: map(a, a, unused) -> map(a), for inputs and scalars
struct DropMapOperands : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MapOp op,
                                PatternRewriter &rewriter) const override {
    // A map without results nor outs has its domain from its first input.
    unsigned keep = op.getResults().empty() && op.getOuts().empty() ? 1 : 0;
    return tryModify(rewriter, op, [&] {
      bool changed =
          dropOperands(rewriter, op.getBodyBlock(), op.getScalarsMutable(),
                       op.getInputs().size());
      return dropOperands(rewriter, op.getBodyBlock(), op.getInputsMutable(), 0,
                          keep) ||
             changed;
    });
  }
};

/// Pattern: reduce(a, a, unused) -> reduce(a), for inputs and scalars
struct DropReduceOperands : OpRewritePattern<ReduceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(ReduceOp op,
                                PatternRewriter &rewriter) const override {
    return tryModify(rewriter, op, [&] {
      bool changed =
          dropOperands(rewriter, op.getBodyBlock(), op.getScalarsMutable(),
                       op.getInputs().size());
      return dropOperands(rewriter, op.getBodyBlock(), op.getInputsMutable(), 0,
                          /*keep=*/1) ||
             changed;
    });
  }
};

/// Pattern: scalar(a, a, unused) -> scalar(a); the same for graph
template <typename OpTy>
struct DropInputs : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    return tryModify(rewriter, op, [&] {
      return dropOperands(rewriter, op.getBodyBlock(), op.getInputsMutable(),
                          0);
    });
  }
};

//===----------------------------------------------------------------------===//
// Unused results
//===----------------------------------------------------------------------===//

/// Rebuilds `op` without the results in `dead`, whose regions yield one value
/// per result. Operands are those of `op` less `droppedOperands`.
static Operation *rebuildWithout(PatternRewriter &rewriter, Operation *op,
                                 const llvm::BitVector &dead) {
  for (Region &region : op->getRegions())
    for (Block &block : region)
      rewriter.modifyOpInPlace(block.getTerminator(), [&] {
        block.getTerminator()->eraseOperands(dead);
      });
  OperationState state(op->getLoc(), op->getName());
  state.addOperands(op->getOperands());
  state.addAttributes(op->getAttrs());
  for (OpResult result : op->getResults())
    if (!dead.test(result.getResultNumber()))
      state.addTypes(result.getType());
  for (Region &region : op->getRegions())
    state.addRegion()->takeBody(region);
  Operation *rebuilt = rewriter.create(state);
  SmallVector<Value> replacements;
  unsigned next = 0;
  for (OpResult result : op->getResults())
    replacements.push_back(dead.test(result.getResultNumber())
                               ? Value()
                               : Value(rebuilt->getResult(next++)));
  for (auto [result, value] : llvm::zip(op->getResults(), replacements))
    if (value)
      rewriter.replaceAllUsesWith(result, value);
  rewriter.eraseOp(op);
  return rebuilt;
}

static llvm::BitVector findUnusedResults(Operation *op) {
  llvm::BitVector dead(op->getNumResults());
  for (OpResult result : op->getResults())
    if (result.use_empty())
      dead.set(result.getResultNumber());
  return dead;
}

/// Pattern: %used, %unused = op {...} -> %used = op {...}
/// An op none of whose results is used is left to dead code elimination.
template <typename OpTy>
struct DropResults : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    llvm::BitVector dead = findUnusedResults(op);
    if (dead.none() || dead.all())
      return rewriter.notifyMatchFailure(op, "every result is used, or none");
    if constexpr (std::is_same_v<OpTy, MapOp>) {
      if (op.getPredicate())
        rewriter.modifyOpInPlace(op, [&] {
          SmallVector<Value> kept;
          for (auto [i, value] : llvm::enumerate(op.getOtherwise()))
            if (!dead.test(i))
              kept.push_back(value);
          op.getOtherwiseMutable().assign(kept);
        });
    }
    if constexpr (std::is_same_v<OpTy, ReduceOp>) {
      SmallVector<Attribute> kept;
      for (auto [i, combiner] : llvm::enumerate(op.getCombiners()))
        if (!dead.test(i))
          kept.push_back(combiner);
      rewriter.modifyOpInPlace(
          op, [&] { op.setCombinersAttr(rewriter.getArrayAttr(kept)); });
    }
    rebuildWithout(rewriter, op, dead);
    return success();
  }
};

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

/// The value of a condition that is a constant tensor.
static std::optional<bool> getConstant(Value condition) {
  DenseElementsAttr attr;
  if (!matchPattern(condition, m_Constant(&attr)) || attr.getNumElements() != 1)
    return std::nullopt;
  return attr.getValues<bool>()[0];
}

/// Pattern: if(true) {a} else {b} -> a
struct IfOfConstant : OpRewritePattern<IfOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(IfOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<bool> constant = getConstant(op.getCondition());
    if (!constant)
      return rewriter.notifyMatchFailure(op, "condition is not a constant");
    Region &taken = *constant ? op.getThenRegion() : op.getElseRegion();
    if (taken.empty()) {
      rewriter.eraseOp(op);
      return success();
    }
    Operation *yield = taken.front().getTerminator();
    SmallVector<Value> values(yield->getOperands());
    rewriter.eraseOp(yield);
    rewriter.inlineBlockBefore(&taken.front(), op);
    rewriter.replaceOp(op, values);
    return success();
  }
};

/// Pattern: map when(true) -> map; map when(false) else(a) -> a
struct MapOfConstantPredicate : OpRewritePattern<MapOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MapOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<bool> constant =
        op.getPredicate() ? getConstant(op.getPredicate()) : std::nullopt;
    if (!constant)
      return rewriter.notifyMatchFailure(op, "predicate is not a constant");
    if (!*constant) {
      // Without results the op writes memory, and now does not.
      rewriter.replaceOp(op, op.getOtherwise());
      return success();
    }
    rewriter.modifyOpInPlace(op, [&] {
      op.getPredicateMutable().clear();
      op.getOtherwiseMutable().clear();
    });
    return success();
  }
};

/// Pattern: while(false) iter(a) -> a
struct WhileOfFalse : OpRewritePattern<WhileOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(WhileOp op,
                                PatternRewriter &rewriter) const override {
    if (getConstant(op.getCondition()) != false)
      return rewriter.notifyMatchFailure(op, "condition is not constant false");
    rewriter.replaceOp(op, op.getInits());
    return success();
  }
};
} // namespace

void MapOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                        MLIRContext *context) {
  patterns.add<DropMapOperands, DropResults<MapOp>, MapOfConstantPredicate>(
      context);
}

void ReduceOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<DropReduceOperands, DropResults<ReduceOp>>(context);
}

void ScalarOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<DropInputs<ScalarOp>, DropResults<ScalarOp>>(context);
}

void KernelOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                           MLIRContext *context) {
  patterns.add<DropResults<KernelOp>>(context);
}

void GraphOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<DropInputs<GraphOp>, DropResults<GraphOp>>(context);
}

void IfOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                       MLIRContext *context) {
  patterns.add<IfOfConstant, DropResults<IfOp>>(context);
}

void WhileOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                          MLIRContext *context) {
  patterns.add<WhileOfFalse>(context);
}

OpFoldResult ItemOp::fold(FoldAdaptor adaptor) {
  if (auto elements =
          dyn_cast_if_present<DenseElementsAttr>(adaptor.getTensor()))
    return elements.getValues<Attribute>()[0];
  if (auto upload = getTensor().getDefiningOp<tensor::FromElementsOp>())
    return upload.getElements().front();
  return {};
}
