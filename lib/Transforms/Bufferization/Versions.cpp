//===- Versions.cpp - What lies between the slices of a chain -------------===//
//
// Keeps what is read of a tensor that slices are put into, one version after
// the other in one memory: slices are written after the last read of what they
// replace, or what is read later is copied.
//
//===----------------------------------------------------------------------===//

#include "RegionBufferizer.h"

#include "GraphOpt/Analysis/Remarks.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Search
//===----------------------------------------------------------------------===//

/// Adds `alias` and, if it is an element of a list, what else reads that
/// element.
void RegionBufferizer::addVersion(Chain &chain, Alias alias) {
  chain.versions.list.push_back(alias);
  auto get = alias.value.getDefiningOp<GetOp>();
  Value made = get ? get.getSequence() : alias.value;
  // Of a long list all elements ask.
  auto getUsers = [&](Value value) -> const ListUsers & {
    auto [it, isNew] = listUsers.try_emplace(value);
    if (isNew)
      for (Operation *user : value.getUsers()) {
        if (auto other = dyn_cast<GetOp>(user))
          it->second.gets[other.getIndex()].push_back(other);
        else if (numbers.contains(user) && !isa<YieldOp>(user))
          it->second.readers.push_back(user);
      }
    return it->second;
  };
  auto addReaders = [&](Value value) {
    for (Operation *user : getUsers(value).readers)
      uses[alias.value].push_back({user, numbers.lookup(user), -1});
  };
  if (get) {
    addReaders(made);
    for (Operation *other : getUsers(made).gets.lookup(get.getIndex()))
      if (other != get)
        chain.versions.list.push_back({other->getResult(0), alias.begin,
                                       alias.end,
                                       alias.isSource ? alias.next : nullptr,
                                       alias.number, alias.isSource});
  }
  if (auto kernel = made.getDefiningOp<KernelOp>())
    addReaders(kernel.getBody().front().getTerminator()->getOperand(
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
      addVersion(chain, {slice.source, slice.range.begin, slice.range.end,
                         slice.insert, i + 1,
                         /*isSource=*/true});
  }
  findAliases(chain.versions);
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

//===----------------------------------------------------------------------===//
// Order
//===----------------------------------------------------------------------===//

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
  // Lists that it is an element of are read as such.
  SmallVector<Value> elements = {value};
  if (auto get = value.getDefiningOp<GetOp>()) {
    memory[get.getSequence()][get.getIndex()] = memory[get].front();
    for (Operation *user : get.getSequence().getUsers())
      if (auto other = dyn_cast<GetOp>(user);
          other && other != get && other.getIndex() == get.getIndex() &&
          memory.contains(other)) {
        memory[other] = memory[get];
        saved.insert(other);
        elements.push_back(other);
      }
  }
  for (Value element : elements)
    for (OpOperand &use : element.getUses())
      if (auto list = dyn_cast<PackOp>(use.getOwner()))
        if (auto it = memory.find(list); it != memory.end())
          it->second[use.getOperandNumber()] = memory[element].front();
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
