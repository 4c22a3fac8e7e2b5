//===- BufferIndex.cpp - Memrefs by what they cover -----------------------===//
//
// Implements the search for overlaps. A long range that starts early may cover
// many short ones, so ranges are kept apart by length: those of at most 2^k
// elements that reach into [begin, end) start after begin - 2^k.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/BufferIndex.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphopt;

void BufferIndex::insert(Value memref) {
  size_t position = entries.size();
  if (!positions.try_emplace(memref, position).second)
    return;
  BufferRange range = getBufferRange(memref);
  entries.push_back({memref, range});
  Root &root = roots[range.root];
  root.all.push_back(position);
  if (!range.begin) {
    root.unknown.push_back(position);
    return;
  }
  uint64_t length = std::max<int64_t>(*range.end - *range.begin, 1);
  root.byLength[llvm::Log2_64_Ceil(length)].emplace(*range.begin, position);
}

SmallVector<Value> BufferIndex::findOverlapping(Value memref) const {
  auto known = positions.find(memref);
  BufferRange range = known == positions.end() ? getBufferRange(memref)
                                               : entries[known->second].range;
  auto root = roots.find(range.root);
  if (root == roots.end())
    return {};
  SmallVector<size_t> found;
  auto consider = [&](size_t position) {
    if (range.mayOverlap(entries[position].range, /*distinctRoots=*/true))
      found.push_back(position);
  };
  if (range.begin) {
    llvm::for_each(root->second.unknown, consider);
    for (const auto &[logarithm, starts] : root->second.byLength) {
      auto end = starts.lower_bound(*range.end);
      for (auto it =
               starts.upper_bound(*range.begin - (int64_t(1) << logarithm));
           it != starts.end() && it != end; ++it)
        consider(it->second);
    }
  } else {
    llvm::for_each(root->second.all, consider);
  }
  llvm::sort(found);
  return llvm::map_to_vector(
      found, [&](size_t position) { return entries[position].memref; });
}
