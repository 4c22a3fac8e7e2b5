//===- DeviceHandle.h - The device a program runs on ------------*- C++ -*-===//
//
// Opens the device that the user chose, or the best one there is.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_DEVICEHANDLE_H
#define GRAPHOPT_TOOLS_GRAPHRUN_DEVICEHANDLE_H

#include "Options.h"

#include "GraphOpt/Runtime/GraphRuntime.h"

#include "llvm/Support/Error.h"

#include <memory>

namespace graphrun {

/// An open device. Destroy it before the code that its graphs call.
struct DeviceHandle {
  struct ContextDeleter {
    void operator()(GoContext *context) const { goContextDestroy(context); }
  };

  std::unique_ptr<GoContext, ContextDeleter> context;
  bool isCUDA = false;
  /// The architecture to compile for, such as "sm_90"; empty on the host.
  std::string chip;
};

/// Opens the device that `options` asks for and sets its mode. With
/// `DeviceChoice::Auto` a line on the standard error says which one it is.
llvm::Expected<DeviceHandle> openDevice(const Options &options);

/// The error for a failed call of the runtime: `what` and its last message.
llvm::Error runtimeError(const llvm::Twine &what);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_DEVICEHANDLE_H
