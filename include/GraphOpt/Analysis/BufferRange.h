//===- BufferRange.h - What part of a buffer a memref covers ----*- C++ -*-===//

#ifndef GRAPHOPT_ANALYSIS_BUFFERRANGE_H
#define GRAPHOPT_ANALYSIS_BUFFERRANGE_H

#include "mlir/IR/Value.h"
#include <optional>

namespace mlir {
class MemRefType;
} // namespace mlir

namespace graphopt {

/// The elements of a buffer that a memref may touch.
struct BufferRange {
  /// The memref that is not a view: a function argument, an allocation, or the
  /// result of an op that is not understood.
  mlir::Value root;
  /// First element and one past the last, counted in elements of `root`'s
  /// element type from its first element; none if not known.
  std::optional<int64_t> begin, end;

  /// Whether the two may share an element. Two roots are disjoint if either is
  /// an allocation and it is known what the other one is (isIdentifiedRoot), or
  /// if `distinctRoots` says so.
  bool mayOverlap(const BufferRange &other, bool distinctRoots) const;
};

/// Whether it is known what memory `root` is: an allocation, a global, or an
/// argument of a function. The result of a selection, a branch, a loop or a
/// call may be any other buffer.
bool isIdentifiedRoot(mlir::Value root);

/// Follows `memref` through views of static offset to its root.
BufferRange getBufferRange(mlir::Value memref);

/// The memref that `memref` is a view of, if where it lies there is known at
/// compile time: follows subviews, reinterpretations, reshapes and casts
/// without operands but their source, as long as source and result have static
/// layouts and the result lies within the source. Returns `memref` if it is no
/// such view.
mlir::Value getStaticBase(mlir::Value memref);

/// Whether the elements of `type` lie one after the other in row-major order
/// (its layout may still have an offset).
bool isContiguous(mlir::MemRefType type);

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_BUFFERRANGE_H
