//===- CudaCacheTest.cpp - Tests of eviction and scarce memory ------------===//
//
// Part of graph-opt. On the fake CUDA driver.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

namespace {

using CudaCache = CudaTest;

void setLimits(GoContext *context, int64_t graphs, int64_t bytes = 0) {
  GoCacheLimits limits = {graphs, bytes};
  EXPECT_EQ(goContextSetCacheLimits(context, &limits), GO_OK);
}

/// buffer 0 = ++arena: the number of launches since it was instantiated.
GoStatus buildCounter(GoGraph *graph) {
  GoNode counted;
  GoRef counter = updates(GO_BUFFER_ARENA, 4), result = writes(0, 4);
  CHECK_GO(addCuda(graph, {}, "increment", {counter}, &counted));
  return goGraphAddMemcpy(graph, &counted, 1, &counter, &result, nullptr);
}

GoExec *makeCounter(GoContext *context, int64_t number) {
  GoGraphInfo info = makeInfo("counter", 1, 64, 0, number);
  return build(context, info, buildCounter);
}

TEST_F(CudaCache, WhatMayRunIsNotEvicted) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    int64_t waits = fakecuda::numCalls("cuCtxSynchronize");
    setLimits(context, 1);
    Int a(context, 0), b(context, 0);
    GoExec *first = makeCounter(context, 1), *second = makeCounter(context, 2);
    EXPECT_EQ(context.counters().evictions, 1u);
    EXPECT_LAUNCH(second, {a});
    // The launch is on its way: the fake driver has not begun.
    EXPECT_LAUNCH(first, {b});
    EXPECT_EQ(context.counters().evictions, 1u);
    EXPECT_EQ(context.counters().graphs, 2u);
    EXPECT_LAUNCH(second, {a});
    EXPECT_EQ(a.get(), 2);
    EXPECT_EQ(b.get(), 1);
    // Nothing runs now. The next that is built evicts both.
    makeCounter(context, 3);
    EXPECT_EQ(context.counters().evictions, 3u);
    EXPECT_EQ(context.counters().graphs, 1u);
    EXPECT_LAUNCH(second, {a});
    EXPECT_EQ(a.get(), 1);
    EXPECT_EQ(fakecuda::numCalls("cuCtxSynchronize"), waits);
  }
}

TEST_F(CudaCache, EvictionWaitsForNothing) {
  CudaContext context;
  setLimits(context, 1);
  void *busy = fakecuda::createStream();
  {
    Int a(context, 0), b(context, 5, busy);
    EXPECT_LAUNCH(makeCounter(context, 1), {a});
    EXPECT_EQ(a.get(), 1);
    // Another stream is at work.
    b.set(6);
    int64_t waits = fakecuda::numCalls("cuStreamSynchronize");
    makeCounter(context, 2);
    EXPECT_EQ(context.counters().evictions, 1u);
    // One of the stream for the zeros of the arena, and none of another.
    EXPECT_EQ(fakecuda::numCalls("cuStreamSynchronize"), waits + 1);
    EXPECT_EQ(fakecuda::numCalls("cuEventSynchronize"), 0);
    EXPECT_EQ(fakecuda::numCalls("cuMemFree"), 0);
  }
  goWait(context, busy);
  fakecuda::destroyStream(busy);
}

TEST_F(CudaCache, WhatCapturesUseIsNotEvicted) {
  CudaContext context;
  void *stream = fakecuda::createStream();
  {
    Int a(context, 0, stream);
    ASSERT_EQ(goWait(context, stream), GO_OK);
    goSetOwner(4);
    GoExec *exec = makeCounter(context, 1);
    goSetOwner(0);
    void *buffers[] = {a};
    fakecuda::beginCapture(stream);
    EXPECT_EQ(goExecLaunch(exec, stream, buffers, nullptr, 0), GO_OK)
        << goLastMessage();
    EXPECT_TRUE(fakecuda::endCapture(stream));
    setLimits(context, 1);
    for (int64_t i = 2; i < 5; ++i)
      makeCounter(context, i);
    EXPECT_EQ(context.counters().evictions, 2u);
    // Its owner may be gone.
    EXPECT_EQ(goReleaseOwner(context, 4), GO_OK);
    for (int32_t i = 1; i < 4; ++i) {
      fakecuda::replay(stream);
      EXPECT_EQ(a.get(), i);
    }
  }
  fakecuda::destroyStream(stream);
}

