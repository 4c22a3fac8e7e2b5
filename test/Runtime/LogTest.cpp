//===- LogTest.cpp - Tests of the log and of counters per region ----------===//
//
// Part of graph-opt. On the host and the fake device.
//
//===----------------------------------------------------------------------===//

#include "LogTest.h"

#include <cstdlib>
#include <thread>

namespace {

//===----------------------------------------------------------------------===//
// Log
//===----------------------------------------------------------------------===//

TEST(Log, BuildsAndUpdates) {
  Context context;
  LogLines log(GO_LOG_DEBUG);
  GoGraphInfo info = makeInfo("steps", 2, 64);
  goSetOwner(7);
  GoExec *exec = build(context, info, incrementing(1));
  goSetOwner(0);
  std::string subject = "module 'module', graph 'steps', owner 7: ";
  EXPECT_EQ(log.take(), "graph-opt: info: build: " + subject +
                            "first use, 1 nodes, 64 bytes of memory\n");
  int32_t a = 0, b = 0, c = 0;
  EXPECT_EQ(launch(exec, {&a, &c}), GO_OK);
  EXPECT_EQ(launch(exec, {&a, &c}), GO_OK);
  EXPECT_EQ(log.take(), "");
  EXPECT_EQ(launch(exec, {&b, &c}), GO_OK);
  EXPECT_EQ(log.take(), "graph-opt: debug: update: " + subject +
                            "launch arguments moved: 0 from " + hex(&a) +
                            " to " + hex(&b) + "\n");
  void *buffers[] = {&a, &b};
  EXPECT_EQ(goExecUpdate(exec, buffers), GO_OK);
  EXPECT_EQ(log.take(), "graph-opt: debug: update: " + subject +
                            "launch arguments moved: 0 from " + hex(&b) +
                            " to " + hex(&a) + ", 1 from " + hex(&c) + " to " +
                            hex(&b) + "\n");
}

TEST(Log, ManyMovesAreOneLine) {
  Context context;
  LogLines log(GO_LOG_DEBUG);
  GoGraphInfo info = makeInfo("many", 20);
  GoExec *exec = build(context, info, incrementing(1));
  std::vector<int32_t> values(40);
  std::vector<void *> first, second;
  for (int i = 0; i < 20; ++i) {
    first.push_back(&values[i]);
    second.push_back(&values[20 + i]);
  }
  EXPECT_EQ(launch(exec, first), GO_OK);
  log.take();
  EXPECT_EQ(launch(exec, second), GO_OK);
  ASSERT_EQ(log.lines.size(), 1u);
  std::string line = log.take();
  EXPECT_NE(line.find(", 7 from "), std::string::npos) << line;
  EXPECT_EQ(line.find(", 8 from "), std::string::npos) << line;
  EXPECT_NE(line.find(" and 12 more\n"), std::string::npos) << line;
}

TEST(Log, EvictionsAndRebuilds) {
  Context context;
  LogLines log(GO_LOG_INFO);
  GoGraphInfo one = makeInfo("one", 1, 32), two = makeInfo("two", 1);
  GoCacheLimits limits = {1, 1000};
  ASSERT_EQ(goContextSetCacheLimits(context, &limits), GO_OK);
  GoExec *exec = build(context, one, incrementing(1));
  build(context, two, incrementing(1));
  EXPECT_EQ(
      log.take(),
      logLine("info: build", "one", "first use, 1 nodes, 32 bytes of memory") +
          logLine("info: build", "two",
                  "first use, 1 nodes, 0 bytes of memory") +
          logLine("info: evict", "one",
                  "the cache holds 2 graphs of 1 and 32 bytes of 1000"));
  // A reset of the counters does not make it new.
  goContextResetCounters(context);
  int32_t a = 0;
  EXPECT_EQ(launch(exec, {&a}), GO_OK);
  EXPECT_EQ(log.take(),
            logLine("info: rebuild", "one",
                    "it was evicted, 1 nodes, 32 bytes of memory") +
                logLine("info: evict", "two",
                        "the cache holds 2 graphs of 1 and 32 bytes of 1000"));
}

TEST(Log, RetriesAndFailures) {
  Context context(GO_DEVICE_FAKE, 0);
  GoGraphInfo one = makeInfo("one", 1), two = makeInfo("two", 1);
  build(context, one, incrementing(1));
  LogLines log(GO_LOG_INFO);
  goFakeFailAfter(context, 0, GO_OUT_OF_MEMORY);
  GoExec *exec = build(context, two, incrementing(1));
  std::string text = log.take();
  EXPECT_EQ(text.find("graph-opt: info: retry: module 'module', graph 'two', "
                      "owner 0: the fake device was asked to fail"),
            0u)
      << text;
  EXPECT_NE(text.find(logLine("info: evict", "one",
                              "memory ran out for module 'module', graph "
                              "'two', owner 0")),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("info: build: module 'module', graph 'two'"),
            std::string::npos)
      << text;

  // What fails is told at every level but off, once.
  goSetLogLevel(GO_LOG_ERROR);
  goFakeFailAfter(context, 0, GO_DEVICE_ERROR);
  int32_t a = 0;
  EXPECT_EQ(launch(exec, {&a}), GO_DEVICE_ERROR);
  EXPECT_EQ(log.take(), logLine("error: failure", "two", goLastMessage()));
  EXPECT_EQ(launch(exec, {&a}), GO_DEVICE_ERROR);
  EXPECT_EQ(log.take(), "");
  goContextTakeStatus(context);
  EXPECT_EQ(goUpload(context, nullptr, nullptr, &a, 4), GO_INVALID_ARGUMENT);
  EXPECT_EQ(log.take(), "graph-opt: error: failure: goUpload: the source is "
                        "null\n");
  goContextTakeStatus(context);
  // A builder's failure, with the name of the graph.
  GoExec *none = nullptr;
  GoGraphInfo wrong = makeInfo("wrong", 1);
  auto builder = [](GoGraph *graph) {
    return addKernel(graph, {}, {updates(5, 4)}, increment, 1);
  };
  EXPECT_EQ(instantiate(context, wrong, builder, &none), GO_INVALID_ARGUMENT);
  EXPECT_EQ(log.take(), logLine("error: failure", "wrong", goLastMessage()));
  goContextTakeStatus(context);
  goSetLogLevel(GO_LOG_OFF);
  EXPECT_EQ(goUpload(context, nullptr, nullptr, &a, 4), GO_INVALID_ARGUMENT);
  EXPECT_EQ(log.take(), "");
}

TEST(Log, NamesStayOnOneLine) {
  Context context;
  LogLines log(GO_LOG_INFO);
  GoGraphInfo info = makeInfo("a\nb\tc", 1);
  build(context, info, incrementing(1));
  ASSERT_EQ(log.lines.size(), 1u);
  EXPECT_NE(log.lines[0].find("graph 'a b c', owner"), std::string::npos);
}

TEST(Log, LevelsAreWhatTheyWere) {
  int32_t before = goSetLogLevel(GO_LOG_INFO);
  EXPECT_EQ(goSetLogLevel(100), GO_LOG_INFO);
  EXPECT_EQ(goSetLogLevel(-5), GO_LOG_DEBUG);
  EXPECT_EQ(goSetLogLevel(before), GO_LOG_OFF);
}

TEST(Log, EnvironmentNamesTheLevel) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  auto run = [] {
    Context context;
    GoGraphInfo info = makeInfo("steps", 1);
    build(context, info, incrementing(1));
    std::exit(goSetLogLevel(GO_LOG_OFF));
  };
  setenv("GRAPHOPT_LOG", "info", 1);
  EXPECT_EXIT(run(), testing::ExitedWithCode(GO_LOG_INFO),
              "^graph-opt: info: build: module 'module', graph 'steps', owner "
              "0: first use, 1 nodes, 0 bytes of memory\n$");
  setenv("GRAPHOPT_LOG", "verbose", 1);
  EXPECT_EXIT(run(), testing::ExitedWithCode(GO_LOG_OFF),
              "^graph-opt: GRAPHOPT_LOG: 'verbose' is none of off, error, info "
              "and debug\n$");
  unsetenv("GRAPHOPT_LOG");
  EXPECT_EXIT(run(), testing::ExitedWithCode(GO_LOG_OFF), "^$");
}

