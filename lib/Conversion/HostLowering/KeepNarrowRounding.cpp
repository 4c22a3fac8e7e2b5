//===- KeepNarrowRounding.cpp - Keep the rounding of narrow floats --------===//
//
// Undoes what lets casts to f32 and back fold away between two narrow ops.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

namespace graphopt {
#define GEN_PASS_DEF_KEEPNARROWROUNDING
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

namespace {
struct KeepNarrowRounding
    : public graphopt::impl::KeepNarrowRoundingBase<KeepNarrowRounding> {
  void runOnOperation() override {
    getOperation()->walk([](Operation *op) {
      if (!isa<arith::ExtFOp, arith::TruncFOp>(op))
        return;
      op->removeAttr(
          cast<arith::ArithFastMathInterface>(op).getFastMathAttrName());
    });
  }
};
} // namespace
