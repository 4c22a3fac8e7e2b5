//===- FormGraphs.cpp - Gather device work into regions -------------------===//
//
// Assigns each op of a block the region it belongs to or follows, then moves
// the device ops of each region into one tseq.graph.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/BufferIndex.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace graphopt {
#define GEN_PASS_DEF_FORMGRAPHS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using graphopt::remarkDone;
using graphopt::remarkRefused;

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

static bool isConstant(Operation *op) {
  return op && op->hasTrait<OpTrait::ConstantLike>();
}

/// Whether `op` can be a part of a graph.
static bool isDeviceOp(Operation *op) {
  if (isa<ItemOp>(op))
    return false;
  if (isa<PackOp, UnpackOp, GetOp>(op))
    return true;
  if (isa<tseq::IfOp, WhileOp>(op)) {
    for (Region &region : op->getRegions())
      for (Operation &inner : region.getOps())
        if (!isDeviceOp(&inner) && !isConstant(&inner) && !isa<YieldOp>(inner))
          return false;
    return true;
  }
  auto capturable = dyn_cast<CapturableOpInterface>(op);
  return capturable && capturable.isCaptureSafe() && !capturable.synchronizes();
}

/// Number of kernels that `op` launches by itself.
static int64_t countKernels(Operation *op) {
  int64_t count = 0;
  op->walk<WalkOrder::PreOrder>([&](Operation *inner) {
    auto capturable = dyn_cast<CapturableOpInterface>(inner);
    if (!capturable || !capturable.isKernel())
      return WalkResult::advance();
    ++count;
    return WalkResult::skip();
  });
  return count;
}

/// Whether `op` stays where it is among other such ops.
static bool isOrdered(Operation *op) { return !isMemoryEffectFree(op); }

/// A host scalar that `value` is the upload of; null if it is not one.
static Value getUploaded(Value value) {
  auto upload = value.getDefiningOp<tensor::FromElementsOp>();
  if (upload && upload.getType().getRank() == 0)
    return upload.getElements().front();
  return {};
}

namespace {

//===----------------------------------------------------------------------===//
// Levels
//===----------------------------------------------------------------------===//

/// Region k holds the device ops of level k; a host op of level k runs after
/// region k and before region k+1 (-1: before all).
class Levels {
public:
  explicit Levels(Block &block) : block(block) {
    for (Operation &op : block.without_terminator())
      isDeviceOp(&op) ? addDevice(&op) : addHost(&op);
    for (Operation &op : llvm::make_early_inc_range(block.without_terminator()))
      if (auto pack = dyn_cast<PackOp>(op))
        sinkPack(pack);
  }

