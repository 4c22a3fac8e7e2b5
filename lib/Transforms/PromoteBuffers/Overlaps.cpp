//===- Overlaps.cpp - Views that overlap as slices of one tensor ----------===//
//
// Finds the reads and writes of a block that go through views of one buffer
// that overlap, and gives the part of the buffer that they cover one value
// after the other.
//
//===----------------------------------------------------------------------===//

#include "Overlaps.h"

#include "GraphOpt/Analysis/BufferRange.h"
#include "GraphOpt/Analysis/Remarks.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SmallVectorExtras.h"

using namespace mlir;
using namespace graphopt;
using bufferization::MaterializeInDestinationOp;
using bufferization::ToTensorOp;

namespace {
/// One read or write of a buffer as a tensor.
struct Access {
  Operation *op;
  Value memref;
  int64_t begin, end; ///< In elements of the buffer.
  bool isWrite() const { return isa<MaterializeInDestinationOp>(op); }
};

/// Where a view lies in the tensor that stands for the buffer.
struct Window {
  SmallVector<OpFoldResult> offsets, sizes, strides;
};

/// The value of a part of a buffer, from op to op.
class Contents {
public:
  virtual ~Contents() = default;
  /// Replaces `access` by slices.
  void promote(const Access &access);
  /// Writes what is not in memory yet before `op`.
  void flush(Operation *op);

protected:
  explicit Contents(Value base) : base(base) {}
  /// What `memref` holds where the buffer holds `whole`.
  virtual Value take(OpBuilder &builder, Location loc, Value whole,
                     Value memref) = 0;
  /// What the buffer holds once `memref` holds `part`.
  virtual Value put(OpBuilder &builder, Location loc, Value part, Value whole,
                    Value memref) = 0;

  Value base; ///< The memref that is read and written instead.

private:
  Value current; ///< What `base` holds, or will.
  Location dirtyLoc = base.getLoc();
  bool isDirty = false;
};

/// Views of one piece each: slices of a tensor of rank 1.
class FlatContents : public Contents {
public:
  FlatContents(Value base, int64_t begin) : Contents(base), begin(begin) {}

private:
  Value take(OpBuilder &builder, Location loc, Value whole,
             Value memref) override;
  Value put(OpBuilder &builder, Location loc, Value part, Value whole,
            Value memref) override;
  Window getWindow(Builder &builder, Value memref);

  int64_t begin; ///< The buffer's element that is the first of `base`.
};

/// Subviews of a buffer of any rank.
class ShapedContents : public Contents {
public:
  explicit ShapedContents(Value base) : Contents(base) {}

private:
  Value take(OpBuilder &builder, Location loc, Value whole,
             Value memref) override;
  Value put(OpBuilder &builder, Location loc, Value part, Value whole,
            Value memref) override;
};
} // namespace

//===----------------------------------------------------------------------===//
// Contents
//===----------------------------------------------------------------------===//

void Contents::promote(const Access &access) {
  OpBuilder builder(access.op);
  Location loc = access.op->getLoc();
  if (!current)
    current = ToTensorOp::create(
        builder, loc, memref::getTensorTypeFromMemRefType(base.getType()), base,
        /*restrict=*/true, /*writable=*/true);
  if (auto write = dyn_cast<MaterializeInDestinationOp>(access.op)) {
    current = put(builder, loc, write.getSource(), current, access.memref);
    isDirty = true;
    dirtyLoc = loc;
  } else {
    access.op->getResult(0).replaceAllUsesWith(
        take(builder, loc, current, access.memref));
  }
  access.op->erase();
}

void Contents::flush(Operation *op) {
  if (!isDirty)
    return;
  OpBuilder builder(op);
  MaterializeInDestinationOp::create(builder, dirtyLoc, TypeRange(), current,
                                     base, /*restrict=*/true,
                                     /*writable=*/true);
  isDirty = false;
}

