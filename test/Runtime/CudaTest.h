//===- CudaTest.h - What the tests of the CUDA device share -----*- C++ -*-===//
//
// Part of graph-opt. A fixture that runs the CUDA device on the fake driver and
// finds what was left behind, device values, and kernels of the fake driver.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TEST_RUNTIME_CUDATEST_H
#define GRAPHOPT_TEST_RUNTIME_CUDATEST_H

#include "FakeCuda/FakeCuda.h"
#include "RuntimeTest.h"

#include <cstdlib>

class CudaTest : public testing::Test {
protected:
  void SetUp() override {
    setenv("GRAPHOPT_CUDA_DRIVER", GRAPHOPT_FAKE_CUDA, /*overwrite=*/1);
    fakecuda::reset();
  }
  void TearDown() override {
    unsetenv("GRAPHOPT_CUDA_DRIVER");
    EXPECT_EQ(fakecuda::alive(), "");
    EXPECT_EQ(fakecuda::faults(), "");
    EXPECT_FALSE(fakecuda::isCurrent());
    EXPECT_FALSE(fakecuda::wasInvalidated());
  }
};

/// A context on the first device of the fake driver.
class CudaContext : public Context {
public:
  explicit CudaContext(int32_t mode = GO_MODE_GRAPH)
      : Context(GO_DEVICE_CUDA, 0) {
    EXPECT_EQ(goContextSetMode(*this, mode), GO_OK);
  }
};

/// A value on the device.
template <typename T>
class DeviceValue {
public:
  DeviceValue(GoContext *context, T value, void *stream = nullptr)
      : context(context), stream(stream),
        pointer(goAllocate(context, stream, sizeof(T))) {
    set(value);
  }
  ~DeviceValue() { goFree(context, stream, pointer); }
  DeviceValue(const DeviceValue &) = delete;

  void set(T value) {
    EXPECT_EQ(goUpload(context, stream, &value, pointer, sizeof(T)), GO_OK)
        << goLastMessage();
  }
  /// Waits for the stream.
  T get() const {
    T value;
    EXPECT_EQ(goReadback(context, stream, pointer, &value, sizeof(T)), GO_OK)
        << goLastMessage();
    EXPECT_EQ(goWait(context, stream), GO_OK) << goLastMessage();
    return value;
  }
  operator void *() const { return pointer; }

private:
  GoContext *const context;
  void *const stream;
  void *const pointer;
};
using Int = DeviceValue<int32_t>;
using Byte = DeviceValue<uint8_t>;
using Long = DeviceValue<int64_t>;

/// Returns from a builder if the call fails.
#define CHECK_GO(call)                                                         \
  do {                                                                         \
    if (GoStatus checked = (call))                                             \
      return checked;                                                          \
  } while (false)

inline const GoCudaModule fakeModule = {"fake", fakecuda::image,
                                        fakecuda::imageBytes, /*flags=*/0};

inline GoCudaLaunch makeLaunch(const char *function,
                               int32_t operands = GO_OPERANDS_BY_VALUE) {
  return {&fakeModule, function, {1, 1, 1}, {32, 1, 1}, 0, 0, operands, 0};
}

/// Adds a kernel of the fake driver after `after`.
inline GoStatus addCuda(GoGraph *graph, const std::vector<GoNode> &after,
                        const char *function,
                        const std::vector<GoRef> &operands,
                        GoNode *node = nullptr,
                        int32_t how = GO_OPERANDS_BY_VALUE) {
  GoCudaLaunch launch = makeLaunch(function, how);
  return goGraphAddCudaKernel(graph, after.data(), after.size(), function,
                              operands.data(), operands.size(), &launch, node);
}

inline GoRef conditionRef(int64_t condition) {
  return {GO_BUFFER_CONDITION, GO_ACCESS_READ, condition, 8};
}
inline GoRef parameter(int64_t index) {
  return reads(GO_BUFFER_PARAMETERS, 8, 8 * index);
}

/// Adds an if on the byte of buffer `from`: a kernel that sets the condition,
/// by way of the arena's first byte, and the node.
inline GoStatus addIf(GoGraph *graph, int64_t from, GoGraph **bodies,
                      int64_t numBodies = 1, GoNode *node = nullptr) {
  int64_t condition;
  GoNode set;
  GoRef flag = updates(GO_BUFFER_ARENA, 1);
  CHECK_GO(goGraphAddCondition(graph, &condition));
  CHECK_GO(addCuda(graph, {}, "set_flag",
                   {flag, reads(from, 1), conditionRef(condition)}, &set));
  return goGraphAddConditional(graph, &set, 1, GO_CONDITIONAL_IF, &flag,
                               condition, bodies, numBodies, node);
}

/// launch() that says what was wrong.
#define EXPECT_LAUNCH(...)                                                     \
  EXPECT_EQ(launch(__VA_ARGS__), GO_OK) << goLastMessage()

#endif // GRAPHOPT_TEST_RUNTIME_CUDATEST_H
