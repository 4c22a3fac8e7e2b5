//===- CudaLaunchOrder.cpp - Launches one behind the other ----------------===//
//
// Part of graph-opt. This file implements the order of launches.
//
//===----------------------------------------------------------------------===//

#include "CudaLaunchOrder.h"

using namespace graphopt::runtime;

Status CudaLaunchOrder::initialize() {
  return driver.call(driver.cuEventCreate, &event,
                     unsigned(cuda::eventDisableTiming));
}

CudaLaunchOrder::~CudaLaunchOrder() {
  if (!event)
    return;
  CudaScope scope(driver, device.context);
  if (!scope.status.failed())
    driver.cuEventDestroy.pointer(event);
}

uint64_t CudaLaunchOrder::idOf(cuda::Stream stream) const {
  unsigned long long id = 0;
  bool isKnown = driver.cuStreamGetId.pointer(stream, &id) == cuda::success;
  return isKnown ? id : unknown;
}

/// True if `stream`, which exists, is the stream of the last launch. If its
/// number is that of the stream which had the handle first, that one exists,
/// and no other had the handle in between.
bool CudaLaunchOrder::isLastStream(cuda::Stream stream) const {
  return stream == lastStream && lastId != unknown && idOf(stream) == lastId;
}

bool CudaLaunchOrder::isBehindLast(cuda::Stream stream) {
  if (!wasLaunched || isRecorded || isLastStream(stream))
    return true;
  // The handle may be that of another stream by now.
  lastId = unknown;
  return false;
}

Status CudaLaunchOrder::orderBehindLast(cuda::Stream stream) {
  if (!wasLaunched || isLastStream(stream))
    return {};
  // The handle may be that of another stream by now.
  lastId = unknown;
  if (isRecorded)
    return driver.call(driver.cuStreamWaitEvent, stream, event, 0u);
  return driver.call(driver.cuCtxSynchronize);
}

void CudaLaunchOrder::begin(cuda::Stream stream) {
  // One handle means the stream of each thread.
  if (!wasLaunched || stream != lastStream || lastId == unknown ||
      stream == cuda::streamPerThread) {
    uint64_t id = idOf(stream);
    onSeveralStreams |= id == unknown || (wasLaunched && id != lastId);
    lastStream = stream;
    lastId = id;
  }
  wasLaunched = true;
  isRecorded = isOver = false;
}

Status CudaLaunchOrder::record(cuda::Stream stream) {
  Status status = driver.call(driver.cuEventRecord, event, stream);
  isRecorded = !status.failed();
  return status;
}

bool CudaLaunchOrder::isIdle() const {
  return !wasLaunched || isOver ||
         (isRecorded && driver.cuEventQuery.pointer(event) == cuda::success);
}
