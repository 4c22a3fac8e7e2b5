//===- Memory.cpp - Memory of the fake CUDA driver ------------------------===//
//
// Part of graph-opt. Device memory, pinned memory and copies.
//
//===----------------------------------------------------------------------===//

#include "Graphs.h"

#include <cstdlib>
#include <cstring>

using namespace fakecuda;

bool fakecuda::checkMemory(uint64_t address, size_t bytes, const char *what) {
  auto &memory = state().memory;
  auto it = memory.upper_bound(address);
  if (it != memory.begin()) {
    --it;
    if (address + bytes <= it->first + it->second)
      return true;
  }
  state().faults += std::string(what) + " is not in device memory; ";
  return false;
}

void fakecuda::copyMemory(uint64_t destination, uint64_t source, size_t bytes) {
  if (!checkMemory(destination, bytes, "the destination of a copy") ||
      !checkMemory(source, bytes, "the source of a copy"))
    return;
  uint64_t distance =
      destination < source ? source - destination : destination - source;
  if (distance < bytes)
    state().faults += "a copy overlaps; ";
  std::memmove(reinterpret_cast<void *>(destination),
               reinterpret_cast<void *>(source), bytes);
}

static Result allocate(cuda::Pointer *pointer, size_t bytes) {
  State &s = state();
  int64_t left = s.properties.memoryBytes - s.memoryInUse;
  if (bytes == 0)
    return invalidValue;
  if (static_cast<int64_t>(bytes) > left || bytes > size_t(1) << 40)
    return cuda::errorOutOfMemory;
  void *memory = std::aligned_alloc(256, (bytes + 255) & ~size_t(255));
  std::memset(memory, 0xcd, bytes);
  *pointer = reinterpret_cast<cuda::Pointer>(memory);
  s.memory[*pointer] = bytes;
  s.memoryInUse += bytes;
  s.live["allocation"].insert(memory);
  return cuda::success;
}

static Result release(cuda::Pointer pointer) {
  State &s = state();
  auto it = s.memory.find(pointer);
  if (it == s.memory.end())
    return invalidValue;
  void *memory = reinterpret_cast<void *>(pointer);
  std::memset(memory, 0xdd, it->second);
  s.memoryInUse -= it->second;
  s.memory.erase(it);
  s.live["allocation"].erase(memory);
  std::free(memory);
  return cuda::success;
}

Graph::~Graph() {
  for (cuda::Pointer pointer : allocations)
    if (state().memory.count(pointer))
      release(pointer);
}

FAKE_EXPORT Result cuMemAlloc_v2(cuda::Pointer *pointer, size_t bytes) {
  Entry entry("cuMemAlloc", Entry::Unsafe);
  return entry ? entry.result : allocate(pointer, bytes);
}

FAKE_EXPORT Result cuMemFree_v2(cuda::Pointer pointer) {
  Entry entry("cuMemFree", Entry::Never);
  runAll();
  return release(pointer);
}

FAKE_EXPORT Result cuMemHostAlloc(void **pointer, size_t bytes, unsigned) {
  Entry entry("cuMemHostAlloc", Entry::Unsafe);
  if (entry)
    return entry.result;
  *pointer = std::malloc(bytes);
  std::memset(*pointer, 0xcd, bytes);
  state().live["host allocation"].insert(*pointer);
  return cuda::success;
}

