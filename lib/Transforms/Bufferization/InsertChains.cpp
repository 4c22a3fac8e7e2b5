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

/// Adds `alias` and, if it is an element of a list, what else reads that
/// element.
void RegionBufferizer::addVersion(Chain &chain, Alias alias) {
  chain.versions.list.push_back(alias);
  auto get = alias.value.getDefiningOp<GetOp>();
  Value made = get ? get.getSequence() : alias.value;
  auto addUses = [&](Value value) {
    for (Operation *user : value.getUsers()) {
      auto other = dyn_cast<GetOp>(user);
      if (!other) {
        if (numbers.contains(user) && !isa<YieldOp>(user))
          uses[alias.value].push_back({user, numbers.lookup(user), -1});
      } else if (get && other != get && other.getIndex() == get.getIndex()) {
        chain.versions.list.push_back({other, alias.begin, alias.end,
                                       alias.isSource ? alias.next : nullptr,
                                       alias.number, alias.isSource});
      }
    }
  };
  if (get)
    addUses(made);
  if (auto kernel = made.getDefiningOp<KernelOp>())
    addUses(kernel.getBody().front().getTerminator()->getOperand(
        cast<OpResult>(made).getResultNumber()));
}

/// Finds what holds contents that the slices of `chain` change: what they are
/// put into, unless that is an argument's, which is known already, and what
/// slices before them put in.
void RegionBufferizer::findVersions(Chain &chain) {
  int64_t size = cast<ShapedType>(chain.getResult().getType()).getNumElements();
  // In loops nothing else uses what lies between.
  if (!numbers.contains(chain.slices.front().insert))
    return;
  for (auto [i, slice] : llvm::enumerate(chain.slices)) {
    Value dest = slice.insert.getDest();
    if (!uses.contains(dest))
      addVersion(chain, {dest, 0, size, slice.insert, i});
    if (slice.writer)
      addVersion(chain, {getSource(slice.insert), slice.range.begin,
                         slice.range.end, slice.insert, i + 1,
                         /*isSource=*/true});
  }
  findAliases(chain.versions);
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
    Value source = getSource(slice.insert);
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

/// Whether `writer`, where it makes slice `number` of `chain`, is done before
/// `alias`, which holds a version from before that slice, is last read.
bool RegionBufferizer::isVersionReadLater(const Chain &chain, size_t number,
                                          const Alias &alias,
                                          Operation *writer) {
  bool isInMemory = alias.isSource
                        ? chain.slices[alias.number - 1].writer != nullptr
                        : alias.number > 0 || chain.isInPlace;
  if (alias.number > number || !isInMemory || saved.contains(alias.value))
    return false;
  const Slice &slice = chain.slices[number];
  auto [begin, end, contiguous] = slice.range;
  bool isFilled =
      isFilledFirst(writer, slice.place, chain.versions, begin, end);
  return isReadLater({writer, slice.place, begin, end, {}, isFilled}, alias,
                     alias.next);
}

/// Slices that would be written too early, before one that they replace or
/// while old contents are still read, will be copied.
void RegionBufferizer::keepOrder(Chain &chain) {
  auto getPosition = [&](const Slice &slice) {
    return numbers.lookup(slice.writer ? slice.writer : slice.insert);
  };
  for (auto [i, slice] : llvm::enumerate(chain.slices)) {
    if (!slice.writer)
      continue;
    auto [begin, end, contiguous] = slice.range;
    bool isEarly = false, isLater = false;
    for (size_t other : chain.ranges.findOverlapping(begin, end)) {
      isLater |= other < i;
      isEarly |=
          other < i && getPosition(chain.slices[other]) >= getPosition(slice);
    }
    // What stays where a predicate is false must be what is there by then.
    auto map = dyn_cast<MapOp>(slice.writer);
    isEarly |= isLater && map && map.getPredicate();
    for (size_t other : chain.versions.index.findOverlapping(begin, end))
      isEarly =
          isEarly || isVersionReadLater(chain, i, chain.versions.list[other],
                                        slice.writer);
    if (isEarly)
      slice.writer = nullptr;
  }
}

/// Whether `chain`, of which `op` writes first, may be put together where its
/// base is: in an argument's memory that the region overwrites later.
bool RegionBufferizer::mayTakeBase(Chain &chain, Operation *op) {
  Value memref = memory.lookup(chain.getBase()).front();
  return aliases.contains(memref) && llvm::is_contained(resultMemory, memref) &&
         chain.getResult().getParentBlock() == graph.getBodyBlock() &&
         fits(chain, memref, op);
}

/// What lies between the slices of `chain` and comes out of it holds contents
/// of the argument's memory that it took.
void RegionBufferizer::addAliases(Chain &chain) {
  Aliases made;
  int64_t size = cast<ShapedType>(chain.getResult().getType()).getNumElements();
  made.list.push_back({chain.getResult(), 0, size});
  findAliases(made);
  for (const Alias &alias : chain.versions.list)
    if (alias.isSource ? chain.slices[alias.number - 1].writer != nullptr
                       : alias.number > 0)
      made.list.push_back(alias);
  Aliases &all = aliases[chain.target];
  for (Alias alias : made.list) {
    alias.chain = chain.slices.front().insert;
    all.index.insert(alias.begin, alias.end, all.list.size());
    all.list.push_back(alias);
  }
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

/// Copies what `value` holds, before `insert` overwrites some of it.
void RegionBufferizer::save(Operation *insert, Value value) {
  saved.insert(value);
  // What is not there yet is a view of what is.
  while (!memory.contains(value))
    value = value.getDefiningOp()->getOperand(0);
  for (Value &part : memory[value]) {
    Value old = part;
    part = allocate(insert->getLoc(), cast<ShapedType>(old.getType()));
    copy(insert->getLoc(), old, part);
  }
  for (OpOperand &use : value.getUses())
    if (auto list = dyn_cast<PackOp>(use.getOwner()))
      if (auto it = memory.find(list); it != memory.end())
        it->second[use.getOperandNumber()] = memory[value].front();
  remarkRefused(insert, "old-contents-kept")
      << "the slice overwrites what is read later";
}

/// Copies what slice `number` of `chain` is about to overwrite and is read
/// later.
void RegionBufferizer::saveOldContents(Chain &chain, size_t number) {
  Slice &slice = chain.slices[number];
  auto [begin, end, contiguous] = slice.range;
  Operation *insert = slice.insert;
  for (size_t i : chain.versions.index.findOverlapping(begin, end)) {
    const Alias &alias = chain.versions.list[i];
    if (isVersionReadLater(chain, number, alias, insert))
      save(insert, alias.value);
  }
  BufferRange whole = getBufferRange(chain.target);
  auto held = aliases.find(whole.root);
  if (held == aliases.end() || !numbers.contains(insert))
    return;
  int64_t start = *whole.begin - *getBufferRange(whole.root).begin;
  Write write = {insert, {}, start + begin, start + end, whole, false};
  for (size_t i : held->second.index.findOverlapping(write.begin, write.end)) {
    const Alias &alias = held->second.list[i];
    if (!saved.contains(alias.value) &&
        isReadLater(write, alias, chain.slices.front().insert))
      save(insert, alias.value);
  }
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
