//===- DeviceArrays.h - Arrays in device memory -----------------*- C++ -*-===//
//
// Gives the bytes of host arrays an address on a device, and moves them there
// and back.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_DEVICEARRAYS_H
#define GRAPHOPT_TOOLS_GRAPHRUN_DEVICEARRAYS_H

#include "HostTensor.h"

#include "GraphOpt/Runtime/GraphRuntime.h"

#include "llvm/Support/Error.h"

#include <vector>

namespace graphrun {

/// Blocks of memory that exist on the host and on a device. The host device
/// works on the host's bytes: there nothing is allocated or copied.
class DeviceArrays {
public:
  /// `context` must outlive the arrays.
  DeviceArrays(GoContext *context, bool isHost)
      : context(context), isHost(isHost) {}
  ~DeviceArrays();
  DeviceArrays(const DeviceArrays &) = delete;
  DeviceArrays &operator=(const DeviceArrays &) = delete;

  /// The device address of the first byte of a block that stands for `bytes`.
  /// Its contents are undefined until they are uploaded or computed.
  llvm::Expected<void *> add(std::shared_ptr<Bytes> bytes);
  /// Copies all blocks from the host to the device.
  llvm::Error upload();
  /// Copies all blocks from the device to the host, and waits.
  llvm::Error download();

  /// The host's view of `size` bytes at `address` in device memory. On the host
  /// device it is valid as long as that memory, else a copy.
  llvm::Expected<std::shared_ptr<Bytes>> read(void *address, int64_t size);

private:
  struct Block {
    std::shared_ptr<Bytes> host;
    void *address;
  };

  GoContext *context;
  bool isHost;
  std::vector<Block> blocks;
};

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_DEVICEARRAYS_H
