//===- ShapeGraphs.cpp - How graphs are launched --------------------------===//
//
// Chooses by predicted time between the edges that hazards need and a chain of
// all nodes, and between one launch of a graph and launches node by node.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/CostModel.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Analysis/Requests.h"
#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/CudaGraph/CudaGraphPaths.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Interfaces/FunctionInterfaces.h"

namespace graphopt {
#define GEN_PASS_DEF_SHAPEGRAPHS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::cudagraph;
using graphopt::BlockCosts;
using graphopt::GraphCosts;
using graphopt::kLaunchAttribute;

/// Attribute of a graph, or of the function that launches it, that decides
/// about edges; also of a conditional node, about those of its bodies.
static constexpr llvm::StringLiteral kShapeAttribute = "graphopt.shape";

namespace {

/// How a graph is launched, and why: a code.
struct LaunchChoice {
  bool asGraph;
  StringRef reason;
};

struct ShapeGraphs : public graphopt::impl::ShapeGraphsBase<ShapeGraphs> {
  using ShapeGraphsBase::ShapeGraphsBase;

  void runOnOperation() override;

private:
  LogicalResult checkRequests();
  void shape(Block &block, graphopt::GraphCostModel &model);
  LaunchChoice choose(GraphOp graph, const GraphCosts &costs) const;
  void recordLaunch(GraphOp graph, graphopt::GraphCostModel &model);

  StringRef getRequest(Operation *op, StringRef name) const;

  /// By graph, a function that launches it.
  DenseMap<Operation *, Operation *> functions;
};

} // namespace

/// Whether `graph` has nodes, and none that runs on the host.
static bool isOnGPU(GraphOp graph) {
  bool hasNodes = false, onHost = false;
  graph->walk([&](NodeOpInterface node) {
    hasNodes = true;
    auto kernel = dyn_cast<KernelOp>(node.getOperation());
    onHost |= kernel && !kernel.getGrid();
  });
  return hasNodes && !onHost;
}

/// Adds `figures` to the attribute `predicted_us` of `op`.
static void addFigures(Operation *op,
                       ArrayRef<std::pair<StringRef, double>> figures) {
  Builder builder(op->getContext());
  constexpr StringLiteral kName = "predicted_us";
  NamedAttrList list;
  if (auto earlier = op->getAttrOfType<DictionaryAttr>(kName))
    list.append(earlier.begin(), earlier.end());
  for (auto [name, microseconds] : figures)
    list.set(name, builder.getF64FloatAttr(microseconds));
  op->setAttr(kName, list.getDictionary(op->getContext()));
}

void ShapeGraphs::shape(Block &block, graphopt::GraphCostModel &model) {
  BlockCosts costs = model.predictBlock(block);
  if (costs.branches == 0)
    return;
  Operation *owner = block.getParentOp();
  bool chains =
      choice == graphopt::GraphShape::Chain ||
      (choice == graphopt::GraphShape::Auto && costs.chain <= costs.wide);
  StringRef request = getRequest(owner, kShapeAttribute);
  if (!request.empty())
    chains = request == "chain";
  Builder builder(owner->getContext());
  owner->setAttr("shape", builder.getStringAttr(chains ? "chain" : "wide"));
  addFigures(owner, {{"chain", costs.chain}, {"wide", costs.wide}});
  graphopt::remarkDone(owner, chains ? "graph-chained" : "graph-wide")
      << mlir::remark::metric("branches", costs.branches)
      << mlir::remark::metric("chain-microseconds", costs.chain)
      << mlir::remark::metric("wide-microseconds", costs.wide);
  if (!chains)
    return;
  // Nodes stand in an order that their edges allow.
  Value previous;
  for (NodeOpInterface node : block.getOps<NodeOpInterface>()) {
    node.getAfterMutable().assign(previous ? ValueRange(previous)
                                           : ValueRange());
    previous = node.getNode();
  }
}

/// Checks what the program asks for and finds the functions of graphs.
LogicalResult ShapeGraphs::checkRequests() {
  SymbolTable symbols(getOperation());
  getOperation()->walk([&](Operation *op) {
    if (isa<FunctionOpInterface>(op))
      op->walk([&](InstantiateOp instantiate) {
        functions[symbols.lookup(instantiate.getGraph())] = op;
      });
  });
  return success(succeeded(graphopt::verifyRequests(
                     getOperation(), kLaunchAttribute, "graph", "stream")) &&
                 succeeded(graphopt::verifyRequests(
                     getOperation(), kShapeAttribute, "chain", "wide")));
}

/// What attribute `name` of a graph or a conditional node says, else that of
/// the function that launches the graph; else nothing.
StringRef ShapeGraphs::getRequest(Operation *op, StringRef name) const {
  if (auto own = op->getAttrOfType<StringAttr>(name))
    return own.getValue();
  Operation *graph = isa<GraphOp>(op) ? op : op->getParentOfType<GraphOp>();
  Operation *function = functions.lookup(graph);
  auto request =
      function ? function->getAttrOfType<StringAttr>(name) : StringAttr();
  return request ? request.getValue() : StringRef();
}

LaunchChoice ShapeGraphs::choose(GraphOp graph, const GraphCosts &costs) const {
  StringRef request = getRequest(graph, kLaunchAttribute);
  if (!request.empty())
    return {request == "graph", "requested"};
  if (costs.numKernels < minKernels)
    return {false, "fewer-kernels-than-asked-for"};
  return {costs.graph <= costs.stream, "costs-less"};
}

void ShapeGraphs::recordLaunch(GraphOp graph, graphopt::GraphCostModel &model) {
  GraphCosts costs = model.predictGraph(graph);
  LaunchChoice choice = choose(graph, costs);
  Builder builder(graph.getContext());
  graph->setAttr("launch",
                 builder.getStringAttr(choice.asGraph ? "graph" : "stream"));
  addFigures(graph, {{"graph", costs.graph},
                     {"stream", costs.stream},
                     {"update", costs.update.parameters},
                     {"rebuild", costs.update.rebuild}});
  auto remark = choice.asGraph
                    ? graphopt::remarkDone(graph, "launched-as-graph")
                    : graphopt::remarkRefused(graph, "launched-node-by-node");
  remark << mlir::remark::reason("{0}", choice.reason)
         << mlir::remark::metric("kernels", costs.numKernels)
         << mlir::remark::metric("graph-microseconds", costs.graph)
         << mlir::remark::metric("stream-microseconds", costs.stream);
}

void ShapeGraphs::runOnOperation() {
  functions.clear();
  if (failed(checkRequests()))
    return signalPassFailure();
  graphopt::GraphCostModel model(getOperation());
  for (auto graph : getOperation().getOps<GraphOp>()) {
    if (!isOnGPU(graph))
      continue;
    // Inner ones first: what they cost is known then.
    SmallVector<Block *> blocks;
    graph->walk<WalkOrder::PostOrder>(
        [&](Block *block) { blocks.push_back(block); });
    for (Block *block : blocks) {
      reduceEdges(*block);
      shape(*block, model);
    }
    recordLaunch(graph, model);
  }
}
