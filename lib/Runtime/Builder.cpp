//===- Builder.cpp - Adding nodes to graphs -------------------------------===//
//
// Part of graph-opt. This file implements the C ABI by which the builders of
// programs add nodes to a graph.
//
//===----------------------------------------------------------------------===//

#include "Context.h"
#include "Graph.h"

#include <algorithm>

using namespace graphopt::runtime;

static Status invalid(std::string message) {
  return {GO_INVALID_ARGUMENT, std::move(message)};
}

//===----------------------------------------------------------------------===//
// Adding nodes
//===----------------------------------------------------------------------===//

namespace {
/// One call that adds a node: collects the node, keeps the first failure, and
/// appends the node at the end if there was none.
class NodeAdder {
public:
  NodeAdder(GoGraph *graph, NodeKind kind, const GoNode *after,
            int64_t numAfter)
      : graph(graph) {
    node.kind = kind;
    checkGraph();
    if (!failed())
      checkDevice();
    if (!failed())
      addDependences(after, numAfter);
  }

  bool failed() const { return status.failed(); }
  void fail(Status newStatus) {
    if (!failed())
      status = std::move(newStatus);
  }
  void fail(const std::string &what) {
    if (!failed())
      status = invalid(where() + ": " + what);
  }

  /// Appends a reference; `access` overrides that of the caller unless 0.
  void addReference(const GoRef *reference, int64_t access) {
    if (failed())
      return;
    if (!reference)
      return fail("a reference is null");
    node.references.push_back(*reference);
    if (access)
      node.references.back().access = access;
  }

  /// Takes over name and operands of a kernel.
  void addKernel(const char *name, const GoRef *operands, int64_t numOperands) {
    if (name)
      node.name = name;
    if (numOperands < 0 || (numOperands > 0 && !operands))
      fail("the list of operands is null or has a negative length");
    else if (numOperands > 0)
      node.references.assign(operands, operands + numOperands);
  }

  std::string where() const { return describeNode(*graph, index, node); }

  /// Checks the references and appends the node.
  GoStatus finish(GoNode *result) {
    if (!failed())
      status = verifyReferences(*graph, node, where());
    if (!failed()) {
      graph->nodes.push_back(std::move(node));
      if (result)
        *result = index;
      return GO_OK;
    }
    if (!graph) {
      setLastMessage(status.message);
      return status.code;
    }
    if (!graph->root->error.failed())
      graph->root->error = status;
    return failBuilding(*graph->root, status);
  }

  GoGraph *const graph;
  Node node;
  GoNode index = 0;

private:
  void checkGraph() {
    if (!graph)
      return fail(invalid("a node is added to a graph that is null"));
    if (graph->root->error.failed())
      return fail(graph->root->error);
    if (graph->root->sealed)
      return fail(invalid(graph->where + ": it is complete, no node can be "
                                         "added"));
    index = graph->nodes.size();
  }

  void checkDevice() {
    Status refusal = graph->context.device->verifyKind(node.kind);
    if (refusal.failed())
      fail({refusal.code, where() + ": " + refusal.message});
  }

  void addDependences(const GoNode *after, int64_t numAfter) {
    if (numAfter < 0 || (numAfter > 0 && !after))
      return fail("the list of nodes to run after is null or has a negative "
                  "length");
    for (int64_t i = 0; i < numAfter; ++i) {
      if (after[i] < 0 || after[i] >= index)
        return fail("it runs after node " + std::to_string(after[i]) +
                    ", which is not an earlier node of the same graph");
      node.after.push_back(after[i]);
    }
    std::sort(node.after.begin(), node.after.end());
    node.after.erase(std::unique(node.after.begin(), node.after.end()),
                     node.after.end());
  }

  Status status;
};
} // namespace

