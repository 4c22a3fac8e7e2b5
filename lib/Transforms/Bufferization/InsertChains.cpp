//===- InsertChains.cpp - Tensors that are put together from slices -------===//
//
// Gives one memory to each chain of insert_slice ops, and lets what makes the
// slices write there.
//
//===----------------------------------------------------------------------===//

#include "RegionBufferizer.h"

#include "GraphOpt/Analysis/Remarks.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Plan
//===----------------------------------------------------------------------===//

/// The op of `block` that is `op` or the kernel around it; null if there is
/// none.
static Operation *getPeer(Operation *op, Block *block) {
  if (auto kernel = dyn_cast<KernelOp>(op->getParentOp()))
    op = kernel;
  return op->getBlock() == block ? op : nullptr;
}

/// Only what a map, a kernel or a structured op of the same block makes can be
/// owned.
Value RegionBufferizer::getOwnedBase(Chain &chain) {
  Value base = chain.getBase();
  auto get = base.getDefiningOp<GetOp>();
  Value made = get ? get.getSequence() : base;
  Operation *def = made.getDefiningOp();
  if (chain.covers || !def ||
      def->getBlock() != chain.getResult().getParentBlock())
    return {};
  // What is yielded twice is two results in one memory.
  if (auto kernel = dyn_cast<KernelOp>(def)) {
    OperandRange yielded =
        kernel.getBody().front().getTerminator()->getOperands();
    Value inner = yielded[cast<OpResult>(made).getResultNumber()];
    return llvm::count(yielded, inner) == 1 ? base : Value();
  }
  return isa<MapOp, linalg::LinalgOp>(def) ? base : Value();
}

/// What `insert` puts in, less what changes its shape.
static Value getSource(tensor::InsertSliceOp insert) {
  Value source = insert.getSource();
  while (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(
      source.getDefiningOp()))
    source = source.getDefiningOp()->getOperand(0);
  return source;
}

/// Whether `parts` are all of `numElements` elements.
static bool coversAll(SmallVector<std::pair<int64_t, int64_t>> parts,
                      int64_t numElements) {
  llvm::sort(parts);
  int64_t end = 0;
  for (auto [begin, partEnd] : parts) {
    if (begin > end)
      return false;
    end = std::max(end, partEnd);
  }
  return end == numElements;
}

/// Finds which slices may be computed in their place: those in one piece that
/// are made by one op of the same block.
void RegionBufferizer::planSlices(Chain &chain) {
  Block *block = chain.getResult().getParentBlock();
  int64_t number = chains.size() - 1;
  SmallVector<std::pair<int64_t, int64_t>> parts;
  bool isRead = false;
  for (auto [i, slice] : llvm::enumerate(chain.slices)) {
    chain.ranges.insert(slice.range.begin, slice.range.end, i);
    isRead |= i > 0 && !slice.insert.getDest().hasOneUse();
    if (slice.range.contiguous && !isRead)
      parts.push_back({slice.range.begin, slice.range.end});
  }
  chain.covers =
      coversAll(std::move(parts),
                cast<ShapedType>(chain.getResult().getType()).getNumElements());

  for (auto [i, slice] : llvm::enumerate(chain.slices)) {
    if (!slice.range.contiguous)
      continue;
    Value source = slice.source = getSource(slice.insert);
    slice.place = {source, 0};
    if (auto get = source.getDefiningOp<GetOp>())
      slice.place = {get.getSequence(), get.getIndex()};
    if (auto kernel = slice.place.first.getDefiningOp<KernelOp>())
      slice.place.first = kernel.getBody().front().getTerminator()->getOperand(
          cast<OpResult>(slice.place.first).getResultNumber());
    Operation *writer = slice.place.first.getDefiningOp();
    bool isWork = isa_and_nonnull<MapOp, ReduceOp, ScalarOp, tseq::IfOp,
                                  linalg::LinalgOp>(writer);
    if (isWork && getPeer(writer, block) &&
        sliceOf.try_emplace(slice.place, number, i).second)
      slice.writer = writer;
  }
}

