//===- ShapeGraphs.cpp - Wide graphs or chains ----------------------------===//
//
// Chooses between the edges that hazards need and a chain of all nodes, by what
// each costs to launch and to run.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"
#include "GraphOpt/Transforms/Passes.h"

#include "llvm/ADT/SetVector.h"

namespace graphopt {
#define GEN_PASS_DEF_SHAPEGRAPHS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::cudagraph;

// Measured on an H200 with driver 580: medians of replays of graphs of empty
// kernels, and of copies of large buffers. Times are in microseconds.
/// Of the host, for each further branch of a graph that is launched.
static constexpr double kBranchLaunch = 1.0;
/// Of the device, for each node after another.
static constexpr double kNodeStep = 0.7;
/// Bytes that memory delivers in a microsecond.
static constexpr double kBytesPerMicrosecond = 4.3e6;
/// Blocks that it takes to ask for that much: two on each multiprocessor.
static constexpr double kBlocksToSaturate = 264;

namespace {

/// What a block of nodes costs, in microseconds.
struct Costs {
  int64_t branches = 0; ///< Nodes that start or fork a branch, less one.
  double chain = 0, wide = 0;
};

struct ShapeGraphs : public graphopt::impl::ShapeGraphsBase<ShapeGraphs> {
  using ShapeGraphsBase::ShapeGraphsBase;

  void runOnOperation() override {
    for (auto graph : getOperation().getOps<GraphOp>()) {
      SmallVector<Block *> blocks;
      graph->walk<WalkOrder::PreOrder>(
          [&](Block *block) { blocks.push_back(block); });
      bool onGPU = graph
                       ->walk([](KernelOp kernel) {
                         return kernel.getGrid() ? WalkResult::interrupt()
                                                 : WalkResult::advance();
                       })
                       .wasInterrupted();
      if (onGPU)
        for (Block *block : blocks)
          shape(*block);
    }
  }

private:
  void shape(Block &block);
};

} // namespace

/// Bytes that `node` reads and writes.
static double getBytes(NodeOpInterface node, RangeResolver &ranges) {
  SmallVector<BufferAccess> accesses;
  node.collectAccesses(accesses);
  double bytes = 0;
  for (BufferAccess access : accesses)
    if (FailureOr<ByteRange> range = ranges.resolve(access.memref);
        succeeded(range))
      bytes += double(range->size()) * (access.reads() + access.writes());
  return bytes;
}

/// Microseconds of `node` alone, if memory needs `transfer` for its bytes.
static double getTime(NodeOpInterface node, double transfer) {
  auto kernel = dyn_cast<KernelOp>(node.getOperation());
  if (!kernel || !kernel.getGrid())
    return transfer;
  double blocks = 1;
  ArrayRef<int64_t> grid = *kernel.getGrid();
  for (int64_t extent : grid)
    blocks *= extent;
  return transfer / std::min(1.0, blocks / kBlocksToSaturate);
}

static Costs estimate(ArrayRef<NodeOpInterface> nodes) {
  Costs costs;
  RangeResolver ranges;
  DenseMap<Value, double> done;
  DenseMap<Value, int64_t> followers;
  double memory = 0, longest = 0;
  int64_t roots = 0;
  for (NodeOpInterface node : nodes) {
    double transfer = getBytes(node, ranges) / kBytesPerMicrosecond;
    double time = kNodeStep + getTime(node, transfer);
    memory += transfer;
    costs.chain += time;
    double start = 0;
    for (Value before : node.getAfter()) {
      start = std::max(start, done.lookup(before));
      if (followers[before]++ > 0)
        ++costs.branches;
    }
    if (node.getAfter().empty() && roots++ > 0)
      ++costs.branches;
    done[node.getNode()] = start + time;
    longest = std::max(longest, start + time);
  }
  costs.wide = std::max(longest, memory) + costs.branches * kBranchLaunch;
  return costs;
}

void ShapeGraphs::shape(Block &block) {
  auto nodes = llvm::to_vector(block.getOps<NodeOpInterface>());
  Costs costs = estimate(nodes);
  if (costs.branches == 0)
    return;
  bool chains =
      choice == graphopt::GraphShape::Chain ||
      (choice == graphopt::GraphShape::Auto && costs.chain <= costs.wide);
  Operation *owner = block.getParentOp();
  Builder builder(owner->getContext());
  owner->setAttr("shape", builder.getStringAttr(chains ? "chain" : "wide"));
  owner->setAttr("chain_microseconds", builder.getF64FloatAttr(costs.chain));
  owner->setAttr("wide_microseconds", builder.getF64FloatAttr(costs.wide));
  graphopt::remarkDone(owner, chains ? "graph-chained" : "graph-wide")
      << mlir::remark::metric("branches", costs.branches)
      << mlir::remark::metric("chain-microseconds", costs.chain)
      << mlir::remark::metric("wide-microseconds", costs.wide);
  if (!chains)
    return;
  // Nodes stand in an order that their edges allow.
  Value previous;
  for (NodeOpInterface node : nodes) {
    node.getAfterMutable().assign(previous ? ValueRange(previous)
                                           : ValueRange());
    previous = node.getNode();
  }
}
