//===- RegionRun.h - One launch, node by node -------------------*- C++ -*-===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_REGIONRUN_H
#define GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_REGIONRUN_H

#include "Differential.h"

namespace graphrun {

/// Runs the nodes of one launch on copies and compares. Errors name the first
/// difference, or what failed.
class RegionRun {
public:
  RegionRun(Differential &owner, Differential::Region &region, void *stream,
            const void *parameters);
  ~RegionRun();

  /// Copies what the nodes may touch.
  llvm::Error copyIn(void *const *buffers);
  /// Runs all nodes in order.
  llvm::Error runNodes();
  /// Evaluates the region as a whole, from the state before the launch, and
  /// compares what the nodes left in launch arguments with that. Finds
  /// transfers and conditions that are not those of the program.
  llvm::Error compareWithRegion();
  /// Compares what the graph left in `buffers` with what the nodes left.
  llvm::Error compareWithGraph(void *const *buffers);

private:
  /// Memory that is one piece for the program.
  struct Block {
    char *address = nullptr; ///< Of the program.
    int64_t size = 0;
    void *allocation = nullptr; ///< On the device; `copy` is in it.
    char *copy = nullptr;
    std::vector<char> shadow; ///< On the host, equal to `copy`.
    std::vector<char> whole;  ///< On the host, for the region as a whole.
  };

  llvm::Error runGraph(const RecordedGraph &graph);
  llvm::Error runConditional(const RecordedNode &node);
  /// Runs a copy or a fill.
  llvm::Error runTransfer(const RecordedNode &node);
  /// Runs the nodes that op number `op` became.
  llvm::Error runKernels(llvm::ArrayRef<const RecordedNode *> nodes,
                         int64_t op);
  /// Runs a node on the copies and brings what it wrote to the host.
  llvm::Error launch(const RecordedNode &node);
  /// Copies the state before the launch for the region as a whole.
  void copyForRegion();
  /// Takes over, for the region as a whole, what kernels left in launch
  /// arguments that none of their ops writes: partial results, in an arena that
  /// regions share.
  llvm::Error acceptScratch();
  /// An error if the nodes wrote bytes of `block` that none of `outs` has.
  llvm::Error compareRest(size_t block, llvm::ArrayRef<NodeOut> outs);
  /// An error that names the node that wrote `out` last if the nodes left
  /// something else there than the region.
  llvm::Error compareWhole(const NodeOut &out, bool isBitwise);
  /// Finds the arguments that kernels see copies of, in the arena.
  void findSlots();
  /// Where nodes find the array: in its slot if it has one.
  NodeOut resolve(NodeOut out) const;
  /// An error that starts with `who` if the arrays differ.
  llvm::Error compare(const llvm::Twine &who, const NodeOut &out, char *value,
                      char *expected, bool isBitwise);

  /// "node 'f.graph0.k3'", "the memcpy of arg0 to arg1".
  std::string describe(const RecordedNode &node) const;
  /// The copy on the host of a launch argument, the arena or the parameters.
  char *shadowOf(int64_t buffer);
  /// "arg0", "temporary at byte 256".
  std::string nameOf(int64_t buffer, int64_t offset) const;

  Differential &owner;
  Differential::Region &region;
  void *stream;
  const void *parameters;
  std::vector<Block> blocks;
  /// The block of each launch argument and where it starts in it.
  std::vector<std::pair<size_t, int64_t>> places;
  /// For launch arguments that are copied to the arena and back, what is to be
  /// added to an offset in them.
  llvm::DenseMap<int64_t, int64_t> slots;
  /// On the device: launch arguments and the arena.
  std::vector<void *> addresses;
  /// On the host: the same, with slots in place of their arguments.
  RegionMemory memory;
  /// The region as a whole works on this, without slots.
  RegionMemory wholeMemory;
  std::vector<char> wholeArena;
  /// When nodes ran last.
  llvm::DenseMap<const RecordedNode *, int64_t> lastRun;
};

/// An array of bytes: what is moved without a type.
NodeOut bytesAt(const GoRef &ref);
/// What the runtime says of its last failure.
llvm::Error deviceError();

/// Finds the op that each kernel of `region` was made from: ops are in the
/// order of their nodes.
void numberOps(Differential::Region &region);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_DIFFERENTIAL_REGIONRUN_H