/// Pattern: a = insert_slice x, t [0] [4] [1]; b = insert_slice y, t [0] [4]
/// [1]
///       -> a = insert_slice x, t [0] [4] [1]; b = insert_slice y, a [0] [4]
///       [1]
/// Slices that replace all that one before has put into the same tensor go on
/// with that one, so that all have one memory.
void RegionBufferizer::linkForks() {
  llvm::MapVector<Value, SmallVector<tensor::InsertSliceOp>> inserts;
  graph.walk([&](tensor::InsertSliceOp insert) {
    inserts[insert.getDest()].push_back(insert);
  });
  for (auto &[dest, users] : inserts)
    for (size_t i = 1; i < users.size(); ++i) {
      tensor::InsertSliceOp last = users[i - 1], next = users[i];
      SliceRelation relation = getSliceRelation(last, next);
      if (last->getBlock() == next->getBlock() && !getNextVersion(last) &&
          (relation == SliceRelation::Same ||
           relation == SliceRelation::Inside))
        next.getDestMutable().assign(last.getResult());
    }
}

/// Finds the chains of the region. In loops, whose ops have no order, nothing
/// else uses what lies between two slices.
void RegionBufferizer::planChains() {
  auto getNext = [&](tensor::InsertSliceOp insert) {
    return numbers.contains(insert) ? getNextVersion(insert)
                                    : getNextInsert(insert);
  };
  graph.walk([&](tensor::InsertSliceOp first) {
    auto before = first.getDest().getDefiningOp<tensor::InsertSliceOp>();
    if (before && getNext(before) == first)
      return;
    Chain &chain = chains.emplace_back();
    for (auto insert = first; insert; insert = getNext(insert)) {
      chainOf[insert] = {chains.size() - 1, chain.slices.size()};
      auto range = getSliceRange(insert, insert.getDestType().getShape());
      // A region holds static slices only.
      chain.slices.push_back({insert, range.value_or(SliceRange{}), {}});
    }
    planSlices(chain);
    findVersions(chain);
  });
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// Whether `chain`, of which `op` writes first, may be put together in
/// `memref`. Slices that may not be written early will be copied, and so will
/// what they overwrite and is read later.
bool RegionBufferizer::fits(Chain &chain, Value memref, Operation *op) {
  Operation *head = chain.slices.front().insert;
  Value base = chain.getBase();
  BufferRange whole = getBufferRange(memref);
  bool isThere = chain.covers || base.getDefiningOp<tensor::EmptyOp>() ||
                 isSameMemory(memory.lookup(base).front(), memref);
  if (!isThere && !canOverwrite(op, {}, whole, head))
    return false;
  // What a branch saves is there only if it is taken.
  bool canSave = head->getBlock() == graph.getBodyBlock();
  SmallVector<Operation *> writers;
  for (Slice &slice : chain.slices) {
    BufferRange part = whole;
    if (part.begin) {
      part.end = *whole.begin + slice.range.end;
      part.begin = *whole.begin + slice.range.begin;
    }
    if (slice.writer && canOverwrite(slice.writer, slice.place, part, head))
      writers.push_back(slice.writer);
    else if (canSave || canOverwrite(slice.insert, {}, part, head))
      writers.push_back(nullptr);
    else
      return false;
  }
  for (auto [slice, writer] : llvm::zip_equal(chain.slices, writers))
    slice.writer = writer;
  return true;
}

/// Whether `chain`, of which `op` writes first, may be put together where its
/// base is: in an argument's memory that the region overwrites later.
bool RegionBufferizer::mayTakeBase(Chain &chain, Operation *op) {
  Value memref = memory.lookup(chain.getBase()).front();
  return aliases.contains(memref) && llvm::is_contained(resultMemory, memref) &&
         chain.getResult().getParentBlock() == graph.getBodyBlock() &&
         fits(chain, memref, op);
}

/// Chooses the memory of `chain` before `op` writes to it. Fails if what the
/// slices are put into is not known yet.
bool RegionBufferizer::startChain(Chain &chain, Operation *op) {
  if (chain.target)
    return true;
  Value base = chain.getBase();
  bool needsBase = !chain.covers && !base.getDefiningOp<tensor::EmptyOp>();
  if (needsBase && !memory.contains(base))
    return false;
  OpBuilder::InsertionGuard guard(builder);
  if (auto kernel = dyn_cast<KernelOp>(builder.getBlock()->getParentOp()))
    builder.setInsertionPoint(kernel);

  Block *block = chain.getResult().getParentBlock();
  Operation *peer = getPeer(op, block);
  auto type = cast<ShapedType>(chain.getResult().getType());
  Value target = wanted.lookup({chain.getResult(), 0});
  if (target &&
      (cast<MemRefType>(target.getType()).getShape() != type.getShape() ||
       !fits(chain, target, peer)))
    target = {};
  bool takesBase = !target && needsBase && mayTakeBase(chain, peer);
  if (takesBase)
    target = memory.lookup(base).front();
  if (!target && getOwnedBase(chain) &&
      memory.lookup(base).front().getDefiningOp<memref::AllocOp>())
    target = memory.lookup(base).front();
  if (!target)
    target = allocate(op->getLoc(), type);
  chain.target = target;
  if (needsBase) {
    chain.isInPlace = isSameMemory(memory.lookup(base).front(), target);
    copy(op->getLoc(), memory.lookup(base).front(), target);
  }
  keepOrder(chain);
  if (takesBase)
    addAliases(chain);
  return true;
}

/// Memory for `place`, which `op` makes, in the tensor that it is put into;
/// null if it must be copied there.
Value RegionBufferizer::getSliceMemory(Place place, Operation *op) {
  auto it = sliceOf.find(place);
  if (it == sliceOf.end())
    return {};
  Chain &chain = chains[it->second.first];
  Slice &slice = chain.slices[it->second.second];
  if (!slice.writer)
    return {};
  if (!startChain(chain, op)) {
    slice.writer = nullptr;
    return {};
  }
  if (!slice.writer)
    return {};
  Type type = place.first.getType();
  if (auto seq = dyn_cast<SeqType>(type))
    type = seq.getElements()[place.second];
  OpBuilder::InsertionGuard guard(builder);
  if (auto kernel = dyn_cast<KernelOp>(builder.getBlock()->getParentOp()))
    builder.setInsertionPoint(kernel);
  return makeView(op->getLoc(), chain.target, slice.range.begin,
                  cast<ShapedType>(type));
}

LogicalResult RegionBufferizer::rewrite(tensor::InsertSliceOp op) {
  auto [number, index] = chainOf.lookup(op);
  Chain &chain = chains[number];
  if (!startChain(chain, op))
    return op.emitOpError("is used before what it changes");
  if (!chain.slices[index].writer)
    saveOldContents(chain, index);
  memory[op] = {chain.target};
  MemRefType type = memref::SubViewOp::inferRankReducedResultType(
      op.getSourceType().getShape(), cast<MemRefType>(chain.target.getType()),
      op.getMixedOffsets(), op.getMixedSizes(), op.getMixedStrides());
  Value view = memref::SubViewOp::create(
      builder, op.getLoc(), type, chain.target, op.getMixedOffsets(),
      op.getMixedSizes(), op.getMixedStrides());
  Value source = memory.lookup(op.getSource()).front();
  if (!isSameMemory(source, view))
    remarkRefused(op, "slice-copied")
        << "the slice is not computed in its place: it has gaps, overlaps "
           "another one or what is read, or is needed elsewhere";
  copy(op.getLoc(), source, view);
  return success();
}
