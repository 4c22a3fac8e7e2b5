//===- Graph.h - The nodes of a graph ---------------------------*- C++ -*-===//
//
// Part of graph-opt. The node list that the builder functions of the C ABI
// fill and that devices instantiate. It knows no device: nodes name ranges of
// buffers, never addresses, and every device reads the same list.
//
// Order. `after` can only name earlier nodes of the same list, so the list is
// in topological order by construction.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_GRAPH_H
#define GRAPHOPT_LIB_RUNTIME_GRAPH_H

#include "Status.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace graphopt::runtime {

enum class NodeKind {
  HostKernel,
  CudaKernel,
  Memcpy,
  Memset,
  Empty,
  Child,
  Conditional
};

/// Graphs nested deeper than this (bodies and children) are refused, so that
/// walks over a graph may recurse.
constexpr int maxNesting = 64;
/// Launch arguments of a graph; more can only be a damaged description.
constexpr int64_t maxBuffers = int64_t(1) << 24;

/// One node. `references` holds
///   - the operands of a kernel, in order;
///   - source and destination of a memcpy;
///   - the destination of a memset;
///   - what the arguments of a child refer to;
///   - the value of the condition of a conditional.
struct Node {
  NodeKind kind = NodeKind::Empty;
  std::string name;
  std::vector<GoNode> after; ///< Ascending, without duplicates.
  std::vector<GoRef> references;

  std::vector<GoHostPhase> phases; ///< HostKernel.
  uint32_t pattern = 0;            ///< Memset.
  int64_t patternBytes = 1;        ///< Memset: 1, 2 or 4.
  GoCudaLaunch launch = {};        ///< CudaKernel.
  int32_t condition = 0;           ///< Conditional: GO_CONDITIONAL_*.
  int64_t conditionNumber = -1;    ///< Conditional: see goGraphAddConditional.
  std::vector<std::unique_ptr<GoGraph>> bodies; ///< Conditional; Child: one.
};

/// "kernel", "memcpy" and so on.
const char *kindName(const Node &node);

} // namespace graphopt::runtime

/// A graph, the graph of a child node, or a body of a conditional node. What
/// its nodes may refer to is described by `info`: for bodies that of the
/// enclosing graph. The references in a finished child are in the terms of the
/// graph that holds it.
struct GoGraph {
  using Node = graphopt::runtime::Node;
  using Status = graphopt::runtime::Status;

  /// A graph of its own.
  GoGraph(GoContext &context, const GoGraphInfo &info, int depth = 0)
      : context(context), info(info), root(this), depth(depth),
        where("graph " + graphopt::runtime::quoted(info.name)) {}
  /// Body number `index` of node `node` of `parent`.
  GoGraph(GoGraph &parent, GoNode node, int64_t index)
      : context(parent.context), info(parent.info), root(parent.root),
        depth(parent.depth + 1),
        where(parent.where + ", body " + std::to_string(index) + " of node " +
              std::to_string(node)) {}
  GoGraph(const GoGraph &) = delete;
  GoGraph &operator=(const GoGraph &) = delete;

  GoContext &context;
  const GoGraphInfo info;
  GoGraph *const root; ///< The outermost graph of the same builder.
  const int depth;
  const std::string where; ///< For messages.
  int64_t owner = 0;       ///< Of the root of an executable: see goSetOwner.

  std::vector<Node> nodes;
  Status error; ///< Of the root: the first failure; nothing is added
                ///< after it.
  int32_t mode = GO_MODE_GRAPH; ///< Of the root: see goGraphSetMode.
  /// Of the root: see goGraphSetBaked and goGraphSetDisjoint.
  std::vector<int64_t> baked, disjoint;
  bool sealed = false; ///< Of the root: the builder has returned.
  /// Of the root: for each declared condition, whether a node has it.
  std::vector<bool> conditions;
};

namespace graphopt::runtime {

/// Checks that `info` describes a graph.
Status verifyInfo(const GoGraphInfo *info);

/// Checks that the references of `node` are ranges of what `graph` may refer
/// to; `where` describes the node.
Status verifyReferences(const GoGraph &graph, const Node &node,
                        const std::string &where);

/// Runs the builder of `graph`, in place of what it built before, and seals it.
Status buildGraph(GoGraph &graph);

/// Calls `visit` for every node of `graph`, outer nodes before the nodes of
/// their bodies and children.
void forEachNode(
    const GoGraph &graph,
    const std::function<void(const GoGraph &, GoNode, const Node &)> &visit);

/// "graph 'g': node 3 (kernel 'k')", for messages.
std::string describeNode(const GoGraph &graph, GoNode index);
/// The same for a node that is not in the graph yet.
std::string describeNode(const GoGraph &graph, GoNode index, const Node &node);

/// Writes `graph` as a Graphviz cluster whose names start with `prefix`.
void writeDot(const GoGraph &graph, const std::string &prefix,
              std::string &text);

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_GRAPH_H
