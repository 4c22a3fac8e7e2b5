//===- GraphCosts.cpp - Predicted times of graphs -------------------------===//
//
// Implements the prediction of graphs from their nodes, buffers and kernels.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/CostModel.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include <algorithm>

using namespace mlir;
using namespace mlir::cudagraph;
using namespace graphopt;

namespace {

/// What of the chip's cache holds which bytes: ranges that were touched not
/// long ago.
class CacheState {
public:
  explicit CacheState(double size) : size(size) {}

  /// The part of `range` that is in the cache, before this access.
  double touch(const ByteRange &range) {
    double bytes = range.size();
    auto [entry, isNew] = last.try_emplace({range.root, range.begin}, touched);
    double distance = touched - entry->second;
    entry->second = touched + bytes;
    touched += bytes;
    if (isNew || bytes == 0)
      return 0;
    return std::clamp((size - distance) / bytes, 0.0, 1.0);
  }

private:
  double size;
  double touched = 0; ///< Bytes, up to now.
  DenseMap<std::pair<Value, int64_t>, double> last;
};

} // namespace

GraphCostModel::GraphCostModel(Operation *module)
    : module(module), calibration(Calibration::getFor(module)) {}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

const KernelCode &GraphCostModel::getCode(KernelOp kernel) {
  Operation *function = nullptr;
  if (auto phase = dyn_cast<PhaseAttr>(kernel.getPhases()[0]))
    function = symbols.lookupSymbolIn(module, phase.getFunction());
  auto [entry, isNew] = codes.try_emplace(function);
  if (isNew && function)
    entry->second = readKernel(function);
  return entry->second;
}

/// Whether what `node` costs follows from the nodes in it.
static bool isConditional(Operation *node) {
  return isa<IfOp, WhileOp, SwitchOp>(node);
}

void GraphCostModel::measureNodes(GraphOp graph) {
  if (!measured.insert(graph).second)
    return;
  CacheState cache(calibration.cacheBytes);
  RangeResolver ranges;
  auto visit = [&](NodeOpInterface node) {
    if (isConditional(node))
      return;
    SmallVector<BufferAccess> accesses;
    node.collectAccesses(accesses);
    KernelWork work;
    for (BufferAccess access : accesses) {
      FailureOr<ByteRange> range = ranges.resolve(access.memref);
      if (failed(range))
        continue;
      double hit = cache.touch(*range);
      double bytes = double(range->size()) * (access.reads() + access.writes());
      work.cacheBytes += hit * bytes;
      work.memoryBytes += (1 - hit) * bytes;
    }
    NodeTime &time = times[node];
    auto kernel = dyn_cast<KernelOp>(node.getOperation());
    if (!kernel) {
      bool moves = isa<MemcpyOp, MemsetOp>(node);
      time.transfer = predictTransfer(work, calibration);
      time.whole = (moves ? calibration.copyRamp : 0.0) + time.transfer;
      return;
    }
    const KernelCode &code = getCode(kernel);
    double touched = work.cacheBytes + work.memoryBytes;
    double bytes = std::max(touched - code.unreadBytes, 0.0);
    work.operations = code.operationsPerByte * bytes;
    work.stridedBytes = std::min(code.stridedBytes, bytes);
    double rest = touched > 0 ? (bytes - work.stridedBytes) / touched : 0;
    work.cacheBytes *= rest;
    work.memoryBytes *= rest;
    work.threadSteps = code.threadSteps;
    work.scalarSteps = code.scalarSteps;
    work.hasTail = code.hasTail;
    if (std::optional<ArrayRef<int64_t>> grid = kernel.getGrid()) {
      work.blocks = 1;
      for (int64_t extent : *grid)
        *work.blocks *= extent;
    }
    time.transfer = predictTransfer(work, calibration);
    time.whole = predictKernel(work, calibration);
  };
  // The second time the cache is as one call leaves it for the next.
  graph->walk<WalkOrder::PreOrder>(visit);
  graph->walk<WalkOrder::PreOrder>(visit);
}

double GraphCostModel::predictOnce(Block &block) {
  BlockCosts costs = predictBlock(block);
  auto shape = block.getParentOp()->getAttrOfType<StringAttr>("shape");
  if (shape)
    return shape.getValue() == "chain" ? costs.chain : costs.wide;
  return std::min(costs.chain, costs.wide);
}

