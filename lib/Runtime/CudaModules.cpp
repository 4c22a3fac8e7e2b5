//===- CudaModules.cpp - Code loaded on a CUDA device ---------------------===//
//
// Part of graph-opt. This file implements the loading of modules and the
// search for kernels.
//
//===----------------------------------------------------------------------===//

#include "CudaModules.h"

using namespace graphopt::runtime;

/// Size of what the driver may say about a module that it refuses, in bytes.
static constexpr size_t logBytes = 8192;

static std::string nameOf(const GoCudaModule &module) {
  return "module " + quoted(module.name ? module.name : "");
}

/// Loads `source` unless that is done. Under the lock of `module`.
Status CudaModules::load(const GoCudaModule &source, Module &module) {
  if (module.module)
    return {};
  std::string log(logBytes, '\0');
  cuda::JitOption options[] = {cuda::jitErrorLog, cuda::jitErrorLogBytes};
  void *values[] = {log.data(), reinterpret_cast<void *>(log.size())};
  cuda::Module loaded = nullptr;
  Status status = driver.call(driver.cuModuleLoadDataEx, &loaded, source.image,
                              2u, static_cast<const cuda::JitOption *>(options),
                              static_cast<void **>(values));
  if (!status.failed()) {
    module.module = loaded;
    return {};
  }
  status.message = nameOf(source) + ": " + status.message;
  log.back() = '\0';
  if (log.front())
    status.message += std::string(": ") + log.c_str();
  return status;
}

/// Refuses a kernel that would read more parameters than it is given.
Status CudaModules::verifyParameters(cuda::Function function,
                                     size_t bytes) const {
  if (!driver.cuFuncGetParamInfo.pointer)
    return {};
  size_t offset = 0, size = 0;
  cuda::Result result =
      driver.cuFuncGetParamInfo.pointer(function, 0, &offset, &size);
  if (result != cuda::success || size <= bytes)
    return {};
  return {GO_INVALID_ARGUMENT, "it takes " + std::to_string(size) +
                                   " bytes of parameters, its operands have " +
                                   std::to_string(bytes)};
}

Status CudaModules::find(const GoCudaLaunch &launch, size_t parameterBytes,
                         cuda::Function *function) {
  Module *module = nullptr;
  {
    std::lock_guard<std::mutex> lock(mutex);
    module = &modules[launch.module];
  }
  std::lock_guard<std::mutex> lock(module->mutex);
  Status status = load(*launch.module, *module);
  if (status.failed())
    return status;
  auto inKernel = [&](Status status) -> Status {
    if (status.failed())
      status.message = "kernel " + quoted(launch.function) + " of " +
                       nameOf(*launch.module) + ": " + status.message;
    return status;
  };
  auto it = module->kernels.find(launch.function);
  if (it == module->kernels.end()) {
    Kernel kernel = {};
    status = driver.call(driver.cuModuleGetFunction, &kernel.function,
                         module->module, launch.function);
    if (status.failed())
      return inKernel(std::move(status));
    it = module->kernels.emplace(launch.function, kernel).first;
  }
  Kernel &kernel = it->second;
  if (launch.shared_bytes > kernel.sharedBytes) {
    status = driver.call(driver.cuFuncSetAttribute, kernel.function,
                         cuda::attributeMaxDynamicShared, launch.shared_bytes);
    if (status.failed())
      return inKernel(std::move(status));
    kernel.sharedBytes = launch.shared_bytes;
  }
  *function = kernel.function;
  return inKernel(verifyParameters(kernel.function, parameterBytes));
}

void CudaModules::clear() {
  for (auto &[source, module] : modules)
    if (module.module)
      driver.cuModuleUnload.pointer(module.module);
  modules.clear();
}
