//===- VerifyAttributes.cpp - Wishes stand where they mean something ------===//

#include "GraphOpt/Analysis/Calibration.h"
#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace graphopt {
#define GEN_PASS_DEF_VERIFYATTRIBUTES
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

namespace {
/// An attribute that users write, and where it means something.
struct KnownAttribute {
  StringLiteral name;
  StringLiteral place; ///< In words.
  bool (*belongsOn)(Operation *op);
};

struct VerifyAttributes
    : public graphopt::impl::VerifyAttributesBase<VerifyAttributes> {
  void runOnOperation() override;
};
} // namespace

static bool isGraph(Operation *op) {
  return isa<func::FuncOp, tseq::GraphOp, cudagraph::GraphOp>(op);
}

/// Also what may become part of a graph: ops on tensors or buffers, and those
/// in the bodies of others, where elementwise arithmetic ends up.
static bool isGraphOrWork(Operation *op) {
  if (isGraph(op))
    return true;
  if (!op->getParentOfType<func::FuncOp>())
    return false;
  // Outlining loses what stands on a launch with a body.
  if (isa<gpu::LaunchOp>(op) || op->getParentOfType<gpu::LaunchOp>())
    return false;
  if (isa<tseq::CapturableOpInterface>(op))
    return true;
  auto isData = llvm::IsaPred<ShapedType, tseq::SeqType>;
  return !isa<func::FuncOp>(op->getParentOp()) || op->getNumRegions() > 0 ||
         llvm::any_of(op->getOperandTypes(), isData) ||
         llvm::any_of(op->getResultTypes(), isData);
}

static bool isFunctionOrWork(Operation *op) {
  return isGraphOrWork(op) && !isa<tseq::GraphOp, cudagraph::GraphOp>(op);
}

static bool hasEdges(Operation *op) {
  return isGraph(op) ||
         isa<cudagraph::IfOp, cudagraph::WhileOp, cudagraph::SwitchOp>(op);
}

static bool isOutermostModule(Operation *op) {
  return isa<ModuleOp>(op) && !op->getParentOp();
}

static constexpr KnownAttribute kKnown[] = {
    {"graphopt.launch", "a function, a graph, or an op on tensors or buffers",
     isGraphOrWork},
    {"graphopt.shape", "a function, graph or conditional node", hasEdges},
    {graphopt::Calibration::kAttribute, "the outermost module",
     isOutermostModule},
    {"graphopt.report", "the outermost module", isOutermostModule},
    {"graphopt.cooperative", "a function, or an op on tensors or buffers",
     isFunctionOrWork},
    {"graphopt.streaming", "a function, or an op on tensors or buffers",
     isFunctionOrWork},
};

static const KnownAttribute *find(StringRef name) {
  const KnownAttribute *known =
      llvm::find_if(kKnown, [&](const KnownAttribute &attribute) {
        return attribute.name == name;
      });
  return known == std::end(kKnown) ? nullptr : known;
}

/// Reports the attributes of arguments or results in `list`.
static LogicalResult verifyList(FunctionOpInterface function, ArrayAttr list,
                                StringRef owner) {
  if (!list)
    return success();
  for (auto attributes : list.getAsRange<DictionaryAttr>())
    for (NamedAttribute attribute : attributes)
      if (const KnownAttribute *known = find(attribute.getName()))
        return function->emitError("attribute '")
               << known->name << "' means nothing on " << owner
               << ": it belongs on " << known->place;
  return success();
}

static LogicalResult verify(Operation *op) {
  for (NamedAttribute attribute : op->getDiscardableAttrs()) {
    const KnownAttribute *known = find(attribute.getName());
    if (known && !known->belongsOn(op))
      return op->emitError("attribute '")
             << known->name << "' means nothing on '" << op->getName()
             << "': it belongs on " << known->place;
  }
  auto function = dyn_cast<FunctionOpInterface>(op);
  if (!function)
    return success();
  if (failed(verifyList(function, function.getArgAttrsAttr(), "an argument")))
    return failure();
  return verifyList(function, function.getResAttrsAttr(), "a result");
}

void VerifyAttributes::runOnOperation() {
  bool holds = true;
  getOperation()->walk([&](Operation *op) { holds &= succeeded(verify(op)); });
  if (!holds)
    signalPassFailure();
  markAllAnalysesPreserved();
}
