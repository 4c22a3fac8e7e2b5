//===- Addresses.cpp - What the launch arguments are ----------------------===//
//
// Part of graph-opt. This file implements the binding of launch arguments.
//
//===----------------------------------------------------------------------===//

#include "Addresses.h"
#include "Log.h"
#include "Nvtx.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <optional>

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// Comparison
//===----------------------------------------------------------------------===//

/// A function that is compiled for wide vectors too, where the loader can
/// choose.
#if defined(__x86_64__) && defined(__GLIBC__)
#define FOR_WIDE_VECTORS __attribute__((target_clones("avx512f", "default")))
#else
#define FOR_WIDE_VECTORS
#endif

/// Whether two lists of `numBlocks` blocks of addresses are equal. Thousands
/// are compared at every launch and are equal nearly always: there is a branch
/// for each block only. The first blocks come first, or the last: what was
/// compared last is still near to the core at the next launch.
FOR_WIDE_VECTORS
static bool areEqual(void *const *a, void *const *b, size_t numBlocks,
                     bool fromEnd) {
  constexpr size_t block = Addresses::blockSize;
  for (size_t i = 0; i < numBlocks; ++i) {
    size_t begin = (fromEnd ? numBlocks - 1 - i : i) * block;
    uintptr_t difference = 0;
    for (size_t k = 0; k < block; ++k)
      difference |= reinterpret_cast<uintptr_t>(a[begin + k]) ^
                    reinterpret_cast<uintptr_t>(b[begin + k]);
    if (difference)
      return false;
  }
  return true;
}

bool Addresses::areBound(void *const *buffers) {
  if (bound.empty() || !isBound || !isVerified || !buffers)
    return bound.empty() && isBound;
  fromEnd = !fromEnd;
  size_t numBlocks = bound.size() / blockSize;
  return areEqual(buffers, bound.data(), numBlocks, fromEnd) &&
         std::equal(bound.begin() + numBlocks * blockSize, bound.end(),
                    buffers + numBlocks * blockSize);
}

//===----------------------------------------------------------------------===//
// Binding
//===----------------------------------------------------------------------===//

void Addresses::initialize() {
  required.assign(bound.size(), {});
  overlaps = {};
  forEachNode(graph, [&](const GoGraph &owner, GoNode index, const Node &node) {
    for (const GoRef &reference : node.references)
      if (reference.buffer >= 0 && reference.bytes > 0 &&
          !required[reference.buffer].graph)
        required[reference.buffer] = {&owner, index};
  });
  overlaps.initialize(graph);
}

void Addresses::findChanged(void *const *buffers) {
  changed.clear();
  // Blocks that are equal are passed over at once.
  for (size_t begin = 0; begin < bound.size(); begin += blockSize) {
    size_t end = std::min(begin + blockSize, bound.size());
    if (isBound && !std::memcmp(buffers + begin, &bound[begin],
                                (end - begin) * sizeof(void *)))
      continue;
    for (size_t i = begin; i < end; ++i)
      if (!isBound || buffers[i] != bound[i])
        changed.push_back(i);
  }
}

/// Refuses a null address for a range of memory that is not empty, and
/// overlaps that no copies help against; finds those that copies do.
Status Addresses::verify(void *const *buffers) {
  if (!buffers && !bound.empty())
    return {GO_INVALID_ARGUMENT,
            graph.where + ": the array of buffers is null"};
  bool isPartial = isBound && isVerified;
  isVerified = false;
  shared.clear();
  findChanged(buffers);
  for (int64_t i : changed) {
    const FirstUse &use = required[i];
    if (!buffers[i] && use.graph)
      return {GO_INVALID_ARGUMENT, describeNode(*use.graph, use.node) +
                                       ": the address of buffer " +
                                       std::to_string(i) + " is null"};
  }
  Status status;
  if (!isPartial || !overlaps.canMove(buffers, changed))
    status = overlaps.find(graph, buffers, shared);
  // Where nothing is shared, the caller binds them.
  isVerified = !status.failed() && shared.empty();
  return status;
}

