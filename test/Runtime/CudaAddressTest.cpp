//===- CudaAddressTest.cpp - Tests of launch arguments that move ----------===//
//
// Part of graph-opt. On the fake driver, whose calls are counted.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

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

/// The same, of a buffer 0 that is not expected to move.
GoStatus buildBaked(GoGraph *graph) {
  const int64_t baked[] = {0};
  CHECK_GO(goGraphSetBaked(graph, baked, 1));
  return buildTimesFour(graph);
}

/// buffer 1 = 2 * buffer 0 + p0, by a table.
GoStatus buildTable(GoGraph *graph) {
  return addCuda(graph, {}, "table_twice",
                 {writes(1, 4), reads(0, 4), parameter(0)}, nullptr,
                 GO_OPERANDS_IN_TABLE);
}

/// The functions of the driver that `call` calls, where its context is current.
std::vector<std::string> callsOf(const std::function<void()> &call) {
  std::vector<std::string> names;
  fakecuda::makeCurrent(true);
  fakecuda::observe([&](const char *name) { names.push_back(name); });
  call();
  fakecuda::observe({});
  fakecuda::makeCurrent(false);
  return names;
}

/// Those of a launch where nothing changed: what is current, whether all is
/// well, whether somebody captures, and the launch.
const std::vector<std::string> unchanged = {
    "cuCtxGetCurrent", "cuCtxGetId", "cuStreamIsCapturing", "cuGraphLaunch"};

TEST_F(CudaAddress, UnchangedIsOneLaunch) {
  CudaContext context;
  GoGraphInfo info = makeInfo("same", 2, 64);
  GoExec *exec = build(context, info, buildTimesFour);
  Int a(context, 1), b(context, 0);
  EXPECT_LAUNCH(exec, {a, b});
  EXPECT_EQ(callsOf([&] { EXPECT_LAUNCH(exec, {a, b}); }), unchanged);
  EXPECT_EQ(b.get(), 4);
}

TEST_F(CudaAddress, UnchangedTablesAreOneLaunch) {
  CudaContext context;
  GoGraphInfo info = makeInfo("same", 2, 64, 8);
  GoExec *exec = build(context, info, buildTable);
  Int a(context, 1), b(context, 0), c(context, 5);
  int64_t none = 0;
  EXPECT_LAUNCH(exec, {a, b}, &none);
  EXPECT_EQ(callsOf([&] { EXPECT_LAUNCH(exec, {a, b}, &none); }), unchanged);
  int64_t uploads = fakecuda::numCalls("cuMemcpyHtoDAsync");
  // On one stream, a table is overwritten behind the launches that read it.
  EXPECT_LAUNCH(exec, {c, b}, &none);
  EXPECT_LAUNCH(exec, {a, c}, &none);
  EXPECT_EQ(fakecuda::numCalls("cuMemcpyHtoDAsync"), uploads + 2);
  EXPECT_EQ(fakecuda::numCalls("cuStreamWaitEvent"), 0);
  EXPECT_EQ(fakecuda::numCalls("cuCtxSynchronize"), 0);
  EXPECT_EQ(b.get(), 10);
  EXPECT_EQ(c.get(), 2);
}

TEST_F(CudaAddress, TablesOnSeveralStreams) {
  CudaContext context;
  void *streams[] = {fakecuda::createStream(), fakecuda::createStream()};
  {
    GoGraphInfo info = makeInfo("streams", 2, 64, 8);
    GoExec *exec = build(context, info, buildTable);
    int64_t none = 0;
    std::vector<std::unique_ptr<Int>> inputs, results;
    for (int32_t i = 0; i < 20; ++i) {
      inputs.push_back(std::make_unique<Int>(context, i));
      results.push_back(std::make_unique<Int>(context, -1));
    }
    EXPECT_EQ(inputs.back()->get(), 19); // Waits for the uploads.
    for (int32_t i = 0; i < 20; ++i) {
      void *buffers[] = {*inputs[i], *results[i]};
      // Once with other addresses, once more on the other stream.
      for (int32_t turn : {0, 1})
        EXPECT_EQ(
            goExecLaunch(exec, streams[(i / 2 + turn) % 2], buffers, &none, 1),
            GO_OK);
    }
    for (void *stream : streams)
      EXPECT_EQ(goWait(context, stream), GO_OK);
    for (int32_t i = 0; i < 20; ++i)
      EXPECT_EQ(results[i]->get(), 2 * i);
    EXPECT_EQ(fakecuda::numCalls("cuCtxSynchronize"), 0);
  }
  for (void *stream : streams)
    fakecuda::destroyStream(stream);
}

