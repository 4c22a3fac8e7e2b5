//===- Context.cpp - Contexts, errors, memory and copies ------------------===//
//
// Part of graph-opt. This file implements contexts, the errors they keep,
// counters, and the C ABI of memory and copies.
//
//===----------------------------------------------------------------------===//

#include "Context.h"
#include "HostDevice.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <thread>

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// Errors
//===----------------------------------------------------------------------===//

static std::string &lastMessage() {
  static thread_local std::string message;
  return message;
}

void graphopt::runtime::setLastMessage(const std::string &message) {
  lastMessage() = message;
}

const char *goLastMessage(void) { return lastMessage().c_str(); }

GoStatus GoContext::fail(const Status &status) {
  setLastMessage(status.message);
  std::lock_guard<std::mutex> lock(errorMutex);
  if (!firstError.failed()) {
    firstError = status;
    hasError = true;
  }
  return status.code;
}

GoStatus GoContext::keptError() {
  if (!hasError)
    return GO_OK;
  std::lock_guard<std::mutex> lock(errorMutex);
  if (firstError.failed())
    setLastMessage(firstError.message);
  return firstError.code;
}

GoStatus GoContext::takeError() {
  if (!hasError)
    return GO_OK;
  std::lock_guard<std::mutex> lock(errorMutex);
  Status taken = std::exchange(firstError, Status());
  hasError = false;
  if (taken.failed())
    setLastMessage(taken.message);
  return taken.code;
}

/// Reports a call that names no context.
static GoStatus failNullContext(const char *function) {
  setLastMessage(std::string(function) + ": the context is null");
  return GO_INVALID_ARGUMENT;
}

static Status invalid(const char *function, const std::string &what) {
  return {GO_INVALID_ARGUMENT, std::string(function) + ": " + what};
}

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

/// More threads than any host has; asking for more is asking for this many.
static constexpr int32_t maxThreads = 4096;

GoStatus goContextCreate(int32_t kind, int32_t threads, GoContext **context) {
  if (!context)
    return failNullContext("goContextCreate");
  *context = nullptr;
  if (threads < 0) {
    setLastMessage("goContextCreate: a negative number of threads");
    return GO_INVALID_ARGUMENT;
  }
  switch (kind) {
  case GO_DEVICE_HOST: {
    if (threads == 0)
      threads = std::max(1u, std::thread::hardware_concurrency());
    threads = std::min(threads, maxThreads);
    *context = new GoContext(std::make_unique<HostDevice>(threads), nullptr);
    return GO_OK;
  }
  case GO_DEVICE_FAKE: {
    auto fake = std::make_unique<FakeDevice>();
    FakeDevice *pointer = fake.get();
    *context = new GoContext(std::move(fake), pointer);
    return GO_OK;
  }
  default:
    setLastMessage("goContextCreate: this runtime has no device of kind " +
                   std::to_string(kind));
    return GO_UNSUPPORTED;
  }
}

void goContextDestroy(GoContext *context) { delete context; }

GoStatus goContextTakeStatus(GoContext *context) {
  return context ? context->takeError()
                 : failNullContext("goContextTakeStatus");
}

void goContextCounters(GoContext *context, GoCounters *counters) {
  if (!counters)
    return;
  *counters = {};
  if (!context)
    return;
  const Counters &from = context->counters;
  counters->graphs = from.graphs;
  counters->graph_launches = from.graphLaunches;
  counters->kernel_nodes = from.kernelNodes;
  counters->memcpy_nodes = from.memcpyNodes;
  counters->memset_nodes = from.memsetNodes;
  counters->conditional_nodes = from.conditionalNodes;
  counters->instantiations = from.instantiations;
  counters->updates = from.updates;
  counters->readbacks = from.readbacks;
  counters->waits = from.waits;
  counters->uploads = from.uploads;
  counters->cache_hits = from.cacheHits;
}

void goContextResetCounters(GoContext *context) {
  if (!context)
    return;
  Counters &counters = context->counters;
  for (Counters::Counter *counter :
       {&counters.graphLaunches, &counters.updates, &counters.readbacks,
        &counters.waits, &counters.uploads, &counters.cacheHits})
    *counter = 0;
}

//===----------------------------------------------------------------------===//
// Memory and scalars
//===----------------------------------------------------------------------===//

void *goAllocate(GoContext *context, int64_t bytes) {
  if (!context) {
    failNullContext("goAllocate");
    return nullptr;
  }
  if (bytes < 0) {
    context->fail(invalid("goAllocate", "a negative size (" +
                                            std::to_string(bytes) + " bytes)"));
    return nullptr;
  }
  void *pointer = nullptr;
  Status status = context->device->allocate(bytes, &pointer);
  if (status.failed()) {
    status.message = "goAllocate: " + status.message;
    context->fail(status);
    return nullptr;
  }
  return pointer;
}

void goFree(GoContext *context, void *pointer) {
  if (context)
    context->device->release(pointer);
}

static Status verifyCopy(const char *function, const void *source,
                         const void *destination, int64_t bytes) {
  if (bytes < 0)
    return invalid(function,
                   "a negative size (" + std::to_string(bytes) + " bytes)");
  if (bytes > 0 && !source)
    return invalid(function, "the source is null");
  if (bytes > 0 && !destination)
    return invalid(function, "the destination is null");
  return {};
}

/// Names the C function in the message of a failed device call.
static Status inFunction(const char *function, Status status) {
  if (status.failed())
    status.message = std::string(function) + ": " + status.message;
  return status;
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
  if (GoStatus kept = context->keptError())
    return kept;
  Status status = inFunction("goWait", context->device->wait(stream));
  if (!status.failed())
    ++context->counters.waits;
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
// Graphviz
//===----------------------------------------------------------------------===//

GoStatus goContextWriteDot(GoContext *context, const char *path) {
  static constexpr const char *function = "goContextWriteDot";
  if (!context)
    return failNullContext(function);
  if (!path)
    return context->fail(invalid(function, "the path is null"));

  std::string text = "digraph \"graph-opt\" {\n"
                     "  compound=true;\n"
                     "  node [shape=box, fontname=\"monospace\"];\n";
  int64_t number = 0;
  context->cache.forEach([&](const GoExec &exec) {
    writeDot(exec.graph, "g" + std::to_string(number++), text);
  });
  text += "}\n";

  std::FILE *file = std::fopen(path, "w");
  bool written =
      file && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  int error = errno;
  if (file && std::fclose(file) != 0) {
    written = false;
    error = errno;
  }
  if (written)
    return GO_OK;
  return context->fail(invalid(function, "cannot write " + quoted(path) + ": " +
                                             std::strerror(error)));
}
