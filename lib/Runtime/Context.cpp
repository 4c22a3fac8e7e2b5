//===- Context.cpp - Contexts and their errors ----------------------------===//
//
// Part of graph-opt. This file implements contexts and the errors they keep.
//
//===----------------------------------------------------------------------===//

#include "Context.h"
#include "CudaDevice.h"
#include "HostDevice.h"
#include "Log.h"
#include "Nvtx.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <pthread.h>
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

int32_t goAbiVersion(void) { return GO_ABI_VERSION; }

const char *goLastMessage(void) { return lastMessage().c_str(); }

std::atomic<uint64_t> graphopt::runtime::numForks{0};

void graphopt::runtime::countForks() {
  [[maybe_unused]] static const int registered =
      pthread_atfork(nullptr, nullptr, [] { ++numForks; });
}

GoStatus GoContext::failIfForeign() const {
  if (!isForeign())
    return GO_OK;
  setLastMessage("the context belongs to the parent of this process, which "
                 "was forked from it: create one of its own");
  return GO_UNSUPPORTED;
}

GoStatus GoContext::keep(const Status &status) {
  setLastMessage(status.message);
  if (isForeign())
    return status.code;
  std::lock_guard<std::mutex> lock(errorMutex);
  if (!firstError.failed()) {
    firstError = status;
    hasError = true;
  }
  return status.code;
}

GoStatus GoContext::fail(const Status &status) {
  if (isLogged(GO_LOG_ERROR))
    logLine(GO_LOG_ERROR, "failure", status.message);
  return keep(status);
}

GoStatus GoContext::fail(const Status &status, const GoGraphInfo &info,
                         int64_t owner) {
  if (isLogged(GO_LOG_ERROR))
    logLine(GO_LOG_ERROR, "failure",
            subjectText(info, owner) + ": " + status.message);
  return keep(status);
}

GoStatus graphopt::runtime::failBuilding(GoGraph &root, const Status &status) {
  return root.sealed ? root.context.fail(status) : root.context.keep(status);
}

GoStatus GoContext::reportKeptError() {
  if (GoStatus foreign = failIfForeign())
    return foreign;
  std::lock_guard<std::mutex> lock(errorMutex);
  if (firstError.failed())
    setLastMessage(firstError.message);
  return firstError.code;
}

GoStatus GoContext::reportTakenError() {
  if (GoStatus foreign = failIfForeign())
    return foreign;
  std::lock_guard<std::mutex> lock(errorMutex);
  Status taken = std::exchange(firstError, Status());
  hasError = false;
  if (taken.failed())
    setLastMessage(taken.message);
  return taken.code;
}

GoStatus graphopt::runtime::failNullContext(const char *function) {
  setLastMessage(std::string(function) + ": the context is null");
  return GO_INVALID_ARGUMENT;
}

Status graphopt::runtime::invalidCall(const char *function,
                                      const std::string &what) {
  return {GO_INVALID_ARGUMENT, std::string(function) + ": " + what};
}

Status graphopt::runtime::inFunction(const char *function, Status status) {
  if (status.failed())
    status.message = std::string(function) + ": " + status.message;
  return status;
}

//===----------------------------------------------------------------------===//
// Contexts
//===----------------------------------------------------------------------===//

/// More threads than any host has; asking for more is asking for this many.
static constexpr int32_t maxThreads = 4096;

GoStatus goContextCreate(int32_t kind, int32_t option, GoContext **context) {
  static constexpr const char *function = "goContextCreate";
  if (!context)
    return failNullContext(function);
  *context = nullptr;
  countForks();
  initializeLog();
  initializeNvtx();
  if (kind != GO_DEVICE_CUDA && option < 0) {
    setLastMessage("goContextCreate: a negative number of threads");
    return GO_INVALID_ARGUMENT;
  }
  switch (kind) {
  case GO_DEVICE_HOST: {
    if (option == 0)
      option = std::max(1u, std::thread::hardware_concurrency());
    option = std::min(option, maxThreads);
    *context = new GoContext(std::make_unique<HostDevice>(option), nullptr);
    return GO_OK;
  }
  case GO_DEVICE_CUDA: {
    std::unique_ptr<Device> device;
    Status status = inFunction(function, createCudaDevice(option, device));
    if (status.failed()) {
      setLastMessage(status.message);
      return status.code;
    }
    *context = new GoContext(std::move(device), nullptr);
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

void goContextDestroy(GoContext *context) {
  if (context && !context->isForeign())
    delete context;
}

GoStatus goContextTakeStatus(GoContext *context) {
  return context ? context->takeError()
                 : failNullContext("goContextTakeStatus");
}

GoStatus goContextSetMode(GoContext *context, int32_t mode) {
  static constexpr const char *function = "goContextSetMode";
  if (!context)
    return failNullContext(function);
  if (GoStatus foreign = context->failIfForeign())
    return foreign;
  if (mode != GO_MODE_GRAPH && mode != GO_MODE_STREAM)
    return context->fail(
        invalidCall(function, std::to_string(mode) + " is no mode"));
  context->device->setMode(mode);
  return GO_OK;
}

GoStatus goContextDescribe(GoContext *context,
                           GoDeviceDescription *description) {
  static constexpr const char *function = "goContextDescribe";
  if (!context)
    return failNullContext(function);
  if (GoStatus foreign = context->failIfForeign())
    return foreign;
  if (!description)
    return context->fail(invalidCall(function, "the description is null"));
  *description = {};
  Status status = context->device->describe(*description);
  if (status.failed()) {
    status.message = std::string(function) + ": " + status.message;
    return context->fail(status);
  }
  if (!description->name[0])
    std::strcpy(description->name, context->fake ? "fake" : "host");
  return GO_OK;
}

//===----------------------------------------------------------------------===//
// Graphviz
//===----------------------------------------------------------------------===//

GoStatus goContextWriteDot(GoContext *context, const char *path) {
  static constexpr const char *function = "goContextWriteDot";
  if (!context)
    return failNullContext(function);
  if (GoStatus foreign = context->failIfForeign())
    return foreign;
  if (!path)
    return context->fail(invalidCall(function, "the path is null"));

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
  return context->fail(invalidCall(function, "cannot write " + quoted(path) +
                                                 ": " + std::strerror(error)));
}
