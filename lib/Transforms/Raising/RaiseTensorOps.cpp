//===- RaiseTensorOps.cpp - Elementwise ops of arith and math -------------===//
//
// Raises ops of arith and math on tensors to tseq.map or tseq.scalar.
//
//===----------------------------------------------------------------------===//

#include "Raising.h"

#include "GraphOpt/Analysis/ElementTypes.h"
#include "GraphOpt/Analysis/Requests.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Whether `op` does the same with all elements of tensors.
static bool isElementwise(Operation *op) {
  return op->getNumResults() > 0 && op->getNumRegions() == 0 &&
         OpTrait::hasElementwiseMappableTraits(op) &&
         llvm::any_of(op->getOperandTypes(), llvm::IsaPred<RankedTensorType>);
}

/// Whether kernels can do what `op`, which is elementwise, does.
static bool isSupportedWork(Operation *op) {
  if (!isa_and_nonnull<arith::ArithDialect, math::MathDialect>(
          op->getDialect()))
    return false;
  return llvm::all_of(op->getResultTypes(), isSupportedTensor) &&
         llvm::all_of(op->getOperandTypes(), [](Type type) {
           return isa<ShapedType>(type) ? isSupportedTensor(type)
                                        : isKernelElement(type);
         });
}

/// `op` on the elements that `mapping` has for its operands, without what it
/// asks for as work of the device.
static Operation *cloneForElements(OpBuilder &builder, Operation *op,
                                   const IRMapping &mapping) {
  NamedAttrList attributes(op->getDiscardableAttrDictionary());
  attributes.erase(kLaunchAttribute);
  SmallVector<Type> types =
      llvm::map_to_vector(op->getResultTypes(),
                          [](Type type) { return getElementTypeOrSelf(type); });
  SmallVector<Value> operands = llvm::map_to_vector(
      op->getOperands(), [&](Value value) { return mapping.lookup(value); });
  return builder.insert(Operation::create(op->getLoc(), op->getName(), types,
                                          operands, std::move(attributes),
                                          op->getPropertiesStorage()));
}

namespace {
/// Pattern: arith.addf a, b : tensor<4xf32> -> map over a and b;
/// on one element -> scalar
struct RaiseTensorOp : RewritePattern {
  explicit RaiseTensorOp(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/2, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isElementwise(op))
      return rewriter.notifyMatchFailure(op, "not elementwise");
    if (!isSupportedWork(op))
      return rewriter.notifyMatchFailure(op, "dynamic or unsupported type");
    // As with structured ops: a member of a list is no device scalar.
    bool isScalar = hasOneElement(op->getResult(0).getType()) &&
                    llvm::none_of(op->getOperands(), isListElement);
    BodyBuilder body(rewriter, op->getLoc());
    llvm::SmallSetVector<Value, 4> inputs, scalars;
    llvm::SmallMapVector<Value, TypedAttr, 4> constants;
    for (Value operand : op->getOperands()) {
      if (TypedAttr constant = getConstant(operand))
        constants.insert({operand, constant});
      else if (!isScalar && isa<RankedTensorType>(operand.getType()))
        inputs.insert(operand);
      else
        scalars.insert(operand);
    }
    body.inputs.assign(inputs.begin(), inputs.end());
    for (Value scalar : scalars)
      body.scalars.push_back(body.toDeviceScalar(scalar));

    auto build = [&](Region &region) {
      OpBuilder::InsertionGuard guard(rewriter);
      Block *block = rewriter.createBlock(&region);
      IRMapping mapping;
      for (ArrayRef<Value> values :
           {inputs.getArrayRef(), scalars.getArrayRef()})
        for (Value value : values)
          mapping.map(value,
                      block->addArgument(getElementTypeOrSelf(value.getType()),
                                         op->getLoc()));
      for (auto &[value, constant] : constants)
        mapping.map(
            value, arith::ConstantOp::create(rewriter, op->getLoc(), constant));
      Operation *work = cloneForElements(rewriter, op, mapping);
      YieldOp::create(rewriter, op->getLoc(), work->getResults());
    };
    SmallVector<Type> types;
    SmallVector<Value> results;
    if (isScalar) {
      for (Type type : op->getResultTypes())
        types.push_back(RankedTensorType::get({}, getElementTypeOrSelf(type)));
      auto scalar = ScalarOp::create(rewriter, op->getLoc(), types,
                                     body.scalars, ValueRange());
      build(scalar.getBody());
      for (auto [value, type] :
           llvm::zip(scalar.getResults(), op->getResultTypes()))
        results.push_back(body.fromDeviceScalar(value, type));
    } else {
      for (Type type : op->getResultTypes())
        types.push_back(getSeqOfOne(type));
      auto map = MapOp::create(rewriter, op->getLoc(), types, IntegerAttr(),
                               body.packInputs(), body.scalars, Value(),
                               ValueRange(), ValueRange());
      build(map.getBody());
      for (Value value : map.getResults())
        results.push_back(GetOp::create(rewriter, op->getLoc(), value, 0));
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};
} // namespace

void graphopt::populateRaiseTensorOpPatterns(RewritePatternSet &patterns) {
  patterns.add<RaiseTensorOp>(patterns.getContext());
  // What is refused is one kind of op, as structured ops are.
  linalg::populateElementwiseToLinalgConversionPatterns(patterns);
}
