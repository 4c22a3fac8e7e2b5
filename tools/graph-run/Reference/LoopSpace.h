//===- LoopSpace.h - Spaces of loops over strided operands ------*- C++ -*-===//
//
// A space of loops, each of which moves a fixed distance in every operand.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_LOOPSPACE_H
#define GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_LOOPSPACE_H

#include "mlir/IR/AffineExpr.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"

#include <cstdint>

namespace graphrun {

/// One loop, with the distance in elements that it moves in each operand.
struct Dim {
  int64_t extent;
  int loop; ///< Ordinal in LoopNest::extents; the innermost if merged.
  llvm::SmallVector<int64_t, 4> steps;
};

/// A run of points that differ in the innermost loop only.
struct Segment {
  int64_t position, length;
  llvm::SmallVector<int64_t, 4> index;     ///< Of the first point.
  llvm::SmallVector<int64_t, 4> distances; ///< Per operand, of the first point.
};

/// A space of loops, walked in row-major order.
struct Space {
  llvm::SmallVector<Dim, 4> dims;
  size_t numOperands = 0;

  int64_t size() const;
  /// Index of the `linear`-th point.
  void unravel(int64_t linear, llvm::MutableArrayRef<int64_t> index) const;
  /// Elements between the first point and that at `index`, in one operand.
  int64_t distance(llvm::ArrayRef<int64_t> index, size_t operand) const;
  /// Moves a point to the next one, and `distances` with it.
  void advance(llvm::MutableArrayRef<int64_t> index,
               llvm::MutableArrayRef<int64_t> distances) const;
  /// The points [begin, end) in row-major order, cut into rows.
  llvm::SmallVector<Segment, 4> segments(int64_t begin, int64_t end) const;
  /// Drops loops of one iteration and merges neighbours that every operand
  /// walks as one.
  void mergeLoops();
};

/// Adds `scale` times the coefficient of each dim in `expr` to `dims` and its
/// constant to `constant`; false if `expr` is not linear.
bool linearCoefficients(mlir::AffineExpr expr, int64_t scale,
                        llvm::MutableArrayRef<int64_t> dims, int64_t &constant);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_LOOPSPACE_H
