//===- Memory.cpp - Memory, copies and timers -----------------------------===//
//
// Part of graph-opt. This file implements the C ABI of device memory, copies,
// and timers.
//
//===----------------------------------------------------------------------===//

#include "Context.h"

#include <cstring>

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

using Allocate = Status (Device::*)(void *stream, int64_t bytes,
                                    void **pointer);

/// Implements `function`, which allocates by `allocate`.
static void *allocateBy(Allocate allocate, const char *function,
                        GoContext *context, void *stream, int64_t bytes) {
  if (!context) {
    failNullContext(function);
    return nullptr;
  }
  if (context->failIfForeign())
    return nullptr;
  if (bytes < 0) {
    context->fail(invalidCall(function, "a negative size (" +
                                            std::to_string(bytes) + " bytes)"));
    return nullptr;
  }
  void *pointer = nullptr;
  Status status = inFunction(
      function, ((*context->device).*allocate)(stream, bytes, &pointer));
  if (status.failed()) {
    context->fail(status);
    return nullptr;
  }
  return pointer;
}

void *goAllocate(GoContext *context, void *stream, int64_t bytes) {
  return allocateBy(&Device::allocate, "goAllocate", context, stream, bytes);
}

void *goAllocateReadable(GoContext *context, void *stream, int64_t bytes) {
  return allocateBy(&Device::allocateReadable, "goAllocateReadable", context,
                    stream, bytes);
}

void goFree(GoContext *context, void *stream, void *pointer) {
  if (context && pointer && !context->failIfForeign())
    context->finish(
        inFunction("goFree", context->device->release(stream, pointer)));
}

//===----------------------------------------------------------------------===//
// Copies
//===----------------------------------------------------------------------===//

static Status verifyCopy(const char *function, const void *source,
                         const void *destination, int64_t bytes) {
  if (bytes < 0)
    return invalidCall(function,
                       "a negative size (" + std::to_string(bytes) + " bytes)");
  if (bytes > 0 && !source)
    return invalidCall(function, "the source is null");
  if (bytes > 0 && !destination)
    return invalidCall(function, "the destination is null");
  return {};
}

GoStatus goUpload(GoContext *context, void *stream, const void *source,
                  void *destination, int64_t bytes) {
  static constexpr const char *function = "goUpload";
  if (!context)
    return failNullContext(function);
  if (GoStatus kept = context->keptError())
    return kept;
  Status status = verifyCopy(function, source, destination, bytes);
  if (!status.failed() && bytes > 0)
    status = inFunction(
        function, context->device->upload(stream, source, destination, bytes));
  return context->finish(status);
}

GoStatus goReadback(GoContext *context, void *stream, const void *source,
                    void *destination, int64_t bytes) {
  static constexpr const char *function = "goReadback";
  if (!context)
    return failNullContext(function);
  GoStatus code = context->keptError();
  if (!code)
    code = context->finish(verifyCopy(function, source, destination, bytes));
  if (!code && bytes > 0)
    code = context->finish(
        inFunction(function, context->device->readback(stream, source,
                                                       destination, bytes)));
  if (!code)
    ++context->counters.readbacks;
  else if (destination && bytes > 0)
    // The program computes with the value until it asks for the status.
    std::memset(destination, 0, bytes);
  return code;
}

GoStatus goWait(GoContext *context, void *stream) {
  if (!context)
    return failNullContext("goWait");
  if (GoStatus foreign = context->failIfForeign())
    return foreign;
  if (GoStatus kept = context->keptError()) {
    // The program goes on as if it had waited, and may end.
    context->device->abandonReadbacks(stream);
    return kept;
  }
  uint64_t mark = context->fetches.mark();
  Status status = inFunction("goWait", context->device->wait(stream));
  if (!status.failed()) {
    context->fetches.setDone(stream, mark);
    ++context->counters.waits;
  }
  return context->finish(status);
}

GoStatus goCopy(GoContext *context, void *stream, const void *source,
                void *destination, int64_t bytes) {
  static constexpr const char *function = "goCopy";
  if (!context)
    return failNullContext(function);
  if (GoStatus kept = context->keptError())
    return kept;
  Status status = verifyCopy(function, source, destination, bytes);
  if (!status.failed() && bytes > 0 && source != destination)
    status = inFunction(
        function, context->device->copy(stream, source, destination, bytes));
  return context->finish(status);
}

//===----------------------------------------------------------------------===//
// Timers
//===----------------------------------------------------------------------===//

struct GoTimer {
  GoContext &context;
  const std::unique_ptr<Timer> timer;
};

static GoStatus failNullTimer(const char *function) {
  setLastMessage(std::string(function) + ": the timer is null");
  return GO_INVALID_ARGUMENT;
}

GoStatus goTimerCreate(GoContext *context, GoTimer **timer) {
  static constexpr const char *function = "goTimerCreate";
  if (timer)
    *timer = nullptr;
  if (!context)
    return failNullContext(function);
  if (GoStatus foreign = context->failIfForeign())
    return foreign;
  if (!timer)
    return context->fail(invalidCall(function, "the result is null"));
  std::unique_ptr<Timer> created;
  Status status = inFunction(function, context->device->createTimer(created));
  if (!status.failed())
    *timer = new GoTimer{*context, std::move(created)};
  return context->finish(status);
}

void goTimerDestroy(GoTimer *timer) {
  if (timer && !timer->context.isForeign())
    delete timer;
}

GoStatus goTimerStart(GoTimer *timer, void *stream) {
  if (!timer)
    return failNullTimer("goTimerStart");
  if (GoStatus foreign = timer->context.failIfForeign())
    return foreign;
  return timer->context.finish(
      inFunction("goTimerStart", timer->timer->start(stream)));
}

GoStatus goTimerStop(GoTimer *timer, void *stream) {
  if (!timer)
    return failNullTimer("goTimerStop");
  if (GoStatus foreign = timer->context.failIfForeign())
    return foreign;
  return timer->context.finish(
      inFunction("goTimerStop", timer->timer->stop(stream)));
}

GoStatus goTimerRead(GoTimer *timer, double *microseconds) {
  static constexpr const char *function = "goTimerRead";
  if (microseconds)
    *microseconds = 0;
  if (!timer)
    return failNullTimer(function);
  if (GoStatus foreign = timer->context.failIfForeign())
    return foreign;
  if (!microseconds)
    return timer->context.fail(invalidCall(function, "the result is null"));
  return timer->context.finish(
      inFunction(function, timer->timer->read(microseconds)));
}
