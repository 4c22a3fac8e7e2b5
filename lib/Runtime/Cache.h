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
#include "Mailbox.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <tuple>

/// A graph with its instance on the device and the addresses it is bound to.
struct GoExec {
  using Status = graphopt::runtime::Status;

  /// What an eviction gives up. The instance refers to the nodes.
  struct Parts {
    std::vector<graphopt::runtime::Node> nodes;
    std::unique_ptr<graphopt::runtime::Executable> executable;
  };

  GoExec(GoContext &context, const GoGraphInfo &info, int64_t owner)
      : context(context), graph(context, info), addresses(graph) {
    graph.owner = owner;
  }

  /// Makes the nodes and the instance. Under `mutex`.
  Status build();
  /// Gives up both and forgets the addresses. Under `mutex`.
  Parts takeApart();
  /// Launches with what is bound. Where there is no memory for it, makes room
  /// and tries again, in the end node by node. Under `mutex`.
  Status launch(void *stream, const void *parameters);

  /// Adds to a counter of the executable.
  void count(graphopt::runtime::Counters::Counter graphopt::runtime::Counters::*
                 counter,
             uint64_t number = 1) {
    if (number)
      (counters.*counter).fetch_add(number, std::memory_order_relaxed);
  }
  /// As the functions of the context.
  GoStatus fail(const Status &status);
  GoStatus finish(const Status &status) {
    return status.failed() ? fail(status) : GO_OK;
  }

  GoContext &context;
  GoGraph graph;
  graphopt::runtime::Counters counters;
  graphopt::runtime::Addresses addresses;     ///< Under `mutex`.
  graphopt::runtime::ExecMailboxes mailboxes; ///< Under `mutex`.
  /// Null while it is evicted; set and taken under `mutex` and the cache's.
  std::unique_ptr<graphopt::runtime::Executable> executable;

  std::mutex mutex; ///< Orders builds, launches and updates.
  std::atomic<bool> isBuilt{false};
  std::atomic<uint64_t> lastUse{~uint64_t(0)}; ///< In the time of the cache.

private:
  Status makeParts();
  Status launchOnce(void *stream, const void *parameters, bool *lacksGraph);
};

namespace graphopt::runtime {

/// The executables of a context. Each is built once, whatever the number of
/// threads that ask for it; others wait. It is entered only when complete.
class Cache {
public:
  explicit Cache(GoContext &context);

  /// Finds the executable of `info` and `owner` if this thread found it lately
  /// and it is built; else null. Takes no lock.
  GoExec *findRecent(const GoGraphInfo &info, int64_t owner) const;

  /// Finds the executable of `info` and `owner` or builds it; `*hit` says
  /// which.
  Status get(const GoGraphInfo &info, int64_t owner, GoExec **exec, bool *hit);

  /// Builds `exec` if it is not, and evicts others if there are too many then.
  /// Under the mutex of `exec`.
  Status ensureBuilt(GoExec &exec);
  /// Notes that `exec` is in use.
  void touch(GoExec &exec) {
    if (exec.lastUse.load(std::memory_order_relaxed) !=
        time.load(std::memory_order_relaxed))
      exec.lastUse.store(time.fetch_add(1, std::memory_order_relaxed) + 1,
                         std::memory_order_relaxed);
  }

  void setLimits(const GoCacheLimits &newLimits);
  /// Evicts every executable but `kept`, for which memory ran out, and those
  /// that somebody uses or captures. Waits for the device where it is not known
  /// that launches are over, unless somebody captures.
  void evictIdle(const GoExec &kept);
  /// Destroys the executables of `owner`, but for those that captures use.
  void releaseOwner(int64_t owner);

  /// Calls `visit` for every executable that is built, in the order of the
  /// keys.
  void forEach(const std::function<void(const GoExec &)> &visit);
  /// Describes every executable, in the order of the keys.
  std::vector<GoRegion> regions();
  /// Adds up the counters of the context and of all its executables.
  void addCounters(GoCounters &sum);
  /// Those too.
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
  /// Of an owner that is gone. Captures use the parts, if there are any.
  struct Released {
    std::shared_ptr<GoExec> exec;
    GoExec::Parts parts;
  };

  Status getEntry(const GoGraphInfo &info, int64_t owner, GoExec **exec,
                  bool *hit);
  Status buildEntry(GoExec &exec);
  Candidates collectBuilt(const GoExec *kept);
  bool isAboveLimits();
  bool evict(GoExec &exec, const std::string &reason);
  void finishLaunches(const Candidates &candidates);
  std::string limitsText();
  void makeRoom(const GoExec *kept);
  void trackLaunches();
  GoExec::Parts remove(GoExec &exec);
  void takeReleased(const GoExec &exec, GoExec::Parts *parts);

  GoContext &context;
  std::atomic<uint64_t> time{0};
  std::atomic<uint64_t> epoch; ///< See RecentExecs.
  std::mutex mutex;
  std::condition_variable builtOrFailed;
  std::map<Key, Entry, std::less<>> entries;
  std::vector<Released> released;
  GoCacheLimits limits = {1024, 0};
  bool hasOwnLimits = false; ///< They were set by the user.
  int64_t numBuilt = 0;
  int64_t numBytes = 0; ///< Device memory of those.
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CACHE_H