FAKE_EXPORT Result cuMemFreeHost(void *pointer) {
  Entry entry("cuMemFreeHost", Entry::Never);
  runAll();
  if (!state().live["host allocation"].erase(pointer))
    return invalidValue;
  std::free(pointer);
  return cuda::success;
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

namespace {
struct Pool {};
} // namespace

FAKE_EXPORT Result cuMemPoolCreate(cuda::MemoryPool *pool,
                                   const cuda::PoolProperties *properties) {
  Entry entry("cuMemPoolCreate", Entry::Plain);
  if (entry)
    return entry.result;
  if (properties->allocationType != 1 || properties->locationType != 1 ||
      properties->locationId >= state().properties.numDevices)
    return invalidValue;
  *pool = reinterpret_cast<cuda::MemoryPool>(create<Pool>("pool"));
  return cuda::success;
}

FAKE_EXPORT Result cuMemPoolDestroy(cuda::MemoryPool pool) {
  Entry entry("cuMemPoolDestroy", Entry::Never);
  return destroy("pool", reinterpret_cast<Pool *>(pool));
}

FAKE_EXPORT Result cuMemPoolSetAttribute(cuda::MemoryPool pool,
                                         cuda::PoolAttribute attribute,
                                         void *) {
  Entry entry("cuMemPoolSetAttribute", Entry::Plain);
  if (entry)
    return entry.result;
  bool isRight =
      isLive("pool", pool) && attribute == cuda::poolReleaseThreshold;
  return isRight ? Result(cuda::success) : invalidValue;
}

FAKE_EXPORT Result cuDeviceGraphMemTrim(cuda::Device) {
  Entry entry("cuDeviceGraphMemTrim", Entry::Plain);
  return entry.result;
}

FAKE_EXPORT Result cuMemPoolTrimTo(cuda::MemoryPool pool, size_t) {
  Entry entry("cuMemPoolTrimTo", Entry::Plain);
  if (entry)
    return entry.result;
  return isLive("pool", pool) ? Result(cuda::success) : invalidValue;
}

FAKE_EXPORT Result cuMemAllocFromPoolAsync(cuda::Pointer *pointer, size_t bytes,
                                           cuda::MemoryPool pool,
                                           cuda::Stream stream) {
  Entry entry("cuMemAllocFromPoolAsync");
  if (entry)
    return entry.result;
  if (!isLive("pool", pool))
    return invalidValue;
  Result result = allocate(pointer, bytes);
  if (!result && toStream(stream)->capturing)
    toStream(stream)->captured->allocations.push_back(*pointer);
  return result;
}

FAKE_EXPORT Result cuMemFreeAsync(cuda::Pointer pointer, cuda::Stream stream) {
  Entry entry("cuMemFreeAsync", Entry::Never);
  if (!state().memory.count(pointer))
    return invalidValue;
  return issue(stream, [=] { release(pointer); });
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

static void *host(cuda::Pointer pointer) {
  return reinterpret_cast<void *>(pointer);
}

FAKE_EXPORT Result cuMemcpyHtoDAsync_v2(cuda::Pointer destination,
                                        const void *source, size_t bytes,
                                        cuda::Stream stream) {
  Entry entry("cuMemcpyHtoDAsync");
  if (entry)
    return entry.result;
  return issue(stream, [=] {
    if (checkMemory(destination, bytes, "the destination of an upload"))
      std::memcpy(host(destination), source, bytes);
  });
}

FAKE_EXPORT Result cuMemcpyDtoHAsync_v2(void *destination, cuda::Pointer source,
                                        size_t bytes, cuda::Stream stream) {
  Entry entry("cuMemcpyDtoHAsync");
  if (entry)
    return entry.result;
  return issue(stream, [=] {
    if (checkMemory(source, bytes, "the source of a readback"))
      std::memcpy(destination, host(source), bytes);
  });
}

FAKE_EXPORT Result cuMemcpyDtoDAsync_v2(cuda::Pointer destination,
                                        cuda::Pointer source, size_t bytes,
                                        cuda::Stream stream) {
  Entry entry("cuMemcpyDtoDAsync");
  if (entry)
    return entry.result;
  return issue(stream, [=] { copyMemory(destination, source, bytes); });
}

/// Issues copies in no order: backwards.
static Result copyBatch(cuda::Pointer *destinations, cuda::Pointer *sources,
                        size_t *sizes, size_t count,
                        const cuda::CopyAttributes *attributes, size_t *first,
                        size_t numAttributes, cuda::Stream stream) {
  if (!stream || stream == cuda::streamLegacy || !count || numAttributes != 1 ||
      *first != 0 || attributes->sourceOrder != 1)
    return invalidValue;
  for (size_t i = count; i-- > 0;) {
    cuda::Pointer to = destinations[i], from = sources[i];
    size_t bytes = sizes[i];
    Result result = issue(stream, [=] { copyMemory(to, from, bytes); });
    if (result)
      return result;
  }
  return cuda::success;
}

FAKE_EXPORT Result cuMemcpyBatchAsync_v2(cuda::Pointer *destinations,
                                         cuda::Pointer *sources, size_t *sizes,
                                         size_t count,
                                         cuda::CopyAttributes *attributes,
                                         size_t *first, size_t numAttributes,
                                         cuda::Stream stream) {
  Entry entry("cuMemcpyBatchAsync");
  if (entry)
    return entry.result;
  if (state().properties.version < 13000)
    return notFound;
  return copyBatch(destinations, sources, sizes, count, attributes, first,
                   numAttributes, stream);
}

FAKE_EXPORT Result cuMemcpyBatchAsync(cuda::Pointer *destinations,
                                      cuda::Pointer *sources, size_t *sizes,
                                      size_t count,
                                      cuda::CopyAttributes *attributes,
                                      size_t *first, size_t numAttributes,
                                      size_t *failed, cuda::Stream stream) {
  Entry entry("cuMemcpyBatchAsync of 12.8");
  if (entry)
    return entry.result;
  if (state().properties.version < 12080)
    return notFound;
  *failed = ~size_t(0);
  return copyBatch(destinations, sources, sizes, count, attributes, first,
                   numAttributes, stream);
}

template <typename T>
static Result fill(const char *name, cuda::Pointer destination, T value,
                   size_t count, cuda::Stream stream) {
  Entry entry(name);
  if (entry)
    return entry.result;
  if (destination % sizeof(T))
    return invalidValue;
  return issue(stream, [=] {
    if (!checkMemory(destination, count * sizeof(T),
                     "the destination of a memset"))
      return;
    for (size_t i = 0; i < count; ++i)
      static_cast<T *>(host(destination))[i] = value;
  });
}

FAKE_EXPORT Result cuMemsetD8Async(cuda::Pointer destination,
                                   unsigned char value, size_t count,
                                   cuda::Stream stream) {
  return fill("cuMemsetD8Async", destination, value, count, stream);
}
FAKE_EXPORT Result cuMemsetD16Async(cuda::Pointer destination,
                                    unsigned short value, size_t count,
                                    cuda::Stream stream) {
  return fill("cuMemsetD16Async", destination, value, count, stream);
}
FAKE_EXPORT Result cuMemsetD32Async(cuda::Pointer destination, unsigned value,
                                    size_t count, cuda::Stream stream) {
  return fill("cuMemsetD32Async", destination, value, count, stream);
}
