//===- Overlaps.cpp - Launch arguments that share memory ------------------===//
//
// Part of graph-opt. This file implements the search for overlapping launch
// arguments: ranges in the order of their addresses, each compared with the
// one before that reaches furthest.
//
//===----------------------------------------------------------------------===//

#include "Overlaps.h"

#include <algorithm>

using namespace graphopt::runtime;

void Overlaps::initialize(const GoGraph &graph) {
  std::vector<bool> isDisjoint(graph.info.num_buffers, false);
  for (int64_t buffer : graph.disjoint)
    isDisjoint[buffer] = true;
  isWritten.assign(graph.info.num_buffers, false);
  forEachNode(graph, [&](const GoGraph &, GoNode, const Node &node) {
    if (node.kind == NodeKind::Child)
      return; // Its nodes say what it touches.
    for (const GoRef &reference : node.references) {
      if (reference.buffer < 0 || reference.bytes == 0 ||
          !isDisjoint[reference.buffer])
        continue;
      bool writes = reference.access & GO_ACCESS_WRITE;
      ranges.push_back({reference.buffer, reference.offset,
                        reference.offset + reference.bytes, writes});
      if (writes)
        isWritten[reference.buffer] = true;
    }
  });
  std::sort(ranges.begin(), ranges.end(), [](const Range &a, const Range &b) {
    return std::make_pair(a.buffer, a.begin) <
           std::make_pair(b.buffer, b.begin);
  });
  size_t kept = 0;
  for (const Range &range : ranges) {
    Range *last = kept ? &ranges[kept - 1] : nullptr;
    if (last && last->buffer == range.buffer && range.begin <= last->end) {
      last->end = std::max(last->end, range.end);
      last->isWritten |= range.isWritten;
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
  // Without a write nothing can go wrong.
  if (std::find(isWritten.begin(), isWritten.end(), true) == isWritten.end())
    ranges.clear();
  for (size_t i = 0; i < ranges.size(); ++i)
    placed.push_back({0, i});
}

Overlaps::Extent Overlaps::extentOf(int64_t buffer) const {
  auto first = std::lower_bound(
      ranges.begin(), ranges.end(), buffer,
      [](const Range &range, int64_t number) { return range.buffer < number; });
  auto last = first;
  while (last + 1 != ranges.end() && last[1].buffer == buffer)
    ++last;
  return {buffer, first->begin, last->end - first->begin};
}

void Overlaps::sortPlaced(void *const *buffers) {
  bool isSorted = true;
  uintptr_t before = 0;
  for (Placed &place : placed) {
    const Range &range = ranges[place.range];
    place.begin =
        reinterpret_cast<uintptr_t>(buffers[range.buffer]) + range.begin;
    isSorted &= before <= place.begin;
    before = place.begin;
  }
  if (!isSorted)
    std::sort(
        placed.begin(), placed.end(),
        [](const Placed &a, const Placed &b) { return a.begin < b.begin; });
}

bool Overlaps::anyMeet() const {
  uintptr_t readEnd = 0, writtenEnd = 0; // What reaches furthest so far.
  for (const Placed &place : placed) {
    const Range &range = ranges[place.range];
    uintptr_t end = place.begin + (range.end - range.begin);
    if (place.begin < writtenEnd || (range.isWritten && place.begin < readEnd))
      return true;
    uintptr_t &furthest = range.isWritten ? writtenEnd : readEnd;
    furthest = std::max(furthest, end);
  }
  return false;
}

Status Overlaps::find(const GoGraph &graph, void *const *buffers,
                      std::vector<Extent> &shared) {
  if (ranges.size() < 2)
    return {};
  sortPlaced(buffers);
  if (!anyMeet())
    return {};
  std::vector<bool> isShared(isWritten.size(), false);
  std::vector<Placed> open; // Ranges that may reach the next one.
  for (const Placed &place : placed) {
    const Range &range = ranges[place.range];
    auto isPassed = [&](const Placed &other) {
      const Range &before = ranges[other.range];
      return other.begin + (before.end - before.begin) <= place.begin;
    };
    open.erase(std::remove_if(open.begin(), open.end(), isPassed), open.end());
    for (const Placed &other : open) {
      const Range &before = ranges[other.range];
      if (!range.isWritten && !before.isWritten)
        continue;
      if (isWritten[range.buffer] && isWritten[before.buffer])
        return {GO_INVALID_ARGUMENT,
                graph.where + ": buffers " + std::to_string(before.buffer) +
                    " and " + std::to_string(range.buffer) +
                    " overlap, and the graph writes both"};
      isShared[isWritten[range.buffer] ? before.buffer : range.buffer] = true;
    }
    open.push_back(place);
  }
  for (size_t buffer = 0; buffer < isShared.size(); ++buffer)
    if (isShared[buffer])
      shared.push_back(extentOf(buffer));
  return {};
}
