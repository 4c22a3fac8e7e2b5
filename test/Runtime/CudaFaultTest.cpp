//===- CudaFaultTest.cpp - Tests of failing CUDA calls --------------------===//
//
// Part of graph-opt. A program is run on the fake driver with a failure at each
// of its driver calls in turn.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

namespace {

using CudaFault = CudaTest;

/// if (b0) b1 = b1 + 1 in a body, a memset, a copy of a parameter, a child, a
/// cooperative kernel and one with a table.
GoStatus buildAll(GoGraph *graph) {
  static const GoGraphInfo child = {
      "module", "child", 1, 1, 0, 0, [](GoGraph *graph) {
        return addCuda(graph, {}, "increment", {updates(0, 4)});
      }};
  GoNode branched, filled, copied, called, moved;
  GoGraph *body;
  GoRef sum = updates(1, 4), scalar = parameter(0);
  GoRef scratch = updates(GO_BUFFER_ARENA, 4, 8);
  GoRef number = updates(GO_BUFFER_ARENA, 8, 16), result = writes(2, 4);
  CHECK_GO(addIf(graph, 0, &body, 1, &branched));
  CHECK_GO(addCuda(body, {}, "increment", {sum}));
  CHECK_GO(goGraphAddMemset(graph, nullptr, 0, &scratch, 1, 4, &filled));
  CHECK_GO(goGraphAddMemcpy(graph, nullptr, 0, &scalar, &number, &copied));
  GoNode all[] = {branched, filled, copied};
  CHECK_GO(goGraphAddChild(graph, all, 3, &child, &sum, &called));
  GoRef source = sum;
  CHECK_GO(goGraphAddMemcpy(graph, &called, 1, &source, &result, &moved));
  GoRef described = writes(GO_BUFFER_ARENA, 32, 32);
  GoCudaLaunch launch = makeLaunch("describe");
  launch.cooperative = 1;
  launch.shared_bytes = 1 << 10;
  CHECK_GO(goGraphAddCudaKernel(graph, nullptr, 0, "describe", &described, 1,
                                &launch, nullptr));
  return addCuda(graph, {moved}, "table_twice",
                 {updates(2, 4), updates(2, 4), parameter(1)}, nullptr,
                 GO_OPERANDS_IN_TABLE);
}

/// Launches the graph with two sets of addresses and scalars and reads the
/// results back; returns the status that a compiled program would.
GoStatus runProgram(GoContext *context, const GoGraphInfo &info,
                    int32_t (&results)[2]) {
  uint8_t flag = 1;
  int32_t five = 5;
  void *memory[4] = {};
  for (void *&pointer : memory)
    pointer = goAllocate(context, nullptr, 256);
  GoExec *exec = nullptr;
  if (memory[0] && memory[1] && memory[2] && memory[3]) {
    goUpload(context, nullptr, &flag, memory[0], 1);
    for (int64_t run = 0; run < 2; ++run) {
      goUpload(context, nullptr, &five, memory[1], 4);
      instantiate(context, info, buildAll, &exec);
      int64_t scalars[] = {7, 1 + run};
      void *buffers[] = {memory[0], memory[1], memory[2 + run]};
      goExecLaunch(exec, nullptr, buffers, scalars, 2);
    }
    // Addresses of nodes that are in no body.
    void *buffers[] = {memory[0], memory[1], memory[2]};
    if (exec)
      goExecUpdate(exec, buffers);
    for (int64_t run = 0; run < 2; ++run)
      goReadback(context, nullptr, memory[2 + run], &results[run], 4);
  }
  goWait(context, nullptr);
  for (void *pointer : memory)
    goFree(context, nullptr, pointer);
  return goContextTakeStatus(context);
}

void expectRight(GoContext *context, const GoGraphInfo &info) {
  int32_t results[2] = {-1, -1};
  EXPECT_EQ(runProgram(context, info, results), GO_OK) << goLastMessage();
  EXPECT_EQ(results[0], 2 * 7 + 1);
  EXPECT_EQ(results[1], 2 * 7 + 2);
}

/// Runs the program in `mode` with each call failing in turn.
void failEachCall(int32_t mode) {
  GoGraphInfo info = makeInfo("all", 3, 64, 16);
  int64_t numCalls = 0;
  {
    CudaContext context(mode);
    int64_t before = fakecuda::numCalls();
    expectRight(context, info);
    numCalls = fakecuda::numCalls() - before;
  }
  EXPECT_EQ(fakecuda::alive(), "");
  EXPECT_GT(numCalls, 50);
  for (int64_t call = 0; call < numCalls; ++call) {
    SCOPED_TRACE(call);
    {
      CudaContext context(mode);
      fakecuda::failAfter(call);
      int32_t results[2] = {-1, -1};
      GoStatus status = runProgram(context, info, results);
      EXPECT_TRUE(fakecuda::hasFailed());
      if (status == GO_OK) {
        // The runtime did without the call.
        EXPECT_EQ(results[0], 2 * 7 + 1);
        EXPECT_EQ(results[1], 2 * 7 + 2);
      } else {
        EXPECT_EQ(status, GO_DEVICE_ERROR);
        EXPECT_NE(std::string(goLastMessage())
                      .find(": CUDA_ERROR_UNKNOWN (some error)"),
                  std::string::npos)
            << goLastMessage();
      }
      GoCounters counters = context.counters();
      EXPECT_EQ(counters.graphs, counters.instantiations);
      // The same context works again.
      expectRight(context, info);
    }
    ASSERT_EQ(fakecuda::alive(), "");
    ASSERT_EQ(fakecuda::faults(), "");
    ASSERT_FALSE(fakecuda::isCurrent());
  }
}

TEST_F(CudaFault, EachCallOfAProgramInGraphMode) {
  failEachCall(GO_MODE_GRAPH);
}

TEST_F(CudaFault, EachCallOfAProgramInStreamMode) {
  failEachCall(GO_MODE_STREAM);
}

TEST_F(CudaFault, EachCallOfAProgramOnAnOlderDriver) {
  fakecuda::properties().version = 12030;
  fakecuda::properties().hasPools = false;
  failEachCall(GO_MODE_GRAPH);
}

TEST_F(CudaFault, EachCallOfTheCreation) {
  int64_t numCalls = 0;
  {
    GoContext *context = nullptr;
    ASSERT_EQ(goContextCreate(GO_DEVICE_CUDA, 0, &context), GO_OK);
    numCalls = fakecuda::numCalls();
    goContextDestroy(context);
  }
  EXPECT_GT(numCalls, 8);
  int64_t numTolerated = 0;
  for (int64_t call = 0; call < numCalls; ++call) {
    SCOPED_TRACE(call);
    fakecuda::failAfter(call);
    GoContext *context = nullptr;
    if (goContextCreate(GO_DEVICE_CUDA, 0, &context) == GO_OK) {
      // The runtime did without the call.
      ++numTolerated;
      goContextDestroy(context);
    } else {
      EXPECT_EQ(context, nullptr);
      EXPECT_NE(std::string(goLastMessage()).find("goContextCreate: "),
                std::string::npos);
    }
    ASSERT_EQ(fakecuda::alive(), "");
    ASSERT_FALSE(fakecuda::isCurrent());
  }
  // Which context is current, and which it is; the mode of captures, there and
  // back.
  EXPECT_EQ(numTolerated, 4);
}

TEST_F(CudaFault, MessagesNameTheCallAndTheError) {
  CudaContext context;
  GoGraphInfo info = makeInfo("message", 1);
  GoExec *exec = build(context, info, [](GoGraph *graph) {
    return addCuda(graph, {}, "increment", {updates(0, 4)});
  });
  Int a(context, 1);
  fakecuda::failFunction("cuGraphInstantiate", 999);
  EXPECT_EQ(launch(exec, {a}), GO_DEVICE_ERROR);
  EXPECT_STREQ(goLastMessage(),
               "graph 'message': launching: instantiating: cuGraphInstantiate: "
               "CUDA_ERROR_UNKNOWN (some error)");
  EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  // An error of which the driver knows the node.
  fakecuda::failFunction("cuGraphInstantiate", 1);
  EXPECT_EQ(launch(exec, {a}), GO_DEVICE_ERROR);
  EXPECT_STREQ(goLastMessage(),
               "graph 'message': launching: instantiating: graph 'message': "
               "node 0 (kernel 'increment'): cuGraphInstantiate: "
               "CUDA_ERROR_OTHER (some error)");
  EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  EXPECT_EQ(fakecuda::alive().find("graph"), std::string::npos);
  // An error that the driver has no name for.
  fakecuda::failFunction("cuGraphAddKernelNode", 12345);
  EXPECT_EQ(launch(exec, {a}), GO_DEVICE_ERROR);
  EXPECT_STREQ(
      goLastMessage(),
      "graph 'message': launching: instantiating: graph 'message': "
      "node 0 (kernel 'increment'): cuGraphAddKernelNode: error 12345");
  EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  fakecuda::failFunction("", 0);
  EXPECT_LAUNCH(exec, {a});
  EXPECT_EQ(a.get(), 2);
}

TEST_F(CudaFault, ContextThatIsGone) {
  CudaContext context;
  GoGraphInfo info = makeInfo("gone", 0);
  fakecuda::failFunction("cuCtxPushCurrent", 999);
  GoExec *exec = nullptr;
  int32_t value = 1;
  auto expectFailure = [&](bool isFailure) {
    EXPECT_TRUE(isFailure);
    EXPECT_NE(std::string(goLastMessage()).find("cuCtxPushCurrent"),
              std::string::npos)
        << goLastMessage();
    EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  };
  expectFailure(!goAllocate(context, nullptr, 1));
  expectFailure(goUpload(context, nullptr, &value, &value, 4));
  expectFailure(goCopy(context, nullptr, &value, &value + 1, 4));
  expectFailure(goReadback(context, nullptr, &value, &value, 4));
  EXPECT_EQ(value, 0);
  expectFailure(goWait(context, nullptr));
  GoTimer *timer = nullptr;
  expectFailure(goTimerCreate(context, &timer));
  expectFailure(instantiate(
      context, info, [](GoGraph *) { return GO_OK; }, &exec));
  fakecuda::failFunction("", 0);
  EXPECT_EQ(goWait(context, nullptr), GO_OK);
}

TEST_F(CudaFault, ModulesAndKernelsThatTheDriverRefuses) {
  static const char text[] = "no image";
  static const GoCudaModule broken = {"broken", text, sizeof(text), 0};
  CudaContext context;
  GoExec *exec = nullptr;
  auto expectFailure = [&](const GoGraphInfo &info, GoCudaLaunch launch,
                           const std::string &message) {
    auto builder = [&](GoGraph *graph) {
      return goGraphAddCudaKernel(graph, nullptr, 0, "k", nullptr, 0, &launch,
                                  nullptr);
    };
    EXPECT_NE(instantiate(context, info, builder, &exec), GO_OK);
    EXPECT_NE(std::string(goLastMessage()).find(message), std::string::npos)
        << goLastMessage();
    EXPECT_NE(goContextTakeStatus(context), GO_OK);
    EXPECT_EQ(context.counters().graphs, 0u);
  };
  GoGraphInfo info = makeInfo("refused", 0);
  GoCudaLaunch launch = makeLaunch("nothing");
  launch.module = &broken;
  expectFailure(info, launch,
                "module 'broken': cuModuleLoadDataEx: CUDA_ERROR_OTHER (some "
                "error): line 1: no fake image");
  expectFailure(info, makeLaunch("missing"),
                "kernel 'missing' of module 'fake': cuModuleGetFunction");
  launch = makeLaunch("nothing");
  launch.shared_bytes = 1 << 20;
  expectFailure(info, launch, "cuFuncSetAttribute");
}

/// Expects that the builder fails with `message` in its message.
void expectRefused(GoContext *context, Builder builder,
                   const std::string &message) {
  GoGraphInfo info = makeInfo("refused", 1, 64, 8);
  GoExec *exec = nullptr;
  EXPECT_EQ(instantiate(context, info, std::move(builder), &exec),
            GO_INVALID_ARGUMENT);
  EXPECT_NE(std::string(goLastMessage()).find(message), std::string::npos)
      << goLastMessage();
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
}

TEST_F(CudaFault, DamagedLaunches) {
  CudaContext context;
  auto expectDamage = [&](GoCudaLaunch launch, const std::string &message) {
    expectRefused(
        context,
        [=](GoGraph *graph) {
          return goGraphAddCudaKernel(graph, nullptr, 0, "k", nullptr, 0,
                                      &launch, nullptr);
        },
        message);
  };
  const GoCudaModule empty = {"empty", "", 0, 0};
  GoCudaLaunch launch = makeLaunch("nothing");
  launch.module = nullptr;
  expectDamage(launch, "its module is null or empty");
  launch.module = &empty;
  expectDamage(launch, "its module is null or empty");
  expectDamage(makeLaunch(nullptr), "its function has no name");
  launch = makeLaunch("nothing");
  launch.grid[1] = 0;
  expectDamage(launch, "its grid and its block");
  launch = makeLaunch("nothing");
  launch.block[2] = -1;
  expectDamage(launch, "its grid and its block");
  launch = makeLaunch("nothing");
  launch.shared_bytes = -1;
  expectDamage(launch, "a negative size of shared memory");
  expectDamage(makeLaunch("nothing", 2), "2 is no way to pass operands");
  expectRefused(
      context,
      [](GoGraph *graph) {
        return goGraphAddCudaKernel(graph, nullptr, 0, "k", nullptr, 0, nullptr,
                                    nullptr);
      },
      "its launch is null");
}

TEST_F(CudaFault, DamagedReferencesToConditions) {
  CudaContext context;
  auto expectDamage = [&](GoRef reference, const std::string &message) {
    expectRefused(
        context,
        [=](GoGraph *graph) -> GoStatus {
          int64_t condition;
          CHECK_GO(goGraphAddCondition(graph, &condition));
          return addCuda(graph, {}, "nothing", {reference});
        },
        message);
  };
  expectDamage(conditionRef(1), "no condition 1; the graph has 1");
  expectDamage({GO_BUFFER_CONDITION, GO_ACCESS_READ, 0, 4},
               "the handle of a condition has 8 bytes, not 4");
  static const GoGraphInfo child = {
      "module", "child", 1, 0, 0, 0, [](GoGraph *graph) -> GoStatus {
        int64_t condition;
        CHECK_GO(goGraphAddCondition(graph, &condition));
        return addCuda(graph, {}, "nothing", {conditionRef(condition)});
      }};
  expectRefused(
      context,
      [](GoGraph *graph) {
        return goGraphAddChild(graph, nullptr, 0, &child, nullptr, nullptr);
      },
      "a child may not have conditions");
}

TEST_F(CudaFault, DeviceWithoutCooperativeLaunches) {
  fakecuda::properties().launchesCooperatively = false;
  CudaContext context;
  GoGraphInfo info = makeInfo("cooperative", 0);
  GoExec *exec = nullptr;
  EXPECT_EQ(instantiate(
                context, info,
                [](GoGraph *graph) {
                  GoCudaLaunch launch = makeLaunch("nothing");
                  launch.cooperative = 1;
                  return goGraphAddCudaKernel(graph, nullptr, 0, "k", nullptr,
                                              0, &launch, nullptr);
                },
                &exec),
            GO_UNSUPPORTED);
}

TEST_F(CudaFault, CooperativeKernelsOfAnyGridFitOnTheDevice) {
  fakecuda::properties().multiprocessors = 3;
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    for (int32_t cooperative : {GO_COOPERATIVE_GRID, GO_COOPERATIVE_ANY_GRID}) {
      GoGraphInfo info = makeInfo("any grid", 1);
      info.fingerprint = cooperative;
      static int32_t kind;
      kind = cooperative;
      GoExec *exec = build(context, info, [](GoGraph *graph) {
        GoCudaLaunch launch = makeLaunch("describe");
        launch.cooperative = kind;
        launch.grid[0] = 40;
        launch.block[0] = 512;
        GoRef operand = writes(0, 32);
        return goGraphAddCudaKernel(graph, nullptr, 0, "k", &operand, 1,
                                    &launch, nullptr);
      });
      DeviceValue<std::array<int32_t, 8>> out(context, {});
      EXPECT_LAUNCH(exec, {out});
      // Four blocks of 512 threads on each multiprocessor.
      EXPECT_EQ(out.get()[0], cooperative == GO_COOPERATIVE_GRID ? 40 : 12);
    }
  }
}

