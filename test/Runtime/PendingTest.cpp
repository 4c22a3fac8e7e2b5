//===- PendingTest.cpp - Tests of deferred readbacks ----------------------===//
//
// Part of graph-opt. Fetches and awaits on the host device and on the fake one,
// whose values arrive with the await as well.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

#include <thread>

namespace {

/// Starts to fetch an int32.
GoStatus fetch(GoContext *context, void *stream, const int32_t *source,
               int32_t *destination, GoPending **pending) {
  GoFetchItem item = {source, destination, 4};
  return goFetch(context, stream, &item, 1, pending);
}

/// Some handle of a stream; the host device does not look at it.
void *stream(uintptr_t number) { return reinterpret_cast<void *>(number); }

TEST(Pending, ValuesArriveWithTheAwait) {
  for (int32_t kind : {GO_DEVICE_HOST, GO_DEVICE_FAKE}) {
    Context context(kind, 0);
    int32_t a = 5, x = -1;
    double b = 2.5, y = -1;
    GoFetchItem items[] = {{&a, &x, 4}, {&b, &y, 8}};
    GoPending *pending = nullptr;
    ASSERT_EQ(goFetch(context, nullptr, items, 2, &pending), GO_OK);
    EXPECT_NE(pending, nullptr);
    // The values are those of now.
    a = 6;
    b = 3.5;
    EXPECT_EQ(x, 0);
    EXPECT_EQ(y, 0);
    ASSERT_EQ(goAwait(pending), GO_OK);
    EXPECT_EQ(x, 5);
    EXPECT_EQ(y, 2.5);
    GoCounters counters = context.counters();
    EXPECT_EQ(counters.readbacks, 2u);
    EXPECT_EQ(counters.deferred_readbacks, 2u);
    EXPECT_EQ(counters.waits, 1u);
    goContextResetCounters(context);
    EXPECT_EQ(context.counters().deferred_readbacks, 0u);
  }
}

TEST(Pending, WaitOfALaterOneServesThoseBefore) {
  Context context(GO_DEVICE_FAKE, 0);
  int32_t values[3] = {1, 2, 3}, results[3] = {};
  GoPending *pending[3] = {};
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(fetch(context, nullptr, &values[i], &results[i], &pending[i]),
              GO_OK);
  ASSERT_EQ(goAwait(pending[1]), GO_OK);
  EXPECT_EQ(context.counters().waits, 1u);
  ASSERT_EQ(goAwait(pending[0]), GO_OK);
  EXPECT_EQ(context.counters().waits, 1u);
  ASSERT_EQ(goAwait(pending[2]), GO_OK);
  EXPECT_EQ(context.counters().waits, 2u);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(results[i], values[i]);
  // Three fetches, two awaits that had to wait.
  EXPECT_EQ(goFakeCalls(context), 5);
}

TEST(Pending, WaitForTheStreamServesAllOfIt) {
  Context context;
  int32_t values[2] = {1, 2}, results[2] = {};
  GoPending *here = nullptr, *elsewhere = nullptr;
  ASSERT_EQ(fetch(context, stream(8), &values[0], &results[0], &here), GO_OK);
  ASSERT_EQ(fetch(context, stream(16), &values[1], &results[1], &elsewhere),
            GO_OK);
  ASSERT_EQ(goWait(context, stream(8)), GO_OK);
  ASSERT_EQ(goAwait(here), GO_OK);
  EXPECT_EQ(context.counters().waits, 1u);
  ASSERT_EQ(goAwait(elsewhere), GO_OK);
  EXPECT_EQ(context.counters().waits, 2u);
  EXPECT_EQ(results[0], 1);
  EXPECT_EQ(results[1], 2);
}

TEST(Pending, StreamsOfThreadsAreDifferentOnes) {
  // CU_STREAM_PER_THREAD.
  void *perThread = stream(2);
  Context context;
  int32_t values[2] = {1, 2}, results[2] = {};
  GoPending *mine = nullptr;
  ASSERT_EQ(fetch(context, perThread, &values[0], &results[0], &mine), GO_OK);
  std::thread([&] {
    GoPending *other = nullptr;
    EXPECT_EQ(fetch(context, perThread, &values[1], &results[1], &other),
              GO_OK);
    EXPECT_EQ(goAwait(other), GO_OK);
  }).join();
  EXPECT_EQ(context.counters().waits, 1u);
  ASSERT_EQ(goAwait(mine), GO_OK);
  EXPECT_EQ(context.counters().waits, 2u);
}

TEST(Pending, FetchesJoinAHandle) {
  Context context(GO_DEVICE_FAKE, 0);
  int32_t values[3] = {1, 2, 3}, results[3] = {};
  GoPending *pending = nullptr;
  ASSERT_EQ(fetch(context, nullptr, &values[0], &results[0], &pending), GO_OK);
  GoPending *first = pending;
  ASSERT_EQ(fetch(context, nullptr, &values[1], &results[1], &pending), GO_OK);
  ASSERT_EQ(fetch(context, stream(8), &values[2], &results[2], &pending),
            GO_OK);
  EXPECT_EQ(pending, first);
  ASSERT_EQ(goAwait(pending), GO_OK);
  // One wait for each stream.
  EXPECT_EQ(context.counters().waits, 2u);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(results[i], values[i]);
}

TEST(Pending, NothingToAwait) { EXPECT_EQ(goAwait(nullptr), GO_OK); }

TEST(Pending, VersionOfTheLibrary) {
  EXPECT_EQ(goAbiVersion(), GO_ABI_VERSION);
}

/// Expects that a fetch fails with `message` and leaves `pending` alone.
void expectRefused(GoContext *context, const GoFetchItem *items, int64_t count,
                   GoPending **pending, const char *message) {
  GoPending *before = pending ? *pending : nullptr;
  EXPECT_EQ(goFetch(context, nullptr, items, count, pending),
            GO_INVALID_ARGUMENT);
  EXPECT_STREQ(goLastMessage(), message);
  if (pending) {
    EXPECT_EQ(*pending, before);
  }
  if (context) {
    EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  }
}

TEST(Pending, BrokenCalls) {
  Context context, other;
  int32_t value = 1, result = -1;
  GoFetchItem item = {&value, &result, 4};
  GoPending *pending = nullptr;
  expectRefused(nullptr, &item, 1, &pending, "goFetch: the context is null");
  EXPECT_EQ(result, 0);
  expectRefused(context, &item, 1, nullptr, "goFetch: the handle is null");
  expectRefused(context, &item, 0, &pending, "goFetch: there are no values");
  expectRefused(context, nullptr, 1, &pending, "goFetch: there are no values");
  GoFetchItem broken[] = {item, {nullptr, &result, 4}};
  const char *null =
      "goFetch: the source or the destination of value 1 is null";
  expectRefused(context, broken, 2, &pending, null);
  broken[1] = {&value, nullptr, 4};
  expectRefused(context, broken, 2, &pending, null);
  broken[1] = {&value, &result, 0};
  expectRefused(context, broken, 2, &pending,
                "goFetch: value 1 has 0 bytes; 1 to 1048576 can be fetched");
  std::vector<char> large((1 << 20) + 1, 1), copy(large.size());
  broken[1] = {large.data(), copy.data(), int64_t(large.size())};
  expectRefused(
      context, broken, 2, &pending,
      "goFetch: value 1 has 1048577 bytes; 1 to 1048576 can be fetched");
  ASSERT_EQ(goFetch(context, nullptr, &item, 1, &pending), GO_OK);
  expectRefused(other, &item, 1, &pending,
                "goFetch: the handle is one of another context");
  ASSERT_EQ(goAwait(pending), GO_OK);
  EXPECT_EQ(result, 1);
}

TEST(Pending, KeptErrorsForbidFetchesButNotAwaits) {
  Context context;
  int32_t values[2] = {1, 2}, results[2] = {-1, -1};
  GoPending *early = nullptr, *late = nullptr;
  ASSERT_EQ(fetch(context, nullptr, &values[0], &results[0], &early), GO_OK);
  EXPECT_EQ(goAllocate(context, nullptr, -1), nullptr);
  EXPECT_EQ(fetch(context, nullptr, &values[1], &results[1], &late),
            GO_INVALID_ARGUMENT);
  EXPECT_EQ(late, nullptr);
  EXPECT_EQ(goAwait(early), GO_OK);
  EXPECT_EQ(goAwait(late), GO_OK);
  EXPECT_EQ(results[0], 1);
  EXPECT_EQ(results[1], 0);
  EXPECT_EQ(context.counters().readbacks, 1u);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
}

/// What a compiled program does: reads back what a graph made, launches again
/// while the value is on its way, and uses both values.
GoStatus runProgram(GoContext *context, const GoGraphInfo &info,
                    int32_t (&results)[2]) {
  int32_t data = 10;
  GoExec *exec = nullptr;
  GoPending *pending[2] = {};
  instantiate(context, info, incrementing(1), &exec);
  for (int i = 0; i < 2; ++i) {
    void *buffers[] = {&data};
    goExecLaunch(exec, nullptr, buffers, nullptr, 0);
    fetch(context, nullptr, &data, &results[i], &pending[i]);
  }
  for (GoPending *handle : pending)
    goAwait(handle);
  return goContextTakeStatus(context);
}

TEST(Pending, EveryDeviceCallMayFail) {
  GoGraphInfo info = makeInfo("program", 1);
  int64_t numCalls = 0;
  {
    Context context(GO_DEVICE_FAKE, 0);
    int32_t results[2];
    ASSERT_EQ(runProgram(context, info, results), GO_OK) << goLastMessage();
    numCalls = goFakeCalls(context);
    // Instantiation, two launches, fetches and awaits.
    EXPECT_EQ(numCalls, 7);
  }
  for (int64_t call = 0; call < numCalls; ++call) {
    SCOPED_TRACE(call);
    Context context(GO_DEVICE_FAKE, 0);
    int32_t results[2] = {-1, -1};
    goFakeFailAfter(context, call, GO_DEVICE_ERROR);
    EXPECT_EQ(runProgram(context, info, results), GO_DEVICE_ERROR);
    EXPECT_NE(std::string(goLastMessage()).find("fake device"),
              std::string::npos);
    // What did not fail is right, what did is zero.
    EXPECT_TRUE(results[0] == 0 || results[0] == 11) << results[0];
    EXPECT_TRUE(results[1] == 0 || results[1] == 12) << results[1];
    EXPECT_TRUE(results[0] == 0 || results[1] == 0);

    EXPECT_EQ(runProgram(context, info, results), GO_OK) << goLastMessage();
    EXPECT_EQ(results[0], 11);
    EXPECT_EQ(results[1], 12);
  }
}

TEST(Pending, FailedAwaitDestroysTheHandle) {
  Context context(GO_DEVICE_FAKE, 0);
  int32_t value = 7, result = -1;
  GoPending *pending = nullptr;
  ASSERT_EQ(fetch(context, nullptr, &value, &result, &pending), GO_OK);
  goFakeFailAfter(context, 0, GO_DEVICE_ERROR);
  EXPECT_EQ(goAwait(pending), GO_DEVICE_ERROR);
  EXPECT_STREQ(goLastMessage(), "goAwait: the fake device was asked to fail at "
                                "call 1 (await)");
  EXPECT_EQ(result, 0);
  EXPECT_EQ(context.counters().waits, 0u);
  EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
}

TEST(Pending, ThreadsAndStreamsHaveSlotsOfTheirOwn) {
  Context context;
  constexpr int numThreads = 6, inFlight = 40, repeats = 20;
  auto work = [&](int thread) {
    // Two threads share a stream.
    void *mine = stream(8 * (1 + thread / 2));
    for (int repeat = 0; repeat < repeats; ++repeat) {
      GoPending *pending[inFlight] = {};
      int32_t results[inFlight];
      for (int i = 0; i < inFlight; ++i) {
        int32_t value = 1000 * thread + i + repeat;
        ASSERT_EQ(fetch(context, mine, &value, &results[i], &pending[i]),
                  GO_OK);
      }
      // Each at another place among the others.
      for (int i = 0; i < inFlight; ++i) {
        int k = (7 * i + thread) % inFlight;
        ASSERT_EQ(goAwait(pending[k]), GO_OK);
        ASSERT_EQ(results[k], 1000 * thread + k + repeat);
      }
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < numThreads; ++i)
    threads.emplace_back(work, i);
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(context.counters().deferred_readbacks,
            uint64_t(numThreads * inFlight * repeats));
}

TEST(Pending, HandlesMayBeAwaitedByAnotherThread) {
  Context context;
  int32_t value = 3, result = -1;
  GoPending *pending = nullptr;
  ASSERT_EQ(fetch(context, nullptr, &value, &result, &pending), GO_OK);
  std::thread([&] { EXPECT_EQ(goAwait(pending), GO_OK); }).join();
  EXPECT_EQ(result, 3);
}

} // namespace
