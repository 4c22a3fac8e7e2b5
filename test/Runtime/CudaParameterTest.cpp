//===- CudaParameterTest.cpp - Tests of operands on a CUDA device ---------===//
//
// Part of graph-opt. Host scalars, tables of operands, and limits. On the fake
// driver.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <array>

namespace {

using CudaParameters = CudaTest;

bool lastMessageHas(const std::string &part) {
  return std::string(goLastMessage()).find(part) != std::string::npos;
}

TEST_F(CudaParameters, ScalarsAreThoseOfTheLaunch) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo info = makeInfo("scalars", 2, 0, 16);
    GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
      CHECK_GO(addCuda(graph, {}, "add", {updates(0, 4), parameter(0)}));
      return addCuda(graph, {}, "add", {updates(1, 4), parameter(1)});
    });
    Int a(context, 0), b(context, 0);
    int64_t parameters[] = {1, 10};
    EXPECT_LAUNCH(exec, {a, b}, parameters, 2);
    // The block was copied: nothing has run yet.
    parameters[0] = parameters[1] = -1000;
    EXPECT_EQ(a.get(), 1);
    int64_t again[] = {1, 20};
    EXPECT_LAUNCH(exec, {a, b}, again, 2);
    EXPECT_LAUNCH(exec, {a, b}, again, 2);
    EXPECT_EQ(a.get(), 3);
    EXPECT_EQ(b.get(), 50);
    EXPECT_EQ(context.counters().uploads, 6u);
    EXPECT_EQ(context.counters().updates, 0u);
  }
  EXPECT_EQ(fakecuda::numCalls("cuGraphExecKernelNodeSetParams"), 1);
}

TEST_F(CudaParameters, LaunchesInFlightKeepTheirScalars) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo info = makeInfo("flight", 1, 0, 8);
    GoExec *exec = build(context, info, [](GoGraph *graph) {
      return addCuda(graph, {}, "add", {updates(0, 4), parameter(0)});
    });
    Int a(context, 0);
    for (int64_t value : {1, 10, 100})
      EXPECT_LAUNCH(exec, {a}, &value, 1);
    EXPECT_EQ(a.get(), 111);
  }
}

/// buffer 0 = 2 * buffer 1 + scalar, by table.
GoStatus buildTable(GoGraph *graph) {
  return addCuda(graph, {}, "table_twice",
                 {writes(0, 4), reads(1, 4), parameter(0)}, nullptr,
                 GO_OPERANDS_IN_TABLE);
}

TEST_F(CudaParameters, TablesFollowAddressesAndScalars) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo info = makeInfo("table", 2, 0, 8);
    GoExec *exec = build(context, info, buildTable);
    Int a(context, 0), b(context, 5), c(context, 0), d(context, 50);
    int64_t scalar = 1;
    EXPECT_LAUNCH(exec, {a, b}, &scalar, 1);
    // All of these are on their way at once.
    scalar = 2;
    EXPECT_LAUNCH(exec, {c, d}, &scalar, 1);
    EXPECT_EQ(c.get(), 102);
    EXPECT_EQ(a.get(), 11);
    EXPECT_LAUNCH(exec, {c, b}, &scalar, 1);
    EXPECT_EQ(c.get(), 12);
  }
  // The node has the address of the table, which does not change.
  EXPECT_EQ(fakecuda::numCalls("cuGraphExecKernelNodeSetParams"), 0);
}

TEST_F(CudaParameters, TablesOfLaunchesOnOtherStreamsAreNotOverwritten) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    void *one = fakecuda::createStream(), *two = fakecuda::createStream();
    {
      GoGraphInfo info = makeInfo("streams", 2, 0, 8);
      GoExec *exec = build(context, info, buildTable);
      Int a(context, 0, one), b(context, 5, one);
      Int c(context, 0, two), d(context, 50, two);
      int64_t scalar = 0;
      void *first[] = {a, b}, *second[] = {c, d};
      EXPECT_EQ(goExecLaunch(exec, one, first, &scalar, 1), GO_OK);
      EXPECT_EQ(goExecLaunch(exec, two, second, &scalar, 1), GO_OK);
      // The second stream is waited for first.
      EXPECT_EQ(c.get(), 100);
      EXPECT_EQ(a.get(), 10);
    }
    fakecuda::destroyStream(one);
    fakecuda::destroyStream(two);
  }
}

