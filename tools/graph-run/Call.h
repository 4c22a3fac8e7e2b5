//===- Call.h - Calling compiled entry points -------------------*- C++ -*-===//
//
// Passes arrays to a GoEntryPoint by the rules of GraphRuntime.h.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_CALL_H
#define GRAPHOPT_TOOLS_GRAPHRUN_CALL_H

#include "DeviceArrays.h"
#include "HostTensor.h"

#include "GraphOpt/Runtime/GraphRuntime.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/Error.h"

#include <vector>

namespace graphrun {

/// Arguments and results of one function, ready to be passed again and again.
class CallFrame {
public:
  /// Puts the arguments into the memory of the device of `context`, the host
  /// device if `isHost`. `arguments` must outlive the frame and keep its bytes,
  /// the context must outlive the frame.
  static llvm::Expected<std::unique_ptr<CallFrame>>
  create(mlir::FunctionType type, std::vector<HostTensor> &arguments,
         GoContext *context, bool isHost);
  ~CallFrame();

  /// Calls `entry` without waiting for the device. Of the results only scalars
  /// are there afterwards.
  llvm::Error call(GoEntryPoint entry);
  /// Waits for the device and brings buffer arguments and results of the last
  /// call to the host.
  llvm::Error fetch();

  /// Results of the last call; scalars have rank 0.
  std::vector<HostTensor> results;

private:
  /// Descriptors as 64-bit words: allocated, aligned, offset, sizes, strides.
  using Descriptor = std::vector<int64_t>;

  CallFrame(mlir::FunctionType type, GoContext *context, bool isHost)
      : type(type), context(context), arrays(context, isHost) {}

  llvm::Error packArguments(llvm::ArrayRef<HostTensor> arguments);
  llvm::Error packResults();
  /// Copies the array that a descriptor of the callee describes.
  llvm::Expected<HostTensor> readDescriptor(const Descriptor &descriptor,
                                            mlir::ShapedType type);
  /// Frees the memory of descriptors that the last call filled in.
  void releaseResults();

  mlir::FunctionType type;
  GoContext *context;
  DeviceArrays arrays;
  std::vector<Descriptor> descriptors;
  std::vector<void *> argumentPointers, resultPointers;
  /// Per result its descriptor, or null if the result is passed by data.
  std::vector<Descriptor *> resultDescriptors;
};

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_CALL_H
