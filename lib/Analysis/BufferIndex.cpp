//===- BufferIndex.cpp - Memrefs by what they cover -----------------------===//
//
// Implements the search for overlaps.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/BufferIndex.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"

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
  root.known.insert(*range.begin, *range.end, position);
}

SmallVector<Value> BufferIndex::findOverlapping(Value memref) const {
  auto known = positions.find(memref);
  BufferRange range = known == positions.end() ? getBufferRange(memref)
                                               : entries[known->second].range;
  auto root = roots.find(range.root);
  if (root == roots.end())
    return {};
  if (!range.begin)
    return llvm::map_to_vector(root->second.all, [&](size_t position) {
      return entries[position].memref;
    });
  SmallVector<size_t> found =
      root->second.known.findOverlapping(*range.begin, *range.end);
  llvm::append_range(found, root->second.unknown);
  llvm::sort(found);
  return llvm::map_to_vector(
      found, [&](size_t position) { return entries[position].memref; });
}
