//===- Recorder.cpp - Graphs as programs build them -----------------------===//

#include "Recorder.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"

using namespace graphrun;

namespace {
/// A graph being recorded.
struct Recording {
  RecordedGraph *graph;
  /// In a child: what its arguments refer to in the graph around it.
  const std::vector<GoRef> *arguments = nullptr;
  int64_t *numConditions;
};
} // namespace

/// Recordings in progress, by the handles that the program knows them by.
static llvm::DenseMap<GoGraph *, Recording> recordings;

/// Adds a node to the graph `handle` stands for; null if it is not recorded.
static RecordedNode *addNode(GoGraph *handle, RecordedNode::Kind kind,
                             llvm::ArrayRef<GoRef> refs, GoNode *number) {
  auto found = recordings.find(handle);
  if (found == recordings.end())
    return nullptr;
  Recording &recording = found->second;
  RecordedNode &node = recording.graph->nodes.emplace_back();
  node.kind = kind;
  node.refs.assign(refs.begin(), refs.end());
  if (recording.arguments)
    for (GoRef &ref : node.refs)
      if (ref.buffer >= 0) {
        const GoRef &argument = (*recording.arguments)[ref.buffer];
        ref.buffer = argument.buffer;
        ref.offset += argument.offset;
      }
  if (number)
    *number = recording.graph->nodes.size() - 1;
  return &node;
}

static GoStatus setMode(GoGraph *graph, int32_t mode) {
  return recordings.count(graph) ? GO_OK : goGraphSetMode(graph, mode);
}

static GoStatus setBaked(GoGraph *graph, const int64_t *buffers,
                         int64_t count) {
  return recordings.count(graph) ? GO_OK
                                 : goGraphSetBaked(graph, buffers, count);
}

static GoStatus setDisjoint(GoGraph *graph, const int64_t *buffers,
                            int64_t count) {
  return recordings.count(graph) ? GO_OK
                                 : goGraphSetDisjoint(graph, buffers, count);
}

static GoStatus addHostKernel(GoGraph *graph, const GoNode *after,
                              int64_t numAfter, const char *name,
                              const GoRef *operands, int64_t numOperands,
                              const GoHostPhase *phases, int64_t numPhases,
                              GoNode *number) {
  RecordedNode *node = addNode(graph, RecordedNode::Kind::HostKernel,
                               {operands, size_t(numOperands)}, number);
  if (!node)
    return goGraphAddHostKernel(graph, after, numAfter, name, operands,
                                numOperands, phases, numPhases, number);
  node->name = name;
  node->phases.assign(phases, phases + numPhases);
  return GO_OK;
}

static GoStatus addCudaKernel(GoGraph *graph, const GoNode *after,
                              int64_t numAfter, const char *name,
                              const GoRef *operands, int64_t numOperands,
                              const GoCudaLaunch *launch, GoNode *number) {
  RecordedNode *node = addNode(graph, RecordedNode::Kind::CudaKernel,
                               {operands, size_t(numOperands)}, number);
  if (!node)
    return goGraphAddCudaKernel(graph, after, numAfter, name, operands,
                                numOperands, launch, number);
  node->name = name;
  node->launch = *launch;
  return GO_OK;
}

static GoStatus addMemcpy(GoGraph *graph, const GoNode *after, int64_t numAfter,
                          const GoRef *source, const GoRef *destination,
                          GoNode *number) {
  if (addNode(graph, RecordedNode::Kind::Memcpy, {*source, *destination},
              number))
    return GO_OK;
  return goGraphAddMemcpy(graph, after, numAfter, source, destination, number);
}

static GoStatus addMemset(GoGraph *graph, const GoNode *after, int64_t numAfter,
                          const GoRef *destination, uint32_t value,
                          int64_t valueBytes, GoNode *number) {
  RecordedNode *node =
      addNode(graph, RecordedNode::Kind::Memset, *destination, number);
  if (!node)
    return goGraphAddMemset(graph, after, numAfter, destination, value,
                            valueBytes, number);
  node->value = value;
  node->valueBytes = valueBytes;
  return GO_OK;
}

static GoStatus addEmpty(GoGraph *graph, const GoNode *after, int64_t numAfter,
                         GoNode *number) {
  auto found = recordings.find(graph);
  if (found == recordings.end())
    return goGraphAddEmpty(graph, after, numAfter, number);
  // Nodes are run in order: there is nothing to wait for.
  if (number)
    *number = found->second.graph->nodes.size();
  return GO_OK;
}

