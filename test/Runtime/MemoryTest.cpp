//===- MemoryTest.cpp - Tests of memory, copies, fills, empty ranges ------===//
//
// Part of graph-opt.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

#include <cstring>
#include <numeric>

namespace {

TEST(Memory, AllocationsAreAlignedAndNeverNull) {
  Context context;
  for (int64_t bytes : {0, 1, 255, 256, 257, 1 << 20}) {
    void *pointer = goAllocate(context, nullptr, bytes);
    ASSERT_NE(pointer, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(pointer) % 256, 0u);
    std::memset(pointer, 1, bytes);
    goFree(context, nullptr, pointer);
  }
  goFree(context, nullptr, nullptr);
}

TEST(Memory, ImpossibleSizesFail) {
  Context context;
  EXPECT_EQ(goAllocate(context, nullptr, INT64_MAX), nullptr);
  EXPECT_EQ(goContextTakeStatus(context), GO_OUT_OF_MEMORY);
  EXPECT_EQ(goAllocate(context, nullptr, -1), nullptr);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextTakeStatus(context), GO_OK);
}

TEST(Memory, ReadbackAndCopy) {
  Context context;
  double a = 4.5, b = 0, c = 0;
  ASSERT_EQ(goCopy(context, nullptr, &a, &b, 8), GO_OK);
  ASSERT_EQ(goReadback(context, nullptr, &b, &c, 8), GO_OK);
  ASSERT_EQ(goWait(context, nullptr), GO_OK);
  EXPECT_EQ(c, 4.5);
  ASSERT_EQ(goCopy(context, nullptr, nullptr, nullptr, 0), GO_OK);
  EXPECT_EQ(context.counters().readbacks, 1u);
  EXPECT_EQ(context.counters().waits, 1u);
}

TEST(Memory, CopiesOverlappingAndLongRanges) {
  Context context(GO_DEVICE_HOST, 4);
  std::vector<int32_t> data(1 << 20), copy(data.size());
  std::iota(data.begin(), data.end(), 0);
  ASSERT_EQ(goCopy(context, nullptr, data.data(), copy.data(), 4 * data.size()),
            GO_OK);
  EXPECT_EQ(data, copy);
  ASSERT_EQ(goCopy(context, nullptr, data.data(), data.data() + 1,
                   4 * (data.size() - 1)),
            GO_OK);
  EXPECT_EQ(data[0], 0);
  for (size_t i = 1; i < data.size(); ++i)
    ASSERT_EQ(data[i], static_cast<int32_t>(i - 1));
}

/// Runs a graph of one memset on `bytes` bytes at offset `offset`.
void runMemset(GoContext *context, const GoGraphInfo &info, void *data,
               int64_t offset, int64_t bytes, uint32_t value, int64_t width) {
  GoExec *exec = build(context, info, [=](GoGraph *graph) {
    GoRef destination = writes(0, bytes, offset);
    return goGraphAddMemset(graph, nullptr, 0, &destination, value, width,
                            nullptr);
  });
  ASSERT_EQ(launch(exec, {data}), GO_OK);
}

TEST(Memset, Patterns) {
  Context context;
  for (int64_t width : {1, 2, 4}) {
    SCOPED_TRACE(width);
    GoGraphInfo info = makeInfo("memset", 1, 0, 0, width);
    std::vector<uint8_t> data(101, 0xee), expected = data;
    const uint32_t value = 0x04030201;
    for (int64_t i = 0; i < 96; ++i)
      expected[1 + i] = 1 + i % width;
    runMemset(context, info, data.data(), 1, 96, value, width);
    EXPECT_EQ(data, expected);
  }
  EXPECT_EQ(context.counters().memset_nodes, 3u);
}

TEST(Memset, LongRange) {
  Context context(GO_DEVICE_HOST, 4);
  GoGraphInfo info = makeInfo("long memset", 1);
  std::vector<float> data(3000001, 0);
  runMemset(context, info, data.data(), 0, 4 * data.size(), 0x3f800000, 4);
  EXPECT_EQ(data, std::vector<float>(data.size(), 1.0f));
}

TEST(Memcpy, EqualAddressesAreLeftAlone) {
  Context context;
  GoGraphInfo info = makeInfo("memcpy", 2);
  GoExec *exec = build(context, info, [](GoGraph *graph) {
    GoRef source = reads(0, 8, 8), destination = writes(1, 8, 8);
    return goGraphAddMemcpy(graph, nullptr, 0, &source, &destination, nullptr);
  });
  int64_t a[2] = {1, 2}, b[2] = {3, 4};
  ASSERT_EQ(launch(exec, {a, a}), GO_OK);
  EXPECT_EQ(a[1], 2);
  ASSERT_EQ(launch(exec, {a, b}), GO_OK);
  EXPECT_EQ(b[0], 3);
  EXPECT_EQ(b[1], 2);
}

TEST(EmptyRange, NodesOfNothingRun) {
  Context context;
  GoGraphInfo info = makeInfo("nothing", 2);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    GoRef source = reads(0, 0, 64), destination = writes(1, 0);
    GoRef nowhere = writes(GO_BUFFER_ARENA, 0);
    GoNode node;
    if (GoStatus s =
            goGraphAddMemcpy(graph, nullptr, 0, &source, &destination, nullptr))
      return s;
    if (GoStatus s =
            goGraphAddMemset(graph, nullptr, 0, &nowhere, 0, 4, nullptr))
      return s;
    if (GoStatus s = goGraphAddEmpty(graph, nullptr, 0, &node))
      return s;
    if (GoStatus s = goGraphAddHostKernel(graph, &node, 1, nullptr, nullptr, 0,
                                          nullptr, 0, nullptr))
      return s;
    return addKernel(graph, {}, {reads(0, 0), reads(GO_BUFFER_PARAMETERS, 0)},
                     nullptr, 0);
  });
  EXPECT_EQ(launch(exec, {nullptr, nullptr}), GO_OK) << goLastMessage();
}

TEST(EmptyRange, GraphWithoutNodesOrBuffers) {
  Context context;
  GoGraphInfo info = makeInfo("empty", 0);
  GoExec *exec = build(context, info, [](GoGraph *) { return GO_OK; });
  EXPECT_EQ(goExecLaunch(exec, nullptr, nullptr, nullptr, 0), GO_OK);
  EXPECT_EQ(goExecLaunch(exec, nullptr, nullptr, nullptr, 0), GO_OK);
  EXPECT_EQ(context.counters().updates, 0u);
}

} // namespace
