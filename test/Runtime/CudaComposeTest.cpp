//===- CudaComposeTest.cpp - Tests beside other users of CUDA -------------===//
//
// Part of graph-opt. Contexts of others, resets of the device, forks and
// profilers, on the fake driver.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

using CudaCompose = CudaTest;

bool lastMessageHas(const std::string &part) {
  return std::string(goLastMessage()).find(part) != std::string::npos;
}

//===----------------------------------------------------------------------===//
// Contexts of others, and none
//===----------------------------------------------------------------------===//

/// A bit of everything that a program does; returns what it computed.
int32_t runProgram(GoContext *context) {
  GoGraphInfo info = makeInfo("program", 1, 64);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    GoNode counted;
    GoRef counter = updates(GO_BUFFER_ARENA, 4), result = updates(0, 4);
    CHECK_GO(addCuda(graph, {}, "increment", {result}, &counted));
    return goGraphAddMemcpy(graph, &counted, 1, &result, &counter, nullptr);
  });
  GoTimer *timer = nullptr;
  EXPECT_EQ(goTimerCreate(context, &timer), GO_OK);
  EXPECT_EQ(goTimerStart(timer, nullptr), GO_OK);
  Int a(context, 4), b(context, 0);
  int32_t fetched = 0;
  GoPending *pending = nullptr;
  GoFetchItem item = {a, &fetched, 4};
  EXPECT_EQ(goFetch(context, nullptr, &item, 1, &pending), GO_OK);
  EXPECT_LAUNCH(exec, {a});
  EXPECT_EQ(goCopy(context, nullptr, a, b, 4), GO_OK);
  EXPECT_LAUNCH(exec, {b});
  EXPECT_EQ(goTimerStop(timer, nullptr), GO_OK);
  double time = 0;
  EXPECT_EQ(goTimerRead(timer, &time), GO_OK);
  goTimerDestroy(timer);
  EXPECT_EQ(goAwait(pending), GO_OK);
  return 1000 * fetched + 100 * a.get() + b.get();
}
constexpr int32_t expectedResult = 4000 + 500 + 6;

TEST_F(CudaCompose, ContextOfSomebodyElse) {
  {
    fakecuda::makeForeignCurrent();
    CudaContext context;
    EXPECT_EQ(runProgram(context), expectedResult);
    // It is current still, and no other is.
    EXPECT_TRUE(fakecuda::endForeignCurrent());
    EXPECT_FALSE(fakecuda::isCurrent());
    // Another one at each call.
    EXPECT_EQ(runProgram(context), expectedResult);
    fakecuda::makeForeignCurrent();
  }
  EXPECT_TRUE(fakecuda::endForeignCurrent());
  EXPECT_FALSE(fakecuda::isCurrent());
}

TEST_F(CudaCompose, ResetOfTheDevice) {
  for (bool isUsedAgain : {false, true}) {
    GoContext *context = nullptr;
    ASSERT_EQ(goContextCreate(GO_DEVICE_CUDA, 0, &context), GO_OK);
    GoGraphInfo info = makeInfo("reset", 1, 64), other = makeInfo("other", 1);
    auto builder = [](GoGraph *graph) {
      return addCuda(graph, {}, "increment", {updates(0, 4)});
    };
    GoExec *exec = build(context, info, builder), *none = nullptr;
    void *memory = goAllocate(context, nullptr, 4);
    EXPECT_LAUNCH(exec, {memory});
    int32_t value = 5, fetched = -1;
    GoPending *pending = nullptr;
    GoFetchItem item = {memory, &fetched, 4};
    ASSERT_EQ(goFetch(context, nullptr, &item, 1, &pending), GO_OK);
    GoTimer *timer = nullptr;
    ASSERT_EQ(goTimerCreate(context, &timer), GO_OK);
    ASSERT_EQ(goWait(context, nullptr), GO_OK);

    fakecuda::resetDevice();
    if (isUsedAgain)
      fakecuda::revive(); // The context has the same handle as before.
    auto expectLost = [&](GoStatus status) {
      EXPECT_EQ(status, GO_DEVICE_ERROR);
      EXPECT_TRUE(lastMessageHas("CUDA_ERROR_CONTEXT_IS_DESTROYED"))
          << goLastMessage();
      EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
    };
    void *buffers[] = {memory};
    expectLost(goExecLaunch(exec, nullptr, buffers, nullptr, 0));
    EXPECT_EQ(goExecLaunch(exec, nullptr, buffers, nullptr, 0),
              GO_DEVICE_ERROR);
    EXPECT_STREQ(goLastMessage(),
                 "graph 'reset': launching: the CUDA context is lost since "
                 "CUDA_ERROR_CONTEXT_IS_DESTROYED (some error): destroy this "
                 "context of the runtime and create another");
    EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
    expectLost(instantiate(context, other, builder, &none));
    expectLost(goUpload(context, nullptr, &value, memory, 4));
    expectLost(goReadback(context, nullptr, memory, &value, 4));
    expectLost(goWait(context, nullptr));
    expectLost(goTimerStart(timer, nullptr));
    EXPECT_EQ(goAllocate(context, nullptr, 4), nullptr);
    EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
    expectLost(goAwait(pending));
    EXPECT_EQ(fetched, 0);
    int64_t calls = fakecuda::numCalls();
    goTimerDestroy(timer);
    goContextDestroy(context);
    // Nothing is freed that is gone; the device is released.
    EXPECT_EQ(fakecuda::numCalls(), calls);
    EXPECT_EQ(fakecuda::alive(), "");

    fakecuda::revive();
    CudaContext next;
    EXPECT_EQ(runProgram(next), expectedResult);
  }
}

