//===- HostDevice.h - Graphs on CPU functions -------------------*- C++ -*-===//
//
// Part of graph-opt. The device that executes graphs with CPU functions. Its
// memory is host memory and all its work is done when a call returns.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_HOSTDEVICE_H
#define GRAPHOPT_LIB_RUNTIME_HOSTDEVICE_H

#include "Device.h"
#include "ThreadPool.h"

namespace graphopt::runtime {

class HostDevice : public Device {
public:
  /// A device that runs kernels on up to `threads` threads.
  explicit HostDevice(int threads) : pool(threads) {}

  void setMode(int32_t) override {} // It has one.
  Status verifyKind(NodeKind kind) const override;
  Status allocate(void *stream, int64_t bytes, void **pointer) override;
  Status release(void *stream, void *pointer) override;
  Status copy(void *stream, const void *source, void *destination,
              int64_t bytes) override;
  Status upload(void *stream, const void *source, void *destination,
                int64_t bytes) override;
  Status readback(void *stream, const void *source, void *destination,
                  int64_t bytes) override;
  Status fetch(void *stream, const GoFetchItem *items, int64_t count,
               std::unique_ptr<Fetch> &fetch) override;
  Status wait(void *stream) override;
  void abandonReadbacks(void *) override {} // They are done at once.
  void drain() override;
  Status instantiate(const GoGraph &graph,
                     std::unique_ptr<Executable> &executable) override;
  Status launch(Executable &executable, void *stream, const void *parameters,
                LaunchReport &report) override;
  Status createTimer(std::unique_ptr<Timer> &timer) override;

private:
  ThreadPool pool;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_HOSTDEVICE_H
