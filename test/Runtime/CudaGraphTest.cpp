//===- CudaGraphTest.cpp - Tests of graphs on a CUDA device ---------------===//
//
// Part of graph-opt. On the fake driver.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace {

using CudaGraph = CudaTest;

/// buffer 1 = 2 * (buffer 0 + 1), by way of the arena; buffer 2 is a copy.
GoStatus buildChain(GoGraph *graph) {
  GoNode copied, incremented, doubled;
  GoRef source = reads(0, 4), temporary = updates(GO_BUFFER_ARENA, 4, 256);
  GoRef result = updates(1, 4), copy = writes(2, 4);
  CHECK_GO(goGraphAddMemcpy(graph, nullptr, 0, &source, &temporary, &copied));
  CHECK_GO(addCuda(graph, {copied}, "increment", {temporary}, &incremented));
  CHECK_GO(
      addCuda(graph, {incremented}, "twice", {result, temporary}, &doubled));
  return goGraphAddMemcpy(graph, &doubled, 1, &result, &copy, nullptr);
}

TEST_F(CudaGraph, RunsNodesInTheOrderOfTheirEdges) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo info = makeInfo("chain", 3, 512);
    GoExec *exec = build(context, info, buildChain);
    Int a(context, 20), b(context, 0), c(context, 0);
    EXPECT_LAUNCH(exec, {a, b, c});
    EXPECT_EQ(b.get(), 42);
    EXPECT_EQ(c.get(), 42);
    EXPECT_EQ(a.get(), 20);
    EXPECT_EQ(context.counters().kernel_nodes, 2u);
    EXPECT_EQ(context.counters().memcpy_nodes, 2u);
    EXPECT_EQ(context.counters().graph_launches, 1u);
  }
  EXPECT_EQ(fakecuda::numCalls("cuGraphLaunch"), 1);
  EXPECT_EQ(fakecuda::numCalls("cuLaunchKernel"), 2);
}

TEST_F(CudaGraph, ReplayIsOneCall) {
  CudaContext context;
  GoGraphInfo info = makeInfo("replay", 3, 512);
  GoExec *exec = build(context, info, buildChain);
  Int a(context, 1), b(context, 0), c(context, 0);
  EXPECT_LAUNCH(exec, {a, b, c});
  for (int32_t value : {2, 3}) {
    a.set(value);
    EXPECT_LAUNCH(exec, {a, b, c});
    EXPECT_EQ(c.get(), 2 * value + 2);
  }
  EXPECT_EQ(fakecuda::numCalls("cuGraphInstantiate"), 1);
  EXPECT_EQ(fakecuda::numCalls("cuGraphLaunch"), 3);
  EXPECT_EQ(fakecuda::numCalls("cuGraphExecKernelNodeSetParams"), 0);
  EXPECT_EQ(fakecuda::numCalls("cuGraphExecMemcpyNodeSetParams"), 0);
  EXPECT_EQ(context.counters().updates, 0u);
}

TEST_F(CudaGraph, ChangedAddressUpdatesTheNodesThatUseIt) {
  CudaContext context;
  GoGraphInfo info = makeInfo("changed", 3, 512);
  GoExec *exec = build(context, info, buildChain);
  Int a(context, 1), b(context, 0), c(context, 0), other(context, 9);
  EXPECT_LAUNCH(exec, {a, b, c});
  EXPECT_LAUNCH(exec, {other, b, c});
  EXPECT_EQ(c.get(), 20);
  EXPECT_EQ(fakecuda::numCalls("cuGraphExecMemcpyNodeSetParams"), 1);
  EXPECT_EQ(fakecuda::numCalls("cuGraphExecKernelNodeSetParams"), 0);
  EXPECT_LAUNCH(exec, {other, a, c});
  EXPECT_EQ(a.get(), 20);
  EXPECT_EQ(fakecuda::numCalls("cuGraphExecMemcpyNodeSetParams"), 2);
  EXPECT_EQ(fakecuda::numCalls("cuGraphExecKernelNodeSetParams"), 1);
  EXPECT_EQ(fakecuda::numCalls("cuGraphInstantiate"), 1);
  EXPECT_EQ(context.counters().updates, 2u);
}

TEST_F(CudaGraph, UpdateDoesTheWorkAheadOfTheLaunch) {
  CudaContext context;
  GoGraphInfo info = makeInfo("update", 3, 512);
  GoExec *exec = build(context, info, buildChain);
  Int a(context, 1), b(context, 0), c(context, 0), other(context, 9);
  EXPECT_LAUNCH(exec, {a, b, c});
  void *buffers[] = {other, b, c};
  ASSERT_EQ(goExecUpdate(exec, buffers), GO_OK);
  EXPECT_EQ(fakecuda::numCalls("cuGraphExecMemcpyNodeSetParams"), 1);
  EXPECT_LAUNCH(exec, {other, b, c});
  EXPECT_EQ(fakecuda::numCalls("cuGraphExecMemcpyNodeSetParams"), 1);
  EXPECT_EQ(c.get(), 20);
}