TEST_F(CudaCompose, ErrorsThatCudaKeeps) {
  for (int error : {4, 201, 214, 220, 226, 700, 702, 709, 710, 714, 715, 716,
                    717, 718, 719}) {
    GoContext *context = nullptr;
    ASSERT_EQ(goContextCreate(GO_DEVICE_CUDA, 0, &context), GO_OK);
    fakecuda::failFunction("cuStreamSynchronize", error);
    EXPECT_EQ(goWait(context, nullptr), GO_DEVICE_ERROR);
    EXPECT_TRUE(lastMessageHas("goWait: cuStreamSynchronize: CUDA_ERROR_"));
    EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
    fakecuda::failFunction("", 0);
    EXPECT_EQ(goWait(context, nullptr), GO_DEVICE_ERROR);
    EXPECT_TRUE(lastMessageHas("the CUDA context is lost since CUDA_ERROR_"));
    goContextDestroy(context);
    // What the context held dies with it.
    fakecuda::resetDevice();
    fakecuda::revive();
  }
}

TEST_F(CudaCompose, ForkedProcess) {
  CudaContext context;
  EXPECT_EQ(runProgram(context), expectedResult);
  int64_t calls = fakecuda::numCalls();
  pid_t child = fork();
  if (child == 0) {
    // Not a call of the driver: its threads are not there.
    bool isRight = !goAllocate(context, nullptr, 4) &&
                   lastMessageHas("the parent of this process") &&
                   goWait(context, nullptr) == GO_UNSUPPORTED &&
                   goContextTakeStatus(context) == GO_UNSUPPORTED;
    goContextDestroy(context);
    _exit(isRight && fakecuda::numCalls() == calls ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(runProgram(context), expectedResult);
}

//===----------------------------------------------------------------------===//
// Profilers
//===----------------------------------------------------------------------===//

TEST_F(CudaCompose, Profiler) {
  CudaContext context;
  EXPECT_EQ(runProgram(context), expectedResult);
  // It is told of each call on the thread that makes it, and asks in turn.
  std::set<std::string> seen;
  std::thread::id thread = std::this_thread::get_id();
  fakecuda::observe([&](const char *name) {
    EXPECT_EQ(std::this_thread::get_id(), thread);
    seen.insert(name);
    EXPECT_EQ(context.counters().graphs, 1u);
    GoDeviceDescription description;
    EXPECT_EQ(goContextDescribe(context, &description), GO_OK);
  });
  EXPECT_EQ(runProgram(context), expectedResult);
  fakecuda::observe({});
  EXPECT_TRUE(seen.count("cuGraphLaunch"));
  EXPECT_TRUE(seen.count("cuMemcpyDtoHAsync"));
  EXPECT_EQ(context.counters().instantiations, 1u);
}

} // namespace
