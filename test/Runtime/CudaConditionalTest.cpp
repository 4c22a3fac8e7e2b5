//===- CudaConditionalTest.cpp - Tests of branches on a CUDA device -------===//
//
// Part of graph-opt. On the fake driver. Each program runs as a graph, step by
// step, and on drivers that do not know its kind of node.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

namespace {

/// How a program runs.
struct Way {
  int32_t mode;
  int version;
};

class CudaConditional : public CudaTest,
                        public testing::WithParamInterface<Way> {
protected:
  void SetUp() override {
    CudaTest::SetUp();
    fakecuda::properties().version = GetParam().version;
  }
  /// Whether the host decides, where a driver of version `first` would.
  bool isOnHost(int first) const {
    return GetParam().mode == GO_MODE_STREAM || GetParam().version < first;
  }
};

INSTANTIATE_TEST_SUITE_P(Ways, CudaConditional,
                         testing::Values(Way{GO_MODE_GRAPH, 13000},
                                         Way{GO_MODE_STREAM, 13000},
                                         Way{GO_MODE_GRAPH, 12080},
                                         Way{GO_MODE_GRAPH, 12030},
                                         Way{GO_MODE_GRAPH, 12020}));

/// Adds `function`(buffer 1, ...) to `body`: a kernel with a scalar operand.
GoStatus addAmount(GoGraph *body, int64_t index) {
  return addCuda(body, {}, "add", {updates(1, 4), parameter(index)});
}

/// if (buffer 0) buffer 1 += p0; else, with two bodies, buffer 1 += p1.
/// The condition goes through the arena.
Builder ifBuilder(int64_t numBodies) {
  return [=](GoGraph *graph) -> GoStatus {
    GoGraph *bodies[2];
    CHECK_GO(addIf(graph, 0, bodies, numBodies));
    for (int64_t i = 0; i < numBodies; ++i)
      CHECK_GO(addAmount(bodies[i], i));
    return GO_OK;
  };
}

TEST_P(CudaConditional, If) {
  CudaContext context(GetParam().mode);
  GoGraphInfo info = makeInfo("if", 2, 64, 16);
  GoExec *exec = build(context, info, ifBuilder(1));
  Byte flag(context, 0);
  Int value(context, 0);
  int64_t amounts[] = {1, 0};
  for (uint8_t isTrue : {0, 1, 255, 0}) {
    flag.set(isTrue);
    EXPECT_LAUNCH(exec, {flag, value}, amounts, 2);
  }
  EXPECT_EQ(value.get(), 2);
  EXPECT_EQ(context.counters().host_branches, isOnHost(12030) ? 4u : 0u);
  EXPECT_EQ(context.counters().readbacks, isOnHost(12030) ? 5u : 1u);
  EXPECT_EQ(context.counters().waits, isOnHost(12030) ? 5u : 1u);
  EXPECT_EQ(fakecuda::numCalls("cuGraphLaunch"), isOnHost(12030) ? 0 : 4);
  EXPECT_EQ(context.counters().conditional_nodes, 1u);
}

TEST_P(CudaConditional, IfElse) {
  CudaContext context(GetParam().mode);
  GoGraphInfo info = makeInfo("if-else", 2, 64, 16);
  GoExec *exec = build(context, info, ifBuilder(2));
  Byte flag(context, 0);
  Int value(context, 0);
  int64_t amounts[] = {1, 100};
  for (uint8_t isTrue : {0, 1, 0}) {
    flag.set(isTrue);
    EXPECT_LAUNCH(exec, {flag, value}, amounts, 2);
  }
  EXPECT_EQ(value.get(), 201);
  EXPECT_EQ(context.counters().host_branches, isOnHost(12080) ? 3u : 0u);
}

TEST_P(CudaConditional, AddressesAndScalarsOfBodiesMayChange) {
  CudaContext context(GetParam().mode);
  GoGraphInfo info = makeInfo("changed", 2, 64, 16);
  GoExec *exec = build(context, info, ifBuilder(1));
  Byte flag(context, 1);
  Int a(context, 0), b(context, 0);
  int64_t ones[] = {1, 0}, tens[] = {10, 0};
  // All on their way at once.
  EXPECT_LAUNCH(exec, {flag, a}, ones, 2);
  EXPECT_LAUNCH(exec, {flag, b}, ones, 2);
  EXPECT_LAUNCH(exec, {flag, b}, tens, 2);
  EXPECT_LAUNCH(exec, {flag, a}, tens, 2);
  EXPECT_EQ(b.get(), 11);
  EXPECT_EQ(a.get(), 11);
  // Older drivers need a new graph for each change.
  int64_t expected = isOnHost(12030) ? 0 : GetParam().version < 13000 ? 4 : 1;
  EXPECT_EQ(fakecuda::numCalls("cuGraphInstantiate"), expected);
  EXPECT_EQ(fakecuda::numCalls("cuGraphExecKernelNodeSetParams") > 0,
            expected == 1);
  EXPECT_EQ(fakecuda::numCalls("cuCtxSynchronize"), 0);
}

TEST_P(CudaConditional, RebuiltGraphsAreOrderedAcrossStreams) {
  CudaContext context(GetParam().mode);
  void *one = fakecuda::createStream(), *two = fakecuda::createStream();
  {
    GoGraphInfo info = makeInfo("streams", 2, 64, 16);
    GoExec *exec = build(context, info, ifBuilder(1));
    Byte yes(context, 1, one), no(context, 0, two);
    Int a(context, 0, one), b(context, 0, two);
    int64_t ones[] = {1, 0};
    void *first[] = {yes, a}, *second[] = {no, b};
    EXPECT_EQ(goExecLaunch(exec, one, first, ones, 2), GO_OK);
    EXPECT_EQ(goExecLaunch(exec, two, second, ones, 2), GO_OK);
    EXPECT_EQ(b.get(), 0);
    // The second stream has waited for the first.
    int32_t early = -1;
    ASSERT_EQ(goReadback(context, two, a, &early, 4), GO_OK);
    ASSERT_EQ(goWait(context, two), GO_OK);
    EXPECT_EQ(early, 1);
    EXPECT_EQ(fakecuda::numCalls("cuCtxSynchronize"), 0);
  }
  fakecuda::destroyStream(one);
  fakecuda::destroyStream(two);
}

TEST_P(CudaConditional, While) {
  // The counter is set in the graph, which also sets the condition.
  CudaContext context(GetParam().mode);
  GoGraphInfo info = makeInfo("while", 2, 64, 16);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    int64_t condition;
    GoNode increased, counted;
    GoGraph *body;
    GoRef counter = updates(GO_BUFFER_ARENA, 1);
    CHECK_GO(goGraphAddCondition(graph, &condition));
    GoRef source = reads(0, 1);
    CHECK_GO(goGraphAddMemcpy(graph, nullptr, 0, &source, &counter, nullptr));
    CHECK_GO(addCuda(graph, {0}, "count_down",
                     {counter, conditionRef(condition)}, &counted));
    CHECK_GO(goGraphAddConditional(graph, &counted, 1, GO_CONDITIONAL_WHILE,
                                   &counter, condition, &body, 1, nullptr));
    CHECK_GO(
        addCuda(body, {}, "add", {updates(1, 4), parameter(0)}, &increased));
    return addCuda(body, {increased}, "count_down",
                   {counter, conditionRef(condition)});
  });
  Byte times(context, 0);
  Int value(context, 0);
  int64_t amounts[] = {3, 0};
  for (uint8_t count : {5, 1, 200}) {
    times.set(count);
    value.set(0);
    EXPECT_LAUNCH(exec, {times, value}, amounts, 2);
    EXPECT_EQ(value.get(), 3 * (count - 1));
  }
  EXPECT_EQ(context.counters().host_branches,
            isOnHost(12030) ? 5u + 1 + 200 : 0u);
}

