//===- CudaMemoryTest.cpp - Tests of memory on a CUDA device --------------===//
//
// Part of graph-opt. Contexts, memory, copies and timers, on the fake driver.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <algorithm>
#include <array>
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

TEST_F(CudaMemory, ReadableMemoryIsReadWhereItIs) {
  CudaContext context;
  int32_t value = -1;
  void *first = nullptr;
  for (int32_t i = 1; i <= 3; ++i) {
    void *memory = goAllocateReadable(context, nullptr, sizeof(value));
    ASSERT_NE(memory, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 16, 0u);
    // Freed after a wait, the same again: graphs need no new address.
    EXPECT_TRUE(!first || memory == first);
    first = memory;
    EXPECT_EQ(*static_cast<int32_t *>(memory), 0);
    *static_cast<int32_t *>(memory) = i; // What the device does.
    ASSERT_EQ(goReadback(context, nullptr, memory, &value, sizeof(value)),
              GO_OK);
    EXPECT_EQ(value, 0);
    ASSERT_EQ(goWait(context, nullptr), GO_OK);
    EXPECT_EQ(value, i);
    goFree(context, nullptr, memory);
  }
  EXPECT_EQ(fakecuda::numCalls("cuMemcpyDtoHAsync"), 0);
  EXPECT_EQ(fakecuda::numCalls("cuMemAllocFromPoolAsync"), 0);
  EXPECT_EQ(goContextTakeStatus(context), GO_OK);
}

TEST_F(CudaMemory, ReadableMemoryIsNotReusedBeforeTheWait) {
  CudaContext context;
  void *first = goAllocateReadable(context, nullptr, 8);
  // Nobody has waited for what the device writes there.
  goFree(context, nullptr, first);
  void *second = goAllocateReadable(context, nullptr, 8);
  EXPECT_NE(second, first);
  goFree(context, nullptr, second);
  ASSERT_EQ(goWait(context, nullptr), GO_OK);
  void *third = goAllocateReadable(context, nullptr, 8);
  EXPECT_TRUE(third == first || third == second);
  goFree(context, nullptr, third);
}

TEST_F(CudaMemory, CopiesOfReadableMemory) {
  CudaContext context;
  auto *readable = static_cast<int32_t *>(
      goAllocateReadable(context, nullptr, sizeof(int32_t)));
  Int a(context, 7), b(context, 0);
  EXPECT_EQ(goCopy(context, nullptr, a, readable, sizeof(int32_t)), GO_OK);
  EXPECT_EQ(goWait(context, nullptr), GO_OK);
  EXPECT_EQ(*readable, 7);
  EXPECT_EQ(goCopy(context, nullptr, readable, b, sizeof(int32_t)), GO_OK);
  EXPECT_EQ(b.get(), 7);
  EXPECT_EQ(fakecuda::numCalls("cuMemcpyDtoDAsync"), 0);
  goFree(context, nullptr, readable);
}

