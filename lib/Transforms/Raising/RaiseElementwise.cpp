//===- RaiseElementwise.cpp - Elementwise structured ops ------------------===//
//
// Raises linalg ops whose loops are all parallel to tseq.map or tseq.scalar.
//
//===----------------------------------------------------------------------===//

#include "Raising.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;
using linalg::LinalgOp;

bool graphopt::isListElement(Value tensor) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!type || type.getRank() == 0 || !hasOneElement(type))
    return false;
  while (auto slice = tensor.getDefiningOp<tensor::ExtractSliceOp>())
    tensor = slice.getSource();
  Operation *def = tensor.getDefiningOp();
  if (auto get = dyn_cast_or_null<GetOp>(def)) {
    // A fill says nothing about what it is used for.
    auto map = get.getSequence().getDefiningOp<MapOp>();
    return map && !map.getInputs().empty();
  }
  return !def || isa<bufferization::ToTensorOp>(def);
}

/// Whether `op`, on one element, works on a member of a list rather than on a
/// device scalar.
static bool isListWork(LinalgOp op) {
  if (isa<linalg::FillOp>(op))
    return cast<ShapedType>(op->getResult(0).getType()).getRank() > 0;
  return llvm::any_of(op.getDpsInputOperands(), [](OpOperand *input) {
    return isListElement(input->get());
  });
}

/// Yields what the terminator of `body` did, through `mapping`.
static void buildYield(OpBuilder &builder, Region &region, Block *body,
                       IRMapping &mapping) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&region.front());
  SmallVector<Value> values;
  for (Value value : body->getTerminator()->getOperands())
    values.push_back(mapping.lookup(value));
  YieldOp::create(builder, body->getTerminator()->getLoc(), values);
}

namespace {
/// Pattern: linalg (all loops parallel, operands indexed alike) -> map;
/// on one element -> scalar
struct RaiseElementwise : OpInterfaceRewritePattern<LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (getRaisingRefusal(op) || op.getNumParallelLoops() != op.getNumLoops() ||
        op->getNumResults() == 0)
      return rewriter.notifyMatchFailure(op, "not elementwise work");
    AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    bool oneElement = hasOneElement(op->getResult(0).getType());
    for (OpOperand &init : op.getDpsInitsMutable())
      if (op.getMatchingIndexingMap(&init) != map ||
          hasOneElement(init.get().getType()) != oneElement)
        return rewriter.notifyMatchFailure(op, "results are indexed apart");
    if (!map.isPermutation() && !oneElement)
      return rewriter.notifyMatchFailure(op, "result is not indexed by all "
                                             "loops");
    for (OpOperand *input : op.getDpsInputOperands())
      if (isa<ShapedType>(input->get().getType()) &&
          op.getMatchingIndexingMap(input) != map &&
          !hasOneElement(input->get().getType()))
        return rewriter.notifyMatchFailure(op, "an input is broadcast or "
                                               "transposed");

    // One element of a caller's list is work like that on the others; a single
    // value that was computed is a device scalar.
    if (oneElement && isListWork(op))
      oneElement = false;
    BodyBuilder body(rewriter, op.getLoc());
    for (OpOperand &operand : op->getOpOperands()) {
      if (!op.payloadUsesValueFromOperand(&operand))
        continue;
      BlockArgument argument = op.getMatchingBlockArgument(&operand);
      Type type = operand.get().getType();
      if (oneElement || !isa<ShapedType>(type) ||
          op.getMatchingIndexingMap(&operand) != map ||
          cast<ShapedType>(type).getShape() !=
              cast<ShapedType>(op->getResult(0).getType()).getShape())
        body.addScalar(argument, operand.get());
      else
        body.addInput(argument, operand.get());
    }
    body.addCaptures(op.getBlock());

    IRMapping mapping;
    SmallVector<Value> results;
    if (oneElement) {
      SmallVector<Type> types;
      for (Type type : op->getResultTypes())
        types.push_back(RankedTensorType::get(
            {}, cast<RankedTensorType>(type).getElementType()));
      auto scalar = ScalarOp::create(rewriter, op.getLoc(), types, body.scalars,
                                     ValueRange());
      body.build(scalar.getBody(), op.getBlock(), mapping);
      buildYield(rewriter, scalar.getBody(), op.getBlock(), mapping);
      for (auto [value, type] :
           llvm::zip(scalar.getResults(), op->getResultTypes()))
        results.push_back(body.fromDeviceScalar(value, type));
    } else {
      SmallVector<Type> types;
      for (Type type : op->getResultTypes())
        types.push_back(getSeqOfOne(type));
      auto raised = MapOp::create(rewriter, op.getLoc(), types, IntegerAttr(),
                                  body.packInputs(), body.scalars, Value(),
                                  ValueRange(), ValueRange());
      body.build(raised.getBody(), op.getBlock(), mapping);
      buildYield(rewriter, raised.getBody(), op.getBlock(), mapping);
      for (Value value : raised.getResults())
        results.push_back(GetOp::create(rewriter, op.getLoc(), value, 0));
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};
} // namespace

void graphopt::populateRaiseElementwisePatterns(RewritePatternSet &patterns) {
  patterns.add<RaiseElementwise>(patterns.getContext());
}
