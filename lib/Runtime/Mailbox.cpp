//===- Mailbox.cpp - Scalars that kernels write to the host ---------------===//
//
// Part of graph-opt. This file implements mailboxes and their C ABI.
//
//===----------------------------------------------------------------------===//

#include "Mailbox.h"
#include "Context.h"

#include <algorithm>
#include <chrono>
#include <cstring>

using namespace graphopt::runtime;

//===----------------------------------------------------------------------===//
// One mailbox
//===----------------------------------------------------------------------===//

/// Takes `value` if it has arrived. Each word is written at once and has the
/// number of the launch: no order between them matters.
bool Mailbox::take(PostedValue &value) {
  if (value.isTaken)
    return true;
  const uint64_t *slot =
      memory->slots + 2 * ((value.number - 1) % GO_MAILBOX_SLOTS);
  uint64_t low = __atomic_load_n(&slot[0], __ATOMIC_ACQUIRE);
  uint64_t high = bytes > 4 ? __atomic_load_n(&slot[1], __ATOMIC_ACQUIRE) : low;
  auto isNumbered = [&](uint64_t word) {
    return uint32_t(word >> 32) == uint32_t(value.number);
  };
  if (!isNumbered(low) || !isNumbered(high))
    return false;
  value.bits = uint32_t(low);
  if (bytes > 4)
    value.bits |= high << 32;
  return value.isTaken = true;
}

Status Mailbox::waitFor(PostedValue &value, bool *waited) {
  // About a hundred microseconds; most values come sooner.
  constexpr int numSpins = 2000;
  for (int turn = 0;; ++turn) {
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (take(value))
        return {};
    }
    *waited = true;
    if (turn < numSpins) {
      std::this_thread::yield();
      continue;
    }
    Status status = device.poll();
    if (status.failed())
      return status;
    std::this_thread::sleep_for(std::chrono::microseconds(10));
  }
}

Status Mailbox::makeRoom() {
  std::shared_ptr<PostedValue> before;
  {
    std::lock_guard<std::mutex> lock(mutex);
    before = expected[numLaunches % GO_MAILBOX_SLOTS].lock();
  }
  bool waited = false;
  return before ? waitFor(*before, &waited) : Status();
}

void Mailbox::noteLaunch() {
  std::lock_guard<std::mutex> lock(mutex);
  size_t slot = numLaunches % GO_MAILBOX_SLOTS;
  auto value = std::make_shared<PostedValue>(++numLaunches);
  expected[slot] = value;
  std::thread::id thread = std::this_thread::get_id();
  auto own =
      std::find_if(last.begin(), last.end(), [&](const LastOfThread &item) {
        return item.thread == thread;
      });
  if (own == last.end())
    last.push_back({thread, std::move(value)});
  else
    own->value = std::move(value);
}

std::shared_ptr<PostedValue> Mailbox::takeLast() {
  std::lock_guard<std::mutex> lock(mutex);
  for (LastOfThread &item : last)
    if (item.thread == std::this_thread::get_id()) {
      std::swap(item, last.back());
      std::shared_ptr<PostedValue> value = std::move(last.back().value);
      last.pop_back();
      return value;
    }
  return nullptr;
}

Status Mailbox::deliver(PostedValue &value, void *destination, bool *waited) {
  Status status = waitFor(value, waited);
  if (!status.failed())
    std::memcpy(destination, &value.bits, bytes);
  return status;
}

//===----------------------------------------------------------------------===//
// Those of executables and contexts
//===----------------------------------------------------------------------===//

Mailbox *ExecMailboxes::find(int64_t buffer) const {
  for (const std::shared_ptr<Mailbox> &mailbox : mailboxes)
    if (mailbox->buffer == buffer)
      return mailbox.get();
  return nullptr;
}

void ExecMailboxes::add(std::shared_ptr<Mailbox> mailbox, bool isShared) {
  (isShared ? mailboxes : captured).push_back(std::move(mailbox));
}

/// Whether a launch with `buffers` has `mailbox`.
static bool isGiven(const Mailbox &mailbox, void *const *buffers) {
  return buffers && buffers[mailbox.buffer] == mailbox.address();
}

