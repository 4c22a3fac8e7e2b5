//===- Cache.cpp - Executables by what they were built from ---------------===//
//
// Part of graph-opt. This file implements the cache of executables, its bounds,
// and the C ABI of owners and instantiation.
//
//===----------------------------------------------------------------------===//

#include "Cache.h"
#include "Context.h"
#include "Log.h"
#include "RecentExecs.h"

#include <algorithm>

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

/// Adds `exec` and its nodes to what describes the cache, or takes them back.
static void countGraph(GoExec &exec, bool isAdded) {
  auto count = [&](Counters::Counter Counters::*counter) {
    exec.count(counter, isAdded ? uint64_t(1) : ~uint64_t(0));
  };
  count(&Counters::graphs);
  forEachNode(exec.graph, [&](const GoGraph &, GoNode, const Node &node) {
    switch (node.kind) {
    case NodeKind::HostKernel:
    case NodeKind::CudaKernel:
      return count(&Counters::kernelNodes);
    case NodeKind::Memcpy:
      return count(&Counters::memcpyNodes);
    case NodeKind::Memset:
      return count(&Counters::memsetNodes);
    case NodeKind::Conditional:
      return count(&Counters::conditionalNodes);
    case NodeKind::Empty:
    case NodeKind::Child:
      return;
    }
  });
}

/// Equal keys promise equal graphs; what can be checked is.
static bool haveSameInterface(const GoGraphInfo &a, const GoGraphInfo &b) {
  return a.num_buffers == b.num_buffers && a.arena_bytes == b.arena_bytes &&
         a.parameter_bytes == b.parameter_bytes;
}

Status Cache::buildEntry(GoExec &exec) {
  std::lock_guard<std::mutex> turn(exec.mutex);
  return ensureBuilt(exec);
}

Status Cache::getEntry(const GoGraphInfo &info, int64_t owner, GoExec **exec,
                       bool *hit) {
  uintptr_t builder = reinterpret_cast<uintptr_t>(info.build);
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    auto it = entries.find(
        KeyView(info.module, info.name, info.fingerprint, builder, owner));
    if (it == entries.end())
      break;
    const Entry &entry = it->second;
    if (std::shared_ptr<GoExec> found = entry.exec) {
      lock.unlock();
      if (!haveSameInterface(found->graph.info, info))
        return {GO_INVALID_ARGUMENT,
                found->graph.where + ": another graph of module " +
                    quoted(info.module) + " has the same name and fingerprint"};
      *hit = found->isBuilt;
      touch(*found);
      Status status = *hit ? Status() : buildEntry(*found);
      if (!status.failed())
        *exec = found.get();
      return status;
    }
    if (entry.builder == std::this_thread::get_id())
      return {GO_INVALID_ARGUMENT, "graph " + quoted(info.name) +
                                       ": instantiated by its own builder"};
    builtOrFailed.wait(lock);
  }

  auto it = entries
                .emplace(Key(info.module, info.name, info.fingerprint, builder,
                             owner),
                         Entry{nullptr, std::this_thread::get_id()})
                .first;
  lock.unlock();
  auto built = std::make_shared<GoExec>(context, info, owner);
  touch(*built);
  Status status = buildEntry(*built);
  *hit = false;
  lock.lock();
  if (status.failed()) {
    entries.erase(it);
    context.counters.add(built->counters);
  } else {
    *exec = built.get();
    it->second.exec = std::move(built);
  }
  lock.unlock();
  builtOrFailed.notify_all();
  return status;
}

/// The latest epoch of any cache.
static std::atomic<uint64_t> epochs{0};

Cache::Cache(GoContext &context) : context(context), epoch(++epochs) {}

static RecentExecs &recentExecs() {
  static thread_local RecentExecs recent;
  return recent;
}

GoExec *Cache::findRecent(const GoGraphInfo &info, int64_t owner) const {
  GoExec *exec = recentExecs().find(epoch, info, owner);
  return exec && exec->isBuilt ? exec : nullptr;
}

Status Cache::get(const GoGraphInfo &info, int64_t owner, GoExec **exec,
                  bool *hit) {
  // What is found may be gone in the next epoch.
  uint64_t before = epoch;
  Status status = getEntry(info, owner, exec, hit);
  if (!status.failed())
    recentExecs().enter(before, info, owner, *exec);
  return status;
}

Status Cache::ensureBuilt(GoExec &exec) {
  if (exec.isBuilt)
    return {};
  Status status = exec.build();
  if (status.failed())
    return status;
  {
    std::lock_guard<std::mutex> lock(mutex);
    exec.isBuilt = true;
    ++numBuilt;
    numBytes += exec.executable->ownedBytes();
    countGraph(exec, /*isAdded=*/true);
    exec.count(&Counters::instantiations);
  }
  trackLaunches();
  makeRoom(&exec);
  return {};
}

