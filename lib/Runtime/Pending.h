//===- Pending.h - Values on their way to the host --------------*- C++ -*-===//
//
// Part of graph-opt. Fetches in flight, in the order of their issue, so that
// one wait serves all that came before it on a stream.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_PENDING_H
#define GRAPHOPT_LIB_RUNTIME_PENDING_H

#include "Mailbox.h"

#include <mutex>
#include <thread>

namespace graphopt::runtime {

/// A stream, or the one of a thread that CUDA's handle for that means.
class StreamKey {
public:
  explicit StreamKey(void *stream);
  bool operator==(const StreamKey &other) const {
    return stream == other.stream && thread == other.thread;
  }

private:
  void *stream;
  std::thread::id thread; ///< None but for that handle.
};

/// One goFetch on its way.
struct PendingPart {
  explicit PendingPart(void *stream) : stream(stream) {}

  std::unique_ptr<Fetch> fetch;
  StreamKey stream;
  /// Between these two marks its copies were issued; other threads may issue
  /// theirs meanwhile.
  uint64_t begin = 0, end = 0;
  bool isDone = false; ///< Known to be done; guarded by FetchesInFlight.
};

/// The fetches of a context that nobody awaited yet. Thread-safe; the device is
/// called under no lock.
class FetchesInFlight {
public:
  /// Lets `device` start `part`.
  Status start(Device &device, void *stream, const GoFetchItem *items,
               int64_t count, PendingPart &part);
  /// Waits for `part` if need be, which `waited` tells, and delivers it.
  Status finish(PendingPart &part, bool *waited);

  /// A mark behind all fetches that were started.
  uint64_t mark();
  /// Everything whose start on `stream` returned before `mark` is done.
  void setDone(void *stream, uint64_t mark);

private:
  void setDone(const StreamKey &stream, uint64_t mark);

  std::mutex mutex;
  std::vector<PendingPart *> parts; ///< In the order of their ends.
  uint64_t tickets = 0;
};

} // namespace graphopt::runtime

struct GoPending {
  /// One that a kernel posts.
  struct Posted {
    std::shared_ptr<graphopt::runtime::Mailbox> mailbox;
    std::shared_ptr<graphopt::runtime::PostedValue> value;
    void *destination;
  };

  GoContext &context;
  std::vector<std::unique_ptr<graphopt::runtime::PendingPart>> parts;
  std::vector<Posted> posted;
};

#endif // GRAPHOPT_LIB_RUNTIME_PENDING_H
