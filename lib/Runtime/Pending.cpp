//===- Pending.cpp - Deferred readbacks -----------------------------------===//
//
// Part of graph-opt. This file implements fetches in flight and their C ABI.
//
//===----------------------------------------------------------------------===//

#include "Context.h"
#include "CudaTypes.h"

#include <algorithm>
#include <cstring>

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// The order of fetches
//===----------------------------------------------------------------------===//

StreamKey::StreamKey(void *stream)
    : stream(stream),
      thread(stream == cuda::streamPerThread ? std::this_thread::get_id()
                                             : std::thread::id()) {}

Status FetchesInFlight::start(Device &device, void *stream,
                              const GoFetchItem *items, int64_t count,
                              PendingPart &part) {
  part.begin = mark();
  Status status = device.fetch(stream, items, count, part.fetch);
  if (status.failed())
    return status;
  std::lock_guard<std::mutex> lock(mutex);
  part.end = tickets++;
  parts.push_back(&part);
  return {};
}

Status FetchesInFlight::finish(PendingPart &part, bool *waited) {
  bool isDone = false;
  {
    std::lock_guard<std::mutex> lock(mutex);
    isDone = part.isDone;
    parts.erase(std::find(parts.begin(), parts.end(), &part));
  }
  Status status = part.fetch->finish(isDone);
  *waited = !isDone && !status.failed();
  if (*waited) {
    std::lock_guard<std::mutex> lock(mutex);
    setDone(part.stream, part.begin);
  }
  return status;
}

uint64_t FetchesInFlight::mark() {
  std::lock_guard<std::mutex> lock(mutex);
  return tickets;
}

void FetchesInFlight::setDone(void *stream, uint64_t mark) {
  std::lock_guard<std::mutex> lock(mutex);
  setDone(StreamKey(stream), mark);
}

void FetchesInFlight::setDone(const StreamKey &stream, uint64_t mark) {
  for (PendingPart *part : parts)
    if (part->end < mark && part->stream == stream)
      part->isDone = true;
}

//===----------------------------------------------------------------------===//
// C ABI
//===----------------------------------------------------------------------===//

/// The largest value of a fetch, in bytes.
static constexpr int64_t maxFetchBytes = int64_t(1) << 20;

static Status verifyFetch(const GoFetchItem *items, int64_t count) {
  static constexpr const char *function = "goFetch";
  if (count < 1 || !items)
    return invalidCall(function, "there are no values");
  for (int64_t i = 0; i < count; ++i) {
    if (!items[i].source || !items[i].destination)
      return invalidCall(function, "the source or the destination of value " +
                                       std::to_string(i) + " is null");
    if (items[i].bytes < 1 || items[i].bytes > maxFetchBytes)
      return invalidCall(function, "value " + std::to_string(i) + " has " +
                                       std::to_string(items[i].bytes) +
                                       " bytes; 1 to 1048576 can be fetched");
  }
  return {};
}

/// What a program computes with if nothing is delivered.
static void clearDestinations(const GoFetchItem *items, int64_t count) {
  for (int64_t i = 0; items && i < count; ++i)
    if (items[i].destination && items[i].bytes > 0)
      std::memset(items[i].destination, 0, items[i].bytes);
}

/// Finds out which of `items` kernels post.
static Status splitFetch(GoContext &context, void *stream,
                         const GoFetchItem *items, int64_t count,
                         std::vector<GoFetchItem> &copied,
                         std::vector<GoPending::Posted> &posted) {
  for (int64_t i = 0; i < count; ++i) {
    std::shared_ptr<Mailbox> mailbox = context.mailboxes.find(items[i].source);
    if (!mailbox) {
      copied.push_back(items[i]);
      continue;
    }
    bool capturing = false;
    Status status = context.device->findCapture(stream, &capturing);
    if (status.failed())
      return status;
    if (capturing)
      return refusedInCapture("a readback");
    std::shared_ptr<PostedValue> value = mailbox->takeLast();
    if (!value || mailbox->bytes != items[i].bytes)
      return {GO_INVALID_ARGUMENT,
              "no launch of this thread posted value " + std::to_string(i)};
    posted.push_back(
        {std::move(mailbox), std::move(value), items[i].destination});
  }
  return {};
}

GoStatus goFetch(GoContext *context, void *stream, const GoFetchItem *items,
                 int64_t count, GoPending **pending) {
  static constexpr const char *function = "goFetch";
  clearDestinations(items, count);
  if (!context)
    return failNullContext(function);
  if (GoStatus kept = context->keptError())
    return kept;
  if (!pending)
    return context->fail(invalidCall(function, "the handle is null"));
  if (*pending && &(*pending)->context != context)
    return context->fail(
        invalidCall(function, "the handle is one of another context"));
  Status status = verifyFetch(items, count);
  if (status.failed())
    return context->fail(status);
  std::vector<GoFetchItem> copied;
  std::vector<GoPending::Posted> posted;
  status = splitFetch(*context, stream, items, count, copied, posted);
  auto part = std::make_unique<PendingPart>(stream);
  if (!status.failed() && !copied.empty())
    status = context->fetches.start(*context->device, stream, copied.data(),
                                    copied.size(), *part);
  if (status.failed())
    return context->fail(inFunction(function, status));
  if (!*pending)
    *pending = new GoPending{*context, {}, {}};
  if (!copied.empty())
    (*pending)->parts.push_back(std::move(part));
  for (GoPending::Posted &item : posted)
    (*pending)->posted.push_back(std::move(item));
  context->counters.readbacks += count;
  context->counters.deferredReadbacks += count;
  return GO_OK;
}

GoStatus goAwait(GoPending *pending) {
  if (!pending)
    return GO_OK;
  GoContext &context = pending->context;
  if (GoStatus foreign = context.failIfForeign())
    return foreign;
  GoStatus first = GO_OK;
  auto finish = [&](bool waited, const Status &status) {
    if (waited && !status.failed())
      ++context.counters.waits;
    GoStatus code = context.finish(inFunction("goAwait", status));
    if (!first)
      first = code;
  };
  // The last first: those before it on its stream are done then.
  for (auto part = pending->parts.rbegin(); part != pending->parts.rend();
       ++part) {
    bool waited = false;
    Status status = context.fetches.finish(**part, &waited);
    finish(waited, status);
  }
  for (auto item = pending->posted.rbegin(); item != pending->posted.rend();
       ++item) {
    bool waited = false;
    Status status =
        item->mailbox->deliver(*item->value, item->destination, &waited);
    finish(waited, status);
  }
  delete pending;
  return first;
}
