//===- Exec.cpp - Instantiation and replay --------------------------------===//
//
// Part of graph-opt. This file implements the instantiation of graphs, the
// binding of addresses, and launches.
//
//===----------------------------------------------------------------------===//

#include "Cache.h"
#include "Context.h"
#include "Log.h"
#include "Nvtx.h"

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// Instantiation
//===----------------------------------------------------------------------===//

GoStatus GoExec::fail(const Status &status) {
  return context.fail(status, graph.info, graph.owner);
}

/// Gives back what nobody uses, before what failed with `status`, for want of
/// memory, is tried again.
static void makeRoom(GoExec &exec, const Status &status) {
  if (isLogged(GO_LOG_INFO))
    logLine(GO_LOG_INFO, "retry", exec.graph, status.message);
  exec.context.cache.evictIdle(exec);
  exec.context.device->trim();
  exec.count(&Counters::retries);
}

/// Says that `exec` is made.
static void logBuild(const GoExec &exec) {
  int64_t numNodes = 0;
  forEachNode(exec.graph,
              [&](const GoGraph &, GoNode, const Node &) { ++numNodes; });
  bool isFirst = exec.counters.instantiations == 0;
  logLine(GO_LOG_INFO, isFirst ? "build" : "rebuild", exec.graph,
          std::string(isFirst ? "first use" : "it was evicted") + ", " +
              std::to_string(numNodes) + " nodes, " +
              std::to_string(exec.executable->ownedBytes()) +
              " bytes of memory");
}

Status GoExec::makeParts() {
  Status status = buildGraph(graph);
  if (status.failed())
    return status;
  addresses.initialize();
  status = context.device->instantiate(graph, executable);
  if (status.code == GO_OUT_OF_MEMORY) {
    makeRoom(*this, status);
    status = context.device->instantiate(graph, executable);
  }
  if (status.failed())
    status.message = graph.where + ": instantiating: " + status.message;
  return status;
}

Status GoExec::build() {
  NvtxRange range("build", graph);
  Status status = makeParts();
  if (status.failed())
    graph.nodes.clear();
  else if (isLogged(GO_LOG_INFO))
    logBuild(*this);
  return status;
}

GoExec::Parts GoExec::takeApart() {
  addresses.forget();
  return {std::exchange(graph.nodes, {}), std::move(executable)};
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
  return exec->finish(status);
}

Status GoExec::launchOnce(void *stream, const void *parameters,
                          bool *lacksGraph) {
  LaunchReport report;
  Status status =
      context.device->launch(*executable, stream, parameters, report);
  *lacksGraph = report.lacksGraph;
  count(&Counters::hostBranches, report.hostBranches);
  count(&Counters::readbacks, report.readbacks);
  count(&Counters::waits, report.readbacks);
  count(&Counters::fallbacks, !status.failed() && report.isFallback);
  count(&Counters::builds, report.builds);
  count(&Counters::nodeUpdates, report.nodeUpdates);
  return status;
}

Status GoExec::launch(void *stream, const void *parameters) {
  bool lacksGraph = false;
  Status status = launchOnce(stream, parameters, &lacksGraph);
  if (status.code == GO_OUT_OF_MEMORY && lacksGraph) {
    makeRoom(*this, status);
    status = launchOnce(stream, parameters, &lacksGraph);
  }
  bool isForWant =
      status.code == GO_OUT_OF_MEMORY || status.code == GO_UNSUPPORTED;
  if (isForWant && lacksGraph) {
    executable->doWithoutGraph(status);
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
    return exec->fail(
        {GO_INVALID_ARGUMENT, graph.where + ": the parameter block is null"});
  if (num_uploads < 0)
    return exec->fail(
        {GO_INVALID_ARGUMENT, graph.where + ": a negative number of uploads"});

  NvtxRange range("launch", graph);
  std::lock_guard<std::mutex> lock(exec->mutex);
  context.cache.touch(*exec);
  bool updated = false;
  Status status = context.cache.ensureBuilt(*exec);
  if (!status.failed())
    status = exec->addresses.bind(*context.device, *exec->executable, stream,
                                  buffers, &updated);
  exec->count(&Counters::updates, updated);
  if (!status.failed()) {
    status = exec->mailboxes.makeRoom(buffers);
    if (status.failed())
      status.message = graph.where + ": launching: " + status.message;
  }
  if (!status.failed()) {
    status = exec->launch(stream, parameters);
    exec->mailboxes.noteLaunch(buffers, status.failed());
  }
  if (status.failed())
    exec->mailboxes.forgetLast(buffers);
  int64_t numCopies = 0;
  if (exec->addresses.hasCopies()) {
    Status released =
        exec->addresses.release(*context.device, stream, &numCopies);
    exec->count(&Counters::copiedArguments, numCopies);
    if (!status.failed())
      status = std::move(released);
  }
  if (status.failed())
    return exec->fail(status);
  exec->count(&Counters::graphLaunches);
  exec->count(&Counters::uploads, num_uploads);
  return GO_OK;
}
