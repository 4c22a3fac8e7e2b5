//===- BufferIndex.h - Memrefs by what they cover ---------------*- C++ -*-===//

#ifndef GRAPHOPT_ANALYSIS_BUFFERINDEX_H
#define GRAPHOPT_ANALYSIS_BUFFERINDEX_H

#include "GraphOpt/Analysis/BufferRange.h"
#include "GraphOpt/Analysis/RangeIndex.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

#include <vector>

namespace graphopt {

/// A set of memrefs that finds those which may overlap another one. Different
/// roots are taken to be disjoint. The views that lead to the memrefs must not
/// change meanwhile.
class BufferIndex {
public:
  /// Does nothing if `memref` is in the set. Takes logarithmic time.
  void insert(mlir::Value memref);
  /// In the order they were inserted, `memref` included if it is in the set.
  /// Takes, for m memrefs of the same root of which few overlap each other,
  /// O(log m) time for each power of two up to the longest of them, and that of
  /// the result.
  llvm::SmallVector<mlir::Value> findOverlapping(mlir::Value memref) const;
  void clear() { *this = BufferIndex(); }

private:
  /// The memrefs of one root, as positions in `entries`.
  struct Root {
    std::vector<size_t> all;
    /// Those whose range is not known.
    std::vector<size_t> unknown;
    RangeIndex known;
  };
  struct Entry {
    mlir::Value memref;
    BufferRange range;
  };

  std::vector<Entry> entries;
  llvm::DenseMap<mlir::Value, size_t> positions;
  llvm::DenseMap<mlir::Value, Root> roots;
};

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_BUFFERINDEX_H
