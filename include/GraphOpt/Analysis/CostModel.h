//===- CostModel.h - Predicted times ----------------------------*- C++ -*-===//
//
// Predicts microseconds from what kernels do and from a calibration table. All
// figures are of one call with a wait at the end, of a program that is called
// again and again with nothing else in between: what fits in the cache is
// there. The formulae are in docs/rationale.md, "Costs".
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_ANALYSIS_COSTMODEL_H
#define GRAPHOPT_ANALYSIS_COSTMODEL_H

#include "GraphOpt/Analysis/Calibration.h"
#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/IR/SymbolTable.h"

#include <optional>

namespace graphopt {

/// What a kernel does. Amounts are those of the whole grid.
struct KernelWork {
  double memoryBytes = 0;  ///< Read and written, from memory.
  double cacheBytes = 0;   ///< Read and written, in the cache.
  double stridedBytes = 0; ///< Of both, those with neighbours apart.
  double operations = 0;   ///< In operations of f32.
  double threadSteps = 0;  ///< Of the longest thread, that read memory.
  double scalarSteps = 0;  ///< Of the longest thread, others.
  /// Blocks that share the bytes; nothing if there are always enough.
  std::optional<double> blocks;
  bool hasTail = false; ///< The last block finishes a reduction.
};

/// Microseconds of the chip's memory and cache for the bytes of `work`.
double predictTransfer(const KernelWork &work, const Calibration &calibration);
/// Microseconds of `work` on the device, beyond those of an empty kernel.
double predictKernel(const KernelWork &work, const Calibration &calibration);

/// What the code of a kernel says, whatever memory it is given.
struct KernelCode {
  double operationsPerByte = 0; ///< Of what it reads and writes.
  /// Of memrefs that it writes and never reads, whatever its operands say.
  double unreadBytes = 0;
  double stridedBytes = 0; ///< As in KernelWork, and so are the others.
  double threadSteps = 0, scalarSteps = 0;
  bool hasTail = false;
};
/// Reads `kernel`, a function of a GPU module. Loops whose number of turns is
/// not constant are those over elements, which bytes stand for.
KernelCode readKernel(mlir::Operation *kernel);

/// A branch over maps, as predicates or as a conditional node.
struct BranchCosts {
  double predicated = 0, conditional = 0;
};
/// Predicts a branch whose body launches `numKernels` kernels that read and
/// write `bytes`, and is taken with `probability`.
BranchCosts predictBranch(int64_t numKernels, double bytes, double probability,
                          const Calibration &calibration);

/// One side of a branch.
struct BranchSide {
  int64_t numKernels = 0;
  double bytes = 0; ///< Read.
};
/// A branch of which both sides may be done always.
struct ChoiceCosts {
  double flat = 0;        ///< Both sides.
  double conditional = 0; ///< One of them, chosen by a conditional node.
};
ChoiceCosts predictChoice(const BranchSide &thenSide,
                          const BranchSide &elseSide, double probability,
                          const Calibration &calibration);

/// A loop whose condition is on the device, beyond what its turns do there.
struct LoopCosts {
  double device = 0; ///< As a conditional node.
  /// The host reads the condition before each turn, and launches the turn.
  double host = 0;
};
LoopCosts predictLoop(double turns, const Calibration &calibration);

/// Microseconds of the ways to give new operands to a graph of `numNodes`
/// nodes of which `numChanged` change.
struct UpdateCosts {
  double parameters = 0; ///< Written node by node.
  double rebuild = 0;    ///< A new graph.
};
UpdateCosts predictUpdate(int64_t numNodes, int64_t numChanged,
                          const Calibration &calibration);

/// Bytes that `map` reads and writes.
double getBytes(mlir::tseq::MapOp map);

/// Attribute of a branch: how often it is taken, 0 to 1. Else one half.
inline constexpr llvm::StringLiteral kProbabilityAttribute =
    "graphopt.probability";
double getProbability(mlir::Operation *branch);

/// Attribute of a loop: how many turns it takes, 0 or more. Else the
/// calibration's assumption.
inline constexpr llvm::StringLiteral kTurnsAttribute = "graphopt.turns";
double getTurns(mlir::Operation *loop, const Calibration &calibration);

/// What a block of nodes costs. Each figure is without the launch of the graph.
struct BlockCosts {
  int64_t branches = 0; ///< Nodes that start or fork a branch, less one.
  double chain = 0;     ///< All nodes one after the other.
  double wide = 0;      ///< Edges as they are.
};

/// What a graph costs at each call.
struct GraphCosts {
  double graph = 0;       ///< As one launch, of the shape that each block has.
  double stream = 0;      ///< The same nodes, launched one by one.
  int64_t numKernels = 0; ///< Bodies included.
  UpdateCosts update;     ///< If all addresses changed.
};

/// Predicts the graphs of one module. Reads kernels once; the IR must not
/// change otherwise than in the edges and attributes of nodes.
class GraphCostModel {
public:
  explicit GraphCostModel(mlir::Operation *module);

  const Calibration &getCalibration() const { return calibration; }

  /// Predicts `block`, of a graph or of a body of a conditional node.
  BlockCosts predictBlock(mlir::Block &block);
  /// Predicts `graph`. A block that has the attribute `shape` on its owner is
  /// taken to be so, any other as what costs less.
  GraphCosts predictGraph(mlir::cudagraph::GraphOp graph);

private:
  /// The clocks of a launch node by node, in microseconds.
  struct Clocks {
    double host = 0, device = 0;
  };

  /// Microseconds on the device, beyond those of an empty kernel, and the part
  /// of them that no other node can use the memory in.
  struct NodeTime {
    double whole = 0, transfer = 0;
  };

  NodeTime predictNode(mlir::cudagraph::NodeOpInterface node);
  double predictOnce(mlir::Block &block);
  void stream(mlir::Block &block, Clocks &clocks);
  /// Fills `times` for the nodes of `graph`.
  void measureNodes(mlir::cudagraph::GraphOp graph);
  const KernelCode &getCode(mlir::cudagraph::KernelOp kernel);

  mlir::Operation *module;
  Calibration calibration;
  mlir::SymbolTableCollection symbols;
  llvm::DenseMap<mlir::Operation *, KernelCode> codes; ///< By function.
  /// Of nodes that are no conditionals.
  llvm::DenseMap<mlir::Operation *, NodeTime> times;
  llvm::DenseSet<mlir::Operation *> measured; ///< Graphs.
};

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_COSTMODEL_H
