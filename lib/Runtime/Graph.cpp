//===- Graph.cpp - The nodes of a graph -----------------------------------===//
//
// Part of graph-opt. This file implements the description of nodes, the walk
// over a graph, and the checks of what nodes refer to.
//
//===----------------------------------------------------------------------===//

#include "Graph.h"

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// Descriptions
//===----------------------------------------------------------------------===//

const char *graphopt::runtime::kindName(const Node &node) {
  switch (node.kind) {
  case NodeKind::HostKernel:
  case NodeKind::CudaKernel:
    return "kernel";
  case NodeKind::Memcpy:
    return "memcpy";
  case NodeKind::Memset:
    return "memset";
  case NodeKind::Empty:
    return "empty";
  case NodeKind::Child:
    return "child";
  case NodeKind::Conditional:
    break;
  }
  switch (node.condition) {
  case GO_CONDITIONAL_IF:
    return "if";
  case GO_CONDITIONAL_WHILE:
    return "while";
  default:
    return "switch";
  }
}

std::string graphopt::runtime::describeNode(const GoGraph &graph, GoNode index,
                                            const Node &node) {
  std::string text =
      graph.where + ": node " + std::to_string(index) + " (" + kindName(node);
  if (!node.name.empty())
    text += " " + quoted(node.name);
  return text + ")";
}

std::string graphopt::runtime::describeNode(const GoGraph &graph,
                                            GoNode index) {
  return describeNode(graph, index, graph.nodes[index]);
}

void graphopt::runtime::forEachNode(
    const GoGraph &graph,
    const std::function<void(const GoGraph &, GoNode, const Node &)> &visit) {
  GoNode index = 0;
  for (const Node &node : graph.nodes) {
    visit(graph, index++, node);
    for (const std::unique_ptr<GoGraph> &body : node.bodies)
      forEachNode(*body, visit);
  }
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

static Status invalid(std::string message) {
  return {GO_INVALID_ARGUMENT, std::move(message)};
}

Status graphopt::runtime::verifyInfo(const GoGraphInfo *info) {
  if (!info)
    return invalid("the description of the graph is null");
  if (!info->name || !info->module)
    return invalid("the description of a graph has no name or no module");
  std::string where = "graph " + quoted(info->name);
  if (!info->build)
    return invalid(where + ": it has no builder");
  if (info->num_buffers < 0 || info->parameter_bytes < 0 ||
      info->arena_bytes < 0)
    return invalid(where + ": a size in its description is negative");
  if (info->num_buffers > maxBuffers)
    return invalid(where + ": it has " + std::to_string(info->num_buffers) +
                   " launch arguments, more than " +
                   std::to_string(maxBuffers));
  return {};
}

/// Checks a reference to the handle of a condition.
static Status verifyConditionReference(const GoGraph &graph,
                                       const GoRef &reference,
                                       bool isCudaKernel,
                                       const std::string &where) {
  if (!isCudaKernel)
    return invalid(where + ": only CUDA kernels can refer to a condition");
  int64_t count = graph.root->conditions.size();
  if (reference.offset >= count)
    return invalid(where + ": there is no condition " +
                   std::to_string(reference.offset) + "; the graph has " +
                   std::to_string(count));
  if (reference.bytes != 8)
    return invalid(where + ": the handle of a condition has 8 bytes, not " +
                   std::to_string(reference.bytes));
  return {};
}

/// Checks that the range of `reference` exists in its buffer, as far as the
/// graph knows the size of it.
static Status verifyReference(const GoGraph &graph, const GoRef &reference,
                              bool isCudaKernel, const std::string &where) {
  const GoGraphInfo &info = graph.info;
  if (reference.bytes < 0 || reference.offset < 0 ||
      reference.bytes > INT64_MAX - reference.offset)
    return invalid(where + ": the range at offset " +
                   std::to_string(reference.offset) + " of " +
                   std::to_string(reference.bytes) +
                   " bytes is no range of memory");
  if (reference.access < GO_ACCESS_READ ||
      reference.access > GO_ACCESS_READ_WRITE)
    return invalid(where + ": " + std::to_string(reference.access) +
                   " is no kind of access");

  auto verifyEnd = [&](const char *buffer, int64_t size) -> Status {
    int64_t end = reference.offset + reference.bytes;
    if (end <= size)
      return {};
    return invalid(where + ": the range ends at byte " + std::to_string(end) +
                   " of " + buffer + ", which has " + std::to_string(size));
  };
  if (reference.buffer == GO_BUFFER_ARENA)
    return verifyEnd("the arena", info.arena_bytes);
  if (reference.buffer == GO_BUFFER_PARAMETERS) {
    if (reference.access & GO_ACCESS_WRITE)
      return invalid(where + ": nodes may not write to the parameter block");
    return verifyEnd("the parameter block", info.parameter_bytes);
  }
  if (reference.buffer == GO_BUFFER_CONDITION)
    return verifyConditionReference(graph, reference, isCudaKernel, where);
  if (reference.buffer < 0 || reference.buffer >= info.num_buffers)
    return invalid(where + ": there is no buffer " +
                   std::to_string(reference.buffer) + "; the graph has " +
                   std::to_string(info.num_buffers) + " launch arguments");
  return {};
}

Status graphopt::runtime::verifyReferences(const GoGraph &graph,
                                           const Node &node,
                                           const std::string &where) {
  for (size_t i = 0; i < node.references.size(); ++i) {
    Status status = verifyReference(graph, node.references[i],
                                    node.kind == NodeKind::CudaKernel,
                                    where + ", operand " + std::to_string(i));
    if (status.failed())
      return status;
  }
  return {};
}
