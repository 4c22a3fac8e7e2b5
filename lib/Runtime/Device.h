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
  /// Brings what was bound to the device ahead of the next launch, which would
  /// do it otherwise.
  virtual Status update() { return {}; }
  /// Launches node by node from here on: the device can not make or run the
  /// graph, as `reason` says. After GO_OUT_OF_MEMORY it tries again later,
  /// after each failure twice as late.
  virtual void doWithoutGraph(const Status & /*reason*/) {}

  /// True if it is known that no launch runs, and that none will.
  virtual bool isIdle() { return true; }
  /// Notes that all its launches are over.
  virtual void noteIdle() {}
  /// True if captures that others made use its memory.
  virtual bool isCaptured() const { return false; }
  /// Device memory that it owns, in bytes.
  virtual int64_t ownedBytes() const { return 0; }
};

/// What a launch did besides the launch.
struct LaunchReport {
  int64_t hostBranches = 0; ///< Conditions that the host decided on.
  int64_t readbacks = 0;    ///< Of these, those that it read from the device,
                            ///< each with a wait.
  int64_t builds = 0;       ///< Graphs that were instantiated for it.
  int64_t nodeUpdates = 0;  ///< Nodes that were written to.
  bool lacksGraph = false;  ///< It failed before anything was issued, since the
                            ///< graph could not be made.
  bool isFallback = false;  ///< Nodes ran one by one, for want of memory or of
                            ///< a newer driver.
};

/// Values on their way to the host.
class Fetch {
public:
  virtual ~Fetch() = default;

  /// Delivers the values, once; first waits for their copies unless they are
  /// known to be done. After a failure no destination was written.
  virtual Status finish(bool isDone) = 0;
};

/// Memory of a mailbox (goExecMailbox).
class MailboxMemory {
public:
  virtual ~MailboxMemory() = default;

  void *address = nullptr;   ///< The GoMailbox, on the device.
  uint64_t *slots = nullptr; ///< Its slots, all zero, where the host reads.
};

/// A pair of marks in the order of streams.
class Timer {
public:
  virtual ~Timer() = default;

  virtual Status start(void *stream) = 0;
  virtual Status stop(void *stream) = 0;
  /// Waits for the second mark.
  virtual Status read(double *microseconds) = 0;
};

/// What is said of `what` on a stream that is being captured.
inline Status refusedInCapture(const char *what) {
  return {GO_UNSUPPORTED, std::string(what) +
                              " is not possible on a stream that is being "
                              "captured: the host would not get the value"};
}

/// A device. All calls may come from several threads at once.
class Device {
public:
  virtual ~Device() = default;

  /// Fills in what is particular to the device; everything is zero before, and
  /// a name that stays empty becomes that of the kind.
  virtual Status describe(GoDeviceDescription &) { return {}; }

  /// Whether executables are to know when their launches are over.
  virtual void trackLaunches(bool /*isTracking*/) {}
  /// Gives back memory that nobody uses.
  virtual void trim() {}
  /// False where nothing can be called any more: the device was reset, say.
  virtual bool isLost() const { return false; }

  /// Takes over a GO_MODE_*.
  virtual void setMode(int32_t mode) = 0;
  /// Refuses kinds of nodes that the device can not run, with a reason.
  virtual Status verifyKind(NodeKind kind) const = 0;

  /// Allocates `bytes` (also 0), aligned to 256 bytes, usable in the order of
  /// `stream`.
  virtual Status allocate(void *stream, int64_t bytes, void **pointer) = 0;
  /// The same for a few bytes that the device writes, and the host then reads
  /// by `readback`.
  virtual Status allocateReadable(void *stream, int64_t bytes, void **pointer) {
    return allocate(stream, bytes, pointer);
  }
  /// Frees what these two returned after the work issued to `stream`; null is
  /// fine.
  virtual Status release(void *stream, void *pointer) = 0;

  /// Copies between device buffers, in the order of `stream`.
  virtual Status copy(void *stream, const void *source, void *destination,
                      int64_t bytes) = 0;
  /// Makes `count` copies, of at least a byte each, in the order of `stream`
  /// and in no order among each other: no source overlaps the destination of
  /// another copy.
  virtual Status copyAll(void *stream, const GoCopyItem *items, int64_t count);
  /// Copies from host memory, which may change once the call returns.
  virtual Status upload(void *stream, const void *source, void *destination,
                        int64_t bytes) = 0;
  /// Starts a copy to host memory, done after the next `wait`.
  virtual Status readback(void *stream, const void *source, void *destination,
                          int64_t bytes) = 0;
  /// Starts copies to the host, each through memory of its own, in the order of
  /// `stream`. `items` is copied before the call returns; destinations are not
  /// touched. On failure nothing is left behind.
  virtual Status fetch(void *stream, const GoFetchItem *items, int64_t count,
                       std::unique_ptr<Fetch> &fetch) = 0;
  /// Allocates a mailbox that is ready for launches on any stream.
  virtual Status allocateMailbox(std::unique_ptr<MailboxMemory> & /*memory*/) {
    return {GO_UNSUPPORTED, "the device has no mailboxes"};
  }
  /// Fails if the device will not do what is on its way.
  virtual Status poll() { return {}; }
  /// Tells whether somebody captures `stream`.
  virtual Status findCapture(void * /*stream*/, bool *capturing) const {
    *capturing = false;
    return {};
  }
  /// Waits for all work of `stream`.
  virtual Status wait(void *stream) = 0;
  /// Forgets the readbacks that this thread started on `stream` since its last
  /// wait: their destinations are not written from here on.
  virtual void abandonReadbacks(void *stream) = 0;
  /// Waits for all work of all streams; called before destruction.
  virtual void drain() = 0;
  /// Waits for all work that was issued before; false if that failed, or if it
  /// was not tried as somebody captures.
  virtual bool finishAll() { return true; }

  /// Instantiates `graph`, which outlives `executable`. On failure nothing is
  /// left behind.
  virtual Status instantiate(const GoGraph &graph,
                             std::unique_ptr<Executable> &executable) = 0;
  /// Launches what `instantiate` made, with the addresses of the last `bind`.
  /// `parameters` is copied before the call returns.
  virtual Status launch(Executable &executable, void *stream,
                        const void *parameters, LaunchReport &report) = 0;

  /// Launches one kernel of the program's own, by its own parameters.
  virtual Status launchKernel(void * /*stream*/, const GoKernelLaunch &) {
    return {GO_UNSUPPORTED, "the device runs no CUDA kernels"};
  }

  virtual Status createTimer(std::unique_ptr<Timer> &timer) = 0;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_DEVICE_H
