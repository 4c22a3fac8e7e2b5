//===- RangeIndex.cpp - Ranges by where they lie --------------------------===//
//
// Implements the search for ranges that overlap.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/RangeIndex.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace graphopt;

void RangeIndex::insert(int64_t begin, int64_t end, size_t number) {
  uint64_t length = std::max<int64_t>(end - begin, 1);
  byLength[Log2_64_Ceil(length)].emplace(begin, Entry{end, number});
}

SmallVector<size_t> RangeIndex::findOverlapping(int64_t begin,
                                                int64_t end) const {
  SmallVector<size_t> found;
  for (const auto &[logarithm, starts] : byLength) {
    auto last = starts.lower_bound(end);
    auto it = starts.upper_bound(begin - (int64_t(1) << logarithm));
    for (; it != starts.end() && it != last; ++it)
      if (begin < it->second.end)
        found.push_back(it->second.number);
  }
  llvm::sort(found);
  return found;
}
