//===- Code.cpp - Devices and modules of the fake CUDA driver -------------===//
//
// Part of graph-opt. What the fake driver says of itself and of its device,
// modules, and launches of kernels.
//
//===----------------------------------------------------------------------===//

#include "Graphs.h"

#include <algorithm>
#include <cstring>

using namespace fakecuda;

//===----------------------------------------------------------------------===//
// Driver and devices
//===----------------------------------------------------------------------===//

FAKE_EXPORT Result cuInit(unsigned) {
  Entry entry("cuInit", Entry::Plain);
  if (entry)
    return entry.result;
  return state().properties.numDevices ? Result(cuda::success)
                                       : Result(cuda::errorNoDevice);
}

FAKE_EXPORT Result cuDriverGetVersion(int *version) {
  *version = state().properties.version;
  return cuda::success;
}

FAKE_EXPORT Result cuGetErrorName(Result result, const char **name) {
  switch (result) {
  case cuda::errorOutOfMemory:
    *name = "CUDA_ERROR_OUT_OF_MEMORY";
    return cuda::success;
  case cuda::errorContextIsDestroyed:
    *name = "CUDA_ERROR_CONTEXT_IS_DESTROYED";
    return cuda::success;
  case 999:
    *name = "CUDA_ERROR_UNKNOWN";
    return cuda::success;
  case 12345: // A result that the driver has no name for.
    return invalidValue;
  default:
    *name = "CUDA_ERROR_OTHER";
    return cuda::success;
  }
}

FAKE_EXPORT Result cuGetErrorString(Result result, const char **text) {
  *text = result == cuda::errorOutOfMemory ? "out of memory" : "some error";
  return result == 12345 ? invalidValue : Result(cuda::success);
}

FAKE_EXPORT Result cuDeviceGet(cuda::Device *device, int ordinal) {
  Entry entry("cuDeviceGet", Entry::Plain);
  if (entry)
    return entry.result;
  if (ordinal >= state().properties.numDevices)
    return cuda::errorInvalidDevice;
  *device = ordinal;
  return cuda::success;
}

FAKE_EXPORT Result cuDeviceGetName(char *name, int bytes, cuda::Device) {
  Entry entry("cuDeviceGetName", Entry::Plain);
  if (entry)
    return entry.result;
  std::strncpy(name, "Fake GPU", bytes);
  return cuda::success;
}

FAKE_EXPORT Result cuDeviceTotalMem_v2(size_t *bytes, cuda::Device) {
  Entry entry("cuDeviceTotalMem", Entry::Plain);
  if (entry)
    return entry.result;
  *bytes = state().properties.memoryBytes;
  return cuda::success;
}

FAKE_EXPORT Result cuDeviceGetAttribute(int *value,
                                        cuda::DeviceAttribute attribute,
                                        cuda::Device) {
  Entry entry("cuDeviceGetAttribute", Entry::Plain);
  if (entry)
    return entry.result;
  const Properties &properties = state().properties;
  switch (attribute) {
  case cuda::attributeMultiprocessors:
    *value = properties.multiprocessors;
    return cuda::success;
  case cuda::attributeComputeMajor:
    *value = properties.computeMajor;
    return cuda::success;
  case cuda::attributeComputeMinor:
    *value = 0;
    return cuda::success;
  case cuda::attributeCooperativeLaunch:
    *value = properties.launchesCooperatively;
    return cuda::success;
  case cuda::attributeMemoryPools:
    *value = properties.hasPools;
    return cuda::success;
  }
  return invalidValue;
}

//===----------------------------------------------------------------------===//
// Modules
//===----------------------------------------------------------------------===//

const char fakecuda::image[] = "fake image";
const int64_t fakecuda::imageBytes = sizeof(fakecuda::image);

FAKE_EXPORT Result cuModuleLoadDataEx(cuda::Module *module, const void *data,
                                      unsigned numOptions,
                                      const cuda::JitOption *options,
                                      void **values) {
  Entry entry("cuModuleLoadDataEx", Entry::Unsafe);
  if (entry)
    return entry.result;
  if (!std::strcmp(static_cast<const char *>(data), image)) {
    *module = reinterpret_cast<cuda::Module>(create<Module>("module"));
    return cuda::success;
  }
  if (numOptions == 2 && options[0] == cuda::jitErrorLog)
    std::strncpy(static_cast<char *>(values[0]), "line 1: no fake image",
                 reinterpret_cast<size_t>(values[1]));
  return invalidImage;
}

static bool uses(const Plan &plan, const Module &module) {
  for (const Plan::Step &step : plan.steps) {
    for (const auto &[name, function] : module.functions)
      if (step.action.function == &function)
        return true;
    for (const Plan &body : step.bodies)
      if (uses(body, module))
        return true;
  }
  return false;
}

