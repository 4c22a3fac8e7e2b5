//===- RaiseToSequences.cpp - Raise tensor work to tseq -------------------===//
//
// Turns static-shape device work and readbacks of upstream dialects into tseq
// ops. The patterns on structured ops are in Raising/.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Analysis/Requests.h"
#include "GraphOpt/Transforms/Passes.h"
#include "Raising/Raising.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace graphopt {
#define GEN_PASS_DEF_RAISETOSEQUENCES
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;
using linalg::LinalgOp;

namespace {

/// Pattern: tensor.splat x -> map yielding x
struct RaiseSplat : OpRewritePattern<tensor::SplatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::SplatOp op,
                                PatternRewriter &rewriter) const override {
    if (!isSupportedTensor(op.getType()))
      return rewriter.notifyMatchFailure(op, "dynamic or unsupported type");
    Value empty =
        tensor::EmptyOp::create(rewriter, op.getLoc(), op.getType().getShape(),
                                op.getType().getElementType());
    rewriter.replaceOpWithNewOp<linalg::FillOp>(op, op.getInput(), empty);
    return success();
  }
};

/// Pattern: tensor.extract (one element) -> item
struct RaiseExtract : OpRewritePattern<tensor::ExtractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExtractOp op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getTensor().getType();
    if (!hasOneElement(type) || !isSupportedTensor(type))
      return rewriter.notifyMatchFailure(op, "reads one of many elements");
    // In the body of device work it is a load, not a readback.
    for (Operation *parent = op->getParentOp(); !isa<func::FuncOp>(parent);
         parent = parent->getParentOp())
      if (!isa<scf::SCFDialect>(parent->getDialect()))
        return rewriter.notifyMatchFailure(op, "in the body of another op");
    rewriter.replaceOpWithNewOp<ItemOp>(op, op.getTensor(), ItemUseAttr());
    return success();
  }
};

/// Pattern: from_elements x : tensor<1x1xT>
///       -> expand_shape (from_elements x : tensor<T>)
struct NormalizeUpload : OpRewritePattern<tensor::FromElementsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::FromElementsOp op,
                                PatternRewriter &rewriter) const override {
    if (!hasOneElement(op.getType()) || op.getType().getRank() == 0 ||
        !isSupportedTensor(op.getType()))
      return rewriter.notifyMatchFailure(op, "not a device scalar");
    auto scalar = tensor::FromElementsOp::create(
        rewriter, op.getLoc(),
        RankedTensorType::get({}, op.getType().getElementType()),
        op.getElements());
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(
        op, op.getType(), scalar, ArrayRef<ReassociationIndices>());
    return success();
  }
};

/// Pattern: linalg.softmax, ... -> the structured ops it stands for
static void decompose(linalg::AggregatedOpInterface op) {
  if (!llvm::all_of(op->getResultTypes(), llvm::IsaPred<RankedTensorType>) ||
      op->getNumResults() == 0)
    return;
  OpBuilder builder(op);
  FailureOr<SmallVector<Value>> values = op.decomposeOperation(builder);
  if (failed(values))
    return;
  op->replaceAllUsesWith(*values);
  op->erase();
}

/// Pattern: tensor.bitcast -> map of arith.bitcast
struct RaiseBitcast : OpRewritePattern<tensor::BitcastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::BitcastOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (!isSupportedTensor(op.getSource().getType()) ||
        !isSupportedTensor(op.getType()) ||
        isa<IndexType>(type.getElementType()))
      return rewriter.notifyMatchFailure(op, "dynamic or unsupported type");
    rewriter.replaceOp(
        op, createUnaryMap(rewriter, op.getLoc(), op.getSource(), type,
                           [&](OpBuilder &builder, Value value) -> Value {
                             return arith::BitcastOp::create(
                                 builder, op.getLoc(), type.getElementType(),
                                 value);
                           }));
    return success();
  }
};

/// Gives what an op becomes the request that the op has.
struct KeepRequests : RewriterBase::Listener {
  void notifyOperationReplaced(Operation *op, ValueRange values) override {
    auto request = op->getAttrOfType<StringAttr>(graphopt::kLaunchAttribute);
    if (!request)
      return;
    for (Value value : values) {
      Operation *made = value.getDefiningOp();
      if (auto get = dyn_cast_or_null<GetOp>(made))
        made = get.getSequence().getDefiningOp();
      if (isa_and_nonnull<CapturableOpInterface>(made))
        made->setAttr(graphopt::kLaunchAttribute, request);
    }
  }
};

/// Whether `function` computes with tensors, or with whole buffers.
bool hasTensors(func::FuncOp function) {
  return function
      .walk([](Operation *op) {
        return llvm::any_of(op->getOperandTypes(), llvm::IsaPred<TensorType>) ||
                       llvm::any_of(op->getResultTypes(),
                                    llvm::IsaPred<TensorType>) ||
                       isa<LinalgOp>(op)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

struct RaiseToSequences
    : public graphopt::impl::RaiseToSequencesBase<RaiseToSequences> {
  LogicalResult initialize(MLIRContext *context) override {
    // Reductions look at fills for their initial value, so they come first.
    RewritePatternSet first(context), second(context);
    populateRaiseReductionPatterns(first);
    first.add<RaiseSplat>(context);
    populateRaiseElementwisePatterns(second);
    populateRaiseTensorOpPatterns(second);
    second.add<RaiseExtract, RaiseBitcast, NormalizeUpload>(context);
    reductions = std::move(first);
    others = std::move(second);
    return success();
  }

  void runOnOperation() override {
    if (!hasTensors(getOperation()))
      return markAllAnalysesPreserved();
    getOperation().walk(decompose);
    forwardSlices(getOperation());
    KeepRequests listener;
    walkAndApplyPatterns(getOperation(), reductions, &listener);
    raiseChains(getOperation());
    walkAndApplyPatterns(getOperation(), others, &listener);
    raiseCopies(getOperation());
    getOperation().walk([](LinalgOp op) {
      std::optional<StringRef> reason = getRaisingRefusal(op);
      graphopt::remarkRefused(op, "not-raised")
          << reason.value_or("neither elementwise nor a full reduction");
    });
  }

private:
  FrozenRewritePatternSet reductions, others;
};

} // namespace

void graphopt::populateRaiseToSequencesPatterns(RewritePatternSet &patterns) {
  populateRaiseReductionPatterns(patterns);
  populateRaiseElementwisePatterns(patterns);
  populateRaiseTensorOpPatterns(patterns);
  patterns.add<RaiseSplat, RaiseExtract, RaiseBitcast, NormalizeUpload>(
      patterns.getContext());
}
