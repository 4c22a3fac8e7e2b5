//===- Cache.h - Executables by what they were built from -------*- C++ -*-===//
//
// Part of graph-opt. The executables of a context, and the cache that holds
// them.
//
// Locks. The mutex of an executable is its turn: it is held while the
// executable is built, bound or launched. The mutex of the cache guards the
// table and what it counts; no call of a device is made under it. The turn of
// another executable is only ever tried, never waited for, so that threads can
// not wait for each other in a circle.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CACHE_H
#define GRAPHOPT_LIB_RUNTIME_CACHE_H

#include "Addresses.h"
#include "Counters.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <tuple>

/// A graph with its instance on the device and the addresses it is bound to.
/// Where it is evicted, only its nodes are left.
struct GoExec {
  using Status = graphopt::runtime::Status;

  GoExec(GoContext &context, const GoGraphInfo &info, int64_t owner)
      : context(context), graph(context, info), addresses(graph) {
    graph.owner = owner;
  }

  /// Makes the instance, and the nodes if there are none yet. Under `mutex`.
  Status build();
  /// Gives up the instance and forgets the addresses. Under `mutex`.
  std::unique_ptr<graphopt::runtime::Executable> takeApart();
  /// Launches with what is bound. Where there is no memory for it, makes room
  /// and tries again, in the end node by node. Under `mutex`.
  Status launch(void *stream, const void *parameters);

  /// Adds to a counter of the executable and the context.
  void count(graphopt::runtime::Counters::Counter graphopt::runtime::Counters::*
                 counter,
             uint64_t number = 1);
  /// As the functions of the context.
  GoStatus fail(const Status &status);
  GoStatus finish(const Status &status) {
    return status.failed() ? fail(status) : GO_OK;
  }

  GoContext &context;
  GoGraph graph;
  graphopt::runtime::Counters counters;
  graphopt::runtime::Addresses addresses; ///< Under `mutex`.
  /// Null while it is evicted; set and taken under `mutex` and the cache's.
  std::unique_ptr<graphopt::runtime::Executable> executable;

  std::mutex mutex; ///< Orders builds, launches and updates.
  std::atomic<bool> isBuilt{false};
  std::atomic<uint64_t> lastUse{0}; ///< In the time of the cache.

private:
  Status buildNodes();
  Status launchOnce(void *stream, const void *parameters, bool *lacksGraph);
};

namespace graphopt::runtime {

/// The executables of a context. Each is built once, whatever the number of
/// threads that ask for it; others wait. It is entered only when complete.
class Cache {
public:
  explicit Cache(GoContext &context) : context(context) {}

  /// Finds the executable of `info` and `owner` or builds it; `*hit` says
  /// which.
  Status get(const GoGraphInfo &info, int64_t owner, GoExec **exec, bool *hit);

  /// Builds `exec` if it is not, and evicts others if there are too many then.
  /// Under the mutex of `exec`.
  Status ensureBuilt(GoExec &exec);
  /// Notes that `exec` is in use.
  void touch(GoExec &exec) { exec.lastUse = ++time; }

  void setLimits(const GoCacheLimits &newLimits);
  /// Evicts every idle executable but `kept`, for which memory ran out.
  void evictIdle(const GoExec &kept);
  /// Destroys the executables of `owner`, but for those that captures use.
  void releaseOwner(int64_t owner);

  /// Calls `visit` for every executable that is built, in the order of the
  /// keys.
  void forEach(const std::function<void(const GoExec &)> &visit);
  /// Describes every executable, in the order of the keys.
  std::vector<GoRegion> regions();
  /// Those of the executables.
  void resetCounters();

private:
  /// Module, name, fingerprint, builder, owner.
  using Key = std::tuple<std::string, std::string, int64_t, uintptr_t, int64_t>;
  using KeyView = std::tuple<std::string_view, std::string_view, int64_t,
                             uintptr_t, int64_t>;
  /// A null `exec` is being built by `builder`.
  struct Entry {
    std::shared_ptr<GoExec> exec;
    std::thread::id builder;
  };
  using Candidates = std::vector<std::shared_ptr<GoExec>>;

  Status buildEntry(GoExec &exec);
  Candidates collectBuilt(const GoExec *kept);
  bool isAboveLimits();
  bool evict(GoExec &exec, const std::string &reason);
  std::string limitsText();
  void makeRoom(const GoExec *kept);
  void trackLaunches();
  std::unique_ptr<Executable> remove(GoExec &exec);

  GoContext &context;
  std::atomic<uint64_t> time{0};
  std::mutex mutex;
  std::condition_variable builtOrFailed;
  std::map<Key, Entry, std::less<>> entries;
  Candidates released; ///< Of owners that are gone; captures use them.
  GoCacheLimits limits = {1024, 0};
  bool hasOwnLimits = false; ///< They were set by the user.
  int64_t numBuilt = 0;
  int64_t numBytes = 0; ///< Device memory of those.
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CACHE_H
