//===- Recorder.h - Graphs as programs build them ---------------*- C++ -*-===//
//
// Records the nodes that a compiled program adds to a graph, so that they can
// be run one at a time. While a graph is recorded, the runtime's functions that
// add nodes are ours; they pass calls for other graphs on.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_RECORDER_H
#define GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_RECORDER_H

#include "../Symbols.h"

#include "GraphOpt/Runtime/GraphRuntime.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <memory>
#include <string>
#include <vector>

namespace graphrun {

struct RecordedGraph;

/// A node, with what its references name as in the graph around children.
struct RecordedNode {
  enum class Kind { HostKernel, CudaKernel, Memcpy, Memset, Conditional };

  Kind kind;
  std::string name; ///< Of kernels.
  /// Operands; source and destination; the destination; the condition.
  std::vector<GoRef> refs;
  std::vector<GoHostPhase> phases; ///< HostKernel.
  GoCudaLaunch launch = {};        ///< CudaKernel.
  uint32_t value = 0;              ///< Memset.
  int64_t valueBytes = 0;          ///< Memset.
  int32_t conditionalKind = 0;     ///< GO_CONDITIONAL_*.
  std::vector<std::unique_ptr<RecordedGraph>> bodies;

  bool isKernel() const {
    return kind == Kind::HostKernel || kind == Kind::CudaKernel;
  }
};

/// The nodes of a graph or a body in an order that its edges allow, children
/// in place.
struct RecordedGraph {
  std::vector<RecordedNode> nodes;
};

/// Calls `visit` with each node, those of bodies included.
void forEachNode(const RecordedGraph &graph,
                 llvm::function_ref<void(const RecordedNode &)> visit);

/// The references to arrays that `node` writes through.
llvm::SmallVector<GoRef> writtenBy(const RecordedNode &node);

/// Builds the graph of `info` into `graph`.
GoStatus recordGraph(const GoGraphInfo &info, RecordedGraph &graph);

/// The functions that add nodes, for graphs being recorded and others.
std::vector<RuntimeSymbol> recordingSymbols();

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_RECORDER_H
