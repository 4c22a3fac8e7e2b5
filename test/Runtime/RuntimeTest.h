//===- RuntimeTest.h - What the runtime's unit tests share ------*- C++ -*-===//
//
// Part of graph-opt. Contexts that clean up, builders as closures, and a few
// kernels.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TEST_RUNTIME_RUNTIMETEST_H
#define GRAPHOPT_TEST_RUNTIME_RUNTIMETEST_H

#include "GraphOpt/Runtime/GraphRuntime.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// A context that is destroyed at the end of the scope.
class Context {
public:
  explicit Context(int32_t kind = GO_DEVICE_HOST, int32_t threads = 2) {
    EXPECT_EQ(goContextCreate(kind, threads, &context), GO_OK);
  }
  ~Context() { goContextDestroy(context); }
  Context(const Context &) = delete;

  operator GoContext *() const { return context; }
  GoCounters counters() const {
    GoCounters result;
    goContextCounters(context, &result);
    return result;
  }

private:
  GoContext *context = nullptr;
};

using Builder = std::function<GoStatus(GoGraph *)>;

/// The closure that `buildFromClosure` runs; a graph is built on the thread
/// that asks for it.
inline thread_local Builder currentBuilder;
inline GoStatus buildFromClosure(GoGraph *graph) {
  return currentBuilder(graph);
}

/// Describes a graph that `instantiate` builds.
inline GoGraphInfo makeInfo(const char *name, int64_t numBuffers,
                            int64_t arenaBytes = 0, int64_t parameterBytes = 0,
                            int64_t fingerprint = 1) {
  return {"module",       name,       fingerprint,     numBuffers,
          parameterBytes, arenaBytes, buildFromClosure};
}

inline GoStatus instantiate(GoContext *context, const GoGraphInfo &info,
                            Builder builder, GoExec **exec) {
  currentBuilder = std::move(builder);
  return goGraphInstantiate(context, &info, exec);
}

/// Instantiates a graph that must be right.
inline GoExec *build(GoContext *context, const GoGraphInfo &info,
                     Builder builder) {
  GoExec *exec = nullptr;
  EXPECT_EQ(instantiate(context, info, std::move(builder), &exec), GO_OK)
      << goLastMessage();
  return exec;
}

inline GoStatus launch(GoExec *exec, std::vector<void *> buffers,
                       const void *parameters = nullptr, int64_t uploads = 0) {
  return goExecLaunch(exec, nullptr, buffers.data(), parameters, uploads);
}

inline GoRef reads(int64_t buffer, int64_t bytes, int64_t offset = 0) {
  return {buffer, GO_ACCESS_READ, offset, bytes};
}
inline GoRef writes(int64_t buffer, int64_t bytes, int64_t offset = 0) {
  return {buffer, GO_ACCESS_WRITE, offset, bytes};
}
inline GoRef updates(int64_t buffer, int64_t bytes, int64_t offset = 0) {
  return {buffer, GO_ACCESS_READ_WRITE, offset, bytes};
}

using Function = void (*)(void *const *, int64_t, int64_t);

/// Adds a kernel of one phase after `after`.
inline GoStatus addKernel(GoGraph *graph, const std::vector<GoNode> &after,
                          const std::vector<GoRef> &operands, Function function,
                          int64_t items, GoNode *node = nullptr,
                          const char *name = "kernel") {
  GoHostPhase phase = {function, items};
  return goGraphAddHostKernel(graph, after.data(), after.size(), name,
                              operands.data(), operands.size(), &phase, 1,
                              node);
}

/// operand 0 [i] += 1, for int32.
inline void increment(void *const *operands, int64_t begin, int64_t end) {
  int32_t *data = static_cast<int32_t *>(operands[0]);
  for (int64_t i = begin; i < end; ++i)
    ++data[i];
}

/// operand 1 [i] = 2 * operand 0 [i], for int32.
inline void twice(void *const *operands, int64_t begin, int64_t end) {
  const int32_t *from = static_cast<const int32_t *>(operands[0]);
  int32_t *to = static_cast<int32_t *>(operands[1]);
  for (int64_t i = begin; i < end; ++i)
    to[i] = 2 * from[i];
}

/// A builder of one kernel that increments `items` elements of buffer 0.
inline Builder incrementing(int64_t items) {
  return [=](GoGraph *graph) {
    return addKernel(graph, {}, {updates(0, 4 * items)}, increment, items);
  };
}

#endif // GRAPHOPT_TEST_RUNTIME_RUNTIMETEST_H
