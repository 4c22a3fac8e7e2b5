//===- CudaThreadTest.cpp - Tests of threads on a CUDA device -------------===//
//
// Part of graph-opt. Threads and streams that share executables, and what is
// locked during calls of the driver, on the fake driver.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <future>
#include <set>
#include <thread>

namespace {

using CudaThreads = CudaTest;

/// Runs `work(i)` on `count` threads at once.
void onThreads(int count, const std::function<void(int)> &work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back(work, i);
  for (std::thread &thread : threads)
    thread.join();
}

/// buffer 1 = 2 * buffer 0 + p0, through the arena, by a table.
GoStatus buildScaled(GoGraph *graph) {
  GoNode copied, doubled;
  GoRef source = reads(0, 4), result = writes(1, 4);
  GoRef in = updates(GO_BUFFER_ARENA, 4), out = updates(GO_BUFFER_ARENA, 4, 8);
  CHECK_GO(goGraphAddMemcpy(graph, nullptr, 0, &source, &in, &copied));
  CHECK_GO(addCuda(graph, {copied}, "table_twice", {out, in, parameter(0)},
                   &doubled, GO_OPERANDS_IN_TABLE));
  return goGraphAddMemcpy(graph, &doubled, 1, &out, &result, nullptr);
}

TEST_F(CudaThreads, ManyThreadsAndStreamsOneFunction) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    constexpr int numThreads = 4;
    std::vector<void *> streams;
    for (int i = 0; i < numThreads; ++i)
      streams.push_back(i ? fakecuda::createStream() : nullptr);
    GoGraphInfo info = makeInfo("scaled", 2, 64, 8);
    onThreads(numThreads, [&](int thread) {
      void *stream = streams[thread];
      Int a(context, 0, stream), b(context, 0, stream);
      Int c(context, 0, stream);
      for (int32_t i = 0; i < 60; ++i) {
        GoExec *exec = build(context, info, buildScaled);
        void *buffers[] = {a, i % 3 ? b : c};
        int64_t scalar = 1000 * thread + i;
        a.set(i);
        ASSERT_EQ(goExecLaunch(exec, stream, buffers, &scalar, 1), GO_OK)
            << goLastMessage();
        // Sometimes another launch is on its way first.
        if (i % 5 == 0)
          std::this_thread::yield();
        ASSERT_EQ((i % 3 ? b : c).get(), 2 * i + scalar);
      }
    });
    EXPECT_EQ(context.counters().instantiations, 1u);
    EXPECT_EQ(context.counters().graph_launches, 60u * numThreads);
    for (void *stream : streams)
      if (stream)
        fakecuda::destroyStream(stream);
  }
}

TEST_F(CudaThreads, EvictionBesideLaunches) {
  CudaContext context;
  GoCacheLimits limits = {2, 0};
  ASSERT_EQ(goContextSetCacheLimits(context, &limits), GO_OK);
  std::vector<void *> streams = {fakecuda::createStream(),
                                 fakecuda::createStream(),
                                 fakecuda::createStream()};
  onThreads(3, [&](int thread) {
    void *stream = streams[thread];
    Int a(context, 0, stream), b(context, 0, stream);
    void *buffers[] = {a, b};
    for (int32_t i = 0; i < 60; ++i) {
      GoGraphInfo info = makeInfo("scaled", 2, 64, 8, (3 * i + thread) % 7);
      GoExec *exec = build(context, info, buildScaled);
      int64_t scalar = i;
      a.set(thread);
      ASSERT_EQ(goExecLaunch(exec, stream, buffers, &scalar, 1), GO_OK)
          << goLastMessage();
      ASSERT_EQ(b.get(), 2 * thread + i);
    }
  });
  EXPECT_GT(context.counters().evictions, 0u);
  for (void *stream : streams)
    fakecuda::destroyStream(stream);
}

