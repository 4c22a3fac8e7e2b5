//===- Counters.cpp - What was done ---------------------------------------===//
//
// Part of graph-opt. This file implements counters and their C ABI, that of
// the list of executables included.
//
//===----------------------------------------------------------------------===//

#include "Counters.h"
#include "Context.h"

using namespace graphopt::runtime;

GoCounters Counters::read() const {
  GoCounters result = {};
  result.graphs = graphs;
  result.graph_launches = graphLaunches;
  result.kernel_nodes = kernelNodes;
  result.memcpy_nodes = memcpyNodes;
  result.memset_nodes = memsetNodes;
  result.conditional_nodes = conditionalNodes;
  result.instantiations = instantiations;
  result.updates = updates;
  result.readbacks = readbacks;
  result.waits = waits;
  result.uploads = uploads;
  result.cache_hits = cacheHits;
  result.host_branches = hostBranches;
  result.deferred_readbacks = deferredReadbacks;
  result.evictions = evictions;
  result.retries = retries;
  result.fallbacks = fallbacks;
  result.builds = builds;
  result.node_updates = nodeUpdates;
  result.copied_arguments = copiedArguments;
  return result;
}

void Counters::reset() {
  for (Counter *counter :
       {&graphLaunches, &updates, &readbacks, &waits, &uploads, &cacheHits,
        &hostBranches, &deferredReadbacks, &evictions, &retries, &fallbacks,
        &builds, &nodeUpdates, &copiedArguments})
    *counter = 0;
}

void goContextCounters(GoContext *context, GoCounters *counters) {
  if (counters)
    *counters = context ? context->counters.read() : GoCounters();
}

void goContextResetCounters(GoContext *context) {
  if (!context || context->isForeign())
    return;
  context->counters.reset();
  context->cache.resetCounters();
}

GoStatus goContextVisitRegions(GoContext *context,
                               void (*visit)(void *data,
                                             const GoRegion *region),
                               void *data) {
  static constexpr const char *function = "goContextVisitRegions";
  if (!context)
    return failNullContext(function);
  if (GoStatus foreign = context->failIfForeign())
    return foreign;
  if (!visit)
    return context->fail(invalidCall(function, "the function is null"));
  for (const GoRegion &region : context->cache.regions())
    visit(data, &region);
  return GO_OK;
}
