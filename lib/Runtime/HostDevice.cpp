//===- HostDevice.cpp - Graphs on CPU functions ---------------------------===//
//
// Part of graph-opt. This file implements the host device: memory, copies, and
// graphs as programs of CPU functions whose operand tables are filled when
// addresses are bound, so that a replay neither resolves nor allocates.
//
//===----------------------------------------------------------------------===//

#include "HostDevice.h"
#include "HostProgram.h"

#include <chrono>
#include <cstdlib>
#include <cstring>

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// Alignment of every allocation, in bytes.
static constexpr size_t alignment = 256;
/// No machine has more address space than this, in bytes.
static constexpr int64_t addressSpace = int64_t(1) << 47;

Status HostDevice::verifyKind(NodeKind kind) const {
  if (kind == NodeKind::CudaKernel)
    return {GO_UNSUPPORTED, "the host device runs no CUDA kernels"};
  return {};
}

Status HostDevice::allocate(void *, int64_t bytes, void **pointer) {
  *pointer = nullptr;
  if (bytes <= addressSpace) {
    size_t size = (static_cast<size_t>(bytes) + alignment) & ~(alignment - 1);
    *pointer = std::aligned_alloc(alignment, size);
  }
  if (!*pointer)
    return {GO_OUT_OF_MEMORY, "the host has no " + std::to_string(bytes) +
                                  " bytes of memory left"};
  return {};
}

Status HostDevice::release(void *, void *pointer) {
  std::free(pointer);
  return {};
}

Status HostDevice::copy(void *, const void *source, void *destination,
                        int64_t bytes) {
  // Ranges that overlap are legal here, and then the order of bytes matters.
  auto from = reinterpret_cast<uintptr_t>(source);
  auto to = reinterpret_cast<uintptr_t>(destination);
  uintptr_t distance = from < to ? to - from : from - to;
  if (distance < static_cast<uintptr_t>(bytes)) {
    std::memmove(destination, source, bytes);
    return {};
  }
  void *operands[] = {const_cast<void *>(source), destination};
  PhaseCost cost;
  pool.run(copyBytes, operands, bytes, cost);
  return {};
}

Status HostDevice::upload(void *, const void *source, void *destination,
                          int64_t bytes) {
  std::memcpy(destination, source, bytes);
  return {};
}

Status HostDevice::readback(void *, const void *source, void *destination,
                            int64_t bytes) {
  std::memcpy(destination, source, bytes);
  return {};
}

namespace {
/// Values that were copied when they were fetched.
class HostFetch final : public Fetch {
public:
  HostFetch(const GoFetchItem *items, int64_t count)
      : items(items, items + count) {
    for (const GoFetchItem &item : this->items) {
      const char *source = static_cast<const char *>(item.source);
      values.insert(values.end(), source, source + item.bytes);
    }
  }
  Status finish(bool) override {
    const char *value = values.data();
    for (const GoFetchItem &item : items) {
      std::memcpy(item.destination, value, item.bytes);
      value += item.bytes;
    }
    return {};
  }

private:
  std::vector<GoFetchItem> items;
  std::vector<char> values; ///< One after the other.
};
} // namespace

Status HostDevice::fetch(void *, const GoFetchItem *items, int64_t count,
                         std::unique_ptr<Fetch> &fetch) {
  fetch = std::make_unique<HostFetch>(items, count);
  return {};
}

Status HostDevice::wait(void *) { return {}; }

void HostDevice::drain() {}

namespace {
/// The host's clock: all work is done when a call returns.
class HostTimer final : public Timer {
public:
  Status start(void *) override {
    begin = std::chrono::steady_clock::now();
    return {};
  }
  Status stop(void *) override {
    end = std::chrono::steady_clock::now();
    return {};
  }
  Status read(double *microseconds) override {
    *microseconds =
        std::chrono::duration<double, std::micro>(end - begin).count();
    return {};
  }

private:
  std::chrono::steady_clock::time_point begin, end;
};
} // namespace

Status HostDevice::createTimer(std::unique_ptr<Timer> &timer) {
  timer = std::make_unique<HostTimer>();
  return {};
}

//===----------------------------------------------------------------------===//
// Graphs
//===----------------------------------------------------------------------===//

