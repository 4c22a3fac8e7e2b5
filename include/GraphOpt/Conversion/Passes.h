//===- Passes.h - Conversions -----------------------------------*- C++ -*-===//

#ifndef GRAPHOPT_CONVERSION_PASSES_H
#define GRAPHOPT_CONVERSION_PASSES_H

#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "mlir/Pass/Pass.h"

namespace graphopt {

/// What becomes of the PTX of kernels.
enum class CodeFormat {
  Auto,   ///< Machine code if there is a CUDA toolkit, else PTX.
  Bin,    ///< Machine code of one chip.
  FatBin, ///< Machine code and PTX.
  ISA,    ///< PTX, which the driver assembles when the program runs.
};

#define GEN_PASS_DECL
#include "GraphOpt/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "GraphOpt/Conversion/Passes.h.inc"

} // namespace graphopt

#endif // GRAPHOPT_CONVERSION_PASSES_H
