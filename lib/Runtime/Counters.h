//===- Counters.h - What was done ------------------------------*- C++ -*-===//
//
// Part of graph-opt. Counters of a context, and of each of its executables.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_COUNTERS_H
#define GRAPHOPT_LIB_RUNTIME_COUNTERS_H

#include "GraphOpt/Runtime/GraphRuntime.h"

#include <atomic>

namespace graphopt::runtime {

/// GoCounters that many threads may increment. What was done for executables is
/// counted by them alone; contexts add it up when they are asked.
struct Counters {
  using Counter = std::atomic<uint64_t>;
  Counter graphs{0}, graphLaunches{0}, kernelNodes{0}, memcpyNodes{0},
      memsetNodes{0}, conditionalNodes{0}, instantiations{0}, updates{0},
      readbacks{0}, waits{0}, uploads{0}, cacheHits{0}, hostBranches{0},
      deferredReadbacks{0}, evictions{0}, retries{0}, fallbacks{0}, builds{0},
      nodeUpdates{0}, copiedArguments{0}, kernelLaunches{0};

  GoCounters read() const;
  /// Adds what these counters are to `sum`.
  void addTo(GoCounters &sum) const;
  /// Adds `other`, which nothing increments any more.
  void add(const Counters &other);
  /// As goContextResetCounters.
  void reset();
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_COUNTERS_H
