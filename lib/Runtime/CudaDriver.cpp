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

/// True for errors after which every call in the same context fails. Source:
/// "the process must be terminated and relaunched", or the like, in CUresult.
static bool isForGood(cuda::Result result) {
  switch (result) {
  case cuda::errorDeinitialized:
  case cuda::errorInvalidContext:
  case cuda::errorUncorrectable:
  case cuda::errorLinkUncorrectable:
  case cuda::errorContained:
  case cuda::errorIllegalAddress:
  case cuda::errorLaunchTimeout:
  case cuda::errorContextIsDestroyed:
  case cuda::errorAssert:
  case cuda::errorHardwareStack:
  case cuda::errorIllegalInstruction:
  case cuda::errorMisalignedAddress:
  case cuda::errorInvalidAddressSpace:
  case cuda::errorInvalidProgramCounter:
  case cuda::errorLaunchFailed:
    return true;
  default:
    return false;
  }
}

/// "CUDA_ERROR_Y (what it says)".
std::string CudaDriver::describe(cuda::Result result) const {
  const char *name = nullptr, *text = nullptr;
  std::string description = "error " + std::to_string(result);
  if (cuGetErrorName.pointer(result, &name) == cuda::success && name)
    description = name;
  if (cuGetErrorString.pointer(result, &text) == cuda::success && text)
    description += std::string(" (") + text + ")";
  return description;
}

Status CudaDriver::failure(const char *function, cuda::Result result) const {
  if (isForGood(result))
    lostBy = result;
  return {statusCode(result), function + (": " + describe(result))};
}

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

Status CudaDriver::lostStatus() const {
  return {GO_DEVICE_ERROR,
          "the CUDA context is lost since " + describe(lostBy) +
              ": destroy this context of the runtime and create another"};
}

void CudaDriver::adopt(cuda::Context context) {
  if (!cuCtxGetId.pointer)
    return;
  if (call(cuCtxGetId, context, &contextId).failed())
    contextId = 0;
}

Status CudaDriver::verifyContext(cuda::Context context) const {
  if (!contextId || isLost())
    return isLost() ? lostStatus() : Status();
  unsigned long long id = 0;
  Status status = call(cuCtxGetId, context, &id);
  if (status.failed())
    // If the driver can not tell, it is taken for the same.
    return isLost() ? status : Status();
  if (id == contextId)
    return {};
  // The device was reset, and somebody uses it again.
  lostBy = cuda::errorContextIsDestroyed;
  return lostStatus();
}

CudaCurrent::CudaCurrent(const CudaDriver &driver, cuda::Context context)
    : driver(driver) {
  if (driver.isLost()) {
    status = driver.lostStatus();
    return;
  }
  cuda::Context current = nullptr;
  // If the driver does not say which is current, another push does no harm.
  driver.cuCtxGetCurrent.pointer(&current);
  if (current != context) {
    status = driver.call(driver.cuCtxPushCurrent, context);
    pushed = !status.failed();
  }
  if (!status.failed())
    status = driver.verifyContext(context);
}

CudaCurrent::~CudaCurrent() {
  cuda::Context popped = nullptr;
  if (pushed)
    driver.cuCtxPopCurrent.pointer(&popped);
}
