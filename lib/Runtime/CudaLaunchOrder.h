//===- CudaLaunchOrder.h - Launches one behind the other --------*- C++ -*-===//
//
// Part of graph-opt. Keeps the launches of an executable in order where the
// driver does not: it orders launches of one CUDA graph among each other, but
// not launches step by step, writes to operand tables, or launches of different
// graphs of one program.
//
// What follows on the same stream is in order by itself. An event for another
// stream to wait for costs as much as a launch: callers record one only where
// the driver orders nothing. Launches that read a table record none while all
// are on one stream: when a launch from another one finds the table changed, it
// is written to memory that no launch reads (CudaBinding::moveImage).
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CUDALAUNCHORDER_H
#define GRAPHOPT_LIB_RUNTIME_CUDALAUNCHORDER_H

#include "CudaDevice.h"

namespace graphopt::runtime {

/// The context is current in all calls.
class CudaLaunchOrder {
public:
  explicit CudaLaunchOrder(const CudaDevice &device)
      : device(device), driver(device.driver) {}
  ~CudaLaunchOrder();
  CudaLaunchOrder(const CudaLaunchOrder &) = delete;
  CudaLaunchOrder &operator=(const CudaLaunchOrder &) = delete;

  Status initialize();

  bool isFirst() const { return !wasLaunched; }
  bool isOnSeveralStreams() const { return onSeveralStreams; }
  /// True if all launches were on one stream, by whose handle one on `stream`
  /// is too.
  bool staysOn(cuda::Stream stream) const {
    return !onSeveralStreams && stream == lastStream &&
           stream != cuda::streamPerThread;
  }
  /// True if the driver orders a launch of the CUDA graph numbered `graph`, not
  /// 0, behind all others.
  bool isOrderedByDriver(uint64_t graph) const {
    return graph && graph == lastGraph;
  }
  /// True if what is issued to `stream` from now on can run behind all launches
  /// without a wait of the host.
  bool isBehindLast(cuda::Stream stream);
  /// Lets what is issued to `stream` from now on run behind all launches.
  /// The host waits for the device if the last of them recorded no event: at
  /// most once, as launches are on several streams from then on.
  Status orderBehindLast(cuda::Stream stream);

  /// Notes that a launch on `stream` begins, which is ordered.
  void begin(cuda::Stream stream);
  /// Notes that it is issued, by the CUDA graph numbered `graph`, or 0 if by
  /// something else.
  void end(uint64_t graph) { lastGraph = graph; }
  /// Notes that it failed: a part of it may run. Its stream need not be behind
  /// the launches before, which only the driver would have seen to: ahead of
  /// the next launch the host waits for the device.
  void fail() {
    lastGraph = 0;
    lastId = unknown;
    isRecorded = false;
  }
  /// Records an event behind it.
  Status record(cuda::Stream stream);

  /// Notes that all launches are over.
  void noteIdle() { isOver = true; }
  /// True if it is known that no launch runs.
  bool isIdle() const;

private:
  static constexpr uint64_t unknown = ~uint64_t(0);

  bool isLastStream(cuda::Stream stream) const;
  uint64_t idOf(cuda::Stream stream) const;

  const CudaDevice &device;
  const CudaDriver &driver;
  cuda::Event event = nullptr;
  bool wasLaunched = false;
  bool isRecorded = false;       ///< `event` stands for the last launch.
  bool isOver = false;           ///< The last launch is known to be.
  bool onSeveralStreams = false; ///< Launches have been.
  uint64_t lastGraph = 0;
  cuda::Stream lastStream = nullptr;
  /// The driver's number of `lastStream` when launches came to that handle: the
  /// handle may be given to another stream later.
  uint64_t lastId = unknown;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CUDALAUNCHORDER_H
