//===- RelaxPrecision.cpp - What precision=fast allows --------------------===//
//
// Lets the float arithmetic of regions be contracted and reordered.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphopt {
#define GEN_PASS_DEF_RELAXPRECISION
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

namespace {
struct RelaxPrecision
    : public graphopt::impl::RelaxPrecisionBase<RelaxPrecision> {
  void runOnOperation() override {
    using Flags = arith::FastMathFlags;
    getOperation().walk([](arith::ArithFastMathInterface op) {
      Operation *body = op->getParentOp();
      // A loop in a scalar is part of it.
      if (auto scalar = op->getParentOfType<tseq::ScalarOp>())
        body = scalar;
      // Sums of scalars may become trees; elementwise code has nothing to
      // reorder, but products and sums may contract.
      Flags allowed = Flags::none;
      if (isa<tseq::ScalarOp>(body))
        allowed = Flags::contract | Flags::reassoc;
      else if (isa<tseq::MapOp, tseq::ReduceOp>(body))
        allowed = Flags::contract;
      else
        return;
      arith::FastMathFlagsAttr present = op.getFastMathFlagsAttr();
      Flags flags = present ? present.getValue() | allowed : allowed;
      op->setAttr(op.getFastMathAttrName(),
                  arith::FastMathFlagsAttr::get(op->getContext(), flags));
    });
  }
};
} // namespace
