//===- PromoteBuffers.cpp - Values for the caller's buffers ---------------===//
//
// Forwards written tensors to later reads of the same buffer and moves writes
// out of scf.if, so that later passes see values instead of memory.
//
//===----------------------------------------------------------------------===//

#include "PromoteBuffers/Overlaps.h"

#include "GraphOpt/Analysis/BufferIndex.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/MapVector.h"

namespace graphopt {
#define GEN_PASS_DEF_PROMOTEBUFFERS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;
using bufferization::MaterializeInDestinationOp;
using bufferization::ToTensorOp;

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

/// The memref that `op` writes a tensor to, if it is such a write.
static Value getWrittenBuffer(Operation *op) {
  auto write = dyn_cast<MaterializeInDestinationOp>(op);
  if (write && isa<MemRefType>(write.getDest().getType()))
    return write.getDest();
  return {};
}

/// Whether reads and writes say that no other pointer reaches the buffer.
static bool isRestrict(Operation *op) {
  if (auto read = dyn_cast<ToTensorOp>(op))
    return read.getRestrict();
  return cast<MaterializeInDestinationOp>(op).getRestrict();
}

/// Whether `op` neither reads nor writes memory (views included).
static bool ignoresMemory(Operation *op) { return isMemoryEffectFree(op); }

/// Pattern: t = *m -> c = alloc; c := m; t = *c
/// Keeps what `read` saw when the buffer is written through another view.
static void takeSnapshot(ToTensorOp read) {
  auto type = dyn_cast<MemRefType>(read.getBuffer().getType());
  if (!type || !type.hasStaticShape() || read->use_empty())
    return;
  OpBuilder builder(read);
  Value copy = memref::AllocOp::create(
      builder, read.getLoc(),
      MemRefType::get(type.getShape(), type.getElementType()));
  memref::CopyOp::create(builder, read.getLoc(), read.getBuffer(), copy);
  read.getBufferMutable().assign(copy);
  remarkRefused(read, "aliasing-buffers")
      << "the buffer is written through another view later; its contents are "
         "copied";
}

/// The type of a tensor that holds what `memref` holds.
static Type getTensorType(Value memref) {
  return memref::getTensorTypeFromMemRefType(memref.getType());
}

namespace {

//===----------------------------------------------------------------------===//
// What each buffer holds
//===----------------------------------------------------------------------===//

/// The known contents of buffers at one point of a block.
class BufferContents {
public:
  struct Entry {
    Value tensor;               ///< What the buffer holds.
    Operation *write = nullptr; ///< Last write, if nothing has seen it yet.
    bool isRestrict = false;
    SmallVector<ToTensorOp, 1> reads; ///< Reads that saw earlier contents.
  };

  Entry *find(Value memref) {
    auto it = entries.find(memref);
    return it == entries.end() ? nullptr : &it->second.first;
  }

  /// Records what `memref` holds and forgets what may have been overwritten.
  void set(Value memref, Entry entry, bool isWrite) {
    BufferRange range = getBufferRange(memref);
    if (isWrite) {
      forgetOverlapping(memref, range, entry.isRestrict);
      written.insert(memref);
    }
    auto [it, inserted] = entries.try_emplace(memref);
    index.insert(memref);
    if (!inserted)
      llvm::append_range(entry.reads, it->second.first.reads);
    it->second = {std::move(entry), range};
  }

  /// `op` writes memory: keeps what was read from a buffer it may write.
  void snapshotOperands(Operation *op) {
    for (Value operand : op->getOperands()) {
      if (!isa<BaseMemRefType>(operand.getType()))
        continue;
      Entry *same = find(operand);
      if (same)
        snapshot(*same, op);
      for (auto &[other, entry] :
           overlapping(operand, getBufferRange(operand), /*restrict=*/true))
        snapshot(*entry, op);
    }
  }

  /// A read of `memref` sees what was written through other views. Returns
  /// whether anything was in this block, be it before the contents were
  /// forgotten: what made us forget them may fold away.
  bool observe(Value memref) {
    BufferRange range = getBufferRange(memref);
    for (auto &[other, entry] : overlapping(memref, range, /*restrict=*/true))
      entry->write = nullptr;
    return llvm::any_of(written.findOverlapping(memref),
                        [&](Value other) { return other != memref; });
  }

  /// Forgets all contents.
  void clear() {
    entries.clear();
    index.clear();
    allRestrict = true;
  }

