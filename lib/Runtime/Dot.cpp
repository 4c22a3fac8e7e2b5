//===- Dot.cpp - Graphs as Graphviz ---------------------------------------===//
//
// Part of graph-opt. This file implements the Graphviz dump of a graph: a
// cluster with a box for each node, and nested clusters for bodies and
// children.
//
//===----------------------------------------------------------------------===//

#include "Graph.h"

using namespace graphopt::runtime;

/// Escapes `text` for a quoted Graphviz string.
static std::string escaped(const std::string &text) {
  std::string result;
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    if (c == '\n')
      result += "\\n";
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

static std::string nodeLabel(const Node &node) {
  std::string label = kindName(node);
  if (!node.name.empty())
    label += "\\n" + escaped(node.name);
  if (node.kind == NodeKind::CudaKernel)
    label += "\\n" + shapeText(node.launch.grid) + " blocks of " +
             shapeText(node.launch.block);
  size_t operands = node.references.size();
  label += "\\n" + std::to_string(operands) +
           (operands == 1 ? " operand" : " operands");
  return label;
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
  writeCluster(graph, std::string(graph.info.module) + "::" + graph.info.name,
               prefix, "  ", text);
}
