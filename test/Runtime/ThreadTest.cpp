//===- ThreadTest.cpp - Tests of threads inside and outside ---------------===//
//
// Part of graph-opt.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

#include <atomic>
#include <thread>

namespace {

/// Runs `work(i)` on `count` threads at once.
void onThreads(int count, const std::function<void(int)> &work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i)
    threads.emplace_back(work, i);
  for (std::thread &thread : threads)
    thread.join();
}

TEST(Threads, LaunchesOfOneExecutableAreOrdered) {
  Context context(GO_DEVICE_HOST, 3);
  constexpr int64_t items = 20000;
  GoGraphInfo info = makeInfo("shared", 1, 4 * items);
  // Through the arena, which exists once.
  Builder builder = [](GoGraph *graph) -> GoStatus {
    GoNode copied, changed;
    GoRef data = reads(0, 4 * items), back = writes(0, 4 * items);
    GoRef arena = updates(GO_BUFFER_ARENA, 4 * items);
    if (GoStatus s =
            goGraphAddMemcpy(graph, nullptr, 0, &data, &arena, &copied))
      return s;
    if (GoStatus s =
            addKernel(graph, {copied}, {arena}, increment, items, &changed))
      return s;
    return goGraphAddMemcpy(graph, &changed, 1, &arena, &back, nullptr);
  };
  constexpr int numThreads = 6, repeats = 50;
  std::vector<std::vector<int32_t>> data(numThreads,
                                         std::vector<int32_t>(items));
  onThreads(numThreads, [&](int thread) {
    for (int i = 0; i < repeats; ++i) {
      GoExec *exec = build(context, info, builder);
      EXPECT_EQ(launch(exec, {data[thread].data()}), GO_OK);
    }
  });
  for (const std::vector<int32_t> &result : data)
    EXPECT_EQ(result, std::vector<int32_t>(items, repeats));
  GoCounters counters = context.counters();
  EXPECT_EQ(counters.instantiations, 1u);
  EXPECT_EQ(counters.cache_hits, numThreads * repeats - 1u);
  EXPECT_EQ(counters.graph_launches, 1u * numThreads * repeats);
}

TEST(Threads, DifferentGraphsRunAtOnce) {
  Context context(GO_DEVICE_HOST, 4);
  constexpr int64_t items = 200000;
  onThreads(5, [&](int thread) {
    GoGraphInfo info = makeInfo("graph", 1, 0, 0, /*fingerprint=*/thread);
    std::vector<int32_t> data(items);
    for (int i = 0; i < 20; ++i)
      EXPECT_EQ(
          launch(build(context, info, incrementing(items)), {data.data()}),
          GO_OK);
    EXPECT_EQ(data, std::vector<int32_t>(items, 20));
  });
  EXPECT_EQ(context.counters().graphs, 5u);
  EXPECT_EQ(context.counters().updates, 0u);
}

TEST(Threads, FailedBuildLetsTheNextThreadBuild) {
  Context context;
  GoGraphInfo info = makeInfo("contended", 1);
  std::atomic<int> attempts{0}, failures{0};
  onThreads(8, [&](int) {
    GoExec *exec = nullptr;
    GoStatus status = instantiate(
        context, info,
        [&](GoGraph *graph) -> GoStatus {
          if (attempts++ < 3)
            return GO_DEVICE_ERROR;
          return incrementing(1)(graph);
        },
        &exec);
    failures += status != GO_OK;
    EXPECT_EQ(exec == nullptr, status != GO_OK);
  });
  EXPECT_EQ(attempts, 4);
  EXPECT_EQ(failures, 3);
  EXPECT_EQ(context.counters().instantiations, 1u);
  EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
}

TEST(Threads, EveryItemRunsOnceWhateverTheNumberOfThreads) {
  for (int32_t threads : {1, 2, 3, 8})
    for (int64_t items : {1, 2, 3, 63, 64, 65, 1000, 65537, 1000003}) {
      Context context(GO_DEVICE_HOST, threads);
      GoGraphInfo info = makeInfo("items", 1);
      GoExec *exec = build(context, info, incrementing(items));
      std::vector<int32_t> data(items);
      for (int i = 0; i < 4; ++i)
        ASSERT_EQ(launch(exec, {data.data()}), GO_OK);
      ASSERT_EQ(data, std::vector<int32_t>(items, 4))
          << threads << " threads, " << items << " items";
    }
}

TEST(Threads, SlowItemsAreSpread) {
  // Two items that wait for each other finish only on two threads. The first
  // replay learns that they are slow.
  static std::atomic<int> arrived;
  auto slow = [](void *const *operands, int64_t begin, int64_t end) {
    bool meet = *static_cast<const int32_t *>(operands[0]);
    for (int64_t i = begin; i < end; ++i) {
      arrived.fetch_add(1);
      auto start = std::chrono::steady_clock::now();
      while (meet && arrived.load() < 2 &&
             std::chrono::steady_clock::now() - start <
                 std::chrono::seconds(20))
        std::this_thread::yield();
      if (!meet)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  };
  Context context(GO_DEVICE_HOST, 2);
  GoGraphInfo info = makeInfo("slow", 0, 0, 4);
  GoExec *exec = build(context, info, [&](GoGraph *graph) {
    return addKernel(graph, {}, {reads(GO_BUFFER_PARAMETERS, 4)}, slow, 2);
  });
  int32_t meet = 0;
  ASSERT_EQ(launch(exec, {}, &meet), GO_OK);
  arrived = 0;
  meet = 1;
  auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(launch(exec, {}, &meet), GO_OK);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(15));
  EXPECT_EQ(arrived, 2);
}

TEST(Threads, KernelsMayLaunchOtherGraphs) {
  static GoExec *inner;
  static constexpr int64_t items = 100000;
  Context context(GO_DEVICE_HOST, 4);
  GoGraphInfo innerInfo = makeInfo("inner", 1);
  inner = build(context, innerInfo, incrementing(items));
  GoGraphInfo outerInfo = makeInfo("outer", 1);
  GoExec *outer = build(context, outerInfo, [](GoGraph *graph) {
    auto function = [](void *const *operands, int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        launch(inner, {static_cast<int32_t *>(operands[0]) + i * items});
    };
    return addKernel(graph, {}, {updates(0, 4 * 8 * items)}, function, 8);
  });
  std::vector<int32_t> data(8 * items);
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(launch(outer, {data.data()}), GO_OK);
  EXPECT_EQ(data, std::vector<int32_t>(8 * items, 3));
  EXPECT_EQ(goContextTakeStatus(context), GO_OK);
}

TEST(Threads, ManyShortLivedContexts) {
  for (int i = 0; i < 20; ++i) {
    Context context(GO_DEVICE_HOST, 4);
    GoGraphInfo info = makeInfo("short", 1);
    std::vector<int32_t> data(500000);
    GoExec *exec = build(context, info, incrementing(data.size()));
    ASSERT_EQ(launch(exec, {data.data()}), GO_OK);
    ASSERT_EQ(launch(exec, {data.data()}), GO_OK);
    EXPECT_EQ(data, std::vector<int32_t>(data.size(), 2));
  }
}

} // namespace