Status ExecMailboxes::makeRoom(void *const *buffers) const {
  for (const std::shared_ptr<Mailbox> &mailbox : retired)
    if (isGiven(*mailbox, buffers))
      return {GO_INVALID_ARGUMENT,
              "the mailbox that is buffer " + std::to_string(mailbox->buffer) +
                  " is one of a launch that failed: goExecMailbox gives a new "
                  "one"};
  for (const std::shared_ptr<Mailbox> &mailbox : mailboxes) {
    if (!isGiven(*mailbox, buffers))
      continue;
    Status status = mailbox->makeRoom();
    if (status.failed())
      return status;
  }
  return {};
}

void ExecMailboxes::noteLaunch(void *const *buffers, bool isFailed) {
  if (!isFailed) {
    for (const std::shared_ptr<Mailbox> &mailbox : mailboxes)
      if (isGiven(*mailbox, buffers))
        mailbox->noteLaunch();
    return;
  }
  auto given = std::partition(
      mailboxes.begin(), mailboxes.end(),
      [&](const auto &mailbox) { return !isGiven(*mailbox, buffers); });
  std::move(given, mailboxes.end(), std::back_inserter(retired));
  mailboxes.erase(given, mailboxes.end());
}

void ExecMailboxes::forgetLast(void *const *buffers) const {
  for (const List *list : {&mailboxes, &retired})
    for (const std::shared_ptr<Mailbox> &mailbox : *list)
      if (isGiven(*mailbox, buffers))
        mailbox->forgetLast();
}

void MailboxTable::add(const std::shared_ptr<Mailbox> &mailbox) {
  std::lock_guard<std::mutex> lock(mutex);
  auto isGone = [](const auto &item) { return item.second.expired(); };
  mailboxes.erase(std::remove_if(mailboxes.begin(), mailboxes.end(), isGone),
                  mailboxes.end());
  mailboxes.emplace_back(mailbox->address(), mailbox);
}

std::shared_ptr<Mailbox> MailboxTable::find(const void *address) {
  std::lock_guard<std::mutex> lock(mutex);
  for (const auto &[itemAddress, item] : mailboxes)
    if (itemAddress == address)
      if (std::shared_ptr<Mailbox> mailbox = item.lock())
        return mailbox;
  return nullptr;
}

//===----------------------------------------------------------------------===//
// C ABI
//===----------------------------------------------------------------------===//

/// Finds or makes what goExecMailbox returns.
static Status findMailbox(GoExec &exec, void *stream, int64_t buffer,
                          int64_t bytes, void **address) {
  if (buffer < 0 || buffer >= exec.graph.info.num_buffers || bytes < 1 ||
      bytes > 8)
    return {GO_INVALID_ARGUMENT,
            exec.graph.where + ": no scalar of " + std::to_string(bytes) +
                " bytes can be posted to buffer " + std::to_string(buffer)};
  Device &device = *exec.context.device;
  bool capturing = false;
  Status status = device.findCapture(stream, &capturing);
  if (status.failed())
    return status;
  if (!capturing)
    if (Mailbox *mailbox = exec.mailboxes.find(buffer)) {
      *address = mailbox->address();
      return {};
    }
  std::unique_ptr<MailboxMemory> memory;
  status = device.allocateMailbox(memory);
  if (status.failed())
    return {status.code,
            exec.graph.where + ": allocating a mailbox: " + status.message};
  auto mailbox =
      std::make_shared<Mailbox>(device, std::move(memory), buffer, bytes);
  exec.context.mailboxes.add(mailbox);
  *address = mailbox->address();
  // What captures posts at each replay, in whatever order with launches.
  exec.mailboxes.add(std::move(mailbox), /*isShared=*/!capturing);
  return {};
}

void *goExecMailbox(GoExec *exec, void *stream, int64_t buffer, int64_t bytes) {
  if (!exec) {
    setLastMessage("goExecMailbox: the executable is null");
    return nullptr;
  }
  if (exec->context.keptError())
    return nullptr;
  std::lock_guard<std::mutex> lock(exec->mutex);
  void *address = nullptr;
  exec->finish(findMailbox(*exec, stream, buffer, bytes, &address));
  return address;
}