/// Launches on two streams, on one of them many, of an executable that has a
/// table; then on the other with other addresses.
class TableOnTwoStreams {
public:
  TableOnTwoStreams() : exec(build(context, info, buildTable)) {
    EXPECT_EQ(a.get() + b.get() + c.get() + d.get(), 6);
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(launchOn(one, {a, b}), GO_OK);
  }
  ~TableOnTwoStreams() {
    fakecuda::destroyStream(one);
    fakecuda::destroyStream(two);
  }
  GoStatus launchOn(void *stream, std::vector<void *> buffers) {
    int64_t none = 0;
    return goExecLaunch(exec, stream, buffers.data(), &none, 1);
  }
  void expectResults() {
    for (void *stream : {one, two})
      EXPECT_EQ(goWait(context, stream), GO_OK);
    EXPECT_EQ(b.get(), 2);
    EXPECT_EQ(d.get(), 10);
  }

  CudaContext context;
  GoGraphInfo info = makeInfo("two", 2, 64, 8);
  void *one = fakecuda::createStream(), *two = fakecuda::createStream();
  Int a{context, 1}, b{context, 0}, c{context, 5}, d{context, 0};
  GoExec *exec;
};

TEST_F(CudaAddress, ATableIsWrittenElsewhereForAnotherStream) {
  TableOnTwoStreams test;
  EXPECT_EQ(fakecuda::numCalls("cuEventRecord"),
            fakecuda::numCalls("cuMemcpyHtoDAsync") + 1); // The first launch.
  EXPECT_EQ(test.launchOn(test.two, {test.c, test.d}), GO_OK);
  EXPECT_EQ(numUpdates(), 1);
  // From here on an event is there to wait for.
  for (void *stream : {test.one, test.two, test.one}) {
    EXPECT_EQ(test.launchOn(stream, {test.a, test.b}), GO_OK);
    EXPECT_EQ(test.launchOn(stream, {test.c, test.d}), GO_OK);
  }
  test.expectResults();
  EXPECT_EQ(numUpdates(), 1);
  EXPECT_EQ(numBuilds(), 1);
  EXPECT_EQ(fakecuda::numCalls("cuCtxSynchronize"), 0);
}

TEST_F(CudaAddress, WithoutMemoryForAnotherTableTheHostWaits) {
  TableOnTwoStreams test;
  fakecuda::failFunction("cuMemAllocFromPoolAsync", 2);
  EXPECT_EQ(test.launchOn(test.two, {test.c, test.d}), GO_OK);
  fakecuda::failFunction("", 0);
  EXPECT_EQ(fakecuda::numCalls("cuCtxSynchronize"), 1);
  EXPECT_EQ(test.launchOn(test.one, {test.a, test.b}), GO_OK);
  test.expectResults();
  EXPECT_EQ(numUpdates(), 0);
}

TEST_F(CudaAddress, ATableThatNodesDoNotTakeIsNotUsed) {
  TableOnTwoStreams test;
  fakecuda::failFunction("cuGraphExecKernelNodeSetParams", 999);
  EXPECT_EQ(test.launchOn(test.two, {test.c, test.d}), GO_DEVICE_ERROR);
  fakecuda::failFunction("", 0);
  EXPECT_EQ(goContextTakeStatus(test.context), GO_DEVICE_ERROR);
  EXPECT_EQ(test.d.get(), 0);
  EXPECT_EQ(test.launchOn(test.two, {test.c, test.d}), GO_OK);
  EXPECT_EQ(test.launchOn(test.one, {test.a, test.b}), GO_OK);
  test.expectResults();
  EXPECT_EQ(numBuilds(), 2);
}

TEST_F(CudaAddress, ATableThatOldDriversCanNotMoveHasAnEvent) {
  fakecuda::properties().version = 12080;
  CudaContext context;
  void *one = fakecuda::createStream(), *two = fakecuda::createStream();
  {
    // if (a) c = 2 * b + p0, by a table.
    GoGraphInfo info = makeInfo("body", 3, 64, 8);
    GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
      GoGraph *body;
      CHECK_GO(addIf(graph, 0, &body));
      return addCuda(body, {}, "table_twice",
                     {writes(2, 4), reads(1, 4), parameter(0)}, nullptr,
                     GO_OPERANDS_IN_TABLE);
    });
    Byte flag(context, 1);
    Int b(context, 1), c(context, 0), d(context, 5), e(context, 0);
    EXPECT_EQ(flag.get() + b.get() + c.get() + d.get() + e.get(), 7);
    int64_t none = 0;
    void *first[] = {flag, b, c}, *second[] = {flag, d, e};
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(goExecLaunch(exec, one, first, &none, 1), GO_OK);
    EXPECT_EQ(goExecLaunch(exec, two, second, &none, 1), GO_OK);
    EXPECT_EQ(goWait(context, one), GO_OK);
    EXPECT_EQ(goWait(context, two), GO_OK);
    EXPECT_EQ(c.get(), 2);
    EXPECT_EQ(e.get(), 10);
    EXPECT_EQ(fakecuda::numCalls("cuCtxSynchronize"), 0);
  }
  fakecuda::destroyStream(one);
  fakecuda::destroyStream(two);
}

