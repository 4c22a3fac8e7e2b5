//===- Graphs.cpp - Graphs of the fake CUDA driver ------------------------===//
//
// Part of graph-opt. The building of graphs.
//
//===----------------------------------------------------------------------===//

#include "Graphs.h"

using namespace fakecuda;

void fakecuda::setCondition(uint64_t handle, unsigned value) {
  if (!isLive("condition", reinterpret_cast<void *>(handle)))
    state().faults += "a kernel sets a condition that does not exist; ";
  else
    reinterpret_cast<Condition *>(handle)->value = value;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

FAKE_EXPORT Result cuGraphCreate(cuda::Graph *graph, unsigned) {
  Entry entry("cuGraphCreate");
  if (entry)
    return entry.result;
  *graph = reinterpret_cast<cuda::Graph>(create<Graph>("graph"));
  return cuda::success;
}

FAKE_EXPORT Result cuGraphDestroy(cuda::Graph graph) {
  Entry entry("cuGraphDestroy", Entry::Never);
  return destroy("graph", toGraph(graph));
}

static Result addNode(cuda::GraphNode *result, cuda::Graph handle,
                      const cuda::GraphNode *before, size_t numBefore,
                      Action action) {
  Graph *graph = toGraph(handle);
  if (!isLive("graph", graph->root))
    return invalidHandle;
  auto node = std::make_unique<Node>();
  node->graph = graph;
  node->action = std::move(action);
  std::set<Node *> unique;
  for (size_t i = 0; i < numBefore; ++i) {
    Node *earlier = toNode(before[i]);
    if (!earlier || earlier->graph != graph || !unique.insert(earlier).second)
      return invalidValue;
    node->before.push_back(earlier);
  }
  *result = reinterpret_cast<cuda::GraphNode>(node.get());
  graph->nodes.push_back(std::move(node));
  return cuda::success;
}

Result fakecuda::capture(Stream &stream, Work work) {
  if (stream.isInvalid)
    return captureInvalidated;
  Action action;
  action.kind = Action::Captured;
  action.work = std::move(work);
  cuda::GraphNode node = nullptr;
  Result result =
      addNode(&node, reinterpret_cast<cuda::Graph>(stream.captured.get()),
              stream.last.data(), stream.last.size(), std::move(action));
  if (!result)
    stream.last = {node};
  return result;
}

void fakecuda::beginCapture(void *handle) {
  std::lock_guard<std::recursive_mutex> lock(state().mutex);
  Stream &stream = *toStream(static_cast<cuda::Stream>(handle));
  stream.capturing = true;
  stream.isInvalid = false;
  stream.captured = std::make_shared<Graph>();
  stream.last.clear();
  state().live["graph"].insert(stream.captured.get());
}

bool fakecuda::endCapture(void *handle) {
  std::lock_guard<std::recursive_mutex> lock(state().mutex);
  Stream &stream = *toStream(static_cast<cuda::Stream>(handle));
  stream.capturing = false;
  state().live["graph"].erase(stream.captured.get());
  if (stream.isInvalid)
    stream.captured.reset();
  return !stream.isInvalid;
}

Result fakecuda::toAction(const cuda::KernelParams &params, Action *action) {
  action->kind = Action::Kernel;
  action->function = reinterpret_cast<Function *>(params.function);
  if (!action->function)
    return invalidValue;
  for (int i = 0; i < 3; ++i) {
    action->launch.grid[i] = params.grid[i];
    action->launch.block[i] = params.block[i];
  }
  action->launch.sharedBytes = params.sharedBytes;
  action->parameter =
      copyParameter(*action->function->kernel, params.parameters);
  bool isRight =
      static_cast<int>(params.sharedBytes) <= action->function->sharedBytes;
  return isRight ? Result(cuda::success) : invalidValue;
}

/// True if the driver would take [address, address + bytes) for device memory.
static bool isDeviceMemory(cuda::Pointer address, size_t bytes) {
  std::string faults = state().faults;
  bool result = checkMemory(address, bytes, "");
  state().faults = faults;
  return result;
}

Result fakecuda::toAction(const cuda::CopyParams &params, Action *action) {
  action->kind = Action::Copy;
  action->copy = params;
  bool isRight = params.source.memoryType == cuda::memoryTypeDevice &&
                 params.destination.memoryType == cuda::memoryTypeDevice &&
                 params.bytes > 0 && params.height == 1 && params.depth == 1 &&
                 isDeviceMemory(params.source.device, params.bytes) &&
                 isDeviceMemory(params.destination.device, params.bytes);
  return isRight ? Result(cuda::success) : invalidValue;
}

Result fakecuda::toAction(const cuda::MemsetParams &params, Action *action) {
  action->kind = Action::Fill;
  action->fill = params;
  bool isRight =
      (params.elementBytes == 1 || params.elementBytes == 2 ||
       params.elementBytes == 4) &&
      params.width > 0 && params.height == 1 &&
      params.destination % params.elementBytes == 0 &&
      isDeviceMemory(params.destination, params.width * params.elementBytes);
  return isRight ? Result(cuda::success) : invalidValue;
}

template <typename Params>
static Result addNodeOf(const char *name, cuda::GraphNode *node,
                        cuda::Graph graph, const cuda::GraphNode *before,
                        size_t numBefore, const Params &params) {
  Entry entry(name);
  if (entry)
    return entry.result;
  Action action;
  Result result = toAction(params, &action);
  return result ? result : addNode(node, graph, before, numBefore, action);
}

FAKE_EXPORT Result cuGraphAddKernelNode_v2(cuda::GraphNode *node,
                                           cuda::Graph graph,
                                           const cuda::GraphNode *before,
                                           size_t numBefore,
                                           const cuda::KernelParams *params) {
  return addNodeOf("cuGraphAddKernelNode", node, graph, before, numBefore,
                   *params);
}

FAKE_EXPORT Result cuGraphAddMemcpyNode(
    cuda::GraphNode *node, cuda::Graph graph, const cuda::GraphNode *before,
    size_t numBefore, const cuda::CopyParams *params, cuda::Context) {
  return addNodeOf("cuGraphAddMemcpyNode", node, graph, before, numBefore,
                   *params);
}

FAKE_EXPORT Result cuGraphAddMemsetNode(
    cuda::GraphNode *node, cuda::Graph graph, const cuda::GraphNode *before,
    size_t numBefore, const cuda::MemsetParams *params, cuda::Context) {
  return addNodeOf("cuGraphAddMemsetNode", node, graph, before, numBefore,
                   *params);
}

FAKE_EXPORT Result cuGraphAddEmptyNode(cuda::GraphNode *node, cuda::Graph graph,
                                       const cuda::GraphNode *before,
                                       size_t numBefore) {
  Entry entry("cuGraphAddEmptyNode");
  if (entry)
    return entry.result;
  return addNode(node, graph, before, numBefore, {});
}

FAKE_EXPORT Result cuGraphKernelNodeSetAttribute(
    cuda::GraphNode node, int attribute, const cuda::AttributeValue *value) {
  Entry entry("cuGraphKernelNodeSetAttribute");
  if (entry)
    return entry.result;
  Action &action = toNode(node)->action;
  if (attribute != cuda::attributeCooperative || action.kind != Action::Kernel)
    return invalidValue;
  action.launch.cooperative = value->cooperative != 0;
  return cuda::success;
}

FAKE_EXPORT Result cuGraphConditionalHandleCreate(cuda::Condition *handle,
                                                  cuda::Graph graph,
                                                  cuda::Context,
                                                  unsigned atLaunch,
                                                  unsigned flags) {
  Entry entry("cuGraphConditionalHandleCreate");
  if (entry)
    return entry.result;
  if (!isLive("graph", graph) || flags != cuda::conditionAssignDefault)
    return invalidValue;
  Condition *condition = create<Condition>("condition");
  condition->root = toGraph(graph);
  condition->atLaunch = atLaunch;
  toGraph(graph)->conditions.emplace_back(
      condition, [](Condition *condition) { destroy("condition", condition); });
  *handle = reinterpret_cast<cuda::Condition>(condition);
  return cuda::success;
}

FAKE_EXPORT Result cuGraphAddNode_v2(cuda::GraphNode *node, cuda::Graph graph,
                                     const cuda::GraphNode *before,
                                     const void *edges, size_t numBefore,
                                     cuda::ConditionalParams *params) {
  Entry entry("cuGraphAddNode");
  if (entry)
    return entry.result;
  auto *condition = reinterpret_cast<Condition *>(params->handle);
  bool isNew = state().properties.version >= 12080;
  bool isRight = params->nodeType == 13 && !edges && params->numBodies > 0 &&
                 isLive("condition", condition) &&
                 condition->root == toGraph(graph)->root &&
                 (isNew || (params->kind < 2 && params->numBodies == 1));
  if (!isRight)
    return invalidValue;
  Action action;
  action.kind = Action::Conditional;
  action.condition = condition;
  action.conditional = params->kind;
  Result result = addNode(node, graph, before, numBefore, action);
  if (result)
    return result;
  ++condition->numNodes;
  Node *added = toNode(*node);
  for (unsigned i = 0; i < params->numBodies; ++i) {
    added->bodies.push_back(std::make_unique<Graph>());
    added->bodies.back()->root = toGraph(graph)->root;
    added->bodyHandles.push_back(
        reinterpret_cast<cuda::Graph>(added->bodies.back().get()));
  }
  params->bodies = added->bodyHandles.data();
  return cuda::success;
}
