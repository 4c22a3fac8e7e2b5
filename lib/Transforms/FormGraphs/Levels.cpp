//===- Levels.cpp - Which region each op of a block belongs to ------------===//
//
// Implements the levels of ops: a device op belongs to the first region that
// its operands, and the host ops that it must stay behind, allow.
//
//===----------------------------------------------------------------------===//

#include "Levels.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

bool graphopt::isDeviceOp(Operation *op) {
  if (isa<ItemOp>(op))
    return false;
  if (isa<PackOp, UnpackOp, GetOp>(op))
    return true;
  if (isa<tseq::IfOp, WhileOp>(op)) {
    for (Region &region : op->getRegions())
      for (Operation &inner : region.getOps())
        if (!isDeviceOp(&inner) && !isa<YieldOp>(inner) &&
            !inner.hasTrait<OpTrait::ConstantLike>())
          return false;
    return true;
  }
  auto capturable = dyn_cast<CapturableOpInterface>(op);
  return capturable && capturable.isCaptureSafe() && !capturable.synchronizes();
}

/// Whether `op` stays where it is among other such ops.
static bool isOrdered(Operation *op) { return !isMemoryEffectFree(op); }

Levels::Levels(Block &block) : block(block) {
  findWritten();
  for (Operation &op : block.without_terminator())
    isDeviceOp(&op) ? addDevice(&op) : addHost(&op);
  for (Operation &op : llvm::make_early_inc_range(block.without_terminator()))
    if (auto pack = dyn_cast<PackOp>(op))
      sinkPack(pack);
}

/// The region that must be over before `op` has its operands, and for a
/// device op the first region it can be part of.
int64_t Levels::getOperandLevel(Operation *op, bool forDevice) const {
  int64_t level = forDevice ? 0 : -1;
  op->walk([&](Operation *inner) {
    for (Value value : inner->getOperands()) {
      Operation *def = value.getDefiningOp();
      def = def ? block.findAncestorOpInBlock(*def) : nullptr;
      if (!def || def == op)
        continue;
      auto it = levels.find(def);
      if (it == levels.end())
        continue;
      bool sameRegion = device.contains(def) || !forDevice;
      level = std::max(level, it->second + (sameRegion ? 0 : 1));
    }
  });
  return level;
}

/// Marks the ops of the block that compute what is written to the caller's
/// buffers. Such a write stays behind a barrier, and is in place only if its
/// region does as well.
void Levels::findWritten() {
  SmallVector<Operation *> worklist;
  for (Operation &op : block)
    op.walk([&](bufferization::MaterializeInDestinationOp write) {
      worklist.push_back(write);
    });
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    op->walk([&](Operation *inner) {
      for (Value value : inner->getOperands())
        if (Operation *def = value.getDefiningOp())
          if (Operation *peer = block.findAncestorOpInBlock(*def))
            if (toBuffers.insert(peer).second)
              worklist.push_back(peer);
    });
  }
}

/// Whether `op` may move above ops whose effects are not understood: it reads
/// no memory, so they do not see it.
bool Levels::canCrossBarrier(Operation *op) const {
  return !toBuffers.contains(op) && isSafeToSpeculate(op);
}

/// A sequence does not cross the border of a region: a pack goes where it is
/// used, once per region.
void Levels::sinkPack(PackOp pack) {
  DenseMap<int64_t, PackOp> copies;
  for (OpOperand &use : llvm::make_early_inc_range(pack->getUses())) {
    Operation *user = block.findAncestorOpInBlock(*use.getOwner());
    if (!user || !device.contains(user))
      continue;
    int64_t level = levels.lookup(user);
    PackOp &copy = copies[level];
    if (!copy) {
      copy = copies.size() == 1 ? pack
                                : cast<PackOp>(OpBuilder(pack).clone(*pack));
      device.insert(copy);
      levels[copy] = level;
    }
    use.set(copy);
  }
}

void Levels::addDevice(Operation *op) {
  // An element of a sequence is taken where the sequence was made.
  Operation *source =
      isa<GetOp, UnpackOp>(op) ? op->getOperand(0).getDefiningOp() : nullptr;
  if (source && device.contains(source)) {
    levels[op] = levels.lookup(source);
    device.insert(op);
    return;
  }
  int64_t level = getOperandLevel(op, /*forDevice=*/true);
  if (!canCrossBarrier(op))
    level = std::max(level, first);
  levels[op] = level;
  device.insert(op);
  last = std::max(last, level);
}

/// The level of the last op that uses what the buffer that `write` writes
/// held before.
int64_t Levels::getLastReader(Operation *write) const {
  int64_t level = -1;
  auto dest = cast<bufferization::MaterializeInDestinationOp>(write).getDest();
  for (Operation *read : reads.lookup(dest))
    for (Operation *user : read->getUsers())
      if (Operation *peer = block.findAncestorOpInBlock(*user))
        level = std::max(level, levels.contains(peer) ? levels.lookup(peer)
                                                      : int64_t(-1));
  return level;
}

void Levels::noteWrite(Operation *write, int64_t level) {
  Value dest = cast<bufferization::MaterializeInDestinationOp>(write).getDest();
  written.insert(dest);
  int64_t &last = writes.try_emplace(dest, level).first->second;
  last = std::max(last, level);
}

/// The level of the last write to what `memref` covers. Most such reads were
/// given the written value; what is left stands behind a loop or branch that
/// has gone since.
int64_t Levels::getLastWriter(Value memref) const {
  int64_t level = -1;
  for (Value dest : written.findOverlapping(memref))
    level = std::max(level, writes.lookup(dest));
  return level;
}

void Levels::addHost(Operation *op) {
  int64_t level = getOperandLevel(op, /*forDevice=*/false);
  // Reads and writes of whole buffers as tensors keep their order, but do
  // not end a region: the buffers' values are known.
  bool movable = isa<bufferization::MaterializeInDestinationOp>(op);
  if (isOrdered(op)) {
    if (isa<bufferization::ToTensorOp>(op)) {
      Value memref = op->getOperand(0);
      levels[op] = std::max({level, barrierLevel, getLastWriter(memref)});
      reads[memref].push_back(op);
      return;
    }
    if (movable) {
      level = std::max({level, order, getLastReader(op)});
      noteWrite(op, level);
    } else {
      level = std::max({level, order, last});
      if (first <= last) {
        first = last + 1;
        barrier = op;
      }
      barrierLevel = level;
    }
    order = level;
  }
  levels[op] = level;
}
