//===- Calibrate.h - What things cost on this GPU ---------------*- C++ -*-===//
//
// Measures the calibration table of the cost model (Calibration.h) with small
// programs that go through our own compiler and runtime.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_CALIBRATE_H
#define GRAPHOPT_TOOLS_GRAPHRUN_CALIBRATE_H

#include "Options.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Error.h"

namespace graphrun {

/// Measures the device that `options` asks for, which must be a CUDA device,
/// and writes the table to the file `options.calibrate` (`-`: the standard
/// output).
llvm::Error calibrate(const Options &options, mlir::MLIRContext &context);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_CALIBRATE_H
