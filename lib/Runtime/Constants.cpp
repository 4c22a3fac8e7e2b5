//===- Constants.cpp - Constants of programs on the device ----------------===//
//
// Part of graph-opt. Implements the copies and goConstant.
//
//===----------------------------------------------------------------------===//

#include "Constants.h"
#include "Context.h"

using namespace graphopt::runtime;

Constants::~Constants() {
  for (const auto &[data, constant] : constants)
    (void)device.release(/*stream=*/nullptr, constant.copy);
}

Status Constants::make(void *stream, const void *data, int64_t bytes,
                       void **copy) {
  void *made = nullptr;
  Status status = device.allocate(stream, bytes, &made);
  if (status.failed())
    return status;
  status = device.upload(stream, data, made, bytes);
  // Other streams may use it next.
  if (!status.failed())
    status = device.wait(stream);
  if (status.failed())
    (void)device.release(stream, made);
  else
    *copy = made;
  return status;
}

Status Constants::get(void *stream, const void *data, int64_t bytes,
                      void **copy) {
  Constant *constant = nullptr;
  {
    std::lock_guard<std::mutex> lock(mutex);
    constant = &constants[data];
  }
  std::lock_guard<std::mutex> lock(constant->mutex);
  Status status;
  if (!constant->copy)
    status = make(stream, data, bytes, &constant->copy);
  *copy = constant->copy;
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
  if (context->failIfForeign())
    return nullptr;
  void *copy = nullptr;
  Status status = context->constants.get(stream, data, bytes, &copy);
  if (status.failed()) {
    context->fail(inFunction(function, status));
    return nullptr;
  }
  return copy;
}