TEST_F(CudaGraph, CopyOntoItselfIsLeftOut) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo info = makeInfo("itself", 3, 512);
    GoExec *exec = build(context, info, buildChain);
    Int a(context, 1), b(context, 0), c(context, 0);
    EXPECT_LAUNCH(exec, {a, b, b});
    EXPECT_EQ(b.get(), 4);
    EXPECT_LAUNCH(exec, {a, b, c});
    EXPECT_EQ(c.get(), 4);
    EXPECT_LAUNCH(exec, {a, c, c});
    EXPECT_EQ(c.get(), 4);
  }
  EXPECT_EQ(fakecuda::numCalls("cuGraphNodeSetEnabled"), 3);
}

TEST_F(CudaGraph, ItsOwnModeIsObeyed) {
  CudaContext context;
  GoGraphInfo info = makeInfo("own mode", 3, 512);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    CHECK_GO(goGraphSetMode(graph, GO_MODE_STREAM));
    return buildChain(graph);
  });
  Int a(context, 1), b(context, 0), c(context, 0);
  EXPECT_LAUNCH(exec, {a, b, c});
  EXPECT_LAUNCH(exec, {a, b, c});
  EXPECT_EQ(c.get(), 4);
  EXPECT_EQ(fakecuda::numCalls("cuGraphLaunch"), 0);
  EXPECT_EQ(fakecuda::numCalls("cuGraphInstantiate"), 0);
  // Another graph of the same context is launched at once.
  GoGraphInfo other = makeInfo("other", 3, 512);
  EXPECT_LAUNCH(build(context, other, buildChain), {a, b, c});
  EXPECT_EQ(fakecuda::numCalls("cuGraphLaunch"), 1);
}

TEST_F(CudaGraph, MemsetsOfAllWidths) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo info = makeInfo("memset", 1);
    GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
      GoRef one = writes(0, 1), two = writes(0, 2, 2), four = writes(0, 4, 4);
      CHECK_GO(
          goGraphAddMemset(graph, nullptr, 0, &one, 0x12345678, 1, nullptr));
      CHECK_GO(
          goGraphAddMemset(graph, nullptr, 0, &two, 0x12345678, 2, nullptr));
      return goGraphAddMemset(graph, nullptr, 0, &four, 0x12345678, 4, nullptr);
    });
    Long a(context, 0), b(context, 0);
    EXPECT_LAUNCH(exec, {a});
    EXPECT_LAUNCH(exec, {b});
    EXPECT_EQ(a.get(), 0x1234567856780078);
    EXPECT_EQ(b.get(), 0x1234567856780078);
  }
}

TEST_F(CudaGraph, MisalignedMemsetIsRefused) {
  CudaContext context;
  GoGraphInfo info = makeInfo("misaligned", 1);
  GoExec *exec = build(context, info, [](GoGraph *graph) {
    GoRef destination = writes(0, 4, 2);
    return goGraphAddMemset(graph, nullptr, 0, &destination, 0, 4, nullptr);
  });
  Long a(context, 0);
  EXPECT_EQ(launch(exec, {a}), GO_INVALID_ARGUMENT);
  EXPECT_NE(std::string(goLastMessage())
                .find("node 0 (memset): its destination is not aligned"),
            std::string::npos)
      << goLastMessage();
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
}

TEST_F(CudaGraph, EmptyRangesAndEmptyNodesRun) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo info = makeInfo("nothing", 2);
    GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
      GoRef source = reads(0, 0, 64), destination = writes(0, 0);
      GoNode copied, filled, empty, kernel;
      CHECK_GO(
          goGraphAddMemcpy(graph, nullptr, 0, &source, &destination, &copied));
      CHECK_GO(
          goGraphAddMemset(graph, nullptr, 0, &destination, 0, 4, &filled));
      GoNode both[] = {copied, filled};
      CHECK_GO(goGraphAddEmpty(graph, both, 2, &empty));
      CHECK_GO(addCuda(graph, {empty}, "nothing", {}, &kernel));
      return addCuda(graph, {kernel}, "increment", {updates(1, 4)});
    });
    Int a(context, 1);
    EXPECT_LAUNCH(exec, {nullptr, a});
    EXPECT_EQ(a.get(), 2);
  }
}

TEST_F(CudaGraph, GraphWithoutNodes) {
  CudaContext context;
  GoGraphInfo info = makeInfo("empty", 0);
  GoExec *exec = build(context, info, [](GoGraph *) { return GO_OK; });
  EXPECT_EQ(goExecLaunch(exec, nullptr, nullptr, nullptr, 0), GO_OK);
  EXPECT_EQ(goExecLaunch(exec, nullptr, nullptr, nullptr, 0), GO_OK);
  EXPECT_EQ(goWait(context, nullptr), GO_OK);
}

