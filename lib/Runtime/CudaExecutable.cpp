//===- CudaExecutable.cpp - An executable of a CUDA device ----------------===//
//
// Part of graph-opt. This file implements the binding of addresses and the
// launches of executables.
//
//===----------------------------------------------------------------------===//

#include "CudaExecutable.h"
#include "CudaLauncher.h"
#include "Log.h"

#include <algorithm>
#include <cstring>

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// Instantiation
//===----------------------------------------------------------------------===//

Status CudaExecutable::initialize() {
  const GoGraphInfo &info = graph.info;
  Status status = program.lower(device, graph);
  if (status.failed())
    return status;
  inputs.buffers.assign(info.num_buffers, nullptr);
  inputs.parameters.assign(info.parameter_bytes, 0);
  isChanged.assign(program.steps.size(), false);
  isBaked.assign(info.num_buffers, false);
  for (int64_t buffer : graph.baked)
    isBaked[buffer] = true;
  binding = std::make_unique<CudaBinding>(device, program, inputs);
  status = binding->initialize(info);
  if (status.failed())
    return status;
  for (const CudaStep *step : program.steps)
    binding->resolve(*step);
  cudaGraphs = std::make_unique<CudaGraphSet>(device, program, *binding);
  return order.initialize();
}

//===----------------------------------------------------------------------===//
// Changes
//===----------------------------------------------------------------------===//

void CudaExecutable::markChanged(size_t step) {
  if (isChanged[step])
    return;
  isChanged[step] = true;
  changes.steps.push_back(step);
}

void CudaExecutable::forgetChanges() {
  for (size_t step : changes.steps)
    isChanged[step] = false;
  changes.steps.clear();
  changes.moved.clear();
  changes.isRebuilt = false;
}

Status CudaExecutable::bind(void *const *buffers,
                            const std::vector<int64_t> &changedBuffers) {
  for (int64_t buffer : changedBuffers) {
    inputs.buffers[buffer] = buffers[buffer];
    bool inNode = false;
    for (const CudaProgram::Use &use : program.usesOf[buffer]) {
      binding->resolve(use, buffer);
      if (use.inNode)
        markChanged(use.step);
      inNode |= use.inNode;
    }
    if (inNode) {
      changes.moved.push_back(buffer);
      changes.isRebuilt |= isBaked[buffer];
    }
  }
  return {};
}

bool CudaExecutable::hasSameParameters(const void *parameters) const {
  const std::vector<uint8_t> &block = inputs.parameters;
  return block.empty() ||
         (hasParameters &&
          !std::memcmp(block.data(), parameters, block.size()));
}

void CudaExecutable::takeParameters(const void *newParameters) {
  if (hasSameParameters(newParameters))
    return;
  std::vector<uint8_t> &block = inputs.parameters;
  std::vector<uint8_t> held(block);
  std::memcpy(block.data(), newParameters, block.size());
  for (const CudaProgram::Use &use : program.parameterUses) {
    // A slot takes 8 bytes, whatever the size of the scalar.
    size_t bytes = std::min<size_t>(block.size() - use.offset, 8);
    if (hasParameters &&
        !std::memcmp(&held[use.offset], &block[use.offset], bytes))
      continue;
    binding->resolve(use, GO_BUFFER_PARAMETERS);
    if (use.inNode)
      markChanged(use.step);
  }
  hasParameters = true;
}

/// Brings a CUDA graph up to date with the binding.
Status CudaExecutable::prepareGraph(LaunchReport &report) {
  Status status = cudaGraphs->prepare(inputs, changes, report);
  if (status.failed()) {
    report.lacksGraph = true;
    return {status.code, "instantiating: " + status.message};
  }
  forgetChanges();
  return {};
}

