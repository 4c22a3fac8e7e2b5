//===- RecordRegions.cpp - What regions hold ------------------------------===//
//
// Records the states in which regions hold tensors.
//
//===----------------------------------------------------------------------===//

#include "../Hoisting/ReadbackUses.h"
#include "Records.h"
#include "Work.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Device work of `function` that is in no region.
static SmallVector<Operation *> collectUncaptured(func::FuncOp function) {
  SmallVector<Operation *> ops = collectDeviceWork(function);
  llvm::erase_if(ops, [](Operation *op) {
    return op->getParentOfType<tseq::GraphOp>() || isNodeOnMemory(op);
  });
  return ops;
}

/// The ops in `graph` that are device work in the program as it was given: what
/// the host did until `hoist-readbacks` is not among them.
static SmallVector<Operation *> collectGivenWork(tseq::GraphOp graph,
                                                 const Facts &facts) {
  SmallVector<Operation *> ops = collectDeviceWork(graph);
  auto places =
      getFacts(facts.build(), "before").getAs<ArrayAttr>("op_locations");
  if (!places)
    return ops;
  llvm::StringSet<> given;
  for (auto place : places.getAsRange<StringAttr>())
    given.insert(place.getValue());
  llvm::erase_if(ops, [&](Operation *op) {
    return !given.contains(formatLocation(op->getLoc()));
  });
  return ops;
}

void graphopt::recordRegions(func::FuncOp function, Facts &facts,
                             const Calibration &calibration) {
  recordBlockers(function, facts, calibration);
  MLIRContext *context = function.getContext();
  SmallVector<Attribute> regions;
  function.walk([&](tseq::GraphOp graph) {
    SmallVector<Operation *> ops = collectGivenWork(graph, facts);
    Facts region(context);
    region.set("name", graph.getSymAttr());
    region.setLocation(graph.getLoc());
    region.setInt("ops", countKernels(ops));
    region.set("op_locations", getPlaces(ops, context));
    region.setInt("bytes_op_by_op", countBytes(ops));
    region.setMicroseconds("microseconds_op_by_op",
                           calibration.streamLaunch +
                               predictOpByOp(ops, calibration));
    regions.push_back(region.build());
  });
  facts.setList("regions", regions);
  recordFused(function, facts, calibration);
}

/// The nodes that `graph` will have: its kernels and what holds some, each with
/// the earlier ones that it needs.
static ArrayAttr describeNodes(tseq::GraphOp graph) {
  MLIRContext *context = graph.getContext();
  llvm::MapVector<Operation *, int64_t> nodes;
  DenseMap<Operation *, SmallVector<int64_t>> needs;
  SmallVector<Attribute> list;
  for (Operation &op : graph.getBodyBlock()->without_terminator()) {
    llvm::SmallSetVector<int64_t, 4> before;
    op.walk([&](Operation *inner) {
      for (Value value : inner->getOperands()) {
        Operation *def = value.getDefiningOp();
        if (!def || def->getBlock() != graph.getBodyBlock())
          continue;
        if (auto it = nodes.find(def); it != nodes.end())
          before.insert(it->second);
        else
          before.insert_range(needs[def]);
      }
    });
    SmallVector<int64_t> sorted(before.begin(), before.end());
    llvm::sort(sorted);
    if (collectDeviceWork(&op).empty() && !isa<tseq::IfOp, WhileOp>(op)) {
      needs[&op] = std::move(sorted);
      continue;
    }
    Facts node(context);
    node.setText("op", op.getName().getStringRef());
    node.setLocation(op.getLoc());
    node.setInt("bytes", countBytes(collectDeviceWork(&op)));
    node.set("after", Builder(context).getI64ArrayAttr(sorted));
    nodes.insert({&op, nodes.size()});
    list.push_back(node.build());
  }
  return ArrayAttr::get(context, list);
}

/// The regions whose results `graph` takes.
static ArrayAttr describeOperands(tseq::GraphOp graph) {
  llvm::SetVector<Attribute> regions;
  for (Value input : graph.getInputs())
    if (auto before = input.getDefiningOp<tseq::GraphOp>())
      regions.insert(before.getSymAttr());
  return ArrayAttr::get(graph.getContext(), regions.getArrayRef());
}

/// Waits of the host for readbacks: those of one place share one.
static int64_t countWaits(func::FuncOp function) {
  DenseSet<Operation *> places;
  for (Operation *op : collectReadbacks(function))
    places.insert(op->getOperand(0).getDefiningOp());
  return places.size();
}

void graphopt::recordFused(func::FuncOp function, Facts &facts,
                           const Calibration &calibration) {
  llvm::StringMap<DictionaryAttr> known;
  for (DictionaryAttr region : getList(facts.build(), "regions"))
    known[getText(region, "name")] = region;
  MLIRContext *context = function.getContext();
  SmallVector<Operation *> outside = collectUncaptured(function);
  int64_t kernels = countKernels(outside), launches = kernels;
  int64_t bytes = countBytes(outside);
  double time = predictOpByOp(outside, calibration) +
                countWaits(function) * calibration.readback;
  SmallVector<Attribute> regions;
  function.walk([&](tseq::GraphOp graph) {
    SmallVector<Operation *> ops = collectDeviceWork(graph);
    Facts region(context);
    if (DictionaryAttr before = known.lookup(graph.getSym()))
      region = Facts(context, before);
    double predicted = predictAsGraph(ops, calibration);
    region.set("name", graph.getSymAttr());
    region.setLocation(graph.getLoc());
    region.setInt("kernels", countKernels(ops));
    region.setInt("bytes", countBytes(ops));
    region.setMicroseconds("microseconds", predicted);
    if (auto before = getNumber(region.build(), "microseconds_op_by_op"))
      region.setMicroseconds("gain_microseconds", *before - predicted);
    region.set("nodes", describeNodes(graph));
    region.set("after", describeOperands(graph));
    regions.push_back(region.build());
    kernels += countKernels(ops);
    ++launches;
    bytes += countBytes(ops);
    time += predicted;
  });
  facts.setList("regions", regions);
  Facts after(context, getFacts(facts.build(), "after"));
  after.setInt("regions", regions.size());
  after.setInt("uncaptured", countKernels(outside));
  after.setInt("kernels", kernels);
  after.setInt("launches", launches);
  after.setInt("uploads", countUploads(function));
  after.setInt("bytes", bytes);
  after.setMicroseconds("microseconds", time);
  facts.set("after", after.build());
}