void Cache::forEach(const std::function<void(const GoExec &)> &visit) {
  std::lock_guard<std::mutex> lock(mutex);
  for (const auto &[key, entry] : entries)
    if (entry.exec && entry.exec->isBuilt)
      visit(*entry.exec);
}

std::vector<GoRegion> Cache::regions() {
  std::vector<GoRegion> result;
  std::lock_guard<std::mutex> lock(mutex);
  for (const auto &[key, entry] : entries) {
    if (!entry.exec)
      continue;
    const GoExec &exec = *entry.exec;
    const GoGraphInfo &info = exec.graph.info;
    int64_t bytes = exec.isBuilt ? exec.executable->ownedBytes() : 0;
    result.push_back({info.module, info.name, info.fingerprint,
                      exec.graph.owner, bytes, exec.counters.read()});
  }
  return result;
}

void Cache::addCounters(GoCounters &sum) {
  std::lock_guard<std::mutex> lock(mutex);
  context.counters.addTo(sum);
  for (const auto &[key, entry] : entries)
    if (entry.exec)
      entry.exec->counters.addTo(sum);
  for (const Released &item : released)
    item.exec->counters.addTo(sum);
}

void Cache::resetCounters() {
  std::lock_guard<std::mutex> lock(mutex);
  context.counters.reset();
  for (auto &[key, entry] : entries)
    if (entry.exec)
      entry.exec->counters.reset();
  for (Released &item : released)
    item.exec->counters.reset();
}

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

/// Lets the device record when launches are over, if that will matter soon.
void Cache::trackLaunches() {
  std::lock_guard<std::mutex> lock(mutex);
  bool isHalfFull = (limits.graphs && 2 * numBuilt >= limits.graphs) ||
                    (limits.bytes && 2 * numBytes >= limits.bytes);
  context.device->trackLaunches(hasOwnLimits || isHalfFull);
}

void Cache::setLimits(const GoCacheLimits &newLimits) {
  {
    std::lock_guard<std::mutex> lock(mutex);
    limits = newLimits;
    hasOwnLimits = true;
  }
  trackLaunches();
  makeRoom(/*kept=*/nullptr);
}

bool Cache::isAboveLimits() {
  std::lock_guard<std::mutex> lock(mutex);
  return (limits.graphs && numBuilt > limits.graphs) ||
         (limits.bytes && numBytes > limits.bytes);
}

/// What is built, but for `kept`, that used longest ago first.
Cache::Candidates Cache::collectBuilt(const GoExec *kept) {
  std::vector<std::pair<uint64_t, std::shared_ptr<GoExec>>> byUse;
  {
    std::lock_guard<std::mutex> lock(mutex);
    for (const auto &[key, entry] : entries)
      if (entry.exec && entry.exec->isBuilt && entry.exec.get() != kept)
        byUse.emplace_back(entry.exec->lastUse, entry.exec);
  }
  std::sort(byUse.begin(), byUse.end());
  Candidates candidates;
  for (auto &[use, exec] : byUse)
    candidates.push_back(std::move(exec));
  return candidates;
}

/// Takes `exec` out of what is built. Under its mutex.
GoExec::Parts Cache::remove(GoExec &exec) {
  std::lock_guard<std::mutex> lock(mutex);
  exec.isBuilt = false;
  --numBuilt;
  numBytes -= exec.executable->ownedBytes();
  countGraph(exec, /*isAdded=*/false);
  return exec.takeApart();
}

/// Evicts `exec` unless somebody uses it or a launch of it may run.
bool Cache::evict(GoExec &exec, const std::string &reason) {
  std::unique_lock<std::mutex> turn(exec.mutex, std::try_to_lock);
  if (!turn.owns_lock() || !exec.isBuilt || !exec.executable->isIdle())
    return false;
  GoExec::Parts evicted = remove(exec);
  turn.unlock();
  exec.count(&Counters::evictions);
  if (isLogged(GO_LOG_INFO))
    logLine(GO_LOG_INFO, "evict", exec.graph, reason);
  return true; // `evicted` is destroyed, under no lock.
}

/// Says what the cache holds and may hold.
std::string Cache::limitsText() {
  auto text = [](int64_t count, int64_t limit, const char *what) {
    return std::to_string(count) + what +
           (limit ? " of " + std::to_string(limit) : " without a bound");
  };
  std::lock_guard<std::mutex> lock(mutex);
  return "the cache holds " + text(numBuilt, limits.graphs, " graphs") +
         " and " + text(numBytes, limits.bytes, " bytes");
}

void Cache::makeRoom(const GoExec *kept) {
  if (!isAboveLimits())
    return;
  std::string reason = isLogged(GO_LOG_INFO) ? limitsText() : "";
  for (const std::shared_ptr<GoExec> &candidate : collectBuilt(kept)) {
    evict(*candidate, reason);
    if (!isAboveLimits())
      return;
  }
}

