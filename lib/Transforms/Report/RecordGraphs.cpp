//===- RecordGraphs.cpp - What the graphs of regions hold -----------------===//
//
// Records the states in which regions are in memory, and then their graphs.
//
//===----------------------------------------------------------------------===//

#include "Records.h"
#include "Work.h"

#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace graphopt;

/// Changes each region of `facts` whose name `change` is given.
static void updateRegions(Facts &facts,
                          function_ref<void(StringRef, Facts &)> change) {
  SmallVector<Attribute> regions;
  for (DictionaryAttr known : getList(facts.build(), "regions")) {
    Facts region(facts.getContext(), known);
    change(getText(known, "name"), region);
    regions.push_back(region.build());
  }
  facts.setList("regions", regions);
}

void graphopt::recordBuffers(func::FuncOp function, Facts &facts) {
  llvm::StringMap<tseq::GraphOp> graphs;
  function.walk([&](tseq::GraphOp graph) { graphs[graph.getSym()] = graph; });
  updateRegions(facts, [&](StringRef name, Facts &region) {
    tseq::GraphOp graph = graphs.lookup(name);
    if (!graph)
      return;
    auto bytes = graph->getAttrOfType<IntegerAttr>("arena_bytes");
    region.setInt("arena_bytes", bytes ? bytes.getInt() : 0);
  });
}

/// What a call of `graph` takes: launched as its attribute says.
static double predict(cudagraph::GraphOp graph, GraphCostModel &costs) {
  GraphCosts predicted = costs.predictGraph(graph);
  auto launch = graph->getAttrOfType<StringAttr>("launch");
  bool isStream = launch && launch.getValue() == "stream";
  return isStream ? predicted.stream : predicted.graph;
}

/// Notes the nodes of `graph`, and what it takes on a GPU. Adds its nodes to
/// `totals`.
static void setGraph(cudagraph::GraphOp graph, GraphCostModel &costs,
                     llvm::StringMap<int64_t> &totals, Facts &region) {
  llvm::StringMap<int64_t> kinds;
  bool onGPU = false;
  graph.walk([&](cudagraph::NodeOpInterface node) {
    ++kinds[node->getName().stripDialect()];
    auto kernel = dyn_cast<cudagraph::KernelOp>(node.getOperation());
    onGPU |= kernel && kernel.getGrid();
  });
  Facts nodes(graph.getContext());
  for (auto &kind : kinds) {
    nodes.setInt(kind.first(), kind.second);
    totals[kind.first()] += kind.second;
  }
  region.set("graph_nodes", nodes.build());
  if (auto launch = graph->getAttrOfType<StringAttr>("launch"))
    region.set("launch", launch);
  if (!onGPU)
    return;
  double predicted = predict(graph, costs);
  region.setMicroseconds("microseconds", predicted);
  if (auto before = getNumber(region.build(), "microseconds_op_by_op"))
    region.setMicroseconds("gain_microseconds", *before - predicted);
}

/// Notes the nodes of `graph`, which no region was before, and the bytes that
/// they read and write. Returns these.
static int64_t setNodes(cudagraph::GraphOp graph, Facts &region) {
  MLIRContext *context = graph.getContext();
  cudagraph::RangeResolver ranges;
  DenseMap<Value, int64_t> ordinals;
  SmallVector<Attribute> list;
  int64_t total = 0;
  for (auto node : graph.getOps<cudagraph::NodeOpInterface>()) {
    SmallVector<cudagraph::BufferAccess> accesses;
    node.collectAccesses(accesses);
    int64_t bytes = 0;
    for (cudagraph::BufferAccess access : accesses)
      if (auto range = ranges.resolve(access.memref); succeeded(range))
        bytes += range->size() * (access.reads() + access.writes());
    SmallVector<int64_t> after;
    for (Value before : node.getAfter())
      after.push_back(ordinals.lookup(before));
    ordinals[node.getNode()] = list.size();
    Facts facts(context);
    facts.setText("op", node->getName().getStringRef());
    facts.setLocation(node->getLoc());
    facts.setInt("bytes", bytes);
    facts.set("after", Builder(context).getI64ArrayAttr(after));
    list.push_back(facts.build());
    total += bytes;
  }
  region.setList("nodes", list);
  region.setInt("bytes", total);
  return total;
}

namespace {
/// What `capture-launches` did, which makes graphs without regions.
struct Launches {
  SmallVector<std::pair<cudagraph::GraphOp, Location>> captured;
  int64_t left = 0; ///< Launches that could be nodes and are none.
};
} // namespace

static Launches findLaunches(func::FuncOp function, const Facts &facts,
                             SymbolTable &symbols) {
  llvm::StringSet<> known;
  for (DictionaryAttr region : getList(facts.build(), "regions"))
    known.insert(getText(region, "name"));
  Launches launches;
  function.walk([&](Operation *op) {
    launches.left += isNodeOnMemory(op);
    auto instantiate = dyn_cast<cudagraph::InstantiateOp>(op);
    if (!instantiate || !known.insert(instantiate.getGraph()).second)
      return;
    if (auto graph = symbols.lookup<cudagraph::GraphOp>(instantiate.getGraph()))
      launches.captured.push_back({graph, op->getLoc()});
  });
  return launches;
}

void graphopt::recordGraphs(func::FuncOp function, Facts &facts,
                            GraphCostModel &costs) {
  settleReadbacks(function, facts);
  SymbolTable symbols(function->getParentOfType<ModuleOp>());
  MLIRContext *context = function.getContext();
  llvm::StringMap<int64_t> totals;
  double change = 0; // In microseconds, of what was predicted before.
  updateRegions(facts, [&](StringRef name, Facts &region) {
    auto graph = symbols.lookup<cudagraph::GraphOp>(name);
    if (!graph)
      return;
    auto before = getNumber(region.build(), "microseconds");
    setGraph(graph, costs, totals, region);
    auto now = getNumber(region.build(), "microseconds");
    change += now.value_or(0) - before.value_or(0);
  });

  Launches launches = findLaunches(function, facts, symbols);
  Attribute regions = facts.build().get("regions");
  SmallVector<Attribute> list;
  if (auto known = dyn_cast_or_null<ArrayAttr>(regions))
    llvm::append_range(list, known);
  int64_t kernels = launches.left, bytes = 0;
  for (auto [graph, location] : launches.captured) {
    Facts region(context);
    region.set("name", graph.getSymNameAttr());
    region.setLocation(location);
    llvm::StringMap<int64_t> kinds;
    setGraph(graph, costs, kinds, region);
    for (auto &kind : kinds)
      totals[kind.first()] += kind.second;
    region.setInt("kernels", kinds.lookup("kernel"));
    bytes += setNodes(graph, region);
    kernels += kinds.lookup("kernel");
    change += getNumber(region.build(), "microseconds").value_or(0);
    list.push_back(region.build());
  }
  facts.setList("regions", list);

  DictionaryAttr before = getFacts(facts.build(), "after");
  Facts after(context, before);
  auto add = [&](StringRef name, int64_t more) {
    after.setInt(name, getInt(before, name) + more);
  };
  add("regions", launches.captured.size());
  add("launches", launches.captured.size() + launches.left);
  add("uncaptured", launches.left);
  add("kernels", kernels);
  add("bytes", bytes);
  after.setMicroseconds("microseconds",
                        getNumber(before, "microseconds").value_or(0) + change);
  Facts nodes(context);
  for (auto &entry : totals)
    nodes.setInt(entry.first(), entry.second);
  after.set("graph_nodes", nodes.build());
  facts.set("after", after.build());
}