/// switch (buffer 0) { case 0: buffer 1 += p0; case 1: buffer 1 += p1 }
GoStatus buildSwitch(GoGraph *graph) {
  int64_t condition;
  GoNode set;
  GoGraph *bodies[2];
  GoRef selector = updates(GO_BUFFER_ARENA, 8);
  CHECK_GO(goGraphAddCondition(graph, &condition));
  CHECK_GO(addCuda(graph, {}, "select",
                   {selector, reads(0, 8), conditionRef(condition)}, &set));
  CHECK_GO(goGraphAddConditional(graph, &set, 1, GO_CONDITIONAL_SWITCH,
                                 &selector, condition, bodies, 2, nullptr));
  CHECK_GO(addAmount(bodies[0], 0));
  return addAmount(bodies[1], 1);
}

TEST_P(CudaConditional, Switch) {
  CudaContext context(GetParam().mode);
  GoGraphInfo info = makeInfo("switch", 2, 64, 16);
  GoExec *exec = build(context, info, buildSwitch);
  Long selector(context, 0);
  Int value(context, 0);
  int64_t amounts[] = {1, 10};
  for (int64_t which : {int64_t(0), int64_t(1), int64_t(2), int64_t(-1),
                        INT64_MIN, int64_t(1)}) {
    selector.set(which);
    EXPECT_LAUNCH(exec, {selector, value}, amounts, 2);
  }
  EXPECT_EQ(value.get(), 21);
  EXPECT_EQ(context.counters().host_branches, isOnHost(12080) ? 6u : 0u);
}

