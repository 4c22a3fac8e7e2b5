//===- CudaCopies.cpp - Copies of the CUDA device -------------------------===//
//
// Part of graph-opt. This file implements copies within the device, uploads,
// readbacks, and waits for them.
//
//===----------------------------------------------------------------------===//

#include "CudaDevice.h"

#include <cstring>

using namespace graphopt::runtime;

/// Versions of the driver that first had batches of copies, and with the
/// parameters that they have since.
static constexpr int firstBatch = 12080;
static constexpr int currentBatch = 13000;

static bool overlapsItself(const GoCopyItem &item) {
  cuda::Pointer from = toPointer(item.source), to = toPointer(item.destination);
  return (from < to ? to - from : from - to) <
         static_cast<uint64_t>(item.bytes);
}

Status CudaDevice::copy(void *stream, const void *source, void *destination,
                        int64_t bytes) {
  CudaScope scope(driver, context);
  if (scope.status.failed())
    return scope.status;
  auto copyBytes = [&](const void *from, const void *to) {
    if (transfers.isReadable(from))
      return driver.call(driver.cuMemcpyHtoDAsync, toPointer(to), from,
                         size_t(bytes), toStream(stream));
    if (transfers.isReadable(to))
      return driver.call(driver.cuMemcpyDtoHAsync, const_cast<void *>(to),
                         toPointer(from), size_t(bytes), toStream(stream));
    return driver.call(driver.cuMemcpyDtoDAsync, toPointer(to), toPointer(from),
                       size_t(bytes), toStream(stream));
  };
  if (!overlapsItself({source, destination, bytes}))
    return copyBytes(source, destination);
  // The driver copies no ranges that overlap.
  void *between = nullptr;
  Status status = allocate(stream, bytes, &between);
  if (status.failed())
    return status;
  status = copyBytes(source, between);
  if (!status.failed())
    status = copyBytes(between, destination);
  Status released = release(stream, between);
  if (!status.failed())
    status = released;
  bool capturing = false;
  if (status.failed() && !isCapturing(toStream(stream), &capturing).failed() &&
      capturing)
    invalidateCapture(toStream(stream));
  return status;
}

bool CudaDevice::hasCurrentBatch() const {
  return driver.version >= currentBatch &&
         driver.cuMemcpyBatch.pointer != nullptr;
}

/// Whether the driver takes many copies on `stream` at once.
bool CudaDevice::canBatch(cuda::Stream stream) const {
  bool isKnown =
      hasCurrentBatch() || (driver.version >= firstBatch &&
                            driver.cuMemcpyBatch12.pointer != nullptr);
  bool capturing = false;
  // The legacy stream, by either of its handles, takes none.
  bool isLegacy = !stream || stream == cuda::streamLegacy;
  return isKnown && !isLegacy && !isCapturing(stream, &capturing).failed() &&
         !capturing;
}

Status CudaDevice::copyBatch(cuda::Stream stream,
                             const std::vector<GoCopyItem> &items) {
  std::vector<cuda::Pointer> destinations, sources;
  std::vector<size_t> sizes;
  for (const GoCopyItem &item : items) {
    destinations.push_back(toPointer(item.destination));
    sources.push_back(toPointer(item.source));
    sizes.push_back(item.bytes);
  }
  cuda::CopyAttributes attributes; // One for all, from the first copy on.
  size_t first = 0, numAttributes = 1;
  if (hasCurrentBatch())
    return driver.call(driver.cuMemcpyBatch, destinations.data(),
                       sources.data(), sizes.data(), sizes.size(), &attributes,
                       &first, numAttributes, stream);
  size_t failed = 0;
  return driver.call(driver.cuMemcpyBatch12, destinations.data(),
                     sources.data(), sizes.data(), sizes.size(), &attributes,
                     &first, numAttributes, &failed, stream);
}

Status CudaDevice::copyAll(void *stream, const GoCopyItem *items,
                           int64_t count) {
  if (count < 2)
    return Device::copyAll(stream, items, count);
  CudaScope scope(driver, context);
  if (scope.status.failed())
    return scope.status;
  if (!canBatch(toStream(stream)))
    return Device::copyAll(stream, items, count);
  std::vector<GoCopyItem> together, single;
  for (int64_t i = 0; i < count; ++i)
    (overlapsItself(items[i]) ? single : together).push_back(items[i]);
  Status status;
  if (!together.empty())
    status = copyBatch(toStream(stream), together);
  return status.failed()
             ? status
             : Device::copyAll(stream, single.data(), single.size());
}

Status CudaDevice::upload(void *stream, const void *source, void *destination,
                          int64_t bytes) {
  CudaScope scope(driver, context);
  bool capturing = false;
  Status status = scope.status;
  if (!status.failed())
    status = isCapturing(toStream(stream), &capturing);
  if (status.failed())
    return status;
  status = transfers.upload(toStream(stream), source, toPointer(destination),
                            bytes, capturing);
  if (status.failed() && capturing && bytes > PinnedPool::largest)
    invalidateCapture(toStream(stream)); // It was made in parts.
  return status;
}

