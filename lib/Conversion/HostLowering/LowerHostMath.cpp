//===- LowerHostMath.cpp - Functions that keep their digits ---------------===//
//
// Calls the C library for what upstream's conversion to LLVM only approximates.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Conversion/Passes.h"

#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/DialectConversion.h"

namespace graphopt {
#define GEN_PASS_DEF_LOWERHOSTMATH
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

namespace {
struct LowerHostMath : public graphopt::impl::LowerHostMathBase<LowerHostMath> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    populateMathToLibmConversionPatterns(patterns);
    ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    target.addIllegalOp<math::ExpM1Op, math::Log1pOp>();
    if (failed(applyPartialConversion(getOperation(), target,
                                      std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