TEST_F(CudaCache, EventsAreRecordedWhereEvictionIsNear) {
  auto recordsOf = [](GoExec *exec, void *buffer) {
    int64_t before = fakecuda::numCalls("cuEventRecord");
    EXPECT_LAUNCH(exec, {buffer});
    return fakecuda::numCalls("cuEventRecord") - before;
  };
  CudaContext context;
  Int a(context, 0);
  GoExec *exec = makeCounter(context, 0);
  // The first launch, in case that it is the only one.
  EXPECT_EQ(recordsOf(exec, a), 1);
  EXPECT_EQ(recordsOf(exec, a), 0);
  setLimits(context, 1000);
  EXPECT_EQ(recordsOf(exec, a), 1);
  EXPECT_EQ(a.get(), 3);

  // By default from half of 1,024 graphs on.
  CudaContext other;
  Int b(other, 0);
  GoExec *first = makeCounter(other, 0);
  recordsOf(first, b);
  for (int64_t i = 1; i < 511; ++i)
    makeCounter(other, i);
  EXPECT_EQ(recordsOf(first, b), 0);
  makeCounter(other, 511);
  EXPECT_EQ(recordsOf(first, b), 1);
  ASSERT_EQ(goWait(other, nullptr), GO_OK);
  for (int64_t i = 512; i < 1030; ++i)
    makeCounter(other, i);
  EXPECT_EQ(other.counters().graphs, 1024u);
  EXPECT_EQ(other.counters().evictions, 6u);
}

TEST_F(CudaCache, DevicesNeverMeet) {
  fakecuda::properties().numDevices = 2;
  Context first(GO_DEVICE_CUDA, 0), second(GO_DEVICE_CUDA, 1);
  GoExec *one = makeCounter(first, 1), *two = makeCounter(second, 1);
  EXPECT_NE(one, two);
  Int a(first, 0), b(second, 0);
  EXPECT_LAUNCH(one, {a});
  EXPECT_LAUNCH(one, {a});
  EXPECT_LAUNCH(two, {b});
  EXPECT_EQ(a.get(), 2);
  EXPECT_EQ(b.get(), 1);
}

//===----------------------------------------------------------------------===//
// Memory that runs out
//===----------------------------------------------------------------------===//

TEST_F(CudaCache, ArenasTakeTheMemoryOfIdleGraphs) {
  for (bool hasPools : {true, false}) {
    fakecuda::properties().hasPools = hasPools;
    fakecuda::properties().memoryBytes = 10000;
    CudaContext context;
    Int a(context, 0);
    GoGraphInfo first = makeInfo("first", 1, 6000);
    GoGraphInfo second = makeInfo("second", 1, 7000);
    GoExec *execs[2] = {build(context, first, buildCounter), nullptr};
    EXPECT_LAUNCH(execs[0], {a});
    ASSERT_EQ(goWait(context, nullptr), GO_OK);
    execs[1] = build(context, second, buildCounter);
    EXPECT_EQ(context.counters().evictions, 1u);
    EXPECT_EQ(context.counters().retries, 1u);
    for (int round = 0; round < 3; ++round)
      for (GoExec *exec : execs) {
        EXPECT_LAUNCH(exec, {a});
        // Each was evicted for the other.
        EXPECT_EQ(a.get(), 1);
      }
    EXPECT_EQ(context.counters().graphs, 1u);
    // One that is too large alone.
    GoGraphInfo large = makeInfo("large", 1, 20000);
    GoExec *exec = nullptr;
    EXPECT_EQ(instantiate(context, large, buildCounter, &exec),
              GO_OUT_OF_MEMORY);
    EXPECT_NE(std::string(goLastMessage())
                  .find("graph 'large': instantiating: allocating the arena: "),
              std::string::npos)
        << goLastMessage();
    EXPECT_EQ(goContextTakeStatus(context), GO_OUT_OF_MEMORY);
    EXPECT_LAUNCH(execs[0], {a});
    EXPECT_EQ(a.get(), 1);
  }
}

/// buffer 1 = 2 * buffer 0 + p0, by a table.
GoStatus buildTable(GoGraph *graph) {
  return addCuda(graph, {}, "table_twice",
                 {writes(1, 4), reads(0, 4), parameter(0)}, nullptr,
                 GO_OPERANDS_IN_TABLE);
}

TEST_F(CudaCache, ArenasTakeTheMemoryOfGraphsWithoutEvents) {
  fakecuda::properties().memoryBytes = 10000;
  CudaContext context;
  void *stream = fakecuda::createStream(), *other = fakecuda::createStream();
  {
    Int a(context, 1, stream), b(context, 0, stream), c(context, 0, stream);
    void *buffers[] = {a, b};
    int64_t scalar = 3;
    GoGraphInfo first = makeInfo("first", 2, 6000, 8);
    GoGraphInfo second = makeInfo("second", 1, 7000);
    GoExec *exec = build(context, first, buildTable), *none = nullptr;
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(goExecLaunch(exec, stream, buffers, &scalar, 1), GO_OK);
    // A wait for its launches would end the capture.
    fakecuda::beginCapture(other);
    EXPECT_EQ(instantiate(context, second, buildCounter, &none),
              GO_OUT_OF_MEMORY);
    EXPECT_TRUE(fakecuda::endCapture(other));
    EXPECT_EQ(goContextTakeStatus(context), GO_OUT_OF_MEMORY);
    EXPECT_EQ(context.counters().evictions, 0u);
    // Launches are on their way.
    GoExec *counter = build(context, second, buildCounter);
    EXPECT_EQ(context.counters().evictions, 1u);
    EXPECT_EQ(fakecuda::numCalls("cuCtxSynchronize"), 1);
    void *counted[] = {c};
    EXPECT_EQ(goExecLaunch(counter, stream, counted, nullptr, 0), GO_OK);
    EXPECT_EQ(b.get(), 5);
    EXPECT_EQ(c.get(), 1);
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(goExecLaunch(exec, stream, buffers, &scalar, 1), GO_OK);
    EXPECT_EQ(context.counters().evictions, 2u);
    EXPECT_EQ(b.get(), 5);
  }
  fakecuda::destroyStream(stream);
  fakecuda::destroyStream(other);
}