Status CudaDevice::readback(void *stream, const void *source, void *destination,
                            int64_t bytes) {
  CudaScope scope(driver, context);
  Status status = scope.status;
  if (!status.failed())
    status = refuseCapture(toStream(stream), "a readback");
  if (status.failed())
    return status;
  return transfers.readback(toStream(stream), toPointer(source), destination,
                            bytes);
}

namespace {
/// Values in pinned memory, or on their way there.
class CudaFetch final : public Fetch {
public:
  explicit CudaFetch(CudaDevice &device) : device(device) {}
  Status start(cuda::Stream stream, const GoFetchItem *items, int64_t count) {
    return device.transfers.fetch(stream, items, count, fetched);
  }
  Status finish(bool isDone) override {
    CudaScope scope(device.driver, device.context);
    Status status = scope.status;
    if (!status.failed() && !isDone)
      status =
          device.driver.call(device.driver.cuEventSynchronize, fetched.event);
    device.transfers.finish(fetched, /*deliver=*/!status.failed());
    return status;
  }

private:
  CudaDevice &device;
  CudaTransfers::Fetched fetched;
};
} // namespace

Status CudaDevice::fetch(void *stream, const GoFetchItem *items, int64_t count,
                         std::unique_ptr<Fetch> &fetch) {
  CudaScope scope(driver, context);
  Status status = scope.status;
  if (!status.failed())
    status = refuseCapture(toStream(stream), "a readback");
  if (status.failed())
    return status;
  auto started = std::make_unique<CudaFetch>(*this);
  status = started->start(toStream(stream), items, count);
  if (!status.failed())
    fetch = std::move(started);
  return status;
}

namespace {
class CudaMailboxMemory final : public MailboxMemory {
public:
  explicit CudaMailboxMemory(CudaDevice &device)
      : device(device), header(device) {}
  ~CudaMailboxMemory() override {
    if (block.address)
      device.transfers.releaseSlots(block);
  }
  Status allocate();

private:
  CudaDevice &device;
  CudaMemory header;
  PinnedBlock block; ///< The slots.
};
} // namespace

Status CudaMailboxMemory::allocate() {
  constexpr size_t slotBytes = 2 * sizeof(uint64_t) * GO_MAILBOX_SLOTS;
  Status status = header.allocate(sizeof(GoMailbox));
  if (!status.failed())
    status = device.transfers.allocateSlots(slotBytes, &block);
  if (status.failed())
    return status;
  address = reinterpret_cast<void *>(header.address());
  slots = static_cast<uint64_t *>(block.address);
  // The copy reads the slots' own memory.
  GoMailbox content = {0, slots};
  std::memcpy(slots, &content, sizeof(content));
  status = device.driver.call(device.driver.cuMemcpyHtoDAsync, header.address(),
                              static_cast<const void *>(slots), sizeof(content),
                              device.setupStream);
  if (!status.failed())
    status = device.finishSetup();
  std::memset(slots, 0, slotBytes);
  return status;
}

Status CudaDevice::allocateMailbox(std::unique_ptr<MailboxMemory> &memory) {
  CudaScope scope(driver, context);
  if (scope.status.failed())
    return scope.status;
  auto allocated = std::make_unique<CudaMailboxMemory>(*this);
  Status status = allocated->allocate();
  if (!status.failed())
    memory = std::move(allocated);
  return status;
}

Status CudaDevice::poll() {
  CudaScope scope(driver, context);
  if (scope.status.failed())
    return scope.status;
  cuda::Result result = driver.cuStreamQuery.pointer(setupStream);
  return result == cuda::success || result == cuda::errorNotReady
             ? Status()
             : driver.failure(driver.cuStreamQuery.name, result);
}

Status CudaDevice::findCapture(void *stream, bool *capturing) const {
  CudaCurrent current(driver, context);
  return current.status.failed() ? current.status
                                 : isCapturing(toStream(stream), capturing);
}

Status CudaDevice::wait(void *stream) {
  CudaScope scope(driver, context);
  Status status = scope.status;
  if (!status.failed())
    status = refuseCapture(toStream(stream), "waiting");
  if (!status.failed())
    return transfers.wait(toStream(stream));
  transfers.abandon(toStream(stream));
  return status;
}

void CudaDevice::abandonReadbacks(void *stream) {
  transfers.abandon(toStream(stream));
}

void CudaDevice::drain() {
  CudaScope scope(driver, context);
  if (!scope.status.failed())
    driver.cuCtxSynchronize.pointer();
}

bool CudaDevice::finishAll() {
  CudaScope scope(driver, context);
  // The wait would make captures invalid. The driver tells of those that the
  // legacy stream waits for.
  bool capturing = false;
  return !scope.status.failed() &&
         !isCapturing(toStream(cuda::streamLegacy), &capturing).failed() &&
         !capturing && driver.cuCtxSynchronize.pointer() == cuda::success;
}