  /// Whether another memref that may overlap `memref` is known.
  bool hasOverlapping(Value memref, bool isRestrictAccess) {
    return !overlapping(memref, getBufferRange(memref), isRestrictAccess)
                .empty();
  }

private:
  static void snapshot(Entry &entry, Operation *before) {
    for (ToTensorOp read : entry.reads)
      if (llvm::any_of(read->getUsers(), [&](Operation *user) {
            Operation *peer = before->getBlock()->findAncestorOpInBlock(*user);
            return !peer || before->isBeforeInBlock(peer);
          }))
        takeSnapshot(read);
  }

  /// Known entries other than `memref` that may share memory with `range`, its
  /// range.
  SmallVector<std::pair<Value, Entry *>>
  overlapping(Value memref, const BufferRange &range, bool isRestrictAccess) {
    SmallVector<std::pair<Value, Entry *>> result;
    auto consider = [&](Value other) {
      auto it = entries.find(other);
      if (other == memref || it == entries.end())
        return;
      auto &[entry, otherRange] = it->second;
      if (range.mayOverlap(otherRange, isRestrictAccess && entry.isRestrict))
        result.push_back({other, &entry});
    };
    if (isRestrictAccess && allRestrict)
      llvm::for_each(index.findOverlapping(memref), consider);
    else
      for (auto &[other, value] : entries)
        consider(other);
    return result;
  }

  void forgetOverlapping(Value memref, const BufferRange &range,
                         bool isRestrictAccess) {
    allRestrict &= isRestrictAccess;
    SmallVector<Value> gone;
    for (auto &[other, entry] : overlapping(memref, range, isRestrictAccess)) {
      for (ToTensorOp read : entry->reads)
        takeSnapshot(read);
      gone.push_back(other);
    }
    for (Value other : gone)
      entries.erase(other);
  }

