//===- CudaGraph.cpp - A program as a CUDA graph --------------------------===//
//
// Part of graph-opt. This file implements the building, the update and the
// destruction of CUDA graphs.
//
//===----------------------------------------------------------------------===//

#include "CudaGraph.h"

#include <algorithm>

using namespace graphopt::runtime;

/// The first version of the driver that is known to update nodes in bodies of
/// conditional nodes one by one.
static constexpr int firstUpdatesOfBodies = 13000;

CudaGraph::~CudaGraph() {
  if (!graph)
    return;
  CudaScope scope(driver, device.context);
  if (!scope.status.failed())
    discard();
}

void CudaGraph::activate() {
  binding.handles = handles;
  for (const CudaStep *step : program.conditionUsers)
    binding.resolve(*step);
}

void CudaGraph::discard() {
  if (exec)
    driver.cuGraphExecDestroy.pointer(exec);
  if (graph)
    driver.cuGraphDestroy.pointer(graph);
  exec = nullptr;
  graph = nullptr;
}

//===----------------------------------------------------------------------===//
// Parameters of nodes
//===----------------------------------------------------------------------===//

static cuda::KernelParams kernelParams(const CudaStep &step, void **list) {
  const GoCudaLaunch &launch = step.node->launch;
  cuda::KernelParams params;
  params.function = step.function;
  for (int i = 0; i < 3; ++i) {
    params.grid[i] = launch.grid[i];
    params.block[i] = launch.block[i];
  }
  params.grid[0] = step.blocks;
  params.sharedBytes = launch.shared_bytes;
  params.parameters = list;
  return params;
}

bool CudaGraph::copiesOntoItself(const CudaStep &step) const {
  const std::vector<GoRef> &references = step.node->references;
  return binding.address(references[0]) == binding.address(references[1]);
}

