//===- MathAccuracy.cpp - Errors of the device's math functions -----------===//

#include "GraphOpt/Analysis/MathAccuracy.h"

#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace {
struct Errors {
  unsigned f32, f64; ///< In ulp.
};
} // namespace

static std::optional<Errors> getErrors(StringRef name) {
  using Result = std::optional<Errors>;
  return llvm::StringSwitch<Result>(name)
      .Case("acos", Errors{3, 2})
      .Case("acosh", Errors{4, 3})
      .Case("asin", Errors{4, 2})
      .Case("asinh", Errors{3, 3})
      .Case("atan", Errors{2, 2})
      .Case("atan2", Errors{3, 2})
      .Case("atanh", Errors{3, 2})
      .Case("cbrt", Errors{1, 1})
      .Case("cos", Errors{2, 2})
      .Case("cosh", Errors{2, 1})
      .Case("erf", Errors{2, 2})
      .Case("erfc", Errors{4, 5})
      .Case("exp", Errors{2, 1})
      .Case("exp2", Errors{2, 1})
      .Case("expm1", Errors{1, 1})
      .Case("log", Errors{1, 1})
      .Case("log10", Errors{2, 1})
      .Case("log1p", Errors{1, 1})
      .Case("log2", Errors{1, 1})
      .Cases({"powf", "fpowi"}, Errors{8, 2})
      .Case("rsqrt", Errors{2, 1})
      .Cases({"sin", "sincos"}, Errors{2, 2})
      .Case("sinh", Errors{3, 2})
      .Case("tan", Errors{4, 2})
      .Case("tanh", Errors{2, 1})
      .Default(std::nullopt);
}

std::optional<unsigned> graphopt::getDeviceMathError(Operation *op) {
  auto type =
      dyn_cast<FloatType>(getElementTypeOrSelf(op->getOperand(0).getType()));
  bool isExact = isa<math::SqrtOp, math::FmaOp, math::AbsFOp, math::CopySignOp,
                     math::FloorOp, math::CeilOp, math::TruncOp, math::RoundOp,
                     math::RoundEvenOp, math::IsFiniteOp, math::IsInfOp,
                     math::IsNaNOp, math::IsNormalOp, math::ClampFOp>(op);
  if (!type || isExact)
    return 0;
  std::optional<Errors> errors = getErrors(op->getName().stripDialect());
  if (!errors)
    return std::nullopt;
  // What is off by a few ulp of f32 is rounded to a neighbour at most.
  if (type.getWidth() < 32)
    return 1;
  return type.isF32() ? errors->f32 : errors->f64;
}
