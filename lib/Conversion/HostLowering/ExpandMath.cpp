//===- ExpandMath.cpp - Math that no library has --------------------------===//
//
// Writes the math ops that upstream lowers to nothing in terms of others.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace graphopt {
#define GEN_PASS_DEF_EXPANDMATH
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

/// Whether |x| is `predicate` `bound`.
static Value compareMagnitude(OpBuilder &builder, Location loc, Value x,
                              arith::CmpFPredicate predicate,
                              const APFloat &bound) {
  Value limit = arith::ConstantOp::create(
      builder, loc, builder.getFloatAttr(x.getType(), bound));
  Value magnitude = math::AbsFOp::create(builder, loc, x);
  return arith::CmpFOp::create(builder, loc, predicate, magnitude, limit);
}

static const llvm::fltSemantics &semanticsOf(Value x) {
  return cast<FloatType>(x.getType()).getFloatSemantics();
}

namespace {

// Pattern: isfinite x -> |x| < inf (false for NaN); isinf x -> |x| == inf
template <typename OpTy, arith::CmpFPredicate predicate>
struct CompareWithInfinity : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Value x = op.getOperand();
    if (!isa<FloatType>(x.getType()))
      return rewriter.notifyMatchFailure(op, "not a scalar");
    rewriter.replaceOp(op, compareMagnitude(rewriter, op.getLoc(), x, predicate,
                                            APFloat::getInf(semanticsOf(x))));
    return success();
  }
};
using ExpandIsFinite =
    CompareWithInfinity<math::IsFiniteOp, arith::CmpFPredicate::OLT>;
using ExpandIsInf =
    CompareWithInfinity<math::IsInfOp, arith::CmpFPredicate::OEQ>;

// Pattern: isnan x -> x is not x
struct ExpandIsNaN : OpRewritePattern<math::IsNaNOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::IsNaNOp op,
                                PatternRewriter &rewriter) const override {
    if (!isa<FloatType>(op.getOperand().getType()))
      return rewriter.notifyMatchFailure(op, "not a scalar");
    rewriter.replaceOpWithNewOp<arith::CmpFOp>(
        op, arith::CmpFPredicate::UNO, op.getOperand(), op.getOperand());
    return success();
  }
};

// Pattern: isnormal x -> smallest normal <= |x| and |x| < inf
struct ExpandIsNormal : OpRewritePattern<math::IsNormalOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::IsNormalOp op,
                                PatternRewriter &rewriter) const override {
    Value x = op.getOperand();
    if (!isa<FloatType>(x.getType()))
      return rewriter.notifyMatchFailure(op, "not a scalar");
    Location loc = op.getLoc();
    const llvm::fltSemantics &semantics = semanticsOf(x);
    Value isLarge =
        compareMagnitude(rewriter, loc, x, arith::CmpFPredicate::OGE,
                         APFloat::getSmallestNormalized(semantics));
    Value isFinite =
        compareMagnitude(rewriter, loc, x, arith::CmpFPredicate::OLT,
                         APFloat::getInf(semantics));
    rewriter.replaceOpWithNewOp<arith::AndIOp>(op, isLarge, isFinite);
    return success();
  }
};

// Pattern: ipowi x, e -> squares of x for the bits of e. A negative power of
// anything but 1 and -1 is 0 (of 0 it is undefined).
struct ExpandIPowI : OpRewritePattern<math::IPowIOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::IPowIOp op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!isa<IntegerType>(type))
      return rewriter.notifyMatchFailure(op, "not a scalar");
    Location loc = op.getLoc();
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantOp::create(rewriter, loc,
                                       rewriter.getIntegerAttr(type, value));
    };
    Value zero = constant(0), one = constant(1), minusOne = constant(-1);
    auto compare = [&](OpBuilder &b, arith::CmpIPredicate predicate, Value x,
                       Value y) -> Value {
      return arith::CmpIOp::create(b, loc, predicate, x, y);
    };
    // (result, square, bits that are left). As an unsigned number the exponent
    // ends; the results for negative ones are replaced, except for bases 1 and
    // -1, where they are right.
    auto loop = scf::WhileOp::create(
        rewriter, loc, TypeRange{type, type, type},
        ValueRange{one, op.getLhs(), op.getRhs()},
        [&](OpBuilder &b, Location loc, ValueRange values) {
          scf::ConditionOp::create(
              b, loc, compare(b, arith::CmpIPredicate::ne, values[2], zero),
              values);
        },
        [&](OpBuilder &b, Location loc, ValueRange values) {
          Value bit = arith::AndIOp::create(b, loc, values[2], one);
          Value isSet = compare(b, arith::CmpIPredicate::ne, bit, zero);
          Value product = arith::MulIOp::create(b, loc, values[0], values[1]);
          Value result =
              arith::SelectOp::create(b, loc, isSet, product, values[0]);
          Value square = arith::MulIOp::create(b, loc, values[1], values[1]);
          Value rest = arith::ShRUIOp::create(b, loc, values[2], one);
          scf::YieldOp::create(b, loc, ValueRange{result, square, rest});
        });
    Value isNegative =
        compare(rewriter, arith::CmpIPredicate::slt, op.getRhs(), zero);
    Value isNotOne =
        compare(rewriter, arith::CmpIPredicate::ne, op.getLhs(), one);
    Value isNotMinusOne =
        compare(rewriter, arith::CmpIPredicate::ne, op.getLhs(), minusOne);
    Value isFraction =
        arith::AndIOp::create(rewriter, loc, isNotOne, isNotMinusOne);
    isFraction = arith::AndIOp::create(rewriter, loc, isFraction, isNegative);
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, isFraction, zero,
                                                 loop.getResult(0));
    return success();
  }
};

// Pattern: clampf x to [low, high] -> max(min(x, high), low). Upstream's
// expansion takes the minimum with `low` and the maximum with `high`.
struct ExpandClamp : OpRewritePattern<math::ClampFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::ClampFOp op,
                                PatternRewriter &rewriter) const override {
    Value least = arith::MinimumFOp::create(
        rewriter, op.getLoc(), op.getValue(), op.getMax(), op.getFastmath());
    rewriter.replaceOpWithNewOp<arith::MaximumFOp>(op, least, op.getMin(),
                                                   op.getFastmath());
    return success();
  }
};

struct ExpandMath : public graphopt::impl::ExpandMathBase<ExpandMath> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandIsFinite, ExpandIsInf, ExpandIsNaN, ExpandIsNormal,
                 ExpandIPowI, ExpandClamp>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
