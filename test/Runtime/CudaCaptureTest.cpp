//===- CudaCaptureTest.cpp - Tests of captures of others ------------------===//
//
// Part of graph-opt. Graphs with branches in captures, and captures that fail
// half-way, on the fake driver.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

namespace {

using CudaCapture = CudaTest;

/// A stream that is destroyed at the end of the scope.
class Stream {
public:
  ~Stream() { fakecuda::destroyStream(stream); }
  operator void *() const { return stream; }

private:
  void *const stream = fakecuda::createStream();
};

bool lastMessageHas(const std::string &part) {
  return std::string(goLastMessage()).find(part) != std::string::npos;
}

/// if (buffer 0) buffer 1 += p0; else { buffer 1 += p1, by a nested if }; then
/// buffer 2 = 2 * buffer 1 + p0, by a table. The condition is in the arena.
GoStatus buildBranches(GoGraph *graph) {
  int64_t outer, inner;
  GoNode flags[2], branched;
  GoGraph *bodies[2], *nested;
  GoRef outerFlag = updates(GO_BUFFER_ARENA, 1);
  GoRef innerFlag = updates(GO_BUFFER_ARENA, 1, 8);
  CHECK_GO(goGraphAddCondition(graph, &outer));
  CHECK_GO(goGraphAddCondition(graph, &inner));
  CHECK_GO(addCuda(graph, {}, "set_flag",
                   {outerFlag, reads(0, 1), conditionRef(outer)}, &flags[0]));
  CHECK_GO(addCuda(graph, {}, "set_flag",
                   {innerFlag, reads(3, 1), conditionRef(inner)}, &flags[1]));
  CHECK_GO(goGraphAddConditional(graph, flags, 2, GO_CONDITIONAL_IF, &outerFlag,
                                 outer, bodies, 2, &branched));
  CHECK_GO(addCuda(bodies[0], {}, "add", {updates(1, 4), parameter(0)}));
  CHECK_GO(goGraphAddConditional(bodies[1], nullptr, 0, GO_CONDITIONAL_IF,
                                 &innerFlag, inner, &nested, 1, nullptr));
  CHECK_GO(addCuda(nested, {}, "add", {updates(1, 4), parameter(1)}));
  return addCuda(graph, {branched}, "table_twice",
                 {writes(2, 4), reads(1, 4), parameter(0)}, nullptr,
                 GO_OPERANDS_IN_TABLE);
}

/// What the graph above needs, on `stream`.
struct Branches {
  Branches(GoContext *context, void *stream)
      : exec(build(context, info, buildBranches)), outer(context, 1, stream),
        inner(context, 0, stream), sum(context, 0, stream),
        result(context, 0, stream) {
    EXPECT_EQ(goWait(context, stream), GO_OK);
  }
  GoStatus launchOn(void *stream) {
    void *buffers[] = {outer, sum, result, inner};
    int64_t scalars[] = {1, 100};
    return goExecLaunch(exec, stream, buffers, scalars, 2);
  }

  const GoGraphInfo info = makeInfo("branches", 4, 64, 16);
  GoExec *exec;
  Byte outer, inner;
  Int sum, result;
};

TEST_F(CudaCapture, ConditionalsJoinACapture) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    Stream stream;
    Branches branches(context, stream);
    int64_t instances = fakecuda::numCalls("cuGraphInstantiate");
    fakecuda::beginCapture(stream);
    ASSERT_EQ(branches.launchOn(stream), GO_OK) << goLastMessage();
    EXPECT_TRUE(fakecuda::endCapture(stream));
    EXPECT_EQ(branches.sum.get(), 0);
    // Nothing was decided when it was captured.
    int32_t expected = 0;
    for (auto [outer, inner] :
         {std::pair(1, 0), {0, 0}, {0, 1}, {1, 1}, {0, 1}}) {
      branches.outer.set(outer);
      branches.inner.set(inner);
      fakecuda::replay(stream);
      expected += outer ? 1 : inner ? 100 : 0;
      EXPECT_EQ(branches.sum.get(), expected);
      EXPECT_EQ(branches.result.get(), 2 * expected + 1);
    }
    EXPECT_EQ(fakecuda::numCalls("cuGraphInstantiate"), instances);
    EXPECT_EQ(context.counters().host_branches, 0u);
    EXPECT_EQ(context.counters().graph_launches, 1u);
  }
}