TEST_F(CudaThreads, PinnedSlotsAreReadBeforeTheyAreWrittenAgain) {
  // Three streams share the pool of slots; the fake driver reads a slot as late
  // as it may.
  CudaContext context;
  std::vector<void *> streams = {nullptr, fakecuda::createStream(),
                                 fakecuda::createStream()};
  onThreads(3, [&](int thread) {
    constexpr int count = 150;
    void *stream = streams[thread];
    int32_t *memory =
        static_cast<int32_t *>(goAllocate(context, stream, 4 * count));
    std::vector<int32_t> results(count);
    for (int round = 0; round < 3; ++round) {
      for (int32_t i = 0; i < count; ++i) {
        int32_t value = 100000 * thread + 1000 * round + i;
        ASSERT_EQ(goUpload(context, stream, &value, memory + i, 4), GO_OK);
      }
      for (int32_t i = 0; i < count; ++i)
        ASSERT_EQ(goReadback(context, stream, memory + i, &results[i], 4),
                  GO_OK);
      ASSERT_EQ(goWait(context, stream), GO_OK);
      for (int32_t i = 0; i < count; ++i)
        ASSERT_EQ(results[i], 100000 * thread + 1000 * round + i);
    }
    goFree(context, stream, memory);
    ASSERT_EQ(goWait(context, stream), GO_OK);
  });
  for (int i : {1, 2})
    fakecuda::destroyStream(streams[i]);
}

//===----------------------------------------------------------------------===//
// Locks
//===----------------------------------------------------------------------===//

/// A program that does everything, on a stream, with a module, a constant and a
/// graph of its own.
struct Program {
  GoContext *context;
  void *stream;
  const GoCudaModule &module;
  const int32_t &constant;
  int64_t fingerprint;

  /// if (buffer 0, on the host) buffer 1 += p0; then buffer 1 += constant.
  GoStatus buildGraph(GoGraph *graph) const {
    GoGraph *body;
    GoNode branched;
    GoRef flag = reads(0, 1);
    GoRef operands[] = {updates(1, 4), parameter(0)};
    GoCudaLaunch launch = makeLaunch("add");
    launch.module = &module;
    CHECK_GO(goGraphAddConditional(graph, nullptr, 0, GO_CONDITIONAL_IF, &flag,
                                   -1, &body, 1, &branched));
    CHECK_GO(goGraphAddCudaKernel(body, nullptr, 0, "add", operands, 2, &launch,
                                  nullptr));
    GoRef twice[] = {writes(2, 4), reads(1, 4), parameter(0)};
    launch = makeLaunch("table_twice", GO_OPERANDS_IN_TABLE);
    launch.module = &module;
    return goGraphAddCudaKernel(graph, &branched, 1, "table_twice", twice, 3,
                                &launch, nullptr);
  }
  /// buffer 1 = 2 * buffer 0 + p0
  GoStatus buildPlain(GoGraph *graph) const {
    GoRef operands[] = {writes(1, 4), reads(0, 4), parameter(0)};
    GoCudaLaunch launch = makeLaunch("table_twice", GO_OPERANDS_IN_TABLE);
    launch.module = &module;
    return goGraphAddCudaKernel(graph, nullptr, 0, "table_twice", operands, 3,
                                &launch, nullptr);
  }

