//===- CudaTimer.cpp - Timers of a CUDA device ----------------------------===//
//
// Part of graph-opt. This file implements timers as pairs of events.
//
//===----------------------------------------------------------------------===//

#include "CudaDevice.h"

using namespace graphopt::runtime;

namespace {
class CudaTimer final : public Timer {
public:
  explicit CudaTimer(const CudaDevice &device) : device(device) {}
  ~CudaTimer() override {
    CudaScope scope(device.driver, device.context);
    for (cuda::Event event : {begin, end})
      if (event && !scope.status.failed())
        device.driver.cuEventDestroy.pointer(event);
  }

  Status initialize() {
    Status status = device.driver.call(device.driver.cuEventCreate, &begin, 0u);
    return status.failed()
               ? status
               : device.driver.call(device.driver.cuEventCreate, &end, 0u);
  }
  Status start(void *stream) override { return record(begin, stream); }
  Status stop(void *stream) override { return record(end, stream); }
  Status read(double *microseconds) override {
    CudaScope scope(device.driver, device.context);
    float milliseconds = 0;
    Status status = scope.status;
    if (!status.failed())
      status = device.driver.call(device.driver.cuEventSynchronize, end);
    if (!status.failed())
      status = device.driver.call(device.driver.cuEventElapsedTime,
                                  &milliseconds, begin, end);
    *microseconds = 1000.0 * milliseconds;
    return status;
  }

private:
  Status record(cuda::Event event, void *stream) {
    CudaScope scope(device.driver, device.context);
    return scope.status.failed()
               ? scope.status
               : device.driver.call(device.driver.cuEventRecord, event,
                                    toStream(stream));
  }

  const CudaDevice &device;
  cuda::Event begin = nullptr, end = nullptr;
};
} // namespace

Status CudaDevice::createTimer(std::unique_ptr<Timer> &timer) {
  CudaScope scope(driver, context);
  if (scope.status.failed())
    return scope.status;
  auto created = std::make_unique<CudaTimer>(*this);
  Status status = created->initialize();
  if (!status.failed())
    timer = std::move(created);
  return status;
}
