//===- CudaExecutable.cpp - An executable of a CUDA device ----------------===//
//
// Part of graph-opt. This file implements the binding of addresses and the
// launches of executables.
//
//===----------------------------------------------------------------------===//

#include "CudaExecutable.h"
#include "CudaLauncher.h"

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
  markAllChanged();
  binding = std::make_unique<CudaBinding>(device, program, inputs);
  status = binding->initialize(info);
  if (status.failed())
    return status;
  cudaGraph = std::make_unique<CudaGraph>(device, program, *binding);
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
  changed.push_back(step);
}

void CudaExecutable::markAllChanged() {
  for (const CudaStep *step : program.steps) {
    bool hasAddresses = step->node->kind == NodeKind::CudaKernel ||
                        step->node->kind == NodeKind::Memcpy ||
                        step->node->kind == NodeKind::Memset;
    if (hasAddresses && !step->isEmptyRange())
      markChanged(step->number);
  }
}

Status CudaExecutable::bind(void *const *buffers,
                            const std::vector<int64_t> &changedBuffers) {
  for (int64_t buffer : changedBuffers) {
    inputs.buffers[buffer] = buffers[buffer];
    for (size_t step : program.usersOf[buffer])
      markChanged(step);
  }
  return {};
}

void CudaExecutable::takeParameters(const void *newParameters) {
  std::vector<uint8_t> &block = inputs.parameters;
  if (block.empty() ||
      (hasParameters &&
       !std::memcmp(block.data(), newParameters, block.size())))
    return;
  const uint8_t *from = static_cast<const uint8_t *>(newParameters);
  auto differs = [&](const GoRef &reference) {
    if (reference.buffer != GO_BUFFER_PARAMETERS)
      return false;
    // A slot takes 8 bytes, whatever the size of the scalar.
    int64_t end = std::min<int64_t>(reference.offset + 8, block.size());
    return std::memcmp(&block[0] + reference.offset, from + reference.offset,
                       end - reference.offset) != 0;
  };
  for (size_t step : program.parameterUsers)
    for (const GoRef &reference : program.steps[step]->node->references)
      if (differs(reference)) {
        markChanged(step);
        break;
      }
  std::memcpy(block.data(), newParameters, block.size());
  hasParameters = true;
}

/// Brings the CUDA graph up to date with the binding, or builds it.
Status CudaExecutable::updateGraph() {
  if (cudaGraph->isBuilt() && changed.empty())
    return {};
  Status status;
  if (cudaGraph->isBuilt()) {
    for (size_t step : changed)
      binding->resolve(*program.steps[step]);
    status = cudaGraph->update(changed);
    // The driver may refuse updates that are legal as far as one can know.
    if (status.failed())
      cudaGraph->discard();
  }
  if (!cudaGraph->isBuilt()) {
    // The driver does not order the new graph behind the old one.
    isUnordered |= wasLaunched && !isRecorded;
    status = cudaGraph->build();
    if (status.failed())
      return {status.code, "instantiating: " + status.message};
  }
  for (size_t step : changed)
    isChanged[step] = false;
  changed.clear();
  return {};
}

Status CudaExecutable::update() {
  // The first launch makes the graph; only then all operands are known.
  if (streamMode || !cudaGraph->isBuilt())
    return {};
  CudaScope scope(driver, device.context);
  return scope.status.failed() ? scope.status : updateGraph();
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

  bool toStream = device.mode == GO_MODE_STREAM ||
                  graph.mode == GO_MODE_STREAM || !program.branchesOnDevice;
  if (toStream != streamMode) {
    // Operands hold handles in one mode and none in the other.
    isUnordered |= wasLaunched && !isRecorded;
    streamMode = toStream;
    binding->handles.clear();
    cudaGraph->discard();
    markAllChanged();
  }
  status = launchNow(stream, report);
  if (status.failed())
    // A part of it may run.
    isUnordered = true;
  return status;
}

Status CudaExecutable::launchNow(cuda::Stream stream, LaunchReport &report) {
  Status status;
  if (streamMode) {
    for (size_t step : changed) {
      binding->resolve(*program.steps[step]);
      isChanged[step] = false;
    }
    changed.clear();
  } else {
    status = updateGraph();
  }
  binding->resolveParameters();

  if (!status.failed() && isUnordered) {
    status = driver.call(driver.cuCtxSynchronize);
    isUnordered = status.failed();
  } else if (!status.failed() && isRecorded) {
    status = driver.call(driver.cuStreamWaitEvent, stream, lastLaunch, 0u);
  }
  if (!status.failed())
    status = binding->uploadImage(stream);
  if (status.failed())
    return status;

  wasLaunched = true;
  isRecorded = false;
  status = streamMode ? CudaLauncher(device, *binding, inputs.parameters,
                                     stream, report)
                            .run(program.root)
                      : cudaGraph->launch(stream);
  bool needsEvent = streamMode || program.imageSlots > 0 ||
                    cudaGraph->needsRebuildForBodies();
  if (status.failed() || !needsEvent)
    return status;
  status = driver.call(driver.cuEventRecord, lastLaunch, stream);
  isRecorded = !status.failed();
  return status;
}

/// Adds the steps to a capture. What was captured may run at any time, so it
/// gets an arena and tables of its own.
Status CudaExecutable::launchCaptured(cuda::Stream stream,
                                      LaunchReport &report) {
  if (program.hasConditionals)
    return {GO_UNSUPPORTED, "a graph with conditional nodes can not be "
                            "launched on a stream that is being captured"};
  auto own = std::make_unique<CudaBinding>(device, program, inputs);
  Status status = own->initialize(graph.info);
  if (status.failed())
    return status;
  for (const CudaStep *step : program.steps)
    own->resolve(*step);
  own->resolveParameters();
  status = own->uploadImage(device.setupStream);
  if (!status.failed())
    status = device.finishSetup();
  if (!status.failed())
    status = CudaLauncher(device, *own, inputs.parameters, stream, report)
                 .run(program.root);
  // A part may have been captured, even if a step failed.
  captured.push_back(std::move(own));
  return status;
}
