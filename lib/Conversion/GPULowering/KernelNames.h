//===- KernelNames.h - Names that make and read kernels ---------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_GPULOWERING_KERNELNAMES_H
#define GRAPHOPT_LIB_CONVERSION_GPULOWERING_KERNELNAMES_H

#include "llvm/ADT/StringRef.h"

namespace graphopt {

/// On a kernel: how many slots (GoCudaLaunch) its parameter has by value. A
/// kernel without it takes the address of a table.
inline constexpr llvm::StringLiteral kSlotsByValueAttr =
    "graphopt.slots_by_value";

/// The function of CUDA's device runtime by which a kernel sets a condition:
/// void (cudaGraphConditionalHandle, unsigned int).
inline constexpr llvm::StringLiteral kConditionSetter =
    "cudaGraphSetConditional";

/// Marks a gpu.binary whose kernels set no conditions although they should.
inline constexpr llvm::StringLiteral kNoConditionsAttr =
    "graphopt.no_conditions";

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_GPULOWERING_KERNELNAMES_H
