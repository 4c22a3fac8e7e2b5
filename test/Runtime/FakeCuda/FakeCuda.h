//===- FakeCuda.h - A CUDA driver for tests ---------------------*- C++ -*-===//
//
// Part of graph-opt. A library with the driver's functions that the runtime
// calls, on host memory. Tests control it by what is declared here.
//
// It does what the driver may do, not what it usually does:
//   - work is done as late as possible: when a stream, an event or the context
//     is waited for, and then only the work that this must wait for;
//   - nodes of a graph that may run in any order run in the reverse order;
//   - pageable host memory is read when the copy is done;
//   - memory has no value when it is allocated, and loses it when freed.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TEST_RUNTIME_FAKECUDA_FAKECUDA_H
#define GRAPHOPT_TEST_RUNTIME_FAKECUDA_FAKECUDA_H

#include <cstdint>
#include <string>

namespace fakecuda {

/// What the driver says it is. Changed before a context is made.
struct Properties {
  int version = 13000;
  int computeMajor = 9;
  int numDevices = 1;
  bool hasPools = true;
  bool launchesCooperatively = true;
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
/// Makes the primary context current on this thread, or none.
void makeCurrent(bool isCurrent);
bool isCurrent();

/// Captures what is issued to `stream`; `end` ends that, `replay` issues what
/// was captured.
void beginCapture(void *stream);
void endCapture(void *stream);
void replay(void *stream);
/// True if a capture was made invalid since `reset`.
bool wasInvalidated();

} // namespace fakecuda

#endif // GRAPHOPT_TEST_RUNTIME_FAKECUDA_FAKECUDA_H
