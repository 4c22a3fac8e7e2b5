//===- CudaExecutable.h - An executable of a CUDA device --------*- C++ -*-===//
//
// Part of graph-opt. An instantiated graph: a program, its binding, and its
// CUDA graph, which is made at the first launch that needs it, when the
// addresses are known.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CUDAEXECUTABLE_H
#define GRAPHOPT_LIB_RUNTIME_CUDAEXECUTABLE_H

#include "CudaGraphSet.h"
#include "CudaLaunchOrder.h"

namespace graphopt::runtime {

class CudaExecutable final : public Executable {
public:
  CudaExecutable(CudaDevice &device, const GoGraph &graph)
      : device(device), driver(device.driver), graph(graph), order(device) {}

  /// Prepares all that needs no addresses. The context is current.
  Status initialize();

  Status bind(void *const *buffers,
              const std::vector<int64_t> &changed) override;
  Status update() override;
  void doWithoutGraph(const Status &reason) override;
  bool isIdle() override;
  void noteIdle() override { order.noteIdle(); }
  bool isCaptured() const override { return !captured.empty(); }
  int64_t ownedBytes() const override {
    return graph.info.arena_bytes + 8 * program.imageSlots;
  }
  /// The context is current; captures of others may forbid calls.
  Status launch(cuda::Stream stream, const void *parameters,
                LaunchReport &report);

private:
  bool isUnchanged(cuda::Stream stream, const void *parameters) const;
  Status launchUnchanged(cuda::Stream stream);
  Status launchChanged(cuda::Stream stream, LaunchReport &report);
  Status orderBehindLast(cuda::Stream stream, uint64_t number,
                         LaunchReport &report);
  Status launchInOrder(cuda::Stream stream, LaunchReport &report);
  Status launchCaptured(cuda::Stream stream, LaunchReport &report);
  Status prepareGraph(LaunchReport &report);
  void forgetChanges();
  bool isStreamMode() const {
    return device.mode == GO_MODE_STREAM || graph.mode == GO_MODE_STREAM;
  }
  bool needsEvent(cuda::Stream stream) const;
  void logFallback();
  bool hasSameParameters(const void *parameters) const;
  void takeParameters(const void *newParameters);
  void markChanged(size_t step);

  CudaDevice &device;
  const CudaDriver &driver;
  const GoGraph &graph;
  CudaProgram program;
  CudaBinding::Inputs inputs;
  std::unique_ptr<CudaBinding> binding;
  std::unique_ptr<CudaGraphSet> cudaGraphs;
  std::vector<std::unique_ptr<CudaBinding>> captured; ///< What captures use.

  CudaGraphSet::Changes changes;
  std::vector<bool> isChanged;  ///< By step: is in `changes`.
  std::vector<bool> isBaked;    ///< By buffer: the program says it stays.
  bool hasParameters = false;   ///< `inputs` has those of a launch.
  bool streamMode = false;      ///< How the last launch was made.
  int64_t withoutGraph = 0;     ///< Launches to come that do without a graph.
  std::string whyWithoutGraph;  ///< What `doWithoutGraph` was told.
  std::string loggedFallback;   ///< Why the last launch did without, if logged.
  int64_t nextWithoutGraph = 1; ///< How many the next failure adds.
  CudaLaunchOrder order;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CUDAEXECUTABLE_H