TEST_F(CudaMemory, ReadableMemoryThatIsDeviceMemory) {
  CudaContext context;
  // Too large.
  void *large = goAllocateReadable(context, nullptr, 65);
  EXPECT_EQ(fakecuda::numCalls("cuMemAllocFromPoolAsync"), 1);
  goFree(context, nullptr, large);
  EXPECT_EQ(fakecuda::numCalls("cuMemFreeAsync"), 1);
  // A replay of a capture would write it later.
  void *stream = fakecuda::createStream();
  fakecuda::beginCapture(stream);
  goFree(context, stream, goAllocateReadable(context, stream, 8));
  EXPECT_EQ(fakecuda::numCalls("cuMemAllocFromPoolAsync"), 2);
  EXPECT_TRUE(fakecuda::endCapture(stream));
  fakecuda::destroyStream(stream);
  // There is no pinned memory.
  fakecuda::failFunction("cuMemHostAlloc", 2);
  void *small = goAllocateReadable(context, nullptr, 8);
  fakecuda::failFunction("", 0);
  ASSERT_NE(small, nullptr);
  EXPECT_EQ(fakecuda::numCalls("cuMemAllocFromPoolAsync"), 3);
  goFree(context, nullptr, small);
  EXPECT_EQ(goContextTakeStatus(context), GO_OK);
  EXPECT_EQ(goAllocateReadable(context, nullptr, -1), nullptr);
  EXPECT_TRUE(lastMessageHas("goAllocateReadable: a negative size (-1 bytes)"))
      << goLastMessage();
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

/// Copies by goCopyAll within 64 numbers: two that swap, a row that moves by
/// one, and some that meet nothing. Expects right values, and returns how many
/// calls of batches and of single copies that took.
std::pair<int64_t, int64_t> copyMany(void *stream, bool isCaptured) {
  CudaContext context;
  using Values = std::array<int32_t, 64>;
  Values values, expected;
  std::iota(values.begin(), values.end(), 0);
  DeviceValue<Values> memory(context, values, stream);
  EXPECT_EQ(memory.get(), values);
  std::vector<GoCopyItem> items;
  expected = values;
  auto add = [&](size_t from, size_t to, size_t count) {
    auto *base = static_cast<int32_t *>(static_cast<void *>(memory));
    items.push_back({base + from, base + to, int64_t(4 * count)});
    std::copy_n(values.begin() + from, count, expected.begin() + to);
  };
  add(0, 8, 4);
  add(8, 0, 4);
  add(16, 17, 7);
  for (size_t i = 32; i < 48; ++i)
    add(i, 95 - i, 1);
  auto count = [] {
    return std::make_pair(fakecuda::numCalls("cuMemcpyBatchAsync") +
                              fakecuda::numCalls("cuMemcpyBatchAsync of 12.8"),
                          fakecuda::numCalls("cuMemcpyDtoDAsync"));
  };
  auto before = count();
  if (isCaptured)
    fakecuda::beginCapture(stream);
  EXPECT_EQ(goCopyAll(context, stream, items.data(), items.size()), GO_OK)
      << goLastMessage();
  if (isCaptured) {
    EXPECT_TRUE(fakecuda::endCapture(stream));
    fakecuda::replay(stream);
  }
  auto after = count();
  EXPECT_EQ(memory.get(), expected);
  return {after.first - before.first, after.second - before.second};
}

TEST_F(CudaMemory, ManyCopiesAreOneCall) {
  using Calls = std::pair<int64_t, int64_t>;
  void *stream = fakecuda::createStream();
  // The swap is staged; what overlaps itself is copied there and back.
  for (int version : {13000, 12080}) {
    fakecuda::properties().version = version;
    EXPECT_EQ(copyMany(stream, false), Calls(2, 2));
    EXPECT_EQ(fakecuda::numCalls("cuMemcpyBatchAsync of 12.8") > 0,
              version < 13000);
  }
  EXPECT_EQ(copyMany(stream, true), Calls(0, 22));
  // The legacy stream has two handles.
  for (intptr_t handle : {0, 1})
    EXPECT_EQ(copyMany(reinterpret_cast<void *>(handle), false), Calls(0, 22));
  fakecuda::properties().version = 12070;
  EXPECT_EQ(copyMany(stream, false), Calls(0, 22));
  fakecuda::destroyStream(stream);
}

TEST_F(CudaMemory, FailuresOfManyCopies) {
  void *stream = fakecuda::createStream();
  CudaContext context;
  {
    Long a(context, 1, stream), b(context, 2, stream);
    GoCopyItem swap[] = {{a, b, 8}, {b, a, 8}};
    fakecuda::failFunction("cuMemcpyBatchAsync", 999);
    EXPECT_EQ(goCopyAll(context, stream, swap, 2), GO_DEVICE_ERROR);
    EXPECT_TRUE(lastMessageHas("goCopyAll: cuMemcpyBatch")) << goLastMessage();
    fakecuda::failFunction("", 0);
    EXPECT_EQ(goContextTakeStatus(context), GO_DEVICE_ERROR);
    EXPECT_EQ(goCopyAll(context, stream, swap, 2), GO_OK);
    EXPECT_EQ(a.get(), 2);
    EXPECT_EQ(b.get(), 1);
  }
  fakecuda::destroyStream(stream);
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
