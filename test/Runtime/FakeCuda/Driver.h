//===- Driver.h - The objects of the fake CUDA driver -----------*- C++ -*-===//
//
// Part of graph-opt. What the files of the fake driver share.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TEST_RUNTIME_FAKECUDA_DRIVER_H
#define GRAPHOPT_TEST_RUNTIME_FAKECUDA_DRIVER_H

#include "FakeCuda.h"

#include "../../../lib/Runtime/CudaTypes.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace fakecuda {

namespace cuda = graphopt::runtime::cuda;
using cuda::Result;

enum : Result {
  invalidValue = 1,
  invalidImage = 200,
  invalidContext = 201,
  illegalState = 401,
  invalidHandle = 400,
  notFound = 500,
  captureUnsupported = 900,
  captureInvalidated = 901,
  captureIsolation = 905,
  captureImplicit = 906,
};

using Work = std::function<void()>;
struct Graph;

/// Work that is issued and not done yet.
struct Stream {
  unsigned long long id = nextId();
  std::deque<Work> queue;
  uint64_t issued = 0, done = 0;
  bool capturing = false;
  bool isInvalid = false;            ///< The capture is.
  std::shared_ptr<Graph> captured;   ///< What replays run.
  std::vector<cuda::GraphNode> last; ///< What is captured next runs after them.

  /// No two streams ever have one number.
  static unsigned long long nextId();
};

struct Event {
  Stream *stream = nullptr;
  uint64_t position = 0; ///< Work that must be done.
  bool captured = false;
};

/// How a kernel is launched.
struct Launch {
  unsigned grid[3], block[3], sharedBytes;
  bool cooperative;
};
struct Kernel {
  const char *name;
  size_t parameterBytes; ///< Of its one parameter; 0 if it has none.
  void (*run)(const uint64_t *parameter, const Launch &launch);
};
const Kernel *findKernel(const char *name);

struct Function {
  const Kernel *kernel;
  int sharedBytes = 48 << 10; ///< Most dynamic shared memory.
};
struct Module {
  std::map<std::string, Function> functions;
};

/// All the state, under one mutex.
struct State {
  std::recursive_mutex mutex;
  Properties properties;
  int64_t calls = 0, failing = -1;
  Result failure = 0;
  std::string failingFunction;
  Result functionFailure = 0;
  bool failed = false;
  std::map<std::string, int64_t> callsOf;
  std::map<std::string, std::set<const void *>> live; ///< By kind.
  std::map<uint64_t, size_t> memory; ///< Address and size of device memory.
  std::set<const void *> hostMemory;
  int64_t memoryInUse = 0;
  int primaryRetains = 0;
  bool isActive = true;             ///< The context is, unless it was reset.
  unsigned long long contextId = 1; ///< Another one after a reset.
  std::string faults;
  bool invalidated = false;
  Stream defaultStream;
  /// Destroyed ones, with work on its way, whose handles others have.
  std::vector<std::unique_ptr<Stream>> replaced;
};
State &state();

/// An entry into the driver: holds the mutex, counts, and says if the call is
/// to fail.
class Entry {
public:
  enum Kind {
    Plain,
    NeedsContext,
    Unsafe,     ///< Needs a context and is forbidden while others capture.
    OnlyByName, ///< Fails only if asked for by its name.
    Never,      ///< Needs a context and never fails on request: frees.
  };
  Entry(const char *name, Kind kind = NeedsContext);
  explicit operator bool() const { return result != cuda::success; }
  Result result = cuda::success;

private:
  std::lock_guard<std::recursive_mutex> lock;
};

/// Does the work of `stream` up to position `position`.
void runStream(Stream &stream, uint64_t position);
void runAll();
Stream *toStream(cuda::Stream stream);
/// Appends work, or captures it.
Result issue(cuda::Stream stream, Work work);
/// Adds work to what `stream` captures.
Result capture(Stream &stream, Work work);
bool isAnyCapturing();

/// Copies device memory; adds to the faults if a range is not in it or the
/// ranges overlap.
void copyMemory(uint64_t destination, uint64_t source, size_t bytes);
/// Adds to the faults unless [address, address + bytes) is device memory.
bool checkMemory(uint64_t address, size_t bytes, const char *what);

template <typename T>
T *create(const char *kind) {
  T *object = new T();
  state().live[kind].insert(object);
  return object;
}
/// True if `object` is alive.
inline bool isLive(const char *kind, const void *object) {
  return state().live[kind].count(object) != 0;
}
template <typename T>
Result destroy(const char *kind, T *object) {
  if (!state().live[kind].erase(object))
    return invalidHandle;
  delete object;
  return cuda::success;
}

/// Copies the parameter of a kernel as the driver does.
std::vector<uint64_t> copyParameter(const Kernel &kernel, void **list);
/// Sets a condition from a kernel.
void setCondition(uint64_t handle, unsigned value);

} // namespace fakecuda

#define FAKE_EXPORT extern "C" __attribute__((visibility("default")))

#endif // GRAPHOPT_TEST_RUNTIME_FAKECUDA_DRIVER_H