TEST_F(CudaGraph, ChildrenRunInTheirPlace) {
  // ++a; { a = 2 * a twice, b = 2 * a } ; c = 2 * b
  static auto buildChild = [](GoGraph *graph) -> GoStatus {
    GoNode copied, first;
    GoRef a = updates(0, 4), b = updates(1, 4);
    CHECK_GO(addCuda(graph, {}, "twice", {a, a}, &first));
    CHECK_GO(addCuda(graph, {first}, "twice", {a, a}, &copied));
    CHECK_GO(addCuda(graph, {copied}, "twice", {b, a}));
    // A second node that nothing runs after.
    return addCuda(graph, {copied}, "nothing", {});
  };
  static const GoGraphInfo child = {
      "module", "child", 1, 2, 0, 0, [](GoGraph *g) { return buildChild(g); }};
  static const GoGraphInfo nothing = {"module",
                                      "nothing",
                                      1,
                                      0,
                                      0,
                                      0,
                                      [](GoGraph *) -> GoStatus { return GO_OK; }};
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo info = makeInfo("parent", 3);
    GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
      GoNode first, other, middle, gap;
      CHECK_GO(addCuda(graph, {}, "increment", {updates(0, 4)}, &first));
      CHECK_GO(addCuda(graph, {}, "nothing", {}, &other));
      GoRef arguments[] = {updates(0, 4), updates(1, 4)};
      GoNode before[] = {first, other};
      CHECK_GO(goGraphAddChild(graph, before, 2, &child, arguments, &middle));
      CHECK_GO(goGraphAddChild(graph, &middle, 1, &nothing, nullptr, &gap));
      return addCuda(graph, {gap}, "twice", {writes(2, 4), reads(1, 4)});
    });
    Int a(context, 1), b(context, 0), c(context, 0), d(context, 2);
    EXPECT_LAUNCH(exec, {a, b, c});
    EXPECT_EQ(a.get(), 8);
    EXPECT_EQ(b.get(), 16);
    EXPECT_EQ(c.get(), 32);
    EXPECT_LAUNCH(exec, {d, b, c});
    EXPECT_EQ(c.get(), 48);
    EXPECT_EQ(context.counters().kernel_nodes, 7u);
  }
}

TEST_F(CudaGraph, ArenaIsZeroOnceAndKept) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo info = makeInfo("arena", 1, 64);
    GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
      GoNode counted;
      GoRef counter = updates(GO_BUFFER_ARENA, 4, 60), result = writes(0, 4);
      CHECK_GO(addCuda(graph, {}, "increment", {counter}, &counted));
      return goGraphAddMemcpy(graph, &counted, 1, &counter, &result, nullptr);
    });
    Int a(context, 0);
    for (int32_t count : {1, 2, 3}) {
      EXPECT_LAUNCH(exec, {a});
      EXPECT_EQ(a.get(), count);
    }
  }
}

TEST_F(CudaGraph, LaunchConfigurationArrives) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    GoGraphInfo info = makeInfo("configuration", 1);
    GoExec *exec = build(context, info, [](GoGraph *graph) {
      GoCudaLaunch launch = {&fakeModule, "describe", {2, 3, 4}, {5, 6, 7},
                             200 << 10,   1,          0,         0};
      GoRef result = writes(0, 32);
      return goGraphAddCudaKernel(graph, nullptr, 0, "k", &result, 1, &launch,
                                  nullptr);
    });
    using Description = std::array<int32_t, 8>;
    DeviceValue<Description> a(context, {}), b(context, {});
    const Description expected = {2, 3, 4, 5, 6, 7, 200 << 10, 1};
    EXPECT_LAUNCH(exec, {a});
    EXPECT_EQ(a.get(), expected);
    EXPECT_LAUNCH(exec, {b});
    EXPECT_EQ(b.get(), expected);
  }
}

TEST_F(CudaGraph, ModulesAreLoadedOnce) {
  CudaContext context;
  GoGraphInfo first = makeInfo("first", 1), second = makeInfo("second", 1);
  auto builder = [](GoGraph *graph) {
    return addCuda(graph, {}, "increment", {updates(0, 4)});
  };
  build(context, first, builder);
  build(context, second, builder);
  EXPECT_EQ(fakecuda::numCalls("cuModuleLoadDataEx"), 1);
  EXPECT_EQ(fakecuda::numCalls("cuModuleGetFunction"), 1);
}

TEST_F(CudaGraph, DotShowsGridAndBlock) {
  CudaContext context;
  GoGraphInfo info = makeInfo("dot", 1);
  build(context, info, [](GoGraph *graph) {
    GoCudaLaunch launch = {&fakeModule, "increment", {132, 2, 1}, {256, 1, 1},
                           512,         1,           0,           0};
    GoRef a = updates(0, 4);
    return goGraphAddCudaKernel(graph, nullptr, 0, "norm", &a, 1, &launch,
                                nullptr);
  });
  std::string path = testing::TempDir() + "graphopt-cuda.dot";
  ASSERT_EQ(goContextWriteDot(context, path.c_str()), GO_OK);
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  EXPECT_NE(
      text.str().find("kernel\\nnorm\\nfunction increment\\n132x2x1 blocks of "
                      "256x1x1\\n512 bytes of shared memory\\ncooperative\\n"
                      "updates 4 bytes of argument 0\""),
      std::string::npos)
      << text.str();
  std::remove(path.c_str());
}

} // namespace
