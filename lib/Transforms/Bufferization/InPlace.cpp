//===- InPlace.cpp - What may be computed where ---------------------------===//
//
// Finds the memory that values should be computed in, and decides whether it
// may be written although an argument's value is still there.
//
//===----------------------------------------------------------------------===//

#include "RegionBufferizer.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Whether `op` reads nothing: its result is the same memory.
static bool isView(Operation *op) {
  return isa<PackOp, GetOp, tensor::ExpandShapeOp, tensor::CollapseShapeOp>(
             op) ||
         isContiguousExtract(op);
}

/// Numbers the ops of `block` in program order. A loop runs its ops again, so
/// all of them count as one.
void RegionBufferizer::numberOps(Block *block) {
  for (Operation &op : *block) {
    int64_t number = numbers.size();
    numbers[&op] = number;
    if (isa<KernelOp, tseq::IfOp>(op))
      for (Region &region : op.getRegions())
        for (Block &inner : region)
          numberOps(&inner);
    lastNumbers[&op] = numbers.size() - 1;
  }
}

/// Records what reads the memory that `alias` holds a part of. Values that hold
/// parts of it in turn are added to `found`.
void RegionBufferizer::recordUses(Alias alias, Aliases &found) {
  // Ops in loops and in bodies of linalg ops count for the op around them.
  auto getNumbered = [&](Operation *op) {
    while (op && !numbers.contains(op))
      op = op->getParentOp();
    return op;
  };
  // A value may be a part of an argument and of a chain's base.
  bool isNew = uses.try_emplace(alias.value).second;
  auto addUse = [&](Operation *op, int64_t position) {
    if (isNew)
      uses[alias.value].push_back({op, numbers.lookup(op), position});
  };
  auto addAlias = [&](Value value, int64_t begin, int64_t end) {
    found.list.push_back({value, begin, end,
                          alias.isSource ? alias.next : nullptr, alias.number,
                          alias.isSource});
  };
  for (OpOperand &use : alias.value.getUses()) {
    Operation *user = use.getOwner();
    Operation *op = getNumbered(user);
    if (!op)
      continue;
    if (auto pack = dyn_cast<PackOp>(user)) {
      for (Operation *seqUser : pack->getUsers())
        if (Operation *seqOp = getNumbered(seqUser))
          addUse(seqOp,
                 seqOp == seqUser ? int64_t(use.getOperandNumber()) : -1);
      continue;
    }
    bool isInsert = op == user && isa<tensor::InsertSliceOp>(op);
    addUse(op, isInsert ? int64_t(use.getOperandNumber()) : -1);
    // What a view or a list shows is the same memory.
    if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, GetOp>(user))
      addAlias(user->getResult(0), alias.begin, alias.end);
    if (isContiguousExtract(user)) {
      auto slice = cast<tensor::ExtractSliceOp>(user);
      auto range = getSliceRange(slice, slice.getSourceType().getShape());
      addAlias(slice, alias.begin + range->begin, alias.begin + range->end);
    }
  }
}

/// Completes `aliases` with all values that hold parts of those in it.
void RegionBufferizer::findAliases(Aliases &aliases) {
  for (size_t i = 0; i < aliases.list.size(); ++i)
    recordUses(aliases.list[i], aliases);
  for (size_t i = 0; i < aliases.list.size(); ++i) {
    const Alias &alias = aliases.list[i];
    if (llvm::any_of(uses.lookup(alias.value), [&](const Use &use) {
          bool isNext =
              use.op == alias.next && use.position == (alias.isSource ? 0 : 1);
          return !isNext && !isView(use.op);
        }))
      aliases.index.insert(alias.begin, alias.end, i);
  }
}

/// `value` should be computed in `memref`, and what makes it as well.
void RegionBufferizer::wantPlaces(Value value, Value memref) {
  while (true) {
    Operation *def = value.getDefiningOp();
    if (auto get = dyn_cast_or_null<GetOp>(def)) {
      wanted.try_emplace({get.getSequence(), get.getIndex()}, memref);
      auto kernel = get.getSequence().getDefiningOp<KernelOp>();
      if (!kernel)
        return;
      Value inner = kernel.getBody().front().getTerminator()->getOperand(
          cast<OpResult>(get.getSequence()).getResultNumber());
      wanted.try_emplace({inner, get.getIndex()}, memref);
      return;
    }
    wanted.try_emplace({value, 0}, memref);
    if (auto kernel = dyn_cast_or_null<KernelOp>(def)) {
      value = kernel.getBody().front().getTerminator()->getOperand(
          cast<OpResult>(value).getResultNumber());
    } else if (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(
                   def) &&
               isContiguous(cast<MemRefType>(memref.getType()))) {
      value = def->getOperand(0);
      memref =
          makeView(def->getLoc(), memref, 0, cast<ShapedType>(value.getType()));
    } else if (auto it = chainOf.find(def); it != chainOf.end()) {
      // Slices are put into what is there already.
      Chain &chain = chains[it->second.first];
      value = chain.getResult() == value ? getOwnedBase(chain) : Value();
      if (!value)
        return;
    } else {
      return;
    }
  }
}

