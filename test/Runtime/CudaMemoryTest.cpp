//===- CudaMemoryTest.cpp - Tests of memory on a CUDA device --------------===//
//
// Part of graph-opt. Contexts, memory, copies and timers, on the fake driver.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <cstring>
#include <numeric>
#include <thread>

namespace {

using CudaMemory = CudaTest;

bool lastMessageHas(const std::string &part) {
  return std::string(goLastMessage()).find(part) != std::string::npos;
}

/// Expects that no context can be made on device `ordinal`.
void expectNoContext(int32_t ordinal, GoStatus status,
                     const std::string &message) {
  GoContext *context = nullptr;
  EXPECT_EQ(goContextCreate(GO_DEVICE_CUDA, ordinal, &context), status);
  EXPECT_EQ(context, nullptr);
  EXPECT_TRUE(lastMessageHas(message)) << goLastMessage();
}

TEST_F(CudaMemory, ContextsThatCanNotBeMade) {
  expectNoContext(1, GO_UNSUPPORTED, "there is no CUDA device 1");
  expectNoContext(-2, GO_INVALID_ARGUMENT, "-2 is no number of a CUDA device");
  expectNoContext(-1, GO_INVALID_ARGUMENT, "no CUDA context is current");
  fakecuda::properties().numDevices = 0;
  expectNoContext(0, GO_UNSUPPORTED, "cuInit");
  fakecuda::properties().version = 11080;
  expectNoContext(0, GO_UNSUPPORTED,
                  "the CUDA driver is of version 11.8, older than 12.0");
  setenv("GRAPHOPT_CUDA_DRIVER", "/nowhere/libcuda.so", 1);
  expectNoContext(0, GO_UNSUPPORTED, "there is no CUDA driver");
}

TEST_F(CudaMemory, CurrentContextOfTheCaller) {
  fakecuda::makeCurrent(true);
  {
    Context context(GO_DEVICE_CUDA, -1);
    Int a(context, 5);
    EXPECT_EQ(a.get(), 5);
    // The context is the caller's: it is not retained.
    EXPECT_EQ(fakecuda::alive().find("primary"), std::string::npos);
    EXPECT_TRUE(fakecuda::isCurrent());
    EXPECT_EQ(fakecuda::numCalls("cuCtxPushCurrent"), 0);
    // Another thread has none.
    std::thread([&] { EXPECT_EQ(a.get(), 5); }).join();
  }
  fakecuda::makeCurrent(false);
}

TEST_F(CudaMemory, Description) {
  CudaContext context;
  GoDeviceDescription description;
  ASSERT_EQ(goContextDescribe(context, &description), GO_OK);
  EXPECT_STREQ(description.name, "Fake GPU");
  EXPECT_EQ(description.compute_major, 9);
  EXPECT_EQ(description.compute_minor, 0);
  EXPECT_EQ(description.multiprocessors, 132);
  EXPECT_EQ(description.driver_version, 13000);
  EXPECT_EQ(description.memory_bytes, int64_t(1) << 30);
}

TEST_F(CudaMemory, AllocationsWithAndWithoutPools) {
  for (bool hasPools : {true, false}) {
    fakecuda::properties().hasPools = hasPools;
    CudaContext context;
    for (int64_t bytes : {0, 1, 257}) {
      void *pointer = goAllocate(context, nullptr, bytes);
      ASSERT_NE(pointer, nullptr);
      EXPECT_EQ(reinterpret_cast<uintptr_t>(pointer) % 256, 0u);
      goFree(context, nullptr, pointer);
    }
    goFree(context, nullptr, nullptr);
    EXPECT_EQ(goContextTakeStatus(context), GO_OK);
  }
}

TEST_F(CudaMemory, MemoryThatIsFreedLaterIsWaitedFor) {
  fakecuda::properties().memoryBytes = 1000;
  CudaContext context;
  void *first = goAllocate(context, nullptr, 800);
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(goAllocate(context, nullptr, 800), nullptr);
  EXPECT_TRUE(lastMessageHas("goAllocate: cuMemAllocFromPoolAsync: "
                             "CUDA_ERROR_OUT_OF_MEMORY (out of memory), "
                             "allocating 800 bytes"))
      << goLastMessage();
  EXPECT_EQ(goContextTakeStatus(context), GO_OUT_OF_MEMORY);
  goFree(context, nullptr, first);
  // It is free once the stream has come there.
  void *second = goAllocate(context, nullptr, 800);
  EXPECT_NE(second, nullptr);
  goFree(context, nullptr, second);
}

TEST_F(CudaMemory, UploadsTakeTheirSourceAtOnce) {
  CudaContext context;
  // Longer than a pinned block, and odd.
  std::vector<uint8_t> data((5 << 20) + 3);
  std::iota(data.begin(), data.end(), 0);
  std::vector<uint8_t> source = data, result(data.size());
  void *memory = goAllocate(context, nullptr, data.size());
  ASSERT_EQ(goUpload(context, nullptr, source.data(), memory, source.size()),
            GO_OK);
  std::fill(source.begin(), source.end(), 0);
  ASSERT_EQ(goReadback(context, nullptr, memory, result.data(), result.size()),
            GO_OK);
  ASSERT_EQ(goWait(context, nullptr), GO_OK);
  EXPECT_EQ(result, data);
  goFree(context, nullptr, memory);
}

TEST_F(CudaMemory, ManyUploadsOnTheirWay) {
  CudaContext context;
  constexpr int count = 1000;
  void *memory = goAllocate(context, nullptr, 4 * count);
  for (int32_t i = 0; i < count; ++i)
    ASSERT_EQ(
        goUpload(context, nullptr, &i, static_cast<int32_t *>(memory) + i, 4),
        GO_OK);
  int32_t values[count];
  ASSERT_EQ(goReadback(context, nullptr, memory, values, sizeof(values)),
            GO_OK);
  ASSERT_EQ(goWait(context, nullptr), GO_OK);
  for (int32_t i = 0; i < count; ++i)
    ASSERT_EQ(values[i], i);
  goFree(context, nullptr, memory);
}

TEST_F(CudaMemory, ReadbacksArriveWithTheWaitOfTheirStream) {
  CudaContext context;
  void *other = fakecuda::createStream();
  {
    Int a(context, 1), b(context, 2), c(context, 3, other);
    int32_t x = -1, y = -1, z = -1;
    ASSERT_EQ(goReadback(context, nullptr, a, &x, 4), GO_OK);
    ASSERT_EQ(goReadback(context, other, c, &z, 4), GO_OK);
    ASSERT_EQ(goReadback(context, nullptr, b, &y, 4), GO_OK);
    EXPECT_EQ(x, 0);
    ASSERT_EQ(goWait(context, other), GO_OK);
    EXPECT_EQ(z, 3);
    EXPECT_EQ(x, 0);
    ASSERT_EQ(goWait(context, nullptr), GO_OK);
    EXPECT_EQ(x, 1);
    EXPECT_EQ(y, 2);
    // Each value is delivered once.
    x = y = z = 77;
    ASSERT_EQ(goWait(context, nullptr), GO_OK);
    EXPECT_EQ(x + y + z, 3 * 77);
    EXPECT_EQ(context.counters().readbacks, 3u);
    EXPECT_EQ(context.counters().waits, 3u);
  }
  fakecuda::destroyStream(other);
}

TEST_F(CudaMemory, ManyReadbacksThenOneWait) {
  CudaContext context;
  std::vector<std::unique_ptr<Int>> values;
  std::vector<int32_t> results(3000, -1);
  for (size_t i = 0; i < results.size(); ++i)
    values.push_back(std::make_unique<Int>(context, i));
  for (size_t i = 0; i < results.size(); ++i)
    ASSERT_EQ(goReadback(context, nullptr, *values[i], &results[i], 4), GO_OK);
  ASSERT_EQ(goWait(context, nullptr), GO_OK);
  for (size_t i = 0; i < results.size(); ++i)
    ASSERT_EQ(results[i], static_cast<int32_t>(i));
}

TEST_F(CudaMemory, ReadbacksOfAFailedProgramAreNotDelivered) {
  CudaContext context;
  Int a(context, 5);
  int32_t value = -1;
  ASSERT_EQ(goReadback(context, nullptr, a, &value, 4), GO_OK);
  EXPECT_EQ(goAllocate(context, nullptr, -1), nullptr);
  // The program waits, sees the error, and its variables are gone.
  EXPECT_EQ(goWait(context, nullptr), GO_INVALID_ARGUMENT);
  EXPECT_EQ(value, 0);
  EXPECT_EQ(goContextTakeStatus(context), GO_INVALID_ARGUMENT);
  value = 77;
  EXPECT_EQ(goWait(context, nullptr), GO_OK);
  EXPECT_EQ(value, 77);
}

TEST_F(CudaMemory, ThreadsShareAStream) {
  CudaContext context;
  auto work = [&](int32_t first) {
    Int a(context, 0);
    for (int32_t i = first; i < first + 300; ++i) {
      a.set(i);
      ASSERT_EQ(a.get(), i);
    }
  };
  std::thread one(work, 0), two(work, 1000), three(work, 2000);
  one.join();
  two.join();
  three.join();
}

TEST_F(CudaMemory, CopiesOverlappingRanges) {
  CudaContext context;
  std::vector<int32_t> data(1000), result(1000);
  std::iota(data.begin(), data.end(), 0);
  int32_t *memory =
      static_cast<int32_t *>(goAllocate(context, nullptr, 4 * data.size()));
  ASSERT_EQ(goUpload(context, nullptr, data.data(), memory, 4 * data.size()),
            GO_OK);
  ASSERT_EQ(goCopy(context, nullptr, memory, memory + 1, 4 * 999), GO_OK);
  ASSERT_EQ(goCopy(context, nullptr, memory + 500, memory, 4 * 100), GO_OK);
  ASSERT_EQ(goReadback(context, nullptr, memory, result.data(), 4 * 1000),
            GO_OK);
  ASSERT_EQ(goWait(context, nullptr), GO_OK);
  for (int32_t i = 0; i < 1000; ++i)
    ASSERT_EQ(result[i], i < 100 ? 499 + i : i - 1);
  goFree(context, nullptr, memory);
}

TEST_F(CudaMemory, Timers) {
  CudaContext context;
  GoTimer *timer = nullptr;
  ASSERT_EQ(goTimerCreate(context, &timer), GO_OK);
  ASSERT_EQ(goTimerStart(timer, nullptr), GO_OK);
  Int a(context, 1);
  a.set(2);
  ASSERT_EQ(goTimerStop(timer, nullptr), GO_OK);
  double microseconds = 0;
  ASSERT_EQ(goTimerRead(timer, &microseconds), GO_OK);
  // The fake driver takes a millisecond for each of two uploads.
  EXPECT_EQ(microseconds, 2000);
  goTimerDestroy(timer);
}

TEST_F(CudaMemory, HostTimers) {
  Context context;
  GoTimer *timer = nullptr;
  double microseconds = -1;
  ASSERT_EQ(goTimerCreate(context, &timer), GO_OK);
  ASSERT_EQ(goTimerStart(timer, nullptr), GO_OK);
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
  ASSERT_EQ(goTimerStop(timer, nullptr), GO_OK);
  ASSERT_EQ(goTimerRead(timer, &microseconds), GO_OK);
  EXPECT_GE(microseconds, 2000);
  goTimerDestroy(timer);
  EXPECT_EQ(goTimerCreate(context, nullptr), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goTimerStart(nullptr, nullptr), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goTimerStop(nullptr, nullptr), GO_INVALID_ARGUMENT);
  EXPECT_EQ(goTimerRead(nullptr, &microseconds), GO_INVALID_ARGUMENT);
}

} // namespace
