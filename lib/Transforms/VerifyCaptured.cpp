//===- VerifyCaptured.cpp - All device work is in regions -----------------===//

#include "GraphOpt/Transforms/Passes.h"
#include "Report/Blockers.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphopt {
#define GEN_PASS_DEF_VERIFYCAPTURED
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

namespace {
struct VerifyCaptured
    : public graphopt::impl::VerifyCapturedBase<VerifyCaptured> {
  void runOnOperation() override {
    Calibration calibration = Calibration::getFor(getOperation());
    SmallVector<Blocker> blockers;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (!function.isExternal())
        llvm::append_range(blockers, findBlockers(function, calibration));
    bool holds = llvm::none_of(blockers, [](const Blocker &blocker) {
      return blocker.kind == Blocker::Kind::Uncaptured;
    });
    if (holds)
      return;
    signalPassFailure();
    for (const Blocker &blocker : blockers)
      report(blocker);
  }

private:
  /// What was not captured is an error; what else splits regions is told with
  /// it.
  static void report(const Blocker &blocker) {
    bool isError = blocker.kind == Blocker::Kind::Uncaptured;
    InFlightDiagnostic diagnostic =
        isError ? blocker.op->emitError() : blocker.op->emitWarning();
    diagnostic << (isError ? "not captured" : "blocks capture") << " ["
               << blocker.code << "]: " << blocker.note;
    diagnostic.attachNote() << blocker.formatWhatIf();
  }
};
} // namespace
