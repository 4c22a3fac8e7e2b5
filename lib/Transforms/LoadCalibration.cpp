//===- LoadCalibration.cpp - A calibration table on the module ------------===//
//
// Reads a table from a file, or checks the one that the module has.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Calibration.h"
#include "GraphOpt/Transforms/Passes.h"

namespace graphopt {
#define GEN_PASS_DEF_LOADCALIBRATION
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using graphopt::Calibration;

namespace {
struct LoadCalibration
    : public graphopt::impl::LoadCalibrationBase<LoadCalibration> {
  using LoadCalibrationBase::LoadCalibrationBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto fail = [&](const llvm::Twine &what, llvm::Error error) {
      emitError(module.getLoc(), what + llvm::toString(std::move(error)));
      signalPassFailure();
    };
    if (file.empty()) {
      markAllAnalysesPreserved();
      Attribute attribute = module->getAttr(Calibration::kAttribute);
      if (!attribute)
        return;
      llvm::Expected<Calibration> table = Calibration::parse(attribute);
      if (!table)
        fail("attribute '" + Calibration::kAttribute + "': ",
             table.takeError());
      return;
    }
    llvm::Expected<Calibration> table = Calibration::read(file);
    if (!table)
      return fail("", table.takeError());
    module->setAttr(Calibration::kAttribute,
                    table->toAttribute(module.getContext()));
  }
};
} // namespace
