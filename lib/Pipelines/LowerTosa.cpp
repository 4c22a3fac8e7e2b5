//===- LowerTosa.cpp - Ops of tosa to linalg, tensor, arith and scf -------===//

#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Pass/PassManager.h"

namespace graphopt {
#define GEN_PASS_DEF_LOWERTOSA
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

static bool hasTosa(func::FuncOp function) {
  return function
      .walk([](Operation *op) {
        return isa_and_nonnull<tosa::TosaDialect>(op->getDialect())
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

namespace {
struct LowerTosa : public graphopt::impl::LowerTosaBase<LowerTosa> {
  void getDependentDialects(DialectRegistry &registry) const override {
    LowerTosaBase::getDependentDialects(registry);
    buildPipeline().getDependentDialects(registry);
  }

  void runOnOperation() override {
    if (!hasTosa(getOperation()))
      return markAllAnalysesPreserved();
    OpPassManager pipeline = buildPipeline();
    if (failed(runPipeline(pipeline, getOperation())))
      signalPassFailure();
  }

private:
  static OpPassManager buildPipeline() {
    OpPassManager pipeline(func::FuncOp::getOperationName());
    // Control first: the conversions after it refuse tosa's own yields.
    pipeline.addPass(createTosaToSCFPass());
    pipeline.addPass(tosa::createTosaToLinalgNamed());
    pipeline.addPass(tosa::createTosaToLinalg());
    pipeline.addPass(createTosaToArithPass());
    pipeline.addPass(createTosaToTensorPass());
    return pipeline;
  }
};
} // namespace