TEST_F(CudaCapture, JoinedNodesKeepTheOrderOfTheStream) {
  CudaContext context;
  Stream stream;
  Branches branches(context, stream);
  GoGraphInfo info = makeInfo("children", 1);
  static const GoGraphInfo child = {
      "module", "child", 1, 1, 0, 0, [](GoGraph *graph) {
        return addCuda(graph, {}, "increment", {updates(0, 4)});
      }};
  // Two nodes that run at the same time; the second, a copy, onto itself.
  GoExec *two = build(context, info, [](GoGraph *graph) -> GoStatus {
    GoRef first = updates(0, 4), second = updates(0, 4, 8);
    CHECK_GO(goGraphAddMemcpy(graph, nullptr, 0, &second, &second, nullptr));
    return goGraphAddChild(graph, nullptr, 0, &child, &first, nullptr);
  });
  GoGraphInfo nothing = makeInfo("nothing", 0);
  GoExec *empty = build(context, nothing, [](GoGraph *) { return GO_OK; });
  void *memory = goAllocate(context, stream, 16);
  int32_t values[4] = {};
  ASSERT_EQ(goUpload(context, stream, values, memory, 16), GO_OK);
  ASSERT_EQ(goWait(context, stream), GO_OK);

  int32_t three = 3;
  fakecuda::beginCapture(stream);
  // sum = 3; branches; copied behind it; twice; branches again.
  ASSERT_EQ(goUpload(context, stream, &three, branches.sum, 4), GO_OK);
  ASSERT_EQ(branches.launchOn(stream), GO_OK) << goLastMessage();
  ASSERT_EQ(goExecLaunch(empty, stream, nullptr, nullptr, 0), GO_OK);
  ASSERT_EQ(goCopy(context, stream, branches.sum, memory, 4), GO_OK);
  ASSERT_EQ(goExecLaunch(two, stream, &memory, nullptr, 0), GO_OK);
  ASSERT_EQ(goExecLaunch(two, stream, &memory, nullptr, 0), GO_OK);
  ASSERT_EQ(branches.launchOn(stream), GO_OK) << goLastMessage();
  EXPECT_TRUE(fakecuda::endCapture(stream));
  for (int i = 0; i < 2; ++i) {
    fakecuda::replay(stream);
    ASSERT_EQ(goReadback(context, stream, memory, values, 16), GO_OK);
    ASSERT_EQ(goWait(context, stream), GO_OK);
    EXPECT_EQ(values[0], 3 + 1 + 2);
    EXPECT_EQ(branches.sum.get(), 3 + 2);
    EXPECT_EQ(branches.result.get(), 2 * 5 + 1);
  }
  goFree(context, stream, memory);
}

TEST_F(CudaCapture, BranchesOfTheHostAreRefusedInACapture) {
  fakecuda::properties().version = 12020;
  CudaContext context;
  Stream stream;
  Branches branches(context, stream);
  fakecuda::beginCapture(stream);
  EXPECT_EQ(branches.launchOn(stream), GO_UNSUPPORTED);
  EXPECT_STREQ(goLastMessage(),
               "graph 'branches': launching: a branch that the host must take "
               "is not possible on a stream that is being captured");
  EXPECT_EQ(goContextTakeStatus(context), GO_UNSUPPORTED);
  // The capture goes on.
  ASSERT_EQ(goCopy(context, stream, branches.sum, branches.result, 4), GO_OK);
  EXPECT_TRUE(fakecuda::endCapture(stream));
  branches.sum.set(7);
  fakecuda::replay(stream);
  EXPECT_EQ(branches.result.get(), 7);
}

TEST_F(CudaCapture, CaptureThatWasInvalidBefore) {
  CudaContext context;
  Stream stream;
  Branches branches(context, stream);
  fakecuda::beginCapture(stream);
  fakecuda::failFunction("cuGraphAddKernelNode", 999);
  EXPECT_EQ(branches.launchOn(stream), GO_DEVICE_ERROR);
  fakecuda::failFunction("", 0);
  EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
  EXPECT_EQ(branches.launchOn(stream), GO_UNSUPPORTED);
  EXPECT_TRUE(lastMessageHas("the capture of the stream is invalid already"))
      << goLastMessage();
  EXPECT_EQ(goContextTakeStatus(context), GO_UNSUPPORTED);
  EXPECT_FALSE(fakecuda::endCapture(stream));
  EXPECT_TRUE(fakecuda::wasInvalidated());
  EXPECT_EQ(branches.launchOn(stream), GO_OK);
  EXPECT_EQ(branches.sum.get(), 1);
}

