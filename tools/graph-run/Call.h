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

#include <deque>
#include <vector>

namespace graphrun {

/// An entry point of one of the two kinds; the other is null.
struct EntryPoint {
  GoEntryPoint entry = nullptr;
  GoAsyncEntryPoint asyncEntry = nullptr;
};

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

  /// Calls `entry` without waiting for the device, with the results of the last
  /// call as memory for the new ones. Of the results only scalars are there
  /// afterwards; those of an asynchronous entry are awaited.
  llvm::Error call(const EntryPoint &entry);
  /// Calls the asynchronous `entry` `count` times and awaits nothing until all
  /// of the calls were made. Each call has results of its own.
  llvm::Error callAtOnce(const EntryPoint &entry, int count);
  /// Waits for the device and brings buffer arguments and results of all calls
  /// whose results are kept to the host.
  llvm::Error fetch();

  /// Results of the last call; scalars have rank 0.
  std::vector<HostTensor> &results() { return calls.back().results; }
  /// Results of call `index` of `callAtOnce`.
  const std::vector<HostTensor> &resultsOf(size_t index) const {
    return calls[index].results;
  }
  /// "arg0" or "result0" if that array is at `address`; else empty.
  std::string nameOf(const void *address) const;
  /// Calls whose results are kept.
  size_t numCalls() const { return calls.size(); }

private:
  /// Descriptors as 64-bit words: allocated, aligned, offset, sizes, strides.
  using Descriptor = std::vector<int64_t>;

  /// The memory of the results of one call.
  struct Results {
    std::vector<HostTensor> results;
    std::vector<void *> pointers;
    /// Per result its descriptor; empty if the result is passed by data.
    std::vector<Descriptor> descriptors;
    GoPending *pending = nullptr;
  };

  CallFrame(mlir::FunctionType type, GoContext *context, bool isHost)
      : type(type), context(context), arrays(context, isHost) {}

  llvm::Error packArguments(llvm::ArrayRef<HostTensor> arguments);
  /// Adds the results of another call.
  llvm::Error packResults();
  /// Calls `entry` with the results of the last call, which were released.
  llvm::Error start(const EntryPoint &entry);
  /// Waits for what `start` left pending.
  llvm::Error await(Results &call);
  llvm::Error checkStatus(GoStatus status);
  /// Copies the array that a descriptor of the callee describes.
  llvm::Expected<HostTensor> readDescriptor(const Descriptor &descriptor,
                                            mlir::ShapedType type);
  /// Frees the memory of descriptors that calls filled in.
  void releaseResults();

  mlir::FunctionType type;
  GoContext *context;
  DeviceArrays arrays;
  std::vector<Descriptor> descriptors; ///< Of arguments.
  std::vector<void *> argumentPointers;
  std::deque<Results> calls;
};

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_CALL_H
