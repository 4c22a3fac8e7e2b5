//===- CudaDevice.cpp - Graphs on a CUDA device ---------------------------===//
//
// Part of graph-opt. This file implements the context and the memory of the
// CUDA device, and its entries to graphs.
//
//===----------------------------------------------------------------------===//

#include "CudaDevice.h"
#include "CudaExecutable.h"

#include <algorithm>

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// Creation
//===----------------------------------------------------------------------===//

Status CudaDevice::takeContext(int32_t ordinal) {
  if (ordinal < -1)
    return {GO_INVALID_ARGUMENT,
            std::to_string(ordinal) + " is no number of a CUDA device"};
  if (ordinal == -1) {
    Status status = driver.call(driver.cuCtxGetCurrent, &context);
    if (!status.failed() && !context)
      return {GO_INVALID_ARGUMENT, "no CUDA context is current on this thread"};
    return status.failed() ? status
                           : driver.call(driver.cuCtxGetDevice, &device);
  }
  Status status = driver.call(driver.cuDeviceGet, &device, ordinal);
  if (status.failed())
    return {GO_UNSUPPORTED, "there is no CUDA device " +
                                std::to_string(ordinal) + ": " +
                                status.message};
  status = driver.call(driver.cuDevicePrimaryCtxRetain, &context, device);
  retained = !status.failed();
  return status;
}

/// Makes a pool of our own, so that the default pool stays as it is. It keeps
/// what was freed: the next run of a program allocates the same again.
Status CudaDevice::createPool() {
  int supported = 0;
  Status status = attribute(cuda::attributeMemoryPools, &supported);
  if (status.failed() || !supported)
    return status;
  cuda::PoolProperties properties;
  properties.locationId = device;
  status = driver.call(driver.cuMemPoolCreate, &pool,
                       static_cast<const cuda::PoolProperties *>(&properties));
  if (status.failed())
    return status;
  uint64_t keepAll = UINT64_MAX;
  return driver.call(driver.cuMemPoolSetAttribute, pool,
                     cuda::poolReleaseThreshold, static_cast<void *>(&keepAll));
}

Status CudaDevice::initialize(int32_t ordinal) {
  Status status = driver.load();
  if (!status.failed())
    status = takeContext(ordinal);
  if (status.failed())
    return status;
  CudaScope scope(driver, context);
  if (scope.status.failed())
    return scope.status;
  int major = 0, cooperative = 0;
  driver.adopt(context);
  status = attribute(cuda::attributeComputeMajor, &major);
  if (!status.failed())
    status = attribute(cuda::attributeCooperativeLaunch, &cooperative);
  if (!status.failed())
    status = attribute(cuda::attributeMultiprocessors, &multiprocessors);
  if (!status.failed())
    status = createPool();
  if (!status.failed())
    status = driver.call(driver.cuStreamCreate, &setupStream,
                         unsigned(cuda::streamNonBlocking));
  // Source of the limit: the CUDA programming guide, "Kernel parameters".
  if (driver.version >= 12010 && major >= 7)
    maxParameterBytes = 32764;
  launchesCooperatively = cooperative != 0;
  return status;
}

CudaDevice::~CudaDevice() {
  if (!context)
    return;
  {
    CudaScope scope(driver, context);
    if (!scope.status.failed()) {
      transfers.clear();
      modules.clear();
      if (setupStream)
        driver.cuStreamDestroy.pointer(setupStream);
      if (pool)
        driver.cuMemPoolDestroy.pointer(pool);
    }
  }
  if (retained)
    driver.cuDevicePrimaryCtxRelease.pointer(device);
}

Status graphopt::runtime::createCudaDevice(int32_t ordinal,
                                           std::unique_ptr<Device> &device) {
  auto created = std::make_unique<CudaDevice>();
  Status status = created->initialize(ordinal);
  if (!status.failed())
    device = std::move(created);
  return status;
}

Status CudaDevice::describe(GoDeviceDescription &description) {
  size_t bytes = 0;
  Status status =
      driver.call(driver.cuDeviceGetName, &description.name[0],
                  static_cast<int>(sizeof(description.name)), device);
  if (!status.failed())
    status = attribute(cuda::attributeComputeMajor, &description.compute_major);
  if (!status.failed())
    status = attribute(cuda::attributeComputeMinor, &description.compute_minor);
  if (!status.failed())
    status = driver.call(driver.cuDeviceTotalMem, &bytes, device);
  description.multiprocessors = multiprocessors;
  description.driver_version = driver.version;
  description.memory_bytes = bytes;
  return status;
}

Status CudaDevice::verifyKind(NodeKind kind) const {
  if (kind == NodeKind::HostKernel)
    return {GO_UNSUPPORTED, "a CUDA device runs no host kernels"};
  return {};
}

//===----------------------------------------------------------------------===//
// Captures
//===----------------------------------------------------------------------===//

Status CudaDevice::isCapturing(cuda::Stream stream, bool *capturing) const {
  cuda::CaptureStatus state = cuda::captureNone;
  Status status = driver.call(driver.cuStreamIsCapturing, stream, &state);
  *capturing = state != cuda::captureNone;
  return status;
}

Status CudaDevice::refuseCapture(cuda::Stream stream, const char *what) const {
  bool capturing = false;
  Status status = isCapturing(stream, &capturing);
  return !status.failed() && capturing ? refusedInCapture(what) : status;
}

