//===- Cache.h - Executables by what they were built from -------*- C++ -*-===//
//
// Part of graph-opt. The executables of a context, and the cache that holds
// them.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CACHE_H
#define GRAPHOPT_LIB_RUNTIME_CACHE_H

#include "Device.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <tuple>

/// A graph with its instance on the device and the addresses it is bound to.
struct GoExec {
  using Status = graphopt::runtime::Status;

  explicit GoExec(GoContext &context, const GoGraphInfo &info)
      : context(context), graph(context, info), buffers(info.num_buffers),
        required(info.num_buffers) {
    changed.reserve(info.num_buffers);
  }

  /// Builds and instantiates the graph.
  Status build();
  /// Checks `newBuffers` and binds those that changed; sets `*updated` if an
  /// executable that had addresses got others. Under `mutex`.
  Status bind(void *const *newBuffers, bool *updated);

  GoContext &context;
  GoGraph graph;
  std::unique_ptr<graphopt::runtime::Executable> executable;

  std::mutex mutex; ///< Orders launches and updates.

private:
  Status verifyChanged(void *const *newBuffers) const;

  /// The first use of a launch argument that needs memory behind it.
  struct FirstUse {
    const GoGraph *graph = nullptr;
    GoNode node = 0;
  };

  std::vector<void *> buffers;
  bool bound = false;
  std::vector<int64_t> changed; ///< Kept, so that launches do not allocate.
  std::vector<FirstUse> required;
};

namespace graphopt::runtime {

/// The executables of a context. Each is built once, whatever the number of
/// threads that ask for it; others wait. It is entered only when complete.
class Cache {
public:
  /// Finds the executable of `info` or builds it; `*hit` says which.
  Status get(GoContext &context, const GoGraphInfo &info, GoExec **exec,
             bool *hit);

  /// Calls `visit` for every complete executable in the order of the keys.
  void forEach(const std::function<void(const GoExec &)> &visit);

private:
  /// Module, name, fingerprint.
  using Key = std::tuple<std::string, std::string, int64_t>;
  using KeyView = std::tuple<std::string_view, std::string_view, int64_t>;
  /// A null `exec` is being built by `builder`.
  struct Entry {
    std::unique_ptr<GoExec> exec;
    std::thread::id builder;
  };

  std::mutex mutex;
  std::condition_variable builtOrFailed;
  std::map<Key, Entry, std::less<>> entries;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CACHE_H