namespace {
/// An instantiated graph: its program, the memory it owns and the patches that
/// bring addresses into its operand table.
class HostExecutable final : public Executable {
public:
  explicit HostExecutable(HostDevice &device) : device(device) {}
  ~HostExecutable() override {
    std::free(arena);
    std::free(parameters);
  }

  Status initialize(const GoGraph &graph);
  Status bind(void *const *buffers,
              const std::vector<int64_t> &changed) override;
  int64_t ownedBytes() const override { return arenaBytes; }
  void launch(const void *newParameters, ThreadPool &pool) {
    if (parameterBytes > 0)
      std::memcpy(parameters, newParameters, parameterBytes);
    program.run(table.data(), pool);
  }

private:
  /// One use of a launch argument.
  struct Patch {
    size_t slot;
    int64_t offset;
  };

  HostDevice &device;
  HostProgram program;
  std::vector<void *> table;     ///< Operands of all steps.
  std::vector<Patch> patches;    ///< Grouped by launch argument.
  std::vector<size_t> patchesOf; ///< Argument i: [patchesOf[i], [i+1]).
  void *arena = nullptr;
  int64_t arenaBytes = 0;
  void *parameters = nullptr;
  int64_t parameterBytes = 0;
};
} // namespace

/// Offsets a base that may be null when the range is empty.
static void *offsetAddress(void *base, int64_t offset) {
  return reinterpret_cast<void *>(reinterpret_cast<uintptr_t>(base) + offset);
}

Status HostExecutable::initialize(const GoGraph &graph) {
  const GoGraphInfo &info = graph.info;
  if (info.arena_bytes > 0) {
    Status status = device.allocate(nullptr, info.arena_bytes, &arena);
    if (status.failed())
      return {status.code, "allocating the arena: " + status.message};
    std::memset(arena, 0, info.arena_bytes);
    arenaBytes = info.arena_bytes;
  }
  if (info.parameter_bytes > 0) {
    Status status = device.allocate(nullptr, info.parameter_bytes, &parameters);
    if (status.failed())
      return {status.code, "allocating the parameter block: " + status.message};
  }
  parameterBytes = info.parameter_bytes;

  std::vector<HostProgram::Slot> slots;
  program.lower(graph, slots);
  table.resize(slots.size());
  patchesOf.assign(info.num_buffers + 1, 0);
  for (size_t i = 0; i < slots.size(); ++i) {
    const HostProgram::Slot &slot = slots[i];
    if (slot.constant)
      table[i] = const_cast<void *>(slot.constant);
    else if (slot.buffer == GO_BUFFER_ARENA)
      table[i] = offsetAddress(arena, slot.offset);
    else if (slot.buffer == GO_BUFFER_PARAMETERS)
      table[i] = offsetAddress(parameters, slot.offset);
    else
      ++patchesOf[slot.buffer + 1];
  }
  for (int64_t i = 0; i < info.num_buffers; ++i)
    patchesOf[i + 1] += patchesOf[i];
  patches.resize(patchesOf.back());
  std::vector<size_t> next(patchesOf.begin(), patchesOf.end() - 1);
  for (size_t i = 0; i < slots.size(); ++i)
    if (!slots[i].constant && slots[i].buffer >= 0)
      patches[next[slots[i].buffer]++] = {i, slots[i].offset};
  return {};
}

Status HostExecutable::bind(void *const *buffers,
                            const std::vector<int64_t> &changed) {
  for (int64_t buffer : changed)
    for (size_t i = patchesOf[buffer]; i < patchesOf[buffer + 1]; ++i)
      table[patches[i].slot] =
          offsetAddress(buffers[buffer], patches[i].offset);
  return {};
}

Status HostDevice::instantiate(const GoGraph &graph,
                               std::unique_ptr<Executable> &executable) {
  auto result = std::make_unique<HostExecutable>(*this);
  Status status = result->initialize(graph);
  if (!status.failed())
    executable = std::move(result);
  return status;
}

Status HostDevice::launch(Executable &executable, void *,
                          const void *parameters, LaunchReport &) {
  static_cast<HostExecutable &>(executable).launch(parameters, pool);
  return {};
}
