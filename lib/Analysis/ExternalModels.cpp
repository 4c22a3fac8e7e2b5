//===- ExternalModels.cpp - Upstream ops that may be captured -------------===//
//
// Attaches CapturableOpInterface to the upstream ops that a region may hold.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/ExternalModels.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::tseq;

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

namespace {
/// A structured op on tensors of static shape is a kernel of its own.
template <typename OpTy>
struct LinalgModel
    : CapturableOpInterface::ExternalModel<LinalgModel<OpTy>, OpTy> {
  bool isCaptureSafe(Operation *op) const {
    return cast<linalg::LinalgOp>(op).hasPureTensorSemantics() &&
           hasStaticOperandsAndResults(op) && isClosed(op);
  }
};

/// A view of, or a copy between, tensors of static shape.
template <typename OpTy, bool kernel>
struct ShapeModel
    : CapturableOpInterface::ExternalModel<ShapeModel<OpTy, kernel>, OpTy> {
  bool isCaptureSafe(Operation *op) const {
    return hasStaticOperandsAndResults(op);
  }
  bool isKernel(Operation *) const { return kernel; }
};

/// Attaches LinalgModel to each op of a list.
template <typename... OpTys>
void attachLinalg(MLIRContext *context) {
  (OpTys::template attachInterface<LinalgModel<OpTys>>(*context), ...);
}
} // namespace

void graphopt::registerExternalModels(DialectRegistry &registry) {
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
  });
  registry.addExtension(+[](MLIRContext *context, tensor::TensorDialect *) {
    tensor::ExpandShapeOp::attachInterface<
        ShapeModel<tensor::ExpandShapeOp, false>>(*context);
    tensor::CollapseShapeOp::attachInterface<
        ShapeModel<tensor::CollapseShapeOp, false>>(*context);
    tensor::ExtractSliceOp::attachInterface<
        ShapeModel<tensor::ExtractSliceOp, true>>(*context);
    tensor::InsertSliceOp::attachInterface<
        ShapeModel<tensor::InsertSliceOp, true>>(*context);
    tensor::EmptyOp::attachInterface<ShapeModel<tensor::EmptyOp, false>>(
        *context);
  });
}