  void run() const {
    GoGraphInfo branch = makeInfo("branch", 3, 64, 8, fingerprint);
    GoGraphInfo plain = makeInfo("plain", 2, 64, 8, fingerprint);
    auto buildBranch = [this](GoGraph *graph) { return buildGraph(graph); };
    auto buildOther = [this](GoGraph *graph) { return buildPlain(graph); };
    void *shared = goConstant(context, stream, &constant, 4);
    EXPECT_NE(shared, nullptr) << goLastMessage();
    Byte flag(context, 1, stream);
    Int a(context, 5, stream), b(context, 0, stream), c(context, 0, stream);
    int64_t scalar = 7;
    for (int i = 0; i < 2; ++i) {
      void *buffers[] = {flag, a, b}, *others[] = {shared, c};
      EXPECT_EQ(goExecLaunch(build(context, branch, buildBranch), stream,
                             buffers, &scalar, 1),
                GO_OK)
          << goLastMessage();
      EXPECT_EQ(goExecLaunch(build(context, plain, buildOther), stream, others,
                             &scalar, 1),
                GO_OK)
          << goLastMessage();
    }
    int32_t fetched[2] = {};
    GoFetchItem items[] = {{b, &fetched[0], 4}, {c, &fetched[1], 4}};
    GoPending *pending = nullptr;
    EXPECT_EQ(goFetch(context, stream, items, 2, &pending), GO_OK);
    GoTimer *timer = nullptr;
    double time = 0;
    EXPECT_EQ(goTimerCreate(context, &timer), GO_OK);
    EXPECT_EQ(goTimerStart(timer, stream), GO_OK);
    EXPECT_EQ(goCopy(context, stream, b, a, 4), GO_OK);
    EXPECT_EQ(goTimerStop(timer, stream), GO_OK);
    EXPECT_EQ(goTimerRead(timer, &time), GO_OK);
    goTimerDestroy(timer);
    EXPECT_EQ(goAwait(pending), GO_OK);
    EXPECT_EQ(fetched[0], 2 * 19 + 7);
    EXPECT_EQ(fetched[1], 2 * constant + 7);
    EXPECT_EQ(a.get(), fetched[0]);
  }
};

TEST_F(CudaThreads, NoLockIsHeldDuringACallOfTheDriver) {
  static const GoCudaModule otherModule = {"other", fakecuda::image,
                                           fakecuda::imageBytes, 0};
  static const int32_t constants[] = {11, 22};
  fakecuda::properties().memoryBytes = 1 << 20;
  CudaContext context;
  GoCacheLimits limits = {3, 0};
  ASSERT_EQ(goContextSetCacheLimits(context, &limits), GO_OK);
  void *streams[] = {fakecuda::createStream(), fakecuda::createStream()};
  std::vector<std::future<void>> others;
  std::string blocking;
  std::thread::id first = std::this_thread::get_id();
  int64_t number = 0;
  // What is called at every entry, and waits for nothing.
  const std::set<std::string> brief = {
      "cuCtxGetCurrent",     "cuCtxPushCurrent",
      "cuCtxPopCurrent",     "cuCtxGetId",
      "cuStreamIsCapturing", "cuThreadExchangeStreamCaptureMode"};
  // Whatever else is called, while it lasts another thread runs a program.
  auto observer = [&](const char *name) {
    if (std::this_thread::get_id() != first || !blocking.empty() ||
        brief.count(name))
      return;
    others.push_back(std::async(std::launch::async, [&, number] {
      Program{context, streams[1], otherModule, constants[1], 100 + number % 5}
          .run();
    }));
    ++number;
    if (others.back().wait_for(std::chrono::seconds(20)) !=
        std::future_status::ready)
      blocking = name;
  };
  fakecuda::observe(observer);
  Program program = {context, streams[0], fakeModule, constants[0], 1};
  program.run();
  // More uploads on their way than there may be.
  void *memory = goAllocate(context, streams[0], 4);
  fakecuda::observe({});
  for (int32_t i = 0; i < 70; ++i) {
    if (i == 62)
      fakecuda::observe(observer);
    EXPECT_EQ(goUpload(context, streams[0], &i, memory, 4), GO_OK);
  }
  goFree(context, streams[0], memory);
  // Memory runs out, and is found.
  GoGraphInfo large = makeInfo("large", 0, (1 << 20) - 20000);
  build(context, large, [](GoGraph *) { return GO_OK; });
  fakecuda::observe({});
  others.clear();
  EXPECT_EQ(blocking, "");
  EXPECT_GT(number, 100);
  for (void *stream : streams) {
    EXPECT_EQ(goWait(context, stream), GO_OK);
    fakecuda::destroyStream(stream);
  }
  EXPECT_EQ(goContextTakeStatus(context), GO_OK) << goLastMessage();
}

} // namespace
