//===- ElementTypes.h - What kernels compute with ---------------*- C++ -*-===//

#ifndef GRAPHOPT_ANALYSIS_ELEMENTTYPES_H
#define GRAPHOPT_ANALYSIS_ELEMENTTYPES_H

#include "mlir/IR/BuiltinTypes.h"

namespace graphopt {

/// Whether kernels compute with values of `type` and keep them in whole bytes:
/// f16, bf16, f32, f64, index, and signless integers of 1, 8, 16, 32, 64 bits.
inline bool isKernelElement(mlir::Type type) {
  if (mlir::isa<mlir::Float16Type, mlir::BFloat16Type, mlir::Float32Type,
                mlir::Float64Type, mlir::IndexType>(type))
    return true;
  auto integer = mlir::dyn_cast<mlir::IntegerType>(type);
  return integer && integer.isSignless() &&
         llvm::is_contained({1u, 8u, 16u, 32u, 64u}, integer.getWidth());
}

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_ELEMENTTYPES_H