/// How often the host expects to run region number `index` of `node`.
static double getWeight(Operation *node, unsigned index,
                        const Calibration &calibration) {
  if (isa<WhileOp>(node))
    return getTurns(node, calibration);
  if (isa<SwitchOp>(node))
    return 1.0 / node->getNumRegions();
  double probability = getProbability(node);
  return index == 0 ? probability : 1 - probability;
}

GraphCostModel::NodeTime GraphCostModel::predictNode(NodeOpInterface node) {
  double time = 0;
  if (auto child = dyn_cast<ChildOp>(node.getOperation())) {
    auto graph = dyn_cast_or_null<GraphOp>(
        symbols.lookupSymbolIn(module, child.getGraphAttr()));
    if (graph) {
      measureNodes(graph);
      time = predictOnce(*graph.getBody());
    }
    return {time, time};
  }
  if (!isConditional(node)) {
    NodeTime alone = times.lookup(node);
    alone.whole += calibration.graphNode;
    return alone;
  }
  time = isa<WhileOp>(node) ? getTurns(node, calibration) * calibration.loopTurn
                            : calibration.conditional;
  for (Region &region : node->getRegions())
    if (!region.empty())
      time += getWeight(node, region.getRegionNumber(), calibration) *
              predictOnce(region.front());
  // What runs beside its body is not known.
  return {time, time};
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

BlockCosts GraphCostModel::predictBlock(Block &block) {
  if (auto graph = block.getParentOp()->getParentOfType<GraphOp>())
    measureNodes(graph);
  else if (auto graph = dyn_cast<GraphOp>(block.getParentOp()))
    measureNodes(graph);
  BlockCosts costs;
  DenseMap<Value, double> done;
  DenseMap<Value, int64_t> followers;
  double transfers = 0, longest = 0;
  int64_t roots = 0;
  for (NodeOpInterface node : block.getOps<NodeOpInterface>()) {
    auto [time, transfer] = predictNode(node);
    costs.chain += time;
    transfers += transfer;
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
  costs.wide =
      std::max(longest, transfers) + costs.branches * calibration.graphBranch;
  return costs;
}

/// Launches the nodes of `block`, as often as is expected, at `clocks`. The
/// host runs ahead of the device, but for conditions, which it reads.
void GraphCostModel::stream(Block &block, Clocks &clocks) {
  for (NodeOpInterface node : block.getOps<NodeOpInterface>()) {
    if (auto child = dyn_cast<ChildOp>(node.getOperation())) {
      if (auto graph = dyn_cast_or_null<GraphOp>(
              symbols.lookupSymbolIn(module, child.getGraphAttr()))) {
        measureNodes(graph);
        stream(*graph.getBody(), clocks);
      }
      continue;
    }
    if (isa<EmptyOp>(node))
      continue;
    if (!isConditional(node)) {
      clocks.host += calibration.streamNode;
      clocks.device =
          std::max(clocks.device + calibration.graphNode, clocks.host) +
          times.lookup(node).whole;
      continue;
    }
    double turns = isa<WhileOp>(node) ? getTurns(node, calibration) + 1 : 1;
    clocks.host =
        std::max(clocks.host, clocks.device) + turns * calibration.readback;
    clocks.device = clocks.host;
    for (Region &region : node->getRegions()) {
      if (region.empty())
        continue;
      Clocks after = clocks;
      stream(region.front(), after);
      double weight = getWeight(node, region.getRegionNumber(), calibration);
      clocks.host += weight * (after.host - clocks.host);
      clocks.device += weight * (after.device - clocks.device);
    }
  }
}

GraphCosts GraphCostModel::predictGraph(GraphOp graph) {
  measureNodes(graph);
  GraphCosts costs;
  costs.graph = calibration.graphLaunch + predictOnce(*graph.getBody());
  Clocks clocks;
  stream(*graph.getBody(), clocks);
  costs.stream =
      calibration.streamLaunch + std::max(clocks.host, clocks.device);
  int64_t numNodes = 0;
  graph->walk([&](NodeOpInterface node) {
    numNodes += 1;
    costs.numKernels += isa<KernelOp>(node);
  });
  costs.update = predictUpdate(numNodes, costs.numKernels, calibration);
  return costs;
}
