//===- CudaAddressTest.cpp - Tests of launch arguments that move ----------===//
//
// Part of graph-opt. On the fake driver, whose calls are counted.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <array>

namespace {

using CudaAddress = CudaTest;

int64_t numBuilds() { return fakecuda::numCalls("cuGraphInstantiate"); }
int64_t numUpdates() {
  return fakecuda::numCalls("cuGraphExecKernelNodeSetParams");
}

/// buffer 1 = 4 * buffer 0: two kernels, by way of the arena.
GoStatus buildTimesFour(GoGraph *graph) {
  GoNode first;
  GoRef temporary = updates(GO_BUFFER_ARENA, 4);
  CHECK_GO(addCuda(graph, {}, "twice", {temporary, reads(0, 4)}, &first));
  return addCuda(graph, {first}, "twice", {writes(1, 4), temporary});
}

/// Buffers 1 and 2 = 2 * buffer 0, one after the other; the buffers are taken
/// to share no memory.
GoStatus buildDisjoint(GoGraph *graph) {
  const int64_t all[] = {0, 1, 2};
  GoNode first;
  CHECK_GO(goGraphSetDisjoint(graph, all, 3));
  CHECK_GO(addCuda(graph, {}, "twice", {writes(1, 4), reads(0, 4)}, &first));
  return addCuda(graph, {first}, "twice", {writes(2, 4), reads(0, 4)});
}

TEST_F(CudaAddress, UnchangedIsOneLaunch) {
  CudaContext context;
  GoGraphInfo info = makeInfo("same", 2, 64);
  GoExec *exec = build(context, info, buildTimesFour);
  Int a(context, 1), b(context, 0);
  EXPECT_LAUNCH(exec, {a, b});
  const char *extras[] = {"cuEventRecord", "cuStreamWaitEvent",
                          "cuMemcpyHtoDAsync",
                          "cuGraphExecKernelNodeSetParams"};
  std::vector<int64_t> counts;
  for (const char *extra : extras)
    counts.push_back(fakecuda::numCalls(extra));
  fakecuda::makeCurrent(true);
  int64_t before = fakecuda::numCalls();
  EXPECT_LAUNCH(exec, {a, b});
  // The launch, what is current, what captures, and whether all is well.
  EXPECT_LE(fakecuda::numCalls() - before, 6);
  EXPECT_EQ(fakecuda::numCalls("cuGraphLaunch"), 2);
  for (size_t i = 0; i < counts.size(); ++i)
    EXPECT_EQ(fakecuda::numCalls(extras[i]), counts[i]) << extras[i];
  fakecuda::makeCurrent(false);
  EXPECT_EQ(b.get(), 4);
}

TEST_F(CudaAddress, MovesWriteToTheNodesOnly) {
  CudaContext context;
  GoGraphInfo info = makeInfo("moves", 2, 64);
  GoExec *exec = build(context, info, buildTimesFour);
  Int b(context, 0);
  std::vector<std::unique_ptr<Int>> inputs; // No two at one address.
  for (int32_t i = 0; i < 100; ++i) {
    inputs.push_back(std::make_unique<Int>(context, i));
    EXPECT_LAUNCH(exec, {*inputs[i], b});
    EXPECT_EQ(b.get(), 4 * i);
  }
  EXPECT_EQ(numBuilds(), 1);
  EXPECT_EQ(context.counters().builds, 1u);
  EXPECT_EQ(context.counters().node_updates, uint64_t(numUpdates()));
  EXPECT_LE(numUpdates(), 99);
}

TEST_F(CudaAddress, SwappedAndEqualArguments) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo info = makeInfo("swap", 2, 64);
    GoExec *exec = build(context, info, buildTimesFour);
    Int a(context, 1), b(context, 0);
    EXPECT_LAUNCH(exec, {a, b}); // b = 4
    EXPECT_LAUNCH(exec, {b, a}); // a = 16
    EXPECT_LAUNCH(exec, {a, a}); // a = 64
    EXPECT_LAUNCH(exec, {a, b}); // b = 256
    EXPECT_EQ(a.get(), 64);
    EXPECT_EQ(b.get(), 256);
  }
}

