//===- Addresses.h - What the launch arguments are --------------*- C++ -*-===//
//
// Part of graph-opt. The addresses that an executable is bound to: which have
// changed, whether they are legal, and copies of launch arguments that share
// memory with others which the graph takes to be disjoint from them.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_ADDRESSES_H
#define GRAPHOPT_LIB_RUNTIME_ADDRESSES_H

#include "Device.h"
#include "Overlaps.h"

#include <vector>

namespace graphopt::runtime {

/// Not thread-safe.
class Addresses {
public:
  explicit Addresses(const GoGraph &graph)
      : graph(graph), bound(graph.info.num_buffers) {
    changed.reserve(graph.info.num_buffers);
  }

  /// Learns what the nodes touch, in place of what it knew. The graph is
  /// complete.
  void initialize();
  /// The next `bind` is one of an executable that has no addresses.
  void forget() { isBound = false; }

  /// Checks `buffers` and gives those that changed to `executable`; sets
  /// `*updated` if it had addresses and got others. Copies of launch arguments
  /// are made in the order of `stream`, for one launch, and given back by
  /// `release`.
  Status bind(Device &device, Executable &executable, void *stream,
              void *const *buffers, bool *updated);
  /// The same ahead of a launch; leaves arguments that need copies to it.
  Status bindAhead(Executable &executable, void *const *buffers, bool *updated);
  bool hasCopies() const { return !copies.empty(); }
  /// Gives back the copies, of which there were `*numCopies`, after what was
  /// issued to `stream`.
  Status release(Device &device, void *stream, int64_t *numCopies);

  /// Addresses that are compared without a branch.
  static constexpr size_t blockSize = 64;

private:
  void findChanged(void *const *buffers);
  Status verify(void *const *buffers);
  Status makeCopies(Device &device, void *stream, void *const *buffers);
  Status take(Executable &executable, void *const *buffers, bool *updated);
  void logMoves(void *const *buffers) const;
  /// Whether `buffers` are bound as they are.
  bool areBound(void *const *buffers);

  /// The first use of a launch argument that needs memory behind it.
  struct FirstUse {
    const GoGraph *graph = nullptr;
    GoNode node = 0;
  };

  const GoGraph &graph;
  std::vector<void *> bound; ///< What the executable has.
  bool isBound = false;
  bool fromEnd = false; ///< Where the last comparison with `bound` began.
  /// `bound` has what callers gave, as it is, and that is legal.
  bool isVerified = false;
  /// What is elsewhere than in `bound`, ascending; everything if that is not
  /// bound. Kept, so that launches do not allocate.
  std::vector<int64_t> changed;
  std::vector<FirstUse> required;
  Overlaps overlaps;
  std::vector<Overlaps::Extent> shared; ///< What has to be copied.
  std::vector<void *> copies;           ///< Memory, by entry of `shared`.
  std::vector<void *> substituted;      ///< Launch arguments with the copies.
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_ADDRESSES_H
