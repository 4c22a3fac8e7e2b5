//===- FaultTest.cpp - Tests of device faults in every state --------------===//
//
// Part of graph-opt. A small program is run on the fake device with a fault at
// each of its device calls in turn; leaks are the sanitizer's to find.
//
//===----------------------------------------------------------------------===//

#include "RuntimeTest.h"

namespace {

/// What a compiled program does: takes memory, replays a graph twice (the
/// second time at another address), copies, reads back, and asks for the
/// status once.
GoStatus runProgram(GoContext *context, const GoGraphInfo &info,
                    int32_t *result) {
  int32_t a = 20, b = 0;
  void *memory = goAllocate(context, nullptr, 4);
  GoExec *exec = nullptr;
  int32_t parameter = 1;
  for (int32_t *data : {&a, &b}) {
    instantiate(
        context, info,
        [](GoGraph *graph) -> GoStatus {
          GoNode node;
          GoRef data = reads(0, 4), copy = writes(GO_BUFFER_ARENA, 4);
          if (GoStatus s =
                  goGraphAddMemcpy(graph, nullptr, 0, &data, &copy, &node))
            return s;
          return addKernel(graph, {node},
                           {reads(GO_BUFFER_ARENA, 4), writes(0, 4),
                            reads(GO_BUFFER_PARAMETERS, 4)},
                           twice, 1);
        },
        &exec);
    void *buffers[] = {data};
    goExecLaunch(exec, nullptr, buffers, &parameter, 1);
  }
  if (memory) {
    goCopy(context, nullptr, &a, memory, 4);
    goReadback(context, nullptr, memory, result, 4);
  }
  goWait(context, nullptr);
  goFree(context, nullptr, memory);
  return goContextTakeStatus(context);
}

TEST(Fault, EveryDeviceCallMayFail) {
  GoGraphInfo info = makeInfo("program", 1, 64, 4);
  int64_t numCalls = 0;
  {
    Context context(GO_DEVICE_FAKE);
    int32_t result = 0;
    ASSERT_EQ(runProgram(context, info, &result), GO_OK) << goLastMessage();
    EXPECT_EQ(result, 40);
    numCalls = goFakeCalls(context);
    // Memory, instantiation with arena and parameters, 2 launches, copy,
    // readback, wait.
    EXPECT_EQ(numCalls, 9);
  }
  for (int64_t call = 0; call < numCalls; ++call) {
    SCOPED_TRACE(call);
    Context context(GO_DEVICE_FAKE);
    int32_t result = -1;
    goFakeFailAfter(context, call, GO_DEVICE_ERROR);
    EXPECT_EQ(runProgram(context, info, &result), GO_DEVICE_ERROR);
    EXPECT_NE(std::string(goLastMessage()).find("fake device"),
              std::string::npos)
        << goLastMessage();
    GoCounters counters = context.counters();
    EXPECT_EQ(counters.graphs, counters.instantiations);

    // The same context works again.
    EXPECT_EQ(runProgram(context, info, &result), GO_OK) << goLastMessage();
    EXPECT_EQ(result, 40);
    EXPECT_EQ(context.counters().graphs, 1u);
  }
}

TEST(Fault, NothingHalfBuiltIsCached) {
  // Call 0 instantiates, 1 takes the arena, 2 the parameter block.
  GoGraphInfo info = makeInfo("half", 1, 64, 16);
  for (int64_t call : {0, 1, 2}) {
    Context context(GO_DEVICE_FAKE);
    goFakeFailAfter(context, call, GO_DEVICE_ERROR);
    GoExec *exec = nullptr;
    EXPECT_EQ(instantiate(context, info, incrementing(1), &exec),
              GO_DEVICE_ERROR);
    EXPECT_EQ(exec, nullptr);
    EXPECT_NE(std::string(goLastMessage()).find("graph 'half'"),
              std::string::npos);
    EXPECT_EQ(context.counters().graphs, 0u);
    EXPECT_EQ(context.counters().kernel_nodes, 0u);
    EXPECT_NE(build(context, info, incrementing(1)), nullptr);
    EXPECT_EQ(context.counters().cache_hits, 0u);
    EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  }
}

TEST(Fault, FailedLaunchMayBeRepeated) {
  Context context(GO_DEVICE_FAKE);
  GoGraphInfo info = makeInfo("repeated", 1);
  GoExec *exec = build(context, info, incrementing(1));
  int32_t a = 0, b = 0;
  ASSERT_EQ(launch(exec, {&a}), GO_OK);
  goFakeFailAfter(context, 0, GO_DEVICE_ERROR);
  EXPECT_EQ(launch(exec, {&b}), GO_DEVICE_ERROR);
  EXPECT_EQ(b, 0);
  EXPECT_EQ(context.counters().graph_launches, 1u);
  EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  EXPECT_EQ(launch(exec, {&b}), GO_OK);
  EXPECT_EQ(b, 1);
  EXPECT_EQ(a, 1);
}

TEST(Fault, RequestsMayBeTakenBack) {
  Context context(GO_DEVICE_FAKE);
  goFakeFailAfter(context, 0, GO_DEVICE_ERROR);
  goFakeFailAfter(context, -1, GO_DEVICE_ERROR);
  EXPECT_EQ(goWait(context, nullptr), GO_OK);
  EXPECT_EQ(goFakeCalls(context), 1);
}

TEST(Fault, OtherDevicesTakeNoRequests) {
  Context context;
  goFakeFailAfter(context, 0, GO_DEVICE_ERROR);
  EXPECT_EQ(goWait(context, nullptr), GO_OK);
  EXPECT_EQ(goFakeCalls(context), 0);
}

} // namespace
