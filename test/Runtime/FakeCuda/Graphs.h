//===- Graphs.h - Graphs of the fake CUDA driver ----------------*- C++ -*-===//
//
// Part of graph-opt. Nodes, graphs and their instances.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TEST_RUNTIME_FAKECUDA_GRAPHS_H
#define GRAPHOPT_TEST_RUNTIME_FAKECUDA_GRAPHS_H

#include "Driver.h"

namespace fakecuda {

struct Graph;

/// A condition; its handle is its address.
struct Condition {
  Graph *root;
  unsigned value = 0, atLaunch = 0;
  int numNodes = 0;
};

/// What a node does.
struct Action {
  enum { Empty, Kernel, Copy, Fill, Conditional, Captured } kind = Empty;
  Work work; ///< Captured: something issued to a stream.
  Function *function = nullptr;
  Launch launch = {};
  std::vector<uint64_t> parameter;
  cuda::CopyParams copy;
  cuda::MemsetParams fill;
  Condition *condition = nullptr;
  int conditional = 0;
  bool isEnabled = true;
};

struct Node {
  Graph *graph;
  Action action;
  std::vector<Node *> before;
  std::vector<std::unique_ptr<Graph>> bodies;
  std::vector<cuda::Graph> bodyHandles;
};

struct Graph {
  Graph *root = this;
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<std::shared_ptr<Condition>> conditions; ///< Of the root.
  /// Captured ones, which replays free, or nobody.
  std::vector<cuda::Pointer> allocations;
  ~Graph();
};

/// A copy of a graph that is run.
struct Plan {
  struct Step {
    const Node *node; ///< Only a key.
    Action action;
    std::vector<size_t> before;
    std::vector<Plan> bodies;
  };
  std::vector<Step> steps;
};

struct Exec {
  Plan plan;
  std::vector<std::shared_ptr<Condition>> conditions;
  Stream *lastStream = nullptr;
  uint64_t lastPosition = 0;
};

inline Graph *toGraph(cuda::Graph graph) {
  return reinterpret_cast<Graph *>(graph);
}
inline Node *toNode(cuda::GraphNode node) {
  return reinterpret_cast<Node *>(node);
}

/// Checks the parameters of a node as the driver does.
Result toAction(const cuda::KernelParams &params, Action *action);
Result toAction(const cuda::CopyParams &params, Action *action);
Result toAction(const cuda::MemsetParams &params, Action *action);

} // namespace fakecuda

#endif // GRAPHOPT_TEST_RUNTIME_FAKECUDA_GRAPHS_H
