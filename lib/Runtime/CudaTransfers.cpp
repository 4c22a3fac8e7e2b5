//===- CudaTransfers.cpp - Copies between host and CUDA device ------------===//
//
// Part of graph-opt. This file implements pinned memory, uploads and
// readbacks.
//
//===----------------------------------------------------------------------===//

#include "CudaTransfers.h"

#include <algorithm>
#include <cstring>

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// Pinned memory
//===----------------------------------------------------------------------===//

/// Pinned memory is taken from the driver in pieces of at least this size, in
/// bytes: each is a system call.
static constexpr int64_t slabBytes = int64_t(1) << 16;

static int64_t blockBytes(int sizeClass) {
  return int64_t(64) << 2 * sizeClass;
}

/// Takes a free block of the size class of `block`, if there is one.
bool PinnedPool::takeFree(PinnedBlock *block) {
  std::lock_guard<std::mutex> lock(mutex);
  std::vector<void *> &blocks = free[block->sizeClass];
  if (blocks.empty())
    return false;
  block->address = blocks.back();
  blocks.pop_back();
  return true;
}

Status PinnedPool::acquire(int64_t bytes, PinnedBlock *block) {
  *block = {};
  while (blockBytes(block->sizeClass) < bytes)
    ++block->sizeClass;
  if (takeFree(block))
    return {};
  // The driver may wait for the device here: others go on meanwhile.
  int64_t step = blockBytes(block->sizeClass), size = std::max(slabBytes, step);
  void *slab = nullptr;
  Status status = driver.call(driver.cuMemHostAlloc, &slab, size,
                              unsigned(cuda::hostAllocPortable));
  if (status.failed())
    return status;
  block->address = slab;
  std::lock_guard<std::mutex> lock(mutex);
  slabs.push_back(slab);
  for (int64_t at = step; at < size; at += step)
    free[block->sizeClass].push_back(static_cast<char *>(slab) + at);
  return {};
}

void PinnedPool::clear() {
  for (void *slab : slabs)
    driver.cuMemFreeHost.pointer(slab);
  slabs.clear();
  for (std::vector<void *> &blocks : free)
    blocks.clear();
}

//===----------------------------------------------------------------------===//
// Uploads
//===----------------------------------------------------------------------===//

/// Uploads on their way before another one waits for the oldest.
static constexpr size_t maxStaged = 64;

/// Takes back the blocks of a few uploads that are done, and waits for the
/// oldest if there are still too many.
Status CudaTransfers::makeRoom() {
  // Others add to the list meanwhile: this thread does not tidy up for all.
  for (int i = 0; i < 4; ++i) {
    // What is taken out of the list belongs to this thread.
    Staged oldest = {};
    bool mustWait = false;
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (staged.empty())
        return {};
      mustWait = staged.size() >= maxStaged;
      oldest = staged.front();
      staged.pop_front();
    }
    cuda::Result result = mustWait
                              ? driver.cuEventSynchronize.pointer(oldest.event)
                              : driver.cuEventQuery.pointer(oldest.event);
    if (result == cuda::success) {
      pool.release(oldest.block);
      giveEvent(oldest.event);
      continue;
    }
    {
      std::lock_guard<std::mutex> lock(mutex);
      staged.push_front(oldest);
    }
    if (result == cuda::errorNotReady)
      return {};
    return driver.failure(mustWait ? driver.cuEventSynchronize.name
                                   : driver.cuEventQuery.name,
                          result);
  }
  return {};
}

Status CudaTransfers::takeEvent(cuda::Event *event) {
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (!events.empty()) {
      *event = events.back();
      events.pop_back();
      return {};
    }
  }
  return driver.call(driver.cuEventCreate, event,
                     unsigned(cuda::eventDisableTiming));
}

void CudaTransfers::giveEvent(cuda::Event event) {
  std::lock_guard<std::mutex> lock(mutex);
  events.push_back(event);
}

