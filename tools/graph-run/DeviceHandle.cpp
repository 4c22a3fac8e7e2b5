//===- DeviceHandle.cpp - The device a program runs on --------------------===//
//
// Implements the choice of a device.
//
//===----------------------------------------------------------------------===//

#include "DeviceHandle.h"

#include "llvm/Support/raw_ostream.h"

using namespace graphrun;
using llvm::Error;
using llvm::Expected;
using llvm::Twine;

Error graphrun::runtimeError(const Twine &what) {
  return llvm::createStringError(what + ": " + goLastMessage());
}

/// The reason of the last failure, without the function that names it.
static llvm::StringRef lastReason() {
  llvm::StringRef message = goLastMessage();
  message.consume_front("goContextCreate: ");
  return message;
}

/// Opens the first CUDA device and finds out what to compile for.
static Expected<DeviceHandle> openCUDA(const std::string &chosenChip) {
  DeviceHandle device;
  GoContext *context = nullptr;
  if (goContextCreate(GO_DEVICE_CUDA, /*option=*/0, &context) != GO_OK)
    return llvm::createStringError(lastReason());
  device.context.reset(context);
  device.isCUDA = true;
  GoDeviceDescription description;
  if (goContextDescribe(context, &description) != GO_OK)
    return llvm::createStringError(goLastMessage());
  device.chip = chosenChip.empty() ? ("sm_" + Twine(description.compute_major) +
                                      Twine(description.compute_minor))
                                         .str()
                                   : chosenChip;
  return device;
}

static Expected<DeviceHandle> openHost(unsigned threads) {
  DeviceHandle device;
  GoContext *context = nullptr;
  if (goContextCreate(GO_DEVICE_HOST, threads, &context) != GO_OK)
    return runtimeError("--device=host");
  device.context.reset(context);
  return device;
}

static Expected<DeviceHandle> openChosen(const Options &options) {
  if (options.device == DeviceChoice::Host)
    return openHost(options.threads);
  Expected<DeviceHandle> cuda = openCUDA(options.chip);
  if (options.device == DeviceChoice::CUDA) {
    if (!cuda)
      return llvm::createStringError("--device=cuda: " +
                                     llvm::toString(cuda.takeError()));
    return cuda;
  }
  if (cuda) {
    llvm::errs() << "graph-run: device: CUDA (" << cuda->chip << ")\n";
    return cuda;
  }
  llvm::errs() << "graph-run: device: host ("
               << llvm::toString(cuda.takeError()) << ")\n";
  return openHost(options.threads);
}

/// Sets the level of the runtime's log.
static void setLogLevel(LogLevel level) {
  switch (level) {
  case LogLevel::Default:
    return;
  case LogLevel::Off:
    goSetLogLevel(GO_LOG_OFF);
    return;
  case LogLevel::Error:
    goSetLogLevel(GO_LOG_ERROR);
    return;
  case LogLevel::Info:
    goSetLogLevel(GO_LOG_INFO);
    return;
  case LogLevel::Debug:
    goSetLogLevel(GO_LOG_DEBUG);
    return;
  }
}

Expected<DeviceHandle> graphrun::openDevice(const Options &options) {
  setLogLevel(options.log);
  Expected<DeviceHandle> device = openChosen(options);
  if (!device)
    return device;
  int32_t mode =
      options.mode == LaunchMode::Graph ? GO_MODE_GRAPH : GO_MODE_STREAM;
  if (goContextSetMode(device->context.get(), mode) != GO_OK)
    return runtimeError("--mode");
  return device;
}
