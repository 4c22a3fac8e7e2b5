//===- CudaMailboxTest.cpp - Tests of scalars that kernels post -----------===//
//
// Part of graph-opt. On the fake driver, which does all work as late as it may.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <thread>

namespace {

using CudaMailbox = CudaTest;

/// Buffer 1, a mailbox: buffer 0, of 8 bytes.
GoStatus buildPost(GoGraph *graph) {
  return addCuda(graph, {}, "post", {updates(1, 8), reads(0, 8)});
}

/// A graph that posts, and what it takes to launch it.
class Poster {
public:
  explicit Poster(GoContext *context, const char *name = "post",
                  Builder builder = buildPost)
      : context(context), info(makeInfo(name, 2, 64)),
        exec(build(context, info, builder)) {}

  /// Launches, and starts to fetch what that posts.
  GoStatus post(void *source, int64_t *destination, GoPending **pending,
                void *stream = nullptr) {
    void *mailbox = goExecMailbox(exec, stream, 1, 8);
    if (!mailbox)
      return GO_DEVICE_ERROR;
    void *buffers[] = {source, mailbox};
    if (GoStatus status = goExecLaunch(exec, stream, buffers, nullptr, 0))
      return status;
    GoFetchItem item = {mailbox, destination, 8};
    return goFetch(context, stream, &item, 1, pending);
  }

  GoContext *const context;
  GoGraphInfo info;
  GoExec *exec;
};

TEST_F(CudaMailbox, AValueTakesNoCopyAndNoEvent) {
  CudaContext context;
  Poster poster(context);
  Long a(context, 0x123456789abcdef0);
  int64_t results[3] = {-1, -1, -1};
  GoPending *pending[3] = {};
  ASSERT_EQ(poster.post(a, &results[0], &pending[0]), GO_OK) << goLastMessage();
  int64_t events = fakecuda::numCalls("cuEventRecord");
  int64_t updates = fakecuda::numCalls("cuGraphExecKernelNodeSetParams");
  ASSERT_EQ(poster.post(a, &results[1], &pending[1]), GO_OK);
  a.set(-2);
  ASSERT_EQ(poster.post(a, &results[2], &pending[2]), GO_OK);
  EXPECT_EQ(fakecuda::numCalls("cuMemcpyDtoHAsync"), 0);
  // The upload has one.
  EXPECT_EQ(fakecuda::numCalls("cuEventRecord"), events + 1);
  EXPECT_EQ(fakecuda::numCalls("cuGraphExecKernelNodeSetParams"), updates);
  EXPECT_EQ(results[2], 0);
  // In any order.
  for (int i : {1, 2, 0})
    ASSERT_EQ(goAwait(pending[i]), GO_OK) << goLastMessage();
  EXPECT_EQ(results[0], 0x123456789abcdef0);
  EXPECT_EQ(results[1], 0x123456789abcdef0);
  EXPECT_EQ(results[2], -2);
  EXPECT_EQ(context.counters().deferred_readbacks, 3u);
  EXPECT_EQ(context.counters().readbacks, 3u);
}

TEST_F(CudaMailbox, NarrowScalars) {
  CudaContext context;
  Long a(context, 0x1122334455667788);
  for (int64_t bytes : {1, 2, 4}) {
    GoGraphInfo info = makeInfo("narrow", 2, 0, 0, bytes);
    GoExec *exec = build(context, info, buildPost);
    void *mailbox = goExecMailbox(exec, nullptr, 1, bytes);
    ASSERT_NE(mailbox, nullptr) << goLastMessage();
    EXPECT_LAUNCH(exec, {a, mailbox});
    uint64_t result = ~uint64_t(0);
    GoPending *pending = nullptr;
    GoFetchItem item = {mailbox, &result, bytes};
    ASSERT_EQ(goFetch(context, nullptr, &item, 1, &pending), GO_OK);
    ASSERT_EQ(goAwait(pending), GO_OK);
    uint64_t mask = (uint64_t(1) << 8 * bytes) - 1;
    EXPECT_EQ(result, (0x1122334455667788 & mask) | ~mask);
  }
}

TEST_F(CudaMailbox, MoreThanThereAreSlots) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    Poster poster(context);
    constexpr int count = 3 * GO_MAILBOX_SLOTS + 7;
    std::vector<int64_t> results(count, -1);
    std::vector<GoPending *> pending(count, nullptr);
    Long a(context, 0);
    for (int64_t i = 0; i < count; ++i) {
      a.set(i);
      ASSERT_EQ(poster.post(a, &results[i], &pending[i]), GO_OK);
      // Some never come, some come at once, the rest at the end.
      if (i % 5 == 1) {
        ASSERT_EQ(goAwait(pending[i]), GO_OK);
        ASSERT_EQ(results[i], i);
      }
    }
    for (int64_t i = count; i-- > 0;)
      if (i % 5 != 1) {
        ASSERT_EQ(goAwait(pending[i]), GO_OK);
        ASSERT_EQ(results[i], i);
      }
  }
}

