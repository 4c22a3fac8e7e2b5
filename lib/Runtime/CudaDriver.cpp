//===- CudaDriver.cpp - The CUDA driver, loaded at run time ---------------===//
//
// Part of graph-opt. This file implements the loading of the driver's library,
// error messages, and scopes with a current context.
//
//===----------------------------------------------------------------------===//

#include "CudaDriver.h"

#include <cstdlib>
#include <dlfcn.h>

using namespace graphopt::runtime;

/// The oldest driver with all functions that are not optional.
static constexpr int oldestVersion = 12000;

static std::string versionText(int version) {
  return std::to_string(version / 1000) + "." +
         std::to_string(version % 1000 / 10);
}

/// Sets `function` to the address of `symbol`; keeps the first missing one.
template <typename... Parameters>
static void find(void *library, const char *symbol,
                 CudaFunction<Parameters...> &function, const char *&missing) {
  function.pointer =
      reinterpret_cast<cuda::Result (*)(Parameters...)>(dlsym(library, symbol));
  if (!function.pointer && !missing)
    missing = symbol;
}

Status CudaDriver::load() {
  const char *path = std::getenv("GRAPHOPT_CUDA_DRIVER");
  if (!path || !*path)
    path = "libcuda.so.1";
  // Drivers are not made to be unloaded.
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (!library)
    return {GO_UNSUPPORTED,
            std::string("there is no CUDA driver: ") + dlerror()};

  const char *missing = nullptr, *ignored = nullptr;
#define CUDA_FUNCTION(name, symbol, ...) find(library, symbol, name, missing);
#define CUDA_OPTIONAL(name, symbol, ...) find(library, symbol, name, ignored);
#include "CudaFunctions.def"
  (void)ignored;

  if (cuDriverGetVersion.pointer)
    cuDriverGetVersion.pointer(&version);
  if (version < oldestVersion)
    return {GO_UNSUPPORTED, "the CUDA driver is of version " +
                                versionText(version) + ", older than " +
                                versionText(oldestVersion)};
  if (missing)
    return {GO_UNSUPPORTED,
            std::string("the CUDA driver has no function ") + missing};
  Status status = call(cuInit, 0u);
  if (status.failed())
    status.code = GO_UNSUPPORTED;
  return status;
}

static GoStatus statusCode(cuda::Result result) {
  switch (result) {
  case cuda::errorOutOfMemory:
    return GO_OUT_OF_MEMORY;
  case cuda::errorNoDevice:
  case cuda::errorInvalidDevice:
  case cuda::errorNotSupported:
    return GO_UNSUPPORTED;
  default:
    return GO_DEVICE_ERROR;
  }
}

Status CudaDriver::failure(const char *function, cuda::Result result) const {
  const char *name = nullptr, *text = nullptr;
  std::string message = function;
  if (cuGetErrorName.pointer(result, &name) == cuda::success && name)
    message += std::string(": ") + name;
  else
    message += ": error " + std::to_string(result);
  if (cuGetErrorString.pointer(result, &text) == cuda::success && text)
    message += std::string(" (") + text + ")";
  return {statusCode(result), std::move(message)};
}

CudaScope::CudaScope(const CudaDriver &driver, cuda::Context context)
    : driver(driver) {
  cuda::Context current = nullptr;
  // If the driver does not say which is current, another push does no harm.
  driver.cuCtxGetCurrent.pointer(&current);
  if (current != context) {
    status = driver.call(driver.cuCtxPushCurrent, context);
    pushed = !status.failed();
  }
  // Without it, a call that a capture forbids fails and says so.
  if (!status.failed())
    exchanged = driver.cuThreadExchangeStreamCaptureMode.pointer(&mode) ==
                cuda::success;
}

CudaScope::~CudaScope() {
  if (exchanged)
    driver.cuThreadExchangeStreamCaptureMode.pointer(&mode);
  cuda::Context popped = nullptr;
  if (pushed)
    driver.cuCtxPopCurrent.pointer(&popped);
}
