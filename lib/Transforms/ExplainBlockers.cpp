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

/// Whether anybody sees what was refused. The engine that a tool makes is there
/// even if all it does is filter everything.
static bool isHeard(func::FuncOp function) {
  auto probe = remarkRefused(function, "what-if");
  bool isHeard = static_cast<bool>(probe);
  // Taken back: it would be reported.
  probe = remark::detail::InFlightRemark();
  return isHeard;
}

namespace {
struct ExplainBlockers
    : public graphopt::impl::ExplainBlockersBase<ExplainBlockers> {
  void runOnOperation() override {
    markAllAnalysesPreserved();
    // Costs nothing if nobody listens.
    if (getOperation().isExternal() || !isHeard(getOperation()))
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
