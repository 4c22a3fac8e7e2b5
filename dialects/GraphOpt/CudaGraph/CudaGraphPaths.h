//===- CudaGraphPaths.h - Paths of edges ------------------------*- C++ -*-===//

#ifndef GRAPHOPT_CUDAGRAPH_CUDAGRAPHPATHS_H
#define GRAPHOPT_CUDAGRAPH_CUDAGRAPHPATHS_H

#include "GraphOpt/CudaGraph/CudaGraph.h"

namespace mlir::cudagraph {

/// Answers whether a path of edges leads from one node to another. Nodes are
/// numbered in block order and cut into chains, each node behind one of its
/// predecessors where that is still the end of a chain. Inside a chain a path
/// is a comparison; between chains the search follows the remaining edges.
class Paths {
public:
  /// Adds the next node.
  void add(ArrayRef<unsigned> predecessors);
  bool reaches(unsigned from, unsigned to);
  /// Removes those of `nodes` from which a path leads to another one.
  void removeImplied(SmallVectorImpl<unsigned> &nodes);

private:
  /// Calls `visit` with the source of each edge that leads from another chain
  /// to one of the nodes after `lower` and up to `node` of the chain of `node`,
  /// or earlier, down to `first`.
  void visitIncoming(unsigned node, unsigned lower, unsigned first,
                     function_ref<void(unsigned)> visit);

  struct CrossEdge {
    unsigned from, to;
  };
  struct Chain {
    unsigned last;
    SmallVector<CrossEdge, 0> incoming; ///< In order of `to`.
  };
  /// The chain of each node. Along a chain the numbers of nodes increase.
  SmallVector<unsigned> chainOf;
  SmallVector<Chain, 0> chains;
};

/// Removes each edge between nodes of `block` that a path of others implies.
/// Takes time as `Paths` does for each node.
void reduceEdges(Block &block);

} // namespace mlir::cudagraph

#endif // GRAPHOPT_CUDAGRAPH_CUDAGRAPHPATHS_H
