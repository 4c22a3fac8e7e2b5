//===- CudaGraphSet.h - The CUDA graphs of a program ------------*- C++ -*-===//
//
// Part of graph-opt. The instances of one program, which differ in what their
// nodes hold. Most programs have one, into which changed addresses and
// parameters are written node by node. There is a further one, up to
// `maxGraphs`, for
//   - launch arguments that the program says do not move, and nodes that the
//     driver can not write to: a move builds a graph, a move back finds it;
//   - sets of addresses that come again and again, as soon as the updates of
//     nodes for one have cost what its own graph costs.
// A graph that is built when there are `maxGraphs` replaces the one that was
// used longest ago.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CUDAGRAPHSET_H
#define GRAPHOPT_LIB_RUNTIME_CUDAGRAPHSET_H

#include "CudaGraph.h"

namespace graphopt::runtime {

/// The context is current in all calls.
class CudaGraphSet {
public:
  CudaGraphSet(CudaDevice &device, const CudaProgram &program,
               CudaBinding &binding)
      : device(device), program(program), binding(binding) {}

  /// What happened since one is launched.
  struct Changes {
    std::vector<size_t> steps;  ///< Whose nodes hold something else.
    std::vector<int64_t> moved; ///< Launch arguments in nodes.
    bool isRebuilt = false;     ///< One of them is said not to move.

    bool isEmpty() const { return steps.empty() && moved.empty(); }
  };

  /// The graph to launch; null before the first `prepare`.
  CudaGraph *current() const {
    return graphs.empty() ? nullptr : graphs[active].graph.get();
  }
  /// Tells graphs that were built apart; 0 is none. Launches of one number are
  /// in order.
  uint64_t currentNumber() const {
    return graphs.empty() ? 0 : graphs[active].number;
  }
  bool hasSeveral() const { return graphs.size() > 1; }
  /// Makes current a graph that holds `inputs`: updates the current one, takes
  /// another, or builds one. After a failure there is none left.
  Status prepare(const CudaBinding::Inputs &inputs, const Changes &changes,
                 LaunchReport &report);
  /// Whether the nodes that have addresses in the image can get others.
  bool canMoveImage() const {
    return !hasSeveral() && (!program.hasImageInBodies ||
                             CudaGraph::updatesBodies(device.driver));
  }
  /// Writes the addresses in the image into these nodes of the current graph.
  /// After a failure there is no graph left.
  Status writeImageUsers(LaunchReport &report);
  /// Destroys all graphs, for a reason that tells why the next one is built.
  /// Launches on their way are finished all the same.
  void discard(const char *reason) {
    graphs.clear();
    active = 0;
    whyNone = reason;
  }

private:
  static constexpr size_t maxGraphs = 4;
  using Addresses = std::vector<void *>;

  struct Instance {
    std::unique_ptr<CudaGraph> graph;
    Addresses addresses; ///< Of program.nodeBuffers.
    std::vector<uint8_t> parameters;
    uint64_t lastUse = 0;
    uint64_t number = 0;
  };
  /// A set of addresses that was met, and what has been spent on coming back
  /// to it, in updates of nodes.
  struct Visit {
    uint64_t hash = 0;
    int64_t spent = 0;
    uint64_t lastUse = 0;
  };

  Status writeOrBuild(const CudaBinding::Inputs &inputs,
                      const std::vector<size_t> &steps, LaunchReport &report);
  Status build(const CudaBinding::Inputs &inputs, const std::string &reason,
               LaunchReport &report);
  std::string changesText(const CudaBinding::Inputs &inputs,
                          bool isBakedOnly = false) const;
  void takeAddresses(const CudaBinding::Inputs &inputs,
                     const std::vector<int64_t> &moved);
  bool findInstance();
  bool isWorthInstance(size_t numUpdates);
  std::vector<size_t> parameterChanges(const CudaBinding::Inputs &inputs) const;

  CudaDevice &device;
  const CudaProgram &program;
  CudaBinding &binding;
  std::vector<Instance> graphs;
  size_t active = 0;
  const char *whyNone = "first launch"; ///< If there are no graphs.
  Addresses wanted;                     ///< Of program.nodeBuffers now.
  uint64_t wantedHash = 0;              ///< Of `wanted`.
  std::vector<Visit> visits;
  uint64_t clock = 0;
  uint64_t numBuilt = 0;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CUDAGRAPHSET_H
