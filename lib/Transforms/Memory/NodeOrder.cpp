//===- NodeOrder.cpp - Which ops of a block data put in order -------------===//
//
// Books the accesses of the ops of a block in their order, bytes of the
// region's operands one by one, allocations as a whole.
//
//===----------------------------------------------------------------------===//

#include "NodeOrder.h"

#include "GraphOpt/CudaGraph/CudaGraphAccesses.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/SetVector.h"

#include <limits>

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;
using cudagraph::ByteRange;
using cudagraph::Touched;

/// Ops that are open to run side by side at most; those beyond are taken to
/// wait. More kernels than this never ran beside each other.
static constexpr unsigned kMaxLanes = 32;

//===----------------------------------------------------------------------===//
// Clocks
//===----------------------------------------------------------------------===//

bool graphopt::isWithin(ArrayRef<unsigned> a, ArrayRef<unsigned> b) {
  for (auto [i, count] : llvm::enumerate(a))
    if (count > (i < b.size() ? b[i] : 0))
      return false;
  return true;
}

void graphopt::joinClock(Clock &a, ArrayRef<unsigned> b) {
  if (a.size() < b.size())
    a.resize(b.size(), 0);
  for (auto [i, count] : llvm::enumerate(b))
    a[i] = std::max(a[i], count);
}

void graphopt::meetClock(Clock &a, ArrayRef<unsigned> b) {
  if (a.size() > b.size())
    a.truncate(b.size());
  for (auto [i, count] : llvm::enumerate(a))
    count = std::min(count, b[i]);
}

//===----------------------------------------------------------------------===//
// Accesses
//===----------------------------------------------------------------------===//

namespace {
/// What one op of a block does to memory.
struct OpAccesses {
  struct Access {
    Value memref;
    bool isWrite;
  };
  SmallVector<Access> accesses;
  /// It may touch memory that is not seen.
  bool touchesAnything = false;

  explicit OpAccesses(Operation *op);

  bool reads() const {
    return touchesAnything ||
           llvm::any_of(accesses, [](const Access &a) { return !a.isWrite; });
  }

private:
  /// Adds an access to a memref, or to all memrefs of a list.
  void add(Value value, bool isWrite);
};

/// Tells for ops in their order which ops before each must have finished.
class AccessBook {
public:
  /// Records `accesses` of op `number` and adds to `before` what it waits for.
  void record(unsigned number, const OpAccesses &accesses,
              llvm::SetVector<unsigned> &before);

private:
  cudagraph::RangeResolver ranges;
  cudagraph::AccessHistory operands;
  DenseMap<Value, Touched> allocations;
};
} // namespace

void OpAccesses::add(Value value, bool isWrite) {
  if (isa<MemRefType>(value.getType())) {
    accesses.push_back({value, isWrite});
    return;
  }
  auto pack = value.getDefiningOp<PackOp>();
  touchesAnything |= !pack;
  if (pack)
    for (Value memref : pack->getOperands())
      accesses.push_back({memref, isWrite});
}

OpAccesses::OpAccesses(Operation *op) {
  op->walk([&](Operation *inner) {
    if (auto branch = dyn_cast<tseq::IfOp>(inner))
      add(branch.getCondition(), /*isWrite=*/false);
    if (auto loop = dyn_cast<WhileOp>(inner))
      add(loop.getCondition(), /*isWrite=*/false);
  });
  auto effects = getEffectsRecursively(op);
  if (!effects) {
    touchesAnything = true;
    return;
  }
  for (const MemoryEffects::EffectInstance &effect : *effects) {
    bool isWrite = isa<MemoryEffects::Write>(effect.getEffect());
    if (!isWrite && !isa<MemoryEffects::Read>(effect.getEffect()))
      continue;
    if (effect.getValue())
      add(effect.getValue(), isWrite);
    else
      touchesAnything = true;
  }
}

/// The memref that `memref` is a view of.
static Value getRoot(Value memref) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>())
    memref = view.getViewSource();
  return memref;
}

/// Adds what an access waits for, given what has touched the memory before.
static void addBefore(const Touched &touched, bool isWrite,
                      llvm::SetVector<unsigned> &before) {
  if (touched.writer)
    before.insert(*touched.writer);
  if (isWrite)
    before.insert(touched.readers.begin(), touched.readers.end());
}

void AccessBook::record(unsigned number, const OpAccesses &accesses,
                        llvm::SetVector<unsigned> &before) {
  for (const OpAccesses::Access &access : accesses.accesses) {
    Value root = getRoot(access.memref);
    if (auto argument = dyn_cast<BlockArgument>(root)) {
      FailureOr<ByteRange> range = ranges.resolve(access.memref);
      if (failed(range))
        range = ByteRange{argument, std::numeric_limits<int64_t>::min(),
                          std::numeric_limits<int64_t>::max()};
      (void)operands.record(number, *range, access.isWrite,
                            [&](const Touched &touched) {
                              addBefore(touched, access.isWrite, before);
                              return success();
                            });
      continue;
    }
    Touched &touched = allocations[root];
    addBefore(touched, access.isWrite, before);
    if (access.isWrite) {
      touched.writer = number;
      touched.readers.clear();
    } else if (touched.readers.empty() || touched.readers.back() != number) {
      touched.readers.push_back(number);
    }
  }
  before.remove(number);
}

//===----------------------------------------------------------------------===//
// The order
//===----------------------------------------------------------------------===//

NodeOrder::NodeOrder(Block &block) {
  struct Lane {
    unsigned last;  ///< Number of its last op.
    unsigned count; ///< Of ops.
  };
  SmallVector<Lane> lanes;
  AccessBook book;
  Clock everything, barrier;
  for (Operation &op : block) {
    unsigned number = clocks.size();
    numbers[&op] = number;
    Clock &clock = clocks.emplace_back();
    OpAccesses accesses(&op);
    preparations.push_back(isa<memref::CopyOp>(op) || !accesses.reads());
    if (accesses.accesses.empty() && !accesses.touchesAnything)
      continue;
    llvm::SetVector<unsigned> before;
    book.record(number, accesses, before);
    clock = accesses.touchesAnything ? everything : barrier;
    for (unsigned other : before)
      joinClock(clock, clocks[other]);

    // Behind a lane whose last op it waits for; else a lane of its own.
    auto lane = llvm::find_if(lanes, [&](const Lane &lane) {
      size_t i = &lane - lanes.begin();
      return i < clock.size() && clock[i] == lane.count;
    });
    if (lane == lanes.end() && lanes.size() < kMaxLanes) {
      lanes.push_back({number, 0});
      lane = std::prev(lanes.end());
    } else if (lane == lanes.end()) {
      lane = llvm::min_element(
          lanes, [](const Lane &a, const Lane &b) { return a.last < b.last; });
      joinClock(clock, clocks[lane->last]);
    }
    lane->last = number;
    ++lane->count;
    size_t index = lane - lanes.begin();
    if (clock.size() <= index)
      clock.resize(index + 1, 0);
    clock[index] = lane->count;
    joinClock(everything, clock);
    if (accesses.touchesAnything)
      barrier = everything;
  }
}