void Cache::evictIdle(const GoExec &kept) {
  std::string reason;
  if (isLogged(GO_LOG_INFO))
    reason =
        "memory ran out for " + subjectText(kept.graph.info, kept.graph.owner);
  Candidates busy;
  for (std::shared_ptr<GoExec> &candidate : collectBuilt(&kept))
    if (!evict(*candidate, reason))
      busy.push_back(std::move(candidate));
  finishLaunches(busy);
  for (const std::shared_ptr<GoExec> &candidate : busy)
    evict(*candidate, reason);
}

/// Waits for the launches of `candidates`, once, but for those that somebody
/// uses or captures.
void Cache::finishLaunches(const Candidates &candidates) {
  // Nothing is launched of those whose turn this is.
  std::vector<std::unique_lock<std::mutex>> turns;
  std::vector<Executable *> waited;
  for (const std::shared_ptr<GoExec> &exec : candidates) {
    std::unique_lock<std::mutex> turn(exec->mutex, std::try_to_lock);
    if (!turn.owns_lock() || !exec->isBuilt || exec->executable->isCaptured())
      continue;
    turns.push_back(std::move(turn));
    waited.push_back(exec->executable.get());
  }
  if (waited.empty() || !context.device->finishAll())
    return;
  for (Executable *executable : waited)
    executable->noteIdle();
}

void Cache::releaseOwner(int64_t owner) {
  Candidates gone;
  {
    std::lock_guard<std::mutex> lock(mutex);
    for (auto it = entries.begin(); it != entries.end();) {
      bool isOwners = std::get<4>(it->first) == owner && it->second.exec;
      if (isOwners) {
        gone.push_back(it->second.exec);
        released.push_back({std::move(it->second.exec), {}});
      }
      it = isOwners ? entries.erase(it) : std::next(it);
    }
    epoch = ++epochs;
  }
  for (std::shared_ptr<GoExec> &exec : gone) {
    GoExec::Parts parts; // Destroyed under no lock.
    std::unique_lock<std::mutex> turn(exec->mutex);
    bool isCaptured = exec->isBuilt && exec->executable->isCaptured();
    if (exec->isBuilt)
      parts = remove(*exec);
    turn.unlock();
    takeReleased(*exec, isCaptured ? &parts : nullptr);
  }
}

/// Forgets `exec`, of an owner that is gone, but keeps `parts` unless null.
void Cache::takeReleased(const GoExec &exec, GoExec::Parts *parts) {
  std::lock_guard<std::mutex> lock(mutex);
  auto it =
      std::find_if(released.begin(), released.end(), [&](const Released &item) {
        return item.exec.get() == &exec;
      });
  if (parts) {
    it->parts = std::move(*parts);
    return;
  }
  context.counters.add(exec.counters);
  released.erase(it);
}

//===----------------------------------------------------------------------===//
// C ABI
//===----------------------------------------------------------------------===//

/// Who the calling thread works for.
static int64_t &currentOwner() {
  static thread_local int64_t owner = 0;
  return owner;
}

int64_t goSetOwner(int64_t owner) {
  return std::exchange(currentOwner(), owner);
}

GoStatus goReleaseOwner(GoContext *context, int64_t owner) {
  if (!context)
    return failNullContext("goReleaseOwner");
  if (GoStatus foreign = context->failIfForeign())
    return foreign;
  context->cache.releaseOwner(owner);
  return GO_OK;
}

GoStatus goContextSetCacheLimits(GoContext *context,
                                 const GoCacheLimits *limits) {
  static constexpr const char *function = "goContextSetCacheLimits";
  if (!context)
    return failNullContext(function);
  if (GoStatus foreign = context->failIfForeign())
    return foreign;
  if (!limits || limits->graphs < 0 || limits->bytes < 0)
    return context->fail(
        invalidCall(function, "the limits are null or negative"));
  context->cache.setLimits(*limits);
  return GO_OK;
}

GoStatus goGraphInstantiate(GoContext *context, const GoGraphInfo *info,
                            GoExec **exec) {
  if (exec)
    *exec = nullptr;
  if (!context || !exec) {
    Status status(GO_INVALID_ARGUMENT,
                  "goGraphInstantiate: the context or the result is null");
    if (context)
      return context->fail(status);
    setLastMessage(status.message);
    return status.code;
  }
  if (GoStatus foreign = context->failIfForeign())
    return foreign;
  int64_t owner = currentOwner();
  if (GoExec *recent =
          info ? context->cache.findRecent(*info, owner) : nullptr) {
    recent->count(&Counters::cacheHits);
    *exec = recent;
    return GO_OK;
  }
  Status status = verifyInfo(info);
  if (status.failed())
    return context->fail(status);
  bool hit = false;
  status = context->cache.get(*info, owner, exec, &hit);
  if (status.failed())
    return context->fail(status, *info, owner);
  if (hit)
    (*exec)->count(&Counters::cacheHits);
  return GO_OK;
}
