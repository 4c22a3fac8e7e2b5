//===- DeviceArrays.cpp - Arrays in device memory -------------------------===//
//
// Implements the copies of arrays on a device. All of them are in the order of
// the default stream.
//
//===----------------------------------------------------------------------===//

#include "DeviceArrays.h"

#include "DeviceHandle.h"

using namespace graphrun;
using llvm::Error;
using llvm::Expected;

DeviceArrays::~DeviceArrays() {
  for (const Block &block : blocks)
    goFree(context, /*stream=*/nullptr, block.address);
}

Expected<void *> DeviceArrays::add(std::shared_ptr<Bytes> bytes) {
  if (isHost)
    return bytes->data();
  void *address = goAllocate(context, /*stream=*/nullptr, bytes->size());
  if (!address)
    return runtimeError("no memory on the device for an array of " +
                        llvm::Twine(bytes->size()) + " bytes");
  blocks.push_back({std::move(bytes), address});
  return address;
}

Error DeviceArrays::upload() {
  for (const Block &block : blocks)
    if (goUpload(context, /*stream=*/nullptr, block.host->data(), block.address,
                 block.host->size()) != GO_OK)
      return runtimeError("the upload failed");
  return Error::success();
}

Error DeviceArrays::download() {
  for (const Block &block : blocks)
    if (goReadback(context, /*stream=*/nullptr, block.address,
                   block.host->data(), block.host->size()) != GO_OK)
      return runtimeError("the download failed");
  if (goWait(context, /*stream=*/nullptr) != GO_OK)
    return runtimeError("the device failed");
  return Error::success();
}

Expected<std::shared_ptr<Bytes>> DeviceArrays::read(void *address,
                                                    int64_t size) {
  if (isHost)
    return std::make_shared<Bytes>(address, size);
  auto copy = std::make_shared<Bytes>(size);
  if (goReadback(context, /*stream=*/nullptr, address, copy->data(), size) !=
          GO_OK ||
      goWait(context, /*stream=*/nullptr) != GO_OK)
    return runtimeError("the download failed");
  return copy;
}