/// Says which launch arguments are elsewhere: the first eight, and how many
/// more.
void Addresses::logMoves(void *const *buffers) const {
  constexpr size_t maxShown = 8;
  std::string text;
  for (size_t i = 0; i < std::min(changed.size(), maxShown); ++i) {
    char move[80];
    std::snprintf(move, sizeof(move),
                  "%s%" PRId64 " from 0x%" PRIxPTR " to 0x%" PRIxPTR,
                  i ? ", " : "", changed[i],
                  reinterpret_cast<uintptr_t>(bound[changed[i]]),
                  reinterpret_cast<uintptr_t>(buffers[changed[i]]));
    text += move;
  }
  if (changed.size() > maxShown)
    text += " and " + std::to_string(changed.size() - maxShown) + " more";
  logLine(GO_LOG_DEBUG, "update", graph, "launch arguments moved: " + text);
}

/// Gives those of `buffers` that are in `changed` to `executable`.
Status Addresses::take(Executable &executable, void *const *buffers,
                       bool *updated) {
  *updated = isBound && !changed.empty();
  if (isBound && changed.empty())
    return {};
  if (*updated && isLogged(GO_LOG_DEBUG))
    logMoves(buffers);
  for (int64_t i : changed)
    bound[i] = buffers[i];
  std::optional<NvtxRange> range;
  if (*updated)
    range.emplace("update", graph);
  Status status = executable.bind(bound.data(), changed);
  isBound = !status.failed();
  if (status.failed())
    status.message = graph.where + ": binding addresses: " + status.message;
  return status;
}

/// Sets `substituted` to `buffers` with a copy in the place of each launch
/// argument in `shared`.
Status Addresses::makeCopies(Device &device, void *stream,
                             void *const *buffers) {
  substituted.assign(buffers, buffers + bound.size());
  for (const Overlaps::Extent &extent : shared) {
    void *memory = nullptr;
    Status status = device.allocate(stream, extent.bytes, &memory);
    if (!status.failed()) {
      copies.push_back(memory);
      const char *source = static_cast<char *>(buffers[extent.buffer]);
      status = device.copy(stream, source + extent.begin, memory, extent.bytes);
    }
    if (status.failed()) {
      status.message =
          graph.where + ": copying buffer " + std::to_string(extent.buffer) +
          ", which overlaps one that is written: " + status.message;
      return status;
    }
    if (isLogged(GO_LOG_DEBUG))
      logLine(GO_LOG_DEBUG, "copy", graph,
              "launch argument " + std::to_string(extent.buffer) +
                  " overlaps one that is written: " +
                  std::to_string(extent.bytes) + " bytes");
    substituted[extent.buffer] = reinterpret_cast<void *>(
        reinterpret_cast<uintptr_t>(memory) - extent.begin);
  }
  return {};
}

Status Addresses::bind(Device &device, Executable &executable, void *stream,
                       void *const *buffers, bool *updated) {
  *updated = false;
  if (areBound(buffers))
    return {};
  Status status = verify(buffers);
  if (!status.failed() && !shared.empty()) {
    status = makeCopies(device, stream, buffers);
    buffers = substituted.data();
    findChanged(buffers);
  }
  return status.failed() ? status : take(executable, buffers, updated);
}

Status Addresses::bindAhead(Executable &executable, void *const *buffers,
                            bool *updated) {
  *updated = false;
  if (areBound(buffers))
    return {};
  Status status = verify(buffers);
  return status.failed() || !shared.empty()
             ? status
             : take(executable, buffers, updated);
}

Status Addresses::release(Device &device, void *stream, int64_t *numCopies) {
  *numCopies = copies.size();
  Status first;
  for (void *copy : copies) {
    Status status = device.release(stream, copy);
    if (status.failed() && !first.failed())
      first = std::move(status);
  }
  copies.clear();
  return first;
}
