//===- ChainFinder.cpp - Which launches become one graph ------------------===//
//
// Implements the search for chains in a block, which moves host ops above and
// below them.
//
//===----------------------------------------------------------------------===//

#include "ChainFinder.h"

#include "GraphOpt/Analysis/Remarks.h"
#include "LaunchOps.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
using namespace graphopt;

bool ChainFinder::isMember(Operation *op) const {
  return capturable.contains(op) && !isBlockingWait(op) &&
         (isa<gpu::WaitOp>(op) ? !stream : getStream(op) == stream);
}

MemoryFootprint ChainFinder::getFootprintOf(Operation *op) const {
  if (isa<cudagraph::InstantiateOp>(op))
    return {};
  auto launch = launches.find(op);
  return launch == launches.end() ? getFootprint(op) : launch->second;
}

Operation *ChainFinder::findDependence(const Entry &entry,
                                       ArrayRef<Entry> earlier) {
  if (earlier.empty())
    return nullptr;
  llvm::SmallPtrSet<Operation *, 8> sources;
  entry.op->walk([&](Operation *inner) {
    for (Value operand : inner->getOperands())
      if (Operation *def = operand.getDefiningOp())
        if (Operation *source = block.findAncestorOpInBlock(*def))
          sources.insert(source);
  });
  for (const Entry &other : earlier)
    if (sources.contains(other.op) ||
        entry.footprint.conflictsWith(other.footprint))
      return other.op;
  return nullptr;
}

/// Says what keeps `member` out of the chain before it.
void ChainFinder::remarkSplit(Operation *blocker, Operation *member) {
  bool hasNodes = llvm::any_of(
      members, [](Entry &entry) { return !isa<gpu::WaitOp>(entry.op); });
  if (!hasNodes)
    return;
  remarkRefused(blocker, "chain-split") << remark::reason(
      looksAtMemory(blocker)
          ? "its effects are not understood, so a later '{0}' does not "
            "move across it"
          : "a later '{0}' must stay behind it: they touch the same "
            "memory, or one needs a result of the other",
      member->getName().getStringRef());
}

void ChainFinder::flush() {
  Chain chain;
  chain.stream = stream;
  MemoryFootprint footprint;
  for (Entry &entry : members) {
    chain.members.push_back(entry.op);
    footprint.append(entry.footprint);
  }
  if (chain.countNodes() > 0) {
    Operation *place = chain.members.back();
    if (!after.empty()) {
      Operation *first = after.front().op;
      for (Operation *op : before)
        if (first->isBeforeInBlock(op))
          op->moveBefore(first);
      // Members behind it go as well.
      if (first->isBeforeInBlock(place))
        place = first;
    }
    emit(chain, footprint, place);
  }
  members.clear();
  after.clear();
  before.clear();
}

void ChainFinder::run() {
  SmallVector<Operation *> ops;
  for (Operation &op : block)
    if (!op.hasTrait<OpTrait::IsTerminator>() && !replaced.contains(&op))
      ops.push_back(&op);
  for (Operation *op : ops) {
    if (!isMember(op) && members.empty())
      continue;
    Entry entry = {op, getFootprintOf(op)};
    Operation *blocker = findDependence(entry, after);
    // A wait stays behind whatever was launched before it.
    if (isBlockingWait(op) && !after.empty())
      blocker = after.front().op;
    if (isMember(op)) {
      if (blocker) {
        remarkSplit(blocker, op);
        flush();
      }
      members.push_back(std::move(entry));
      continue;
    }
    if (blocker || findDependence(entry, members))
      after.push_back(std::move(entry));
    else
      before.push_back(op);
  }
  flush();
}
