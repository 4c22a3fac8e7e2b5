//===- PlanMemory.cpp - One arena per region ------------------------------===//
//
// Places the temporaries of each region in an arena by their lifetimes, and
// lets regions of a function share one where that saves much.
//
//===----------------------------------------------------------------------===//

#include "Memory/RegionPlan.h"

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace graphopt {
#define GEN_PASS_DEF_PLANMEMORY
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

/// Whether `graph` is over before any other region of its function begins: the
/// host launches them one by one, on one stream.
static bool runsAlone(GraphOp graph) {
  Operation *parent = graph->getParentOp();
  while (isa<scf::ForOp, scf::IfOp, scf::WhileOp, scf::IndexSwitchOp>(parent))
    parent = parent->getParentOp();
  return isa<func::FuncOp>(parent);
}

/// Whether other addresses are cheap to give to the graph: one with bodies is
/// built anew for them.
static bool takesAddresses(GraphOp graph) {
  return !graph
              .walk([](Operation *op) {
                return isa<tseq::IfOp, WhileOp>(op) ? WalkResult::interrupt()
                                                    : WalkResult::advance();
              })
              .wasInterrupted();
}

//===----------------------------------------------------------------------===//
// Rewrites
//===----------------------------------------------------------------------===//

/// Pattern: graph {x = alloc} -> graph (a = arena) {x = view a[offset]}
/// Returns the number of the operand.
static int64_t useArena(RegionPlan &plan, Value arena) {
  Block *body = plan.graph.getBodyBlock();
  OpBuilder builder(plan.graph);
  plan.graph.getInputsMutable().append(arena);
  Value argument = body->addArgument(arena.getType(), plan.graph.getLoc());
  for (Temporary &temporary : plan.temporaries) {
    memref::AllocOp alloc = temporary.alloc;
    // In the region's body, so that every use is dominated.
    builder.setInsertionPoint(
        body->findAncestorOpInBlock(*alloc.getOperation()));
    Value offset = arith::ConstantIndexOp::create(builder, alloc.getLoc(),
                                                  temporary.lifetime.offset);
    Value view =
        memref::ViewOp::create(builder, alloc.getLoc(), alloc.getType(),
                               argument, offset, ValueRange());
    alloc.replaceAllUsesWith(view);
    alloc.erase();
  }
  return body->getNumArguments() - 1;
}

static MemRefType getArenaType(MLIRContext *context, int64_t bytes) {
  return MemRefType::get({bytes}, IntegerType::get(context, 8));
}

/// An arena that belongs to the executable graph.
static void useOwnArena(RegionPlan &plan) {
  GraphOp graph = plan.graph;
  OpBuilder builder(graph);
  Value arena = memref::AllocOp::create(
      builder, graph.getLoc(), getArenaType(graph.getContext(), plan.bytes));
  graph->setAttr("arena", builder.getI64IntegerAttr(useArena(plan, arena)));
}

/// One arena for all of `plans` that belongs to the call: calls may overlap in
/// time, on several streams or threads.
static void useSharedArena(func::FuncOp function, ArrayRef<RegionPlan *> plans,
                           int64_t bytes) {
  OpBuilder builder = OpBuilder::atBlockBegin(&function.front());
  Value arena = memref::AllocOp::create(
      builder, function.getLoc(), getArenaType(function.getContext(), bytes));
  for (RegionPlan *plan : plans)
    plan->graph->setAttr("shared_arena",
                         builder.getI64IntegerAttr(useArena(*plan, arena)));
  builder.setInsertionPoint(function.front().getTerminator());
  memref::DeallocOp::create(builder, function.getLoc(), arena);
}

static void recordSizes(RegionPlan &plan) {
  GraphOp graph = plan.graph;
  Builder builder(graph.getContext());
  graph->setAttr("arena_bytes", builder.getI64IntegerAttr(plan.bytes));
  graph->setAttr("arena_bytes_without_reuse",
                 builder.getI64IntegerAttr(plan.bytesWithoutReuse));
  remarkDone(graph, "arena-planned")
      << remark::metric("bytes", plan.bytes)
      << remark::metric("bytes-without-reuse", plan.bytesWithoutReuse)
      << remark::metric("temporaries", plan.temporaries.size());
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct PlanMemory : public graphopt::impl::PlanMemoryBase<PlanMemory> {
  using PlanMemoryBase::PlanMemoryBase;

  void runOnOperation() override;

private:
  /// Lets those of `plans` that can share an arena do so, if that saves
  /// enough. Returns the others.
  SmallVector<RegionPlan *> shareArena(MutableArrayRef<RegionPlan> plans);
};
} // namespace

SmallVector<RegionPlan *>
PlanMemory::shareArena(MutableArrayRef<RegionPlan> plans) {
  func::FuncOp function = getOperation();
  SmallVector<RegionPlan *> sharing, others;
  int64_t sum = 0, largest = 0;
  for (RegionPlan &plan : plans) {
    bool canShare = function.getBody().hasOneBlock() && runsAlone(plan.graph) &&
                    takesAddresses(plan.graph);
    (canShare ? sharing : others).push_back(&plan);
    sum += canShare ? plan.bytes : 0;
    largest = std::max(largest, canShare ? plan.bytes : 0);
  }
  if (sharing.size() > 1 && sum - largest >= minSharedBytes) {
    useSharedArena(function, sharing, largest);
    remarkDone(function, "arena-shared")
        << remark::metric("regions", sharing.size())
        << remark::metric("bytes", largest)
        << remark::metric("bytes-without-sharing", sum);
    if (!others.empty())
      remarkRefused(others.front()->graph, "arena-not-shared")
          << "a graph with branches would be built anew for other addresses, "
             "or may run beside another one";
    return others;
  }
  if (plans.size() > 1)
    remarkRefused(function, "arena-not-shared")
        << "it would save too little to allocate at each call"
        << remark::metric("saved-bytes", sum - largest);
  others.append(sharing);
  return others;
}

void PlanMemory::runOnOperation() {
  std::vector<RegionPlan> plans;
  getOperation().walk([&](GraphOp graph) {
    RegionPlan plan = planRegion(graph);
    if (!plan.temporaries.empty())
      plans.push_back(std::move(plan));
  });
  if (plans.empty())
    return markAllAnalysesPreserved();
  for (RegionPlan &plan : plans)
    recordSizes(plan);
  for (RegionPlan *plan : shareArena(plans))
    useOwnArena(*plan);
}
