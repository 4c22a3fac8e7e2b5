//===- CudaGraphAccesses.h - Who has touched which bytes --------*- C++ -*-===//
//
// The accesses of the nodes of a block so far, byte by byte. What a node must
// wait for follows from it: the proof of hazards and whoever makes edges ask
// the same book.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_CUDAGRAPH_CUDAGRAPHACCESSES_H
#define GRAPHOPT_CUDAGRAPH_CUDAGRAPHACCESSES_H

#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "llvm/ADT/SetVector.h"

#include <map>

namespace mlir::cudagraph {

/// Who has touched a range of bytes. Nodes are numbers that the caller chooses.
struct Touched {
  int64_t end = 0;
  std::optional<unsigned> writer;   ///< The last one.
  SmallVector<unsigned, 2> readers; ///< Since then, in order.
};

/// The accesses of nodes, recorded in the order of the nodes.
class AccessHistory {
public:
  /// Calls `visit` with every part of `range` that has been touched, as it was
  /// before this access, then records that `node` reads or writes `range`.
  /// Stops and fails as soon as `visit` does. Takes logarithmic time in what is
  /// recorded and linear time in the number of parts.
  LogicalResult record(unsigned node, const ByteRange &range, bool isWrite,
                       function_ref<LogicalResult(const Touched &)> visit);

  /// Records the same access and adds to `before` the nodes that must come
  /// before it: what is read or written needs what wrote it; what is written,
  /// also those that read it since, which come after that. `nodes` are the
  /// nodes by their numbers.
  void recordEdges(unsigned node, const ByteRange &range, bool isWrite,
                   ArrayRef<Value> nodes, llvm::SetVector<Value> &before);

private:
  /// The ranges of one buffer by their begin. They do not overlap.
  using Ranges = std::map<int64_t, Touched>;

  static void splitAt(Ranges &ranges, int64_t position);

  DenseMap<Value, Ranges> buffers;
};

} // namespace mlir::cudagraph

#endif // GRAPHOPT_CUDAGRAPH_CUDAGRAPHACCESSES_H