Status graphopt::runtime::buildGraph(GoGraph &graph) {
  graph.nodes.clear();
  graph.error = {};
  graph.mode = GO_MODE_GRAPH;
  graph.baked.clear();
  graph.disjoint.clear();
  graph.conditions.clear();
  graph.sealed = false;
  GoStatus code = graph.info.build(&graph);
  graph.sealed = true;
  if (graph.error.failed())
    return graph.error;
  if (code == GO_OK)
    return {};
  bool known = code > GO_OK && code <= GO_UNSUPPORTED;
  return {known ? code : static_cast<GoStatus>(GO_INVALID_ARGUMENT),
          graph.where + ": its builder returned status " +
              std::to_string(code)};
}

GoStatus goGraphAddHostKernel(GoGraph *graph, const GoNode *after,
                              int64_t num_after, const char *name,
                              const GoRef *operands, int64_t num_operands,
                              const GoHostPhase *phases, int64_t num_phases,
                              GoNode *node) {
  NodeAdder adder(graph, NodeKind::HostKernel, after, num_after);
  if (adder.failed())
    return adder.finish(node);
  adder.addKernel(name, operands, num_operands);
  if (num_phases < 0 || (num_phases > 0 && !phases))
    adder.fail("the list of phases is null or has a negative length");
  else if (num_phases > 0)
    adder.node.phases.assign(phases, phases + num_phases);
  for (const GoHostPhase &phase : adder.node.phases)
    if (phase.items < 0 || (phase.items > 0 && !phase.run))
      adder.fail("a phase has no function or a negative number of items");
  return adder.finish(node);
}

/// Returns what is wrong with the launch of a CUDA kernel, or an empty string.
static std::string verifyLaunch(const GoCudaLaunch *launch) {
  if (!launch)
    return "its launch is null";
  if (!launch->module || !launch->module->image || launch->module->bytes <= 0)
    return "its module is null or empty";
  if (!launch->function)
    return "its function has no name";
  for (int i = 0; i < 3; ++i)
    if (launch->grid[i] < 1 || launch->block[i] < 1)
      return "its grid and its block must have at least one block and thread "
             "in each dimension";
  if (launch->shared_bytes < 0)
    return "it has a negative size of shared memory";
  if (launch->operands != GO_OPERANDS_BY_VALUE &&
      launch->operands != GO_OPERANDS_IN_TABLE)
    return std::to_string(launch->operands) + " is no way to pass operands";
  return "";
}

GoStatus goGraphAddCudaKernel(GoGraph *graph, const GoNode *after,
                              int64_t num_after, const char *name,
                              const GoRef *operands, int64_t num_operands,
                              const GoCudaLaunch *launch, GoNode *node) {
  NodeAdder adder(graph, NodeKind::CudaKernel, after, num_after);
  if (adder.failed())
    return adder.finish(node);
  adder.addKernel(name, operands, num_operands);
  std::string problem = verifyLaunch(launch);
  if (!problem.empty())
    adder.fail(problem);
  else
    adder.node.launch = *launch;
  return adder.finish(node);
}

GoStatus goGraphAddMemcpy(GoGraph *graph, const GoNode *after,
                          int64_t num_after, const GoRef *source,
                          const GoRef *destination, GoNode *node) {
  NodeAdder adder(graph, NodeKind::Memcpy, after, num_after);
  adder.addReference(source, GO_ACCESS_READ);
  adder.addReference(destination, GO_ACCESS_WRITE);
  if (!adder.failed() && source->bytes != destination->bytes)
    adder.fail("it copies " + std::to_string(source->bytes) + " bytes to " +
               std::to_string(destination->bytes) + " bytes");
  return adder.finish(node);
}

GoStatus goGraphAddMemset(GoGraph *graph, const GoNode *after,
                          int64_t num_after, const GoRef *destination,
                          uint32_t value, int64_t value_bytes, GoNode *node) {
  NodeAdder adder(graph, NodeKind::Memset, after, num_after);
  adder.addReference(destination, GO_ACCESS_WRITE);
  if (adder.failed())
    return adder.finish(node);
  adder.node.pattern = value;
  adder.node.patternBytes = value_bytes;
  if (value_bytes != 1 && value_bytes != 2 && value_bytes != 4)
    adder.fail("its pattern has " + std::to_string(value_bytes) +
               " bytes, not 1, 2 or 4");
  else if (destination->bytes % value_bytes != 0)
    adder.fail("it fills " + std::to_string(destination->bytes) +
               " bytes, not a multiple of its pattern of " +
               std::to_string(value_bytes));
  return adder.finish(node);
}

