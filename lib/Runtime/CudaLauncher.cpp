//===- CudaLauncher.cpp - Steps one by one on a stream --------------------===//
//
// Part of graph-opt. This file implements launches without a CUDA graph.
//
//===----------------------------------------------------------------------===//

#include "CudaLauncher.h"

#include <cstring>

using namespace graphopt::runtime;

Status CudaLauncher::run(const CudaBlock &block) {
  for (const CudaStep &step : block.steps) {
    Status status = runStep(step);
    if (status.failed())
      return status;
  }
  return {};
}

Status CudaLauncher::runStep(const CudaStep &step) {
  if (step.isEmptyRange())
    return {};
  const Node &node = *step.node;
  switch (node.kind) {
  case NodeKind::CudaKernel:
    return inStep(step, launchKernel(step));
  case NodeKind::Memcpy: {
    cuda::Pointer source = binding.address(node.references[0]);
    cuda::Pointer destination = binding.address(node.references[1]);
    if (source == destination)
      return {};
    return inStep(step,
                  driver.call(driver.cuMemcpyDtoDAsync, destination, source,
                              size_t(node.references[0].bytes), stream));
  }
  case NodeKind::Memset:
    return fill(step);
  case NodeKind::Child:
    return run(step.bodies.front());
  case NodeKind::Conditional:
    return runConditional(step);
  case NodeKind::HostKernel:
  case NodeKind::Empty:
    break;
  }
  return {};
}

Status CudaLauncher::launchKernel(const CudaStep &step) {
  const GoCudaLaunch &launch = step.node->launch;
  unsigned gx = step.blocks, gy = launch.grid[1], gz = launch.grid[2];
  unsigned bx = launch.block[0], by = launch.block[1], bz = launch.block[2];
  unsigned shared = launch.shared_bytes;
  void *list[] = {binding.parameters(step)};
  void **values = list, **extra = nullptr;
  if (launch.cooperative)
    return driver.call(driver.cuLaunchCooperativeKernel, step.function, gx, gy,
                       gz, bx, by, bz, shared, stream, values);
  return driver.call(driver.cuLaunchKernel, step.function, gx, gy, gz, bx, by,
                     bz, shared, stream, values, extra);
}

Status CudaLauncher::fill(const CudaStep &step) {
  cuda::MemsetParams params;
  Status status = binding.memsetParams(step, &params);
  if (status.failed())
    return inStep(step, std::move(status));
  switch (params.elementBytes) {
  case 1:
    status = driver.call(driver.cuMemsetD8Async, params.destination,
                         static_cast<unsigned char>(params.value), params.width,
                         stream);
    break;
  case 2:
    status = driver.call(driver.cuMemsetD16Async, params.destination,
                         static_cast<unsigned short>(params.value),
                         params.width, stream);
    break;
  default:
    status = driver.call(driver.cuMemsetD32Async, params.destination,
                         params.value, params.width, stream);
    break;
  }
  return inStep(step, std::move(status));
}

/// Reads the condition of `step`, in the parameter block or on the device.
Status CudaLauncher::readCondition(const CudaStep &step, int64_t *value) {
  const GoRef &reference = step.node->references[0];
  uint8_t bytes[8] = {};
  if (reference.buffer == GO_BUFFER_PARAMETERS) {
    std::memcpy(bytes, parameters.data() + reference.offset, reference.bytes);
  } else {
    Status status = device.transfers.readNow(stream, binding.address(reference),
                                             bytes, reference.bytes);
    if (status.failed())
      return inStep(step, std::move(status));
    ++report.readbacks;
  }
  ++report.hostBranches;
  *value = bytes[0];
  if (step.node->condition == GO_CONDITIONAL_SWITCH)
    std::memcpy(value, bytes, sizeof(*value));
  return {};
}

Status CudaLauncher::runConditional(const CudaStep &step) {
  int64_t value = 0;
  int64_t numBodies = step.bodies.size();
  while (true) {
    Status status = readCondition(step, &value);
    if (status.failed())
      return status;
    int64_t body = value;
    if (step.node->condition != GO_CONDITIONAL_SWITCH)
      body = value ? 0 : 1;
    if (body < 0 || body >= numBodies)
      return {};
    status = run(step.bodies[body]);
    if (status.failed() || step.node->condition != GO_CONDITIONAL_WHILE)
      return status;
  }
}
