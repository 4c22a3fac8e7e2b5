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

  /// True if it is built anew when nodes in bodies change.
  bool needsRebuildForBodies() const;
  bool isBuilt() const { return exec != nullptr; }
  /// Makes the graph with the addresses of the binding, whose kernel operands
  /// it resolves. On failure nothing is left.
  Status build();
  /// Writes what the binding has for the steps numbered `changed` into the
  /// graph. GO_UNSUPPORTED if it must be built anew for that; after any other
  /// failure too it must be.
  Status update(const std::vector<size_t> &changed);
  Status launch(cuda::Stream stream) const {
    return driver.call(driver.cuGraphLaunch, exec, stream);
  }
  /// Destroys the graph. Launches on their way are finished all the same.
  void discard();

private:
  using Nodes = std::vector<cuda::GraphNode>;

  Status instantiate();
  Status createConditions(const CudaBlock &block);
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
  Nodes nodes; ///< By number of step.
  /// By number of step: a memcpy that is left out, since it copies memory onto
  /// itself.
  std::vector<bool> disabled;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CUDAGRAPH_H
