//===- BufferizeRest.cpp - Bufferize what stayed outside of regions -------===//
//
// Runs upstream's one-shot bufferization where tensors are left.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/BufferRange.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/OneShotModuleBufferize.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace graphopt {
#define GEN_PASS_DEF_BUFFERIZEREST
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

static bool usesTensors(Operation *op) {
  return llvm::any_of(op->getOperandTypes(), llvm::IsaPred<TensorType>) ||
         llvm::any_of(op->getResultTypes(), llvm::IsaPred<TensorType>);
}

namespace {
struct BufferizeRest : public graphopt::impl::BufferizeRestBase<BufferizeRest> {
  using BufferizeRestBase::BufferizeRestBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    int64_t count = 0;
    bool anySignature = false, anyCall = false;
    module.walk([&](Operation *op) {
      count += usesTensors(op);
      anyCall |= isa<CallOpInterface>(op) && usesTensors(op);
      if (auto toTensor = dyn_cast<bufferization::ToTensorOp>(op))
        protectBuffer(toTensor);
      if (auto function = dyn_cast<func::FuncOp>(op)) {
        anySignature |=
            llvm::any_of(function.getArgumentTypes(),
                         llvm::IsaPred<TensorType>) ||
            llvm::any_of(function.getResultTypes(), llvm::IsaPred<TensorType>);
        protectArguments(function);
      }
    });
    // Upstream needs the analysis for calls.
    if (count != 0 || anySignature)
      if (failed(bufferize(module, count > maxAnalyzedOps && !anyCall)))
        return signalPassFailure();
    module.walk(lowerStridedCopy);
  }

private:
  static LogicalResult bufferize(ModuleOp module, bool copyBeforeWrite) {
    bufferization::OneShotBufferizationOptions options;
    options.bufferizeFunctionBoundaries = true;
    options.setFunctionBoundaryTypeConversion(
        bufferization::LayoutMapOption::IdentityLayoutMap);
    options.allowReturnAllocsFromLoops = true;
    options.copyBeforeWrite = copyBeforeWrite;
    bufferization::BufferizationState state;
    return bufferization::runOneShotModuleBufferize(module, options, state);
  }

  /// A tensor of a buffer is a value too: upstream may compute in the buffer
  /// only if nobody looks at it until it is overwritten in any case.
  static void protectBuffer(bufferization::ToTensorOp op) {
    bool isOverwritten = false, isShared = false;
    for (Operation *user : op.getBuffer().getUsers()) {
      auto update = dyn_cast<bufferization::MaterializeInDestinationOp>(user);
      if (update && update.getDest() == op.getBuffer())
        isOverwritten |=
            update->getBlock() == op->getBlock() && op->isBeforeInBlock(update);
      else
        isShared |= user != op;
    }
    if (isShared || !isOverwritten)
      op.setWritable(false);
  }

  /// Tensor arguments are values: nothing may write their memory.
  static void protectArguments(func::FuncOp function) {
    auto name = bufferization::BufferizationDialect::kWritableAttrName;
    for (unsigned i = 0, e = function.getNumArguments(); i < e; ++i)
      if (isa<TensorType>(function.getArgumentTypes()[i]) &&
          !function.getArgAttr(i, name) && !function.isExternal())
        function.setArgAttr(i, name,
                            BoolAttr::get(function.getContext(), false));
  }

  /// Pattern: memref.copy (not contiguous) -> linalg.generic
  static void lowerStridedCopy(memref::CopyOp copy) {
    auto source = dyn_cast<MemRefType>(copy.getSource().getType());
    auto target = dyn_cast<MemRefType>(copy.getTarget().getType());
    if (!source || !target || source.getRank() != target.getRank() ||
        (graphopt::isContiguous(source) && graphopt::isContiguous(target)) ||
        (source.getLayout().isIdentity() && target.getLayout().isIdentity()))
      return;
    OpBuilder builder(copy);
    linalg::makeMemRefCopyOp(builder, copy.getLoc(), copy.getSource(),
                             copy.getTarget());
    copy.erase();
  }
};
} // namespace
