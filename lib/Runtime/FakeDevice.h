//===- FakeDevice.h - A device that fails on request ------------*- C++ -*-===//
//
// Part of graph-opt. The host device on one thread, whose calls are counted
// and fail on request: for tests of what happens after a fault.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_FAKEDEVICE_H
#define GRAPHOPT_LIB_RUNTIME_FAKEDEVICE_H

#include "HostDevice.h"

#include <mutex>

namespace graphopt::runtime {

class FakeDevice final : public HostDevice {
public:
  FakeDevice() : HostDevice(/*threads=*/1) {}

  /// Makes the `index`-th call from now fail once; a negative index takes the
  /// request back.
  void failAfter(int64_t index, GoStatus status);
  int64_t numCalls() const;

  Status allocate(void *stream, int64_t bytes, void **pointer) override;
  Status copy(void *stream, const void *source, void *destination,
              int64_t bytes) override;
  Status upload(void *stream, const void *source, void *destination,
                int64_t bytes) override;
  Status readback(void *stream, const void *source, void *destination,
                  int64_t bytes) override;
  Status fetch(void *stream, const GoFetchItem *items, int64_t count,
               std::unique_ptr<Fetch> &fetch) override;
  Status wait(void *stream) override;
  Status instantiate(const GoGraph &graph,
                     std::unique_ptr<Executable> &executable) override;
  Status launch(Executable &executable, void *stream, const void *parameters,
                LaunchReport &report) override;

  /// Counts a call and returns the failure it was asked for, if any.
  Status record(const char *call);

private:
  mutable std::mutex mutex;
  int64_t calls = 0;
  int64_t failing = -1; ///< Number of the call that fails.
  GoStatus failure = GO_OK;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_FAKEDEVICE_H
