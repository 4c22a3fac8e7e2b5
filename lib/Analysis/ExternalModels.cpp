//===- ExternalModels.cpp - Upstream ops that may be captured -------------===//
//
// Attaches CapturableOpInterface to the upstream ops that a region may hold.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/ExternalModels.h"
#include "GraphOpt/Analysis/Launches.h"
#include "GraphOpt/Analysis/Slices.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::tseq;
using graphopt::isContiguousExtract, graphopt::isContiguousInsert;

static bool isStaticTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() && !tensor.getEncoding() &&
         tensor.getElementType().isIntOrIndexOrFloat();
}

/// Whether `op` only reads and makes static tensors. Scalars it reads must be
/// constants (they would have to be uploaded otherwise).
static bool hasStaticOperandsAndResults(Operation *op) {
  if (!llvm::all_of(op->getResultTypes(), isStaticTensor))
    return false;
  return llvm::all_of(op->getOperands(), [](Value value) {
    return isStaticTensor(value.getType()) ||
           isa_and_nonnull<arith::ConstantOp>(value.getDefiningOp());
  });
}

/// Whether the region of `op` uses nothing from outside but constants.
static bool isClosed(Operation *op) {
  bool closed = true;
  op->walk([&](Operation *inner) {
    for (Value value : inner->getOperands()) {
      Operation *def = value.getDefiningOp();
      Region *home = value.getParentRegion();
      if (inner != op && !op->isAncestor(home->getParentOp()) &&
          !isa_and_nonnull<arith::ConstantOp>(def))
        closed = false;
    }
  });
  return closed;
}

/// The inits of `op` that its body does not look at are only written.
static void collectStructuredAccesses(linalg::LinalgOp op,
                                      SmallVectorImpl<ValueAccess> &accesses) {
  for (OpOperand &operand : op->getOpOperands())
    if (isa<ShapedType>(operand.get().getType()) &&
        op.payloadUsesValueFromOperand(&operand))
      accesses.push_back({operand.get(), /*reads=*/true, /*writes=*/false});
  for (Value result : op->getResults())
    accesses.push_back({result, /*reads=*/false, /*writes=*/true});
}

namespace {
/// A structured op on tensors of static shape is a kernel of its own.
template <typename OpTy>
struct LinalgModel
    : CapturableOpInterface::ExternalModel<LinalgModel<OpTy>, OpTy> {
  bool isCaptureSafe(Operation *op) const {
    return cast<linalg::LinalgOp>(op).hasPureTensorSemantics() &&
           hasStaticOperandsAndResults(op) && isClosed(op);
  }
  bool collectAccesses(Operation *op,
                       SmallVectorImpl<ValueAccess> &accesses) const {
    collectStructuredAccesses(cast<linalg::LinalgOp>(op), accesses);
    return true;
  }
  /// The body runs at each point of the iteration space.
  std::optional<WorkEstimate> estimateWork(Operation *op) const {
    int64_t operations = countArithmetic(op);
    for (int64_t range : cast<linalg::LinalgOp>(op).getStaticLoopRanges())
      if (ShapedType::isDynamic(range) ||
          llvm::MulOverflow(operations, range, operations))
        return std::nullopt;
    return estimateTraffic(op, operations);
  }
};

/// A view of a tensor of static shape.
template <typename OpTy>
struct ShapeModel
    : CapturableOpInterface::ExternalModel<ShapeModel<OpTy>, OpTy> {
  bool isCaptureSafe(Operation *op) const {
    return hasStaticOperandsAndResults(op);
  }
  bool isKernel(Operation *) const { return false; }
  std::optional<WorkEstimate> estimateWork(Operation *) const {
    return WorkEstimate();
  }
};

/// A slice that lies in one piece is a view; any other is copied by a kernel.
template <typename OpTy, bool (*isView)(Operation *)>
struct SliceModel
    : CapturableOpInterface::ExternalModel<SliceModel<OpTy, isView>, OpTy> {
  bool isCaptureSafe(Operation *op) const {
    return hasStaticOperandsAndResults(op);
  }
  bool isKernel(Operation *op) const { return !isView(op); }
  /// A copy of the slice.
  std::optional<WorkEstimate> estimateWork(Operation *op) const {
    Value slice =
        isa<tensor::ExtractSliceOp>(op) ? op->getResult(0) : op->getOperand(0);
    std::optional<int64_t> bytes = getDataBytes(slice.getType());
    if (!bytes)
      return std::nullopt;
    return isView(op) ? WorkEstimate() : WorkEstimate{*bytes, *bytes, 0};
  }
};

/// Attaches LinalgModel to each op of a list.
template <typename... OpTys>
void attachLinalg(MLIRContext *context) {
  (OpTys::template attachInterface<LinalgModel<OpTys>>(*context), ...);
}
} // namespace

