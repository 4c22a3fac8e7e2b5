//===- CudaStateFaultTest.cpp - Tests of faults in each state -------------===//
//
// Part of graph-opt. For each state that an executable can be in, each driver
// call of what is done next fails in turn, on the fake driver: the message says
// where, nothing is left behind, and the next call is right.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <set>

namespace {

/// if (buffer 0) buffer 1 += 1; buffer 2 = a copy of buffer 1; its double by a
/// table; a memset, a child and a cooperative kernel beside.
GoStatus buildAll(GoGraph *graph) {
  static const GoGraphInfo child = {
      "module", "child", 1, 1, 0, 0, [](GoGraph *graph) {
        return addCuda(graph, {}, "nothing", {updates(0, 4)});
      }};
  GoNode branched, copied, filled;
  GoGraph *body;
  GoRef sum = updates(1, 4), result = updates(2, 4);
  GoRef scratch = updates(GO_BUFFER_ARENA, 4, 8);
  GoRef described = writes(GO_BUFFER_ARENA, 32, 32);
  CHECK_GO(addIf(graph, 0, &body, 1, &branched));
  CHECK_GO(addCuda(body, {}, "increment", {sum}));
  CHECK_GO(goGraphAddMemcpy(graph, &branched, 1, &sum, &result, &copied));
  CHECK_GO(goGraphAddMemset(graph, nullptr, 0, &scratch, 1, 4, &filled));
  CHECK_GO(goGraphAddChild(graph, &filled, 1, &child, &scratch, nullptr));
  GoCudaLaunch launch = makeLaunch("describe");
  launch.cooperative = 1;
  launch.shared_bytes = 50 << 10;
  CHECK_GO(goGraphAddCudaKernel(graph, nullptr, 0, "describe", &described, 1,
                                &launch, nullptr));
  return addCuda(graph, {copied}, "table_twice", {result, result, parameter(0)},
                 nullptr, GO_OPERANDS_IN_TABLE);
}

/// A context with what the states need. The graph is built by `launch`.
struct Scene {
  explicit Scene(int32_t mode) : context(mode) {
    for (void *&pointer : memory)
      pointer = goAllocate(context, stream, 4);
    setInputs();
    EXPECT_EQ(goWait(context, stream), GO_OK);
  }
  ~Scene() {
    for (void *pointer : memory)
      goFree(context, stream, pointer);
    goWait(context, stream);
    fakecuda::destroyStream(stream);
  }
  void setInputs() {
    int32_t numbers[] = {1, 5, 0, 0};
    for (int i = 0; i < 4; ++i)
      EXPECT_EQ(goUpload(context, stream, &numbers[i], memory[i], 4), GO_OK)
          << goLastMessage();
  }
  GoStatus launch(int result = 2, int64_t scalar = 3) {
    GoExec *exec = nullptr;
    if (GoStatus status = instantiate(context, info, buildAll, &exec))
      return status;
    void *buffers[] = {memory[0], memory[1], memory[result]};
    return goExecLaunch(exec, stream, buffers, &scalar, 1);
  }
  /// Launches and reads what it computed, from fresh inputs.
  void expectRight() {
    for (int result : {2, 3}) {
      setInputs();
      EXPECT_EQ(launch(result), GO_OK) << goLastMessage();
      int32_t value = -1;
      EXPECT_EQ(goReadback(context, stream, memory[result], &value, 4), GO_OK);
      EXPECT_EQ(goWait(context, stream), GO_OK);
      EXPECT_EQ(value, 2 * 6 + 3);
    }
  }

