//===- Dot.cpp - Graphs as Graphviz ---------------------------------------===//
//
// Part of graph-opt. This file implements the Graphviz dump of a graph: a
// cluster with a box for each node, and nested clusters for bodies and
// children.
//
//===----------------------------------------------------------------------===//

#include "Graph.h"

#include <algorithm>

using namespace graphopt::runtime;

/// References that a node shows; kernels may have thousands.
static constexpr size_t maxShown = 16;

/// Escapes `text` for a quoted Graphviz string, in which '&' begins the name of
/// a character.
static std::string escaped(const std::string &text) {
  std::string result;
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    if (c == '\n')
      result += "\\n";
    else if (c == '&')
      result += "&amp;";
    else if (static_cast<unsigned char>(c) >= ' ')
      result += c;
  }
  return result;
}

/// "8x1x1".
static std::string shapeText(const int32_t (&shape)[3]) {
  return std::to_string(shape[0]) + "x" + std::to_string(shape[1]) + "x" +
         std::to_string(shape[2]);
}

/// "writes 1024 bytes of argument 2 + 64".
static std::string referenceText(const GoRef &reference) {
  if (reference.buffer == GO_BUFFER_CONDITION)
    return "sets condition " + std::to_string(reference.offset);
  std::string text = reference.access == GO_ACCESS_READ    ? "reads "
                     : reference.access == GO_ACCESS_WRITE ? "writes "
                                                           : "updates ";
  text += std::to_string(reference.bytes) + " bytes of ";
  if (reference.buffer == GO_BUFFER_ARENA)
    text += "arena";
  else if (reference.buffer == GO_BUFFER_PARAMETERS)
    text += "parameters";
  else
    text += "argument " + std::to_string(reference.buffer);
  return reference.offset ? text + " + " + std::to_string(reference.offset)
                          : text;
}

/// What is particular to a CUDA kernel, a line each.
static std::string launchText(const Node &node) {
  const GoCudaLaunch &launch = node.launch;
  std::string text;
  if (node.name != launch.function)
    text += "\\nfunction " + escaped(launch.function);
  text +=
      "\\n" + shapeText(launch.grid) + " blocks of " + shapeText(launch.block);
  if (launch.shared_bytes)
    text +=
        "\\n" + std::to_string(launch.shared_bytes) + " bytes of shared memory";
  if (launch.cooperative)
    text += "\\ncooperative";
  return text;
}

static std::string nodeLabel(const Node &node) {
  std::string label = kindName(node);
  if (!node.name.empty())
    label += "\\n" + escaped(node.name);
  if (node.kind == NodeKind::CudaKernel)
    label += launchText(node);
  size_t count = node.references.size();
  for (size_t i = 0; i < std::min(count, maxShown); ++i)
    label += "\\n" + referenceText(node.references[i]);
  if (count > maxShown)
    label += "\\nand " + std::to_string(count - maxShown) + " more";
  return label;
}

static std::string graphLabel(const GoGraph &graph) {
  const GoGraphInfo &info = graph.info;
  return std::string(info.module) + "::" + info.name + "\nowner " +
         std::to_string(graph.owner) + ", " +
         (graph.mode == GO_MODE_STREAM ? "launched node by node"
                                       : "launched as a graph") +
         "\n" + std::to_string(info.num_buffers) + " launch arguments, " +
         std::to_string(info.arena_bytes) + " bytes of arena, " +
         std::to_string(info.parameter_bytes) + " bytes of parameters";
}

/// What a body is called at its cluster.
static std::string bodyLabel(const Node &node, size_t body) {
  if (node.kind == NodeKind::Child)
    return node.name;
  switch (node.condition) {
  case GO_CONDITIONAL_IF:
    return body == 0 ? "then" : "else";
  case GO_CONDITIONAL_WHILE:
    return "do";
  default:
    return "case " + std::to_string(body);
  }
}

/// Writes the cluster of one graph. An invisible first node gives edges to the
/// cluster an end even where the graph is empty.
static void writeCluster(const GoGraph &graph, const std::string &label,
                         const std::string &prefix, const std::string &indent,
                         std::string &text) {
  std::string inner = indent + "  ";
  text += indent + "subgraph \"cluster_" + prefix + "\" {\n";
  text += inner + "label=\"" + escaped(label) + "\";\n";
  text += inner + "\"" + prefix + "\" [style=invis, shape=point];\n";
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node &node = graph.nodes[i];
    std::string name = prefix + "_n" + std::to_string(i);
    text += inner + "\"" + name + "\" [label=\"" + nodeLabel(node) + "\"];\n";
    for (GoNode before : node.after)
      text += inner + "\"" + prefix + "_n" + std::to_string(before) +
              "\" -> \"" + name + "\";\n";
    for (size_t body = 0; body < node.bodies.size(); ++body) {
      std::string bodyPrefix = name + "_b" + std::to_string(body);
      writeCluster(*node.bodies[body], bodyLabel(node, body), bodyPrefix, inner,
                   text);
      text += inner + "\"" + name + "\" -> \"" + bodyPrefix +
              "\" [style=dashed, lhead=\"cluster_" + bodyPrefix + "\"];\n";
    }
  }
  text += indent + "}\n";
}

void graphopt::runtime::writeDot(const GoGraph &graph,
                                 const std::string &prefix, std::string &text) {
  writeCluster(graph, graphLabel(graph), prefix, "  ", text);
}
