//===- CudaProgram.h - What a graph runs on a CUDA device -------*- C++ -*-===//
//
// Part of graph-opt. The nodes of a graph with their kernels found and their
// operands laid out; the same for all launches.
//
// Operands. All kernels of an executable share one array of 8-byte slots. Its
// first part, the *image*, is also in device memory: the tables of kernels that
// take their operands there, then a copy of the parameter block if a memcpy
// reads it. The rest is passed by value.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CUDAPROGRAM_H
#define GRAPHOPT_LIB_RUNTIME_CUDAPROGRAM_H

#include "CudaTypes.h"
#include "Graph.h"

#include <vector>

namespace graphopt::runtime {

class CudaDevice;
struct CudaStep;

/// The steps of a graph, one for each of its nodes.
struct CudaBlock {
  const GoGraph *graph = nullptr;
  std::vector<CudaStep> steps;
};

struct CudaStep {
  const GoGraph *graph = nullptr;
  GoNode index = 0;
  const Node *node = nullptr;
  size_t number = 0;   ///< Among all steps of the program.
  bool inBody = false; ///< Within a body of a conditional.

  cuda::Function function = nullptr; ///< CudaKernel.
  unsigned blocks = 1;               ///< CudaKernel: of the grid along x.
  size_t firstSlot = 0;              ///< CudaKernel: of its operands.
  std::vector<CudaBlock> bodies;     ///< Conditional; Child: one.

  /// True for a memcpy or memset of nothing.
  bool isEmptyRange() const {
    return (node->kind == NodeKind::Memcpy || node->kind == NodeKind::Memset) &&
           node->references[0].bytes == 0;
  }
  bool takesTable() const {
    return node->launch.operands == GO_OPERANDS_IN_TABLE;
  }
  std::string where() const { return describeNode(*graph, index); }
};

/// Names the node in the message of `status` if it is a failure.
Status inStep(const CudaStep &step, Status status);

class CudaProgram {
public:
  /// Lowers `graph`, which outlives the program: finds its kernels and checks
  /// what the device can do. Called once.
  Status lower(CudaDevice &device, const GoGraph &graph);

  CudaBlock root;
  std::vector<const CudaStep *> steps; ///< By number.

  size_t numSlots = 0;
  size_t imageSlots = 0;         ///< Of these, in the image.
  size_t parameterSlot = 0;      ///< Where the parameter block is in the image.
  bool copiesParameters = false; ///< The image has the parameter block.

  /// Where a launch argument, or the parameter block, is used.
  struct Use {
    static constexpr size_t noSlot = ~size_t(0);
    size_t step = 0;
    size_t slot = noSlot; ///< Of the operand of a kernel.
    int64_t offset = 0;   ///< Bytes from the start of the buffer.
    bool inNode = true;   ///< Part of a node, not of a table.
  };
  std::vector<std::vector<Use>> usesOf; ///< By launch argument.
  std::vector<Use> parameterUses;       ///< Operands of kernels.
  /// Launch arguments that are part of nodes, ascending.
  std::vector<int64_t> nodeBuffers;
  /// Nodes that have addresses in the image.
  std::vector<size_t> imageUsers;
  bool hasImageInBodies = false; ///< Some are in bodies of conditionals.
  /// Kernels that are given handles of conditions.
  std::vector<const CudaStep *> conditionUsers;
  bool hasConditionals = false;
  /// False if the driver can not branch as the graph does.
  bool branchesOnDevice = true;
  std::string whyHostBranches; ///< The first reason for that.

private:
  void branchOnHost(const CudaStep &step, const std::string &reason);
  Status lowerBlock(CudaDevice &device, const GoGraph &graph, bool inBody,
                    CudaBlock &block);
  Status lowerKernel(CudaDevice &device, CudaStep &step);
  Status limitBlocks(CudaDevice &device, CudaStep &step);
  void collect(const CudaBlock &block);
  void layOut(const GoGraphInfo &info);
  void findUses(const GoGraphInfo &info);

  size_t numSteps = 0;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CUDAPROGRAM_H
