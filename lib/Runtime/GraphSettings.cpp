//===- GraphSettings.cpp - What holds for a graph as a whole --------------===//
//
// Part of graph-opt. This file implements the C ABI by which the builders of
// programs say how a graph is launched and what its launch arguments are.
//
//===----------------------------------------------------------------------===//

#include "Context.h"
#include "Graph.h"

using namespace graphopt::runtime;

static Status invalid(std::string message) {
  return {GO_INVALID_ARGUMENT, std::move(message)};
}

GoStatus goGraphSetMode(GoGraph *graph, int32_t mode) {
  if (!graph) {
    setLastMessage("goGraphSetMode: the graph is null");
    return GO_INVALID_ARGUMENT;
  }
  GoGraph &root = *graph->root;
  if (!root.error.failed()) {
    if (root.sealed)
      root.error =
          invalid(root.where + ": it is complete, its mode can not be set");
    else if (mode != GO_MODE_GRAPH && mode != GO_MODE_STREAM)
      root.error =
          invalid(root.where + ": " + std::to_string(mode) + " is no mode");
  }
  if (root.error.failed())
    return failBuilding(root, root.error);
  root.mode = mode;
  return GO_OK;
}

/// Takes over a list of buffers of the root of `graph`.
static GoStatus setBuffers(const char *function, GoGraph *graph,
                           const int64_t *buffers, int64_t count,
                           std::vector<int64_t> GoGraph::*list) {
  if (!graph) {
    setLastMessage(std::string(function) + ": the graph is null");
    return GO_INVALID_ARGUMENT;
  }
  GoGraph &root = *graph->root;
  if (!root.error.failed()) {
    std::string where = root.where + ": " + function + ": ";
    if (root.sealed)
      root.error = invalid(where + "the graph is complete");
    else if (count < 0 || (count > 0 && !buffers))
      root.error = invalid(where + "the list is null or has a negative length");
    for (int64_t i = 0; i < count && !root.error.failed(); ++i)
      if (buffers[i] < 0 || buffers[i] >= root.info.num_buffers)
        root.error = invalid(where + "there is no launch argument " +
                             std::to_string(buffers[i]));
  }
  if (root.error.failed())
    return failBuilding(root, root.error);
  (root.*list).assign(buffers, buffers + count);
  return GO_OK;
}

GoStatus goGraphSetBaked(GoGraph *graph, const int64_t *buffers,
                         int64_t count) {
  return setBuffers("goGraphSetBaked", graph, buffers, count, &GoGraph::baked);
}

GoStatus goGraphSetDisjoint(GoGraph *graph, const int64_t *buffers,
                            int64_t count) {
  return setBuffers("goGraphSetDisjoint", graph, buffers, count,
                    &GoGraph::disjoint);
}
