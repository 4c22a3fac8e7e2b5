//===- CudaOverlapTest.cpp - Tests of launch arguments that overlap -------===//
//
// Part of graph-opt. On the fake driver, and on the host.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <array>
#include <random>

namespace {

using CudaOverlap = CudaTest;

/// Buffers 1 and 2 = 2 * buffer 0, one after the other; the buffers are taken
/// to share no memory.
GoStatus buildDisjoint(GoGraph *graph) {
  const int64_t all[] = {0, 1, 2};
  GoNode first;
  CHECK_GO(goGraphSetDisjoint(graph, all, 3));
  CHECK_GO(addCuda(graph, {}, "twice", {writes(1, 4), reads(0, 4)}, &first));
  return addCuda(graph, {first}, "twice", {writes(2, 4), reads(0, 4)});
}

TEST_F(CudaOverlap, WhatIsReadIsCopiedIfItIsWrittenToo) {
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

TEST_F(CudaOverlap, TwoThatAreWrittenMayNotOverlap) {
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

TEST_F(CudaOverlap, PartsOfOneAllocation) {
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

TEST_F(CudaOverlap, UpdateAheadLeavesCopiesToTheLaunch) {
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

TEST_F(CudaOverlap, FailedCopiesLeaveNothingBehind) {
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

//===----------------------------------------------------------------------===//
// The host
//===----------------------------------------------------------------------===//

TEST(HostOverlap, AsOnTheGPU) {
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

/// Many buffers: each kernel reads one and writes the next.
constexpr int64_t numPairs = 300;
GoStatus buildPairs(GoGraph *graph) {
  std::vector<int64_t> all;
  for (int64_t i = 0; i < 2 * numPairs; ++i)
    all.push_back(i);
  CHECK_GO(goGraphSetDisjoint(graph, all.data(), all.size()));
  for (int64_t i = 0; i < numPairs; ++i)
    CHECK_GO(addKernel(
        graph, {}, {reads(2 * i, 8, 4 * (i % 3)), writes(2 * i + 1, 4 + i % 9)},
        [](void *const *, int64_t, int64_t) {}, 1));
  return GO_OK;
}

// What a launch finds out about a few arguments that moved is what one finds
// out that looks at all.
TEST(HostOverlap, FewMovesAreCheckedAsAll) {
  Context context(GO_DEVICE_HOST, 1);
  GoGraphInfo info = makeInfo("pairs", 2 * numPairs);
  GoExec *exec = build(context, info, buildPairs);
  std::mt19937 random(7);
  auto below = [&](size_t limit) { return random() % limit; };
  std::vector<char> memory(400000);
  std::vector<void *> buffers;
  for (int64_t i = 0; i < 2 * numPairs; ++i)
    buffers.push_back(&memory[32 * i]);
  std::array<int, 3> seen = {};
  auto launchBy = [&](GoExec *launched) {
    uint64_t copies = context.counters().copied_arguments;
    GoStatus status = launch(launched, buffers);
    EXPECT_EQ(goContextTakeStatus(context), status);
    return std::make_pair(status, context.counters().copied_arguments - copies);
  };
  for (int64_t step = 1; step < 3000; ++step) {
    std::vector<void *> before = buffers;
    for (size_t i = below(4); i-- > 0;)
      // Near others, or in memory of its own.
      buffers[below(buffers.size())] =
          below(3) ? &memory[30000 + 16 * below(20000)] : buffers[below(20)];
    auto found = launchBy(exec);
    goSetOwner(step);
    EXPECT_EQ(found, launchBy(build(context, info, buildPairs)));
    EXPECT_EQ(goReleaseOwner(context, goSetOwner(0)), GO_OK);
    ++seen[found.first != GO_OK ? 0 : found.second ? 1 : 2];
    if (found.first != GO_OK || found.second)
      buffers = before; // Else everything overlaps in the end.
  }
  for (int count : seen)
    EXPECT_GT(count, 20);
}

} // namespace
