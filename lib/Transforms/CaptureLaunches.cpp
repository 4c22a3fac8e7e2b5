//===- CaptureLaunches.cpp - Chains of launches become graphs -------------===//
//
// Gathers the launches, copies and fills of other compilers that can be nodes
// into chains, and replaces each chain by the launch of a graph.
//
//===----------------------------------------------------------------------===//

#include "Capture/Chain.h"
#include "Capture/ChainFinder.h"
#include "Capture/LaunchOps.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace graphopt {
#define GEN_PASS_DEF_CAPTURELAUNCHES
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Waits of the host
//===----------------------------------------------------------------------===//

/// Whether host code that looks at memory may run after `op` and outside of its
/// block: where the block runs again, or where the function was called.
static bool isFollowedOutside(Operation *op, func::FuncOp function,
                              bool hasCallers) {
  if (hasCallers)
    return true;
  bool isStraight =
      op->getParentOp() == function && function.getBody().hasOneBlock();
  return !isStraight && looksAtMemory(function);
}

/// A launch that is not asynchronous is over when the host goes on. Loads and
/// copies of the host are ordered by the runtime; what it does not see waits.
static void insertWait(cudagraph::LaunchOp launch, func::FuncOp function,
                       bool hasCallers) {
  Operation *place = nullptr;
  if (isFollowedOutside(launch, function, hasCallers))
    place = launch->getNextNode();
  for (Operation *op = launch->getNextNode(); op && !place;
       op = op->getNextNode()) {
    if (isa<cudagraph::WaitOp>(op))
      return;
    if (looksAtMemory(op))
      place = op;
  }
  if (!place)
    return;
  OpBuilder builder(place);
  cudagraph::WaitOp::create(builder, launch.getLoc());
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct CaptureLaunches
    : public graphopt::impl::CaptureLaunchesBase<CaptureLaunches> {
  void runOnOperation() override;

private:
  void capture(func::FuncOp function, SymbolTable &symbols);
  bool hasCallers(func::FuncOp function);

  /// The symbols that the module refers to, once somebody asked.
  std::optional<DenseSet<StringAttr>> used;
};
} // namespace

/// Whether `function` is called, or may be.
bool CaptureLaunches::hasCallers(func::FuncOp function) {
  if (!used) {
    std::optional<SymbolTable::UseRange> uses =
        SymbolTable::getSymbolUses(getOperation());
    // Not known: an op of no dialect may hold symbols.
    if (!uses)
      return true;
    used.emplace();
    for (SymbolTable::SymbolUse use : *uses)
      used->insert(use.getSymbolRef().getRootReference());
  }
  return used->contains(function.getSymNameAttr());
}

/// Whether the host waits for each of the ops of `chain` that is a node.
static bool isSynchronous(const Chain &chain) {
  return !chain.stream && llvm::any_of(chain.members, [](Operation *op) {
    return !cast<gpu::AsyncOpInterface>(op).getAsyncToken();
  });
}

void CaptureLaunches::capture(func::FuncOp function, SymbolTable &symbols) {
  LaunchOps ops = findLaunchOps(function);
  for (auto &[op, reason] : ops.refused)
    remarkRefused(op, "launch-not-captured") << remark::reason("{0}", reason);
  llvm::SetVector<Operation *> &capturable = ops.capturable;
  SmallVector<Operation *> memoryOps(
      llvm::make_filter_range(capturable, isMemoryOp));
  capturable.remove_if(isMemoryOp);
  llvm::for_each(memoryOps, convertMemoryOp);

  SmallVector<Block *> blocks;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    for (Region &region : op->getRegions())
      for (Block &block : region)
        blocks.push_back(&block);
  });
  DenseSet<Operation *> replaced;
  DenseMap<Operation *, MemoryFootprint> footprints;
  SmallVector<cudagraph::LaunchOp> synchronous;
  int64_t numGraphs = 0;
  auto emit = [&](const Chain &chain, const MemoryFootprint &footprint,
                  Operation *place) {
    OpBuilder builder(place);
    std::string name =
        (function.getSymName() + ".chain" + Twine(numGraphs++)).str();
    cudagraph::LaunchOp launch =
        buildGraph(chain, name, builder, getOperation(), symbols);
    remarkDone(launch, "launches-captured")
        << remark::metric("nodes", chain.countNodes())
        << remark::metric("buffers", launch.getBuffers().size())
        << remark::metric("parameters", launch.getParameters().size());
    replaced.insert(chain.members.begin(), chain.members.end());
    footprints[launch] = footprint;
    if (isSynchronous(chain))
      synchronous.push_back(launch);
  };
  for (Block *block : blocks) {
    llvm::SetVector<Value> streams;
    for (Operation &op : *block)
      if (capturable.contains(&op) && !isa<gpu::WaitOp>(op))
        streams.insert(getStream(&op));
    for (Value stream : streams)
      ChainFinder(*block, stream, capturable, replaced, footprints, emit).run();
  }

  // The host waits where the program says so.
  for (Operation *op : capturable)
    if (isBlockingWait(op) && op->getNumOperands() > 0) {
      OpBuilder builder(op);
      cudagraph::WaitOp::create(builder, op->getLoc());
    }
  if (ops.carriesTokens)
    replaceCarriedTokens(function, capturable);
  for (Operation *op : capturable)
    op->dropAllUses();
  for (Operation *op : capturable)
    op->erase();
  llvm::for_each(ops.onHost, convertToHost);
  for (cudagraph::LaunchOp launch : synchronous)
    insertWait(launch, function, hasCallers(function));
}

void CaptureLaunches::runOnOperation() {
  used.reset();
  SymbolTable symbols(getOperation());
  for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
    capture(function, symbols);
  // A module in the module is another program, which nothing here compiles.
  getOperation().walk([&](gpu::LaunchFuncOp launch) {
    if (launch->getParentOfType<ModuleOp>() != getOperation())
      remarkRefused(launch, "launch-not-captured")
          << remark::reason("it is in a nested module");
  });
}
