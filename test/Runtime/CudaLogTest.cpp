//===- CudaLogTest.cpp - Tests of the log and counters on CUDA ------------===//
//
// Part of graph-opt. On the fake CUDA driver: a line for each build, update,
// rebuild and fallback, with its reason.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"
#include "LogTest.h"

namespace {

using CudaLog = CudaTest;

GoExec *makeIncrement(GoContext *context, bool isBaked = false,
                      bool isCopy = false) {
  GoGraphInfo info = makeInfo("steps", 2);
  return build(context, info, [=](GoGraph *graph) -> GoStatus {
    int64_t first = 0;
    if (isBaked)
      CHECK_GO(goGraphSetBaked(graph, &first, 1));
    if (isCopy) {
      GoRef from = reads(1, 4), to = writes(0, 4);
      return goGraphAddMemcpy(graph, nullptr, 0, &from, &to, nullptr);
    }
    return addCuda(graph, {}, "increment", {updates(0, 4)});
  });
}

std::string built(int number, const std::string &reason,
                  const char *event = "info: build") {
  return logLine(event, "steps",
                 "CUDA graph " + std::to_string(number) +
                     " of 1 nodes: " + reason);
}
std::string moved(const void *from, const void *to) {
  return logLine("debug: update", "steps",
                 "launch arguments moved: 0 from " + hex(from) + " to " +
                     hex(to));
}

TEST_F(CudaLog, FirstLaunchesAndUpdates) {
  CudaContext context;
  Int a(context, 0), b(context, 0);
  GoExec *exec = makeIncrement(context);
  LogLines log(GO_LOG_DEBUG);
  EXPECT_LAUNCH(exec, {a, a});
  EXPECT_EQ(log.take(), built(0, "first launch"));
  EXPECT_LAUNCH(exec, {a, a});
  EXPECT_EQ(log.take(), "");
  EXPECT_LAUNCH(exec, {b, a});
  EXPECT_EQ(log.take(),
            moved(a, b) + logLine("debug: update", "steps",
                                  "launch argument 0 moved: 1 nodes of the "
                                  "CUDA graph written"));
  // Only what is built.
  goSetLogLevel(GO_LOG_INFO);
  EXPECT_LAUNCH(exec, {a, a});
  EXPECT_EQ(log.take(), "");
  EXPECT_EQ(a.get(), 3);
}

TEST_F(CudaLog, Parameters) {
  CudaContext context;
  Int a(context, 0);
  GoGraphInfo info = makeInfo("steps", 1, 0, 8);
  GoExec *exec = build(context, info, [](GoGraph *graph) {
    return addCuda(graph, {}, "add", {updates(0, 4), parameter(0)});
  });
  int64_t scalar = 1;
  EXPECT_LAUNCH(exec, {a}, &scalar, 1);
  LogLines log(GO_LOG_DEBUG);
  scalar = 2;
  EXPECT_LAUNCH(exec, {a}, &scalar, 1);
  EXPECT_EQ(log.take(), logLine("debug: update", "steps",
                                "parameters changed: 1 nodes of the CUDA graph "
                                "written"));
  EXPECT_EQ(a.get(), 3);
}

TEST_F(CudaLog, BakedAddressesThatMove) {
  CudaContext context;
  Int a(context, 0), b(context, 0);
  GoExec *exec = makeIncrement(context, /*isBaked=*/true);
  EXPECT_LAUNCH(exec, {a, a});
  LogLines log(GO_LOG_DEBUG);
  EXPECT_LAUNCH(exec, {b, a});
  EXPECT_EQ(log.take(),
            moved(a, b) + built(1, "launch argument 0 moved, which the program "
                                   "says do not"));
  EXPECT_LAUNCH(exec, {a, a});
  EXPECT_EQ(log.take(),
            moved(b, a) + logLine("debug: update", "steps",
                                  "CUDA graph 0 has these addresses already"));
}

TEST_F(CudaLog, UpdatesThatTheDriverRefuses) {
  CudaContext context;
  Int a(context, 1), b(context, 2), c(context, 3);
  GoExec *exec = makeIncrement(context, /*isBaked=*/false, /*isCopy=*/true);
  EXPECT_LAUNCH(exec, {a, c});
  LogLines log(GO_LOG_INFO);
  fakecuda::failFunction("cuGraphExecMemcpyNodeSetParams", 910);
  EXPECT_LAUNCH(exec, {b, c});
  fakecuda::failFunction("", 0);
  std::string text = log.take();
  EXPECT_EQ(text.find(logLine("info: rebuild", "steps",
                              "CUDA graph 0 of 1 nodes: launch argument 0 "
                              "moved, and the update failed: graph 'steps': "
                              "node 0 (memcpy): "
                              "cuGraphExecMemcpyNodeSetParams: ")
                          .substr(0, 120)),
            0u)
      << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_EQ(b.get(), 3);
}

TEST_F(CudaLog, AddressesThatComeAgainAndAgain) {
  CudaContext context;
  Int a(context, 0), b(context, 0);
  GoExec *exec = makeIncrement(context);
  LogLines log(GO_LOG_INFO);
  for (int i = 0; i < 200; ++i)
    EXPECT_LAUNCH(exec, {i % 2 ? b : a, a});
  EXPECT_EQ(log.take(),
            built(0, "first launch") +
                built(1, "launch argument 0 moved again: what that took would "
                         "have paid for a graph"));
  EXPECT_EQ(a.get() + b.get(), 200);
}

TEST_F(CudaLog, ModesAndBodiesOfOlderDrivers) {
  fakecuda::properties().version = 12080;
  CudaContext context;
  auto builder = [](GoGraph *graph) -> GoStatus {
    GoGraph *body;
    CHECK_GO(addIf(graph, 1, &body));
    return addCuda(body, {}, "increment", {updates(0, 4)});
  };
  GoGraphInfo info = makeInfo("branch", 2, 64);
  GoExec *exec = build(context, info, builder);
  Byte flag(context, 1);
  Int a(context, 0), b(context, 0);
  EXPECT_LAUNCH(exec, {a, flag});
  LogLines log(GO_LOG_INFO);
  EXPECT_LAUNCH(exec, {b, flag});
  EXPECT_EQ(log.take(),
            logLine("info: build", "branch",
                    "CUDA graph 1 of 3 nodes: launch argument 0 moved, which "
                    "the driver can not write to nodes in bodies"));
  EXPECT_EQ(goContextSetMode(context, GO_MODE_STREAM), GO_OK);
  EXPECT_LAUNCH(exec, {b, flag});
  EXPECT_EQ(log.take(), "");
  EXPECT_EQ(goContextSetMode(context, GO_MODE_GRAPH), GO_OK);
  EXPECT_LAUNCH(exec, {b, flag});
  EXPECT_EQ(log.take(), logLine("info: build", "branch",
                                "CUDA graph 0 of 3 nodes: launches were node "
                                "by node before"));

  // One that has no conditional nodes: told once, then only to who wants all.
  fakecuda::properties().version = 12020;
  CudaContext old;
  GoExec *host = build(old, info, builder);
  Byte oldFlag(old, 1);
  Int c(old, 0);
  log.take();
  EXPECT_LAUNCH(host, {c, oldFlag});
  std::string reason =
      "launched node by node: graph 'branch': node 1 (if): the driver is older "
      "than 12.3, which has conditional nodes";
  EXPECT_EQ(log.take(), logLine("info: fallback", "branch", reason));
  EXPECT_LAUNCH(host, {c, oldFlag});
  EXPECT_EQ(log.take(), "");
  goSetLogLevel(GO_LOG_DEBUG);
  EXPECT_LAUNCH(host, {c, oldFlag});
  EXPECT_EQ(log.take(), logLine("debug: fallback", "branch", reason));
  EXPECT_EQ(c.get(), 3);
}

TEST_F(CudaLog, MemoryThatRunsOut) {
  CudaContext context;
  GoExec *exec = makeIncrement(context);
  Int a(context, 0);
  fakecuda::failFunction("cuGraphInstantiate", 2);
  LogLines log(GO_LOG_INFO);
  EXPECT_LAUNCH(exec, {a, a});
  fakecuda::failFunction("", 0);
  ASSERT_EQ(log.lines.size(), 2u);
  EXPECT_EQ(log.lines[0].find("graph-opt: info: retry: module 'module', graph "
                              "'steps', owner 0: instantiating: "
                              "cuGraphInstantiate: CUDA_ERROR_OUT_OF_MEMORY"),
            0u)
      << log.lines[0];
  EXPECT_EQ(log.lines[1].find("graph-opt: info: fallback: module 'module', "
                              "graph 'steps', owner 0: launched node by node: "
                              "instantiating: cuGraphInstantiate: "
                              "CUDA_ERROR_OUT_OF_MEMORY"),
            0u)
      << log.lines[1];
  EXPECT_EQ(a.get(), 1);
}

TEST_F(CudaLog, Captures) {
  CudaContext context;
  void *stream = fakecuda::createStream();
  {
    Int a(context, 0, stream);
    ASSERT_EQ(goWait(context, stream), GO_OK);
    GoExec *exec = makeIncrement(context);
    LogLines log(GO_LOG_DEBUG);
    fakecuda::beginCapture(stream);
    void *buffers[] = {a, a};
    EXPECT_EQ(goExecLaunch(exec, stream, buffers, nullptr, 0), GO_OK)
        << goLastMessage();
    EXPECT_TRUE(fakecuda::endCapture(stream));
    EXPECT_EQ(log.take(), logLine("info: build", "steps",
                                  "1 nodes became part of a capture"));
    fakecuda::replay(stream);
    EXPECT_EQ(a.get(), 1);
  }
  fakecuda::destroyStream(stream);
}

TEST_F(CudaLog, CopiesOfArgumentsThatOverlap) {
  CudaContext context;
  Long a(context, 0);
  GoGraphInfo info = makeInfo("steps", 2);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    int64_t both[] = {0, 1};
    GoRef from = reads(1, 4), to = writes(0, 4);
    CHECK_GO(goGraphSetDisjoint(graph, both, 2));
    return goGraphAddMemcpy(graph, nullptr, 0, &from, &to, nullptr);
  });
  LogLines log(GO_LOG_DEBUG);
  char *base = static_cast<char *>(static_cast<void *>(a));
  EXPECT_LAUNCH(exec, {base, base + 2});
  EXPECT_EQ(log.take(), logLine("debug: copy", "steps",
                                "launch argument 1 overlaps one that is "
                                "written: 4 bytes") +
                            built(0, "first launch"));
  EXPECT_EQ(goWait(context, nullptr), GO_OK);
}

TEST_F(CudaLog, RegionsCountWhatWasDoneForThem) {
  CudaContext context;
  Int a(context, 0), b(context, 0);
  GoExec *exec = makeIncrement(context);
  for (int i = 0; i < 3; ++i)
    EXPECT_LAUNCH(exec, {i % 2 ? b : a, a});
  auto visit = [](void *data, const GoRegion *region) {
    *static_cast<GoCounters *>(data) = region->counters;
  };
  GoCounters counters = {};
  EXPECT_EQ(goContextVisitRegions(context, visit, &counters), GO_OK);
  EXPECT_EQ(counters.graph_launches, 3u);
  EXPECT_EQ(counters.updates, 2u);
  EXPECT_EQ(counters.node_updates, 2u);
  EXPECT_EQ(counters.builds, 1u);
  EXPECT_EQ(counters.readbacks, 0u);
  EXPECT_EQ(a.get() + b.get(), 3);
}

} // namespace