TEST_F(CudaAddress, SetsThatComeBackGetGraphsOfTheirOwn) {
  CudaContext context;
  void *one = fakecuda::createStream(), *two = fakecuda::createStream();
  {
    GoGraphInfo info = makeInfo("sets", 2, 64);
    GoExec *exec = build(context, info, buildTimesFour);
    Int a(context, 3), b(context, 5), c(context, 0);
    EXPECT_EQ(a.get() + b.get() + c.get(), 8); // Waits for the uploads.
    // Two nodes: 40 updates pay for a graph.
    auto alternate = [&](int times) {
      for (int i = 0; i < times; ++i) {
        void *first[] = {a, c}, *second[] = {b, c};
        EXPECT_EQ(goExecLaunch(exec, one, first, nullptr, 0), GO_OK);
        EXPECT_EQ(goExecLaunch(exec, two, second, nullptr, 0), GO_OK);
      }
      // Each launch, on whatever stream, has waited for the one before.
      int32_t value = 0;
      ASSERT_EQ(goReadback(context, two, c, &value, 4), GO_OK);
      ASSERT_EQ(goWait(context, two), GO_OK);
      EXPECT_EQ(value, 20);
    };
    alternate(10);
    EXPECT_EQ(numBuilds(), 1);
    alternate(100);
    EXPECT_EQ(numBuilds(), 2);
    int64_t updates = numUpdates();
    EXPECT_LE(updates, 200);
    alternate(100);
    EXPECT_EQ(numBuilds(), 2);
    EXPECT_EQ(numUpdates(), updates);
    EXPECT_EQ(fakecuda::numCalls("cuCtxSynchronize"), 0);
  }
  fakecuda::destroyStream(one);
  fakecuda::destroyStream(two);
}

TEST_F(CudaAddress, ManySetsInTurnsBuildNothing) {
  CudaContext context;
  GoGraphInfo info = makeInfo("turns", 2, 64);
  GoExec *exec = build(context, info, buildTimesFour);
  std::vector<std::unique_ptr<Int>> inputs;
  for (int32_t i = 0; i < 9; ++i)
    inputs.push_back(std::make_unique<Int>(context, i));
  Int result(context, 0);
  for (int turn = 0; turn < 100; ++turn)
    for (int32_t i = 0; i < 9; ++i) {
      EXPECT_LAUNCH(exec, {*inputs[i], result});
      if (turn == 99)
        EXPECT_EQ(result.get(), 4 * i);
    }
  EXPECT_EQ(numBuilds(), 1);
}

TEST_F(CudaAddress, BakedArgumentsFindTheirGraph) {
  CudaContext context;
  GoGraphInfo info = makeInfo("baked", 2, 64);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    const int64_t baked[] = {0};
    CHECK_GO(goGraphSetBaked(graph, baked, 1));
    return buildTimesFour(graph);
  });
  std::vector<std::unique_ptr<Int>> inputs;
  for (int32_t i = 0; i < 6; ++i)
    inputs.push_back(std::make_unique<Int>(context, i));
  Int result(context, 0);
  auto launchAll = [&](int count) {
    for (int32_t i = 0; i < count; ++i) {
      EXPECT_LAUNCH(exec, {*inputs[i], result});
      EXPECT_EQ(result.get(), 4 * i);
    }
  };
  launchAll(4);
  EXPECT_EQ(numBuilds(), 4);
  launchAll(4);
  EXPECT_EQ(numBuilds(), 4);
  // More than are kept: what was used longest ago makes room.
  launchAll(6);
  EXPECT_EQ(numBuilds(), 6);
  EXPECT_NE(fakecuda::alive().find("4 executable,"), std::string::npos)
      << fakecuda::alive();
  EXPECT_EQ(numUpdates(), 0);
  // The other argument is written to nodes.
  Int other(context, 0);
  EXPECT_LAUNCH(exec, {*inputs[5], other});
  EXPECT_EQ(other.get(), 20);
  EXPECT_EQ(numBuilds(), 6);
  EXPECT_EQ(numUpdates(), 1);
}

