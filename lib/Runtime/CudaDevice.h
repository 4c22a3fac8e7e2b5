//===- CudaDevice.h - Graphs on a CUDA device -------------------*- C++ -*-===//
//
// Part of graph-opt. The device that executes graphs as CUDA graphs, or node
// by node on the caller's stream.
//
// Contexts. All work is done in one CUDA context: the primary one of a device,
// which is retained, or the one that was current at creation, which must
// outlive the device. Each call makes it current and restores the caller's. If
// it is lost, what it held is left to CUDA.
//
// Captures. On a stream that is being captured, launches, copies, uploads,
// allocations and frees become part of the capture; readbacks and waits are
// refused. What fails in between invalidates the capture.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CUDADEVICE_H
#define GRAPHOPT_LIB_RUNTIME_CUDADEVICE_H

#include "CudaModules.h"
#include "CudaTransfers.h"
#include "Device.h"

#include <atomic>

namespace graphopt::runtime {

class CudaDevice final : public Device {
public:
  CudaDevice() : modules(driver), transfers(driver) {}
  ~CudaDevice() override;

  /// Loads the driver and takes a context: see goContextCreate. After a failure
  /// the device can only be destroyed.
  Status initialize(int32_t ordinal);

  Status describe(GoDeviceDescription &description) override;
  void setMode(int32_t newMode) override { mode = newMode; }
  void trackLaunches(bool isTracking) override { tracksLaunches = isTracking; }
  void trim() override;
  bool isLost() const override { return driver.isLost(); }
  Status verifyKind(NodeKind kind) const override;
  Status allocate(void *stream, int64_t bytes, void **pointer) override;
  Status allocateReadable(void *stream, int64_t bytes, void **pointer) override;
  Status release(void *stream, void *pointer) override;
  Status copy(void *stream, const void *source, void *destination,
              int64_t bytes) override;
  Status copyAll(void *stream, const GoCopyItem *items, int64_t count) override;
  Status upload(void *stream, const void *source, void *destination,
                int64_t bytes) override;
  Status readback(void *stream, const void *source, void *destination,
                  int64_t bytes) override;
  Status fetch(void *stream, const GoFetchItem *items, int64_t count,
               std::unique_ptr<Fetch> &fetch) override;
  Status allocateMailbox(std::unique_ptr<MailboxMemory> &memory) override;
  Status poll() override;
  Status findCapture(void *stream, bool *capturing) const override;
  Status wait(void *stream) override;
  void abandonReadbacks(void *stream) override;
  void drain() override;
  bool finishAll() override;
  Status instantiate(const GoGraph &graph,
                     std::unique_ptr<Executable> &executable) override;
  Status launch(Executable &executable, void *stream, const void *parameters,
                LaunchReport &report) override;
  Status launchKernel(void *stream, const GoKernelLaunch &launch) override;
  Status createTimer(std::unique_ptr<Timer> &timer) override;

  // What follows is for executables; the context is current.

  /// Tells whether somebody captures `stream`.
  Status isCapturing(cuda::Stream stream, bool *capturing) const;
  /// Waits for what was issued to `setupStream`.
  Status finishSetup() const {
    return driver.call(driver.cuStreamSynchronize, setupStream);
  }
  /// Allocates memory in the order of `setupStream`; gives back unused memory
  /// of the pool if there is none.
  Status allocateOwned(int64_t bytes, cuda::Pointer *pointer) const;
  /// Frees it. Nothing on the device uses it any more: then this waits for
  /// nothing, if the device has a pool.
  void freeOwned(cuda::Pointer pointer) const {
    freeBehind(setupStream, pointer);
  }
  /// Frees it behind what was issued to `stream`.
  void freeBehind(cuda::Stream stream, cuda::Pointer pointer) const;
  /// Makes a capture of `stream` useless: a part of what should have become
  /// part of it is there.
  void invalidateCapture(cuda::Stream stream) const;

  CudaDriver driver;
  cuda::Context context = nullptr;
  /// For work ahead of launches; never captured, so it may be waited for.
  cuda::Stream setupStream = nullptr;
  CudaModules modules;
  CudaTransfers transfers;
  int64_t maxParameterBytes = 4096; ///< Of a kernel.
  bool launchesCooperatively = false;
  int multiprocessors = 0;
  std::atomic<int32_t> mode{GO_MODE_GRAPH};
  /// Executables record an event behind each launch.
  std::atomic<bool> tracksLaunches{false};

private:
  Status takeContext(int32_t ordinal);
  Status createPool();
  Status attribute(cuda::DeviceAttribute which, int *value) const {
    return driver.call(driver.cuDeviceGetAttribute, value, which, device);
  }
  bool hasCurrentBatch() const;
  bool canBatch(cuda::Stream stream) const;
  Status copyBatch(cuda::Stream stream, const std::vector<GoCopyItem> &items);
  /// Refuses `what` on a stream that is being captured.
  Status refuseCapture(cuda::Stream stream, const char *what) const;

  cuda::Device device = 0;
  bool retained = false;           ///< The context is the primary one.
  cuda::MemoryPool pool = nullptr; ///< Null if the device has none.
};

/// Device memory of an executable. Freed at destruction, when nothing on the
/// device uses it.
class CudaMemory {
public:
  explicit CudaMemory(const CudaDevice &device) : device(device) {}
  ~CudaMemory();
  CudaMemory(const CudaMemory &) = delete;
  CudaMemory &operator=(const CudaMemory &) = delete;

  /// Allocates `bytes` of zeros; nothing if 0. The zeros are written in the
  /// order of the device's `setupStream`.
  Status allocate(int64_t bytes);
  cuda::Pointer address() const { return pointer; }
  /// Frees it behind what was issued to `stream`.
  void freeBehind(cuda::Stream stream);

private:
  const CudaDevice &device;
  cuda::Pointer pointer = 0;
};

/// Makes a device: see goContextCreate.
Status createCudaDevice(int32_t ordinal, std::unique_ptr<Device> &device);

/// The stream that the caller's handle is.
inline cuda::Stream toStream(void *stream) {
  return static_cast<cuda::Stream>(stream);
}
inline cuda::Pointer toPointer(const void *address) {
  return reinterpret_cast<cuda::Pointer>(address);
}

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CUDADEVICE_H