void graphopt::registerExternalModels(DialectRegistry &registry) {
  registerLaunchModels(registry);
  registry.addExtension(+[](MLIRContext *context, linalg::LinalgDialect *) {
    attachLinalg<linalg::GenericOp, linalg::MapOp, linalg::ReduceOp,
                 linalg::BroadcastOp, linalg::TransposeOp, linalg::FillOp,
                 linalg::CopyOp, linalg::ElementwiseOp, linalg::MatmulOp,
                 linalg::BatchMatmulOp, linalg::MatvecOp, linalg::VecmatOp,
                 linalg::DotOp, linalg::ContractOp, linalg::AddOp,
                 linalg::SubOp, linalg::MulOp, linalg::DivOp, linalg::ExpOp,
                 linalg::LogOp, linalg::AbsOp, linalg::SqrtOp, linalg::RsqrtOp,
                 linalg::TanhOp, linalg::MaxOp, linalg::MinOp, linalg::SquareOp,
                 linalg::NegFOp, linalg::SelectOp, linalg::BatchReduceMatmulOp,
                 linalg::BatchMatvecOp, linalg::BatchVecmatOp>(context);
    attachLinalg<
        linalg::Conv1DOp, linalg::Conv1DNcwFcwOp, linalg::Conv1DNwcWcfOp,
        linalg::Conv2DOp, linalg::Conv2DNchwFchwOp, linalg::Conv2DNgchwFgchwOp,
        linalg::Conv2DNgchwGfchwOp, linalg::Conv2DNhwcFhwcOp,
        linalg::Conv2DNhwcHwcfOp, linalg::Conv2DNhwgcGfhwcOp, linalg::Conv3DOp,
        linalg::Conv3DNcdhwFcdhwOp, linalg::Conv3DNdhwcDhwcfOp,
        linalg::DepthwiseConv1DNcwCwOp, linalg::DepthwiseConv1DNwcWcOp,
        linalg::DepthwiseConv1DNwcWcmOp, linalg::DepthwiseConv2DNchwChwOp,
        linalg::DepthwiseConv2DNhwcHwcOp, linalg::DepthwiseConv2DNhwcHwcmOp,
        linalg::DepthwiseConv3DNcdhwCdhwOp, linalg::DepthwiseConv3DNdhwcDhwcOp,
        linalg::DepthwiseConv3DNdhwcDhwcmOp>(context);
    attachLinalg<linalg::PoolingNchwMaxOp, linalg::PoolingNchwSumOp,
                 linalg::PoolingNcwMaxOp, linalg::PoolingNcwSumOp,
                 linalg::PoolingNdhwcMaxOp, linalg::PoolingNdhwcMinOp,
                 linalg::PoolingNdhwcSumOp, linalg::PoolingNhwcMaxOp,
                 linalg::PoolingNhwcMaxUnsignedOp, linalg::PoolingNhwcMinOp,
                 linalg::PoolingNhwcMinUnsignedOp, linalg::PoolingNhwcSumOp,
                 linalg::PoolingNwcMaxOp, linalg::PoolingNwcMaxUnsignedOp,
                 linalg::PoolingNwcMinOp, linalg::PoolingNwcMinUnsignedOp,
                 linalg::PoolingNwcSumOp>(context);
  });
  registry.addExtension(+[](MLIRContext *context, tensor::TensorDialect *) {
    tensor::ExpandShapeOp::attachInterface<ShapeModel<tensor::ExpandShapeOp>>(
        *context);
    tensor::CollapseShapeOp::attachInterface<
        ShapeModel<tensor::CollapseShapeOp>>(*context);
    tensor::ExtractSliceOp::attachInterface<
        SliceModel<tensor::ExtractSliceOp, isContiguousExtract>>(*context);
    tensor::InsertSliceOp::attachInterface<
        SliceModel<tensor::InsertSliceOp, isContiguousInsert>>(*context);
    tensor::EmptyOp::attachInterface<ShapeModel<tensor::EmptyOp>>(*context);
  });
}