Status CudaExecutable::update() {
  // The first launch makes the graph; only then all operands are known.
  if (streamMode || !cudaGraphs->current())
    return {};
  CudaScope scope(driver, device.context);
  LaunchReport report;
  return scope.status.failed() ? scope.status : prepareGraph(report);
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

/// True if a launch has nothing to do but to launch the graph of the last one,
/// which the driver orders.
bool CudaExecutable::isUnchanged(cuda::Stream stream,
                                 const void *parameters) const {
  return !isStreamMode() && withoutGraph == 0 && program.branchesOnDevice &&
         !streamMode && order.isOrderedByDriver(cudaGraphs->currentNumber()) &&
         changes.isEmpty() && !binding->needsUpload() &&
         !device.tracksLaunches && !needsEvent(stream) &&
         hasSameParameters(parameters);
}

Status CudaExecutable::launchUnchanged(cuda::Stream stream) {
  order.begin(stream);
  Status status = cudaGraphs->current()->launch(stream);
  if (status.failed())
    order.fail();
  return status;
}

Status CudaExecutable::launch(cuda::Stream stream, const void *parameters,
                              LaunchReport &report) {
  bool capturing = false;
  Status status = device.isCapturing(stream, &capturing);
  if (status.failed())
    return status;
  if (!capturing && isUnchanged(stream, parameters))
    return launchUnchanged(stream);
  CudaRelaxed relaxed(driver);
  takeParameters(parameters);
  return capturing ? launchCaptured(stream, report)
                   : launchChanged(stream, report);
}

/// Lets what is issued to `stream` from now on run behind all launches, as far
/// as the driver does not see to that for the graph numbered `number`.
Status CudaExecutable::orderBehindLast(cuda::Stream stream, uint64_t number,
                                       LaunchReport &report) {
  bool isByDriver = order.isOrderedByDriver(number);
  if (isByDriver && !binding->needsUpload())
    return {};
  // Launches on their way may read the image: the graph gets another one.
  if (isByDriver && cudaGraphs->canMoveImage() && !order.isBehindLast(stream) &&
      !binding->moveImage().failed())
    return cudaGraphs->writeImageUsers(report);
  return order.orderBehindLast(stream);
}

/// Brings the executable to the state that the launch needs, and launches.
Status CudaExecutable::launchChanged(cuda::Stream stream,
                                     LaunchReport &report) {
  bool toStream = isStreamMode();
  if (!toStream && (!program.branchesOnDevice || withoutGraph > 0)) {
    report.isFallback = toStream = true;
    logFallback();
    withoutGraph -= withoutGraph > 0;
  }
  if (toStream != streamMode) {
    // Operands hold handles in one mode and none in the other.
    streamMode = toStream;
    binding->handles.clear();
    cudaGraphs->discard("launches were node by node before");
    for (const CudaStep *step : program.conditionUsers)
      binding->resolve(*step);
  }
  bool isMoved = !changes.moved.empty();
  if (streamMode) {
    forgetChanges();
  } else {
    Status status = prepareGraph(report);
    if (status.failed())
      return status;
  }
  binding->resolveParameters();
  uint64_t number = streamMode ? 0 : cudaGraphs->currentNumber();
  Status status = orderBehindLast(stream, number, report);
  if (status.failed())
    return status;
  // Executables that are launched once are to be known for idle later.
  bool isTracked = device.tracksLaunches || order.isFirst();
  order.begin(stream);
  status = launchInOrder(stream, report);
  if (status.failed()) {
    order.fail();
    return status;
  }
  order.end(number);
  binding->freeOldImage(stream);
  // What moves may move back, and find another graph then.
  bool mayNeedEvent =
      needsEvent(stream) || (isMoved && order.isOnSeveralStreams());
  return isTracked || mayNeedEvent ? order.record(stream) : Status();
}

Status CudaExecutable::launchInOrder(cuda::Stream stream,
                                     LaunchReport &report) {
  Status status = binding->uploadImage(stream);
  if (status.failed())
    return status;
  if (!streamMode)
    return cudaGraphs->current()->launch(stream);
  return CudaLauncher(device, *binding, inputs.parameters, stream, report)
      .run(program.root);
}

void CudaExecutable::doWithoutGraph(const Status &reason) {
  whyWithoutGraph = reason.message;
  if (reason.code != GO_OUT_OF_MEMORY) {
    withoutGraph = INT64_MAX;
    return;
  }
  withoutGraph = nextWithoutGraph;
  nextWithoutGraph = std::min<int64_t>(2 * nextWithoutGraph, 1024);
}

/// Says why this launch does without a graph; again and again only for who
/// wants to know everything.
void CudaExecutable::logFallback() {
  if (!isLogged(GO_LOG_INFO))
    return;
  const std::string &reason =
      program.branchesOnDevice ? whyWithoutGraph : program.whyHostBranches;
  int32_t level = reason == loggedFallback ? GO_LOG_DEBUG : GO_LOG_INFO;
  loggedFallback = reason;
  if (isLogged(level))
    logLine(level, "fallback", graph, "launched node by node: " + reason);
}

bool CudaExecutable::isIdle() {
  if (isCaptured())
    return false;
  if (order.isFirst())
    return true;
  CudaScope scope(driver, device.context);
  return !scope.status.failed() && order.isIdle();
}

/// Whether launches after one on `stream`, on another stream, may have to wait
/// for it.
bool CudaExecutable::needsEvent(cuda::Stream stream) const {
  bool mayRebuild = !graph.baked.empty() || (program.hasConditionals &&
                                             !CudaGraph::updatesBodies(driver));
  if (streamMode || mayRebuild || cudaGraphs->hasSeveral())
    return true;
  return program.imageSlots > 0 &&
         (!order.staysOn(stream) || !cudaGraphs->canMoveImage());
}

/// Adds the steps to a capture. What was captured may run at any time, so it
/// gets an arena and tables of its own.
Status CudaExecutable::launchCaptured(cuda::Stream stream,
                                      LaunchReport &report) {
  bool isNodes = program.hasConditionals ||
                 (device.mode == GO_MODE_GRAPH && graph.mode == GO_MODE_GRAPH);
  if (program.hasConditionals && !program.branchesOnDevice)
    return {GO_UNSUPPORTED, "a branch that the host must take is not possible "
                            "on a stream that is being captured"};
  auto own = std::make_unique<CudaBinding>(device, program, inputs);
  Status status = own->initialize(graph.info);
  if (status.failed())
    return status;
  for (const CudaStep *step : program.steps)
    own->resolve(*step);
  own->resolveParameters();
  bool isAdded = !isNodes;
  status = isNodes
               ? CudaGraph(device, program, *own).join(stream, &isAdded)
               : CudaLauncher(device, *own, inputs.parameters, stream, report)
                     .run(program.root);
  // Tables may hold conditions, which are those of the captured graph.
  if (!status.failed())
    status = own->uploadImage(device.setupStream);
  if (!status.failed())
    status = device.finishSetup();
  if (status.failed() && isAdded)
    device.invalidateCapture(stream);
  if (isAdded)
    captured.push_back(std::move(own));
  if (!status.failed() && isLogged(GO_LOG_INFO))
    logLine(GO_LOG_INFO, "build", graph,
            std::to_string(program.steps.size()) +
                " nodes became part of a capture");
  return status;
}
