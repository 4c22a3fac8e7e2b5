//===- ThreadPool.cpp - Threads that run the phases of kernels ------------===//
//
// Part of graph-opt. This file implements the thread pool of the host device.
//
//===----------------------------------------------------------------------===//

#include "ThreadPool.h"

#include <algorithm>
#include <chrono>
#include <thread>

using namespace graphopt::runtime;
using Clock = std::chrono::steady_clock;

namespace {
/// A phase shorter than this stays on its thread: about what it costs to wake
/// a worker and to wait for it.
constexpr std::chrono::microseconds sharingCost{20};
/// Ranges a thread gets of an evenly spread phase; more than one, so that
/// uneven items balance.
constexpr int64_t chunksPerThread = 8;
constexpr int spinRounds = 2000;
} // namespace

static void pauseThread() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Length of a range that is about one `parts`-th of `items`. Longer ranges
/// are multiples of 64, so that ranges of neighbouring elements start on cache
/// lines where their buffers do.
static int64_t rangeLength(int64_t items, int64_t parts) {
  int64_t length = std::max<int64_t>(1, items / parts);
  return length < 64 ? length : (length + 63) / 64 * 64;
}

static int spinsFor(int threads) {
  // Threads that have no core of their own must not keep others from running.
  int cores = static_cast<int>(std::thread::hardware_concurrency());
  return threads <= cores ? spinRounds : 0;
}

ThreadPool::ThreadPool(int threads)
    : threads(threads), spins(spinsFor(threads)) {}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex);
    stopping = true;
  }
  wake.notify_all();
  for (pthread_t worker : workers)
    pthread_join(worker, nullptr);
}

void ThreadPool::run(RangeFunction function, void *const *operands,
                     int64_t items, PhaseCost &cost) {
  if (items <= 0)
    return;
  if (threads == 1 || items == 1)
    return function(operands, 0, items);

  Clock::time_point start = Clock::now();
  int64_t begin = 0;
  // Ranges grow, so that a short phase costs few looks at the clock, and stay
  // short enough to leave most of an uneven phase to share.
  int64_t length = rangeLength(items, 1024);
  const int64_t longest = rangeLength(items, 16);
  while (!cost.worthSharing) {
    int64_t end = begin + std::min(length, items - begin);
    function(operands, begin, end);
    begin = end;
    cost.worthSharing = Clock::now() - start > sharingCost;
    if (begin == items)
      return;
    length = std::min(2 * length, longest);
  }

  Job job{function,
          operands,
          items,
          rangeLength(items - begin, threads * chunksPerThread),
          {begin}};
  share(job);
  // Unlearn what a first run with page faults or a busy machine has taught.
  if (begin == 0)
    cost.worthSharing = 2 * (Clock::now() - start) > sharingCost;
}

void ThreadPool::runChunks(Job &job) {
  while (true) {
    int64_t begin = job.next.fetch_add(job.chunk);
    if (begin >= job.end)
      return;
    job.function(job.operands, begin,
                 begin + std::min(job.chunk, job.end - begin));
  }
}

void ThreadPool::share(Job &job) {
  int64_t ranges = (job.end - job.next.load() + job.chunk - 1) / job.chunk;
  if (ranges < 2)
    return runChunks(job);
  int64_t toWake = 0;
  {
    std::lock_guard<std::mutex> lock(mutex);
    startWorkers();
    jobs.push_back(&job);
    job.linked = true;
    openJobs.fetch_add(1);
    toWake = std::min<int64_t>(ranges - 1, sleeping);
  }
  for (; toWake > 0; --toWake)
    wake.notify_one();

  runChunks(job);

  {
    // From here on nobody joins the job.
    std::lock_guard<std::mutex> lock(mutex);
    unlink(job);
  }
  for (int round = 0; round < spins; ++round) {
    if (job.helpers.load() == 0)
      return;
    pauseThread();
  }
  std::unique_lock<std::mutex> lock(mutex);
  ++owners;
  finished.wait(lock, [&] { return job.helpers.load() == 0; });
  --owners;
}

/// Starts the workers at the first call, under `mutex`. A thread that the
/// system refuses is done without.
void ThreadPool::startWorkers() {
  if (started)
    return;
  started = true;
  workers.reserve(threads - 1);
  for (int i = 1; i < threads; ++i) {
    pthread_t worker;
    if (pthread_create(&worker, nullptr, workerMain, this) != 0)
      return;
    workers.push_back(worker);
  }
}

void *ThreadPool::workerMain(void *pool) {
  static_cast<ThreadPool *>(pool)->workerLoop();
  return nullptr;
}

void ThreadPool::spinForJob() const {
  for (int round = 0; round < spins; ++round) {
    if (openJobs.load() > 0 || stopping.load())
      return;
    pauseThread();
  }
}

/// Returns a job that has ranges left, or null. Under `mutex`.
ThreadPool::Job *ThreadPool::findJob() {
  for (Job *job : jobs)
    if (!job->exhausted())
      return job;
  return nullptr;
}

/// Takes `job` out of the list if it is still there. Under `mutex`.
void ThreadPool::unlink(Job &job) {
  if (!job.linked)
    return;
  job.linked = false;
  jobs.erase(std::find(jobs.begin(), jobs.end(), &job));
  openJobs.fetch_sub(1);
}

void ThreadPool::workerLoop() {
  while (true) {
    spinForJob();
    std::unique_lock<std::mutex> lock(mutex);
    Job *job = findJob();
    while (!job && !stopping) {
      ++sleeping;
      wake.wait(lock);
      --sleeping;
      job = findJob();
    }
    if (!job)
      return;
    job->helpers.fetch_add(1);
    lock.unlock();

    runChunks(*job);

    lock.lock();
    unlink(*job);
    // The owner may return, and the job end, as soon as the count is zero.
    bool last = job->helpers.fetch_sub(1) == 1;
    if (last && owners > 0)
      finished.notify_all();
  }
}