TEST_F(CudaParameters, CopiesFromTheParameterBlock) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo info = makeInfo("block", 1, 0, 24);
    GoExec *exec = build(context, info, [](GoGraph *graph) {
      GoRef source = reads(GO_BUFFER_PARAMETERS, 12, 8);
      GoRef destination = writes(0, 12, 4);
      return goGraphAddMemcpy(graph, nullptr, 0, &source, &destination,
                              nullptr);
    });
    using Numbers = std::array<int32_t, 4>;
    DeviceValue<Numbers> a(context, Numbers{});
    int32_t first[] = {1, 2, 3, 4, 5, 6}, second[] = {7, 7, 8, 9, 10, 7};
    EXPECT_LAUNCH(exec, {a}, first, 3);
    EXPECT_EQ(a.get(), (Numbers{0, 3, 4, 5}));
    EXPECT_LAUNCH(exec, {a}, second, 3);
    EXPECT_EQ(a.get(), (Numbers{0, 8, 9, 10}));
  }
}

/// Builds a sum of 599 numbers; `bytes` receives where they are.
GoStatus buildWide(GoGraph *graph) {
  std::vector<GoRef> operands = {writes(0, 4)};
  for (int64_t i = 1; i < 600; ++i)
    operands.push_back(reads(0, 4, 4 * i));
  return addCuda(graph, {}, "wide_sum", operands);
}

TEST_F(CudaParameters, ManyOperandsByValue) {
  CudaContext context;
  GoGraphInfo info = makeInfo("wide", 1);
  GoExec *exec = build(context, info, buildWide);
  std::array<int32_t, 600> numbers;
  numbers.fill(3);
  DeviceValue<std::array<int32_t, 600>> a(context, numbers);
  EXPECT_LAUNCH(exec, {a});
  EXPECT_EQ(a.get()[0], 3 * 599);
}

TEST_F(CudaParameters, AllOperandsInABufferFollowItsAddress) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo wideInfo = makeInfo("wide", 1);
    GoExec *wide = build(context, wideInfo, buildWide);
    GoGraphInfo tableInfo = makeInfo("in_table", 1, 0, 8);
    GoExec *table = build(context, tableInfo, [](GoGraph *graph) {
      return addCuda(graph, {}, "table_twice",
                     {writes(0, 4, 4), reads(0, 4, 8), parameter(0)}, nullptr,
                     GO_OPERANDS_IN_TABLE);
    });
    using Numbers = std::array<int32_t, 600>;
    Numbers threes, fives;
    threes.fill(3);
    fives.fill(5);
    DeviceValue<Numbers> a(context, threes), b(context, fives);
    int64_t scalar = 1;
    for (DeviceValue<Numbers> *buffer : {&a, &b}) {
      EXPECT_LAUNCH(wide, {*buffer});
      EXPECT_LAUNCH(table, {*buffer}, &scalar, 1);
    }
    EXPECT_EQ(a.get()[0], 3 * 599);
    EXPECT_EQ(a.get()[1], 2 * 3 + 1);
    EXPECT_EQ(b.get()[0], 5 * 599);
    EXPECT_EQ(b.get()[1], 2 * 5 + 1);
  }
}

TEST_F(CudaParameters, LimitsOfOperandsByValue) {
  GoGraphInfo info = makeInfo("wide", 1);
  GoExec *exec = nullptr;
  for (bool oldDriver : {true, false}) {
    fakecuda::reset();
    (oldDriver ? fakecuda::properties().version
               : fakecuda::properties().computeMajor) = oldDriver ? 12000 : 6;
    CudaContext context;
    EXPECT_EQ(instantiate(context, info, buildWide, &exec),
              GO_INVALID_ARGUMENT);
    EXPECT_TRUE(lastMessageHas("node 0 (kernel 'wide_sum'): its operands take "
                               "4800 bytes of kernel parameters, of which "
                               "there are 4096"))
        << goLastMessage();
    EXPECT_EQ(context.counters().graphs, 0u);
  }
  fakecuda::reset();
  CudaContext context;
  EXPECT_EQ(instantiate(
                context, info,
                [](GoGraph *graph) {
                  std::vector<GoRef> operands(4096, reads(0, 4));
                  return addCuda(graph, {}, "nothing", operands);
                },
                &exec),
            GO_INVALID_ARGUMENT);
  EXPECT_TRUE(lastMessageHas("there are 32764")) << goLastMessage();
}

TEST_F(CudaParameters, KernelMayNotTakeMoreThanItIsGiven) {
  CudaContext context;
  GoGraphInfo info = makeInfo("short", 1);
  GoExec *exec = nullptr;
  EXPECT_EQ(instantiate(
                context, info,
                [](GoGraph *graph) {
                  return addCuda(graph, {}, "add", {updates(0, 4)});
                },
                &exec),
            GO_INVALID_ARGUMENT);
  EXPECT_TRUE(lastMessageHas("kernel 'add' of module 'fake': it takes 16 bytes "
                             "of parameters, its operands have 8"))
      << goLastMessage();
}

} // namespace