static GoStatus addChild(GoGraph *graph, const GoNode *after, int64_t numAfter,
                         const GoGraphInfo *child, const GoRef *buffers,
                         GoNode *number) {
  auto found = recordings.find(graph);
  if (found == recordings.end())
    return goGraphAddChild(graph, after, numAfter, child, buffers, number);
  Recording outer = found->second;
  std::vector<GoRef> arguments(buffers, buffers + child->num_buffers);
  if (outer.arguments)
    for (GoRef &ref : arguments)
      if (ref.buffer >= 0) {
        ref.offset += (*outer.arguments)[ref.buffer].offset;
        ref.buffer = (*outer.arguments)[ref.buffer].buffer;
      }
  // The nodes of the child become nodes of the same graph.
  char place;
  auto *handle = reinterpret_cast<GoGraph *>(&place);
  recordings[handle] = {outer.graph, &arguments, outer.numConditions};
  GoStatus status = child->build(handle);
  recordings.erase(handle);
  if (number)
    *number = outer.graph->nodes.size();
  return status;
}

static GoStatus addCondition(GoGraph *graph, int64_t *condition) {
  auto found = recordings.find(graph);
  if (found == recordings.end())
    return goGraphAddCondition(graph, condition);
  *condition = (*found->second.numConditions)++;
  return GO_OK;
}

static GoStatus addConditional(GoGraph *graph, const GoNode *after,
                               int64_t numAfter, int32_t kind,
                               const GoRef *value, int64_t condition,
                               GoGraph **bodies, int64_t numBodies,
                               GoNode *number) {
  RecordedNode *node =
      addNode(graph, RecordedNode::Kind::Conditional, *value, number);
  if (!node)
    return goGraphAddConditional(graph, after, numAfter, kind, value, condition,
                                 bodies, numBodies, number);
  node->conditionalKind = kind;
  Recording outer = recordings.lookup(graph);
  for (int64_t i = 0; i < numBodies; ++i) {
    RecordedGraph *body =
        node->bodies.emplace_back(std::make_unique<RecordedGraph>()).get();
    bodies[i] = reinterpret_cast<GoGraph *>(body);
    recordings[bodies[i]] = {body, outer.arguments, outer.numConditions};
  }
  return GO_OK;
}

void graphrun::forEachNode(
    const RecordedGraph &graph,
    llvm::function_ref<void(const RecordedNode &)> visit) {
  for (const RecordedNode &node : graph.nodes) {
    visit(node);
    for (const auto &body : node.bodies)
      forEachNode(*body, visit);
  }
}

llvm::SmallVector<GoRef> graphrun::writtenBy(const RecordedNode &node) {
  if (node.kind == RecordedNode::Kind::Memcpy)
    return {node.refs[1]};
  if (node.kind == RecordedNode::Kind::Memset)
    return {node.refs[0]};
  if (node.kind == RecordedNode::Kind::Conditional)
    return {};
  // Kernels also refer to host scalars and handles of conditions.
  llvm::SmallVector<GoRef> refs;
  llvm::copy_if(node.refs, std::back_inserter(refs), [](const GoRef &ref) {
    return ref.buffer >= GO_BUFFER_ARENA && (ref.access & GO_ACCESS_WRITE);
  });
  return refs;
}

GoStatus graphrun::recordGraph(const GoGraphInfo &info, RecordedGraph &graph) {
  int64_t numConditions = 0;
  auto *handle = reinterpret_cast<GoGraph *>(&graph);
  recordings[handle] = {&graph, nullptr, &numConditions};
  GoStatus status = info.build(handle);
  recordings.clear();
  return status;
}

std::vector<RuntimeSymbol> graphrun::recordingSymbols() {
  return {
      runtimeSymbol("goGraphSetMode", &setMode),
      runtimeSymbol("goGraphSetBaked", &setBaked),
      runtimeSymbol("goGraphSetDisjoint", &setDisjoint),
      runtimeSymbol("goGraphAddHostKernel", &addHostKernel),
      runtimeSymbol("goGraphAddCudaKernel", &addCudaKernel),
      runtimeSymbol("goGraphAddMemcpy", &addMemcpy),
      runtimeSymbol("goGraphAddMemset", &addMemset),
      runtimeSymbol("goGraphAddEmpty", &addEmpty),
      runtimeSymbol("goGraphAddChild", &addChild),
      runtimeSymbol("goGraphAddCondition", &addCondition),
      runtimeSymbol("goGraphAddConditional", &addConditional),
  };
}