  CudaContext context;
  void *const stream = fakecuda::createStream();
  const GoGraphInfo info = makeInfo("all", 3, 64, 8);
  void *memory[4] = {};
  int32_t delivered = 0;
  GoPending *pending = nullptr;
};

struct State {
  const char *name;
  int32_t mode;
  std::function<void(Scene &)> prepare;
  std::function<GoStatus(Scene &)> act;
  bool isLaunch = true;    ///< The message is about the graph.
  bool isTolerant = false; ///< There is a way without each call.
};

void fetch(Scene &scene, GoStatus *status) {
  GoFetchItem item = {scene.memory[1], &scene.delivered, 4};
  *status = goFetch(scene.context, scene.stream, &item, 1, &scene.pending);
}

std::vector<State> states() {
  auto nothing = [](Scene &) {};
  auto launched = [](Scene &scene) { EXPECT_EQ(scene.launch(), GO_OK); };
  auto launch = [](Scene &scene) { return scene.launch(); };
  auto move = [](Scene &scene) { return scene.launch(3, 4); };
  auto capture = [](Scene &scene) {
    fakecuda::beginCapture(scene.stream);
    GoStatus status = scene.launch();
    EXPECT_TRUE(fakecuda::endCapture(scene.stream) || status);
    fakecuda::wasInvalidated();
    return status;
  };
  auto update = [](Scene &scene) -> GoStatus {
    GoExec *exec = nullptr;
    if (GoStatus status =
            instantiate(scene.context, scene.info, buildAll, &exec))
      return status;
    void *buffers[] = {scene.memory[0], scene.memory[1], scene.memory[3]};
    return goExecUpdate(exec, buffers);
  };
  auto evicted = [=](Scene &scene) {
    launched(scene);
    EXPECT_EQ(goWait(scene.context, scene.stream), GO_OK);
    GoCacheLimits limits = {1, 0};
    EXPECT_EQ(goContextSetCacheLimits(scene.context, &limits), GO_OK);
    GoGraphInfo other = makeInfo("other", 0);
    build(scene.context, other, [](GoGraph *) { return GO_OK; });
    EXPECT_EQ(scene.context.counters().evictions, 1u);
  };
  auto inOtherMode = [=](Scene &scene) {
    launched(scene);
    EXPECT_EQ(goContextSetMode(scene.context, GO_MODE_STREAM), GO_OK);
  };
  auto fetched = [](Scene &scene) {
    GoStatus status = GO_OK;
    fetch(scene, &status);
    EXPECT_EQ(status, GO_OK);
  };
  auto await = [](Scene &scene) {
    GoStatus status = goAwait(std::exchange(scene.pending, nullptr));
    EXPECT_EQ(scene.delivered, status ? 0 : 5);
    return status;
  };
  auto startFetch = [](Scene &scene) {
    GoStatus status = GO_OK;
    fetch(scene, &status);
    EXPECT_EQ(scene.pending == nullptr, status != GO_OK);
    return status;
  };
  return {
      {"first launch", GO_MODE_GRAPH, nothing, launch},
      {"replay", GO_MODE_GRAPH, launched, launch},
      {"replay with other addresses", GO_MODE_GRAPH, launched, move},
      // What can not be updated is built anew.
      {"update", GO_MODE_GRAPH, launched, update, true, true},
      {"first capture", GO_MODE_GRAPH, nothing, capture},
      {"capture", GO_MODE_GRAPH, launched, capture},
      {"after eviction", GO_MODE_GRAPH, evicted, launch},
      {"first launch in stream mode", GO_MODE_STREAM, nothing, launch},
      {"launch in stream mode", GO_MODE_STREAM, launched, move},
      {"change of mode", GO_MODE_GRAPH, inOtherMode, launch},
      {"fetch", GO_MODE_GRAPH, nothing, startFetch, false},
      {"await", GO_MODE_GRAPH, fetched, await, false},
  };
}

/// Functions of the driver that are about one node.
bool isAboutANode(const std::string &function) {
  static const std::set<std::string> functions = {
      "cuGraphAddKernelNode",
      "cuGraphAddMemcpyNode",
      "cuGraphAddMemsetNode",
      "cuGraphAddEmptyNode",
      "cuGraphAddNode",
      "cuGraphKernelNodeSetAttribute",
      "cuGraphConditionalHandleCreate",
      "cuGraphExecKernelNodeSetParams",
      "cuGraphExecMemcpyNodeSetParams",
      "cuGraphExecMemsetNodeSetParams",
      "cuGraphNodeSetEnabled",
      "cuLaunchKernel",
      "cuLaunchCooperativeKernel",
      "cuMemcpyDtoDAsync",
      "cuMemsetD32Async",
      "cuModuleLoadDataEx",
      "cuModuleGetFunction",
      "cuFuncSetAttribute"};
  return functions.count(function) != 0;
}

class CudaStateFault : public CudaTest,
                       public testing::WithParamInterface<size_t> {};
INSTANTIATE_TEST_SUITE_P(States, CudaStateFault,
                         testing::Range<size_t>(0, states().size()));

TEST_P(CudaStateFault, EachCallMayFail) {
  const State state = states()[GetParam()];
  SCOPED_TRACE(state.name);
  int64_t numCalls = 0;
  {
    Scene scene(state.mode);
    state.prepare(scene);
    int64_t before = fakecuda::numCalls();
    EXPECT_EQ(state.act(scene), GO_OK) << goLastMessage();
    numCalls = fakecuda::numCalls() - before;
    EXPECT_EQ(goAwait(scene.pending), GO_OK);
    scene.expectRight();
  }
  EXPECT_GT(numCalls, 3);
  int64_t numFailed = 0;
  for (int64_t call = 0; call < numCalls; ++call) {
    SCOPED_TRACE(call);
    {
      Scene scene(state.mode);
      state.prepare(scene);
      fakecuda::failAfter(call);
      GoStatus status = state.act(scene);
      EXPECT_TRUE(fakecuda::hasFailed());
      fakecuda::failAfter(-1);
      EXPECT_EQ(goAwait(scene.pending), GO_OK);
      if (status) {
        ++numFailed;
        EXPECT_EQ(status, GO_DEVICE_ERROR);
        std::string message = goLastMessage();
        size_t error = message.find(": CUDA_ERROR_");
        ASSERT_NE(error, std::string::npos) << message;
        size_t name = message.rfind(' ', error) + 1;
        std::string function = message.substr(name, error - name);
        EXPECT_EQ(function.substr(0, 2), "cu") << message;
        if (state.isLaunch)
          EXPECT_EQ(message.find("graph 'all': "), 0u) << message;
        if (isAboutANode(function))
          EXPECT_NE(message.find(": node "), std::string::npos) << message;
      }
      EXPECT_EQ(goContextTakeStatus(scene.context), status);
      scene.expectRight();
    }
    ASSERT_EQ(fakecuda::alive(), "");
    ASSERT_EQ(fakecuda::faults(), "");
    ASSERT_FALSE(fakecuda::isCurrent());
  }
  // The runtime can do without some of them, such as the mode of captures.
  EXPECT_EQ(numFailed == 0, state.isTolerant);
}

TEST_F(CudaTest, DestructionAfterAFaultOfEachCall) {
  // Whatever fails then, all that the driver can free is freed. What is counted
  // are calls that may fail; frees may not.
  int64_t numCalls = 0;
  for (int64_t call = -1; call < numCalls; ++call) {
    SCOPED_TRACE(call);
    GoContext *context = nullptr;
    ASSERT_EQ(goContextCreate(GO_DEVICE_CUDA, 0, &context), GO_OK);
    GoGraphInfo info = makeInfo("all", 3, 64, 8);
    GoExec *exec = build(context, info, buildAll);
    void *memory = goAllocate(context, nullptr, 16);
    void *buffers[] = {memory, memory, memory};
    int64_t scalar = 1;
    EXPECT_EQ(goExecLaunch(exec, nullptr, buffers, &scalar, 1), GO_OK);
    goFree(context, nullptr, memory);
    int64_t before = fakecuda::numCalls();
    fakecuda::failAfter(call);
    goContextDestroy(context);
    if (call < 0)
      numCalls = fakecuda::numCalls() - before;
    ASSERT_EQ(fakecuda::alive(), "");
    ASSERT_EQ(fakecuda::faults(), "");
  }
  EXPECT_GT(numCalls, 2);
}

} // namespace
