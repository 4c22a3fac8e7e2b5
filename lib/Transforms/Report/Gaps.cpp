//===- Gaps.cpp - Where one region ends and the next begins ---------------===//

#include "Gaps.h"
#include "../Hoisting/HostWork.h"
#include "../Hoisting/ReadbackUses.h"
#include "Work.h"

#include "GraphOpt/Analysis/HostAccesses.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

Gaps::Gaps(func::FuncOp function) {
  function.walk([&](GraphOp graph) {
    for (Operation *op = graph->getParentOp(); op != function;
         op = op->getParentOp())
      holders.insert(op);
  });
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op == function)
      return WalkResult::advance();
    positions[op] = ops.size();
    ops.push_back(op);
    bool isWork = op->getDialect() && !isa<GraphOp>(op) && isDeviceWorkOp(op);
    if (isWork && !isNodeOnMemory(op))
      uncaptured.push_back(op);
    // Host control that holds no region is one op of the host; what else has a
    // body is the body's only owner.
    bool isControl = isa<RegionBranchOpInterface>(op) && !isa<GraphOp>(op);
    return isControl && !isWork ? WalkResult::advance() : WalkResult::skip();
  });
  findBuffers(function);
  findPinned(function);
  findLeaders(function);

  GraphOp before;
  SmallVector<Operation *> between;
  for (Operation *op : ops) {
    auto graph = dyn_cast<GraphOp>(op);
    if (!graph) {
      between.push_back(op);
      continue;
    }
    if (before)
      if (Gap gap = makeGap(before, graph, between); !gap.causes.empty())
        gaps.push_back(std::move(gap));
    before = graph;
    between.clear();
  }
}

/// The outermost op around `op` that is not around `other`; null if there is
/// none but `op` itself.
static Operation *getOutermost(Operation *op, Operation *other) {
  Operation *outermost = nullptr;
  for (op = op->getParentOp(); op && !op->isAncestor(other);
       op = op->getParentOp())
    outermost = op;
  return outermost;
}

/// Whether `a` and `b` are in different branches of one op.
static bool areExclusive(Operation *a, Operation *b) {
  Operation *common = a->getParentOp();
  while (common && !common->isAncestor(b))
    common = common->getParentOp();
  auto find = [&](Operation *op) {
    Region *region = op->getParentRegion();
    while (region->getParentOp() != common)
      region = region->getParentOp()->getParentRegion();
    return region;
  };
  return isa_and_nonnull<scf::IfOp, scf::IndexSwitchOp>(common) &&
         find(a) != find(b);
}

bool Gaps::isBarrier(Operation *op) const {
  if (isa<GraphOp, bufferization::ToTensorOp,
          bufferization::MaterializeInDestinationOp>(op) ||
      isReadback(op) || holdsRegions(op) ||
      op->hasTrait<OpTrait::IsTerminator>())
    return false;
  if (isMemoryEffectFree(op))
    return false;
  SmallVector<HostAccess> accesses;
  return !collectHostAccesses(op, accesses) ||
         llvm::any_of(accesses, [&](const HostAccess &access) {
           return !buffers.findOverlapping(access.memref).empty();
         });
}

SmallVector<Operation *> Gaps::getBarriersIn(Operation *op) const {
  SmallVector<Operation *> barriers;
  for (Operation *inner : ops)
    if (op->isProperAncestor(inner) && isBarrier(inner))
      barriers.push_back(inner);
  return barriers;
}

/// Collects the buffers that the program reads or writes as tensors.
void Gaps::findBuffers(func::FuncOp function) {
  function.walk([&](Operation *op) {
    if (auto read = dyn_cast<bufferization::ToTensorOp>(op))
      buffers.insert(read.getBuffer());
    if (auto write = dyn_cast<bufferization::MaterializeInDestinationOp>(op);
        write && isa<MemRefType>(write.getDest().getType()))
      buffers.insert(write.getDest());
  });
}