  int64_t get(Operation *op) const { return levels.lookup(op); }
  bool isDevice(Operation *op) const { return device.contains(op); }
  int64_t size() const { return last + 1; }

private:
  /// The region that must be over before `op` has its operands, and for a
  /// device op the first region it can be part of.
  int64_t getOperandLevel(Operation *op, bool forDevice) {
    int64_t level = forDevice ? 0 : -1;
    op->walk([&](Operation *inner) {
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

  /// A sequence does not cross the border of a region: a pack goes where it is
  /// used, once per region.
  void sinkPack(PackOp pack) {
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

  void addDevice(Operation *op) {
    // An element of a sequence is taken where the sequence was made.
    Operation *source =
        isa<GetOp, UnpackOp>(op) ? op->getOperand(0).getDefiningOp() : nullptr;
    if (source && device.contains(source)) {
      levels[op] = levels.lookup(source);
      device.insert(op);
      return;
    }
    int64_t level = std::max(getOperandLevel(op, /*forDevice=*/true), first);
    levels[op] = level;
    device.insert(op);
    last = std::max(last, level);
  }

  /// The level of the last op that uses what the buffer that `write` writes
  /// held before.
  int64_t getLastReader(Operation *write) const {
    int64_t level = -1;
    auto dest =
        cast<bufferization::MaterializeInDestinationOp>(write).getDest();
    for (Operation *read : reads.lookup(dest))
      for (Operation *user : read->getUsers())
        if (Operation *peer = block.findAncestorOpInBlock(*user))
          level = std::max(level, levels.contains(peer) ? levels.lookup(peer)
                                                        : int64_t(-1));
    return level;
  }

  void noteWrite(Operation *write, int64_t level) {
    Value dest =
        cast<bufferization::MaterializeInDestinationOp>(write).getDest();
    written.insert(dest);
    int64_t &last = writes.try_emplace(dest, level).first->second;
    last = std::max(last, level);
  }

  /// The level of the last write to what `memref` covers. Most such reads were
  /// given the written value; what is left stands behind a loop or branch that
  /// has gone since.
  int64_t getLastWriter(Value memref) const {
    int64_t level = -1;
    for (Value dest : written.findOverlapping(memref))
      level = std::max(level, writes.lookup(dest));
    return level;
  }

  void addHost(Operation *op) {
    int64_t level = getOperandLevel(op, /*forDevice=*/false);
    // Reads and writes of whole buffers as tensors keep their order, but do
    // not end a region: the buffers' values are known.
    bool movable = isa<bufferization::MaterializeInDestinationOp>(op);
    if (isOrdered(op)) {
      if (isa<bufferization::ToTensorOp>(op)) {
        Value memref = op->getOperand(0);
        levels[op] = std::max({level, barrierLevel, getLastWriter(memref)});
        reads[memref].push_back(op);
        return;
      }
      if (movable) {
        level = std::max({level, order, getLastReader(op)});
        noteWrite(op, level);
      } else {
        level = std::max({level, order, last});
        if (first <= last) {
          first = last + 1;
          barrier = op;
        }
        barrierLevel = level;
      }
      order = level;
    }
    levels[op] = level;
  }

public:
  Operation *barrier = nullptr; ///< The last op that ended a region.

private:
  Block &block;
  DenseMap<Operation *, int64_t> levels;
  DenseSet<Operation *> device;
  /// Reads of each buffer as a tensor.
  DenseMap<Value, SmallVector<Operation *, 1>> reads;
  /// Written buffers, and the level of the last write of each.
  graphopt::BufferIndex written;
  DenseMap<Value, int64_t> writes;
  int64_t first = 0;         ///< First region that is still open.
  int64_t last = -1;         ///< Last region that has an op.
  int64_t order = -1;        ///< Level of the last ordered host op.
  int64_t barrierLevel = -1; ///< Level of the last op that ended a region.
};

/// Gives each use of a sequence in another block a pack of its own: that block
/// may become a region.
static void localizePack(PackOp pack) {
  for (OpOperand &use : llvm::make_early_inc_range(pack->getUses()))
    if (use.getOwner()->getBlock() != pack->getBlock())
      use.set(OpBuilder(use.getOwner()).clone(*pack)->getResult(0));
}

/// Moves an upload out of the branches and loops of the device that it is in,
/// as far as its scalar is known there: they hold device ops only.
static void liftUpload(tensor::FromElementsOp upload) {
  Operation *place = nullptr;
  for (Operation *parent = upload->getParentOp();
       isa_and_nonnull<tseq::IfOp, WhileOp>(parent);
       parent = parent->getParentOp()) {
    bool isKnown = llvm::none_of(upload.getElements(), [&](Value element) {
      return parent->isAncestor(element.getParentBlock()->getParentOp());
    });
    if (isKnown)
      place = parent;
  }
  if (place)
    upload->moveBefore(place);
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

struct FormGraphs : public graphopt::impl::FormGraphsBase<FormGraphs> {
  void runOnOperation() override {
    numGraphs = 0;
    getOperation().walk(localizePack);
    getOperation().walk(liftUpload);
    SmallVector<Block *> blocks;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<GraphOp, tseq::IfOp, WhileOp>(op) ||
          isa<CapturableOpInterface>(op))
        return WalkResult::skip();
      for (Region &region : op->getRegions())
        for (Block &block : region)
          blocks.push_back(&block);
      return WalkResult::advance();
    });
    for (Block *block : blocks)
      formRegions(*block);
    explainRest();
  }

private:
  void formRegions(Block &block);
  void formGraph(ArrayRef<Operation *> ops, Operation *before);
  void explainRest();

  int64_t numGraphs = 0;
  /// Program order of the ops of the block, before it is rearranged.
  DenseMap<Operation *, int64_t> positions;
};

} // namespace

void FormGraphs::formRegions(Block &block) {
  if (block.empty() || !block.back().hasTrait<OpTrait::IsTerminator>())
    return;
  Levels levels(block);
  SmallVector<SmallVector<Operation *>> regions(levels.size());
  SmallVector<SmallVector<Operation *>> hosts(levels.size() + 1);
  for (Operation &op : block.without_terminator()) {
    if (levels.isDevice(&op))
      regions[levels.get(&op)].push_back(&op);
    else
      hosts[levels.get(&op) + 1].push_back(&op);
  }
  SmallVector<bool> worth;
  for (ArrayRef<Operation *> ops : regions) {
    // A branch without kernels still chooses by a device scalar.
    worth.push_back(llvm::any_of(ops, [](Operation *op) {
      return isa<tseq::IfOp, WhileOp>(op) || countKernels(op) > 0;
    }));
  }
  if (!llvm::is_contained(worth, true))
    return;
  if (levels.barrier && llvm::count(worth, true) > 1)
    remarkRefused(levels.barrier, "region-split")
        << "its effects are not understood, so no device op moves across it";

  positions.clear();
  for (Operation &op : block)
    positions[&op] = positions.size();
  Operation *end = block.getTerminator();
  for (int64_t level = -1; level < levels.size(); ++level) {
    if (level >= 0) {
      if (worth[level])
        formGraph(regions[level], end);
      else
        for (Operation *op : regions[level])
          op->moveBefore(end);
    }
    for (Operation *op : hosts[level + 1])
      op->moveBefore(end);
  }
}

/// Moves `ops` into a new graph before `before`.
void FormGraphs::formGraph(ArrayRef<Operation *> ops, Operation *before) {
  DenseSet<Operation *> members(ops.begin(), ops.end());
  auto isInside = [&](Operation *op) {
    for (; op; op = op->getParentOp())
      if (members.contains(op))
        return true;
    return false;
  };

  // Operands: what the ops use from outside. An upload is passed as the host
  // scalar; a constant scalar is made again inside.
  llvm::SetVector<Value> inputs;
  llvm::SetVector<Operation *> constants;
  DenseMap<Value, Value> operandOf;
  for (Operation *op : ops)
    op->walk([&](Operation *inner) {
      for (Value value : inner->getOperands()) {
        Operation *owner = value.getDefiningOp();
        if (!owner)
          owner = value.getParentBlock()->getParentOp();
        if (isInside(owner))
          continue;
        if (isConstant(value.getDefiningOp()) &&
            !isa<ShapedType>(value.getType())) {
          constants.insert(value.getDefiningOp());
          continue;
        }
        Value uploaded = getUploaded(value);
        if (inputs.insert(value))
          operandOf[value] = uploaded ? uploaded : value;
      }
    });

  // Results, in the order of their first uses: each value that is used outside,
  // and again for each further buffer that it is written to.
  Block *block = before->getBlock();
  SmallVector<std::pair<int64_t, OpOperand *>> outside;
  for (Operation *op : ops)
    for (Value result : op->getResults())
      for (OpOperand &use : result.getUses())
        if (!isInside(use.getOwner()))
          outside.push_back(
              {positions.lookup(block->findAncestorOpInBlock(*use.getOwner())),
               &use});
  llvm::stable_sort(outside, llvm::less_first());
  SmallVector<Value> results;
  SmallVector<SmallVector<OpOperand *>> outsideUses;
  struct Slot {
    size_t index;
    bool written;
  };
  DenseMap<Value, Slot> slots;
  for (auto [position, use] : outside) {
    bool writes =
        isa<bufferization::MaterializeInDestinationOp>(use->getOwner());
    auto [it, inserted] =
        slots.try_emplace(use->get(), Slot{results.size(), false});
    if (inserted || (writes && it->second.written)) {
      results.push_back(use->get());
      outsideUses.push_back({use});
    } else {
      outsideUses[it->second.index].push_back(use);
    }
    it->second.written |= writes;
  }

  OpBuilder builder(before);
  SmallVector<Value> operands;
  SmallVector<Type> argumentTypes;
  SmallVector<Location> argumentLocs;
  for (Value value : inputs) {
    operands.push_back(operandOf[value]);
    argumentTypes.push_back(value.getType());
    argumentLocs.push_back(value.getLoc());
  }
  std::string name =
      (getOperation().getSymName() + ".graph" + Twine(numGraphs++)).str();
  auto graph = GraphOp::create(builder, ops.front()->getLoc(),
                               ValueRange(results).getTypes(), name, operands);
  Block *body =
      builder.createBlock(&graph.getBody(), {}, argumentTypes, argumentLocs);
  IRMapping mapping;
  for (Operation *constant : constants)
    builder.clone(*constant, mapping);
  auto yield = YieldOp::create(builder, graph.getLoc(), results);
  for (auto [uses, outside] : llvm::zip(outsideUses, graph.getResults()))
    for (OpOperand *use : uses)
      use->set(outside);
  for (Operation *op : ops)
    op->moveBefore(yield);
  for (Operation *op : ops)
    op->walk([&](Operation *inner) {
      for (OpOperand &use : inner->getOpOperands()) {
        if (Value clone = mapping.lookupOrNull(use.get()))
          use.set(clone);
      }
    });
  for (auto [i, input] : llvm::enumerate(inputs)) {
    Value value = input;
    value.replaceUsesWithIf(body->getArgument(i), [&](OpOperand &use) {
      return graph->isProperAncestor(use.getOwner());
    });
  }
  int64_t kernels = 0;
  for (Operation *op : ops)
    kernels += countKernels(op);
  graph->setAttr("kernels", builder.getI64IntegerAttr(kernels));
  remarkDone(graph, "region-formed")
      << mlir::remark::metric("kernels", kernels)
      << mlir::remark::metric("operands", operands.size());
}

/// Says why each op that works on tensors stayed outside.
void FormGraphs::explainRest() {
  getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<GraphOp>(op))
      return WalkResult::skip();
    bool makesTensor =
        llvm::any_of(op->getResultTypes(), llvm::IsaPred<TensorType>);
    bool isWork = makesTensor && isMemoryEffectFree(op) && !isConstant(op) &&
                  !isDeviceOp(op) && !isa<RegionBranchOpInterface>(op) &&
                  !isa<tensor::FromElementsOp, GraphOp>(op) &&
                  op->getNumOperands() > 0;
    if (isWork)
      remarkRefused(op, "not-captured")
          << "the op can not be part of a graph: dynamic shape, a host "
             "operand, or no lowering for it";
    return WalkResult::advance();
  });
}