/// The dimensions of a tensor of rank `rank` as one group, or none.
static SmallVector<ReassociationIndices> getAllDims(int64_t rank) {
  if (rank == 0)
    return {};
  return {llvm::to_vector(llvm::seq<int64_t>(rank))};
}

Window FlatContents::getWindow(Builder &builder, Value memref) {
  BufferRange range = getBufferRange(memref);
  return {{builder.getIndexAttr(*range.begin - begin)},
          {builder.getIndexAttr(*range.end - *range.begin)},
          {builder.getIndexAttr(1)}};
}

Value FlatContents::take(OpBuilder &builder, Location loc, Value whole,
                         Value memref) {
  int64_t size = cast<RankedTensorType>(whole.getType()).getNumElements();
  Window window = getWindow(builder, memref);
  Value part = whole;
  if (size != cast<MemRefType>(memref.getType()).getNumElements())
    part = tensor::ExtractSliceOp::create(builder, loc, whole, window.offsets,
                                          window.sizes, window.strides);
  auto type = cast<RankedTensorType>(
      memref::getTensorTypeFromMemRefType(memref.getType()));
  if (type.getRank() == 1)
    return part;
  auto dims = getAllDims(type.getRank());
  if (type.getRank() == 0)
    return tensor::CollapseShapeOp::create(builder, loc, type, part, dims);
  return tensor::ExpandShapeOp::create(builder, loc, type, part, dims);
}

Value FlatContents::put(OpBuilder &builder, Location loc, Value part,
                        Value whole, Value memref) {
  auto type = cast<RankedTensorType>(part.getType());
  auto flat =
      RankedTensorType::get(type.getNumElements(), type.getElementType());
  auto dims = getAllDims(type.getRank());
  if (type.getRank() == 0)
    part = tensor::ExpandShapeOp::create(builder, loc, flat, part, dims);
  else if (type.getRank() > 1)
    part = tensor::CollapseShapeOp::create(builder, loc, flat, part, dims);
  if (flat == whole.getType())
    return part;
  Window window = getWindow(builder, memref);
  return tensor::InsertSliceOp::create(
      builder, loc, part, whole, window.offsets, window.sizes, window.strides);
}

static Window getWindow(memref::SubViewOp view) {
  return {view.getMixedOffsets(), view.getMixedSizes(), view.getMixedStrides()};
}

Value ShapedContents::take(OpBuilder &builder, Location loc, Value whole,
                           Value memref) {
  if (memref == base)
    return whole;
  Window window = ::getWindow(memref.getDefiningOp<memref::SubViewOp>());
  auto type = cast<RankedTensorType>(
      memref::getTensorTypeFromMemRefType(memref.getType()));
  return tensor::ExtractSliceOp::create(
      builder, loc, type, whole, window.offsets, window.sizes, window.strides);
}

Value ShapedContents::put(OpBuilder &builder, Location loc, Value part,
                          Value whole, Value memref) {
  if (memref == base)
    return part;
  Window window = ::getWindow(memref.getDefiningOp<memref::SubViewOp>());
  return tensor::InsertSliceOp::create(
      builder, loc, part, whole, window.offsets, window.sizes, window.strides);
}

//===----------------------------------------------------------------------===//
// Search
//===----------------------------------------------------------------------===//

static bool isAccess(Operation *op) {
  return isa<ToTensorOp, MaterializeInDestinationOp>(op);
}

/// The access that `op` is, if its view is static and holds an element.
static std::optional<Access> getAccess(Operation *op) {
  Value memref;
  if (auto read = dyn_cast<ToTensorOp>(op))
    memref = read.getBuffer();
  else if (auto write = dyn_cast<MaterializeInDestinationOp>(op)) {
    memref = write.getDest();
    // What is put into a slice must have its shape.
    if (write.getSource().getType() !=
        memref::getTensorTypeFromMemRefType(memref.getType()))
      return std::nullopt;
  }
  auto type = memref ? dyn_cast<MemRefType>(memref.getType()) : MemRefType();
  if (!type || !type.hasStaticShape() || type.getNumElements() == 0)
    return std::nullopt;
  BufferRange range = getBufferRange(memref);
  if (!range.begin)
    return std::nullopt;
  return Access{op, memref, *range.begin, *range.end};
}

