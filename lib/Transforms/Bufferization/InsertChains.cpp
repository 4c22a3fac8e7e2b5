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

/// Only what a map or a structured op of the same block makes can be owned.
Value RegionBufferizer::getOwnedBase(Chain &chain) {
  Value base = chain.getBase();
  auto get = base.getDefiningOp<GetOp>();
  Operation *def =
      get ? get.getSequence().getDefiningOp() : base.getDefiningOp();
  if (chain.covers || !base.hasOneUse() || !def ||
      def->getBlock() != chain.getResult().getParentBlock())
    return {};
  bool isOwned = isa<linalg::LinalgOp>(def);
  if (get)
    isOwned =
        isa<MapOp>(def) &&
        llvm::all_of(get.getSequence().getUsers(), [&](Operation *user) {
          auto other = dyn_cast<GetOp>(user);
          return other && (other == get || other.getIndex() != get.getIndex());
        });
  return isOwned ? base : Value();
}

/// Finds which slices may be computed in their place: those in one piece that
/// overlap no other and are made by one op of the same block.
void RegionBufferizer::planSlices(Chain &chain) {
  Block *block = chain.getResult().getParentBlock();
  int64_t number = chains.size() - 1;
  SmallVector<int64_t> order;
  for (auto [i, slice] : llvm::enumerate(chain.slices))
    if (slice.range.begin < slice.range.end)
      order.push_back(i);
  llvm::stable_sort(order, [&](int64_t a, int64_t b) {
    return chain.slices[a].range.begin < chain.slices[b].range.begin;
  });
  DenseSet<int64_t> overlapping;
  int64_t furthest = -1, end = 0, covered = 0;
  for (int64_t i : order) {
    const SliceRange &range = chain.slices[i].range;
    if (furthest >= 0 && range.begin < end)
      overlapping.insert_range(std::array{i, furthest});
    if (range.contiguous)
      covered += range.end - range.begin;
    if (furthest < 0 || range.end > end) {
      furthest = i;
      end = range.end;
    }
  }
  chain.covers =
      overlapping.empty() &&
      covered == cast<ShapedType>(chain.getResult().getType()).getNumElements();

  for (auto [i, slice] : llvm::enumerate(chain.slices)) {
    if (!slice.range.contiguous || overlapping.contains(i))
      continue;
    Value source = slice.insert.getSource();
    while (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(
        source.getDefiningOp()))
      source = source.getDefiningOp()->getOperand(0);
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

/// Finds the chains of the region.
void RegionBufferizer::planChains() {
  graph.walk([&](tensor::InsertSliceOp first) {
    auto before = first.getDest().getDefiningOp<tensor::InsertSliceOp>();
    if (before && getNextInsert(before) == first)
      return;
    Chain &chain = chains.emplace_back();
    for (auto insert = first; insert; insert = getNextInsert(insert)) {
      chainOf[insert] = chains.size() - 1;
      auto range = getSliceRange(insert, insert.getDestType().getShape());
      // A region holds static slices only.
      chain.slices.push_back({insert, range.value_or(SliceRange{}), {}});
    }
    planSlices(chain);
  });
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

/// Whether `chain`, of which `op` writes first, may be put together in
/// `memref`. Slices that may not be written early will be copied.
bool RegionBufferizer::fits(Chain &chain, Value memref, Operation *op) {
  Operation *head = chain.slices.front().insert;
  Value base = chain.getBase();
  BufferRange whole = getBufferRange(memref);
  bool isThere = chain.covers || base.getDefiningOp<tensor::EmptyOp>() ||
                 isSameMemory(memory.lookup(base).front(), memref);
  if (!isThere && !canOverwrite(op, {}, whole, head))
    return false;
  SmallVector<Operation *> writers;
  for (Slice &slice : chain.slices) {
    BufferRange part = whole;
    if (part.begin) {
      part.end = *whole.begin + slice.range.end;
      part.begin = *whole.begin + slice.range.begin;
    }
    if (slice.writer && canOverwrite(slice.writer, slice.place, part, head))
      writers.push_back(slice.writer);
    else if (canOverwrite(slice.insert, {}, part, head))
      writers.push_back(nullptr);
    else
      return false;
  }
  for (auto [slice, writer] : llvm::zip_equal(chain.slices, writers))
    slice.writer = writer;
  return true;
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
  if (!target && getOwnedBase(chain) &&
      memory.lookup(base).front().getDefiningOp<memref::AllocOp>())
    target = memory.lookup(base).front();
  if (!target)
    target = allocate(op->getLoc(), type);
  if (needsBase)
    copy(op->getLoc(), memory.lookup(base).front(), target);
  chain.target = target;
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
  if (!slice.writer || !startChain(chain, op) || !slice.writer)
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
  Chain &chain = chains[chainOf.lookup(op)];
  if (!startChain(chain, op))
    return op.emitOpError("is used before what it changes");
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
