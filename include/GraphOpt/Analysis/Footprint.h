//===- Footprint.h - The memory that a phase touches ------------*- C++ -*-===//
//
// Which bytes of a region's buffers a phase reads and writes, to tell which
// phases may share a kernel.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_ANALYSIS_FOOTPRINT_H
#define GRAPHOPT_ANALYSIS_FOOTPRINT_H

#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

namespace graphopt {

/// The phases of `op`, which is a map, reduce or scalar or a kernel of them.
llvm::SmallVector<mlir::Operation *> getPhases(mlir::Operation *op);

/// The bytes that a map, reduce or scalar of a region reads and writes. Takes
/// n log n time in the number of its tensors.
class Footprint {
public:
  explicit Footprint(mlir::Operation *phase);

  /// Whether the two may run in any order, or at the same time.
  bool isIndependentOf(const Footprint &other) const {
    return mayOvertake(other) && !overlap(reads, other.writes);
  }
  /// Whether the two read or write some of the same memory.
  bool sharesMemoryWith(const Footprint &other) const {
    return overlap(reads, other.reads) || !isIndependentOf(other);
  }
  /// Whether running it twice, at any time, does no harm.
  bool isIdempotent() const { return !overlap(reads, writes); }
  /// Whether this one, after `other` in one block, leaves alone what another
  /// block's `other` reads or writes at that time.
  bool mayOvertake(const Footprint &other) const {
    return !overlap(writes, other.reads) && !overlap(writes, other.writes);
  }

private:
  /// Bytes [begin, end) of a buffer.
  struct Range {
    mlir::Value buffer;
    int64_t begin, end;
  };
  /// By buffer, then by begin, without overlaps.
  using Ranges = mlir::SmallVector<Range>;

  static void normalize(Ranges &ranges);
  static bool overlap(mlir::ArrayRef<Range> a, mlir::ArrayRef<Range> b);

  Ranges reads, writes;
};

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_FOOTPRINT_H
