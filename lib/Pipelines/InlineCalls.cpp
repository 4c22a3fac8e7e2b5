//===- InlineCalls.cpp - Inlining where there is something to inline ------===//

#include "GraphOpt/Transforms/Passes.h"

#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace graphopt {
#define GEN_PASS_DEF_INLINECALLS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

/// Whether `op`, at the top of a module, has a body that calls may be replaced
/// with, or may hold such ops.
static bool hasCallableBody(Operation &op) {
  if (auto callable = dyn_cast<CallableOpInterface>(op))
    return callable.getCallableRegion() != nullptr;
  return op.getNumRegions() > 0;
}

/// Whether what `body`, of a module, holds may be unused: a private symbol that
/// no public function calls, or anything in a module inside.
static bool mayHoldUnused(Block &body) {
  DenseSet<Attribute> hidden;
  for (Operation &op : body) {
    if (op.hasTrait<OpTrait::SymbolTable>())
      return true;
    auto symbol = dyn_cast<SymbolOpInterface>(op);
    if (symbol && !symbol.isPublic())
      hidden.insert(FlatSymbolRefAttr::get(symbol));
  }
  if (hidden.empty())
    return false;
  for (Operation &op : body) {
    auto symbol = dyn_cast<SymbolOpInterface>(op);
    if (symbol && !symbol.isPublic())
      continue;
    op.walk([&](CallOpInterface call) {
      if (auto callee = dyn_cast<SymbolRefAttr>(call.getCallableForCallee()))
        hidden.erase(callee);
      return hidden.empty() ? WalkResult::interrupt() : WalkResult::advance();
    });
  }
  return !hidden.empty();
}

namespace {
struct InlineCalls : public graphopt::impl::InlineCallsBase<InlineCalls> {
  void getDependentDialects(DialectRegistry &registry) const override {
    InlineCallsBase::getDependentDialects(registry);
    buildPipeline(/*inlines=*/true, /*erases=*/true)
        .getDependentDialects(registry);
  }

  void runOnOperation() override {
    Block &body = *getOperation().getBody();
    bool inlines = llvm::count_if(body, hasCallableBody) > 1;
    bool erases = inlines || mayHoldUnused(body);
    OpPassManager pipeline = buildPipeline(inlines, erases);
    if (pipeline.empty())
      return markAllAnalysesPreserved();
    if (failed(runPipeline(pipeline, getOperation())))
      signalPassFailure();
  }

private:
  static OpPassManager buildPipeline(bool inlines, bool erases) {
    OpPassManager pipeline(ModuleOp::getOperationName());
    if (inlines)
      pipeline.addPass(createInlinerPass(
          {}, /*defaultPipelineBuilder=*/[](OpPassManager &) {}));
    if (erases)
      pipeline.addPass(createSymbolDCEPass());
    return pipeline;
  }
};
} // namespace
