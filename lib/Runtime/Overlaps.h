//===- Overlaps.h - Launch arguments that share memory ----------*- C++ -*-===//
//
// Part of graph-opt. Finds launch arguments that a graph takes to be disjoint
// and that are not.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_OVERLAPS_H
#define GRAPHOPT_LIB_RUNTIME_OVERLAPS_H

#include "Graph.h"

#include <vector>

namespace graphopt::runtime {

class Overlaps {
public:
  /// The bytes of a buffer from the first to the last that a node touches.
  struct Extent {
    int64_t buffer = 0;
    int64_t begin = 0;
    int64_t bytes = 0;
  };

  /// Collects the bytes that the nodes of `graph` touch of the buffers that it
  /// takes to be disjoint. The graph is complete.
  void initialize(const GoGraph &graph);

  /// Finds the buffers that are only read and share bytes with one that is
  /// written: appends them to `shared`. Refuses two buffers that share bytes
  /// and are both written. Takes linear time in the number of ranges if these
  /// lie in memory in the order of the last call, else that of sorting them.
  Status find(const GoGraph &graph, void *const *buffers,
              std::vector<Extent> &shared);
  /// Quick answer for a few buffers `moved`, ascending, since the last call of
  /// either: true if `find` would find nothing. False means that it must be
  /// asked.
  bool canMove(void *const *buffers, const std::vector<int64_t> &moved);

private:
  /// Bytes [begin, end) of a buffer; those of one buffer do not touch.
  struct Range {
    int64_t buffer;
    int64_t begin, end;
    bool isWritten;
  };
  /// A range at its address.
  struct Placed {
    uintptr_t begin;
    size_t range;
  };

  uintptr_t placeOf(void *const *buffers, size_t range) const {
    return reinterpret_cast<uintptr_t>(buffers[ranges[range].buffer]) +
           ranges[range].begin;
  }
  void sortPlaced(void *const *buffers);
  bool insert(const Placed &place, int64_t &budget);
  void restore();
  /// Whether a written range meets another one.
  bool anyMeet() const;
  Extent extentOf(int64_t buffer) const;

  std::vector<Range> ranges;      ///< By buffer and begin.
  std::vector<size_t> firstRange; ///< By buffer: in `ranges`; and the end.
  std::vector<bool> isWritten;    ///< By buffer.
  std::vector<Placed> placed;     ///< By address, as of the last call.
  std::vector<uintptr_t> begins;  ///< By range: its address in `placed`.
  uintptr_t longest = 0;          ///< Bytes of the longest range.
  bool isDisjoint = false;        ///< As `placed`, nothing is to be found.
  std::vector<Placed> moving;     ///< Kept, so that launches do not allocate.
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_OVERLAPS_H
