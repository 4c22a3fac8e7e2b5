//===- ThreadPool.h - Threads that run the phases of kernels ----*- C++ -*-===//
//
// Part of graph-opt. A pool that splits [0, items) in contiguous ranges. Any
// number of threads, workers included, may run phases on it at the same time.
//
// A phase starts on the calling thread and is shared only once it has run
// longer than waking a worker costs; what was learnt is kept in a PhaseCost,
// so that replays share a long phase at once. Workers spin for a moment after
// their last range and then sleep.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_THREADPOOL_H
#define GRAPHOPT_LIB_RUNTIME_THREADPOOL_H

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <pthread.h>
#include <vector>

namespace graphopt::runtime {

/// What earlier runs of a phase have shown. Runs that use the same PhaseCost
/// are serialized by the caller.
struct PhaseCost {
  bool worthSharing = false;
};

class ThreadPool {
public:
  using RangeFunction = void (*)(void *const *operands, int64_t begin,
                                 int64_t end);

  /// A pool that runs each phase on up to `threads` threads, the calling one
  /// included. The workers start when the first phase is shared.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

  /// Calls `function` for disjoint ranges that cover [0, items) and returns
  /// when all calls have returned.
  void run(RangeFunction function, void *const *operands, int64_t items,
           PhaseCost &cost);

private:
  /// A shared phase; lives on the stack of the thread that shares it.
  struct Job {
    RangeFunction function;
    void *const *operands;
    int64_t end;
    int64_t chunk;
    std::atomic<int64_t> next;
    std::atomic<int> helpers{0}; ///< Written under `mutex`.
    bool linked = false;         ///< In `jobs`; under `mutex`.

    bool exhausted() const { return next.load() >= end; }
  };

  static void *workerMain(void *pool);
  static void runChunks(Job &job);
  void share(Job &job);
  void startWorkers();
  void workerLoop();
  void spinForJob() const;
  Job *findJob();
  void unlink(Job &job);

  const int threads;
  const int spins; ///< Rounds that an idle thread spins before it sleeps.

  std::mutex mutex;
  std::condition_variable wake;     ///< For workers: a job or the end.
  std::condition_variable finished; ///< For owners: the last helper has left.
  std::vector<pthread_t> workers;
  std::vector<Job *> jobs;
  std::atomic<int> openJobs{0};
  std::atomic<bool> stopping{false};
  bool started = false;
  int sleeping = 0;
  int owners = 0; ///< Threads that wait on `finished`.
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_THREADPOOL_H
