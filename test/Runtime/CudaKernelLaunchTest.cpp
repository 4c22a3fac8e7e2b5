//===- CudaKernelLaunchTest.cpp - Tests of launches in no graph -----------===//
//
// Part of graph-opt. Kernels that are launched by themselves, on the fake
// driver.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <array>

namespace {

using CudaKernelLaunch = CudaTest;
using Shape = std::array<int32_t, 8>; ///< What the kernel `describe` writes.

/// A launch of a kernel of the fake driver with one parameter, `slots`.
class OneParameter {
public:
  OneParameter(const char *function, std::array<void *, 2> slots)
      : slots(slots) {
    launch = {&fakeModule, function, {2, 3, 1}, {32, 2, 1},
              {0, 0, 0},   64,       list,      1};
  }
  OneParameter(const OneParameter &) = delete;
  operator const GoKernelLaunch *() const { return &launch; }

  GoKernelLaunch launch;

private:
  std::array<void *, 2> slots;
  void *list[1] = {&slots};
};

bool lastMessageHas(const std::string &part) {
  return std::string(goLastMessage()).find(part) != std::string::npos;
}

TEST_F(CudaKernelLaunch, IsAsTheProgramSays) {
  CudaContext context;
  DeviceValue<Shape> shape(context, {});
  OneParameter describe("describe", {shape, nullptr});
  ASSERT_EQ(goLaunchKernel(context, nullptr, describe), GO_OK)
      << goLastMessage();
  EXPECT_EQ(shape.get(), (Shape{2, 3, 1, 32, 2, 1, 64, 0}));
  EXPECT_EQ(fakecuda::numCalls("cuLaunchKernel"), 1);
  EXPECT_EQ(context.counters().kernel_launches, 1u);
  EXPECT_EQ(fakecuda::numCalls("cuStreamSynchronize"), 1); // That of `get`.
}

TEST_F(CudaKernelLaunch, IsInTheOrderOfItsStream) {
  CudaContext context;
  void *stream = fakecuda::createStream();
  {
    Int a(context, 1, stream), b(context, 0, stream);
    OneParameter twice("twice", {b, a});
    EXPECT_EQ(goLaunchKernel(context, stream, twice), GO_OK);
    a.set(20);
    EXPECT_EQ(b.get(), 2);
    EXPECT_EQ(goLaunchKernel(context, stream, twice), GO_OK);
    EXPECT_EQ(b.get(), 40);
  }
  fakecuda::destroyStream(stream);
}

TEST_F(CudaKernelLaunch, JoinsTheCaptureOfItsStream) {
  CudaContext context;
  void *stream = fakecuda::createStream();
  {
    Int a(context, 0, stream);
    a.get();
    OneParameter increment("increment", {a, nullptr});
    fakecuda::beginCapture(stream);
    EXPECT_EQ(goLaunchKernel(context, stream, increment), GO_OK)
        << goLastMessage();
    EXPECT_TRUE(fakecuda::endCapture(stream));
    EXPECT_EQ(a.get(), 0);
    fakecuda::replay(stream);
    fakecuda::replay(stream);
    EXPECT_EQ(a.get(), 2);
  }
  fakecuda::destroyStream(stream);
}

TEST_F(CudaKernelLaunch, HasClustersWhereTheDriverHas) {
  CudaContext context;
  DeviceValue<Shape> shape(context, {});
  OneParameter describe("describe", {shape, nullptr});
  describe.launch.cluster[0] = 2;
  describe.launch.cluster[1] = describe.launch.cluster[2] = 1;
  EXPECT_EQ(goLaunchKernel(context, nullptr, describe), GO_OK)
      << goLastMessage();
  EXPECT_EQ(shape.get(), (Shape{2, 3, 1, 32, 2, 1, 64, 0}));
  EXPECT_EQ(fakecuda::numCalls("cuLaunchKernelEx"), 1);
  EXPECT_EQ(fakecuda::numCalls("cuLaunchKernel"), 0);
}

TEST_F(CudaKernelLaunch, DoesNothingForNoBlocks) {
  CudaContext context;
  Int a(context, 7);
  OneParameter increment("increment", {a, nullptr});
  increment.launch.grid[1] = 0;
  EXPECT_EQ(goLaunchKernel(context, nullptr, increment), GO_OK);
  EXPECT_EQ(a.get(), 7);
  EXPECT_EQ(fakecuda::numCalls("cuLaunchKernel"), 0);
}

TEST_F(CudaKernelLaunch, RefusesWhatTheKernelOrTheDriverCanNotTake) {
  CudaContext context;
  Int a(context, 7);
  auto refused = [&](auto change, const char *message) {
    OneParameter increment("increment", {a, nullptr});
    change(increment.launch);
    EXPECT_EQ(goLaunchKernel(context, nullptr, increment), GO_INVALID_ARGUMENT);
    EXPECT_TRUE(lastMessageHas(message)) << goLastMessage();
    EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  };
  refused([](GoKernelLaunch &launch) { launch.num_parameters = 2; },
          "kernel 'increment': it does not take 2 parameters");
  refused([](GoKernelLaunch &launch) { launch.num_parameters = 0; },
          "kernel 'increment': it does not take 0 parameters");
  refused([](GoKernelLaunch &launch) { launch.grid[0] = int64_t(1) << 31; },
          "grid [2147483648, 3, 1]: negative or over 2147483647");
  refused([](GoKernelLaunch &launch) { launch.block[2] = -1; },
          "block [32, 2, -1]: negative");
  refused([](GoKernelLaunch &launch) { launch.shared_bytes = -4; },
          "shared memory [-4]");
  refused([](GoKernelLaunch &launch) { launch.parameters = nullptr; },
          "the parameters are null");
  EXPECT_EQ(goLaunchKernel(context, nullptr, nullptr), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goLaunchKernel(nullptr, nullptr, nullptr), GO_INVALID_ARGUMENT);
  EXPECT_EQ(a.get(), 7);
}

TEST_F(CudaKernelLaunch, FailsByNameAndWorksAgain) {
  for (const char *function :
       {"cuModuleLoadDataEx", "cuModuleGetFunction", "cuLaunchKernel"}) {
    CudaContext context;
    Int a(context, 7);
    OneParameter increment("increment", {a, nullptr});
    fakecuda::failFunction(function, /*result=*/2);
    EXPECT_NE(goLaunchKernel(context, nullptr, increment), GO_OK) << function;
    EXPECT_TRUE(lastMessageHas("goLaunchKernel: ")) << goLastMessage();
    EXPECT_TRUE(lastMessageHas(function)) << goLastMessage();
    fakecuda::failFunction("", 0);
    EXPECT_NE(goContextTakeStatus(context), GO_OK);
    EXPECT_EQ(goLaunchKernel(context, nullptr, increment), GO_OK)
        << goLastMessage();
    EXPECT_EQ(a.get(), 8);
  }
}

TEST(KernelLaunch, IsForCudaOnly) {
  Context context(GO_DEVICE_HOST, 1);
  OneParameter increment("increment", {nullptr, nullptr});
  EXPECT_EQ(goLaunchKernel(context, nullptr, increment), GO_UNSUPPORTED);
  EXPECT_TRUE(lastMessageHas("the device runs no CUDA kernels"))
      << goLastMessage();
}

} // namespace
