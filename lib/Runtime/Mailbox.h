//===- Mailbox.h - Scalars that kernels write to the host -------*- C++ -*-===//
//
// Part of graph-opt. Memory of the host to which a kernel of a graph posts a
// scalar in each launch (GoMailbox), so that neither a copy nor an event
// follows the launch. A value comes with the number of its launch: the host
// knows it when it sees it.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_MAILBOX_H
#define GRAPHOPT_LIB_RUNTIME_MAILBOX_H

#include "Device.h"

#include <array>
#include <mutex>
#include <thread>

namespace graphopt::runtime {

/// What one launch posts to a mailbox.
struct PostedValue {
  explicit PostedValue(uint64_t number) : number(number) {}

  const uint64_t number; ///< Of the launch.
  // Guarded by the mailbox.
  bool isTaken = false; ///< `bits` has it; its slot may be used again.
  uint64_t bits = 0;
};

/// Thread-safe. The device is called under no lock.
class Mailbox {
public:
  /// For the scalar of `bytes`, at most 8, that launches post which are given
  /// the address of `memory` as buffer number `buffer`.
  Mailbox(Device &device, std::unique_ptr<MailboxMemory> memory, int64_t buffer,
          int64_t bytes)
      : device(device), memory(std::move(memory)), buffer(buffer),
        bytes(bytes) {}

  void *address() const { return memory->address; }
  /// Ahead of a launch: waits until what an earlier one posted to the same slot
  /// has arrived, and takes it. Launches are one after the other.
  Status makeRoom();
  /// Notes that this thread launched: its value is on its way.
  void noteLaunch();
  /// The value of this thread's last launch, once; else null.
  std::shared_ptr<PostedValue> takeLast();
  /// Gives up the value of this thread's last launch, if nobody took it.
  void forgetLast() { takeLast(); }
  /// Waits until `value` has arrived, which `waited` tells, and writes it to
  /// `destination`.
  Status deliver(PostedValue &value, void *destination, bool *waited);

  Device &device;
  const std::unique_ptr<MailboxMemory> memory;
  const int64_t buffer, bytes;

private:
  bool take(PostedValue &value);
  Status waitFor(PostedValue &value, bool *waited);

  std::mutex mutex;
  uint64_t numLaunches = 0;
  /// By slot: the value that is on its way to it, or null.
  std::array<std::weak_ptr<PostedValue>, GO_MAILBOX_SLOTS> expected;
  struct LastOfThread {
    std::thread::id thread;
    std::shared_ptr<PostedValue> value;
  };
  std::vector<LastOfThread> last; ///< What no fetch took yet.
};

/// The mailboxes of an executable, under its mutex.
class ExecMailboxes {
public:
  bool isEmpty() const { return mailboxes.empty(); }
  /// The mailbox for buffer number `buffer`, or null.
  Mailbox *find(int64_t buffer) const;
  /// Adds one; without `isShared` only the launch that comes next, which is
  /// captured, gets it.
  void add(std::shared_ptr<Mailbox> mailbox, bool isShared);
  /// Ahead of a launch with `buffers`. Fails if one of them is a mailbox that a
  /// launch which failed was given since this thread asked for it.
  Status makeRoom(void *const *buffers) const;
  /// Behind it. If it failed, it may have posted or not: later launches get
  /// other mailboxes. What launches before posted is fetched from those they
  /// had.
  void noteLaunch(void *const *buffers, bool isFailed);
  /// Behind a failure: there is nothing to fetch for this thread from the
  /// mailboxes among `buffers`.
  void forgetLast(void *const *buffers) const;

private:
  using List = std::vector<std::shared_ptr<Mailbox>>;

  List mailboxes;
  List captured; ///< What captures post to.
  List retired;  ///< What launches that failed may post to.
};

/// The mailboxes of a context, by address. Thread-safe.
class MailboxTable {
public:
  void add(const std::shared_ptr<Mailbox> &mailbox);
  /// The mailbox at `address`, or null.
  std::shared_ptr<Mailbox> find(const void *address);

private:
  std::mutex mutex;
  /// The address again, so that only the one that is wanted is looked at.
  std::vector<std::pair<const void *, std::weak_ptr<Mailbox>>> mailboxes;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_MAILBOX_H