Status CudaTransfers::stage(cuda::Stream stream, const void *source,
                            cuda::Pointer destination, int64_t bytes,
                            bool capturing) {
  Status status = makeRoom();
  Staged item = {};
  if (!status.failed() && !capturing)
    status = takeEvent(&item.event);
  if (status.failed())
    return status;
  status = pool.acquire(bytes, &item.block);
  if (!status.failed()) {
    std::memcpy(item.block.address, source, bytes);
    status = driver.call(driver.cuMemcpyHtoDAsync, destination,
                         static_cast<const void *>(item.block.address),
                         size_t(bytes), stream);
    // Replays of a capture read the block again: it is never taken back.
    if (status.failed())
      pool.release(item.block);
  }
  if (capturing)
    return status;
  if (!status.failed())
    // If this fails, nothing will tell when the block is free: it stays with
    // the pool's slabs.
    status = driver.call(driver.cuEventRecord, item.event, stream);
  std::lock_guard<std::mutex> lock(mutex);
  if (status.failed())
    events.push_back(item.event);
  else
    staged.push_back(item);
  return status;
}

Status CudaTransfers::upload(cuda::Stream stream, const void *source,
                             cuda::Pointer destination, int64_t bytes,
                             bool capturing) {
  const char *from = static_cast<const char *>(source);
  for (int64_t done = 0; done < bytes;) {
    int64_t part = std::min(bytes - done, PinnedPool::largest);
    Status status =
        stage(stream, from + done, destination + done, part, capturing);
    if (status.failed())
      return status;
    done += part;
  }
  return {};
}

//===----------------------------------------------------------------------===//
// Readbacks
//===----------------------------------------------------------------------===//

CudaTransfers::Readable *CudaTransfers::findReadable(const void *pointer) {
  for (Readable &item : readable)
    if (item.block.address == pointer)
      return &item;
  return nullptr;
}

Status CudaTransfers::allocateReadable(int64_t bytes, void **pointer) {
  PinnedBlock block;
  Status status = pool.acquire(bytes, &block);
  if (status.failed())
    return status;
  // What a program computes with if nothing is written.
  std::memset(block.address, 0, bytes);
  *pointer = block.address;
  std::lock_guard<std::mutex> lock(mutex);
  readable.push_back({block, /*isDone=*/false});
  return {};
}

bool CudaTransfers::releaseReadable(cuda::Stream stream, void *pointer) {
  std::lock_guard<std::mutex> lock(mutex);
  Readable *item = findReadable(pointer);
  if (!item)
    return false;
  if (item->isDone)
    pool.release(item->block);
  else
    pending.push_back({stream, std::this_thread::get_id(), item->block,
                       /*destination=*/nullptr, /*bytes=*/0, tickets++});
  *item = readable.back();
  readable.pop_back();
  return true;
}

Status CudaTransfers::readback(cuda::Stream stream, cuda::Pointer source,
                               void *destination, int64_t bytes) {
  {
    std::lock_guard<std::mutex> lock(mutex);
    if (Readable *item = findReadable(reinterpret_cast<const void *>(source))) {
      std::memset(destination, 0, bytes);
      pending.push_back({stream, std::this_thread::get_id(), item->block,
                         destination, bytes, tickets++, /*isReadable=*/true});
      return {};
    }
  }
  if (bytes > PinnedPool::largest) {
    // The destination is pageable, perhaps: the copy must not outlive the call.
    Status status = driver.call(driver.cuMemcpyDtoHAsync, destination, source,
                                size_t(bytes), stream);
    return status.failed() ? status
                           : driver.call(driver.cuStreamSynchronize, stream);
  }
  PinnedBlock block;
  Status status = pool.acquire(bytes, &block);
  if (status.failed())
    return status;
  status = driver.call(driver.cuMemcpyDtoHAsync, block.address, source,
                       size_t(bytes), stream);
  if (status.failed()) {
    pool.release(block);
    return status;
  }
  // What a program computes with if it does not get to wait.
  std::memset(destination, 0, bytes);
  std::lock_guard<std::mutex> lock(mutex);
  pending.push_back({stream, std::this_thread::get_id(), block, destination,
                     bytes, tickets++});
  return {};
}

