//===- GraphExecs.cpp - Instances of graphs of the fake driver ------------===//
//
// Part of graph-opt. Instances of graphs, their update and their execution.
//
//===----------------------------------------------------------------------===//

#include "Graphs.h"

#include <cstring>

using namespace fakecuda;

//===----------------------------------------------------------------------===//
// Instances
//===----------------------------------------------------------------------===//

static Plan makePlan(const Graph &graph) {
  Plan plan;
  std::map<const Node *, size_t> positions;
  for (const auto &node : graph.nodes) {
    positions[node.get()] = plan.steps.size();
    Plan::Step step = {node.get(), node->action, {}, {}};
    for (const Node *before : node->before)
      step.before.push_back(positions[before]);
    for (const auto &body : node->bodies)
      step.bodies.push_back(makePlan(*body));
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

/// False if a body is empty and the driver is too old for that.
static bool hasLegalBodies(const Graph &graph) {
  for (const auto &node : graph.nodes)
    for (const auto &body : node->bodies) {
      if (body->nodes.empty() && state().properties.version < 12080)
        return false;
      if (!hasLegalBodies(*body))
        return false;
    }
  return true;
}

/// True if the driver would instantiate `graph`.
static bool isLegal(const Graph &graph) {
  for (const auto &condition : graph.conditions)
    if (condition->numNodes != 1)
      return false;
  return hasLegalBodies(graph);
}

FAKE_EXPORT Result
cuGraphInstantiateWithParams(cuda::GraphExec *result, cuda::Graph handle,
                             cuda::InstantiateParams *params) {
  Entry entry("cuGraphInstantiate", Entry::Unsafe);
  const Graph &graph = *toGraph(handle);
  if (entry) {
    // The driver knows the node of some errors.
    if (entry.result == invalidValue && !graph.nodes.empty())
      params->errorNode =
          reinterpret_cast<cuda::GraphNode>(graph.nodes.back().get());
    return entry.result;
  }
  if (!isLegal(graph))
    return invalidValue;
  Exec *exec = create<Exec>("executable");
  exec->plan = makePlan(graph);
  exec->conditions = graph.conditions;
  *result = reinterpret_cast<cuda::GraphExec>(exec);
  return cuda::success;
}

static Exec *toExec(cuda::GraphExec exec) {
  return reinterpret_cast<Exec *>(exec);
}

FAKE_EXPORT Result cuGraphExecDestroy(cuda::GraphExec exec) {
  Entry entry("cuGraphExecDestroy", Entry::Never);
  return destroy("executable", toExec(exec));
}

static Action *findAction(Plan &plan, const Node *node) {
  for (Plan::Step &step : plan.steps) {
    if (step.node == node)
      return &step.action;
    // Older drivers do not know nodes in bodies here.
    if (state().properties.version < 13000)
      continue;
    for (Plan &body : step.bodies)
      if (Action *action = findAction(body, node))
        return action;
  }
  return nullptr;
}

/// The action of `node` in `exec`, or null.
static Action *findAction(cuda::GraphExec exec, cuda::GraphNode node) {
  if (!isLive("executable", exec))
    return nullptr;
  return findAction(toExec(exec)->plan, toNode(node));
}

template <typename Params>
static Result setParams(const char *name, cuda::GraphExec exec,
                        cuda::GraphNode node, const Params &params) {
  Entry entry(name);
  if (entry)
    return entry.result;
  Action *action = findAction(exec, node);
  Action changed;
  Result result = toAction(params, &changed);
  if (result || !action || action->kind != changed.kind)
    return invalidValue;
  changed.launch.cooperative = action->launch.cooperative;
  changed.isEnabled = action->isEnabled;
  *action = std::move(changed);
  return cuda::success;
}

FAKE_EXPORT Result
cuGraphExecKernelNodeSetParams_v2(cuda::GraphExec exec, cuda::GraphNode node,
                                  const cuda::KernelParams *params) {
  return setParams("cuGraphExecKernelNodeSetParams", exec, node, *params);
}
FAKE_EXPORT Result
cuGraphExecMemcpyNodeSetParams(cuda::GraphExec exec, cuda::GraphNode node,
                               const cuda::CopyParams *params, cuda::Context) {
  return setParams("cuGraphExecMemcpyNodeSetParams", exec, node, *params);
}
FAKE_EXPORT Result cuGraphExecMemsetNodeSetParams(
    cuda::GraphExec exec, cuda::GraphNode node,
    const cuda::MemsetParams *params, cuda::Context) {
  return setParams("cuGraphExecMemsetNodeSetParams", exec, node, *params);
}

FAKE_EXPORT Result cuGraphNodeSetEnabled(cuda::GraphExec exec,
                                         cuda::GraphNode node,
                                         unsigned isEnabled) {
  Entry entry("cuGraphNodeSetEnabled");
  if (entry)
    return entry.result;
  Action *action = findAction(exec, node);
  if (!action || action->kind == Action::Conditional)
    return invalidValue;
  action->isEnabled = isEnabled != 0;
  return cuda::success;
}

//===----------------------------------------------------------------------===//
// Execution
//===----------------------------------------------------------------------===//

static void run(const Plan &plan);

static void run(const Plan::Step &step) {
  const Action &action = step.action;
  if (!action.isEnabled)
    return;
  auto host = [](cuda::Pointer pointer) {
    return reinterpret_cast<char *>(pointer);
  };
  switch (action.kind) {
  case Action::Empty:
    return;
  case Action::Captured:
    return action.work();
  case Action::Kernel:
    return action.function->kernel->run(action.parameter.data(), action.launch);
  case Action::Copy:
    copyMemory(action.copy.destination.device, action.copy.source.device,
               action.copy.bytes);
    return;
  case Action::Fill: {
    const cuda::MemsetParams &fill = action.fill;
    if (checkMemory(fill.destination, fill.width * fill.elementBytes, "a fill"))
      for (size_t i = 0; i < fill.width; ++i)
        std::memcpy(host(fill.destination) + i * fill.elementBytes, &fill.value,
                    fill.elementBytes);
    return;
  }
  case Action::Conditional:
    break;
  }
  const unsigned &value = action.condition->value;
  if (action.conditional == 1)
    while (value)
      run(step.bodies.front());
  else if (action.conditional == 2 && value < step.bodies.size())
    run(step.bodies[value]);
  else if (action.conditional == 0 && (value || step.bodies.size() == 2))
    run(step.bodies[value ? 0 : 1]);
}

/// Runs the last step that may run, again and again.
static void run(const Plan &plan) {
  std::vector<bool> done(plan.steps.size(), false);
  auto isReady = [&](size_t i) {
    for (size_t before : plan.steps[i].before)
      if (!done[before])
        return false;
    return !done[i];
  };
  for (size_t count = 0; count < plan.steps.size(); ++count)
    for (size_t i = plan.steps.size(); i-- > 0;)
      if (isReady(i)) {
        run(plan.steps[i]);
        done[i] = true;
        break;
      }
}

FAKE_EXPORT Result cuGraphLaunch(cuda::GraphExec handle, cuda::Stream stream) {
  Entry entry("cuGraphLaunch");
  if (entry)
    return entry.result;
  if (!isLive("executable", handle))
    return invalidHandle;
  Exec *exec = toExec(handle);
  Stream *lastStream = exec->lastStream;
  uint64_t lastPosition = exec->lastPosition;
  // A launch has the parameters of this moment, whatever becomes of `exec`.
  Result result =
      issue(stream, [=, plan = exec->plan, conditions = exec->conditions] {
        if (lastStream)
          runStream(*lastStream, lastPosition);
        for (const auto &condition : conditions)
          condition->value = condition->atLaunch;
        run(plan);
      });
  exec->lastStream = toStream(stream);
  exec->lastPosition = exec->lastStream->issued;
  return result;
}

void fakecuda::replay(void *handle) {
  std::lock_guard<std::recursive_mutex> lock(state().mutex);
  Stream &stream = *toStream(static_cast<cuda::Stream>(handle));
  if (!stream.captured)
    return;
  if (!isLegal(*stream.captured)) {
    state().faults += "a capture that can not be instantiated; ";
    return;
  }
  // The nodes live as long as the stream.
  issue(static_cast<cuda::Stream>(handle),
        [plan = makePlan(*stream.captured),
         conditions = stream.captured->conditions] {
          for (const auto &condition : conditions)
            condition->value = condition->atLaunch;
          run(plan);
        });
}
