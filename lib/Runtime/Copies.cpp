//===- Copies.cpp - Copies and results that overlap what is read ----------===//
//
// Part of graph-opt. This file implements the C ABI of copies that are made at
// once, and of results that lie on memory which is still to be read.
//
//===----------------------------------------------------------------------===//

#include "Context.h"

#include <algorithm>
#include <vector>

using namespace graphopt::runtime;

/// Of what goAllocate returns, and of each result and copy within it.
static constexpr int64_t kAlignment = 256;

static uintptr_t addressOf(const void *pointer) {
  return reinterpret_cast<uintptr_t>(pointer);
}

/// Appends `bytes` to a block of `total`, both in bytes; returns where.
static int64_t reserve(int64_t &total, int64_t bytes) {
  int64_t offset = total;
  total += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  return offset;
}

/// `indices` in the order of addresses, which they often have.
template <typename AddressOf>
static void sortByAddress(std::vector<int64_t> &indices, AddressOf address) {
  auto isBefore = [&](int64_t a, int64_t b) { return address(a) < address(b); };
  if (!std::is_sorted(indices.begin(), indices.end(), isBefore))
    std::sort(indices.begin(), indices.end(), isBefore);
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

Status Device::copyAll(void *stream, const GoCopyItem *items, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const GoCopyItem &item = items[i];
    Status status = copy(stream, item.source, item.destination, item.bytes);
    if (status.failed())
      return status;
  }
  return {};
}

static Status verifyCopies(const char *function, const GoCopyItem *items,
                           int64_t count) {
  if (count < 0)
    return invalidCall(function, "a negative number of copies (" +
                                     std::to_string(count) + ")");
  if (count > 0 && !items)
    return invalidCall(function, "the copies are null");
  for (int64_t i = 0; i < count; ++i) {
    const GoCopyItem &item = items[i];
    const char *what = nullptr;
    if (item.bytes < 0)
      what = "a negative size";
    else if (item.bytes > 0 && !item.source)
      what = "the source is null";
    else if (item.bytes > 0 && !item.destination)
      what = "the destination is null";
    if (what)
      return invalidCall(function, "copy " + std::to_string(i) + ": " + what);
  }
  return {};
}

/// The copies that change something.
static std::vector<GoCopyItem> dropIdle(const GoCopyItem *items,
                                        int64_t count) {
  std::vector<GoCopyItem> kept;
  kept.reserve(count);
  std::copy_if(items, items + count, std::back_inserter(kept),
               [](const GoCopyItem &item) {
                 return item.bytes > 0 && item.source != item.destination;
               });
  return kept;
}