/// Notes which readbacks and device ops each region needs that come before it.
void Gaps::findLeaders(func::FuncOp function) {
  SmallVector<Operation *> producers = collectReadbacks(function);
  llvm::append_range(producers, uncaptured);
  for (Operation *op : producers)
    for (Operation *region : getSlice(op).regions)
      if (getPosition(op) < getPosition(region))
        leaders[region].push_back(op);
}

/// Marks regions that compute what is written to the caller's buffers, or that
/// must not run where the program did not say: form-graphs leaves both behind
/// what has effects.
void Gaps::findPinned(func::FuncOp function) {
  SmallVector<Operation *> worklist;
  llvm::DenseSet<Operation *> written;
  function.walk([&](Operation *op) {
    if (isa<bufferization::MaterializeInDestinationOp>(op))
      worklist.push_back(op);
    if (isa<GraphOp>(op->getParentOp()) && !isSafeToSpeculate(op))
      pinned.insert(op->getParentOp());
  });
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    if (isa<GraphOp>(op))
      pinned.insert(op);
    op->walk([&](Operation *inner) {
      for (Value value : inner->getOperands())
        if (Operation *def = value.getDefiningOp())
          if (written.insert(def).second)
            worklist.push_back(def);
    });
  }
}

/// Whether `op`, which has effects and stands between two regions, keeps them
/// apart: the second needs it, must not move across it, or shares a loop or
/// branch with it.
bool Gaps::holdsApart(Operation *op, GraphOp before, GraphOp after) {
  if (!isBarrier(op) || areExclusive(op, before) || areExclusive(op, after))
    return false;
  Operation *parent = op->getParentOp();
  bool isInside = !parent->isAncestor(before) || !parent->isAncestor(after);
  // What is in control that holds no region counts with it.
  if (isInside && !holdsRegions(parent))
    return false;
  return isInside || pinned.contains(after) ||
         getSlice(op).regions.contains(after);
}

Gap Gaps::makeGap(GraphOp before, GraphOp after,
                  ArrayRef<Operation *> between) {
  Gap gap{before, after, {}};
  if (areExclusive(before, after))
    return gap;
  for (Operation *op : between)
    if (holdsApart(op, before, after))
      gap.causes.insert(op);
  llvm::DenseSet<Operation *> controlled;
  for (Operation *op : leaders.lookup(after)) {
    // Device ops in front of both regions keep neither from the other.
    bool isRead = isReadback(op);
    if (!isRead && getPosition(op) < getPosition(before))
      continue;
    gap.causes.insert(op);
    if (isRead)
      controlled.insert_range(getSlice(op).controlled);
  }
  for (Operation *control :
       {getOutermost(before, after), getOutermost(after, before)})
    if (control && !controlled.contains(control))
      gap.causes.insert(control);
  return gap;
}

const Gaps::Slice &Gaps::getSlice(Operation *op) {
  std::unique_ptr<Slice> &slice = slices[op];
  if (slice)
    return *slice;
  slice = std::make_unique<Slice>();
  llvm::SetVector<Value> values(op->result_begin(), op->result_end());
  for (size_t i = 0; i < values.size(); ++i) {
    for (OpOperand &use : values[i].getUses()) {
      Operation *user = use.getOwner();
      bool isTerminator = user->hasTrait<OpTrait::IsTerminator>();
      Operation *parent = user->getParentOp();
      bool decides = isa<scf::ConditionOp>(user) && use.getOperandNumber() == 0;
      if (isa<GraphOp>(user)) {
        slice->regions.insert(user);
      } else if (decides || isa<RegionBranchOpInterface>(user)) {
        Operation *control = decides ? parent : user;
        if (holdsRegions(control)) {
          slice->controlled.insert(control);
          control->walk([&](GraphOp inner) { slice->regions.insert(inner); });
        } else {
          slice->ends.insert(control);
        }
        values.insert_range(control->getResults());
      } else if (isa<scf::YieldOp, scf::ConditionOp>(user)) {
        values.insert_range(getSuccessors(use));
      } else if (isTerminator || isBarrier(user)) {
        slice->ends.insert(user);
      } else {
        values.insert_range(user->getResults());
        if (user->getNumResults() == 0)
          slice->ends.insert(user);
      }
    }
  }
  return *slice;
}
