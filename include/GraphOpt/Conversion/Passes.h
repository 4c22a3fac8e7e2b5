//===- Passes.h - Conversions -----------------------------------*- C++ -*-===//

#ifndef GRAPHOPT_CONVERSION_PASSES_H
#define GRAPHOPT_CONVERSION_PASSES_H

#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "mlir/Pass/Pass.h"

namespace graphopt {

#define GEN_PASS_DECL
#include "GraphOpt/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "GraphOpt/Conversion/Passes.h.inc"

} // namespace graphopt

#endif // GRAPHOPT_CONVERSION_PASSES_H