/// Whether views that overlap are among `accesses`, and one is written.
static bool needsJoining(ArrayRef<Access> accesses) {
  return llvm::any_of(accesses, [](const Access &a) { return a.isWrite(); }) &&
         llvm::any_of(accesses, [&](const Access &a) {
           return a.memref != accesses.front().memref;
         });
}

/// Whether `memref` is `root`, or a subview of it that is known at compile
/// time.
static bool isSubView(Value memref, Value root) {
  if (memref == root)
    return true;
  auto view = memref.getDefiningOp<memref::SubViewOp>();
  return view && view.getSource() == root && view->getNumOperands() == 1;
}

/// The elements [begin, end) of `root` as a memref of rank 1.
static Value makeFlatView(OpBuilder &builder, Value root, int64_t begin,
                          int64_t end) {
  auto type = cast<MemRefType>(root.getType());
  if (type.getRank() == 1 && type.getLayout().isIdentity() && begin == 0 &&
      type.getNumElements() == end)
    return root;
  auto flat =
      MemRefType::get(end - begin, type.getElementType(),
                      StridedLayoutAttr::get(builder.getContext(), begin, 1),
                      type.getMemorySpace());
  return memref::ReinterpretCastOp::create(
      builder, root.getLoc(), flat, root, begin, ArrayRef<int64_t>{end - begin},
      ArrayRef<int64_t>{1});
}

namespace {
/// A part of a buffer that views cover: the memref that takes their place and,
/// if they are slices of a tensor of rank 1, its first element.
struct Group {
  Value base;
  std::optional<int64_t> begin;
};

/// Stretches of blocks in which nothing but their accesses touches memory, of
/// one block or of the two sides of a branch. All have the same groups.
class Stretches {
public:
  void add(Operation &op);
  /// Ends a stretch; `end` comes after it.
  void end(Operation *end);
  void promote();

private:
  void join(Value root, ArrayRef<Access> accesses);
  void joinFlat(Value root, MutableArrayRef<Access> accesses);
  void addGroup(Group group, ArrayRef<Access> accesses);

  llvm::MapVector<Value, SmallVector<Access>> roots;
  /// Buffers of which something is not known.
  DenseSet<Value> refused;
  /// Whether all accesses say that no other pointer reaches their buffer.
  bool isRestrict = true;
  SmallVector<Group> groups;
  /// The group of each access that belongs to one.
  DenseMap<Operation *, std::pair<size_t, Access>> groupOf;
  /// Accesses, the ops that the host may wait at, and null and the op behind it
  /// where a stretch ends, in order.
  SmallVector<std::pair<Operation *, Operation *>> order;
};
} // namespace

void Stretches::add(Operation &op) {
  if (isa<tensor::ExtractOp>(op) || op.getNumRegions() > 0)
    order.push_back({&op, nullptr});
  Value memref;
  if (auto read = dyn_cast<ToTensorOp>(op)) {
    memref = read.getBuffer();
    isRestrict &= read.getRestrict();
  } else if (auto write = dyn_cast<MaterializeInDestinationOp>(op)) {
    memref = write.getDest();
    isRestrict &= write.getRestrict();
  }
  if (!memref || !isa<BaseMemRefType>(memref.getType()))
    return;
  if (std::optional<Access> access = getAccess(&op)) {
    roots[getBufferRange(memref).root].push_back(*access);
    order.push_back({&op, nullptr});
  } else {
    refused.insert(getBufferRange(memref).root);
  }
}

void Stretches::end(Operation *end) { order.push_back({nullptr, end}); }

void Stretches::addGroup(Group group, ArrayRef<Access> accesses) {
  for (const Access &access : accesses)
    groupOf.insert({access.op, {groups.size(), access}});
  groups.push_back(group);
}

