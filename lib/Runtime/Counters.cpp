//===- Counters.cpp - What was done ---------------------------------------===//
//
// Part of graph-opt. This file implements counters and their C ABI, that of
// the list of executables included.
//
//===----------------------------------------------------------------------===//

#include "Counters.h"
#include "Context.h"

using namespace graphopt::runtime;

namespace {
/// A counter inside the runtime and at the C ABI.
struct Field {
  Counters::Counter Counters::*counter;
  uint64_t GoCounters::*value;
  bool isReset; ///< goContextResetCounters sets it to zero.
};
} // namespace

static constexpr Field fields[] = {
    {&Counters::graphs, &GoCounters::graphs, false},
    {&Counters::kernelNodes, &GoCounters::kernel_nodes, false},
    {&Counters::memcpyNodes, &GoCounters::memcpy_nodes, false},
    {&Counters::memsetNodes, &GoCounters::memset_nodes, false},
    {&Counters::conditionalNodes, &GoCounters::conditional_nodes, false},
    {&Counters::instantiations, &GoCounters::instantiations, false},
    {&Counters::graphLaunches, &GoCounters::graph_launches, true},
    {&Counters::updates, &GoCounters::updates, true},
    {&Counters::readbacks, &GoCounters::readbacks, true},
    {&Counters::waits, &GoCounters::waits, true},
    {&Counters::uploads, &GoCounters::uploads, true},
    {&Counters::cacheHits, &GoCounters::cache_hits, true},
    {&Counters::hostBranches, &GoCounters::host_branches, true},
    {&Counters::deferredReadbacks, &GoCounters::deferred_readbacks, true},
    {&Counters::evictions, &GoCounters::evictions, true},
    {&Counters::retries, &GoCounters::retries, true},
    {&Counters::fallbacks, &GoCounters::fallbacks, true},
    {&Counters::builds, &GoCounters::builds, true},
    {&Counters::nodeUpdates, &GoCounters::node_updates, true},
    {&Counters::copiedArguments, &GoCounters::copied_arguments, true},
    {&Counters::kernelLaunches, &GoCounters::kernel_launches, true},
};

void Counters::addTo(GoCounters &sum) const {
  for (const Field &field : fields)
    sum.*field.value += (this->*field.counter).load(std::memory_order_relaxed);
}

GoCounters Counters::read() const {
  GoCounters result = {};
  addTo(result);
  return result;
}

void Counters::add(const Counters &other) {
  for (const Field &field : fields)
    this->*field.counter += (other.*field.counter).load();
}

void Counters::reset() {
  for (const Field &field : fields)
    if (field.isReset)
      this->*field.counter = 0;
}

void goContextCounters(GoContext *context, GoCounters *counters) {
  if (!counters)
    return;
  *counters = {};
  if (context && !context->isForeign())
    context->cache.addCounters(*counters);
}

void goContextResetCounters(GoContext *context) {
  if (!context || context->isForeign())
    return;
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
