//===- FakeCuda.h - A CUDA driver for tests ---------------------*- C++ -*-===//
//
// Part of graph-opt. A library with the driver's functions that the runtime
// calls, on host memory. Tests control it by what is declared here.
//
// It does what the driver may do, not what it usually does:
//   - work is done as late as possible: when a stream, an event or the context
//     is waited for, and then only the work that this must wait for, or, one
//     piece at a time, when the host asks a stream whether it is done;
//   - nodes of a graph that may run in any order run in the reverse order;
//   - pageable host memory is read when the copy is done;
//   - memory has no value when it is allocated, and loses it when freed.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TEST_RUNTIME_FAKECUDA_FAKECUDA_H
#define GRAPHOPT_TEST_RUNTIME_FAKECUDA_FAKECUDA_H

#include <cstdint>
#include <functional>
#include <string>

namespace fakecuda {

/// What the driver says it is. Changed before a context is made.
struct Properties {
  int version = 13000;
  int computeMajor = 9;
  int numDevices = 1;
  bool hasPools = true;
  bool launchesCooperatively = true;
  int multiprocessors = 132;
  /// Size of the device's memory, in bytes.
  int64_t memoryBytes = int64_t(1) << 30;
};

/// Back to the beginning: default properties, no failure asked for, all counts
/// zero; what is alive is forgotten.
void reset();
Properties &properties();

/// The image of a module that the driver accepts.
extern const char image[];
extern const int64_t imageBytes;

/// Makes the `index`-th call from now (0: the next) that can fail return
/// `result`; a negative index takes the request back.
void failAfter(int64_t index, int result = 999);
/// Makes each call of the function `name` fail; an empty name ends that.
void failFunction(const std::string &name, int result);
/// True if a call failed on request since the request was made.
bool hasFailed();
/// Calls so far that can fail.
int64_t numCalls();
/// Calls so far of one function.
int64_t numCalls(const std::string &name);

/// What is alive: "2 graphs, 1 event"; empty if nothing.
std::string alive();
/// What went wrong without anybody being told: accesses to memory that is not
/// allocated, contexts left current. Empty if nothing.
std::string faults();

/// A stream, as a caller has it; destroyed by `destroyStream`.
void *createStream();
void destroyStream(void *stream);
/// Destroys a stream with work on its way, which goes on, and gives its handle
/// to a new one.
void replaceStream(void *stream);
/// Makes the primary context current on this thread, or none.
void makeCurrent(bool isCurrent);
bool isCurrent();
/// Makes a context of somebody else's current on this thread, or, if it is
/// still, takes it away.
void makeForeignCurrent();
bool endForeignCurrent();
/// Resets the device, as another user of the primary context may: all that is
/// in the context is gone. It can be used again after `revive`.
void resetDevice();
void revive();

/// Calls `observer` with the name of each function at each call, before
/// anything happens, as a profiler would; an empty one ends that. The driver
/// can be called from it.
void observe(std::function<void(const char *)> observer);

/// Captures what is issued to `stream`; `end` ends that, and returns false if
/// the capture became invalid, `replay` issues what was captured.
void beginCapture(void *stream);
bool endCapture(void *stream);
void replay(void *stream);
/// True if a capture was made invalid since `reset` or the last call.
bool wasInvalidated();

} // namespace fakecuda

#endif // GRAPHOPT_TEST_RUNTIME_FAKECUDA_FAKECUDA_H