cuda::CopyParams CudaGraph::copyParams(const CudaStep &step) const {
  const std::vector<GoRef> &references = step.node->references;
  cuda::CopyParams params;
  params.source.device = binding.address(references[0]);
  params.destination.device = binding.address(references[1]);
  params.bytes = references[0].bytes;
  params.source.pitch = params.destination.pitch = params.bytes;
  params.source.height = params.destination.height = 1;
  return params;
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

Status CudaGraph::addEmpty(const Nodes &before, cuda::Graph target,
                           cuda::GraphNode *node) {
  return driver.call(driver.cuGraphAddEmptyNode, node, target, before.data(),
                     before.size());
}

Status CudaGraph::addKernel(const CudaStep &step, const Nodes &before,
                            cuda::Graph target, cuda::GraphNode *node) {
  void *list[] = {binding.parameters(step)};
  const cuda::KernelParams params = kernelParams(step, list);
  Status status = driver.call(driver.cuGraphAddKernelNode, node, target,
                              before.data(), before.size(), &params);
  if (status.failed() || !step.node->launch.cooperative)
    return status;
  cuda::AttributeValue value = {};
  value.cooperative = 1;
  return driver.call(driver.cuGraphKernelNodeSetAttribute, *node,
                     cuda::attributeCooperative,
                     static_cast<const cuda::AttributeValue *>(&value));
}

/// Inlines a child. Its last nodes become one, after which others can run.
Status CudaGraph::addChild(const CudaStep &step, const Nodes &before,
                           cuda::Graph target, cuda::GraphNode *node) {
  Nodes first = before, leaves;
  Status status;
  if (before.size() > 1) {
    // One edge to each of its first nodes instead of many.
    first.resize(1);
    status = inStep(step, addEmpty(before, target, &first[0]));
  }
  if (!status.failed())
    status = addBlock(step.bodies.front(), first, target, leaves);
  if (status.failed())
    return status;
  if (leaves.size() != 1)
    return inStep(step,
                  addEmpty(leaves.empty() ? first : leaves, target, node));
  *node = leaves.front();
  return {};
}

Status CudaGraph::addConditional(const CudaStep &step, const Nodes &before,
                                 cuda::Graph target, cuda::GraphNode *node) {
  cuda::ConditionalParams params;
  params.handle = binding.handles[step.node->conditionNumber];
  params.kind = step.node->condition;
  params.numBodies = step.bodies.size();
  params.context = device.context;
  const void *edges = nullptr;
  Status status =
      inStep(step, driver.call(driver.cuGraphAddNode, node, target,
                               before.data(), edges, before.size(), &params));
  for (size_t i = 0; i < step.bodies.size() && !status.failed(); ++i) {
    Nodes leaves;
    status = addBlock(step.bodies[i], {}, params.bodies[i], leaves);
  }
  return status;
}

Status CudaGraph::addStep(const CudaStep &step, const Nodes &before,
                          cuda::Graph target, cuda::GraphNode *node) {
  if (step.isEmptyRange())
    return addEmpty(before, target, node);
  switch (step.node->kind) {
  case NodeKind::CudaKernel:
    return addKernel(step, before, target, node);
  case NodeKind::Memcpy: {
    // What has no instance can not disable a node.
    if ((step.inBody || isJoined) && copiesOntoItself(step)) {
      disabled[step.number] = true;
      return addEmpty(before, target, node);
    }
    const cuda::CopyParams params = copyParams(step);
    return driver.call(driver.cuGraphAddMemcpyNode, node, target, before.data(),
                       before.size(), &params, device.context);
  }
  case NodeKind::Memset: {
    cuda::MemsetParams params;
    Status status = binding.memsetParams(step, &params);
    return status.failed()
               ? status
               : driver.call(driver.cuGraphAddMemsetNode, node, target,
                             before.data(), before.size(),
                             static_cast<const cuda::MemsetParams *>(&params),
                             device.context);
  }
  case NodeKind::Child:
    return addChild(step, before, target, node);
  case NodeKind::Conditional:
    return addConditional(step, before, target, node);
  case NodeKind::HostKernel:
  case NodeKind::Empty:
    break;
  }
  return addEmpty(before, target, node);
}

/// Adds the steps of `block` to `target`; those without predecessors run after
/// `before`. `leaves` receives the nodes that no other node of it runs after.
Status CudaGraph::addBlock(const CudaBlock &block, const Nodes &before,
                           cuda::Graph target, Nodes &leaves) {
  std::vector<bool> isLeaf(block.steps.size(), true);
  for (size_t i = 0; i < block.steps.size(); ++i) {
    const CudaStep &step = block.steps[i];
    Nodes after;
    for (GoNode earlier : step.node->after) {
      after.push_back(nodes[block.steps[earlier].number]);
      isLeaf[earlier] = false;
    }
    Status status = addStep(step, step.node->after.empty() ? before : after,
                            target, &nodes[step.number]);
    if (status.failed())
      return step.bodies.empty() ? inStep(step, std::move(status)) : status;
  }
  for (size_t i = 0; i < block.steps.size(); ++i)
    if (isLeaf[i])
      leaves.push_back(nodes[block.steps[i].number]);
  return {};
}

/// Creates the handles of the conditions that nodes of `block` have, at any
/// depth.
Status CudaGraph::createConditions(const CudaBlock &block, cuda::Graph target) {
  for (const CudaStep &step : block.steps) {
    if (step.node->kind == NodeKind::Conditional) {
      unsigned atLaunch = 0;
      Status status = driver.call(driver.cuGraphConditionalHandleCreate,
                                  &binding.handles[step.node->conditionNumber],
                                  target, device.context, atLaunch,
                                  unsigned(cuda::conditionAssignDefault));
      if (status.failed())
        return inStep(step, std::move(status));
    }
    for (const CudaBlock &body : step.bodies) {
      Status status = createConditions(body, target);
      if (status.failed())
        return status;
    }
  }
  return {};
}

/// Adds all nodes and their conditions to `target`, in the terms of addBlock.
Status CudaGraph::addAll(cuda::Graph target, const Nodes &before,
                         Nodes &leaves) {
  nodes.assign(program.steps.size(), nullptr);
  disabled.assign(program.steps.size(), false);
  binding.handles.assign(program.root.graph->conditions.size(), 0);
  Status status = createConditions(program.root, target);
  if (status.failed())
    return status;
  for (const CudaStep *step : program.steps)
    binding.resolve(*step);
  return addBlock(program.root, before, target, leaves);
}

Status CudaGraph::join(cuda::Stream stream, bool *isAdded) {
  isJoined = true;
  cuda::CaptureStatus state = cuda::captureNone;
  cuda::Graph target = nullptr;
  const cuda::GraphNode *last = nullptr;
  size_t numLast = 0;
  Status status = driver.call(driver.cuStreamGetCaptureInfo, stream, &state,
                              static_cast<unsigned long long *>(nullptr),
                              &target, &last, &numLast);
  if (!status.failed() && state != cuda::captureActive)
    return {GO_UNSUPPORTED, "the capture of the stream is invalid already"};
  if (status.failed())
    return status;
  Nodes before(last, last + numLast), leaves;
  *isAdded = true;
  if (before.size() > 1) {
    // One edge to each of the first nodes instead of many.
    before.resize(1);
    status = addEmpty(Nodes(last, last + numLast), target, &before[0]);
  }
  if (!status.failed())
    status = addAll(target, before, leaves);
  if (!status.failed() && leaves.empty())
    leaves = before;
  if (status.failed() || leaves.empty())
    return status;
  return driver.call(driver.cuStreamUpdateCaptureDependencies, stream,
                     leaves.data(), leaves.size(), cuda::setDependencies);
}

/// Names the node in the message of a failure, if the driver told which.
Status CudaGraph::instantiateNodes() {
  cuda::InstantiateParams params;
  Status status = driver.call(driver.cuGraphInstantiate, &exec, graph, &params);
  if (!status.failed() || !params.errorNode)
    return status;
  for (const CudaStep *step : program.steps)
    if (nodes[step->number] == params.errorNode)
      return inStep(*step, std::move(status));
  return status;
}

Status CudaGraph::instantiate() {
  Status status = driver.call(driver.cuGraphCreate, &graph, 0u);
  Nodes leaves;
  if (!status.failed())
    status = addAll(graph, {}, leaves);
  if (!status.failed())
    status = instantiateNodes();
  if (status.failed())
    return status;
  for (const CudaStep *step : program.steps) {
    bool isCopy = step->node->kind == NodeKind::Memcpy && !step->inBody &&
                  !step->isEmptyRange();
    if (!isCopy || !copiesOntoItself(*step))
      continue;
    status = setEnabled(*step, false);
    if (status.failed())
      return inStep(*step, std::move(status));
  }
  return {};
}

Status CudaGraph::build() {
  discard();
  Status status = instantiate();
  if (status.failed())
    discard();
  else
    handles = binding.handles;
  return status;
}

//===----------------------------------------------------------------------===//
// Updates
//===----------------------------------------------------------------------===//

bool CudaGraph::updatesBodies(const CudaDriver &driver) {
  return driver.version >= firstUpdatesOfBodies;
}

Status CudaGraph::setEnabled(const CudaStep &step, bool isEnabled) {
  if (disabled[step.number] == !isEnabled)
    return {};
  Status status = driver.call(driver.cuGraphNodeSetEnabled, exec,
                              nodes[step.number], unsigned(isEnabled));
  if (!status.failed())
    disabled[step.number] = !isEnabled;
  return status;
}

Status CudaGraph::updateStep(const CudaStep &step) {
  cuda::GraphNode node = nodes[step.number];
  if (step.node->kind == NodeKind::CudaKernel) {
    void *list[] = {binding.parameters(step)};
    const cuda::KernelParams params = kernelParams(step, list);
    return driver.call(driver.cuGraphExecKernelNodeSetParams, exec, node,
                       &params);
  }
  if (step.node->kind == NodeKind::Memcpy) {
    if (copiesOntoItself(step))
      return setEnabled(step, false);
    const cuda::CopyParams params = copyParams(step);
    Status status = driver.call(driver.cuGraphExecMemcpyNodeSetParams, exec,
                                node, &params, device.context);
    return status.failed() ? status : setEnabled(step, true);
  }
  cuda::MemsetParams params;
  Status status = binding.memsetParams(step, &params);
  return status.failed()
             ? status
             : driver.call(driver.cuGraphExecMemsetNodeSetParams, exec, node,
                           static_cast<const cuda::MemsetParams *>(&params),
                           device.context);
}

/// True if the driver can write the new parameters of `step` into the graph.
bool CudaGraph::canUpdate(const CudaStep &step) const {
  if (!step.inBody)
    return true;
  if (!updatesBodies(driver))
    return false;
  // Nodes in bodies are left out when the graph is built, for good.
  return step.node->kind != NodeKind::Memcpy ||
         disabled[step.number] == copiesOntoItself(step);
}

bool CudaGraph::canUpdate(const std::vector<size_t> &changed) const {
  return std::all_of(changed.begin(), changed.end(), [&](size_t number) {
    return canUpdate(*program.steps[number]);
  });
}

Status CudaGraph::update(const std::vector<size_t> &changed) {
  for (size_t number : changed) {
    Status status = updateStep(*program.steps[number]);
    if (status.failed())
      return inStep(*program.steps[number], std::move(status));
  }
  return {};
}