TEST_F(CudaAddress, ScalarsFollowFromGraphToGraph) {
  CudaContext context;
  GoGraphInfo info = makeInfo("scalars", 1, 0, 8);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    const int64_t baked[] = {0};
    CHECK_GO(goGraphSetBaked(graph, baked, 1));
    return addCuda(graph, {}, "add", {updates(0, 4), parameter(0)});
  });
  Int a(context, 0), b(context, 0);
  for (int64_t amount : {1, 10, 100}) {
    EXPECT_LAUNCH(exec, {a}, &amount, 1);
    EXPECT_LAUNCH(exec, {b}, &amount, 1);
  }
  EXPECT_EQ(a.get(), 111);
  EXPECT_EQ(b.get(), 111);
  EXPECT_EQ(numBuilds(), 2);
}

TEST_F(CudaAddress, FailedBuildLeavesNothingStale) {
  CudaContext context;
  GoGraphInfo info = makeInfo("failing", 2, 64);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    const int64_t baked[] = {0};
    CHECK_GO(goGraphSetBaked(graph, baked, 1));
    return buildTimesFour(graph);
  });
  Int a(context, 1), b(context, 2), result(context, 0);
  EXPECT_LAUNCH(exec, {a, result});
  fakecuda::failFunction("cuGraphCreate", 999);
  launch(exec, {b, result});
  fakecuda::failFunction("", 0);
  goContextTakeStatus(context);
  for (Int *input : {&b, &a, &b}) {
    EXPECT_LAUNCH(exec, {*input, result});
    EXPECT_EQ(result.get(), 4 * input->get());
  }
}

//===----------------------------------------------------------------------===//
// Overlaps
//===----------------------------------------------------------------------===//

TEST_F(CudaAddress, WhatIsReadIsCopiedIfItIsWrittenToo) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo info = makeInfo("copied", 3);
    GoExec *exec = build(context, info, buildDisjoint);
    Int a(context, 1), b(context, 0), c(context, 0);
    EXPECT_LAUNCH(exec, {a, b, c});
    EXPECT_EQ(context.counters().copied_arguments, 0u);
    // Without the copy, c would be 4.
    for (uint64_t count : {1, 2}) {
      a.set(1);
      EXPECT_LAUNCH(exec, {a, a, c});
      EXPECT_EQ(a.get(), 2);
      EXPECT_EQ(c.get(), 2);
      EXPECT_EQ(context.counters().copied_arguments, count);
    }
    EXPECT_LAUNCH(exec, {c, a, b});
    EXPECT_EQ(b.get(), 4);
    EXPECT_EQ(context.counters().copied_arguments, 2u);
  }
}

TEST_F(CudaAddress, TwoThatAreWrittenMayNotOverlap) {
  CudaContext context;
  GoGraphInfo info = makeInfo("both", 3);
  GoExec *exec = build(context, info, buildDisjoint);
  Int a(context, 1), b(context, 0), c(context, 0);
  EXPECT_EQ(launch(exec, {a, b, b}), GO_INVALID_ARGUMENT);
  EXPECT_STREQ(goLastMessage(), "graph 'both': buffers 1 and 2 overlap, and "
                                "the graph writes both");
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  EXPECT_EQ(b.get(), 0);
  EXPECT_LAUNCH(exec, {a, b, c});
  EXPECT_EQ(c.get(), 2);
}

TEST_F(CudaAddress, PartsOfOneAllocation) {
  CudaContext context;
  GoGraphInfo info = makeInfo("parts", 3);
  // Eight bytes each, of which the kernels use four.
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    const int64_t all[] = {0, 1, 2};
    GoNode first;
    CHECK_GO(goGraphSetDisjoint(graph, all, 3));
    CHECK_GO(addCuda(graph, {}, "twice", {writes(1, 8), reads(0, 8)}, &first));
    return addCuda(graph, {first}, "twice", {writes(2, 8), reads(0, 8)});
  });
  using Six = std::array<int32_t, 6>;
  DeviceValue<Six> all(context, {1, 0, 2, 0, 3, 0});
  auto at = [&](size_t number) {
    return static_cast<int32_t *>(static_cast<void *>(all)) + number;
  };
  // Neighbours, in another order.
  EXPECT_LAUNCH(exec, {at(2), at(4), at(0)});
  EXPECT_EQ(all.get(), (Six{4, 0, 2, 0, 4, 0}));
  EXPECT_EQ(context.counters().copied_arguments, 0u);
  // The second half of what is written is the first of what is read.
  EXPECT_LAUNCH(exec, {at(2), at(1), at(4)});
  EXPECT_EQ(all.get(), (Six{4, 4, 2, 0, 4, 0}));
  EXPECT_EQ(context.counters().copied_arguments, 1u);
  EXPECT_EQ(launch(exec, {at(4), at(0), at(1)}), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
}