TEST(Log, ManyThreadsWriteWholeLines) {
  Context context;
  LogLines log(GO_LOG_DEBUG);
  constexpr int numThreads = 4, numLaunches = 50;
  std::vector<std::thread> threads;
  for (int i = 0; i < numThreads; ++i)
    threads.emplace_back([&context, i] {
      goSetOwner(i);
      GoGraphInfo info = makeInfo("shared", 1);
      GoExec *exec = build(context, info, incrementing(1));
      int32_t values[2] = {};
      for (int round = 0; round < numLaunches; ++round)
        EXPECT_EQ(launch(exec, {&values[round % 2]}), GO_OK);
      // The level may change at any time.
      goSetLogLevel(GO_LOG_DEBUG);
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(log.lines.size(), size_t(numThreads * numLaunches));
  for (const std::string &line : log.lines)
    EXPECT_EQ(line.find("graph-opt: "), 0u) << line;
}

//===----------------------------------------------------------------------===//
// Regions
//===----------------------------------------------------------------------===//

std::vector<GoRegion> regionsOf(GoContext *context) {
  std::vector<GoRegion> regions;
  auto add = [](void *data, const GoRegion *region) {
    static_cast<std::vector<GoRegion> *>(data)->push_back(*region);
  };
  EXPECT_EQ(goContextVisitRegions(context, add, &regions), GO_OK);
  return regions;
}

TEST(Regions, CountersOfEachSumUpToThoseOfTheContext) {
  Context context;
  GoGraphInfo first = makeInfo("first", 1, 64), second = makeInfo("second", 1);
  GoExec *b = build(context, second, incrementing(1));
  goSetOwner(3);
  GoExec *a = build(context, first, incrementing(1));
  goSetOwner(0);
  build(context, second, incrementing(1));
  int32_t values[2] = {};
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(launch(a, {&values[i % 2]}), GO_OK);
  EXPECT_EQ(launch(b, {values}, nullptr, /*uploads=*/2), GO_OK);

  std::vector<GoRegion> regions = regionsOf(context);
  ASSERT_EQ(regions.size(), 2u);
  EXPECT_STREQ(regions[0].module, "module");
  EXPECT_STREQ(regions[0].name, "first");
  EXPECT_EQ(regions[0].owner, 3);
  EXPECT_EQ(regions[0].fingerprint, 1);
  EXPECT_EQ(regions[0].device_bytes, 64);
  EXPECT_EQ(regions[0].counters.graph_launches, 3u);
  EXPECT_EQ(regions[0].counters.updates, 2u);
  EXPECT_EQ(regions[0].counters.kernel_nodes, 1u);
  EXPECT_EQ(regions[0].counters.cache_hits, 0u);
  EXPECT_STREQ(regions[1].name, "second");
  EXPECT_EQ(regions[1].counters.graph_launches, 1u);
  EXPECT_EQ(regions[1].counters.uploads, 2u);
  EXPECT_EQ(regions[1].counters.cache_hits, 1u);

  GoCounters all = context.counters();
  const uint64_t *total = reinterpret_cast<const uint64_t *>(&all);
  for (size_t i = 0; i < sizeof(GoCounters) / sizeof(uint64_t); ++i) {
    uint64_t sum = 0;
    for (const GoRegion &region : regions)
      sum += reinterpret_cast<const uint64_t *>(&region.counters)[i];
    EXPECT_EQ(sum, total[i]) << i;
  }
  goContextResetCounters(context);
  regions = regionsOf(context);
  EXPECT_EQ(regions[0].counters.graph_launches, 0u);
  EXPECT_EQ(regions[0].counters.kernel_nodes, 1u);
  EXPECT_EQ(regions[0].counters.instantiations, 1u);
}

TEST(Regions, EvictedOnesStayAndReleasedOnesGo) {
  Context context;
  goSetOwner(5);
  GoGraphInfo info = makeInfo("own", 1, 64);
  build(context, info, incrementing(1));
  goSetOwner(0);
  GoCacheLimits limits = {1, 0};
  ASSERT_EQ(goContextSetCacheLimits(context, &limits), GO_OK);
  GoGraphInfo other = makeInfo("zeta", 1);
  build(context, other, incrementing(1));
  std::vector<GoRegion> regions = regionsOf(context);
  ASSERT_EQ(regions.size(), 2u);
  EXPECT_EQ(regions[0].counters.graphs, 0u);
  EXPECT_EQ(regions[0].counters.kernel_nodes, 0u);
  EXPECT_EQ(regions[0].counters.evictions, 1u);
  EXPECT_EQ(regions[0].counters.instantiations, 1u);
  EXPECT_EQ(regions[0].device_bytes, 0);
  EXPECT_EQ(regions[1].counters.graphs, 1u);
  EXPECT_EQ(goReleaseOwner(context, 5), GO_OK);
  regions = regionsOf(context);
  ASSERT_EQ(regions.size(), 1u);
  EXPECT_STREQ(regions[0].name, "zeta");
}

TEST(Regions, InvalidCalls) {
  Context context;
  EXPECT_EQ(goContextVisitRegions(nullptr, nullptr, nullptr),
            GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextVisitRegions(context, nullptr, nullptr),
            GO_INVALID_ARGUMENT);
  EXPECT_STREQ(goLastMessage(), "goContextVisitRegions: the function is null");
}

} // namespace
