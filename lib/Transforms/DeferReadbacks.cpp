//===- DeferReadbacks.cpp - Waits where values are used -------------------===//
//
// Splits readbacks: the copy starts as early as the memory allows, the host
// waits as late as the value allows.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/SetVector.h"

namespace graphopt {
#define GEN_PASS_DEF_DEFERREADBACKS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::cudagraph;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Policy
//===----------------------------------------------------------------------===//

/// Whether `op`, which needs a value, may run later than it does.
static bool isMovable(Operation *op) {
  return isMemoryEffectFree(op) && op->getNumRegions() == 0 &&
         !op->hasTrait<OpTrait::IsTerminator>();
}

/// Whether it is worth a fetch to have `op` run before the host waits.
static bool isWorth(Operation *op) {
  if (isa<memref::AllocOp, memref::DeallocOp, InstantiateOp, FetchOp, AwaitOp>(
          op))
    return false;
  return !isMovable(op);
}

/// Whether somebody else may await `value`: it has no use but to be returned,
/// right from `block`, and its bytes are those of a result.
static bool isOnlyReturned(Value value, Block *block) {
  Type type = value.getType();
  bool isPlain = type.isIndex() || type.isInteger(1) || type.isInteger(8) ||
                 type.isInteger(16) || type.isInteger(32) ||
                 type.isInteger(64) || type.isF16() || type.isBF16() ||
                 type.isF32() || type.isF64();
  auto terminator = dyn_cast<func::ReturnOp>(block->getTerminator());
  return isPlain && terminator && !value.use_empty() &&
         llvm::all_of(value.getUsers(),
                      [&](Operation *user) { return user == terminator; });
}

//===----------------------------------------------------------------------===//
// Where a copy may start
//===----------------------------------------------------------------------===//

/// The op of `block` that `op` is, or is in; null if there is none.
static Operation *getAncestor(Block *block, Operation *op) {
  return block->findAncestorOpInBlock(*op);
}

/// Whether `user`, which is no view, keeps the address `memref` to itself and
/// does its work in the order of the caller's stream.
static bool keepsAddress(Operation *user, Value memref) {
  if (auto launch = dyn_cast<LaunchOp>(user))
    return !launch.getStream();
  if (auto store = dyn_cast<memref::StoreOp>(user))
    return store.getMemRef() == memref;
  return isa<ReadbackOp, FetchOp, memref::LoadOp, memref::CopyOp,
             memref::DeallocOp, func::ReturnOp>(user);
}

/// The last op of the block of `readback`, before it, that may write `source`;
/// `readback` itself if that is not known.
static Operation *findLastWrite(Value source, Operation *readback) {
  Value root = source;
  while (auto view = root.getDefiningOp<ViewLikeOpInterface>())
    root = view.getViewSource();
  auto alloc = root.getDefiningOp<memref::AllocOp>();
  Block *block = readback->getBlock();
  if (!alloc || alloc->getBlock() != block)
    return readback;
  Operation *last = source.getDefiningOp();
  SmallVector<Value> views = {root};
  while (!views.empty()) {
    Value view = views.pop_back_val();
    for (Operation *user : view.getUsers()) {
      if (isa<ViewLikeOpInterface>(user))
        llvm::append_range(views, user->getResults());
      else if (!keepsAddress(user, view))
        return readback;
      Operation *ancestor = getAncestor(block, user);
      if (!ancestor)
        return readback;
      if (ancestor->isBeforeInBlock(readback) &&
          last->isBeforeInBlock(ancestor))
        last = ancestor;
    }
  }
  return last;
}

/// The op behind which the copies of `readback` may start.
static Operation *findStart(ReadbackOp readback) {
  Operation *start = nullptr;
  for (Value source : readback.getSources()) {
    Operation *last = findLastWrite(source, readback);
    if (!start || start->isBeforeInBlock(last))
      start = last;
  }
  return start;
}

//===----------------------------------------------------------------------===//
// Where a value is used
//===----------------------------------------------------------------------===//

namespace {
/// What needs the values of a readback.
struct Uses {
  Operation *first;                   ///< The first op that can not move.
  llvm::SetVector<Operation *> moved; ///< What comes before that.
};
} // namespace

static Uses findUses(ReadbackOp readback) {
  Block *block = readback->getBlock();
  Uses uses = {block->getTerminator(), {}};
  SmallVector<Value> worklist(readback.getValues());
  while (!worklist.empty())
    for (Operation *user : worklist.pop_back_val().getUsers()) {
      // Other blocks are reached through the terminator.
      Operation *ancestor = getAncestor(block, user);
      if (!ancestor)
        continue;
      if (!isMovable(ancestor)) {
        if (ancestor->isBeforeInBlock(uses.first))
          uses.first = ancestor;
      } else if (uses.moved.insert(ancestor)) {
        llvm::append_range(worklist, ancestor->getResults());
      }
    }
  uses.moved.remove_if(
      [&](Operation *op) { return uses.first->isBeforeInBlock(op); });
  return uses;
}

/// Whether something worth it lies between `start` and `uses.first`.
static bool isWorthDeferring(Operation *start, ReadbackOp readback,
                             const Uses &uses) {
  for (Operation *op = start->getNextNode(); op != uses.first;
       op = op->getNextNode())
    if (op != readback && isWorth(op))
      return true;
  return false;
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

static void explain(bool isDeferred, Operation *readback, Operation *user) {
  std::string text;
  llvm::raw_string_ostream(text) << user->getName() << " at " << user->getLoc();
  if (isDeferred)
    remarkDone(readback, "readback-deferred")
        << "other work comes before the host waits"
        << mlir::remark::metric("FirstUse", text);
  else
    remarkRefused(readback, "readback-waits")
        << mlir::remark::reason("nothing can come before the first use")
        << mlir::remark::metric("FirstUse", text);
}

namespace {
struct DeferReadbacks
    : public graphopt::impl::DeferReadbacksBase<DeferReadbacks> {
  using DeferReadbacksBase::DeferReadbacksBase;

  void runOnOperation() override {
    SmallVector<ReadbackOp> readbacks;
    getOperation().walk<WalkOrder::PreOrder>(
        [&](ReadbackOp op) { readbacks.push_back(op); });
    if (asyncResults)
      readbacks = splitReturned(readbacks);
    firstAwait.clear();
    for (ReadbackOp readback : readbacks)
      defer(readback);
  }

private:
  SmallVector<ReadbackOp> splitReturned(ArrayRef<ReadbackOp> readbacks);
  void defer(ReadbackOp readback);

  /// The await in front of those before an op.
  DenseMap<Operation *, Operation *> firstAwait;
};
} // namespace

/// Pattern: %a, %b = readback %x, %y; use(%a); return %b
///       -> %b = readback %y; %a = readback %x; use(%a); return %b
SmallVector<ReadbackOp>
DeferReadbacks::splitReturned(ArrayRef<ReadbackOp> readbacks) {
  SmallVector<ReadbackOp> result;
  for (ReadbackOp readback : readbacks) {
    SmallVector<Value> sources[2], values[2];
    for (auto [source, value] :
         llvm::zip_equal(readback.getSources(), readback.getValues())) {
      bool isReturned = isOnlyReturned(value, readback->getBlock());
      sources[isReturned].push_back(source);
      values[isReturned].push_back(value);
    }
    if (sources[0].empty() || sources[1].empty()) {
      result.push_back(readback);
      continue;
    }
    OpBuilder builder(readback);
    // What nobody here waits for comes first.
    for (int isReturned : {1, 0}) {
      auto part =
          ReadbackOp::create(builder, readback.getLoc(), sources[isReturned]);
      for (auto [from, to] :
           llvm::zip_equal(values[isReturned], part.getValues()))
        from.replaceAllUsesWith(to);
      result.push_back(part);
    }
    readback.erase();
  }
  return result;
}

/// Pattern: %a = readback %x; work; use(%a)
///       -> %p = fetch %x; work; %a = await %p; use(%a)
void DeferReadbacks::defer(ReadbackOp readback) {
  Operation *start = findStart(readback);
  // At its own place a readback starts behind what is there.
  if (start == readback)
    start = readback->getPrevNode();
  Uses uses = findUses(readback);
  bool isHandedOn =
      asyncResults && llvm::all_of(readback.getValues(), [&](Value value) {
        return isOnlyReturned(value, readback->getBlock());
      });
  Operation *after = start ? start : readback;
  bool isDeferred = isHandedOn || isWorthDeferring(after, readback, uses);
  explain(isDeferred, readback, uses.first);
  if (!isDeferred)
    return;

  OpBuilder builder(readback);
  if (start) {
    // Those that start at the same place keep their order.
    while (isa_and_nonnull<FetchOp>(start->getNextNode()))
      start = start->getNextNode();
    builder.setInsertionPointAfter(start);
  }
  auto fetch =
      FetchOp::create(builder, readback.getLoc(), readback.getSources());
  // What was started later is awaited earlier: the one wait serves all.
  Operation *&first = firstAwait[uses.first];
  builder.setInsertionPoint(first ? first : uses.first);
  auto await = AwaitOp::create(builder, readback.getLoc(),
                               fetch.getPending().getType().getValues(),
                               fetch.getPending());
  first = await;
  readback.replaceAllUsesWith(await.getValues());
  firstAwait.erase(readback); // Its address may be another op's from now on.
  readback.erase();
  SmallVector<Operation *> moved = uses.moved.takeVector();
  llvm::sort(moved,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  Operation *last = await;
  for (Operation *op : moved) {
    if (last->isBeforeInBlock(op))
      continue; // It moved with another.
    op->moveAfter(last);
    last = op;
  }
}
