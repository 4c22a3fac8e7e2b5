//===- RaiseReduction.cpp - Full reductions -------------------------------===//
//
// Raises linalg ops whose loops are all reductions to tseq.reduce.
//
//===----------------------------------------------------------------------===//

#include "Raising.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;
using linalg::LinalgOp;

namespace {
/// One result of a full reduction.
struct Accumulation {
  Operation *op; ///< Joins the accumulator and `value`.
  Combiner combiner;
  Value value; ///< What is joined.
};

/// The accumulation into the result whose accumulator is `accumulator`.
static std::optional<Accumulation> matchAccumulation(BlockArgument accumulator,
                                                     Value yielded) {
  Operation *op = yielded.getDefiningOp();
  if (!op || op->getNumOperands() != 2 || !accumulator.hasOneUse() ||
      *accumulator.user_begin() != op || !yielded.hasOneUse() ||
      op->getBlock() != accumulator.getOwner())
    return std::nullopt;
  std::optional<Combiner> combiner = matchCombiner(op);
  if (!combiner)
    return std::nullopt;
  Value value = op->getOperand(op->getOperand(0) == accumulator ? 1 : 0);
  return Accumulation{op, *combiner, value};
}

/// Pattern: linalg (all loops reductions) -> reduce
struct RaiseReduction : OpInterfaceRewritePattern<LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (getRaisingRefusal(op) || op.getNumLoops() == 0 ||
        op.getNumReductionLoops() != op.getNumLoops())
      return rewriter.notifyMatchFailure(op, "not a full reduction");
    AffineMap map;
    for (OpOperand *input : op.getDpsInputOperands()) {
      if (!isa<ShapedType>(input->get().getType()))
        continue;
      AffineMap inputMap = op.getMatchingIndexingMap(input);
      if (!inputMap.isPermutation()) {
        if (hasOneElement(input->get().getType()))
          continue;
        return rewriter.notifyMatchFailure(op, "an input is broadcast");
      }
      if (map && map != inputMap)
        return rewriter.notifyMatchFailure(op, "inputs are indexed apart");
      map = inputMap;
    }
    if (!map)
      return rewriter.notifyMatchFailure(op, "no input spans the loops");

    Block *block = op.getBlock();
    SmallVector<Accumulation> sums;
    for (auto [i, init] : llvm::enumerate(op.getDpsInitsMutable())) {
      std::optional<Accumulation> sum =
          matchAccumulation(op.getMatchingBlockArgument(&init),
                            block->getTerminator()->getOperand(i));
      if (!sum || !hasOneElement(init.get().getType()))
        return rewriter.notifyMatchFailure(op, "not an associative reduction");
      sums.push_back(*sum);
    }

    BodyBuilder body(rewriter, op.getLoc());
    for (OpOperand *input : op.getDpsInputOperands()) {
      BlockArgument argument = op.getMatchingBlockArgument(input);
      if (isa<ShapedType>(input->get().getType()) &&
          op.getMatchingIndexingMap(input) == map)
        body.addInput(argument, input->get(), /*keep=*/true);
      else
        body.addScalar(argument, input->get());
    }
    body.addCaptures(block);

    SmallVector<Type> types;
    SmallVector<Attribute> combiners;
    SmallVector<Operation *> skip;
    for (const Accumulation &sum : sums) {
      types.push_back(RankedTensorType::get({}, getAccumulator(sum)));
      combiners.push_back(CombinerAttr::get(op.getContext(), sum.combiner));
      skip.push_back(sum.op);
    }
    auto reduce = ReduceOp::create(
        rewriter, op.getLoc(), types, rewriter.getArrayAttr(combiners),
        /*per_tensor=*/false, /*chunk_elements=*/nullptr, body.packInputs(),
        body.scalars, ValueRange(), ValueRange());
    IRMapping mapping;
    body.build(reduce.getBody(), block, mapping, skip);
    buildReduceYield(rewriter, reduce, sums, mapping);

    SmallVector<Value> results;
    for (auto [i, sum] : llvm::enumerate(sums)) {
      Value init = op.getDpsInitOperand(i)->get();
      Value joined =
          join(rewriter, body, op.getLoc(), sum, reduce.getResults()[i], init);
      results.push_back(body.fromDeviceScalar(joined, init.getType()));
    }
    rewriter.replaceOp(op, results);
    return success();
  }

private:
  /// The type to accumulate in: sums and products of floats never lose more
  /// than f32 does.
  static Type getAccumulator(const Accumulation &sum) {
    Type type = sum.value.getType();
    bool rounds =
        sum.combiner == Combiner::Add || sum.combiner == Combiner::Mul;
    return rounds && isa<Float16Type, BFloat16Type>(type)
               ? Float32Type::get(type.getContext())
               : type;
  }

  static void buildReduceYield(OpBuilder &builder, ReduceOp reduce,
                               ArrayRef<Accumulation> sums,
                               IRMapping &mapping) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(reduce.getBodyBlock());
    SmallVector<Value> values;
    for (const Accumulation &sum : sums) {
      Value value = mapping.lookup(sum.value);
      Type type = getAccumulator(sum);
      if (value.getType() != type)
        value = arith::ExtFOp::create(builder, reduce.getLoc(), type, value);
      values.push_back(value);
    }
    YieldOp::create(builder, reduce.getLoc(), values);
  }

  /// Joins `reduced` with the initial value and rounds it to its type.
  static Value join(OpBuilder &builder, BodyBuilder &body, Location loc,
                    const Accumulation &sum, Value reduced, Value init) {
    Type narrow = sum.value.getType();
    Type wide = cast<RankedTensorType>(reduced.getType()).getElementType();
    TypedAttr constant = getConstantFill(init);
    bool isIdentity = constant && constant == getIdentity(sum.combiner, narrow);
    if (isIdentity && narrow == wide)
      return reduced;
    SmallVector<Value> inputs = {reduced};
    if (!isIdentity)
      inputs.push_back(body.toDeviceScalar(init));
    auto scalar = ScalarOp::create(
        builder, loc, RankedTensorType::get({}, narrow), inputs, ValueRange());
    OpBuilder::InsertionGuard guard(builder);
    SmallVector<Type> types = {wide, narrow};
    SmallVector<Location> locs(inputs.size(), loc);
    Block *block = builder.createBlock(
        &scalar.getBody(), {}, ArrayRef(types).take_front(inputs.size()), locs);
    Value value = block->getArgument(0);
    if (!isIdentity) {
      Value first = block->getArgument(1);
      if (narrow != wide)
        first = arith::ExtFOp::create(builder, loc, wide, first);
      value = createCombination(builder, loc, sum.combiner, first, value);
    }
    if (narrow != wide)
      value = arith::TruncFOp::create(builder, loc, narrow, value);
    YieldOp::create(builder, loc, value);
    return scalar.getResults().front();
  }
};
} // namespace

void graphopt::populateRaiseReductionPatterns(RewritePatternSet &patterns) {
  patterns.add<RaiseReduction>(patterns.getContext());
}
