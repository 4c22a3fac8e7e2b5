//===- CudaPendingTest.cpp - Tests of deferred CUDA readbacks -------------===//
//
// Part of graph-opt. Fetches and awaits on the fake driver, which does all work
// as late as it may.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <thread>

namespace {

using CudaPending = CudaTest;

/// Starts to fetch an int32.
GoStatus fetch(GoContext *context, void *source, int32_t *destination,
               GoPending **pending, void *stream = nullptr) {
  GoFetchItem item = {source, destination, 4};
  return goFetch(context, stream, &item, 1, pending);
}

/// What device memory of the fake driver holds now, whatever is on its way.
int32_t peek(void *memory) { return *static_cast<int32_t *>(memory); }

TEST_F(CudaPending, AwaitWaitsOnlyForTheCopy) {
  CudaContext context;
  GoGraphInfo info = makeInfo("behind", 1);
  GoExec *exec = build(context, info, [](GoGraph *graph) {
    return addCuda(graph, {}, "increment", {updates(0, 4)});
  });
  Int a(context, 5);
  int32_t result = -1;
  GoPending *pending = nullptr;
  ASSERT_EQ(fetch(context, a, &result, &pending), GO_OK) << goLastMessage();
  EXPECT_LAUNCH(exec, {a});
  EXPECT_EQ(result, 0);
  ASSERT_EQ(goAwait(pending), GO_OK) << goLastMessage();
  EXPECT_EQ(result, 5);
  // The launch is behind the copy, and not done yet.
  EXPECT_EQ(peek(a), 5);
  EXPECT_EQ(a.get(), 6);
  EXPECT_EQ(fakecuda::numCalls("cuEventSynchronize"), 1);
}

TEST_F(CudaPending, ManyInFlightKeepTheirSlots) {
  CudaContext context;
  constexpr int count = 500;
  Int a(context, 0);
  int32_t results[count];
  GoPending *pending[count] = {};
  for (int32_t i = 0; i < count; ++i) {
    a.set(i);
    ASSERT_EQ(fetch(context, a, &results[i], &pending[i]), GO_OK);
    // Blocks that others give back are not those on their way.
    if (i % 3 == 2) {
      ASSERT_EQ(goAwait(pending[i - 1]), GO_OK);
      pending[i - 1] = nullptr;
    }
  }
  for (int32_t i = 0; i < count; ++i) {
    ASSERT_EQ(goAwait(pending[(i * 7) % count]), GO_OK);
    ASSERT_EQ(results[(i * 7) % count], (i * 7) % count);
  }
  for (int32_t i = 0; i < count; ++i)
    ASSERT_EQ(results[i], i);
}

TEST_F(CudaPending, WaitsAreShared) {
  CudaContext context;
  void *other = fakecuda::createStream();
  {
    Int a(context, 1), b(context, 2), c(context, 3, other);
    int32_t x, y, z, w;
    GoPending *p = nullptr, *q = nullptr, *r = nullptr, *s = nullptr;
    ASSERT_EQ(fetch(context, a, &x, &p), GO_OK);
    ASSERT_EQ(fetch(context, c, &z, &r, other), GO_OK);
    ASSERT_EQ(fetch(context, b, &y, &q), GO_OK);
    ASSERT_EQ(goAwait(q), GO_OK);
    ASSERT_EQ(goAwait(p), GO_OK);
    EXPECT_EQ(fakecuda::numCalls("cuEventSynchronize"), 1);
    // On another stream it must wait.
    ASSERT_EQ(goAwait(r), GO_OK);
    EXPECT_EQ(fakecuda::numCalls("cuEventSynchronize"), 2);
    ASSERT_EQ(fetch(context, a, &w, &s), GO_OK);
    ASSERT_EQ(goWait(context, nullptr), GO_OK);
    ASSERT_EQ(goAwait(s), GO_OK);
    EXPECT_EQ(fakecuda::numCalls("cuEventSynchronize"), 2);
    EXPECT_EQ(x, 1);
    EXPECT_EQ(y, 2);
    EXPECT_EQ(z, 3);
    EXPECT_EQ(w, 1);
    EXPECT_EQ(context.counters().waits, 3u);
    EXPECT_EQ(context.counters().deferred_readbacks, 4u);
  }
  fakecuda::destroyStream(other);
}

TEST_F(CudaPending, EventsAndSlotsAreUsedAgain) {
  CudaContext context;
  void *memory = goAllocate(context, nullptr, 4);
  for (int32_t i = 0; i < 3000; ++i) {
    int32_t result;
    GoPending *pending = nullptr;
    ASSERT_EQ(fetch(context, memory, &result, &pending), GO_OK);
    ASSERT_EQ(goAwait(pending), GO_OK);
  }
  EXPECT_EQ(fakecuda::numCalls("cuEventCreate"), 1);
  EXPECT_EQ(fakecuda::numCalls("cuMemHostAlloc"), 1);
  goFree(context, nullptr, memory);
}

TEST_F(CudaPending, SourceMayBeFreedMeanwhile) {
  CudaContext context;
  int32_t result = -1;
  GoPending *pending = nullptr;
  {
    Int a(context, 5);
    ASSERT_EQ(fetch(context, a, &result, &pending), GO_OK);
  }
  Int b(context, 6);
  ASSERT_EQ(goAwait(pending), GO_OK);
  EXPECT_EQ(result, 5);
}

TEST_F(CudaPending, CapturesAreRefused) {
  CudaContext context;
  void *stream = fakecuda::createStream();
  void *memory = goAllocate(context, nullptr, 4);
  int32_t result = -1;
  GoPending *pending = nullptr;
  fakecuda::beginCapture(stream);
  EXPECT_EQ(fetch(context, memory, &result, &pending, stream), GO_UNSUPPORTED);
  fakecuda::endCapture(stream);
  EXPECT_EQ(pending, nullptr);
  EXPECT_EQ(goContextTakeStatus(context), GO_UNSUPPORTED);
  goFree(context, nullptr, memory);
  EXPECT_EQ(goWait(context, nullptr), GO_OK);
  fakecuda::destroyStream(stream);
}

TEST_F(CudaPending, SlotsOfFailedAwaitsComeBackWithTheStream) {
  CudaContext context;
  Int a(context, 5);
  int32_t results[2] = {-1, -1};
  GoPending *lost = nullptr, *next = nullptr;
  ASSERT_EQ(fetch(context, a, &results[0], &lost), GO_OK);
  fakecuda::failFunction("cuEventSynchronize", 999);
  EXPECT_EQ(goAwait(lost), GO_DEVICE_ERROR);
  fakecuda::failFunction("", 0);
  EXPECT_EQ(results[0], 0);
  EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  // Its copy is on its way still: the next one has another slot.
  a.set(6);
  ASSERT_EQ(fetch(context, a, &results[1], &next), GO_OK);
  ASSERT_EQ(goAwait(next), GO_OK);
  EXPECT_EQ(results[1], 6);
  EXPECT_EQ(results[0], 0);
  EXPECT_EQ(goWait(context, nullptr), GO_OK);
  EXPECT_EQ(results[0], 0);
}

TEST_F(CudaPending, ContextThatIsGone) {
  CudaContext context;
  Int a(context, 5);
  int32_t result = -1;
  GoPending *pending = nullptr, *none = nullptr;
  ASSERT_EQ(fetch(context, a, &result, &pending), GO_OK);
  fakecuda::failFunction("cuCtxPushCurrent", 999);
  EXPECT_EQ(goAwait(pending), GO_DEVICE_ERROR);
  EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  EXPECT_EQ(fetch(context, a, &result, &none), GO_DEVICE_ERROR);
  EXPECT_EQ(none, nullptr);
  fakecuda::failFunction("", 0);
  EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  EXPECT_EQ(a.get(), 5);
}

/// Three values on their way, a launch between them, in two handles.
GoStatus runProgram(GoContext *context, const GoGraphInfo &info,
                    int32_t (&results)[3]) {
  int32_t five = 5;
  GoExec *exec = nullptr;
  GoPending *first = nullptr, *second = nullptr;
  void *memory = goAllocate(context, nullptr, 4);
  if (memory) {
    goUpload(context, nullptr, &five, memory, 4);
    GoFetchItem twice[] = {{memory, &results[0], 4}, {memory, &results[1], 4}};
    goFetch(context, nullptr, twice, 2, &first);
    instantiate(
        context, info,
        [](GoGraph *graph) {
          return addCuda(graph, {}, "increment", {updates(0, 4)});
        },
        &exec);
    goExecLaunch(exec, nullptr, &memory, nullptr, 0);
    fetch(context, memory, &results[2], &second);
  }
  goAwait(first);
  goAwait(second);
  goFree(context, nullptr, memory);
  return goContextTakeStatus(context);
}

TEST_F(CudaPending, EachCallOfAProgramMayFail) {
  GoGraphInfo info = makeInfo("program", 1);
  const int32_t right[] = {5, 5, 6};
  auto expectRight = [&](GoContext *context) {
    int32_t results[3] = {-1, -1, -1};
    EXPECT_EQ(runProgram(context, info, results), GO_OK) << goLastMessage();
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(results[i], right[i]);
  };
  int64_t numCalls = 0;
  {
    CudaContext context;
    int64_t before = fakecuda::numCalls();
    expectRight(context);
    numCalls = fakecuda::numCalls() - before;
  }
  EXPECT_GT(numCalls, 30);
  for (int64_t call = 0; call < numCalls; ++call) {
    SCOPED_TRACE(call);
    {
      CudaContext context;
      fakecuda::failAfter(call);
      int32_t results[3] = {};
      GoStatus status = runProgram(context, info, results);
      EXPECT_TRUE(fakecuda::hasFailed());
      EXPECT_TRUE(status == GO_OK || status == GO_DEVICE_ERROR) << status;
      for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(results[i] == right[i] || (status && results[i] == 0))
            << results[i];
      // The same context works again, twice: nothing is left of the failure.
      expectRight(context);
      expectRight(context);
    }
    ASSERT_EQ(fakecuda::alive(), "");
    ASSERT_EQ(fakecuda::faults(), "");
    ASSERT_FALSE(fakecuda::isCurrent());
  }
}

TEST_F(CudaPending, ThreadsOnOneStreamAndOnTheirOwn) {
  CudaContext context;
  void *streams[] = {nullptr, nullptr, fakecuda::createStream(),
                     fakecuda::createStream()};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      Int a(context, 0, streams[thread]);
      constexpr int inFlight = 8;
      for (int32_t round = 0; round < 40; ++round) {
        int32_t results[inFlight];
        GoPending *pending[inFlight] = {};
        for (int32_t i = 0; i < inFlight; ++i) {
          a.set(10000 * thread + 10 * round + i);
          ASSERT_EQ(
              fetch(context, a, &results[i], &pending[i], streams[thread]),
              GO_OK);
        }
        for (int32_t i = inFlight; i-- > 0;) {
          int32_t k = (i * 5) % inFlight;
          ASSERT_EQ(goAwait(pending[k]), GO_OK);
          ASSERT_EQ(results[k], 10000 * thread + 10 * round + k);
        }
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  for (void *stream : {streams[2], streams[3]})
    fakecuda::destroyStream(stream);
}

} // namespace