TEST_F(CudaCache, GraphsThatDoNotFitRunNodeByNode) {
  CudaContext context;
  GoExec *idle = makeCounter(context, 1), *exec = makeCounter(context, 2);
  Int a(context, 0);
  EXPECT_LAUNCH(idle, {a});
  EXPECT_EQ(a.get(), 1);
  fakecuda::failFunction("cuGraphInstantiate", 2);
  EXPECT_LAUNCH(exec, {a});
  EXPECT_EQ(a.get(), 1);
  GoCounters counters = context.counters();
  EXPECT_EQ(counters.evictions, 1u);
  EXPECT_EQ(counters.retries, 1u);
  EXPECT_EQ(counters.fallbacks, 1u);
  EXPECT_EQ(fakecuda::numCalls("cuDeviceGraphMemTrim"), 1);
  EXPECT_GE(fakecuda::numCalls("cuMemPoolTrimTo"), 1);
  EXPECT_EQ(fakecuda::numCalls("cuGraphInstantiate"), 3);
  // The next launches try again, more and more seldom.
  for (int32_t i = 2; i <= 40; ++i) {
    EXPECT_LAUNCH(exec, {a});
    EXPECT_EQ(a.get(), i);
  }
  EXPECT_EQ(context.counters().fallbacks, 40u);
  // After 1, 2, 4, 8 and 16 launches: five more times, twice each.
  EXPECT_EQ(fakecuda::numCalls("cuGraphInstantiate"), 3 + 2 * 5);
  fakecuda::failFunction("", 0);
  for (int32_t i = 41; i <= 80; ++i)
    EXPECT_LAUNCH(exec, {a});
  EXPECT_EQ(a.get(), 80);
  EXPECT_EQ(context.counters().fallbacks, 63u);
  EXPECT_EQ(goContextTakeStatus(context), GO_OK);
}

TEST_F(CudaCache, UpdatesLeaveScarceMemoryToTheLaunch) {
  CudaContext context;
  GoExec *exec = makeCounter(context, 1);
  Int a(context, 0), b(context, 0);
  EXPECT_LAUNCH(exec, {a});
  // The update is refused, and so is the graph that would replace it.
  fakecuda::failFunction("cuGraphExecMemcpyNodeSetParams", 2);
  void *buffers[] = {b};
  EXPECT_EQ(goExecUpdate(exec, buffers), GO_OK) << goLastMessage();
  fakecuda::failFunction("cuGraphInstantiate", 2);
  EXPECT_LAUNCH(exec, {b});
  EXPECT_LAUNCH(exec, {a});
  EXPECT_EQ(b.get(), 2);
  EXPECT_EQ(a.get(), 3);
}

TEST_F(CudaCache, KindsOfNodesThatTheDriverDoesNotKnow) {
  auto builder = [](GoGraph *graph) -> GoStatus {
    GoGraph *body;
    CHECK_GO(addIf(graph, 0, &body));
    return addCuda(body, {}, "increment", {updates(1, 4)});
  };
  GoGraphInfo info = makeInfo("branch", 2, 64);
  auto fallbacksOf = [&](int32_t mode) {
    CudaContext context(mode);
    GoExec *exec = build(context, info, builder);
    Byte flag(context, 1);
    Int a(context, 0);
    for (int i = 0; i < 3; ++i)
      EXPECT_LAUNCH(exec, {flag, a});
    EXPECT_EQ(a.get(), 3);
    return context.counters().fallbacks;
  };
  EXPECT_EQ(fallbacksOf(GO_MODE_GRAPH), 0u);
  // One that says no when the graph is made; asked once.
  fakecuda::failFunction("cuGraphAddNode", 801);
  EXPECT_EQ(fallbacksOf(GO_MODE_GRAPH), 3u);
  EXPECT_EQ(fakecuda::numCalls("cuGraphAddNode"), 2);
  fakecuda::failFunction("", 0);
  // One that is too old.
  fakecuda::properties().version = 12020;
  EXPECT_EQ(fallbacksOf(GO_MODE_GRAPH), 3u);
  EXPECT_EQ(fallbacksOf(GO_MODE_STREAM), 0u);
}

} // namespace
