//===- CudaProgram.cpp - What a graph runs on a CUDA device ---------------===//
//
// Part of graph-opt. This file implements the lowering of graphs for CUDA
// devices.
//
//===----------------------------------------------------------------------===//

#include "CudaProgram.h"
#include "CudaDevice.h"

#include <algorithm>

using namespace graphopt::runtime;

/// Versions of the driver that first had if (without else) and while nodes,
/// and the rest: else, switch, and bodies without nodes. Source: CUDA
/// programming guide, "Conditional graph nodes".
static constexpr int firstConditionals = 12030;
static constexpr int allConditionals = 12080;

/// Says why no conditional node of CUDA does what `node` does; null if one
/// does.
static const char *whyNotOnDevice(const CudaDriver &driver, const Node &node) {
  if (node.conditionNumber < 0)
    return "no kernel sets its condition on the device";
  if (!driver.cuGraphAddNode.pointer ||
      !driver.cuGraphConditionalHandleCreate.pointer ||
      driver.version < firstConditionals)
    return "the driver is older than 12.3, which has conditional nodes";
  if (driver.version >= allConditionals)
    return nullptr;
  bool isFirstKind = node.bodies.size() == 1 &&
                     node.condition != GO_CONDITIONAL_SWITCH &&
                     !node.bodies.front()->nodes.empty();
  return isFirstKind ? nullptr
                     : "the driver is older than 12.8, which has conditional "
                       "nodes of this kind";
}

void CudaProgram::branchOnHost(const CudaStep &step,
                               const std::string &reason) {
  if (branchesOnDevice)
    whyHostBranches = step.where() + ": " + reason;
  branchesOnDevice = false;
}

Status graphopt::runtime::inStep(const CudaStep &step, Status status) {
  if (status.failed())
    status.message = step.where() + ": " + status.message;
  return status;
}

Status CudaProgram::lowerKernel(CudaDevice &device, CudaStep &step) {
  const Node &node = *step.node;
  for (const GoRef &reference : node.references)
    if (reference.buffer == GO_BUFFER_CONDITION &&
        (node.launch.module->flags & GO_MODULE_SETS_NO_CONDITIONS))
      branchOnHost(step, "kernels of its module set no conditions");
  size_t bytes = 8 * std::max<size_t>(node.references.size(), 1);
  if (step.takesTable())
    bytes = sizeof(cuda::Pointer);
  if (static_cast<int64_t>(bytes) > device.maxParameterBytes)
    return inStep(step,
                  {GO_INVALID_ARGUMENT,
                   "its operands take " + std::to_string(bytes) +
                       " bytes of kernel parameters, of which there are " +
                       std::to_string(device.maxParameterBytes)});
  if (node.launch.cooperative && !device.launchesCooperatively)
    return inStep(
        step, {GO_UNSUPPORTED, "the device launches no cooperative kernels"});
  Status status = device.modules.find(node.launch, bytes, &step.function);
  step.blocks = node.launch.grid[0];
  if (!status.failed() && node.launch.cooperative == GO_COOPERATIVE_ANY_GRID)
    status = limitBlocks(device, step);
  return inStep(step, std::move(status));
}

/// Bounds the blocks of `step` by those that can be resident.
Status CudaProgram::limitBlocks(CudaDevice &device, CudaStep &step) {
  const GoCudaLaunch &launch = step.node->launch;
  int perMultiprocessor = 0;
  int threads = launch.block[0] * launch.block[1] * launch.block[2];
  size_t shared = launch.shared_bytes;
  Status status = device.driver.call(
      device.driver.cuOccupancyMaxActiveBlocksPerMultiprocessor,
      &perMultiprocessor, step.function, threads, shared);
  if (status.failed())
    return status;
  unsigned resident = perMultiprocessor * device.multiprocessors;
  if (resident == 0)
    return {GO_UNSUPPORTED, "a block of the kernel needs more than a "
                            "multiprocessor of the device has"};
  step.blocks = std::min(step.blocks, resident);
  return {};
}