TEST_F(CudaAddress, UpdateAheadLeavesCopiesToTheLaunch) {
  CudaContext context;
  GoGraphInfo info = makeInfo("ahead", 3);
  GoExec *exec = build(context, info, buildDisjoint);
  Int a(context, 1), b(context, 0), c(context, 0);
  EXPECT_LAUNCH(exec, {a, b, c});
  void *overlapping[] = {a, a, c};
  EXPECT_EQ(goExecUpdate(exec, overlapping), GO_OK);
  EXPECT_EQ(context.counters().copied_arguments, 0u);
  EXPECT_LAUNCH(exec, {a, a, c});
  EXPECT_EQ(c.get(), 2);
}

TEST_F(CudaAddress, FailedCopiesLeaveNothingBehind) {
  CudaContext context;
  GoGraphInfo info = makeInfo("failed", 3);
  GoExec *exec = build(context, info, buildDisjoint);
  Int a(context, 1), c(context, 0);
  fakecuda::failFunction("cuMemcpyDtoDAsync", 999);
  EXPECT_EQ(launch(exec, {a, a, c}), GO_DEVICE_ERROR);
  EXPECT_NE(std::string(goLastMessage())
                .find("graph 'failed': copying buffer 0, which overlaps one "
                      "that is written: cuMemcpyDtoDAsync"),
            std::string::npos)
      << goLastMessage();
  fakecuda::failFunction("", 0);
  EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  EXPECT_LAUNCH(exec, {a, a, c});
  EXPECT_EQ(c.get(), 2);
}

TEST_F(CudaAddress, ListsOfArgumentsAreChecked) {
  for (auto set : {goGraphSetBaked, goGraphSetDisjoint}) {
    CudaContext context;
    for (int64_t number : {-1, 2}) {
      GoExec *exec = nullptr;
      GoGraphInfo info = makeInfo("list", 2);
      EXPECT_EQ(instantiate(
                    context, info,
                    [=](GoGraph *graph) { return set(graph, &number, 1); },
                    &exec),
                GO_INVALID_ARGUMENT);
      EXPECT_NE(
          std::string(goLastMessage())
              .find("there is no launch argument " + std::to_string(number)),
          std::string::npos)
          << goLastMessage();
      EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
    }
    EXPECT_EQ(set(nullptr, nullptr, 0), GO_INVALID_ARGUMENT);
  }
}

//===----------------------------------------------------------------------===//
// The host
//===----------------------------------------------------------------------===//

TEST(HostAddress, OverlapsAsOnTheGPU) {
  Context context;
  GoGraphInfo info = makeInfo("host", 3);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    const int64_t all[] = {0, 1, 2};
    GoNode first;
    CHECK_GO(goGraphSetDisjoint(graph, all, 3));
    CHECK_GO(
        addKernel(graph, {}, {reads(0, 4), writes(1, 4)}, twice, 1, &first));
    return addKernel(graph, {first}, {reads(0, 4), writes(2, 4)}, twice, 1);
  });
  int32_t a = 1, b = 0, c = 0;
  EXPECT_LAUNCH(exec, {&a, &a, &c});
  EXPECT_EQ(a, 2);
  EXPECT_EQ(c, 2);
  EXPECT_LAUNCH(exec, {&a, &b, &c});
  EXPECT_LAUNCH(exec, {&b, &a, &c});
  EXPECT_EQ(c, 8);
  EXPECT_EQ(context.counters().copied_arguments, 1u);
  EXPECT_EQ(launch(exec, {&a, &c, &c}), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
}

} // namespace