Status CudaTransfers::wait(cuda::Stream stream) {
  uint64_t issued;
  {
    std::lock_guard<std::mutex> lock(mutex);
    issued = tickets;
  }
  Status status = driver.call(driver.cuStreamSynchronize, stream);
  if (status.failed()) {
    abandon(stream);
    return status;
  }
  std::lock_guard<std::mutex> lock(mutex);
  // Another thread may have read back on the stream since it was idle.
  auto isDone = [&](const Pending &item) {
    return item.isOn(stream) && item.ticket < issued;
  };
  for (const Pending &item : pending) {
    if (!isDone(item))
      continue;
    if (item.destination)
      std::memcpy(item.destination, item.block.address, item.bytes);
    if (!item.isReadable)
      pool.release(item.block);
    else if (Readable *source = findReadable(item.block.address))
      source->isDone = true;
  }
  pending.erase(std::remove_if(pending.begin(), pending.end(), isDone),
                pending.end());
  return {};
}

void CudaTransfers::abandon(cuda::Stream stream) {
  std::lock_guard<std::mutex> lock(mutex);
  for (Pending &item : pending)
    if (item.stream == stream && item.thread == std::this_thread::get_id())
      item.destination = nullptr;
}

Status CudaTransfers::startCopies(Fetched &fetched) {
  for (const GoFetchItem &item : fetched.items) {
    PinnedBlock block;
    Status status = pool.acquire(item.bytes, &block);
    if (status.failed())
      return status;
    status = driver.call(driver.cuMemcpyDtoHAsync, block.address,
                         reinterpret_cast<cuda::Pointer>(item.source),
                         size_t(item.bytes), fetched.stream);
    if (status.failed()) {
      pool.release(block);
      return status;
    }
    fetched.blocks.push_back(block);
  }
  return driver.call(driver.cuEventRecord, fetched.event, fetched.stream);
}

void CudaTransfers::giveUp(const Fetched &fetched) {
  std::lock_guard<std::mutex> lock(mutex);
  for (PinnedBlock block : fetched.blocks)
    pending.push_back({fetched.stream, std::this_thread::get_id(), block,
                       /*destination=*/nullptr, /*bytes=*/0, tickets++});
  events.push_back(fetched.event);
}

Status CudaTransfers::fetch(cuda::Stream stream, const GoFetchItem *items,
                            int64_t count, Fetched &fetched) {
  Fetched started;
  started.stream = stream;
  started.items.assign(items, items + count);
  Status status = takeEvent(&started.event);
  if (status.failed())
    return status;
  status = startCopies(started);
  if (status.failed())
    giveUp(started);
  else
    fetched = std::move(started);
  return status;
}

void CudaTransfers::finish(const Fetched &fetched, bool deliver) {
  if (!deliver)
    return giveUp(fetched);
  for (size_t i = 0; i < fetched.items.size(); ++i) {
    const GoFetchItem &item = fetched.items[i];
    std::memcpy(item.destination, fetched.blocks[i].address, item.bytes);
    pool.release(fetched.blocks[i]);
  }
  giveEvent(fetched.event);
}

Status CudaTransfers::readNow(cuda::Stream stream, cuda::Pointer source,
                              void *destination, int64_t bytes) {
  PinnedBlock block;
  Status status = pool.acquire(bytes, &block);
  if (status.failed())
    return status;
  status = driver.call(driver.cuMemcpyDtoHAsync, block.address, source,
                       size_t(bytes), stream);
  if (!status.failed())
    status = driver.call(driver.cuStreamSynchronize, stream);
  if (status.failed())
    // The copy may be on its way still: the block is not used again.
    return status;
  std::memcpy(destination, block.address, bytes);
  pool.release(block);
  return {};
}

void CudaTransfers::clear() {
  for (const Staged &item : staged)
    events.push_back(item.event);
  staged.clear();
  for (cuda::Event event : events)
    driver.cuEventDestroy.pointer(event);
  events.clear();
  pending.clear();
  readable.clear();
  pool.clear();
}
