//===- Conditions.h - Names around conditions of graphs ---------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_GPULOWERING_CONDITIONS_H
#define GRAPHOPT_LIB_CONVERSION_GPULOWERING_CONDITIONS_H

#include "llvm/ADT/StringRef.h"

namespace graphopt {

/// The function of CUDA's device runtime by which a kernel sets a condition:
/// void (cudaGraphConditionalHandle, unsigned int).
inline constexpr llvm::StringLiteral kConditionSetter =
    "cudaGraphSetConditional";

/// Marks a gpu.binary whose kernels set no conditions although they should.
inline constexpr llvm::StringLiteral kNoConditionsAttr =
    "graphopt.no_conditions";

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_GPULOWERING_CONDITIONS_H
