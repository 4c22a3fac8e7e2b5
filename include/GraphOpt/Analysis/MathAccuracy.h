//===- MathAccuracy.h - Errors of the device's math functions ---*- C++ -*-===//

#ifndef GRAPHOPT_ANALYSIS_MATHACCURACY_H
#define GRAPHOPT_ANALYSIS_MATHACCURACY_H

#include "mlir/IR/Operation.h"

namespace graphopt {

/// How far the results of `op`, an op of the math dialect on scalars or on
/// elements, may be from the correctly rounded ones on a GPU, in units in the
/// last place (ulp) of its result type. 0 where IEEE 754 leaves no choice, as
/// for square roots and all integer ops; nothing for ops that no bound is known
/// of. Types narrower than f32 are computed in f32 and rounded once.
///
/// The bounds are those that CUDA's programming guide states for its library
/// (appendix "Mathematical Functions": found by extensive tests, not proved),
/// the largest that any of its releases from 9 to 13 states.
std::optional<unsigned> getDeviceMathError(mlir::Operation *op);

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_MATHACCURACY_H