  DenseMap<Value, std::pair<Entry, BufferRange>> entries;
  /// Those of `entries`, and some that were forgotten.
  BufferIndex index;
  /// The views that were written.
  BufferIndex written;
  bool allRestrict = true;
};

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

struct PromoteBuffers
    : public graphopt::impl::PromoteBuffersBase<PromoteBuffers> {
  void runOnOperation() override {
    // Inner branches first: an inner scf.if loses its effects and then counts
    // as pure in the outer one.
    bool anyAccess =
        getOperation()
            .walk([](Operation *op) {
              return isa<ToTensorOp, MaterializeInDestinationOp>(op)
                         ? WalkResult::interrupt()
                         : WalkResult::advance();
            })
            .wasInterrupted();
    if (!anyAccess)
      return markAllAnalysesPreserved();
    // Without `restrict` anything may write what was read.
    getOperation().walk([](ToTensorOp read) {
      auto type = dyn_cast<MemRefType>(read.getBuffer().getType());
      if (read.getRestrict() || !type || !type.hasStaticShape())
        return;
      takeSnapshot(read);
      read.setRestrict(true);
    });
    SmallVector<scf::IfOp> branches;
    getOperation().walk([&](scf::IfOp op) { branches.push_back(op); });
    for (scf::IfOp op : branches) {
      promoteOverlaps(op);
      if (canPromote(op))
        promoteWrites(op);
    }
    getOperation().walk([&](Block *block) {
      promoteOverlaps(*block);
      forward(*block);
    });
  }

private:
  bool canPromote(scf::IfOp op);
  void promoteWrites(scf::IfOp op);
  void forward(Block &block);
};

} // namespace

/// Whether all effects of `op` are writes of tensors to buffers from outside
/// of it that do not overlap each other, and reads of buffers that need not see
/// a write to a part of them.
bool PromoteBuffers::canPromote(scf::IfOp op) {
  BufferContents written;
  bool anyAccess = false;
  for (Region &region : op->getRegions()) {
    if (region.empty())
      continue;
    BufferIndex writtenHere;
    for (Operation &inner : region.front()) {
      Value buffer = getWrittenBuffer(&inner);
      if (auto read = dyn_cast<ToTensorOp>(inner)) {
        anyAccess = true;
        Value source = read.getBuffer();
        if (llvm::any_of(writtenHere.findOverlapping(source),
                         [&](Value other) { return other != source; })) {
          remarkRefused(&inner, "aliasing-buffers")
              << "the branch reads what it has written through another view";
          return false;
        }
        continue;
      }
      if (!buffer) {
        if (ignoresMemory(&inner))
          continue;
        return false;
      }
      if (op->isAncestor(buffer.getParentBlock()->getParentOp()) ||
          inner.getOperand(0).getType() != getTensorType(buffer))
        return false;
      if (written.hasOverlapping(buffer, isRestrict(&inner))) {
        remarkRefused(&inner, "aliasing-buffers")
            << "the branch writes two buffers that may overlap";
        return false;
      }
      written.set(buffer, {inner.getOperand(0), &inner, isRestrict(&inner), {}},
                  /*isWrite=*/false);
      writtenHere.insert(buffer);
      anyAccess = true;
    }
  }
  return anyAccess;
}

/// Pattern: if c { m := y } -> r = if c { y } else { *m }; m := r
void PromoteBuffers::promoteWrites(scf::IfOp op) {
  IRRewriter rewriter(op);
  // The last tensor that each branch writes to each buffer.
  llvm::MapVector<Value, std::array<MaterializeInDestinationOp, 2>> writes;
  for (auto [number, region] : llvm::enumerate(op->getRegions())) {
    if (region.empty())
      continue;
    forward(region.front());
    for (Operation &inner : llvm::make_early_inc_range(region.front())) {
      if (Value buffer = getWrittenBuffer(&inner))
        writes[buffer][number] = cast<MaterializeInDestinationOp>(inner);
      // What is left reads the contents from before the branch.
      auto read = dyn_cast<ToTensorOp>(inner);
      if (read &&
          !op->isAncestor(read.getBuffer().getParentBlock()->getParentOp()))
        rewriter.moveOpBefore(read, op);
    }
  }
  if (writes.empty())
    return;

  SmallVector<Type> types(op.getResultTypes());
  SmallVector<Value> before;
  for (auto &[buffer, pair] : writes) {
    Type type = getTensorType(buffer);
    auto read = ToTensorOp::create(rewriter, op.getLoc(), type, buffer,
                                   /*restrict=*/true, /*writable=*/true);
    before.push_back(read);
    types.push_back(type);
  }
  auto promoted = scf::IfOp::create(rewriter, op.getLoc(), types,
                                    op.getCondition(), /*addThenBlock=*/false,
                                    /*addElseBlock=*/false);
  promoted->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  for (auto [number, region] : llvm::enumerate(op->getRegions())) {
    Region &target = promoted->getRegion(number);
    if (region.empty()) {
      rewriter.createBlock(&target);
      scf::YieldOp::create(rewriter, op.getLoc());
    } else {
      target.takeBody(region);
    }
    SmallVector<Value> values(target.front().getTerminator()->getOperands());
    for (auto [i, entry] : llvm::enumerate(writes)) {
      MaterializeInDestinationOp write = entry.second[number];
      values.push_back(write ? write.getSource() : before[i]);
    }
    rewriter.modifyOpInPlace(target.front().getTerminator(), [&] {
      target.front().getTerminator()->setOperands(values);
    });
  }
  rewriter.setInsertionPointAfter(promoted);
  for (auto [i, entry] : llvm::enumerate(writes)) {
    MaterializeInDestinationOp example =
        entry.second[0] ? entry.second[0] : entry.second[1];
    MaterializeInDestinationOp::create(
        rewriter, example.getLoc(), TypeRange(),
        promoted.getResult(op.getNumResults() + i), entry.first,
        example.getRestrict(), example.getWritable());
  }
  promoted->walk([&](MaterializeInDestinationOp write) {
    if (write->getBlock()->getParentOp() == promoted)
      rewriter.eraseOp(write);
  });
  rewriter.replaceOp(op, promoted.getResults().take_front(op.getNumResults()));
  remarkDone(promoted, "write-promoted")
      << mlir::remark::metric("buffers", before.size())
      << "writes inside of the branch became results";
}

/// Forwards written tensors to reads within `block`.
void PromoteBuffers::forward(Block &block) {
  BufferContents contents;
  IRRewriter rewriter(block.getParentOp()->getContext());
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto read = dyn_cast<ToTensorOp>(op)) {
      auto entry = contents.find(read.getBuffer());
      if (entry && entry->tensor.getType() == read.getType()) {
        rewriter.replaceOp(read, entry->tensor);
        continue;
      }
      // The read must come after a write through another view: a copy, which
      // later passes do not move, keeps it there.
      bool overlaps = contents.observe(read.getBuffer());
      contents.set(read.getBuffer(),
                   {read, nullptr, read.getRestrict(), {read}},
                   /*isWrite=*/false);
      if (overlaps)
        takeSnapshot(read);
      continue;
    }
    if (Value buffer = getWrittenBuffer(&op)) {
      auto entry = contents.find(buffer);
      // What is put together from slices may be put together in the buffer.
      if (entry && entry->write &&
          !entry->tensor.getDefiningOp<tensor::InsertSliceOp>())
        rewriter.eraseOp(entry->write);
      contents.set(buffer, {op.getOperand(0), &op, isRestrict(&op), {}},
                   /*isWrite=*/true);
      continue;
    }
    if (!ignoresMemory(&op)) {
      contents.snapshotOperands(&op);
      contents.clear();
    }
  }
}
