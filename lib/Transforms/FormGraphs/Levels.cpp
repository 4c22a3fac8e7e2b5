//===- Levels.cpp - Which region each op of a block belongs to ------------===//
//
// Implements the levels of ops: a device op belongs to the first region that
// its operands, and the host ops that it must stay behind, allow.
//
//===----------------------------------------------------------------------===//

#include "Levels.h"

#include "../OuterOps.h"

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

/// Whether `op` reads or writes a whole buffer as a tensor, of which it says
/// that no other name reaches it.
static bool isTensorAccess(Operation *op) {
  return isa<bufferization::ToTensorOp,
             bufferization::MaterializeInDestinationOp>(op);
}

Levels::Levels(Block &block) : block(block) {
  findWritten();
  for (Operation &op : block.without_terminator())
    isDeviceOp(&op) ? addDevice(&op) : addHost(&op);
  for (Operation &op : llvm::make_early_inc_range(block.without_terminator()))
    if (auto pack = dyn_cast<PackOp>(op))
      sinkPack(pack);
    else if (device.contains(&op))
      passTensors(&op);
}

/// The region that must be over before `op` has its operands, and for a
/// device op the first region it can be part of.
int64_t Levels::getOperandLevel(Operation *op, bool forDevice) const {
  int64_t level = forDevice ? 0 : -1;
  visitOuterOps(op, [&](Operation *inner) {
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
  block.walk([&](Operation *op) {
    if (auto read = dyn_cast<bufferization::ToTensorOp>(op))
      isRestrict &= read.getRestrict();
    auto write = dyn_cast<bufferization::MaterializeInDestinationOp>(op);
    if (!write)
      return;
    worklist.push_back(write);
    isRestrict &= write.getRestrict();
  });
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    visitOuterOps(op, [&](Operation *inner) {
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

/// Where `op` reads sequences that work of an earlier region makes, it reads
/// lists of their tensors instead.
void Levels::passTensors(Operation *op) {
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<SeqType>(operand.get().getType());
    Operation *def = operand.get().getDefiningOp();
    if (!type || !device.contains(def) || get(def) == get(op))
      continue;
    OpBuilder builder(op);
    SmallVector<Value> tensors;
    for (int64_t i = 0, e = type.size(); i < e; ++i) {
      auto tensor = GetOp::create(builder, op->getLoc(), operand.get(), i);
      device.insert(tensor);
      levels[tensor] = get(def);
      tensors.push_back(tensor);
    }
    auto pack = PackOp::create(builder, op->getLoc(), type, tensors);
    device.insert(pack);
    levels[pack] = get(op);
    operand.set(pack);
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
  if (barrier && level >= first)
    splits.insert(barrier);
  levels[op] = level;
  device.insert(op);
  last = std::max(last, level);
}

/// The level of the last op that uses what `memref` holds.
int64_t Levels::getLastReader(Value memref) const {
  int64_t level = -1;
  auto consider = [&](Operation *op) {
    if (auto it = levels.find(op); it != levels.end())
      level = std::max(level, it->second);
  };
  for (Value other : read.findOverlapping(memref))
    for (Operation *reader : readers.lookup(other)) {
      consider(reader);
      if (!isa<bufferization::ToTensorOp>(reader))
        continue;
      // The memory is read by those that use the tensor.
      for (Operation *user : reader->getUsers())
        if (Operation *peer = block.findAncestorOpInBlock(*user))
          consider(peer);
    }
  return level;
}

Levels::Writer Levels::getLastWriter(Value memref) const {
  Writer last;
  for (Value dest : written.findOverlapping(memref))
    if (Writer writer = writers.lookup(dest); writer.level >= last.level)
      last = writer;
  return last;
}

/// `op`, whose effects are not understood, comes after all before it; what is
/// written to a buffer behind it, or may not run otherwise, comes after it.
void Levels::addBarrier(Operation *op, int64_t level) {
  barriers.insert(op);
  level = std::max({level, order, last});
  if (first <= last)
    barrier = op;
  first = last + 1;
  levels[op] = order = barrierLevel = level;
}

/// `op` comes after what wrote what it reads, and after what read or wrote what
/// it writes. Device work that reads what it wrote is of a later region.
void Levels::addAccesses(Operation *op, int64_t level,
                         ArrayRef<HostAccess> accesses) {
  bool isRead = isa<bufferization::ToTensorOp>(op);
  level = std::max(level, barrierLevel);
  bool usesArgument = false;
  for (const HostAccess &access : accesses) {
    Writer writer = getLastWriter(access.memref);
    if (isRead && writer.level > level)
      splits.insert(writer.op);
    level = std::max(level, writer.level);
    if (access.writes)
      level = std::max(level, getLastReader(access.memref));
    usesArgument |= isa<BlockArgument>(getBufferRange(access.memref).root);
  }
  if (usesArgument && !isTensorAccess(op))
    level = argumentLevel = std::max(level, argumentLevel);
  levels[op] = level;
  order = std::max(order, level);
  for (const HostAccess &access : accesses) {
    if (access.writes) {
      written.insert(access.memref);
      writers[access.memref] = {op, level};
      readers.erase(access.memref);
    } else {
      read.insert(access.memref);
      readers[access.memref].push_back(op);
    }
  }
}

void Levels::addHost(Operation *op) {
  int64_t level = getOperandLevel(op, /*forDevice=*/false);
  SmallVector<HostAccess> accesses;
  auto write = dyn_cast<bufferization::MaterializeInDestinationOp>(op);
  if (isMemoryEffectFree(op))
    levels[op] = level;
  else if (auto read = dyn_cast<bufferization::ToTensorOp>(op))
    addAccesses(op, level, HostAccess{read.getBuffer(), /*writes=*/false});
  else if (write)
    addAccesses(op, level, HostAccess{write.getDest(), /*writes=*/true});
  else if (isRestrict && collectHostAccesses(op, accesses))
    addAccesses(op, level, accesses);
  else
    addBarrier(op, level);
}