Status CudaProgram::lowerBlock(CudaDevice &device, const GoGraph &graph,
                               bool inBody, CudaBlock &block) {
  block.graph = &graph;
  block.steps.resize(graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node &node = graph.nodes[i];
    CudaStep &step = block.steps[i];
    step.graph = &graph;
    step.index = i;
    step.node = &node;
    step.number = numSteps++;
    step.inBody = inBody;
    if (node.kind == NodeKind::CudaKernel) {
      Status status = lowerKernel(device, step);
      if (status.failed())
        return status;
    }
    bool isConditional = node.kind == NodeKind::Conditional;
    if (isConditional) {
      hasConditionals = true;
      if (const char *reason = whyNotOnDevice(device.driver, node))
        branchOnHost(step, reason);
    }
    step.bodies.resize(node.bodies.size());
    for (size_t body = 0; body < node.bodies.size(); ++body) {
      Status status = lowerBlock(device, *node.bodies[body],
                                 inBody || isConditional, step.bodies[body]);
      if (status.failed())
        return status;
    }
  }
  return {};
}

void CudaProgram::collect(const CudaBlock &block) {
  for (const CudaStep &step : block.steps) {
    steps.push_back(&step);
    for (const CudaBlock &body : step.bodies)
      collect(body);
  }
}

/// Gives every kernel its slots.
void CudaProgram::layOut(const GoGraphInfo &info) {
  auto isKernel = [](const CudaStep &step) {
    return step.node->kind == NodeKind::CudaKernel;
  };
  auto take = [&](const CudaStep *step) {
    // One at least: a kernel without operands is given the address of a slot.
    const_cast<CudaStep *>(step)->firstSlot = numSlots;
    numSlots += std::max<size_t>(step->node->references.size(), 1);
  };
  for (const CudaStep *step : steps)
    if (isKernel(*step) && step->takesTable())
      take(step);
  for (const CudaStep *step : steps)
    copiesParameters |=
        step->node->kind == NodeKind::Memcpy && !step->isEmptyRange() &&
        step->node->references[0].buffer == GO_BUFFER_PARAMETERS;
  parameterSlot = numSlots;
  if (copiesParameters)
    numSlots += (info.parameter_bytes + 7) / 8;
  imageSlots = numSlots;
  for (const CudaStep *step : steps)
    if (isKernel(*step) && !step->takesTable())
      take(step);
}

/// Lists where every buffer is used.
void CudaProgram::findUses(const GoGraphInfo &info) {
  usesOf.resize(info.num_buffers);
  std::vector<bool> inNode(info.num_buffers, false);
  for (const CudaStep *step : steps) {
    bool isKernel = step->node->kind == NodeKind::CudaKernel;
    bool hasAddresses = isKernel || step->node->kind == NodeKind::Memcpy ||
                        step->node->kind == NodeKind::Memset;
    if (!hasAddresses || step->isEmptyRange())
      continue;
    const std::vector<GoRef> &references = step->node->references;
    bool readsImage = isKernel ? step->takesTable()
                               : references[0].buffer == GO_BUFFER_PARAMETERS;
    if (readsImage) {
      imageUsers.push_back(step->number);
      hasImageInBodies |= step->inBody;
    }
    bool takesCondition = false;
    for (size_t i = 0; i < references.size(); ++i) {
      const GoRef &reference = references[i];
      Use use;
      use.step = step->number;
      use.offset = reference.offset;
      if (isKernel) {
        use.slot = step->firstSlot + i;
        use.inNode = !step->takesTable();
      }
      if (reference.buffer >= 0) {
        usesOf[reference.buffer].push_back(use);
        inNode[reference.buffer] = inNode[reference.buffer] || use.inNode;
      } else if (reference.buffer == GO_BUFFER_PARAMETERS && isKernel) {
        parameterUses.push_back(use);
      }
      takesCondition |= reference.buffer == GO_BUFFER_CONDITION;
    }
    if (takesCondition)
      conditionUsers.push_back(step);
  }
  for (int64_t i = 0; i < info.num_buffers; ++i)
    if (inNode[i])
      nodeBuffers.push_back(i);
}

Status CudaProgram::lower(CudaDevice &device, const GoGraph &graph) {
  Status status = lowerBlock(device, graph, /*inBody=*/false, root);
  if (status.failed())
    return status;
  collect(root);
  layOut(graph.info);
  findUses(graph.info);
  return {};
}
