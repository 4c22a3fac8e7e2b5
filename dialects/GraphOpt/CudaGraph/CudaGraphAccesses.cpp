//===- CudaGraphAccesses.cpp - Who has touched which bytes ----------------===//
//
// Implements the book of accesses.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/CudaGraph/CudaGraphAccesses.h"

using namespace mlir;
using namespace mlir::cudagraph;

void AccessHistory::splitAt(Ranges &ranges, int64_t position) {
  auto next = ranges.lower_bound(position);
  if (next == ranges.begin())
    return;
  Touched &range = std::prev(next)->second;
  if (range.end <= position)
    return;
  Touched tail = range;
  range.end = position;
  ranges.emplace_hint(next, position, std::move(tail));
}

LogicalResult
AccessHistory::record(unsigned node, const ByteRange &range, bool isWrite,
                      function_ref<LogicalResult(const Touched &)> visit) {
  if (range.begin >= range.end)
    return success();
  Ranges &ranges = buffers[range.root];
  splitAt(ranges, range.begin);
  splitAt(ranges, range.end);
  auto it = ranges.lower_bound(range.begin);
  for (int64_t position = range.begin; position < range.end; ++it) {
    if (it == ranges.end() || it->first > position) {
      // Nobody has touched the bytes up to the next known range.
      Touched gap;
      gap.end = it == ranges.end() ? range.end : std::min(it->first, range.end);
      it = ranges.emplace_hint(it, position, std::move(gap));
    }
    Touched &entry = it->second;
    position = entry.end;
    if ((entry.writer || !entry.readers.empty()) && failed(visit(entry)))
      return failure();
    if (!isWrite && (entry.readers.empty() || entry.readers.back() != node))
      entry.readers.push_back(node);
  }
  if (isWrite) {
    ranges.erase(ranges.lower_bound(range.begin),
                 ranges.lower_bound(range.end));
    Touched &entry = ranges[range.begin];
    entry.end = range.end;
    entry.writer = node;
  }
  return success();
}

void AccessHistory::recordEdges(unsigned node, const ByteRange &range,
                                bool isWrite, ArrayRef<Value> nodes,
                                llvm::SetVector<Value> &before) {
  auto addEdges = [&](const Touched &touched) {
    bool isAfterReaders = false;
    if (isWrite)
      for (unsigned reader : touched.readers)
        if (reader != node) {
          before.insert(nodes[reader]);
          isAfterReaders = true;
        }
    if (touched.writer && *touched.writer != node && !isAfterReaders)
      before.insert(nodes[*touched.writer]);
    return success();
  };
  (void)record(node, range, isWrite, addEdges);
}
