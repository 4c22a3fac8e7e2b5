//===- FakeDevice.cpp - A device that fails on request --------------------===//
//
// Part of graph-opt. This file implements the fake device and its C ABI.
//
//===----------------------------------------------------------------------===//

#include "FakeDevice.h"
#include "Context.h"

using namespace graphopt::runtime;

void FakeDevice::failAfter(int64_t index, GoStatus status) {
  std::lock_guard<std::mutex> lock(mutex);
  failing = index < 0 ? -1 : calls + index;
  failure = status;
}

int64_t FakeDevice::numCalls() const {
  std::lock_guard<std::mutex> lock(mutex);
  return calls;
}

Status FakeDevice::record(const char *call) {
  std::lock_guard<std::mutex> lock(mutex);
  if (calls++ != failing || failure == GO_OK)
    return {};
  return {failure, std::string("the fake device was asked to fail at call ") +
                       std::to_string(failing) + " (" + call + ")"};
}

Status FakeDevice::allocate(void *stream, int64_t bytes, void **pointer) {
  *pointer = nullptr;
  Status status = record("allocate");
  return status.failed() ? status
                         : HostDevice::allocate(stream, bytes, pointer);
}

Status FakeDevice::copy(void *stream, const void *source, void *destination,
                        int64_t bytes) {
  Status status = record("copy");
  return status.failed() ? status
                         : HostDevice::copy(stream, source, destination, bytes);
}

Status FakeDevice::upload(void *stream, const void *source, void *destination,
                          int64_t bytes) {
  Status status = record("upload");
  return status.failed()
             ? status
             : HostDevice::upload(stream, source, destination, bytes);
}

Status FakeDevice::readback(void *stream, const void *source, void *destination,
                            int64_t bytes) {
  Status status = record("readback");
  return status.failed()
             ? status
             : HostDevice::readback(stream, source, destination, bytes);
}

namespace {
/// A fetch of the host device whose waits are calls of the fake device.
class FakeFetch final : public Fetch {
public:
  FakeFetch(FakeDevice &device, std::unique_ptr<Fetch> fetch)
      : device(device), fetch(std::move(fetch)) {}
  Status finish(bool isDone) override {
    Status status = isDone ? Status() : device.record("await");
    return status.failed() ? status : fetch->finish(isDone);
  }

private:
  FakeDevice &device;
  std::unique_ptr<Fetch> fetch;
};
} // namespace

Status FakeDevice::fetch(void *stream, const GoFetchItem *items, int64_t count,
                         std::unique_ptr<Fetch> &fetch) {
  Status status = record("fetch");
  if (!status.failed())
    status = HostDevice::fetch(stream, items, count, fetch);
  if (!status.failed())
    fetch = std::make_unique<FakeFetch>(*this, std::move(fetch));
  return status;
}

Status FakeDevice::wait(void *stream) {
  Status status = record("wait");
  return status.failed() ? status : HostDevice::wait(stream);
}

Status FakeDevice::instantiate(const GoGraph &graph,
                               std::unique_ptr<Executable> &executable) {
  Status status = record("instantiate");
  return status.failed() ? status : HostDevice::instantiate(graph, executable);
}

Status FakeDevice::launch(Executable &executable, void *stream,
                          const void *parameters, LaunchReport &report) {
  Status status = record("launch");
  return status.failed()
             ? status
             : HostDevice::launch(executable, stream, parameters, report);
}

//===----------------------------------------------------------------------===//
// C ABI
//===----------------------------------------------------------------------===//

void goFakeFailAfter(GoContext *context, int64_t index, GoStatus status) {
  if (context && context->fake)
    context->fake->failAfter(index, status);
}

int64_t goFakeCalls(GoContext *context) {
  return context && context->fake ? context->fake->numCalls() : 0;
}
