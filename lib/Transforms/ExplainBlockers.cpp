//===- ExplainBlockers.cpp - What if, as remarks --------------------------===//

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Transforms/Passes.h"
#include "Report/Blockers.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphopt {
#define GEN_PASS_DEF_EXPLAINBLOCKERS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

namespace {
struct ExplainBlockers
    : public graphopt::impl::ExplainBlockersBase<ExplainBlockers> {
  void runOnOperation() override {
    markAllAnalysesPreserved();
    // Costs nothing if nobody listens.
    if (getOperation().isExternal() || !getContext().getRemarkEngine())
      return;
    Calibration calibration = Calibration::getFor(getOperation());
    for (const Blocker &blocker : findBlockers(getOperation(), calibration)) {
      auto remark = remarkRefused(blocker.op, "what-if");
      remark << mlir::remark::metric("Blocker", blocker.code)
             << blocker.formatWhatIf();
      if (blocker.whatIf.isKnown())
        remark << mlir::remark::metric("Microseconds",
                                       blocker.whatIf.microseconds);
    }
  }
};
} // namespace
