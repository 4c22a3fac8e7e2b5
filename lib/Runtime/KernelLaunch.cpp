//===- KernelLaunch.cpp - Launches of kernels in no graph -----------------===//
//
// Part of graph-opt. This file implements the C ABI of launches that are no
// nodes, and what the CUDA device does for it.
//
//===----------------------------------------------------------------------===//

#include "Context.h"
#include "CudaDevice.h"
#include "Nvtx.h"

#include <algorithm>
#include <limits>

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// C ABI
//===----------------------------------------------------------------------===//

/// Whether the driver can be told `value`.
static bool isExtent(int64_t value) {
  return value >= 0 && value <= std::numeric_limits<int32_t>::max();
}

static Status verifyLaunch(const char *function, const GoKernelLaunch *launch) {
  if (!launch || !launch->module || !launch->function)
    return invalidCall(function,
                       "the launch, its module or its kernel is null");
  if (launch->num_parameters < 0 ||
      (launch->num_parameters > 0 && !launch->parameters))
    return invalidCall(function, "the parameters are null, or their number is "
                                 "negative");
  auto verify = [&](const char *what, const int64_t *values, int count) {
    if (std::all_of(values, values + count, isExtent))
      return Status();
    std::string text;
    for (int i = 0; i < count; ++i)
      text += (i ? ", " : "") + std::to_string(values[i]);
    return invalidCall(function, "kernel " + quoted(launch->function) + ": " +
                                     what + " [" + text +
                                     "]: negative or over 2147483647");
  };
  Status status = verify("grid", launch->grid, 3);
  if (!status.failed())
    status = verify("block", launch->block, 3);
  if (!status.failed())
    status = verify("cluster", launch->cluster, 3);
  if (!status.failed())
    status = verify("shared memory", &launch->shared_bytes, 1);
  return status;
}

GoStatus goLaunchKernel(GoContext *context, void *stream,
                        const GoKernelLaunch *launch) {
  static constexpr const char *function = "goLaunchKernel";
  if (!context)
    return failNullContext(function);
  if (GoStatus kept = context->keptError())
    return kept;
  Status status = verifyLaunch(function, launch);
  if (status.failed())
    return context->finish(status);
  auto isZero = [](int64_t extent) { return extent == 0; };
  if (std::any_of(launch->grid, launch->grid + 3, isZero) ||
      std::any_of(launch->block, launch->block + 3, isZero))
    return GO_OK;
  const char *module = launch->module->name;
  NvtxRange range("launch", module ? module : "", launch->function);
  status = context->device->launchKernel(stream, *launch);
  if (!status.failed())
    ++context->counters.kernelLaunches;
  return context->finish(inFunction(function, status));
}

//===----------------------------------------------------------------------===//
// CUDA
//===----------------------------------------------------------------------===//

/// Refuses a number of parameters that `function` does not have: the driver
/// would read behind the array.
static Status verifyParameters(const CudaDriver &driver,
                               cuda::Function function, int64_t count) {
  if (!driver.cuFuncGetParamInfo.pointer)
    return {};
  auto exists = [&](int64_t index) {
    size_t offset = 0, size = 0;
    return driver.cuFuncGetParamInfo.pointer(function, size_t(index), &offset,
                                             &size) == cuda::success;
  };
  if ((count == 0 || exists(count - 1)) && !exists(count))
    return {};
  return {GO_INVALID_ARGUMENT, "it does not take " + std::to_string(count) +
                                   (count == 1 ? " parameter" : " parameters")};
}

Status CudaDevice::launchKernel(void *stream, const GoKernelLaunch &launch) {
  CudaScope scope(driver, context);
  if (scope.status.failed())
    return scope.status;
  GoCudaLaunch kernel = {};
  kernel.module = launch.module;
  kernel.function = launch.function;
  kernel.shared_bytes = int32_t(launch.shared_bytes);
  cuda::Function function = nullptr;
  Status status =
      modules.find(kernel, std::numeric_limits<size_t>::max(), &function);
  if (status.failed())
    return status;

  cuda::ClusterAttribute cluster;
  cuda::LaunchConfig config;
  std::copy(launch.grid, launch.grid + 3, config.grid);
  std::copy(launch.block, launch.block + 3, config.block);
  std::copy(launch.cluster, launch.cluster + 3, cluster.cluster);
  config.sharedBytes = unsigned(launch.shared_bytes);
  config.stream = toStream(stream);
  config.attributes = &cluster;
  config.numAttributes = 1;
  auto **parameters = const_cast<void **>(launch.parameters);
  void **extra = nullptr;
  status = verifyParameters(driver, function, launch.num_parameters);
  if (status.failed()) {
    // What follows names the kernel.
  } else if (launch.cluster[0] == 0) {
    status = driver.call(driver.cuLaunchKernel, function, config.grid[0],
                         config.grid[1], config.grid[2], config.block[0],
                         config.block[1], config.block[2], config.sharedBytes,
                         config.stream, parameters, extra);
  } else if (driver.cuLaunchKernelEx.pointer) {
    const cuda::LaunchConfig *address = &config;
    status = driver.call(driver.cuLaunchKernelEx, address, function, parameters,
                         extra);
  } else {
    status = {GO_UNSUPPORTED, "clusters need driver 11.8"};
  }
  if (status.failed())
    status.message =
        "kernel " + quoted(launch.function) + ": " + status.message;
  return status;
}
