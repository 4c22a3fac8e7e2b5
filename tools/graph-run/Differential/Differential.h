//===- Differential.h - Graphs against their nodes, one by one --*- C++ -*-===//
//
// Implements --differential. At each launch of a graph the program's nodes are
// run one at a time on copies of its memory, and after each what it wrote is
// compared with what the ops that it was made from give on the same memory,
// evaluated op by op. A node that is wrong is so named even if all nodes after
// it compute garbage, as each is judged by the memory it was run on. Then the
// ops, copies, branches and loops of the region are evaluated on copies of
// their own: what the nodes left must agree, which finds wrong transfers and
// conditions. The graph itself runs on the program's memory; what it leaves
// there is compared with the copies of the nodes, which finds missing edges and
// stale addresses.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_DIFFERENTIAL_H
#define GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_DIFFERENTIAL_H

#include "NodeReference.h"
#include "NodeRunner.h"

#include <functional>

namespace graphrun {

class RegionRun;

/// How results are compared.
struct DifferentialRules {
  bool isBitwise = false; ///< Else by tolerance.
  std::optional<double> tolerance;
  /// The ops are of another program, which has to have the same regions.
  bool isOtherProgram = false;
};

/// The comparison of all launches of a program. At most one exists at a time:
/// the program's calls find it without an argument.
class Differential {
public:
  /// Names the array at an address, or nothing if it is no argument or result.
  using Namer = std::function<std::string(const void *)>;

  /// `program` is in a state before `graphs`.
  static llvm::Expected<std::unique_ptr<Differential>>
  create(mlir::ModuleOp program, const Target &target,
         const DifferentialRules &rules);
  ~Differential();

  /// What replaces the runtime's functions in the program that is compared.
  std::vector<RuntimeSymbol> symbols() const;
  void setNamer(Namer namer) { nameOf = std::move(namer); }
  /// Frees what is on the device; before the context is destroyed.
  void release();

  bool succeeded() const { return findProblem().empty(); }
  /// One line: "differential: ok, ..." or what differs first.
  std::string summary() const;

  /// A graph that the program has instantiated.
  struct Region {
    const GoGraphInfo *info = nullptr;
    RecordedGraph graph;
    /// The reference has its ops; else it was built of the program's kernels.
    bool isKnown = false;
    int64_t numOps = 0;
    /// The op that a kernel was made from.
    llvm::DenseMap<const RecordedNode *, int64_t> opOf;
    /// The temporaries of the nodes, kept between launches like the graph's.
    void *arena = nullptr;
    std::vector<char> arenaShadow;
  };

private:
  friend class RegionRun;

  Differential(std::unique_ptr<NodeReference> reference,
               const DifferentialRules &rules);
  static GoStatus instantiate(GoContext *context, const GoGraphInfo *info,
                              GoExec **exec);
  static GoStatus launch(GoExec *exec, void *stream, void *const *buffers,
                         const void *parameters, int64_t numUploads);

  /// Empty if all agrees.
  std::string findProblem() const;

  std::unique_ptr<NodeReference> reference;
  DifferentialRules rules;
  Namer nameOf;
  NodeRunner runner;
  GoContext *context = nullptr;
  llvm::DenseMap<GoExec *, std::unique_ptr<Region>> regions;
  /// What differs first, or why nothing can be compared.
  std::string problem;
  int64_t numLaunches = 0, numNodes = 0;
  int64_t numKnown = 0; ///< Launches of regions that the reference has.
  /// Kernels that came with the program, so that no ops are known for them.
  int64_t numUnknown = 0;
};

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_DIFFERENTIAL_H
