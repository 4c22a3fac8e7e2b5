//===- NodeRunner.cpp - Running one node of a graph -----------------------===//

#include "NodeRunner.h"

using namespace graphrun;

/// The node that `buildNode` adds, and the number of the arena among the
/// buffers: builders take no data of their own.
static const RecordedNode *nodeToBuild;
static int64_t arenaNumber;

/// Declares the conditions that `node` has slots for.
static GoStatus addConditions(GoGraph *graph, const RecordedNode &node) {
  int64_t count = 0;
  for (const GoRef &ref : node.refs)
    if (ref.buffer == GO_BUFFER_CONDITION)
      count = std::max(count, ref.offset + 1);
  for (int64_t i = 0, number; i < count; ++i)
    if (GoStatus status = goGraphAddCondition(graph, &number))
      return status;
  return GO_OK;
}

static GoStatus buildNode(GoGraph *graph) {
  const RecordedNode &node = *nodeToBuild;
  std::vector<GoRef> refs = node.refs;
  for (GoRef &ref : refs)
    if (ref.buffer == GO_BUFFER_ARENA)
      ref.buffer = arenaNumber;
  // Kernels then leave conditions alone, which no node here takes.
  if (GoStatus status = goGraphSetMode(graph, GO_MODE_STREAM))
    return status;
  if (GoStatus status = addConditions(graph, node))
    return status;
  switch (node.kind) {
  case RecordedNode::Kind::HostKernel:
    return goGraphAddHostKernel(graph, nullptr, 0, node.name.c_str(),
                                refs.data(), refs.size(), node.phases.data(),
                                node.phases.size(), nullptr);
  case RecordedNode::Kind::CudaKernel:
    return goGraphAddCudaKernel(graph, nullptr, 0, node.name.c_str(),
                                refs.data(), refs.size(), &node.launch,
                                nullptr);
  case RecordedNode::Kind::Memcpy:
    return goGraphAddMemcpy(graph, nullptr, 0, &refs[0], &refs[1], nullptr);
  case RecordedNode::Kind::Memset:
    return goGraphAddMemset(graph, nullptr, 0, &refs[0], node.value,
                            node.valueBytes, nullptr);
  case RecordedNode::Kind::Conditional:
    break;
  }
  return GO_INVALID_ARGUMENT;
}

GoStatus NodeRunner::run(GoContext *context, const GoGraphInfo &owner,
                         const RecordedNode &node, void *stream,
                         llvm::ArrayRef<void *> buffers,
                         const void *parameters) {
  GoGraphInfo *&info = infoOf[&node];
  if (!info) {
    info = &infos.emplace_back(owner);
    info->module = "graph-run --differential";
    // Its place among all nodes tells it from others of its graph.
    info->fingerprint = infos.size();
    info->num_buffers = owner.num_buffers + 1;
    info->arena_bytes = 0;
    info->build = &buildNode;
  }
  nodeToBuild = &node;
  arenaNumber = owner.num_buffers;
  GoExec *exec = nullptr;
  if (GoStatus status = goGraphInstantiate(context, info, &exec))
    return status;
  return goExecLaunch(exec, stream, buffers.data(), parameters, 0);
}
