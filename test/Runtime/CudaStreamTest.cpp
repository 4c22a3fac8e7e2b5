//===- CudaStreamTest.cpp - Tests of streams and captures -----------------===//
//
// Part of graph-opt. On the fake driver.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

namespace {

/// A stream that is destroyed at the end of the scope.
class Stream {
public:
  ~Stream() { fakecuda::destroyStream(stream); }
  operator void *() const { return stream; }

private:
  void *const stream = fakecuda::createStream();
};

using CudaStream = CudaTest;

/// buffer 1 = 2 * (++arena) + buffer 0, by table, a copy, and p0 added.
GoStatus buildMixed(GoGraph *graph) {
  GoNode counted, doubled, copied;
  GoRef counter = updates(GO_BUFFER_ARENA, 4);
  GoRef between = updates(GO_BUFFER_ARENA, 4, 8), result = updates(1, 4);
  CHECK_GO(addCuda(graph, {}, "add", {counter, parameter(1)}, &counted));
  CHECK_GO(addCuda(graph, {counted}, "table_twice",
                   {between, reads(0, 4), parameter(0)}, &doubled,
                   GO_OPERANDS_IN_TABLE));
  CHECK_GO(goGraphAddMemcpy(graph, &doubled, 1, &between, &result, &copied));
  return addCuda(graph, {copied}, "add", {result, parameter(1)});
}

/// buffer 0 = ++arena: the number of launches so far.
GoStatus buildCounter(GoGraph *graph) {
  GoNode counted;
  GoRef counter = updates(GO_BUFFER_ARENA, 4), result = writes(0, 4);
  CHECK_GO(addCuda(graph, {}, "increment", {counter}, &counted));
  return goGraphAddMemcpy(graph, &counted, 1, &counter, &result, nullptr);
}

TEST_F(CudaStream, LaunchesOfOneExecutableAreOrdered) {
  for (int32_t mode : {GO_MODE_GRAPH, GO_MODE_STREAM}) {
    CudaContext context(mode);
    Stream one, two;
    GoGraphInfo info = makeInfo("ordered", 1, 64);
    GoExec *exec = build(context, info, buildCounter);
    Int a(context, 0, one), b(context, 0, two);
    void *first[] = {a}, *second[] = {b};
    EXPECT_EQ(goExecLaunch(exec, one, first, nullptr, 0), GO_OK);
    EXPECT_EQ(goExecLaunch(exec, two, second, nullptr, 0), GO_OK);
    EXPECT_EQ(b.get(), 2);
    EXPECT_EQ(a.get(), 1);
  }
}

TEST_F(CudaStream, AFailureOnAnotherStreamLeavesTheOrder) {
  CudaContext context;
  Stream one, two;
  GoGraphInfo info = makeInfo("ordered", 1, 64);
  GoExec *exec = build(context, info, buildCounter);
  Int a(context, 0, one), b(context, 0, two);
  void *first[] = {a}, *second[] = {b};
  EXPECT_EQ(goExecLaunch(exec, two, second, nullptr, 0), GO_OK);
  EXPECT_EQ(b.get(), 1);
  // The last two with nothing changed: the driver alone would order the third.
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(goExecLaunch(exec, one, first, nullptr, 0), GO_OK);
  fakecuda::failFunction("cuGraphLaunch", 2);
  EXPECT_EQ(goExecLaunch(exec, two, first, nullptr, 0), GO_OUT_OF_MEMORY);
  fakecuda::failFunction("", 0);
  EXPECT_EQ(goContextTakeStatus(context), GO_OUT_OF_MEMORY);
  ASSERT_EQ(goContextSetMode(context, GO_MODE_STREAM), GO_OK);
  EXPECT_EQ(goExecLaunch(exec, two, second, nullptr, 0), GO_OK);
  EXPECT_EQ(b.get(), 4);
  EXPECT_EQ(a.get(), 3);
}

TEST_F(CudaStream, ModeMayChangeWhileLaunchesAreOnTheirWay) {
  CudaContext context;
  Stream streams[4];
  GoGraphInfo info = makeInfo("change", 1, 64);
  GoExec *exec = build(context, info, buildCounter);
  std::vector<std::unique_ptr<Int>> results;
  for (Stream &stream : streams) {
    results.push_back(std::make_unique<Int>(context, 0, stream));
    void *buffers[] = {*results.back()};
    ASSERT_EQ(goContextSetMode(context, results.size() % 2), GO_OK);
    EXPECT_EQ(goExecLaunch(exec, stream, buffers, nullptr, 0), GO_OK);
  }
  for (int32_t i = 3; i >= 0; --i)
    EXPECT_EQ(results[i]->get(), i + 1);
  EXPECT_EQ(goContextSetMode(context, 2), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
}

TEST_F(CudaStream, LaunchBecomesPartOfACapture) {
  CudaContext context;
  Stream stream;
  GoGraphInfo info = makeInfo("captured", 2, 64, 16);
  GoExec *exec = build(context, info, buildMixed);
  Int a(context, 5, stream), b(context, 0, stream), c(context, 0, stream);
  ASSERT_EQ(goWait(context, stream), GO_OK);
  int64_t scalars[] = {1, 100};
  void *buffers[] = {a, b}, *others[] = {a, c};

  fakecuda::beginCapture(stream);
  EXPECT_EQ(goExecLaunch(exec, stream, buffers, scalars, 2), GO_OK)
      << goLastMessage();
  fakecuda::endCapture(stream);
  EXPECT_EQ(b.get(), 0);

  // A launch with other addresses and scalars leaves the capture alone.
  int64_t otherScalars[] = {7, 1000};
  EXPECT_EQ(goExecLaunch(exec, stream, others, otherScalars, 2), GO_OK);
  EXPECT_EQ(c.get(), 2 * 5 + 7 + 1000);
  for (int32_t value : {5, 6}) {
    a.set(value);
    fakecuda::replay(stream);
    EXPECT_EQ(b.get(), 2 * value + 1 + 100);
  }
  EXPECT_EQ(fakecuda::numCalls("cuGraphLaunch"), 1);
}

TEST_F(CudaStream, FirstLaunchMayBeCaptured) {
  CudaContext context;
  Stream stream;
  Int a(context, 5, stream), b(context, 0, stream);
  ASSERT_EQ(goWait(context, stream), GO_OK);
  void *buffers[] = {a, b};
  int64_t scalars[] = {1, 100};
  GoGraphInfo info = makeInfo("first", 2, 64, 16);
  // Everything, from the loading of the module, happens within the capture.
  fakecuda::beginCapture(stream);
  GoExec *exec = build(context, info, buildMixed);
  EXPECT_EQ(goExecLaunch(exec, stream, buffers, scalars, 2), GO_OK)
      << goLastMessage();
  fakecuda::endCapture(stream);
  fakecuda::replay(stream);
  EXPECT_EQ(b.get(), 111);
}

TEST_F(CudaStream, CopiesAndUploadsBecomePartOfACapture) {
  CudaContext context;
  Stream stream;
  Int a(context, 5, stream), b(context, 0, stream);
  ASSERT_EQ(goWait(context, stream), GO_OK);
  fakecuda::beginCapture(stream);
  int32_t value = 42;
  EXPECT_EQ(goUpload(context, stream, &value, a, 4), GO_OK);
  EXPECT_EQ(goCopy(context, stream, a, b, 4), GO_OK);
  fakecuda::endCapture(stream);
  value = 0;
  // Later uploads do not take the memory that replays read.
  for (int32_t other : {1, 2, 3})
    a.set(other);
  EXPECT_EQ(b.get(), 0);
  fakecuda::replay(stream);
  EXPECT_EQ(b.get(), 42);
}

TEST_F(CudaStream, WhatACaptureCanNotHoldIsRefused) {
  CudaContext context;
  Stream stream;
  Int a(context, 5, stream);
  ASSERT_EQ(goWait(context, stream), GO_OK);
  GoGraphInfo info = makeInfo("refused", 1);
  GoExec *exec = build(context, info, [](GoGraph *graph) {
    GoGraph *body;
    GoRef flag = reads(0, 1);
    return goGraphAddConditional(graph, nullptr, 0, GO_CONDITIONAL_IF, &flag,
                                 -1, &body, 1, nullptr);
  });
  auto expectRefused = [&](GoStatus status) {
    EXPECT_EQ(status, GO_UNSUPPORTED);
    EXPECT_NE(std::string(goLastMessage()).find("that is being captured"),
              std::string::npos)
        << goLastMessage();
    EXPECT_EQ(goContextTakeStatus(context), GO_UNSUPPORTED);
  };
  int32_t value = -1;
  void *buffers[] = {a};
  fakecuda::beginCapture(stream);
  expectRefused(goReadback(context, stream, a, &value, 4));
  EXPECT_EQ(value, 0);
  expectRefused(goWait(context, stream));
  expectRefused(goExecLaunch(exec, stream, buffers, nullptr, 0));
  fakecuda::endCapture(stream);
  // TearDown checks that the capture is valid still.
}

TEST_F(CudaStream, CapturesOfOthersForbidNothing) {
  CudaContext context;
  Stream captured, stream;
  fakecuda::beginCapture(captured);
  {
    GoGraphInfo info = makeInfo("others", 2, 64, 16);
    GoExec *exec = build(context, info, buildMixed);
    Int a(context, 5, stream), b(context, 0, stream);
    void *buffers[] = {a, b};
    int64_t scalars[] = {1, 100};
    EXPECT_EQ(goExecLaunch(exec, stream, buffers, scalars, 2), GO_OK)
        << goLastMessage();
    EXPECT_EQ(b.get(), 111);
  }
  fakecuda::endCapture(captured);
}

} // namespace
