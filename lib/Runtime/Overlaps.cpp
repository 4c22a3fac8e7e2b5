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
  begins.assign(ranges.size(), 0);
  firstRange.assign(graph.info.num_buffers + 1, ranges.size());
  for (size_t i = ranges.size(); i-- > 0;) {
    longest = std::max<uintptr_t>(longest, ranges[i].end - ranges[i].begin);
    firstRange[ranges[i].buffer] = i;
  }
  for (size_t buffer = graph.info.num_buffers; buffer-- > 0;)
    firstRange[buffer] = std::min(firstRange[buffer], firstRange[buffer + 1]);
  for (size_t i = 0; i < ranges.size(); ++i)
    placed.push_back({0, i});
}

Overlaps::Extent Overlaps::extentOf(int64_t buffer) const {
  const Range &first = ranges[firstRange[buffer]];
  const Range &last = ranges[firstRange[buffer + 1] - 1];
  return {buffer, first.begin, last.end - first.begin};
}

void Overlaps::sortPlaced(void *const *buffers) {
  bool isSorted = true;
  uintptr_t before = 0;
  for (Placed &place : placed) {
    place.begin = begins[place.range] = placeOf(buffers, place.range);
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
  isDisjoint = !anyMeet();
  if (isDisjoint)
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

//===----------------------------------------------------------------------===//
// A few moves
//===----------------------------------------------------------------------===//

/// Puts `place` where it belongs, unless it meets a range and one of both is
/// written, or the ranges that may reach it are more than `budget`.
bool Overlaps::insert(const Placed &place, int64_t &budget) {
  const Range &range = ranges[place.range];
  uintptr_t end = place.begin + (range.end - range.begin);
  auto isBefore = [](const Placed &other, uintptr_t address) {
    return other.begin < address;
  };
  auto last = std::lower_bound(placed.begin(), placed.end(), end, isBefore);
  auto at = last;
  for (auto it = last; it != placed.begin();) {
    const Placed &other = *--it;
    const Range &before = ranges[other.range];
    if (place.begin <= other.begin)
      at = it;
    else if (place.begin - other.begin >= longest)
      break; // Nothing that begins earlier reaches this far.
    if (--budget < 0)
      return false;
    uintptr_t otherEnd = other.begin + (before.end - before.begin);
    if (place.begin < otherEnd && (range.isWritten || before.isWritten))
      return false;
  }
  placed.insert(at, place);
  begins[place.range] = place.begin;
  return true;
}

bool Overlaps::canMove(void *const *buffers,
                       const std::vector<int64_t> &moved) {
  if (ranges.size() < 2)
    return true;
  // Each move takes time of its own; many are sorted faster.
  size_t limit = 1 + ranges.size() / 256;
  if (!isDisjoint || moved.size() > limit)
    return false;
  moving.clear();
  for (int64_t buffer : moved)
    for (size_t i = firstRange[buffer]; i < firstRange[buffer + 1]; ++i)
      moving.push_back({placeOf(buffers, i), i});
  if (moving.size() > limit)
    return false;
  isDisjoint = false; // What is there is incomplete from here on.
  for (const Placed &place : moving) {
    auto at =
        std::lower_bound(placed.begin(), placed.end(), begins[place.range],
                         [](const Placed &other, uintptr_t address) {
                           return other.begin < address;
                         });
    while (at->range != place.range)
      ++at;
    placed.erase(at);
  }
  int64_t budget = ranges.size();
  for (const Placed &place : moving)
    if (!insert(place, budget)) {
      restore();
      return false;
    }
  isDisjoint = true;
  return true;
}

/// Makes `placed` hold every range again, in whatever order.
void Overlaps::restore() {
  placed.clear();
  for (size_t i = 0; i < ranges.size(); ++i)
    placed.push_back({begins[i], i});
}
