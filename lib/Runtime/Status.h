//===- Status.h - Error values inside the runtime ---------------*- C++ -*-===//
//
// Part of graph-opt. A status code with its message, passed by value inside
// the runtime. At the C ABI it becomes a GoStatus, the message of the calling
// thread and the first error of the context.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_STATUS_H
#define GRAPHOPT_LIB_RUNTIME_STATUS_H

#include "GraphOpt/Runtime/GraphRuntime.h"

#include <string>
#include <utility>

namespace graphopt::runtime {

/// The outcome of an internal call: GO_OK without a message, or a failure with
/// one. Success allocates nothing.
struct [[nodiscard]] Status {
  Status() = default;
  Status(GoStatus code, std::string message)
      : code(code), message(std::move(message)) {}

  bool failed() const { return code != GO_OK; }

  GoStatus code = GO_OK;
  std::string message;
};

/// Makes `message` the last message of the calling thread.
void setLastMessage(const std::string &message);

/// "'name'", for messages.
inline std::string quoted(const std::string &name) { return "'" + name + "'"; }

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_STATUS_H