/// Captures `work` with each of its driver calls failing in turn: the capture
/// is invalid, or as if nothing had been called.
void failEachCallOfACapture(GoContext *context, void *stream,
                            const std::function<GoStatus()> &work,
                            const std::function<void(bool)> &check) {
  int64_t numCalls = 0;
  // The first one also fills pools.
  for (int i = 0; i < 2; ++i) {
    fakecuda::beginCapture(stream);
    int64_t before = fakecuda::numCalls();
    ASSERT_EQ(work(), GO_OK) << goLastMessage();
    numCalls = fakecuda::numCalls() - before;
    ASSERT_TRUE(fakecuda::endCapture(stream));
    fakecuda::replay(stream);
    check(true);
  }
  for (int64_t call = 0; call < numCalls; ++call) {
    SCOPED_TRACE(call);
    fakecuda::beginCapture(stream);
    fakecuda::failAfter(call);
    GoStatus status = work();
    EXPECT_TRUE(fakecuda::hasFailed());
    fakecuda::failAfter(-1);
    EXPECT_TRUE(status == GO_OK || lastMessageHas("CUDA_ERROR_"))
        << goLastMessage();
    EXPECT_EQ(goContextTakeStatus(context), status);
    EXPECT_EQ(fakecuda::endCapture(stream), !fakecuda::wasInvalidated());
    fakecuda::replay(stream);
    check(status == GO_OK);
  }
}

TEST_F(CudaCapture, HalfACaptureIsNeverReplayed) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    Stream stream;
    {
      Branches branches(context, stream);
      int32_t sum = 0, result = 0;
      failEachCallOfACapture(
          context, stream, [&] { return branches.launchOn(stream); },
          [&](bool isComplete) {
            sum += isComplete;
            result = isComplete ? 2 * sum + 1 : result;
            EXPECT_EQ(branches.sum.get(), sum);
            EXPECT_EQ(branches.result.get(), result);
          });
    }
    // Without conditionals: in stream mode step by step.
    GoGraphInfo info = makeInfo("steps", 1, 64);
    GoExec *exec = build(context, info, [](GoGraph *graph) -> GoStatus {
      GoNode added, filled;
      GoRef arena = updates(GO_BUFFER_ARENA, 4), result = updates(0, 4);
      CHECK_GO(addCuda(graph, {}, "increment", {result}, &added));
      CHECK_GO(goGraphAddMemset(graph, &added, 1, &arena, 9, 4, &filled));
      return addCuda(graph, {filled}, "increment", {result});
    });
    Int a(context, 0, stream);
    ASSERT_EQ(goWait(context, stream), GO_OK);
    void *buffers[] = {a};
    int32_t expected = 0;
    failEachCallOfACapture(
        context, stream,
        [&] { return goExecLaunch(exec, stream, buffers, nullptr, 0); },
        [&](bool isComplete) {
          expected += isComplete ? 2 : 0;
          EXPECT_EQ(a.get(), expected);
        });
    // A copy of ranges that overlap takes two copies, and memory.
    std::vector<int32_t> values(4, 0);
    int32_t *memory = static_cast<int32_t *>(goAllocate(context, stream, 16));
    auto reset = [&] {
      int32_t numbers[] = {1, 2, 3, 4};
      EXPECT_EQ(goUpload(context, stream, numbers, memory, 16), GO_OK);
    };
    reset();
    ASSERT_EQ(goWait(context, stream), GO_OK);
    failEachCallOfACapture(
        context, stream,
        [&] { return goCopy(context, stream, memory, memory + 1, 12); },
        [&](bool isComplete) {
          ASSERT_EQ(goReadback(context, stream, memory, values.data(), 16),
                    GO_OK);
          ASSERT_EQ(goWait(context, stream), GO_OK);
          EXPECT_EQ(values[3], isComplete ? 3 : 4);
          reset();
          ASSERT_EQ(goWait(context, stream), GO_OK);
        });
    goFree(context, stream, memory);
  }
}

} // namespace
