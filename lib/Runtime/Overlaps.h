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

  void sortPlaced(void *const *buffers);
  /// Whether a written range meets another one.
  bool anyMeet() const;
  Extent extentOf(int64_t buffer) const;

  std::vector<Range> ranges;   ///< By buffer and begin.
  std::vector<bool> isWritten; ///< By buffer.
  std::vector<Placed> placed;  ///< By address, as of the last call.
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_OVERLAPS_H
