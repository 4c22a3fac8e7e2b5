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
#include "GraphOpt/Analysis/Requests.h"
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
static void insertWait(Operation *launch, func::FuncOp function,
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
  cudagraph::WaitOp::create(builder, launch->getLoc());
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct CaptureLaunches
    : public graphopt::impl::CaptureLaunchesBase<CaptureLaunches> {
  void runOnOperation() override;

private:
  LogicalResult capture(func::FuncOp function, SymbolTable &symbols);
  bool hasCallers(func::FuncOp function);

  /// The symbols that the module refers to, once somebody asked.
  std::optional<DenseSet<StringAttr>> used;
};
} // namespace

/// Whether `function` is called, or may be.
bool CaptureLaunches::hasCallers(func::FuncOp function) {
  if (!used) {
    std::optional<SymbolTable::UseRange> uses =
        SymbolTable::getSymbolUses(&getOperation().getBodyRegion());
    // Not known: an op of no dialect may hold symbols.
    if (!uses)
      return true;
    used.emplace();
    for (SymbolTable::SymbolUse use : *uses)
      used->insert(use.getSymbolRef().getRootReference());
  }
  return used->contains(function.getSymNameAttr());
}

/// Whether the host waits for the kernel that `op` launches.
static bool isSynchronous(Operation *op) {
  auto launch = dyn_cast<gpu::LaunchFuncOp>(op);
  return launch && !launch.getAsyncToken() && !launch.getAsyncObject();
}

/// Whether the host waits for one of the ops of `chain`.
static bool isSynchronous(const Chain &chain) {
  return !chain.stream && llvm::any_of(chain.members, [](Operation *op) {
    return !cast<gpu::AsyncOpInterface>(op).getAsyncToken();
  });
}

/// Names ops that were to be part of a graph and can not be.
static LogicalResult verifyWishes(const LaunchOps &ops) {
  LogicalResult result = success();
  for (auto &[op, reason] : ops.refused)
    if (getLaunchRequest(op) == "graph")
      result = op->emitError("attribute '")
               << kLaunchAttribute
               << "' asks for a graph, but the op can not be part of one: "
               << reason;
  return result;
}

LogicalResult CaptureLaunches::capture(func::FuncOp function,
                                       SymbolTable &symbols) {
  LaunchOps ops = findLaunchOps(function);
  if (failed(verifyWishes(ops)))
    return failure();
  SmallVector<Operation *> synchronous;
  for (auto &[op, reason] : ops.refused) {
    remarkRefused(op, "launch-not-captured") << remark::reason("{0}", reason);
    if (isSynchronous(op))
      synchronous.push_back(op);
  }
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
  // What the program wants to keep out of graphs is by itself, so that it is
  // launched alone.
  for (Operation *op : capturable)
    if (!isa<gpu::WaitOp>(op) && getLaunchRequest(op) == "stream") {
      remarkRefused(op, "kept-apart")
          << "the program asks for launches outside of graphs";
      emit({{op}, getStream(op)}, getFootprint(op), op);
    }
  for (Block *block : blocks) {
    llvm::SetVector<Value> streams;
    for (Operation &op : *block)
      if (capturable.contains(&op) && !replaced.contains(&op) &&
          !isa<gpu::WaitOp>(op))
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
  else if (!ops.refused.empty())
    llvm::for_each(capturable, forwardTokens);
  for (Operation *op : capturable)
    op->dropAllUses();
  for (Operation *op : capturable)
    op->erase();
  llvm::for_each(ops.onHost, convertToHost);
  for (Operation *launch : synchronous)
    insertWait(launch, function, hasCallers(function));
  return success();
}

void CaptureLaunches::runOnOperation() {
  used.reset();
  if (failed(
          verifyRequests(getOperation(), kLaunchAttribute, "graph", "stream")))
    return signalPassFailure();
  SymbolTable symbols(getOperation());
  for (auto function : llvm::to_vector(getOperation().getOps<func::FuncOp>()))
    if (failed(capture(function, symbols)))
      return signalPassFailure();
  // A module in the module is another program, which nothing here compiles.
  getOperation().walk([&](gpu::LaunchFuncOp launch) {
    if (launch->getParentOfType<ModuleOp>() != getOperation())
      remarkRefused(launch, "launch-not-captured")
          << remark::reason("it is in a nested module");
  });
}