TEST_F(CudaMailbox, ValuesThatNobodyFetches) {
  CudaContext context;
  Poster poster(context);
  Long a(context, 0);
  int64_t result = -1;
  GoPending *pending = nullptr;
  for (int64_t i = 0; i < 2 * GO_MAILBOX_SLOTS + 3; ++i) {
    a.set(i);
    void *mailbox = goExecMailbox(poster.exec, nullptr, 1, 8);
    EXPECT_LAUNCH(poster.exec, {a, mailbox});
  }
  a.set(-7);
  ASSERT_EQ(poster.post(a, &result, &pending), GO_OK) << goLastMessage();
  ASSERT_EQ(goAwait(pending), GO_OK);
  EXPECT_EQ(result, -7);
}

TEST_F(CudaMailbox, ThreadsAndStreams) {
  CudaContext context;
  Poster poster(context);
  constexpr int numThreads = 4, count = 400;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < numThreads; ++thread)
    threads.emplace_back([&, thread] {
      void *stream = fakecuda::createStream();
      {
        Long a(context, thread, stream);
        Long b(context, 100 + thread, stream);
        std::vector<int64_t> results(count, -1);
        std::vector<GoPending *> pending(count, nullptr);
        for (int i = 0; i < count; ++i) {
          ASSERT_EQ(
              poster.post(i % 3 ? a : b, &results[i], &pending[i], stream),
              GO_OK)
              << goLastMessage();
          if (i % 2)
            ASSERT_EQ(goAwait(std::exchange(pending[i / 2], nullptr)), GO_OK);
        }
        for (int i = 0; i < count; ++i)
          ASSERT_EQ(goAwait(pending[i]), GO_OK);
        for (int i = 0; i < count; ++i)
          ASSERT_EQ(results[i], i % 3 ? thread : 100 + thread) << i;
        ASSERT_EQ(goWait(context, stream), GO_OK);
      }
      fakecuda::destroyStream(stream);
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST_F(CudaMailbox, ACaptureHasAMailboxOfItsOwn) {
  CudaContext context;
  Poster poster(context);
  void *stream = fakecuda::createStream();
  {
    Long a(context, 5, stream);
    ASSERT_EQ(goWait(context, stream), GO_OK);
    int64_t result = -1;
    GoPending *pending = nullptr;
    ASSERT_EQ(poster.post(a, &result, &pending, stream), GO_OK);
    fakecuda::beginCapture(stream);
    int64_t refused = -1;
    GoPending *none = nullptr;
    EXPECT_EQ(poster.post(a, &refused, &none, stream), GO_UNSUPPORTED);
    EXPECT_NE(std::string(goLastMessage()).find("is being captured"),
              std::string::npos)
        << goLastMessage();
    EXPECT_EQ(goContextTakeStatus(context), GO_UNSUPPORTED);
    EXPECT_EQ(none, nullptr);
    EXPECT_TRUE(fakecuda::endCapture(stream));
    // What is replayed does not count among the launches.
    for (int i = 0; i < 300; ++i)
      fakecuda::replay(stream);
    a.set(6);
    int64_t later = -1;
    GoPending *second = nullptr;
    ASSERT_EQ(poster.post(a, &later, &second, stream), GO_OK);
    ASSERT_EQ(goAwait(second), GO_OK);
    ASSERT_EQ(goAwait(pending), GO_OK);
    EXPECT_EQ(result, 5);
    EXPECT_EQ(later, 6);
    EXPECT_EQ(goWait(context, stream), GO_OK);
  }
  fakecuda::destroyStream(stream);
}

TEST_F(CudaMailbox, EvictionsAndModesKeepTheNumbers) {
  CudaContext context;
  Poster poster(context), other(context, "other");
  GoCacheLimits limits = {1, 0};
  ASSERT_EQ(goContextSetCacheLimits(context, &limits), GO_OK);
  Long a(context, 0);
  for (int64_t i = 0; i < 40; ++i) {
    a.set(i);
    int64_t results[2] = {-1, -1};
    GoPending *pending = nullptr;
    ASSERT_EQ(goContextSetMode(context, i % 3 == 0), GO_OK);
    ASSERT_EQ(poster.post(a, &results[0], &pending), GO_OK) << goLastMessage();
    // Two launches with one handle.
    ASSERT_EQ(other.post(a, &results[1], &pending), GO_OK) << goLastMessage();
    ASSERT_EQ(goAwait(pending), GO_OK);
    EXPECT_EQ(results[0], i);
    EXPECT_EQ(results[1], i);
    ASSERT_EQ(goWait(context, nullptr), GO_OK);
  }
  EXPECT_GT(context.counters().evictions, 0u);
}

TEST_F(CudaMailbox, EveryCallMayFail) {
  for (int64_t index = 0;; ++index) {
    CudaContext context;
    Poster poster(context);
    Long a(context, 3);
    EXPECT_EQ(a.get(), 3);
    fakecuda::failAfter(index);
    int64_t result = -1;
    GoPending *pending = nullptr;
    GoStatus status = poster.post(a, &result, &pending);
    if (pending) {
      GoStatus awaited = goAwait(pending);
      status = status ? status : awaited;
    }
    bool hasFailed = fakecuda::hasFailed();
    fakecuda::failAfter(-1);
    // Some failures are made up for.
    EXPECT_TRUE(hasFailed || status == GO_OK) << goLastMessage();
    EXPECT_EQ(result, status == GO_OK ? 3 : pending ? 0 : result);
    goContextTakeStatus(context);
    // The next call works.
    a.set(4);
    pending = nullptr;
    ASSERT_EQ(poster.post(a, &result, &pending), GO_OK) << goLastMessage();
    ASSERT_EQ(goAwait(pending), GO_OK) << goLastMessage();
    EXPECT_EQ(result, 4);
    if (!hasFailed)
      break;
    ASSERT_LT(index, 100);
  }
}

TEST_F(CudaMailbox, WhatOwnersHadIsUsedAgain) {
  CudaContext context;
  Long a(context, 3);
  EXPECT_EQ(a.get(), 3);
  int64_t hostMemory = 0;
  for (bool isFetched : {true, false})
    for (int64_t i = 0; i < 100; ++i) {
      goSetOwner(4);
      Poster poster(context);
      goSetOwner(0);
      int64_t result = -1;
      GoPending *pending = nullptr;
      if (isFetched) {
        ASSERT_EQ(poster.post(a, &result, &pending), GO_OK) << goLastMessage();
      } else {
        void *mailbox = goExecMailbox(poster.exec, nullptr, 1, 8);
        EXPECT_LAUNCH(poster.exec, {a, mailbox});
      }
      ASSERT_EQ(goAwait(pending), GO_OK);
      EXPECT_EQ(result, isFetched ? 3 : -1);
      ASSERT_EQ(goWait(context, nullptr), GO_OK);
      ASSERT_EQ(goReleaseOwner(context, 4), GO_OK);
      if (!hostMemory)
        hostMemory = fakecuda::numCalls("cuMemHostAlloc");
    }
  EXPECT_EQ(fakecuda::numCalls("cuMemHostAlloc"), hostMemory);
}

TEST_F(CudaMailbox, WhatCouldNotBeAllocatedIsUsedAgain) {
  CudaContext context;
  Poster poster(context);
  fakecuda::failFunction("cuMemcpyHtoDAsync", 999);
  int64_t hostMemory = 0;
  for (int64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(goExecMailbox(poster.exec, nullptr, 1, 8), nullptr);
    EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
    if (!hostMemory)
      hostMemory = fakecuda::numCalls("cuMemHostAlloc");
  }
  fakecuda::failFunction("", 0);
  EXPECT_EQ(fakecuda::numCalls("cuMemHostAlloc"), hostMemory);
}

TEST_F(CudaMailbox, AMailboxOfALaunchThatFailedIsRefused) {
  CudaContext context;
  Poster poster(context);
  Long a(context, 3), b(context, 4);
  void *mailbox = goExecMailbox(poster.exec, nullptr, 1, 8);
  EXPECT_LAUNCH(poster.exec, {a, mailbox});
  std::thread other([&] {
    fakecuda::failFunction("cuGraphLaunch", 999);
    EXPECT_EQ(launch(poster.exec, {a, mailbox}), GO_DEVICE_ERROR);
    fakecuda::failFunction("", 0);
    EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  });
  other.join();
  // What was launched before is there.
  int64_t result = -1;
  GoFetchItem item = {mailbox, &result, 8};
  GoPending *pending = nullptr;
  ASSERT_EQ(goFetch(context, nullptr, &item, 1, &pending), GO_OK);
  ASSERT_EQ(goAwait(std::exchange(pending, nullptr)), GO_OK);
  EXPECT_EQ(result, 3);

  EXPECT_EQ(launch(poster.exec, {b, mailbox}), GO_INVALID_ARGUMENT);
  EXPECT_STREQ(goLastMessage(),
               "graph 'post': launching: the mailbox that is buffer 1 is one "
               "of a launch that failed: goExecMailbox gives a new one");
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  ASSERT_EQ(poster.post(b, &result, &pending), GO_OK) << goLastMessage();
  ASSERT_EQ(goAwait(pending), GO_OK);
  EXPECT_EQ(result, 4);
}

TEST_F(CudaMailbox, AfterAFailureNoOlderValueIsFetched) {
  CudaContext context;
  Poster poster(context);
  Long a(context, 3);
  void *mailbox = goExecMailbox(poster.exec, nullptr, 1, 8);
  EXPECT_LAUNCH(poster.exec, {a, mailbox});
  fakecuda::failFunction("cuGraphLaunch", 999);
  EXPECT_EQ(launch(poster.exec, {a, mailbox}), GO_DEVICE_ERROR);
  fakecuda::failFunction("", 0);
  EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  int64_t result = -1;
  GoFetchItem item = {mailbox, &result, 8};
  GoPending *pending = nullptr;
  EXPECT_EQ(goFetch(context, nullptr, &item, 1, &pending), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  EXPECT_EQ(result, 0);
}

TEST_F(CudaMailbox, AFailureOfTheDeviceEndsTheWait) {
  CudaContext context;
  Poster poster(context);
  Long a(context, 3);
  int64_t result = -1;
  GoPending *pending = nullptr;
  ASSERT_EQ(poster.post(a, &result, &pending), GO_OK);
  fakecuda::failFunction("cuStreamQuery", 999);
  EXPECT_EQ(goAwait(pending), GO_DEVICE_ERROR);
  EXPECT_NE(std::string(goLastMessage()).find("goAwait: cuStreamQuery"),
            std::string::npos)
      << goLastMessage();
  EXPECT_EQ(result, 0);
  fakecuda::failFunction("", 0);
  EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
}

TEST_F(CudaMailbox, WhatIsRefused) {
  CudaContext context;
  Poster poster(context);
  auto expectRefused = [&](const char *text) {
    EXPECT_NE(std::string(goLastMessage()).find(text), std::string::npos)
        << goLastMessage();
    EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  };
  EXPECT_EQ(goExecMailbox(nullptr, nullptr, 0, 8), nullptr);
  EXPECT_EQ(goExecMailbox(poster.exec, nullptr, 2, 8), nullptr);
  expectRefused("no scalar of 8 bytes can be posted to buffer 2");
  EXPECT_EQ(goExecMailbox(poster.exec, nullptr, 1, 9), nullptr);
  expectRefused("no scalar of 9 bytes can be posted to buffer 1");
  // A fetch without a launch.
  int64_t result = -1;
  GoPending *pending = nullptr;
  GoFetchItem item = {goExecMailbox(poster.exec, nullptr, 1, 8), &result, 8};
  ASSERT_NE(item.source, nullptr);
  EXPECT_EQ(goFetch(context, nullptr, &item, 1, &pending), GO_INVALID_ARGUMENT);
  expectRefused("goFetch: no launch of this thread posted value 0");
}

TEST(Mailbox, OtherDevicesHaveNone) {
  Context context;
  GoGraphInfo info = makeInfo("none", 1);
  GoExec *exec = nullptr;
  ASSERT_EQ(instantiate(
                context, info, [](GoGraph *) { return GO_OK; }, &exec),
            GO_OK);
  EXPECT_EQ(goExecMailbox(exec, nullptr, 0, 8), nullptr);
  EXPECT_EQ(goContextTakeStatus(context), GO_UNSUPPORTED);
}

} // namespace