TEST_P(CudaConditional, EmptyBodies) {
  CudaContext context(GetParam().mode);
  GoGraphInfo info = makeInfo("empty", 1, 64);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    GoGraph *body;
    return addIf(graph, 0, &body);
  });
  Byte flag(context, 1);
  EXPECT_LAUNCH(exec, {flag});
  EXPECT_EQ(goWait(context, nullptr), GO_OK);
  EXPECT_EQ(context.counters().host_branches, isOnHost(12080) ? 1u : 0u);
}

TEST_P(CudaConditional, NestedWithMemcpyMemsetAndChild) {
  // if (f) { x = 0; if (g) { y = x; child: ++y } }
  static auto buildChild = [](GoGraph *graph) -> GoStatus {
    return addCuda(graph, {}, "increment", {updates(0, 4)});
  };
  static const GoGraphInfo child = {
      "module", "child", 1, 1, 0, 0, [](GoGraph *g) { return buildChild(g); }};
  CudaContext context(GetParam().mode);
  GoGraphInfo info = makeInfo("nested", 4, 64);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    int64_t outer, inner;
    GoNode flags[2], filled, copied;
    GoGraph *body, *nested;
    GoRef outerFlag = updates(GO_BUFFER_ARENA, 1);
    GoRef innerFlag = updates(GO_BUFFER_ARENA, 1, 8);
    GoRef x = updates(2, 4), y = updates(3, 4);
    // A condition that no node has.
    int64_t unused;
    CHECK_GO(goGraphAddCondition(graph, &unused));
    CHECK_GO(goGraphAddCondition(graph, &outer));
    CHECK_GO(goGraphAddCondition(graph, &inner));
    CHECK_GO(addCuda(graph, {}, "set_flag",
                     {outerFlag, reads(0, 1), conditionRef(outer)}, &flags[0]));
    CHECK_GO(addCuda(graph, {}, "set_flag",
                     {innerFlag, reads(1, 1), conditionRef(inner)}, &flags[1]));
    CHECK_GO(goGraphAddConditional(graph, flags, 2, GO_CONDITIONAL_IF,
                                   &outerFlag, outer, &body, 1, nullptr));
    CHECK_GO(goGraphAddMemset(body, nullptr, 0, &x, 7, 4, &filled));
    CHECK_GO(goGraphAddConditional(body, &filled, 1, GO_CONDITIONAL_IF,
                                   &innerFlag, inner, &nested, 1, nullptr));
    CHECK_GO(goGraphAddMemcpy(nested, nullptr, 0, &x, &y, &copied));
    return goGraphAddChild(nested, &copied, 1, &child, &y, nullptr);
  });
  Byte f(context, 0), g(context, 0);
  Int x(context, 0), y(context, 0), z(context, 0);
  auto run = [&](uint8_t outer, uint8_t inner, void *target) {
    f.set(outer);
    g.set(inner);
    x.set(1);
    EXPECT_LAUNCH(exec, {f, g, x, target});
  };
  run(0, 1, y);
  EXPECT_EQ(x.get(), 1);
  run(1, 0, y);
  EXPECT_EQ(x.get(), 7);
  EXPECT_EQ(y.get(), 0);
  run(1, 1, y);
  EXPECT_EQ(y.get(), 8);
  run(1, 1, z);
  EXPECT_EQ(z.get(), 8);
  EXPECT_EQ(y.get(), 8);
  // A copy onto itself in a body, at one address and at another.
  Int w(context, 0);
  run(1, 1, x);
  EXPECT_EQ(x.get(), 8);
  EXPECT_LAUNCH(exec, {f, g, w, w});
  EXPECT_EQ(w.get(), 8);
  run(1, 1, y);
  EXPECT_EQ(y.get(), 8);
  EXPECT_EQ(fakecuda::numCalls("cuGraphNodeSetEnabled"), 0);
}

