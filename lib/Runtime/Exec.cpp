//===- Exec.cpp - Cache, instantiation and replay -------------------------===//
//
// Part of graph-opt. This file implements the cache of executables, the
// binding of addresses, and launches.
//
//===----------------------------------------------------------------------===//

#include "Cache.h"
#include "Context.h"

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// Instantiation
//===----------------------------------------------------------------------===//

Status GoExec::build() {
  Status status = buildGraph(graph);
  if (status.failed())
    return status;
  forEachNode(graph, [&](const GoGraph &owner, GoNode index, const Node &node) {
    for (const GoRef &reference : node.references)
      if (reference.buffer >= 0 && reference.bytes > 0 &&
          !required[reference.buffer].graph)
        required[reference.buffer] = {&owner, index};
  });
  status = context.device->instantiate(graph, executable);
  if (status.failed())
    status.message = graph.where + ": instantiating: " + status.message;
  return status;
}

static void countNodes(const GoGraph &graph, Counters &counters) {
  forEachNode(graph, [&](const GoGraph &, GoNode, const Node &node) {
    switch (node.kind) {
    case NodeKind::HostKernel:
    case NodeKind::CudaKernel:
      ++counters.kernelNodes;
      break;
    case NodeKind::Memcpy:
      ++counters.memcpyNodes;
      break;
    case NodeKind::Memset:
      ++counters.memsetNodes;
      break;
    case NodeKind::Conditional:
      ++counters.conditionalNodes;
      break;
    case NodeKind::Empty:
    case NodeKind::Child:
      break;
    }
  });
}

/// Equal keys promise equal graphs; what can be checked is.
static bool haveSameInterface(const GoGraphInfo &a, const GoGraphInfo &b) {
  return a.num_buffers == b.num_buffers && a.arena_bytes == b.arena_bytes &&
         a.parameter_bytes == b.parameter_bytes;
}

Status Cache::get(GoContext &context, const GoGraphInfo &info, GoExec **exec,
                  bool *hit) {
  std::unique_lock<std::mutex> lock(mutex);
  while (true) {
    auto it = entries.find(KeyView(info.module, info.name, info.fingerprint));
    if (it == entries.end())
      break;
    const Entry &entry = it->second;
    if (entry.exec) {
      if (!haveSameInterface(entry.exec->graph.info, info))
        return {GO_INVALID_ARGUMENT,
                entry.exec->graph.where + ": another graph of module " +
                    quoted(info.module) + " has the same name and fingerprint"};
      *exec = entry.exec.get();
      *hit = true;
      return {};
    }
    if (entry.builder == std::this_thread::get_id())
      return {GO_INVALID_ARGUMENT, "graph " + quoted(info.name) +
                                       ": instantiated by its own builder"};
    builtOrFailed.wait(lock);
  }

  auto it = entries
                .emplace(Key(info.module, info.name, info.fingerprint),
                         Entry{nullptr, std::this_thread::get_id()})
                .first;
  lock.unlock();
  auto built = std::make_unique<GoExec>(context, info);
  Status status = built->build();
  lock.lock();
  if (status.failed()) {
    entries.erase(it);
  } else {
    *exec = built.get();
    *hit = false;
    countNodes(built->graph, context.counters);
    ++context.counters.graphs;
    ++context.counters.instantiations;
    it->second.exec = std::move(built);
  }
  lock.unlock();
  builtOrFailed.notify_all();
  return status;
}

void Cache::forEach(const std::function<void(const GoExec &)> &visit) {
  std::lock_guard<std::mutex> lock(mutex);
  for (const auto &[key, entry] : entries)
    if (entry.exec)
      visit(*entry.exec);
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
  Status status = verifyInfo(info);
  if (status.failed())
    return context->fail(status);
  bool hit = false;
  status = context->cache.get(*context, *info, exec, &hit);
  if (hit)
    ++context->counters.cacheHits;
  return context->finish(status);
}

//===----------------------------------------------------------------------===//
// Replay
//===----------------------------------------------------------------------===//

/// Refuses a null address, among those that changed, for a range of memory
/// that is not empty.
Status GoExec::verifyChanged(void *const *newBuffers) const {
  for (int64_t i : changed) {
    const FirstUse &use = required[i];
    if (!newBuffers[i] && use.graph)
      return {GO_INVALID_ARGUMENT, describeNode(*use.graph, use.node) +
                                       ": the address of buffer " +
                                       std::to_string(i) + " is null"};
  }
  return {};
}

Status GoExec::bind(void *const *newBuffers, bool *updated) {
  *updated = false;
  if (!newBuffers && !buffers.empty())
    return {GO_INVALID_ARGUMENT,
            graph.where + ": the array of buffers is null"};
  changed.clear();
  for (size_t i = 0; i < buffers.size(); ++i)
    if (!bound || newBuffers[i] != buffers[i])
      changed.push_back(i);
  if (bound && changed.empty())
    return {};

  Status status = verifyChanged(newBuffers);
  if (status.failed())
    return status;
  *updated = bound;
  for (int64_t i : changed)
    buffers[i] = newBuffers[i];
  status = executable->bind(buffers.data(), changed);
  bound = !status.failed();
  if (status.failed())
    status.message = graph.where + ": binding addresses: " + status.message;
  return status;
}

static GoStatus failNullExec(const char *function) {
  setLastMessage(std::string(function) + ": the executable is null");
  return GO_INVALID_ARGUMENT;
}

GoStatus goExecUpdate(GoExec *exec, void *const *buffers) {
  if (!exec)
    return failNullExec("goExecUpdate");
  if (GoStatus kept = exec->context.keptError())
    return kept;
  std::lock_guard<std::mutex> lock(exec->mutex);
  bool updated = false;
  Status status = exec->bind(buffers, &updated);
  if (!status.failed()) {
    status = exec->executable->update();
    if (status.failed())
      status.message = exec->graph.where + ": updating: " + status.message;
  }
  return exec->context.finish(status);
}

GoStatus goExecLaunch(GoExec *exec, void *stream, void *const *buffers,
                      const void *parameters, int64_t num_uploads) {
  if (!exec)
    return failNullExec("goExecLaunch");
  GoContext &context = exec->context;
  if (GoStatus kept = context.keptError())
    return kept;
  const GoGraph &graph = exec->graph;
  if (!parameters && graph.info.parameter_bytes > 0)
    return context.fail(
        {GO_INVALID_ARGUMENT, graph.where + ": the parameter block is null"});
  if (num_uploads < 0)
    return context.fail(
        {GO_INVALID_ARGUMENT, graph.where + ": a negative number of uploads"});

  std::lock_guard<std::mutex> lock(exec->mutex);
  bool updated = false;
  Status status = exec->bind(buffers, &updated);
  if (status.failed())
    return context.fail(status);
  if (updated)
    ++context.counters.updates;
  LaunchReport report;
  status =
      context.device->launch(*exec->executable, stream, parameters, report);
  context.counters.hostBranches += report.hostBranches;
  context.counters.readbacks += report.readbacks;
  context.counters.waits += report.readbacks;
  if (status.failed()) {
    status.message = graph.where + ": launching: " + status.message;
    return context.fail(status);
  }
  ++context.counters.graphLaunches;
  context.counters.uploads += num_uploads;
  return GO_OK;
}