/// The tensor that `map` leaves at `place` where its predicate is false; null
/// if it is not packed as such.
static Value getKept(MapOp map, std::pair<Value, int64_t> place) {
  unsigned result = cast<OpResult>(place.first).getResultNumber();
  auto pack = map.getOtherwise()[result].getDefiningOp<PackOp>();
  return pack ? pack.getTensors()[place.second] : Value();
}

/// Where the predicate of a map is false, the place must hold another value: it
/// is copied there first, so nothing else may read the old contents by then.
bool RegionBufferizer::isFilledFirst(Operation *map, Place place,
                                     const Aliases &held, int64_t begin,
                                     int64_t end) {
  auto predicated = dyn_cast<MapOp>(map);
  if (!predicated || !predicated.getPredicate())
    return false;
  Value kept = getKept(predicated, place);
  return llvm::none_of(held.index.findOverlapping(begin, end), [&](size_t i) {
    const Alias &alias = held.list[i];
    return alias.value == kept && alias.begin == begin && alias.end == end;
  });
}

bool RegionBufferizer::isReadLater(const Write &write, const Alias &alias,
                                   Operation *head) {
  Operation *op = write.op;
  if (alias.chain && alias.chain == head)
    return false;
  // Inside of a loop nothing is known about the order.
  if (!numbers.contains(op))
    return true;
  int64_t number = numbers.lookup(op), last = lastNumbers.lookup(op);
  int64_t firstWrite = number;
  bool sameRange = alias.begin == write.begin && alias.end == write.end;
  // Copies are made before the kernel.
  if (auto kernel = dyn_cast<KernelOp>(op->getParentOp());
      kernel && write.isFilledFirst)
    firstWrite = numbers.lookup(kernel);
  auto isWritten = [&](Value memref) {
    if (!memref || !write.range.begin)
      return false;
    BufferRange other = getBufferRange(memref);
    return other.root == write.range.root && other.begin == write.range.begin &&
           other.end == write.range.end;
  };
  for (const Use &use : uses.lookup(alias.value)) {
    bool sameElement = sameRange && use.op == op && isa<MapOp>(op) &&
                       use.position == write.place.second &&
                       !write.isFilledFirst;
    bool before = use.number < firstWrite;
    bool inside = use.number > number && use.number <= last;
    bool isYield = isa<YieldOp>(use.op);
    bool isContinued =
        head && use.op == head && use.position == (alias.isSource ? 0 : 1);
    // A scalar reads all of its operands before it writes, but for lists.
    bool readsFirst =
        use.op == op && isa<ScalarOp>(op) &&
        cast<ShapedType>(write.place.first.getType()).getRank() == 0;
    if (before || sameElement || readsFirst || isView(use.op) || isContinued)
      continue;
    // A branch decides for itself about the uses in it, and yielding the old
    // contents to where they are is no use.
    if (write.range.begin && isa<tseq::IfOp>(op) && (inside || use.op == op))
      continue;
    if (isYield) {
      Operation *parent = use.op->getParentOp();
      // A view that is yielded is not the old contents in their place.
      bool found = false, toItself = true;
      for (OpOperand &operand : use.op->getOpOperands()) {
        if (operand.get() != alias.value)
          continue;
        found = true;
        unsigned index = operand.getOperandNumber();
        if (parent == graph)
          toItself &= isWritten(resultMemory[index]);
        else if (isa<tseq::IfOp>(parent))
          toItself &= isWritten(wanted.lookup({parent->getResult(index), 0}));
        else
          toItself = false;
      }
      toItself &= found;
      if (toItself)
        continue;
    }
    return true;
  }
  return false;
}

bool RegionBufferizer::canOverwrite(Operation *op, Place place,
                                    const BufferRange &range, Operation *head) {
  auto it = aliases.find(range.root);
  if (it == aliases.end())
    return true;
  if (!numbers.contains(op) || !range.begin)
    return false;
  // Arguments are contiguous, so elements count from their offset on.
  int64_t start = *getBufferRange(range.root).begin;
  const Aliases &held = it->second;
  int64_t begin = *range.begin - start, end = *range.end - start;
  Write write = {op,  place, begin,
                 end, range, isFilledFirst(op, place, held, begin, end)};
  return llvm::none_of(held.index.findOverlapping(begin, end), [&](size_t i) {
    return isReadLater(write, held.list[i], head);
  });
}
