//===- RangeIndex.h - Ranges by where they lie ------------------*- C++ -*-===//

#ifndef GRAPHOPT_ANALYSIS_RANGEINDEX_H
#define GRAPHOPT_ANALYSIS_RANGEINDEX_H

#include "llvm/ADT/SmallVector.h"

#include <cstddef>
#include <cstdint>
#include <map>

namespace graphopt {

/// A set of half-open ranges of elements, each with a number that its owner
/// chose, that finds those which overlap another one.
class RangeIndex {
public:
  /// Takes logarithmic time.
  void insert(int64_t begin, int64_t end, size_t number);
  /// The numbers of the ranges that overlap [begin, end), in ascending order.
  /// Takes, for m ranges of which few overlap each other, O(log m) time for
  /// each power of two up to the longest of them, and that of the result.
  llvm::SmallVector<size_t> findOverlapping(int64_t begin, int64_t end) const;

private:
  struct Entry {
    int64_t end;
    size_t number;
  };
  /// By the power of two that bounds their length, then by begin. A long range
  /// that starts early may cover many short ones, so ranges are kept apart by
  /// length: those of at most 2^k elements that reach into [begin, end) start
  /// after begin - 2^k.
  std::map<unsigned, std::multimap<int64_t, Entry>> byLength;
};

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_RANGEINDEX_H
