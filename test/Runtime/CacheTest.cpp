//===- CacheTest.cpp - Tests of keys, owners and bounds -------------------===//
//
// Part of graph-opt. What the cache of executables tells apart, and what it
// gives up, on the host.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

#include <algorithm>
#include <thread>

namespace {

/// Sets the owner of this thread while it lives.
class Owner {
public:
  explicit Owner(int64_t owner) : before(goSetOwner(owner)) {}
  ~Owner() { goSetOwner(before); }

private:
  const int64_t before;
};

GoStatus setLimits(GoContext *context, int64_t graphs, int64_t bytes = 0) {
  GoCacheLimits limits = {graphs, bytes};
  return goContextSetCacheLimits(context, &limits);
}

/// A graph that counts its launches in the arena and writes the number to
/// buffer 0.
GoStatus buildCounter(GoGraph *graph) {
  GoNode counted;
  GoRef counter = updates(GO_BUFFER_ARENA, 4), result = writes(0, 4);
  if (GoStatus status = addKernel(graph, {}, {counter}, increment, 1, &counted))
    return status;
  return goGraphAddMemcpy(graph, &counted, 1, &counter, &result, nullptr);
}

int32_t count(GoExec *exec) {
  int32_t result = -1;
  EXPECT_EQ(launch(exec, {&result}), GO_OK) << goLastMessage();
  return result;
}

GoGraphInfo counterInfo(const char *name = "counter") {
  return makeInfo(name, 1, 64);
}

//===----------------------------------------------------------------------===//
// Keys
//===----------------------------------------------------------------------===//

TEST(Keys, EachPartOfTheKeyTellsGraphsApart) {
  Context context;
  GoGraphInfo info = counterInfo();
  GoExec *first = build(context, info, buildCounter);
  EXPECT_EQ(build(context, info, buildCounter), first);

  std::vector<GoExec *> all = {first};
  auto expectNew = [&](const GoGraphInfo &other) {
    GoExec *exec = build(context, other, buildCounter);
    EXPECT_EQ(std::count(all.begin(), all.end(), exec), 0);
    all.push_back(exec);
    // Its arena is its own.
    EXPECT_EQ(count(exec), 1);
  };
  GoGraphInfo other = info;
  other.module = "another module";
  expectNew(other);
  other = info;
  other.name = "another function";
  expectNew(other);
  other = info;
  other.fingerprint = 2; // Other shapes or types.
  expectNew(other);
  // Another module whose names and graphs are the same; its kernels are not.
  other = info;
  other.build = [](GoGraph *graph) { return buildCounter(graph); };
  expectNew(other);
  {
    Owner owner(7);
    expectNew(info);
    Owner another(8);
    expectNew(info);
  }
  // Owners are one more part of the key, not a key of their own.
  {
    Owner owner(7);
    EXPECT_EQ(build(context, info, buildCounter), all[5]);
  }
  EXPECT_EQ(build(context, info, buildCounter), first);
  EXPECT_EQ(context.counters().graphs, all.size());
  EXPECT_EQ(context.counters().instantiations, all.size());

  // Another device, whatever it is called.
  Context second;
  GoExec *elsewhere = build(second, info, buildCounter);
  EXPECT_EQ(std::count(all.begin(), all.end(), elsewhere), 0);
  EXPECT_EQ(second.counters().instantiations, 1u);
}

TEST(Keys, OwnersAreSetByThreads) {
  EXPECT_EQ(goSetOwner(5), 0);
  EXPECT_EQ(goSetOwner(6), 5);
  std::thread([] { EXPECT_EQ(goSetOwner(9), 0); }).join();
  EXPECT_EQ(goSetOwner(0), 6);
}

TEST(Keys, OwnersNeverMeet) {
  Context context(GO_DEVICE_HOST, 2);
  GoGraphInfo info = counterInfo();
  std::vector<std::thread> threads;
  for (int64_t owner = 1; owner <= 4; ++owner)
    threads.emplace_back([&, owner] {
      goSetOwner(owner);
      for (int32_t i = 1; i <= 50; ++i)
        ASSERT_EQ(count(build(context, info, buildCounter)), i);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(context.counters().instantiations, 4u);
  EXPECT_EQ(goReleaseOwner(context, 3), GO_OK);
  EXPECT_EQ(goReleaseOwner(context, 99), GO_OK);
  EXPECT_EQ(context.counters().graphs, 3u);
  EXPECT_EQ(context.counters().kernel_nodes, 3u);
  Owner owner(3);
  EXPECT_EQ(count(build(context, info, buildCounter)), 1);
  EXPECT_EQ(context.counters().evictions, 0u);
  EXPECT_EQ(goReleaseOwner(nullptr, 1), GO_INVALID_ARGUMENT);
}

// What this thread found before is gone with its context or its owner, though
// the next one may lie where it lay.
TEST(Keys, NothingIsFoundThatIsGone) {
  GoGraphInfo info = counterInfo();
  for (int round = 0; round < 100; ++round) {
    Context context(GO_DEVICE_HOST, 1);
    int launches = 0; // Of owner 0.
    for (int64_t owner : {0, 5, 0, 5}) {
      Owner current(owner);
      GoExec *exec = build(context, info, buildCounter);
      EXPECT_EQ(build(context, info, buildCounter), exec);
      EXPECT_EQ(count(exec), owner ? 1 : ++launches);
      goReleaseOwner(context, 5);
    }
    EXPECT_EQ(context.counters().instantiations, 3u);
    EXPECT_EQ(context.counters().cache_hits, 5u);
  }
}

// A description that is reused for another graph is another graph.
TEST(Keys, DescriptionsAreComparedNotTheirAddresses) {
  Context context(GO_DEVICE_HOST, 1);
  GoGraphInfo info = counterInfo("a");
  GoExec *a = build(context, info, buildCounter);
  EXPECT_EQ(build(context, info, buildCounter), a);
  info.name = "b";
  EXPECT_NE(build(context, info, buildCounter), a);
  info.name = "a";
  info.arena_bytes = 128;
  GoExec *exec = nullptr;
  EXPECT_EQ(instantiate(context, info, buildCounter, &exec),
            GO_INVALID_ARGUMENT);
}

TEST(Keys, CountersOutliveTheirExecutables) {
  Context context(GO_DEVICE_HOST, 1);
  GoGraphInfo info = counterInfo();
  {
    Owner owner(5);
    GoExec *exec = build(context, info, buildCounter);
    EXPECT_EQ(count(exec), 1);
    EXPECT_EQ(count(exec), 2);
  }
  EXPECT_EQ(goReleaseOwner(context, 5), GO_OK);
  EXPECT_EQ(context.counters().graph_launches, 2u);
  EXPECT_EQ(context.counters().instantiations, 1u);
  EXPECT_EQ(context.counters().graphs, 0u);
  goContextResetCounters(context);
  EXPECT_EQ(context.counters().graph_launches, 0u);
}

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

// What is evicted keeps no nodes: they are built again with it.
TEST(Bounds, NodesAreEvictedToo) {
  Context context(GO_DEVICE_HOST, 1);
  int numBuilt = 0;
  auto builder = [&](GoGraph *graph) {
    ++numBuilt;
    return numBuilt == 2 ? GO_OUT_OF_MEMORY : buildCounter(graph);
  };
  GoGraphInfo info = counterInfo();
  GoExec *exec = build(context, info, builder);
  EXPECT_EQ(count(exec), 1);
  ASSERT_EQ(setLimits(context, 0, 1), GO_OK);
  EXPECT_EQ(context.counters().graphs, 0u);
  EXPECT_EQ(numBuilt, 1);
  // A builder that fails then is asked again.
  int32_t result = -1;
  EXPECT_EQ(launch(exec, {&result}), GO_OUT_OF_MEMORY);
  EXPECT_EQ(goContextTakeStatus(context), GO_OUT_OF_MEMORY);
  EXPECT_EQ(count(exec), 1);
  EXPECT_EQ(count(exec), 2);
  EXPECT_EQ(numBuilt, 3);
  EXPECT_EQ(context.counters().kernel_nodes, 1u);
}

TEST(Bounds, WhatWasUsedLongestAgoMakesRoom) {
  Context context;
  ASSERT_EQ(setLimits(context, 2), GO_OK);
  GoGraphInfo a = counterInfo("a"), b = counterInfo("b"), c = counterInfo("c");
  GoExec *execA = build(context, a, buildCounter);
  GoExec *execB = build(context, b, buildCounter);
  EXPECT_EQ(count(execA), 1);
  EXPECT_EQ(count(execB), 1);
  EXPECT_EQ(count(execA), 2);
  // B was used before A.
  GoExec *execC = build(context, c, buildCounter);
  EXPECT_EQ(context.counters().evictions, 1u);
  EXPECT_EQ(context.counters().graphs, 2u);
  EXPECT_EQ(context.counters().kernel_nodes, 2u);
  EXPECT_EQ(context.counters().memcpy_nodes, 2u);
  EXPECT_EQ(count(execA), 3);
  EXPECT_EQ(count(execC), 1);
  // The handle of what was evicted stays good; its arena is new. Of the other
  // two A was used longest ago.
  EXPECT_EQ(count(execB), 1);
  EXPECT_EQ(context.counters().instantiations, 4u);
  EXPECT_EQ(count(execC), 2);
  EXPECT_EQ(build(context, a, buildCounter), execA);
  EXPECT_EQ(count(execA), 1);
  EXPECT_EQ(context.counters().cache_hits, 0u);
  EXPECT_EQ(context.counters().graphs, 2u);
}

TEST(Bounds, BytesOfArenas) {
  Context context(GO_DEVICE_HOST, 1);
  ASSERT_EQ(setLimits(context, 0, 250), GO_OK);
  std::vector<GoExec *> execs;
  for (int64_t i = 0; i < 5; ++i) {
    GoGraphInfo info = makeInfo("arena", 1, 100, 0, i);
    execs.push_back(build(context, info, buildCounter));
    EXPECT_EQ(count(execs.back()), 1);
  }
  EXPECT_EQ(context.counters().graphs, 2u);
  EXPECT_EQ(context.counters().evictions, 3u);
  // One that is larger than the bound is alone, and works.
  GoGraphInfo large = makeInfo("large", 1, 1000);
  GoExec *exec = build(context, large, buildCounter);
  EXPECT_EQ(context.counters().graphs, 1u);
  EXPECT_EQ(count(exec), 1);
  EXPECT_EQ(count(exec), 2);
}

TEST(Bounds, LowerLimitsEvictAtOnceAndUpdatesBuildAgain) {
  Context context;
  GoGraphInfo a = counterInfo("a"), b = counterInfo("b");
  GoExec *execA = build(context, a, buildCounter);
  GoExec *execB = build(context, b, buildCounter);
  EXPECT_EQ(count(execA), 1);
  ASSERT_EQ(setLimits(context, 1), GO_OK);
  EXPECT_EQ(context.counters().graphs, 1u);
  int32_t result = -1;
  void *buffers[] = {&result};
  EXPECT_EQ(goExecUpdate(execB, buffers), GO_OK) << goLastMessage();
  EXPECT_EQ(count(execB), 1);
  EXPECT_EQ(count(execA), 1);
  goContextResetCounters(context);
  EXPECT_EQ(context.counters().evictions, 0u);
  ASSERT_EQ(setLimits(context, 0), GO_OK);
  EXPECT_EQ(count(execB), 1);
  EXPECT_EQ(count(execA), 2);
  EXPECT_EQ(context.counters().evictions, 0u);
}

TEST(Bounds, DamagedLimits) {
  Context context;
  EXPECT_EQ(setLimits(nullptr, 1), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextSetCacheLimits(context, nullptr), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  EXPECT_EQ(setLimits(context, -1), GO_INVALID_ARGUMENT);
  EXPECT_EQ(setLimits(context, 0, -1), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
}

TEST(Bounds, WhatRunsIsNotEvicted) {
  // A kernel of one graph builds others, in a cache for one.
  static GoContext *current;
  static int64_t seen;
  Context context;
  current = context;
  ASSERT_EQ(setLimits(context, 1), GO_OK);
  GoGraphInfo outer = makeInfo("outer", 1);
  GoExec *exec = build(context, outer, [](GoGraph *graph) {
    auto function = [](void *const *operands, int64_t, int64_t) {
      GoGraphInfo first = counterInfo("first"), second = counterInfo("second");
      count(build(current, first, buildCounter));
      *static_cast<int32_t *>(operands[0]) =
          count(build(current, second, buildCounter));
      GoCounters counters;
      goContextCounters(current, &counters);
      seen = counters.graphs;
    };
    return addKernel(graph, {}, {updates(0, 4)}, function, 1);
  });
  EXPECT_EQ(count(exec), 1);
  // The outer one and the second inner one.
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(context.counters().evictions, 1u);
}

TEST(Bounds, ManyThreadsAndMoreGraphsThanFit) {
  Context context(GO_DEVICE_HOST, 2);
  ASSERT_EQ(setLimits(context, 3), GO_OK);
  constexpr int numThreads = 4, rounds = 60;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < numThreads; ++thread)
    threads.emplace_back([&, thread] {
      std::vector<int32_t> data(16);
      for (int round = 0; round < rounds; ++round) {
        GoGraphInfo info =
            makeInfo("shared", 1, 64, 0, (round * 7 + thread) % 8);
        GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
          GoNode filled, copied;
          GoRef data = updates(0, 64), arena = updates(GO_BUFFER_ARENA, 64);
          if (GoStatus s =
                  goGraphAddMemcpy(graph, nullptr, 0, &data, &arena, &filled))
            return s;
          if (GoStatus s =
                  addKernel(graph, {filled}, {arena}, increment, 16, &copied))
            return s;
          return goGraphAddMemcpy(graph, &copied, 1, &arena, &data, nullptr);
        });
        ASSERT_EQ(launch(exec, {data.data()}), GO_OK) << goLastMessage();
      }
      EXPECT_EQ(data, std::vector<int32_t>(16, rounds));
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_GT(context.counters().evictions, 0u);
  EXPECT_EQ(context.counters().graph_launches, 1u * numThreads * rounds);
  ASSERT_EQ(setLimits(context, 1), GO_OK);
  EXPECT_EQ(context.counters().graphs, 1u);
}

//===----------------------------------------------------------------------===//
// Memory that runs out
//===----------------------------------------------------------------------===//

TEST(Bounds, InstantiationIsTriedAgainAfterMemoryRanOut) {
  Context context(GO_DEVICE_FAKE, 0);
  GoGraphInfo other = counterInfo("other"), info = counterInfo("retried");
  GoExec *idle = build(context, other, buildCounter);
  goFakeFailAfter(context, 0, GO_OUT_OF_MEMORY);
  EXPECT_EQ(count(build(context, info, buildCounter)), 1);
  EXPECT_EQ(context.counters().retries, 1u);
  EXPECT_EQ(context.counters().evictions, 1u);
  EXPECT_EQ(context.counters().graphs, 1u);
  EXPECT_EQ(goContextTakeStatus(context), GO_OK);
  EXPECT_EQ(count(idle), 1);
}

} // namespace
