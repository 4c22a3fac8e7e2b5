//===- ArenaPacker.h - Places of temporaries in an arena --------*- C++ -*-===//
//
// Gives temporaries offsets so that no two that may be alive at the same time
// share a byte.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TRANSFORMS_MEMORY_ARENAPACKER_H
#define GRAPHOPT_TRANSFORMS_MEMORY_ARENAPACKER_H

#include "NodeOrder.h"

namespace graphopt {

/// Where temporaries start, in bytes; what CUDA aligns allocations to.
inline constexpr int64_t kArenaAlignment = 256;

/// When memory is in use, and where it was placed.
struct Lifetime {
  int64_t bytes = 0;
  /// Numbers of the first and last op that touch it.
  unsigned first = 0, last = 0;
  /// What has finished before any op touches it, and all that touches it (see
  /// NodeOrder). It may take the place of another one if the end of that is
  /// within its begin. Left empty where the order of numbers is all that
  /// counts.
  Clock begin, end;
  int64_t offset = 0; ///< Result, in bytes.
};

/// Sets the offsets and returns the size of the arena in bytes. The smallest
/// free place that is large enough is taken. Takes about n log n time.
int64_t packArena(llvm::ArrayRef<Lifetime *> lifetimes);

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_MEMORY_ARENAPACKER_H
