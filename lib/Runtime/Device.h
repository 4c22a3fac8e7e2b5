//===- Device.h - What the runtime asks of a device -------------*- C++ -*-===//
//
// Part of graph-opt. The interface between the device-neutral runtime (graphs,
// cache, errors, counters) and the machines that execute graphs. Pointers are
// device addresses; `stream` is the caller's handle, null for the default.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_DEVICE_H
#define GRAPHOPT_LIB_RUNTIME_DEVICE_H

#include "Graph.h"

#include <memory>
#include <vector>

namespace graphopt::runtime {

/// An instantiated graph of one device. Calls on one executable are serialized
/// by the caller.
class Executable {
public:
  virtual ~Executable() = default;

  /// Sets the addresses of the launch arguments: `buffers` holds all of them,
  /// `changed` the positions that differ from the last call, ascending.
  /// After a failure the next call names every position as changed.
  virtual Status bind(void *const *buffers,
                      const std::vector<int64_t> &changed) = 0;
};

/// A device. All calls may come from several threads at once.
class Device {
public:
  virtual ~Device() = default;

  /// Allocates `bytes` (also 0), aligned to 256 bytes.
  virtual Status allocate(int64_t bytes, void **pointer) = 0;
  /// Frees what `allocate` returned; null is fine.
  virtual void release(void *pointer) = 0;

  /// Copies between device buffers, in the order of `stream`.
  virtual Status copy(void *stream, const void *source, void *destination,
                      int64_t bytes) = 0;
  /// Starts a copy to host memory, done after the next `wait`.
  virtual Status readback(void *stream, const void *source, void *destination,
                          int64_t bytes) = 0;
  /// Waits for all work of `stream`.
  virtual Status wait(void *stream) = 0;
  /// Waits for all work of all streams; called before destruction.
  virtual void drain() = 0;

  /// Instantiates `graph`, which outlives `executable`. On failure nothing is
  /// left behind.
  virtual Status instantiate(const GoGraph &graph,
                             std::unique_ptr<Executable> &executable) = 0;
  /// Launches what `instantiate` made, with the addresses of the last `bind`.
  /// `parameters` is copied before the call returns.
  virtual Status launch(Executable &executable, void *stream,
                        const void *parameters) = 0;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_DEVICE_H
