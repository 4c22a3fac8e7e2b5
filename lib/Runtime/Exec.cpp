//===- Exec.cpp - Instantiation and replay --------------------------------===//
//
// Part of graph-opt. This file implements the instantiation of graphs, the
// binding of addresses, and launches.
//
//===----------------------------------------------------------------------===//

#include "Cache.h"
#include "Context.h"

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// Instantiation
//===----------------------------------------------------------------------===//

/// Gives back what nobody uses, before what ran out of memory is tried again.
static void makeRoom(GoExec &exec) {
  exec.context.cache.evictIdle(&exec);
  exec.context.device->trim();
  ++exec.context.counters.retries;
}

Status GoExec::buildNodes() {
  Status status = buildGraph(graph);
  if (status.failed())
    return status;
  addresses.initialize();
  return {};
}

Status GoExec::build() {
  Status status;
  if (!graph.sealed)
    status = buildNodes();
  if (status.failed())
    return status;
  status = context.device->instantiate(graph, executable);
  if (status.code == GO_OUT_OF_MEMORY) {
    makeRoom(*this);
    status = context.device->instantiate(graph, executable);
  }
  if (status.failed())
    status.message = graph.where + ": instantiating: " + status.message;
  return status;
}

std::unique_ptr<Executable> GoExec::takeApart() {
  addresses.forget();
  return std::move(executable);
}

//===----------------------------------------------------------------------===//
// Replay
//===----------------------------------------------------------------------===//

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
  Status status = exec->context.cache.ensureBuilt(*exec);
  if (!status.failed())
    status = exec->addresses.bindAhead(*exec->executable, buffers, &updated);
  if (!status.failed()) {
    status = exec->executable->update();
    // The next launch makes room, or does without the graph.
    if (status.code == GO_OUT_OF_MEMORY)
      status = {};
    if (status.failed())
      status.message = exec->graph.where + ": updating: " + status.message;
  }
  return exec->context.finish(status);
}

Status GoExec::launchOnce(void *stream, const void *parameters,
                          bool *lacksGraph) {
  LaunchReport report;
  Status status =
      context.device->launch(*executable, stream, parameters, report);
  *lacksGraph = report.lacksGraph;
  context.counters.hostBranches += report.hostBranches;
  context.counters.readbacks += report.readbacks;
  context.counters.waits += report.readbacks;
  context.counters.fallbacks += !status.failed() && report.isFallback;
  context.counters.builds += report.builds;
  context.counters.nodeUpdates += report.nodeUpdates;
  return status;
}

Status GoExec::launch(void *stream, const void *parameters) {
  bool lacksGraph = false;
  Status status = launchOnce(stream, parameters, &lacksGraph);
  if (status.code == GO_OUT_OF_MEMORY && lacksGraph) {
    makeRoom(*this);
    status = launchOnce(stream, parameters, &lacksGraph);
  }
  bool isForWant =
      status.code == GO_OUT_OF_MEMORY || status.code == GO_UNSUPPORTED;
  if (isForWant && lacksGraph) {
    executable->doWithoutGraph(status.code);
    status = launchOnce(stream, parameters, &lacksGraph);
  }
  if (status.failed())
    status.message = graph.where + ": launching: " + status.message;
  return status;
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
  context.cache.touch(*exec);
  bool updated = false;
  Status status = context.cache.ensureBuilt(*exec);
  if (!status.failed())
    status = exec->addresses.bind(*context.device, *exec->executable, stream,
                                  buffers, &updated);
  if (updated)
    ++context.counters.updates;
  if (!status.failed())
    status = exec->launch(stream, parameters);
  int64_t numCopies = 0;
  Status released =
      exec->addresses.release(*context.device, stream, &numCopies);
  context.counters.copiedArguments += numCopies;
  if (!status.failed())
    status = std::move(released);
  if (status.failed())
    return context.fail(status);
  ++context.counters.graphLaunches;
  context.counters.uploads += num_uploads;
  return GO_OK;
}