void CudaDevice::invalidateCapture(cuda::Stream stream) const {
  // Waiting is illegal within a capture, which says so when it is ended.
  driver.cuStreamSynchronize.pointer(stream);
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Status CudaDevice::allocateOwned(int64_t bytes, cuda::Pointer *pointer) const {
  if (!pool)
    return driver.call(driver.cuMemAlloc, pointer, size_t(bytes));
  auto allocate = [&] {
    return driver.call(driver.cuMemAllocFromPoolAsync, pointer, size_t(bytes),
                       pool, setupStream);
  };
  Status status = allocate();
  if (status.code != GO_OUT_OF_MEMORY)
    return status;
  // The pool may hold memory that nobody uses.
  Status trimmed = finishSetup();
  if (!trimmed.failed())
    trimmed = driver.call(driver.cuMemPoolTrimTo, pool, size_t(0));
  return trimmed.failed() ? trimmed : allocate();
}

void CudaDevice::freeBehind(cuda::Stream stream, cuda::Pointer pointer) const {
  if (pool)
    driver.cuMemFreeAsync.pointer(pointer, stream);
  else
    driver.cuMemFree.pointer(pointer);
}

void CudaDevice::trim() {
  CudaScope scope(driver, context);
  if (scope.status.failed())
    return;
  // Whatever fails: what matters is whether there is memory then.
  Status status = finishSetup();
  if (pool && !status.failed())
    status = driver.call(driver.cuMemPoolTrimTo, pool, size_t(0));
  if (!status.failed())
    status = driver.call(driver.cuDeviceGraphMemTrim, device);
}

Status CudaDevice::allocate(void *stream, int64_t bytes, void **pointer) {
  *pointer = nullptr;
  CudaScope scope(driver, context);
  if (scope.status.failed())
    return scope.status;
  bytes = std::max<int64_t>(bytes, 1);
  cuda::Pointer address = 0;
  Status status;
  if (!pool) {
    status = driver.call(driver.cuMemAlloc, &address, size_t(bytes));
  } else {
    auto fromPool = [&] {
      return driver.call(driver.cuMemAllocFromPoolAsync, &address,
                         size_t(bytes), pool, toStream(stream));
    };
    status = fromPool();
    bool capturing = false;
    if (status.code == GO_OUT_OF_MEMORY &&
        !isCapturing(toStream(stream), &capturing).failed() && !capturing) {
      // What was freed on other streams becomes usable when they are done.
      Status idle = driver.call(driver.cuCtxSynchronize);
      if (!idle.failed())
        idle = driver.call(driver.cuMemPoolTrimTo, pool, size_t(0));
      status = idle.failed() ? idle : fromPool();
    }
  }
  if (status.failed()) {
    status.message += ", allocating " + std::to_string(bytes) + " bytes";
    return status;
  }
  *pointer = reinterpret_cast<void *>(address);
  return {};
}

Status CudaDevice::allocateReadable(void *stream, int64_t bytes,
                                    void **pointer) {
  if (bytes <= CudaTransfers::largestReadable) {
    CudaScope scope(driver, context);
    // What captures is replayed when this memory is somebody else's.
    bool capturing = false;
    if (!scope.status.failed() &&
        !isCapturing(toStream(stream), &capturing).failed() && !capturing &&
        !transfers.allocateReadable(bytes, pointer).failed())
      return {};
  }
  return allocate(stream, bytes, pointer);
}

Status CudaDevice::release(void *stream, void *pointer) {
  if (!pointer || transfers.releaseReadable(toStream(stream), pointer))
    return {};
  CudaScope scope(driver, context);
  if (scope.status.failed())
    return scope.status;
  if (pool)
    return driver.call(driver.cuMemFreeAsync, toPointer(pointer),
                       toStream(stream));
  // Without a pool, the driver waits for the device.
  return driver.call(driver.cuMemFree, toPointer(pointer));
}

CudaMemory::~CudaMemory() {
  if (!pointer)
    return;
  CudaScope scope(device.driver, device.context);
  if (!scope.status.failed())
    device.freeOwned(pointer);
}

void CudaMemory::freeBehind(cuda::Stream stream) {
  if (pointer)
    device.freeBehind(stream, pointer);
  pointer = 0;
}

Status CudaMemory::allocate(int64_t bytes) {
  if (bytes == 0)
    return {};
  Status status = device.allocateOwned(bytes, &pointer);
  if (status.failed())
    return status;
  return device.driver.call(device.driver.cuMemsetD8Async, pointer,
                            static_cast<unsigned char>(0), size_t(bytes),
                            device.setupStream);
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

Status CudaDevice::instantiate(const GoGraph &graph,
                               std::unique_ptr<Executable> &executable) {
  CudaScope scope(driver, context);
  if (scope.status.failed())
    return scope.status;
  auto result = std::make_unique<CudaExecutable>(*this, graph);
  Status status = result->initialize();
  if (!status.failed())
    executable = std::move(result);
  return status;
}

Status CudaDevice::launch(Executable &executable, void *stream,
                          const void *parameters, LaunchReport &report) {
  CudaCurrent current(driver, context);
  if (current.status.failed())
    return current.status;
  return static_cast<CudaExecutable &>(executable)
      .launch(toStream(stream), parameters, report);
}