TEST_F(CudaFault, UpdatesThatTheDriverRefusesRebuildTheGraph) {
  CudaContext context;
  GoGraphInfo info = makeInfo("rebuilt", 1);
  GoExec *exec = build(context, info, [](GoGraph *graph) {
    return addCuda(graph, {}, "increment", {updates(0, 4)});
  });
  Int a(context, 1), b(context, 10);
  EXPECT_LAUNCH(exec, {a});
  fakecuda::failFunction("cuGraphExecKernelNodeSetParams", 1);
  EXPECT_LAUNCH(exec, {b});
  EXPECT_EQ(b.get(), 11);
  EXPECT_EQ(a.get(), 2);
  EXPECT_EQ(fakecuda::numCalls("cuGraphInstantiate"), 2);
}

TEST_F(CudaFault, LaunchAfterHalfALaunchIsOrdered) {
  CudaContext context(GO_MODE_STREAM);
  void *one = fakecuda::createStream(), *two = fakecuda::createStream();
  {
    GoGraphInfo info = makeInfo("half", 1, 64);
    GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
      GoNode counted;
      GoRef counter = updates(GO_BUFFER_ARENA, 4), result = writes(0, 4);
      CHECK_GO(addCuda(graph, {}, "increment", {counter}, &counted));
      return goGraphAddMemcpy(graph, &counted, 1, &counter, &result, nullptr);
    });
    Int a(context, 0, two);
    void *buffers[] = {a};
    fakecuda::failFunction("cuMemcpyDtoDAsync", 999);
    EXPECT_EQ(goExecLaunch(exec, one, buffers, nullptr, 0), GO_DEVICE_ERROR);
    fakecuda::failFunction("", 0);
    EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
    EXPECT_EQ(goExecLaunch(exec, two, buffers, nullptr, 0), GO_OK);
    EXPECT_EQ(a.get(), 2);
  }
  fakecuda::destroyStream(one);
  fakecuda::destroyStream(two);
}

TEST_F(CudaFault, KernelsOfTheWrongDevice) {
  GoExec *exec = nullptr;
  GoGraphInfo info = makeInfo("wrong", 1);
  {
    CudaContext context;
    EXPECT_EQ(instantiate(context, info, incrementing(1), &exec),
              GO_UNSUPPORTED);
    EXPECT_STREQ(goLastMessage(), "graph 'wrong': node 0 (kernel): a CUDA "
                                  "device runs no host kernels");
  }
  Context host;
  EXPECT_EQ(instantiate(
                host, info,
                [](GoGraph *graph) {
                  return addCuda(graph, {}, "increment", {updates(0, 4)});
                },
                &exec),
            GO_UNSUPPORTED);
  EXPECT_STREQ(goLastMessage(), "graph 'wrong': node 0 (kernel): the host "
                                "device runs no CUDA kernels");
}

} // namespace
