//===- CudaTransfers.h - Copies between host and CUDA device ----*- C++ -*-===//
//
// Part of graph-opt. Uploads and readbacks through pinned memory, so that they
// are asynchronous, and so that neither an upload reads its source nor a
// readback writes its destination later than it may.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CUDATRANSFERS_H
#define GRAPHOPT_LIB_RUNTIME_CUDATRANSFERS_H

#include "CudaDriver.h"

#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace graphopt::runtime {

/// A piece of pinned host memory of a pool.
struct PinnedBlock {
  void *address = nullptr;
  int sizeClass = 0;
};

/// Pinned host memory in blocks of a few sizes, reused. Thread-safe, but for
/// `clear`; the context is current in all calls.
class PinnedPool {
public:
  /// Size of the largest block, in bytes.
  static constexpr int64_t largest = int64_t(1) << 20;

  explicit PinnedPool(const CudaDriver &driver) : driver(driver) {}

  /// Takes a block of at least `bytes`, at most `largest`.
  Status acquire(int64_t bytes, PinnedBlock *block);
  void release(PinnedBlock block) {
    std::lock_guard<std::mutex> lock(mutex);
    free[block.sizeClass].push_back(block.address);
  }
  /// Frees all memory.
  void clear();

private:
  static constexpr int numClasses = 8; ///< 64 bytes to 1 MiB, by factors of 4.

  bool takeFree(PinnedBlock *block);

  const CudaDriver &driver;
  std::mutex mutex;
  std::vector<void *> free[numClasses];
  std::vector<void *> slabs; ///< What the driver gave.
};

/// Copies between host and device of one context. Thread-safe; the context is
/// current in all calls. The driver is called under no lock, as each copy may
/// wait for room in the queue of its stream.
class CudaTransfers {
public:
  explicit CudaTransfers(const CudaDriver &driver)
      : driver(driver), pool(driver) {}

  /// Copies to the device in the order of `stream`; the source may change at
  /// once. Waits only if more than a few MiB are on their way. In a capture the
  /// values of this moment are what each replay copies; they stay in memory as
  /// long as the context.
  Status upload(cuda::Stream stream, const void *source,
                cuda::Pointer destination, int64_t bytes, bool capturing);
  /// Copies to the host in the order of `stream`. `destination` is zero until
  /// `wait` delivers the value. More than 1 MiB are waited for at once.
  Status readback(cuda::Stream stream, cuda::Pointer source, void *destination,
                  int64_t bytes);
  /// Scalars on their way to pinned memory: value i to block i.
  struct Fetched {
    cuda::Stream stream = nullptr;
    cuda::Event event = nullptr; ///< Done when all copies are.
    std::vector<GoFetchItem> items;
    std::vector<PinnedBlock> blocks;
  };
  /// Starts copies of `count` values, at most 1 MiB each, in the order of
  /// `stream`. After a failure `fetched` holds nothing.
  Status fetch(cuda::Stream stream, const GoFetchItem *items, int64_t count,
               Fetched &fetched);
  /// Delivers what `fetch` started and is done, or, unless `deliver`, gives up
  /// what may be on its way still. Calls nothing of the driver.
  void finish(const Fetched &fetched, bool deliver);
  /// Waits for `stream` and delivers what was read back on it.
  Status wait(cuda::Stream stream);
  /// Delivers nothing of what this thread has read back on `stream`.
  void abandon(cuda::Stream stream);
  /// Takes memory of the host that the device writes, of at most
  /// `PinnedPool::largest` bytes and with no value.
  Status allocateSlots(int64_t bytes, PinnedBlock *block) {
    return pool.acquire(bytes, block);
  }
  /// Gives it back. Nothing on the device writes it any more. Calls nothing of
  /// the driver.
  void releaseSlots(PinnedBlock block) { pool.release(block); }
  /// Bytes of the largest piece of readable memory.
  static constexpr int64_t largestReadable = 64;
  /// Takes memory of the host that the device writes and `readback` reads where
  /// it is, of at most `largestReadable` bytes.
  Status allocateReadable(int64_t bytes, void **pointer);
  /// True if `pointer` is what that gave.
  bool isReadable(const void *pointer) {
    std::lock_guard<std::mutex> lock(mutex);
    return findReadable(pointer) != nullptr;
  }
  /// Frees it; false if `pointer` is none. Unless it was read back and waited
  /// for, it is not used again before the next wait for `stream`.
  bool releaseReadable(cuda::Stream stream, void *pointer);
  /// Reads `bytes`, at most a few, and waits for them.
  Status readNow(cuda::Stream stream, cuda::Pointer source, void *destination,
                 int64_t bytes);
  /// Frees everything. The device is idle.
  void clear();

private:
  /// An upload on its way.
  struct Staged {
    PinnedBlock block;
    cuda::Event event;
  };
  /// A readback on its way. A null destination takes no value.
  struct Pending {
    cuda::Stream stream;
    std::thread::id thread;
    PinnedBlock block;
    void *destination;
    int64_t bytes;
    uint64_t ticket;
    bool isReadable = false; ///< The block is the program's.

    /// Whether this thread's `other` is the stream.
    bool isOn(cuda::Stream other) const {
      return stream == other && (stream != cuda::streamPerThread ||
                                 thread == std::this_thread::get_id());
    }
  };

  /// Memory that the device writes.
  struct Readable {
    PinnedBlock block;
    bool isDone; ///< It was read back, and the device writes it no more.
  };

  /// The one at `pointer`, or null; under the lock.
  Readable *findReadable(const void *pointer);
  Status stage(cuda::Stream stream, const void *source,
               cuda::Pointer destination, int64_t bytes, bool capturing);
  Status makeRoom();
  Status takeEvent(cuda::Event *event);
  void giveEvent(cuda::Event event);
  /// Starts the copies of `fetched` and records its event.
  Status startCopies(Fetched &fetched);
  /// Takes the blocks of `fetched` back when its stream was waited for.
  void giveUp(const Fetched &fetched);

  const CudaDriver &driver;
  std::mutex mutex;
  PinnedPool pool;
  std::deque<Staged> staged;       ///< About in the order of issue.
  std::vector<cuda::Event> events; ///< Free ones.
  std::vector<Pending> pending;
  std::vector<Readable> readable;
  uint64_t tickets = 0; ///< Of readbacks whose issue has returned.
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CUDATRANSFERS_H