TEST_F(CudaAddress, WithoutPoolsTablesAreWrittenElsewhereToo) {
  fakecuda::properties().hasPools = false;
  TableOnTwoStreams test;
  EXPECT_EQ(test.launchOn(test.two, {test.c, test.d}), GO_OK);
  EXPECT_EQ(test.launchOn(test.one, {test.a, test.b}), GO_OK);
  test.expectResults();
}

TEST_F(CudaAddress, TablesOfLaunchesThatFailed) {
  CudaContext context;
  void *one = fakecuda::createStream(), *two = fakecuda::createStream();
  {
    GoGraphInfo info = makeInfo("failed", 2, 64, 8);
    GoExec *exec = build(context, info, buildTable);
    Int a(context, 1), b(context, 0), c(context, 5);
    EXPECT_EQ(a.get() + b.get() + c.get(), 6);
    int64_t none = 0;
    void *first[] = {a, b}, *second[] = {c, b};
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(goExecLaunch(exec, one, first, &none, 1), GO_OK);
    // The table is on its way, the launch is not.
    fakecuda::failFunction("cuGraphLaunch", 999);
    EXPECT_EQ(goExecLaunch(exec, one, second, &none, 1), GO_DEVICE_ERROR);
    fakecuda::failFunction("", 0);
    EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
    EXPECT_EQ(goExecLaunch(exec, two, second, &none, 1), GO_OK);
    EXPECT_EQ(goWait(context, two), GO_OK);
    EXPECT_EQ(b.get(), 10);
    EXPECT_EQ(fakecuda::numCalls("cuCtxSynchronize"), 1);
  }
  fakecuda::destroyStream(one);
  fakecuda::destroyStream(two);
}

TEST_F(CudaAddress, TablesOfLaunchesThatFailedOnAnotherStream) {
  // The launch has no wait for the one before, which the driver orders; the
  // second time the table was moved for it.
  for (bool isMoved : {false, true}) {
    TableOnTwoStreams test;
    fakecuda::failFunction("cuGraphLaunch", 2);
    std::vector<void *> failed = {test.a, test.b}, next = {test.c, test.d};
    EXPECT_EQ(test.launchOn(test.two, isMoved ? next : failed),
              GO_OUT_OF_MEMORY);
    fakecuda::failFunction("", 0);
    EXPECT_EQ(goContextTakeStatus(test.context), GO_OUT_OF_MEMORY);
    EXPECT_EQ(test.launchOn(test.two, next), GO_OK);
    EXPECT_EQ(goWait(test.context, test.two), GO_OK);
    test.expectResults();
  }
}

TEST_F(CudaAddress, HandlesThatOtherStreamsHadBefore) {
  CudaContext context;
  void *stream = fakecuda::createStream();
  {
    GoGraphInfo info = makeInfo("handles", 2, 64, 8);
    int64_t none = 0;
    GoExec *exec = build(context, info, buildTable);
    Int a(context, 1), b(context, 0), c(context, 5), d(context, 0);
    EXPECT_EQ(a.get() + b.get() + c.get() + d.get(), 6);
    void *first[] = {a, b}, *second[] = {c, d};
    for (int i = 0; i < 2; ++i)
      EXPECT_EQ(goExecLaunch(exec, stream, first, &none, 1), GO_OK);
    // What was launched is on its way still.
    fakecuda::replaceStream(stream);
    EXPECT_EQ(goExecLaunch(exec, stream, second, &none, 1), GO_OK);
    EXPECT_EQ(goWait(context, stream), GO_OK);
    EXPECT_EQ(d.get(), 10);
    EXPECT_EQ(b.get(), 2);
    // Many launches on the new one need no wait of the host.
    for (int i = 0; i < 20; ++i)
      EXPECT_EQ(goExecLaunch(exec, stream, i % 2 ? first : second, &none, 1),
                GO_OK);
    EXPECT_EQ(fakecuda::numCalls("cuCtxSynchronize"), 0);
  }
  fakecuda::destroyStream(stream);
}