/// Joins those of `accesses`, all of views in one piece of `root`, that
/// overlap.
void Stretches::joinFlat(Value root, MutableArrayRef<Access> accesses) {
  llvm::stable_sort(accesses, [](const Access &a, const Access &b) {
    return a.begin < b.begin;
  });
  while (!accesses.empty()) {
    size_t count = 0;
    int64_t begin = accesses.front().begin, end = accesses.front().end;
    for (;
         count < accesses.size() && (count == 0 || accesses[count].begin < end);
         ++count)
      end = std::max(end, accesses[count].end);
    ArrayRef<Access> overlapping = accesses.take_front(count);
    if (needsJoining(overlapping)) {
      OpBuilder builder(root.getContext());
      builder.setInsertionPointAfterValue(root);
      addGroup({makeFlatView(builder, root, begin, end), begin}, overlapping);
    }
    accesses = accesses.drop_front(count);
  }
}

void Stretches::join(Value root, ArrayRef<Access> accesses) {
  auto type = dyn_cast<MemRefType>(root.getType());
  if (refused.contains(root) || !type || !needsJoining(accesses))
    return;
  if (llvm::all_of(accesses, [](const Access &access) {
        return isContiguous(cast<MemRefType>(access.memref.getType()));
      })) {
    SmallVector<Access> sorted(accesses);
    joinFlat(root, sorted);
    return;
  }
  if (type.hasStaticShape() && type.getLayout().isIdentity() &&
      llvm::all_of(accesses, [&](const Access &access) {
        return isSubView(access.memref, root);
      }))
    addGroup({root, std::nullopt}, accesses);
}

static std::unique_ptr<Contents> makeContents(const Group &group) {
  if (group.begin)
    return std::make_unique<FlatContents>(group.base, *group.begin);
  return std::make_unique<ShapedContents>(group.base);
}

void Stretches::promote() {
  if (isRestrict)
    for (auto &[root, accesses] : roots)
      join(root, accesses);
  llvm::MapVector<size_t, std::unique_ptr<Contents>> contents;
  auto flush = [&](Operation *op) {
    for (auto &[number, value] : contents)
      value->flush(op);
  };
  for (auto [op, end] : order) {
    if (end) {
      flush(end);
      contents.clear();
      continue;
    }
    auto it = groupOf.find(op);
    if (it == groupOf.end()) {
      // Where the host waits, what is not in memory would be copied there.
      if (!isAccess(op))
        flush(op);
      continue;
    }
    auto &[number, access] = it->second;
    std::unique_ptr<Contents> &value = contents[number];
    if (!value)
      value = makeContents(groups[number]);
    remarkDone(op, "views-joined")
        << "views of this buffer overlap: they are slices of one tensor";
    value->promote(access);
  }
}

static bool touchesMemory(Operation &op) {
  return !isAccess(&op) && !op.hasTrait<OpTrait::IsTerminator>() &&
         !isMemoryEffectFree(&op);
}

void graphopt::promoteOverlaps(Block &block) {
  if (block.empty() || !block.back().hasTrait<OpTrait::IsTerminator>())
    return;
  auto stretch = std::make_unique<Stretches>();
  auto finish = [&](Operation *end) {
    stretch->end(end);
    stretch->promote();
    stretch = std::make_unique<Stretches>();
  };
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (touchesMemory(op) || &op == &block.back())
      finish(&op);
    else
      stretch->add(op);
  }
}

void graphopt::promoteOverlaps(scf::IfOp branch) {
  SmallVector<Block *> sides;
  for (Region &region : branch->getRegions())
    for (Block &block : region)
      sides.push_back(&block);
  if (llvm::any_of(sides, [](Block *block) {
        return llvm::any_of(*block, touchesMemory);
      })) {
    for (Block *block : sides)
      promoteOverlaps(*block);
    return;
  }
  Stretches both;
  for (Block *block : sides) {
    for (Operation &op : block->without_terminator())
      both.add(op);
    both.end(block->getTerminator());
  }
  both.promote();
}
