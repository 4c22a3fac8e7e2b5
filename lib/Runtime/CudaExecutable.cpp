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
  return driver.call(driver.cuEventCreate, &lastLaunch,
                     unsigned(cuda::eventDisableTiming));
}

CudaExecutable::~CudaExecutable() {
  if (!lastLaunch)
    return;
  CudaScope scope(driver, device.context);
  if (!scope.status.failed())
    driver.cuEventDestroy.pointer(lastLaunch);
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
  changes.areMoved = changes.isRebuilt = false;
}

Status CudaExecutable::bind(void *const *buffers,
                            const std::vector<int64_t> &changedBuffers) {
  for (int64_t buffer : changedBuffers) {
    inputs.buffers[buffer] = buffers[buffer];
    for (const CudaProgram::Use &use : program.usesOf[buffer]) {
      binding->resolve(use, buffer);
      if (!use.inNode)
        continue;
      markChanged(use.step);
      changes.areMoved = true;
      changes.isRebuilt |= isBaked[buffer];
    }
  }
  return {};
}

void CudaExecutable::takeParameters(const void *newParameters) {
  std::vector<uint8_t> &block = inputs.parameters;
  if (block.empty() ||
      (hasParameters &&
       !std::memcmp(block.data(), newParameters, block.size())))
    return;
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

Status CudaExecutable::launch(cuda::Stream stream, const void *parameters,
                              LaunchReport &report) {
  bool capturing = false;
  Status status = device.isCapturing(stream, &capturing);
  if (status.failed())
    return status;
  takeParameters(parameters);
  if (capturing)
    return launchCaptured(stream, report);

  bool toStream = device.mode == GO_MODE_STREAM || graph.mode == GO_MODE_STREAM;
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
  status = launchNow(stream, report);
  if (status.failed() && !report.lacksGraph)
    // A part of it may run.
    isUnordered = true;
  return status;
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
  if (isCaptured() || isUnordered || (wasLaunched && !isRecorded))
    return false;
  if (!wasLaunched)
    return true;
  CudaScope scope(driver, device.context);
  return !scope.status.failed() &&
         driver.cuEventQuery.pointer(lastLaunch) == cuda::success;
}

/// Whether launches after this one may have to wait for it.
bool CudaExecutable::needsEvent() const {
  bool mayRebuild =
      program.hasConditionals && !CudaGraph::updatesBodies(driver);
  return streamMode || program.imageSlots > 0 || mayRebuild ||
         cudaGraphs->hasSeveral();
}

Status CudaExecutable::launchNow(cuda::Stream stream, LaunchReport &report) {
  Status status;
  bool isMoved = changes.areMoved;
  if (streamMode)
    forgetChanges();
  else
    status = prepareGraph(report);
  binding->resolveParameters();
  uint64_t next = streamMode ? 0 : cudaGraphs->currentNumber();
  bool isOrdered = next && next == lastGraph && !binding->needsUpload();
  // The driver orders nothing behind a launch of something else.
  isUnordered |= wasLaunched && !isRecorded && !isOrdered;

  if (!status.failed() && isUnordered) {
    status = driver.call(driver.cuCtxSynchronize);
    isUnordered = status.failed();
  } else if (!status.failed() && isRecorded && !isOrdered) {
    status = driver.call(driver.cuStreamWaitEvent, stream, lastLaunch, 0u);
  }
  if (!status.failed())
    status = binding->uploadImage(stream);
  if (status.failed())
    return status;

  // Executables that are launched once are to be known for idle later.
  bool isTracked = device.tracksLaunches || !wasLaunched;
  wasLaunched = true;
  isRecorded = false;
  lastGraph = next;
  status = streamMode ? CudaLauncher(device, *binding, inputs.parameters,
                                     stream, report)
                            .run(program.root)
                      : cudaGraphs->current()->launch(stream);
  // What moves may move back, and find another graph then.
  if (status.failed() || !(needsEvent() || isMoved || isTracked))
    return status;
  status = driver.call(driver.cuEventRecord, lastLaunch, stream);
  isRecorded = !status.failed();
  return status;
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
