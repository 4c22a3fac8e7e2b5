//===- RecentExecs.h - What a thread found in caches last -------*- C++ -*-===//
//
// Part of graph-opt. A small table on each thread in front of the caches of
// contexts, so that a program which asks for its executables at every call
// neither takes a lock nor compares names.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_RECENTEXECS_H
#define GRAPHOPT_LIB_RUNTIME_RECENTEXECS_H

#include "GraphOpt/Runtime/GraphRuntime.h"

#include <cstddef>
#include <cstdint>

namespace graphopt::runtime {

/// Entries replace each other where they share a place. One is good as long as
/// the epoch that it was entered in lasts: no two caches have an epoch in
/// common, and a cache begins another one before it destroys executables.
class RecentExecs {
public:
  /// The executable of `info` and `owner`, or null.
  GoExec *find(uint64_t epoch, const GoGraphInfo &info, int64_t owner) const {
    const Entry &entry = entries[placeOf(info)];
    bool isFound = entry.epoch == epoch && entry.owner == owner &&
                   areSame(entry.info, info);
    return isFound ? entry.exec : nullptr;
  }
  void enter(uint64_t epoch, const GoGraphInfo &info, int64_t owner,
             GoExec *exec) {
    entries[placeOf(info)] = {epoch, owner, exec, info};
  }

private:
  static constexpr size_t numEntries = 64;

  struct Entry {
    uint64_t epoch; ///< 0 is none.
    int64_t owner;
    GoExec *exec;
    GoGraphInfo info; ///< All of it is compared, not only where it is.
  };

  static size_t placeOf(const GoGraphInfo &info) {
    return reinterpret_cast<uintptr_t>(&info) / sizeof(GoGraphInfo) %
           numEntries;
  }
  static bool areSame(const GoGraphInfo &a, const GoGraphInfo &b) {
    return a.module == b.module && a.name == b.name &&
           a.fingerprint == b.fingerprint && a.num_buffers == b.num_buffers &&
           a.parameter_bytes == b.parameter_bytes &&
           a.arena_bytes == b.arena_bytes && a.build == b.build;
  }

  Entry entries[numEntries];
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_RECENTEXECS_H