/// The copies of `items` whose source the destination of another one overlaps:
/// of all destinations that begin before the source ends, the one that reaches
/// furthest tells, and the next one where that is the copy's own.
static std::vector<int64_t>
findOverwritten(const std::vector<GoCopyItem> &items) {
  if (items.size() < 2)
    return {};
  std::vector<int64_t> order(items.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  auto begin = [&](int64_t i) { return addressOf(items[i].destination); };
  auto end = [&](int64_t i) { return begin(i) + items[i].bytes; };
  sortByAddress(order, begin);

  struct Furthest {
    int64_t first = -1, second = -1; ///< Copies; -1 is none.
  };
  std::vector<Furthest> furthest; ///< Of the destinations up to each one.
  furthest.reserve(order.size());
  Furthest now;
  for (int64_t i : order) {
    if (now.first < 0 || end(i) > end(now.first))
      now = {i, now.first};
    else if (now.second < 0 || end(i) > end(now.second))
      now.second = i;
    furthest.push_back(now);
  }

  std::vector<int64_t> overwritten;
  for (int64_t i = 0, e = items.size(); i < e; ++i) {
    uintptr_t source = addressOf(items[i].source);
    auto after = std::lower_bound(
        order.begin(), order.end(), source + items[i].bytes,
        [&](int64_t j, uintptr_t address) { return begin(j) < address; });
    if (after == order.begin())
      continue;
    const Furthest &before = furthest[after - order.begin() - 1];
    int64_t other = before.first == i ? before.second : before.first;
    if (other >= 0 && end(other) > source)
      overwritten.push_back(i);
  }
  return overwritten;
}

GoStatus goCopyAll(GoContext *context, void *stream, const GoCopyItem *items,
                   int64_t count) {
  static constexpr const char *function = "goCopyAll";
  if (!context)
    return failNullContext(function);
  if (GoStatus kept = context->keptError())
    return kept;
  Status status = verifyCopies(function, items, count);
  if (status.failed())
    return context->finish(status);

  std::vector<GoCopyItem> copies = dropIdle(items, count);
  std::vector<int64_t> overwritten = findOverwritten(copies);
  std::vector<int64_t> offsets;
  int64_t total = 0;
  for (int64_t i : overwritten)
    offsets.push_back(reserve(total, copies[i].bytes));
  void *memory = nullptr;
  Device &device = *context->device;
  if (total > 0)
    status = device.allocate(stream, total, &memory);
  std::vector<GoCopyItem> staging;
  for (size_t k = 0; k < overwritten.size() && memory; ++k) {
    GoCopyItem &item = copies[overwritten[k]];
    char *staged = static_cast<char *>(memory) + offsets[k];
    staging.push_back({item.source, staged, item.bytes});
    item.source = staged;
  }
  for (const std::vector<GoCopyItem> *items : {&staging, &copies})
    if (!status.failed())
      status = device.copyAll(stream, items->data(), items->size());
  if (memory) {
    Status released = device.release(stream, memory);
    if (!status.failed())
      status = released;
  }
  return context->finish(inFunction(function, status));
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// The results that lie on an argument which is used later, in their order.
static std::vector<int64_t> findMisplaced(const GoPlacement *results,
                                          int64_t numResults,
                                          const GoPlacement *arguments,
                                          int64_t numArguments) {
  std::vector<int64_t> order(numResults);
  for (int64_t i = 0; i < numResults; ++i)
    order[i] = i;
  auto begin = [&](int64_t i) { return addressOf(results[i].address); };
  sortByAddress(order, begin);
  std::vector<bool> isMisplaced(numResults, false);
  for (int64_t k = 0; k < numArguments; ++k) {
    const GoPlacement &argument = arguments[k];
    uintptr_t first = addressOf(argument.address);
    uintptr_t last = first + argument.bytes;
    // Results do not overlap: those that reach in are neighbours.
    auto it = std::lower_bound(
        order.begin(), order.end(), last,
        [&](int64_t i, uintptr_t address) { return begin(i) < address; });
    while (it != order.begin()) {
      const GoPlacement &result = results[*--it];
      if (begin(*it) + result.bytes <= first && result.bytes > 0)
        break;
      if (result.bytes > 0 && argument.bytes > 0 &&
          argument.position > result.position)
        isMisplaced[*it] = true;
    }
  }
  std::vector<int64_t> misplaced;
  for (int64_t i = 0; i < numResults; ++i)
    if (isMisplaced[i])
      misplaced.push_back(i);
  return misplaced;
}

void *goPlaceResults(GoContext *context, void *stream, GoPlacement *results,
                     int64_t numResults, const GoPlacement *arguments,
                     int64_t numArguments) {
  static constexpr const char *function = "goPlaceResults";
  if (!context) {
    failNullContext(function);
    return nullptr;
  }
  if (context->keptError())
    return nullptr;
  if (numResults < 0 || numArguments < 0 || (numResults > 0 && !results) ||
      (numArguments > 0 && !arguments)) {
    context->fail(invalidCall(function, "no results or arguments"));
    return nullptr;
  }
  std::vector<int64_t> misplaced =
      findMisplaced(results, numResults, arguments, numArguments);
  if (misplaced.empty())
    return nullptr;
  std::vector<int64_t> offsets;
  int64_t total = 0;
  for (int64_t i : misplaced)
    offsets.push_back(reserve(total, results[i].bytes));
  void *memory = nullptr;
  Status status =
      inFunction(function, context->device->allocate(stream, total, &memory));
  if (status.failed()) {
    context->fail(status);
    return nullptr;
  }
  for (size_t k = 0; k < misplaced.size(); ++k)
    results[misplaced[k]].address = static_cast<char *>(memory) + offsets[k];
  return memory;
}
