//===- OtherPasses.cpp - Passes of another project ------------------------===//
//
// Implements the lowering that an owner of captured ops supplies, a pass that
// shows what the models of CapturableOpInterface say, and one that is wrong.
//
//===----------------------------------------------------------------------===//

#include "OtherDialect.h"

#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace other;

namespace {
// Pattern: other.square -> linalg.generic
// Pattern: other.checked %x -> %x
struct LowerOther : PassWrapper<LowerOther, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(LowerOther)
  StringRef getArgument() const override { return "lower-other"; }
  StringRef getDescription() const override {
    return "lower the ops of another project to linalg";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, linalg::LinalgDialect>();
  }
  void runOnOperation() override {
    getOperation().walk([](CheckedOp op) {
      op.replaceAllUsesWith(op.getOperand());
      op.erase();
    });
    getOperation().walk([](SquareOp op) {
      OpBuilder builder(op);
      Location loc = op.getLoc();
      auto type = cast<RankedTensorType>(op.getType());
      AffineMap map = builder.getMultiDimIdentityMap(type.getRank());
      SmallVector<utils::IteratorType> loops(type.getRank(),
                                             utils::IteratorType::parallel);
      auto generic = linalg::GenericOp::create(
          builder, loc, type, op.getOperand(), op.getOperand(),
          ArrayRef<AffineMap>{map, map}, loops,
          [](OpBuilder &nested, Location loc, ValueRange values) {
            Value square =
                arith::MulFOp::create(nested, loc, values[0], values[0]);
            linalg::YieldOp::create(nested, loc, square);
          });
      op.replaceAllUsesWith(generic.getResult(0));
      op.erase();
    });
  }
};

/// Writes a remark at each op that has the interface.
struct PrintCapture : PassWrapper<PrintCapture, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(PrintCapture)
  StringRef getArgument() const override { return "print-capture"; }
  StringRef getDescription() const override {
    return "write what CapturableOpInterface says as remarks";
  }
  void runOnOperation() override {
    getOperation().walk([](tseq::CapturableOpInterface op) {
      InFlightDiagnostic remark = op->emitRemark();
      std::string reason;
      remark << (op.isCaptureSafe()     ? "value"
                 : op.canBeNode(reason) ? "node"
                                        : "neither");
      remark << (op.isStatic() ? " static" : " dynamic")
             << (op.isKernel() ? " kernel" : " view")
             << (op.synchronizes() ? " synchronizes" : "") << " touches";
      SmallVector<tseq::ValueAccess> accesses;
      bool isAll = op.collectAccesses(accesses);
      for (const tseq::ValueAccess &access : accesses)
        remark << (access.reads && access.writes ? " rw"
                   : access.reads                ? " r"
                                                 : " w");
      if (!isAll)
        remark << " other memory";
      if (std::optional<tseq::WorkEstimate> work = op.estimateWork())
        remark << "; reads " << work->bytesRead << " writes "
               << work->bytesWritten << " computes " << work->operations;
    });
  }
};

/// Removes all edges of graphs, as a pass that is wrong might.
struct DropEdges : PassWrapper<DropEdges, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(DropEdges)
  StringRef getArgument() const override { return "drop-edges"; }
  StringRef getDescription() const override {
    return "remove the edges of graphs, which the verifier must see";
  }
  void runOnOperation() override {
    getOperation().walk([](cudagraph::NodeOpInterface node) {
      node.getAfterMutable().clear();
    });
  }
};
} // namespace

void other::registerOtherPasses() {
  PassRegistration<DropEdges>();
  PassRegistration<LowerOther>();
  PassRegistration<PrintCapture>();
}
