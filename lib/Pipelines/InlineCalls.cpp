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

/// Whether `op`, at the top of a module, or what it holds may go if unused.
static bool mayBeUnused(Operation &op) {
  auto symbol = dyn_cast<SymbolOpInterface>(op);
  return (symbol && !symbol.isPublic()) || op.hasTrait<OpTrait::SymbolTable>();
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
    bool erases = inlines || llvm::any_of(body, mayBeUnused);
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
