//===- OtherDialect.cpp - A dialect of another project --------------------===//
//
// Implements the dialect and its external models.
//
//===----------------------------------------------------------------------===//

#include "OtherDialect.h"

#include "GraphOpt/TensorSeq/TensorSeq.h"

using namespace mlir;
using namespace other;

#include "OtherDialect.cpp.inc"

#define GET_OP_CLASSES
#include "OtherOps.cpp.inc"

void OtherDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "OtherOps.cpp.inc"
      >();
}

namespace {
/// A kernel of its own on tensors of static shape.
struct SquareModel
    : tseq::CapturableOpInterface::ExternalModel<SquareModel, SquareOp> {
  bool isCaptureSafe(Operation *op) const { return tseq::hasStaticShapes(op); }
  /// One multiplication for each element.
  std::optional<tseq::WorkEstimate> estimateWork(Operation *op) const {
    std::optional<int64_t> elements =
        tseq::getDataElements(op->getResult(0).getType());
    return elements ? tseq::estimateTraffic(op, *elements) : std::nullopt;
  }
};

/// A kernel that the host waits for.
struct CheckedModel
    : tseq::CapturableOpInterface::ExternalModel<CheckedModel, CheckedOp> {
  bool synchronizes(Operation *) const { return true; }
};
} // namespace

void other::registerOtherDialect(DialectRegistry &registry) {
  registry.insert<OtherDialect>();
  registry.addExtension(+[](MLIRContext *context, OtherDialect *) {
    SquareOp::attachInterface<SquareModel>(*context);
    CheckedOp::attachInterface<CheckedModel>(*context);
  });
}
