//===- Call.h - Calling compiled entry points -------------------*- C++ -*-===//
//
// Passes arrays to a GoEntryPoint by the rules of GraphRuntime.h.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_CALL_H
#define GRAPHOPT_TOOLS_GRAPHRUN_CALL_H

#include "HostTensor.h"

#include "GraphOpt/Runtime/GraphRuntime.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/Error.h"

#include <vector>

namespace graphrun {

/// Arguments and results of one function, ready to be passed again and again.
class CallFrame {
public:
  /// `arguments` must outlive the frame and keep its bytes.
  static llvm::Expected<CallFrame> create(mlir::FunctionType type,
                                          std::vector<HostTensor> &arguments);

  /// Calls `entry` and reads what it returned in descriptors.
  llvm::Error call(GoEntryPoint entry, GoContext *context);

  /// Results of the last call; scalars have rank 0.
  std::vector<HostTensor> results;

private:
  /// Descriptors as 64-bit words: allocated, aligned, offset, sizes, strides.
  using Descriptor = std::vector<int64_t>;

  mlir::FunctionType type;
  std::vector<Descriptor> descriptors;
  std::vector<void *> argumentPointers, resultPointers;
  /// Per result its descriptor, or null if the result is passed by data.
  std::vector<Descriptor *> resultDescriptors;
};

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_CALL_H
