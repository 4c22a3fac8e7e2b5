//===- Constants.cpp - Constants of programs on the device ----------------===//
//
// Part of graph-opt. Implements the copies and goConstant.
//
//===----------------------------------------------------------------------===//

#include "Constants.h"
#include "Context.h"

using namespace graphopt::runtime;

Constants::~Constants() {
  for (const auto &[data, copy] : copies)
    (void)device.release(/*stream=*/nullptr, copy);
}

Status Constants::get(void *stream, const void *data, int64_t bytes,
                      void **copy) {
  std::lock_guard<std::mutex> lock(mutex);
  auto found = copies.find(data);
  if (found != copies.end()) {
    *copy = found->second;
    return {};
  }
  Status status = device.allocate(stream, bytes, copy);
  if (status.failed())
    return status;
  status = device.upload(stream, data, *copy, bytes);
  // Other streams may use it next.
  if (!status.failed())
    status = device.wait(stream);
  if (status.failed())
    (void)device.release(stream, *copy);
  else
    copies.emplace(data, *copy);
  return status;
}

void *goConstant(GoContext *context, void *stream, const void *data,
                 int64_t bytes) {
  static constexpr const char *function = "goConstant";
  if (!context) {
    failNullContext(function);
    return nullptr;
  }
  if (bytes < 0 || (!data && bytes > 0)) {
    context->fail(invalidCall(function, "no data, or a negative size"));
    return nullptr;
  }
  void *copy = nullptr;
  Status status = context->constants.get(stream, data, bytes, &copy);
  if (status.failed()) {
    context->fail(inFunction(function, status));
    return nullptr;
  }
  return copy;
}
