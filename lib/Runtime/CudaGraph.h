//===- CudaGraph.h - A program as a CUDA graph ------------------*- C++ -*-===//
//
// Part of graph-opt. Builds the CUDA graph of a program, keeps its executable
// form up to date with the binding, and launches it.
//
// Children are inlined: a CUDA child graph would be copied at each update of
// one of its nodes, and it may not hold what a graph may.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CUDAGRAPH_H
#define GRAPHOPT_LIB_RUNTIME_CUDAGRAPH_H

#include "CudaBinding.h"

namespace graphopt::runtime {

/// The context is current in all calls.
class CudaGraph {
public:
  CudaGraph(CudaDevice &device, const CudaProgram &program,
            CudaBinding &binding)
      : device(device), driver(device.driver), program(program),
        binding(binding) {}
  ~CudaGraph();

  bool isBuilt() const { return exec != nullptr; }
  /// Whether the driver can write to nodes in bodies of conditional nodes.
  static bool updatesBodies(const CudaDriver &driver);
  /// Makes the graph with the addresses of the binding, whose kernel operands
  /// it resolves. On failure nothing is left.
  Status build();
  /// Lets the binding have the conditions of this graph, which is built.
  void activate();
  /// True if the driver can write what the binding has for the steps numbered
  /// `changed` into the graph.
  bool canUpdate(const std::vector<size_t> &changed) const;
  /// Does so. After a failure the graph must be built anew.
  Status update(const std::vector<size_t> &changed);
  /// Adds the nodes to what somebody captures on `stream`, in its order, with
  /// the addresses of the binding; `*isAdded` tells whether some were, even
  /// after a failure. The graph is not built and only good for this once.
  Status join(cuda::Stream stream, bool *isAdded);
  Status launch(cuda::Stream stream) const {
    return driver.call(driver.cuGraphLaunch, exec, stream);
  }
  /// Destroys the graph. Launches on their way are finished all the same.
  void discard();

private:
  using Nodes = std::vector<cuda::GraphNode>;

  Status instantiate();
  Status instantiateNodes();
  Status addAll(cuda::Graph target, const Nodes &before, Nodes &leaves);
  Status createConditions(const CudaBlock &block, cuda::Graph target);
  Status addBlock(const CudaBlock &block, const Nodes &before,
                  cuda::Graph target, Nodes &leaves);
  Status addStep(const CudaStep &step, const Nodes &before, cuda::Graph target,
                 cuda::GraphNode *node);
  Status addKernel(const CudaStep &step, const Nodes &before,
                   cuda::Graph target, cuda::GraphNode *node);
  Status addChild(const CudaStep &step, const Nodes &before, cuda::Graph target,
                  cuda::GraphNode *node);
  Status addConditional(const CudaStep &step, const Nodes &before,
                        cuda::Graph target, cuda::GraphNode *node);
  Status addEmpty(const Nodes &before, cuda::Graph target,
                  cuda::GraphNode *node);
  bool canUpdate(const CudaStep &step) const;
  Status updateStep(const CudaStep &step);
  Status setEnabled(const CudaStep &step, bool isEnabled);
  bool copiesOntoItself(const CudaStep &step) const;
  cuda::CopyParams copyParams(const CudaStep &step) const;

  CudaDevice &device;
  const CudaDriver &driver;
  const CudaProgram &program;
  CudaBinding &binding;
  cuda::Graph graph = nullptr;
  cuda::GraphExec exec = nullptr;
  Nodes nodes;                          ///< By number of step.
  std::vector<cuda::Condition> handles; ///< By number of condition.
  /// By number of step: a memcpy that is left out, since it copies memory onto
  /// itself.
  std::vector<bool> disabled;
  bool isJoined = false; ///< The nodes are those of a capture.
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CUDAGRAPH_H