TEST_P(CudaConditional, WithoutAConditionTheHostDecides) {
  CudaContext context(GetParam().mode);
  GoGraphInfo info = makeInfo("host", 2, 0, 16);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    GoGraph *bodies[2], *inner;
    // One condition is on the device, one a host scalar.
    GoRef flag = reads(0, 1), selector = parameter(1);
    CHECK_GO(goGraphAddConditional(graph, nullptr, 0, GO_CONDITIONAL_IF, &flag,
                                   -1, bodies, 2, nullptr));
    CHECK_GO(addAmount(bodies[0], 0));
    CHECK_GO(goGraphAddConditional(bodies[1], nullptr, 0, GO_CONDITIONAL_SWITCH,
                                   &selector, -1, &inner, 1, nullptr));
    return addCuda(inner, {}, "increment", {updates(1, 4)});
  });
  Byte flag(context, 1);
  Int value(context, 0);
  int64_t first[] = {100, 0}, second[] = {100, 1};
  EXPECT_LAUNCH(exec, {flag, value}, first, 2);
  EXPECT_EQ(value.get(), 100);
  flag.set(0);
  EXPECT_LAUNCH(exec, {flag, value}, first, 2);
  EXPECT_EQ(value.get(), 101);
  EXPECT_LAUNCH(exec, {flag, value}, second, 2);
  EXPECT_EQ(value.get(), 101);
  EXPECT_EQ(context.counters().host_branches, 5u);
  EXPECT_EQ(fakecuda::numCalls("cuGraphCreate"), 0);
}

TEST_P(CudaConditional, KernelsThatSetNoConditionsLeaveThemToTheHost) {
  static const GoCudaModule portable = {"portable", fakecuda::image,
                                        fakecuda::imageBytes,
                                        GO_MODULE_SETS_NO_CONDITIONS};
  CudaContext context(GetParam().mode);
  GoGraphInfo info = makeInfo("portable", 2, 64, 16);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    int64_t condition;
    GoNode set;
    GoGraph *body;
    GoRef flag = updates(GO_BUFFER_ARENA, 1);
    GoCudaLaunch launch = makeLaunch("set_flag");
    launch.module = &portable;
    CHECK_GO(goGraphAddCondition(graph, &condition));
    GoRef operands[] = {flag, reads(0, 1), conditionRef(condition)};
    CHECK_GO(goGraphAddCudaKernel(graph, nullptr, 0, "set_flag", operands, 3,
                                  &launch, &set));
    CHECK_GO(goGraphAddConditional(graph, &set, 1, GO_CONDITIONAL_IF, &flag,
                                   condition, &body, 1, nullptr));
    return addAmount(body, 0);
  });
  Byte flag(context, 0);
  Int value(context, 0);
  int64_t amounts[] = {1, 0};
  for (uint8_t isTrue : {0, 1}) {
    flag.set(isTrue);
    EXPECT_LAUNCH(exec, {flag, value}, amounts, 2);
  }
  EXPECT_EQ(value.get(), 1);
  EXPECT_EQ(context.counters().host_branches, 2u);
  EXPECT_EQ(fakecuda::numCalls("cuGraphLaunch"), 0);
}

TEST_P(CudaConditional, ModesMayAlternate) {
  CudaContext context(GetParam().mode);
  GoGraphInfo info = makeInfo("modes", 2, 64, 16);
  GoExec *exec = build(context, info, ifBuilder(1));
  Byte flag(context, 1);
  Int value(context, 0);
  int64_t amounts[] = {1, 0};
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM, GO_MODE_GRAPH}) {
    ASSERT_EQ(goContextSetMode(context, mode), GO_OK);
    EXPECT_LAUNCH(exec, {flag, value}, amounts, 2);
  }
  EXPECT_EQ(value.get(), 3);
}

} // namespace
