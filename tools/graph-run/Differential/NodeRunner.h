//===- NodeRunner.h - Running one node of a graph ---------------*- C++ -*-===//
//
// Launches recorded nodes by the runtime, each as a graph of its own.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_NODERUNNER_H
#define GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_NODERUNNER_H

#include "Recorder.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"

#include <deque>

namespace graphrun {

/// Runs the nodes of graphs of one context, which must outlive no runner: the
/// graphs of nodes refer to what the runner owns.
class NodeRunner {
public:
  /// Launches `node`, which is no conditional, of a graph `owner` and does not
  /// wait. `buffers` are the launch arguments and then the arena.
  GoStatus run(GoContext *context, const GoGraphInfo &owner,
               const RecordedNode &node, void *stream,
               llvm::ArrayRef<void *> buffers, const void *parameters);

private:
  /// Graphs of single nodes; the runtime keeps pointers to them.
  std::deque<GoGraphInfo> infos;
  llvm::DenseMap<const RecordedNode *, GoGraphInfo *> infoOf;
};

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_NODERUNNER_H