GoStatus goGraphAddEmpty(GoGraph *graph, const GoNode *after, int64_t num_after,
                         GoNode *node) {
  return NodeAdder(graph, NodeKind::Empty, after, num_after).finish(node);
}

//===----------------------------------------------------------------------===//
// Children
//===----------------------------------------------------------------------===//

/// Rewrites the references of `child`, which name its own arguments, to what
/// those refer to: ranges of the buffers of the enclosing graph.
static Status rewriteReferences(GoGraph &child,
                                const std::vector<GoRef> &arguments) {
  for (size_t i = 0; i < child.nodes.size(); ++i) {
    Node &node = child.nodes[i];
    for (GoRef &reference : node.references) {
      // The child has been checked: it has no arena and no parameters, so what
      // is left of those is empty.
      if (reference.buffer == GO_BUFFER_CONDITION)
        return invalid(describeNode(child, i) +
                       ": a child may not have conditions");
      if (reference.buffer < 0)
        continue;
      const GoRef &argument = arguments[reference.buffer];
      std::string what = describeNode(child, i) + ": it ";
      if (reference.access & ~argument.access)
        return invalid(
            what + (reference.access & GO_ACCESS_WRITE ? "writes" : "reads") +
            " argument " + std::to_string(reference.buffer) +
            " of the child, which its node declares otherwise");
      if (reference.offset + reference.bytes > argument.bytes)
        return invalid(what + "uses bytes up to " +
                       std::to_string(reference.offset + reference.bytes) +
                       " of argument " + std::to_string(reference.buffer) +
                       " of the child, which has " +
                       std::to_string(argument.bytes));
      reference.buffer = argument.buffer;
      reference.offset += argument.offset;
    }
    for (std::unique_ptr<GoGraph> &body : node.bodies) {
      Status status = rewriteReferences(*body, arguments);
      if (status.failed())
        return status;
    }
  }
  return {};
}

static bool hasConditional(const GoGraph &graph) {
  bool found = false;
  forEachNode(graph, [&](const GoGraph &, GoNode, const Node &node) {
    found |= node.kind == NodeKind::Conditional;
  });
  return found;
}

/// Builds the graph of a child node whose references are `node.references`.
static Status buildChild(GoGraph &child, const Node &node,
                         const std::string &where) {
  if (child.depth > maxNesting)
    return invalid(where + ": graphs are nested deeper than " +
                   std::to_string(maxNesting));
  Status status = buildGraph(child);
  if (status.failed())
    return status;
  if (hasConditional(child))
    return {GO_UNSUPPORTED, where + ": a child may not hold conditional nodes"};
  return rewriteReferences(child, node.references);
}

GoStatus goGraphAddChild(GoGraph *graph, const GoNode *after, int64_t num_after,
                         const GoGraphInfo *child, const GoRef *buffers,
                         GoNode *node) {
  NodeAdder adder(graph, NodeKind::Child, after, num_after);
  if (adder.failed())
    return adder.finish(node);
  Status status = verifyInfo(child);
  if (status.failed()) {
    adder.fail(status.message);
    return adder.finish(node);
  }
  adder.node.name = child->name;
  if (child->arena_bytes != 0 || child->parameter_bytes != 0)
    adder.fail("a child may not have an arena or parameters of its own");
  else if (child->num_buffers > 0 && !buffers)
    adder.fail("the list of buffers is null");
  else if (child->num_buffers > 0)
    adder.node.references.assign(buffers, buffers + child->num_buffers);
  if (!adder.failed())
    adder.fail(verifyReferences(*graph, adder.node, adder.where()));
  if (!adder.failed()) {
    auto body =
        std::make_unique<GoGraph>(graph->context, *child, graph->depth + 1);
    adder.fail(buildChild(*body, adder.node, adder.where()));
    adder.node.bodies.push_back(std::move(body));
  }
  return adder.finish(node);
}

