//===- VerifyState.cpp - What must hold in each state ---------------------===//
//
// Checks the states of docs/rationale.md, one function each.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/BufferRange.h"
#include "GraphOpt/Analysis/ElementTypes.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace graphopt {
#define GEN_PASS_DEF_VERIFYSTATE
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using graphopt::IRState;

/// No readback hides behind an upstream op.
static LogicalResult verifySequences(Operation *op) {
  auto extract = dyn_cast<tensor::ExtractOp>(op);
  if (!extract || !isa<func::FuncOp>(op->getParentOp()))
    return success();
  RankedTensorType type = extract.getTensor().getType();
  bool isScalar = type.hasStaticShape() && type.getNumElements() == 1 &&
                  !type.getEncoding();
  if (isScalar && graphopt::isKernelElement(type.getElementType()))
    return op->emitError("a readback must be a tseq.item in this state");
  return success();
}

/// No value that was just read back is uploaded again.
static LogicalResult verifyHoisted(Operation *op) {
  auto upload = dyn_cast<tensor::FromElementsOp>(op);
  if (upload && upload.getElements().size() == 1 &&
      upload.getType().getRank() == 0 &&
      upload.getElements().front().getDefiningOp<ItemOp>())
    return op->emitError("a device scalar is read back only to be uploaded");
  return success();
}

/// Device work is in regions.
static LogicalResult verifyRegions(Operation *op) {
  if (isa<MapOp, ReduceOp, ScalarOp, KernelOp, tseq::IfOp, WhileOp>(op) &&
      !op->getParentOfType<GraphOp>())
    return op->emitError("device work must be inside of tseq.graph in this "
                         "state");
  return success();
}

/// Nothing in a region is left to be fused vertically.
static LogicalResult verifyFused(Operation *op) {
  auto map = dyn_cast<MapOp>(op);
  if (!map || map.getPredicate())
    return success();
  for (Value input : map.getInputs()) {
    auto producer = input.getDefiningOp<MapOp>();
    if (producer && producer->getBlock() == op->getBlock() &&
        !producer.getPredicate() && input.hasOneUse() &&
        producer->getNumResults() == 1)
      return op->emitError("reads what a map of the same tensors makes: the "
                           "two must be one map in this state");
  }
  return success();
}

/// Everything is in memory, and a region allocates nothing and takes buffers
/// whole.
static LogicalResult verifyBuffers(Operation *op) {
  auto isTensor = [](Type type) {
    auto seq = dyn_cast<SeqType>(type);
    return isa<TensorType>(type) || (seq && seq.size() && !seq.isBuffer());
  };
  if (llvm::any_of(op->getOperandTypes(), isTensor) ||
      llvm::any_of(op->getResultTypes(), isTensor))
    return op->emitError("uses tensors, but everything must be in memory in "
                         "this state");
  if (isa<memref::AllocOp>(op) && op->getParentOfType<GraphOp>())
    return op->emitError("a region must not allocate in this state");
  if (auto graph = dyn_cast<GraphOp>(op))
    for (auto [i, input] : llvm::enumerate(graph.getInputs()))
      if (graphopt::getStaticBase(input) != input)
        return op->emitError("operand #")
               << i << " is a view that must be made inside of the region in "
               << "this state";
  return success();
}

/// Regions are gone.
static LogicalResult verifyGraphs(Operation *op) {
  if (isa<TensorSeqDialect>(op->getDialect()))
    return op->emitError("must not exist in this state");
  return success();
}

/// Only what translates to LLVM IR is left. A cast between types that was left
/// behind is named only if no other op is: it stems from one.
static LogicalResult verifyRuntime(Operation *op) {
  if (isa<LLVM::LLVMDialect>(op->getDialect()) || isa<ModuleOp>(op))
    return success();
  if (auto cast = dyn_cast<UnrealizedConversionCastOp>(op)) {
    bool isLeft = false;
    op->getParentOfType<ModuleOp>()->walk([&](Operation *other) {
      isLeft |= !isa<LLVM::LLVMDialect>(other->getDialect()) &&
                !isa<ModuleOp, UnrealizedConversionCastOp>(other);
      return isLeft ? WalkResult::interrupt() : WalkResult::advance();
    });
    if (isLeft)
      return success();
    return op->emitError("no lowering to LLVM exists for a value of type ")
           << op->getOperandTypes().front() << " or "
           << op->getResultTypes().front();
  }
  return op->emitError() << "no lowering to LLVM exists for '" << op->getName()
                         << "'";
}

namespace {
struct VerifyState : public graphopt::impl::VerifyStateBase<VerifyState> {
  using VerifyStateBase::VerifyStateBase;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    LogicalResult (*verify)(Operation *) = nullptr;
    switch (state) {
    case IRState::Sequences:
      verify = verifySequences;
      break;
    case IRState::Hoisted:
      verify = verifyHoisted;
      break;
    case IRState::Regions:
      verify = verifyRegions;
      break;
    case IRState::Fused:
      verify = verifyFused;
      break;
    case IRState::Buffers:
      verify = verifyBuffers;
      break;
    case IRState::Graphs:
      verify = verifyGraphs;
      break;
    case IRState::Runtime:
      verify = verifyRuntime;
      break;
    }
    auto visit = [&](Operation *op) {
      // Ops of unregistered dialects may be anything until they must be
      // lowered.
      if (!op->getDialect() && state != IRState::Runtime)
        return WalkResult::advance();
      bool holds = op->getDialect() && succeeded(verify(op));
      if (!op->getDialect())
        op->emitError("no lowering to LLVM exists for an op of an "
                      "unregistered dialect");
      return holds ? WalkResult::advance() : WalkResult::interrupt();
    };
    // Passes on tensors see the functions of this module; what another module
    // in it, or a function of another dialect, holds is left alone.
    if (state < IRState::Buffers) {
      for (auto function : getOperation().getOps<func::FuncOp>())
        if (function.walk(visit).wasInterrupted())
          return signalPassFailure();
      return;
    }
    if (getOperation().walk(visit).wasInterrupted())
      signalPassFailure();
  }
};
} // namespace
