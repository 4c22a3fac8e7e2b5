//===- Context.h - A device with its errors, counters and cache -*- C++ -*-===//
//
// Part of graph-opt. The context of the C ABI.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CONTEXT_H
#define GRAPHOPT_LIB_RUNTIME_CONTEXT_H

#include "Cache.h"
#include "Constants.h"
#include "Counters.h"
#include "Device.h"
#include "FakeDevice.h"
#include "Pending.h"

#include <atomic>
#include <mutex>

namespace graphopt::runtime {

/// Forks of this process and its ancestors since contexts are made.
extern std::atomic<uint64_t> numForks;
/// Lets forks be counted from now on.
void countForks();

} // namespace graphopt::runtime

struct GoContext {
  using Status = graphopt::runtime::Status;

  GoContext(std::unique_ptr<graphopt::runtime::Device> device,
            graphopt::runtime::FakeDevice *fake)
      : device(std::move(device)), fake(fake), constants(*this->device),
        cache(*this), process(graphopt::runtime::numForks) {}
  ~GoContext() { device->drain(); }

  /// Makes `status`, a failure, the last of the calling thread and, if none is
  /// kept, the first of the context. Returns its code.
  GoStatus keep(const Status &status);
  /// The same, and logs it.
  GoStatus fail(const Status &status);
  /// The same for a failure that concerns the graph of `info`.
  GoStatus fail(const Status &status, const GoGraphInfo &info, int64_t owner);
  /// `fail` for a failure, GO_OK otherwise.
  GoStatus finish(const Status &status) {
    return status.failed() ? fail(status) : GO_OK;
  }
  /// Returns the code of the kept error, made the last of this thread, or
  /// GO_OK. That of `failIfForeign` before all.
  GoStatus keptError() {
    return isForeign() || hasError ? reportKeptError() : GO_OK;
  }
  /// As `keptError`, and keeps it no longer.
  GoStatus takeError() {
    return isForeign() || hasError ? reportTakenError() : GO_OK;
  }
  /// True in a child of the process that made the context: what it has there
  /// is neither complete nor may it be touched.
  bool isForeign() const {
    return process !=
           graphopt::runtime::numForks.load(std::memory_order_relaxed);
  }
  /// GO_UNSUPPORTED, made the last of this thread, if it is foreign; GO_OK
  /// otherwise. Takes no lock: who held one may not exist in the child.
  GoStatus failIfForeign() const;

  // The cache and the constants own memory of the device, so they are
  // destroyed first.
  const std::unique_ptr<graphopt::runtime::Device> device;
  graphopt::runtime::FakeDevice *const fake; ///< The device, or null.
  graphopt::runtime::Counters counters;
  graphopt::runtime::FetchesInFlight fetches;
  graphopt::runtime::MailboxTable mailboxes;
  graphopt::runtime::Constants constants;
  graphopt::runtime::Cache cache;

private:
  GoStatus reportKeptError();
  GoStatus reportTakenError();

  const uint64_t process; ///< `numForks` where the context was made.
  std::mutex errorMutex;
  std::atomic<bool> hasError{false};
  Status firstError;
};

namespace graphopt::runtime {

/// Reports a failure in the builder of `root`. The log has it when that
/// returns.
GoStatus failBuilding(GoGraph &root, const Status &status);
/// Reports a call of the C ABI that names no context.
GoStatus failNullContext(const char *function);
/// A breach of the contract of `function`.
Status invalidCall(const char *function, const std::string &what);
/// Names the C function in the message of `status` if it is a failure.
Status inFunction(const char *function, Status status);

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CONTEXT_H