//===----------------------------------------------------------------------===//
// Conditionals
//===----------------------------------------------------------------------===//

/// Most bodies of an if, a while and a switch.
static constexpr int64_t maxBodies[] = {2, 1, 65536};

/// Checks the kind, the width of the condition and the number of bodies.
/// Returns what is wrong, or an empty string.
static std::string verifyConditional(int32_t kind, const GoRef &condition,
                                     int64_t numBodies) {
  if (kind < GO_CONDITIONAL_IF || kind > GO_CONDITIONAL_SWITCH)
    return std::to_string(kind) + " is no kind of conditional";
  int64_t width = kind == GO_CONDITIONAL_SWITCH ? 8 : 1;
  if (condition.bytes != width)
    return "its condition has " + std::to_string(condition.bytes) +
           " bytes, not " + std::to_string(width);
  if (numBodies < 1 || numBodies > maxBodies[kind])
    return "it can not have " + std::to_string(numBodies) + " bodies";
  return "";
}

GoStatus goGraphAddCondition(GoGraph *graph, int64_t *condition) {
  if (!graph) {
    setLastMessage("goGraphAddCondition: the graph is null");
    return GO_INVALID_ARGUMENT;
  }
  GoGraph &root = *graph->root;
  if (!root.error.failed()) {
    if (root.sealed)
      root.error = invalid(root.where + ": it is complete, no condition can be "
                                        "added");
    else if (!condition)
      root.error =
          invalid(root.where + ": the result of goGraphAddCondition is null");
  }
  if (root.error.failed())
    return failBuilding(root, root.error);
  *condition = root.conditions.size();
  root.conditions.push_back(false);
  return GO_OK;
}

/// Checks that `condition` is -1 or a declared condition that no node has yet.
/// Returns what is wrong, or an empty string.
static std::string verifyCondition(const GoGraph &root, int64_t condition) {
  int64_t count = root.conditions.size();
  if (condition < -1 || condition >= count)
    return "there is no condition " + std::to_string(condition) +
           "; the graph has " + std::to_string(count);
  if (condition >= 0 && root.conditions[condition])
    return "another node has condition " + std::to_string(condition);
  return "";
}

GoStatus goGraphAddConditional(GoGraph *graph, const GoNode *after,
                               int64_t num_after, int32_t kind,
                               const GoRef *value, int64_t condition,
                               GoGraph **bodies, int64_t num_bodies,
                               GoNode *node) {
  NodeAdder adder(graph, NodeKind::Conditional, after, num_after);
  adder.node.condition = kind;
  adder.node.conditionNumber = condition;
  adder.addReference(value, GO_ACCESS_READ);
  if (adder.failed())
    return adder.finish(node);
  std::string problem = verifyConditional(kind, *value, num_bodies);
  if (problem.empty())
    problem = verifyCondition(*graph->root, condition);
  if (!problem.empty())
    adder.fail(problem);
  else if (!bodies)
    adder.fail("the array for its bodies is null");
  else if (graph->depth + 1 > maxNesting)
    adder.fail("graphs are nested deeper than " + std::to_string(maxNesting));
  if (adder.failed())
    return adder.finish(node);

  for (int64_t i = 0; i < num_bodies; ++i)
    adder.node.bodies.push_back(
        std::make_unique<GoGraph>(*graph, adder.index, i));
  std::vector<GoGraph *> created;
  for (const std::unique_ptr<GoGraph> &body : adder.node.bodies)
    created.push_back(body.get());
  GoStatus code = adder.finish(node);
  if (code != GO_OK)
    return code;
  std::copy(created.begin(), created.end(), bodies);
  if (condition >= 0)
    graph->root->conditions[condition] = true;
  return code;
}