FAKE_EXPORT Result cuModuleUnload(cuda::Module module) {
  Entry entry("cuModuleUnload", Entry::Never);
  for (const void *exec : state().live["executable"])
    if (uses(static_cast<const Exec *>(exec)->plan,
             *reinterpret_cast<Module *>(module)))
      state().faults += "a module is unloaded before its executables; ";
  return destroy("module", reinterpret_cast<Module *>(module));
}

FAKE_EXPORT Result cuModuleGetFunction(cuda::Function *function,
                                       cuda::Module module, const char *name) {
  Entry entry("cuModuleGetFunction");
  if (entry)
    return entry.result;
  const Kernel *kernel = findKernel(name);
  if (!isLive("module", module))
    return invalidHandle;
  if (!kernel)
    return notFound;
  auto &functions = reinterpret_cast<Module *>(module)->functions;
  auto it = functions.emplace(name, Function{kernel}).first;
  *function = reinterpret_cast<cuda::Function>(&it->second);
  return cuda::success;
}

static Function &toFunction(cuda::Function function) {
  return *reinterpret_cast<Function *>(function);
}

FAKE_EXPORT Result cuFuncSetAttribute(cuda::Function function,
                                      cuda::FunctionAttribute attribute,
                                      int value) {
  Entry entry("cuFuncSetAttribute");
  if (entry)
    return entry.result;
  if (attribute != cuda::attributeMaxDynamicShared || value > 227 << 10)
    return invalidValue;
  toFunction(function).sharedBytes = value;
  return cuda::success;
}

FAKE_EXPORT Result cuOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks,
                                                               cuda::Function,
                                                               int threads,
                                                               size_t) {
  Entry entry("cuOccupancyMaxActiveBlocksPerMultiprocessor");
  if (entry)
    return entry.result;
  *blocks = 2048 / threads;
  return cuda::success;
}

FAKE_EXPORT Result cuFuncGetParamInfo(cuda::Function function, size_t index,
                                      size_t *offset, size_t *bytes) {
  Entry entry("cuFuncGetParamInfo");
  if (entry)
    return entry.result;
  if (index > 0 || toFunction(function).kernel->parameterBytes == 0)
    return invalidValue;
  *offset = 0;
  *bytes = toFunction(function).kernel->parameterBytes;
  return cuda::success;
}

//===----------------------------------------------------------------------===//
// Launches
//===----------------------------------------------------------------------===//

std::vector<uint64_t> fakecuda::copyParameter(const Kernel &kernel,
                                              void **list) {
  std::vector<uint64_t> parameter(kernel.parameterBytes / 8);
  if (!parameter.empty())
    std::memcpy(parameter.data(), list[0], kernel.parameterBytes);
  return parameter;
}

static Result launch(cuda::Function function, const Launch &launch,
                     cuda::Stream stream, void **list) {
  if (static_cast<int>(launch.sharedBytes) > toFunction(function).sharedBytes)
    return invalidValue;
  const Kernel *kernel = toFunction(function).kernel;
  return issue(stream, [=, parameter = copyParameter(*kernel, list)] {
    kernel->run(parameter.data(), launch);
  });
}

FAKE_EXPORT Result cuLaunchKernel(cuda::Function function, unsigned gx,
                                  unsigned gy, unsigned gz, unsigned bx,
                                  unsigned by, unsigned bz, unsigned shared,
                                  cuda::Stream stream, void **list, void **) {
  Entry entry("cuLaunchKernel");
  if (entry)
    return entry.result;
  return launch(function, {{gx, gy, gz}, {bx, by, bz}, shared, false}, stream,
                list);
}

FAKE_EXPORT Result cuLaunchKernelEx(const cuda::LaunchConfig *config,
                                    cuda::Function function, void **list,
                                    void **) {
  Entry entry("cuLaunchKernelEx");
  if (entry)
    return entry.result;
  Launch shape = {};
  std::copy(config->grid, config->grid + 3, shape.grid);
  std::copy(config->block, config->block + 3, shape.block);
  shape.sharedBytes = config->sharedBytes;
  for (unsigned i = 0; i < config->numAttributes; ++i) {
    const cuda::ClusterAttribute &attribute = config->attributes[i];
    for (int k = 0; k < 3; ++k)
      if (attribute.id != cuda::launchAttributeCluster ||
          attribute.cluster[k] == 0 || shape.grid[k] % attribute.cluster[k])
        return invalidValue;
  }
  return launch(function, shape, config->stream, list);
}

FAKE_EXPORT Result cuLaunchCooperativeKernel(cuda::Function function,
                                             unsigned gx, unsigned gy,
                                             unsigned gz, unsigned bx,
                                             unsigned by, unsigned bz,
                                             unsigned shared,
                                             cuda::Stream stream, void **list) {
  Entry entry("cuLaunchCooperativeKernel");
  if (entry)
    return entry.result;
  return launch(function, {{gx, gy, gz}, {bx, by, bz}, shared, true}, stream,
                list);
}
