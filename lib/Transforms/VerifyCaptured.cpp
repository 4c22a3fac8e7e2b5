//===- VerifyCaptured.cpp - All device work is in regions -----------------===//

#include "GraphOpt/Transforms/Passes.h"

#include "Capture/LaunchOps.h"
#include "Report/Blockers.h"
#include "Report/Work.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphopt {
#define GEN_PASS_DEF_VERIFYCAPTURED
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

/// Device work of modules in `module`, which no pass looks into.
static SmallVector<Operation *> collectNestedWork(ModuleOp module) {
  SmallVector<Operation *> ops;
  module.walk([&](func::FuncOp function) {
    if (function->getParentOfType<ModuleOp>() == module)
      return;
    function.walk([&](Operation *op) {
      if (op->getDialect() && (isDeviceWorkOp(op) || isNodeOnMemory(op)))
        ops.push_back(op);
    });
  });
  return ops;
}

/// What was not captured is an error; what else splits regions is told with it.
static void report(const Blocker &blocker) {
  bool isError = blocker.kind == Blocker::Kind::Uncaptured;
  InFlightDiagnostic diagnostic =
      isError ? blocker.op->emitError() : blocker.op->emitWarning();
  diagnostic << (isError ? "not captured" : "blocks capture") << " ["
             << blocker.code << "]: " << blocker.note;
  diagnostic.attachNote() << blocker.formatWhatIf();
}

namespace {
struct VerifyCaptured
    : public graphopt::impl::VerifyCapturedBase<VerifyCaptured> {
  using VerifyCapturedBase::VerifyCapturedBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    Calibration calibration = Calibration::getFor(module);
    SmallVector<Blocker> blockers;
    llvm::MapVector<Operation *, std::string> launchesLeft;
    for (auto function : module.getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      llvm::append_range(blockers, findBlockers(function, calibration));
      if (launches)
        collectLaunches(function, launchesLeft);
    }
    SmallVector<Operation *> nested = collectNestedWork(module);
    bool holds = nested.empty() && launchesLeft.empty() &&
                 llvm::none_of(blockers, [](const Blocker &blocker) {
                   return blocker.kind == Blocker::Kind::Uncaptured;
                 });
    if (holds)
      return;
    signalPassFailure();
    for (const Blocker &blocker : blockers)
      report(blocker);
    for (auto &[op, reason] : launchesLeft)
      op->emitError("not captured [launch-not-captured]: ") << reason;
    for (Operation *op : nested)
      op->emitError("not captured [nested-module]: functions of a module in "
                    "the module are left as they are");
  }

private:
  /// Launches, copies and fills that could be nodes and are none. (Those that
  /// could not are among the blockers.)
  static void collectLaunches(func::FuncOp function,
                              llvm::MapVector<Operation *, std::string> &left) {
    LaunchOps found = findLaunchOps(function);
    function.walk([&](Operation *op) {
      if (!isNodeOnMemory(op))
        return;
      auto reason = found.refused.find(op);
      left[op] = reason == found.refused.end() ? "no graph was made of it"
                                               : reason->second;
    });
  }
};
} // namespace