TEST_F(CudaAddress, ASecondStreamWhileOthersCapture) {
  CudaContext context;
  void *one = fakecuda::createStream(), *two = fakecuda::createStream();
  void *other = fakecuda::createStream();
  {
    GoGraphInfo info = makeInfo("others", 2, 64, 8);
    int64_t none = 0;
    GoExec *exec = build(context, info, buildTable);
    Int a(context, 1), b(context, 0), c(context, 5), d(context, 0);
    EXPECT_EQ(a.get() + b.get() + c.get() + d.get(), 6);
    void *first[] = {a, b}, *second[] = {c, d};
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(goExecLaunch(exec, one, first, &none, 1), GO_OK);
    fakecuda::beginCapture(other);
    EXPECT_EQ(goExecLaunch(exec, two, second, &none, 1), GO_OK);
    EXPECT_TRUE(fakecuda::endCapture(other));
    EXPECT_EQ(goWait(context, one), GO_OK);
    EXPECT_EQ(goWait(context, two), GO_OK);
    EXPECT_EQ(b.get(), 2);
    EXPECT_EQ(d.get(), 10);
  }
  for (void *stream : {one, two, other})
    fakecuda::destroyStream(stream);
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

TEST_F(CudaAddress, FewOfManyArguments) {
  CudaContext context;
  // Forty pairs: an input and its double.
  GoGraphInfo info = makeInfo("many", 80);
  GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
    for (int64_t i = 0; i < 40; ++i)
      CHECK_GO(addCuda(graph, {}, "twice", {writes(40 + i, 4), reads(i, 4)}));
    return GO_OK;
  });
  std::vector<std::unique_ptr<Int>> values;
  std::vector<void *> buffers;
  for (int32_t i = 0; i < 80; ++i) {
    values.push_back(std::make_unique<Int>(context, i));
    buffers.push_back(*values[i]);
  }
  Int other(context, 100);
  auto moveInTurns = [&](int32_t turns) {
    for (int32_t turn = 0; turn < turns; ++turn) {
      size_t moved = turn % 3;
      buffers[moved] = other;
      EXPECT_LAUNCH(exec, buffers);
      if (turn % 100 > 97) {
        EXPECT_EQ(values[40 + moved]->get(), 200);
      }
      buffers[moved] = *values[moved];
      EXPECT_LAUNCH(exec, buffers);
      if (turn % 100 > 97) {
        EXPECT_EQ(values[40 + moved]->get(), int32_t(2 * moved));
      }
    }
  };
  moveInTurns(100);
  EXPECT_EQ(numBuilds(), 1);
  EXPECT_EQ(numUpdates(), 199);
  // Forty nodes: 800 updates pay for a graph, for each of the four sets.
  moveInTurns(3000);
  EXPECT_EQ(numBuilds(), 4);
  int64_t updates = numUpdates();
  moveInTurns(100);
  EXPECT_EQ(numBuilds(), 4);
  EXPECT_EQ(numUpdates(), updates);
}

TEST_F(CudaAddress, EachOfManyArgumentsIsLookedAt) {
  CudaContext context;
  constexpr int32_t count = 600;
  GoGraphInfo info = makeInfo("wide", count);
  GoExec *exec = build(context, info, [](GoGraph *graph) {
    std::vector<GoRef> operands = {writes(0, 4)};
    for (int64_t i = 1; i < count; ++i)
      operands.push_back(reads(i, 4));
    return addCuda(graph, {}, "wide_sum", operands);
  });
  std::vector<std::unique_ptr<Int>> values;
  std::vector<void *> buffers;
  for (int32_t i = 0; i < count; ++i) {
    values.push_back(std::make_unique<Int>(context, 1));
    buffers.push_back(*values[i]);
  }
  Int other(context, 1001);
  for (int32_t moved : {1, 2, 63, 64, 65, 511, 512, 575, 576, 577, 599})
    // Comparisons begin at either end.
    for (int unchanged : {0, 1}) {
      for (int i = 0; i < unchanged; ++i)
        EXPECT_LAUNCH(exec, buffers);
      buffers[moved] = other;
      EXPECT_LAUNCH(exec, buffers);
      EXPECT_EQ(values[0]->get(), 1599) << moved;
      buffers[moved] = *values[moved];
      EXPECT_LAUNCH(exec, buffers);
      EXPECT_EQ(values[0]->get(), 599) << moved;
    }
}

TEST_F(CudaAddress, BakedArgumentsFindTheirGraph) {
  CudaContext context;
  GoGraphInfo info = makeInfo("baked", 2, 64);
  GoExec *exec = build(context, info, buildBaked);
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
  GoExec *exec = build(context, info, buildBaked);
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

} // namespace
