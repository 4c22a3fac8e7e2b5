//===- HoistReadbacks.cpp - Host arithmetic to the device -----------------===//
//
// Moves scalar arithmetic, branches and loops that depend on readbacks to the
// device where that removes the readback, and keeps one readback per value that
// the host really needs. What may move is said in Hoisting/HostWork.h.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/ElementTypes.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"
#include "Hoisting/DeviceControl.h"
#include "Hoisting/DevicePrograms.h"
#include "Hoisting/HostWork.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace graphopt {
#define GEN_PASS_DEF_HOISTREADBACKS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

namespace {

struct HoistReadbacks
    : public graphopt::impl::HoistReadbacksBase<HoistReadbacks> {
  using HoistReadbacksBase::HoistReadbacksBase;

  void runOnOperation() override {
    dependent.clear();
    work.clear();
    control.clear();
    items.clear();
    device.clear();
    needed.clear();
    kept.clear();
    given.clear();
    getOperation().walk([&](Operation *op) {
      if (isReadback(op))
        given.insert(op);
    });
    bool changed = selectTensorsOnDevice(getOperation());
    changed |= carryScalarsOnDevice(getOperation());
    auto chosen = chooseDeviceControl(getOperation());
    if (failed(chosen))
      return signalPassFailure();
    control = std::move(*chosen);
    moveIndependentWork(getOperation(), control);
    findDependentWork();
    if (items.empty() && work.empty() && control.empty()) {
      if (!changed)
        markAllAnalysesPreserved();
      return;
    }
    chooseWork();
    createScalars();
    replaceUploads();
    for (Operation *op : llvm::reverse(control))
      convertControl(op);
    replaceHostUses();
    for (auto [upload, scalar] : replaced)
      upload.getDefiningOp()->erase();
    eraseDead();
    sweepReadbacks();
    explainReadbacks(getOperation());
  }

private:
  void findDependentWork();
  void chooseWork();
  void createScalars();
  void replaceUploads();
  void convertControl(Operation *op);
  void replaceResult(Value before, Value after);
  void replaceHostUses();
  void eraseOp(Operation *op);
  void eraseDead();
  void sweepReadbacks();

  /// Whether `op` uses, itself or in its regions, a dependent value or a
  /// readback.
  bool usesDependent(Operation *op) const;
  /// The device scalar for host scalar `value`, made where `value` is.
  Value getDeviceScalar(Value value);

  /// The readbacks that the program has.
  DenseSet<Operation *> given;
  /// Values that come from a readback through movable work.
  DenseSet<Value> dependent;
  /// Movable work on such values, in program order.
  llvm::SetVector<Operation *> work;
  /// Branches and loops that become `tseq.if` and `tseq.while`, outer first.
  llvm::SetVector<Operation *> control;
  SmallVector<ItemOp> items;
  /// What stands for a host scalar on the device.
  DenseMap<Value, Value> device;
  /// Uploads of what became a device scalar, and that one. They stay until the
  /// end: others may have them as their device scalar.
  llvm::MapVector<Value, Value> replaced;
  /// The part of `work` that is done on the device.
  DenseSet<Operation *> needed;
  /// Host scalars that the host reads from their device scalar.
  llvm::SetVector<Value> kept;
};

} // namespace

bool HoistReadbacks::usesDependent(Operation *op) const {
  bool found = false;
  op->walk([&](Operation *inner) {
    found |= isReadback(inner) ||
             llvm::any_of(inner->getOperands(), [&](Value value) {
               return dependent.contains(value);
             });
  });
  return found;
}

/// Finds readbacks and what depends on them, in program order.
void HoistReadbacks::findDependentWork() {
  getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto item = dyn_cast<ItemOp>(op)) {
      if (isReadback(item)) {
        items.push_back(item);
        dependent.insert(item.getValue());
      }
      return WalkResult::advance();
    }
    // Arithmetic in the body of other work is not the host's.
    if (op->getNumRegions() && op != getOperation() &&
        !isa_and_nonnull<scf::SCFDialect>(op->getDialect()))
      return WalkResult::skip();
    if (control.contains(op)) {
      // The results of an scf.while are tensors by now.
      for (Value result : op->getResults())
        if (isKernelElement(result.getType()))
          dependent.insert(result);
      return WalkResult::advance();
    }
    if (!isScalarWork(op))
      return WalkResult::advance();
    // All that is left in what moves to the device has to move along.
    if (usesDependent(op) || control.contains(op->getParentOp())) {
      work.insert(op);
      dependent.insert(op->result_begin(), op->result_end());
    }
    return op->getNumRegions() ? WalkResult::skip() : WalkResult::advance();
  });
}

/// Decides which work is done on the device: what feeds it, and what leaves
/// fewer readbacks when the host needs only the result.
void HoistReadbacks::chooseWork() {
  llvm::EquivalenceClasses<void *> components;
  auto key = [](Value value) { return value.getAsOpaquePointer(); };
  for (Value value : dependent)
    components.insert(key(value));
  for (Operation *op : work) {
    Value first = op->getResult(0);
    for (Value result : op->getResults())
      components.unionSets(key(first), key(result));
    op->walk([&](Operation *inner) {
      for (Value value : inner->getOperands())
        if (dependent.contains(value))
          components.unionSets(key(first), key(value));
    });
  }

  struct Costs {
    bool feedsDevice = false;
    bool isReturned = false;
    int64_t items = 0;           // Readbacks if the work stays.
    SmallVector<Value> frontier; // Readbacks if it moves.
  };
  DenseMap<void *, Costs> costs;
  auto costOf = [&](Value value) -> Costs & {
    return costs[components.getLeaderValue(key(value))];
  };
  auto visit = [&](Value value) {
    Costs &cost = costOf(value);
    bool host = false;
    for (Operation *user : value.getUsers()) {
      Operation *parent = user->getParentOp();
      bool feeds =
          isUpload(user) || control.contains(user) ||
          (user->hasTrait<OpTrait::IsTerminator>() && control.contains(parent));
      cost.feedsDevice |= feeds;
      if (feeds || work.contains(user))
        continue;
      // Uses in the regions of a branch or loop that is part of the work.
      bool inWork = false;
      for (; parent && !inWork; parent = parent->getParentOp())
        inWork = work.contains(parent);
      host |= !inWork;
      cost.isReturned |= isa<func::ReturnOp>(user);
    }
    if (host)
      cost.frontier.push_back(value);
  };
  for (ItemOp item : items) {
    if (work.contains(item->getParentOp()))
      continue;
    ++costOf(item.getValue()).items;
    visit(item.getValue());
  }
  SmallVector<Value> sources =
      llvm::map_to_vector(items, [](ItemOp item) { return item.getValue(); });
  for (Operation *op : work) {
    // A loop that reads does so more than once.
    op->walk([&](Operation *inner) {
      if (isReadback(inner))
        costOf(op->getResult(0)).items += isa<LoopLikeOpInterface>(op) ? 2 : 1;
    });
    for (Value result : op->getResults())
      visit(result);
    sources.push_back(op->getResult(0));
  }
  for (Operation *op : control)
    for (Value result : op->getResults())
      if (dependent.contains(result)) {
        visit(result);
        costOf(result).feedsDevice = true;
      }

  DenseSet<Value> wanted;
  for (Value source : sources) {
    // Each component once, in the order of its first readback.
    Costs &cost = costOf(source);
    int64_t after = cost.frontier.size();
    // The caller can only be given what the host does not compute with.
    bool isWorthAsMany = cost.feedsDevice || (asyncResults && cost.isReturned);
    if (isWorthAsMany ? after <= cost.items : after < cost.items)
      for (Value value : cost.frontier)
        if (kept.insert(value))
          wanted.insert(value);
  }
  for (Operation *op : control) {
    if (auto branch = dyn_cast<scf::IfOp>(op))
      wanted.insert(branch.getCondition());
    for (Region &region : op->getRegions())
      if (!region.empty())
        for (Value value : region.front().getTerminator()->getOperands())
          wanted.insert(value);
  }
  getOperation().walk([&](Operation *op) {
    if (isUpload(op) && dependent.contains(op->getOperand(0)))
      wanted.insert(op->getOperand(0));
  });
  for (Operation *op : llvm::reverse(work.getArrayRef())) {
    if (!llvm::any_of(op->getResults(),
                      [&](Value value) { return wanted.contains(value); }))
      continue;
    needed.insert(op);
    op->walk([&](Operation *inner) {
      wanted.insert(inner->operand_begin(), inner->operand_end());
    });
  }
}

Value HoistReadbacks::getDeviceScalar(Value value) {
  Value &scalar = device[value];
  while (Value after = replaced.lookup(scalar))
    scalar = after;
  if (scalar)
    return scalar;
  OpBuilder builder(value.getContext());
  builder.setInsertionPointAfterValue(value);
  auto type = RankedTensorType::get({}, value.getType());
  auto item = value.getDefiningOp<ItemOp>();
  if (!item)
    return scalar = tensor::FromElementsOp::create(builder, value.getLoc(),
                                                   type, value);
  if (cast<ShapedType>(item.getTensor().getType()).getRank() == 0)
    return scalar = item.getTensor();
  return scalar = tensor::CollapseShapeOp::create(
             builder, value.getLoc(), type, item.getTensor(),
             ArrayRef<ReassociationIndices>());
}

void HoistReadbacks::createScalars() {
  SmallVector<Operation *> chosen = llvm::to_vector(llvm::make_filter_range(
      work, [&](Operation *op) { return needed.contains(op); }));
  auto toDevice = [&](Value value) { return getDeviceScalar(value); };
  for (ArrayRef<Operation *> ops : groupPrograms(chosen, kept)) {
    for (Operation *op : ops)
      op->walk(remarkInexactMath);
    ScalarOp scalar = createProgram(ops, toDevice);
    for (auto [value, result] :
         llvm::zip(ops.back()->getResults(), scalar.getResults()))
      device[value] = result;
  }
}

/// Pattern: from_elements (host scalar from a readback) -> its device scalar
void HoistReadbacks::replaceUploads() {
  SmallVector<tensor::FromElementsOp> uploads;
  getOperation().walk([&](tensor::FromElementsOp op) {
    if (isUpload(op) && op.getType().getRank() == 0 &&
        dependent.contains(op.getElements().front()))
      uploads.push_back(op);
  });
  for (tensor::FromElementsOp upload : uploads) {
    Value scalar = upload.getElements().front();
    // The result of a branch gets its device scalar with the branch.
    if (control.contains(scalar.getDefiningOp()) && !device.contains(scalar))
      continue;
    Value replacement = getDeviceScalar(scalar);
    if (replacement == upload)
      continue;
    upload.replaceAllUsesWith(replacement);
    upload.erase();
  }
}

/// `after`, a device scalar, is what host scalar `before`, the result of a
/// branch, has become.
void HoistReadbacks::replaceResult(Value before, Value after) {
  // Uploads of the result, and work on it made before it was converted.
  device[before] = after;
  for (Operation *user : llvm::make_early_inc_range(before.getUsers()))
    if (isUpload(user) &&
        cast<tensor::FromElementsOp>(user).getType().getRank() == 0) {
      user->getResult(0).replaceAllUsesWith(after);
      replaced[user->getResult(0)] = after;
      user->setOperands(ValueRange());
    }
  if (before.use_empty())
    return;
  OpBuilder builder(before.getContext());
  builder.setInsertionPointAfterValue(after);
  before.replaceAllUsesWith(
      ItemOp::create(builder, before.getLoc(), after, ItemUseAttr()));
}

/// Pattern: scf.if (item c) {...} -> tseq.if c {...}, scf.while likewise
void HoistReadbacks::convertControl(Operation *op) {
  auto toDevice = [&](Value value) {
    return isKernelElement(value.getType()) ? getDeviceScalar(value) : value;
  };
  Operation *converted;
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    converted = convertBranch(branch, toDevice);
  } else {
    yieldOnDevice(op, toDevice);
    // What the host did there goes first: a part of the loop is cloned.
    eraseDead();
    converted = convertLoop(cast<scf::WhileOp>(op));
  }
  for (auto [before, after] :
       llvm::zip(op->getResults(), converted->getResults())) {
    if (before.getType() == after.getType())
      before.replaceAllUsesWith(after);
    else
      replaceResult(before, after);
  }
  remarkDone(converted, "branch-moved")
      << "the branch or loop on a readback runs on the device";
  eraseOp(op);
}

/// Pattern: use(host scalar) -> use(item (device scalar))
void HoistReadbacks::replaceHostUses() {
  for (Value value : kept) {
    if (!value.getDefiningOp() || !device.contains(value) ||
        value.getDefiningOp<ItemOp>())
      continue;
    OpBuilder builder(value.getContext());
    Value scalar = getDeviceScalar(value);
    builder.setInsertionPointAfterValue(scalar);
    auto item = ItemOp::create(builder, value.getLoc(), scalar, ItemUseAttr());
    value.replaceUsesWithIf(item, [&](OpOperand &use) {
      for (Operation *op = use.getOwner(); op; op = op->getParentOp())
        if (work.contains(op))
          return false;
      return true;
    });
  }
}

/// Erases `op` and forgets its values: others may get their addresses.
void HoistReadbacks::eraseOp(Operation *op) {
  op->walk([&](Operation *inner) {
    for (Value result : inner->getResults())
      device.erase(result);
    for (Region &region : inner->getRegions())
      for (Value argument : region.getArguments())
        device.erase(argument);
  });
  op->erase();
}

/// Removes host work and readbacks that nothing uses any more.
void HoistReadbacks::eraseDead() {
  auto noteRemoved = [&](Operation *readback) {
    if (given.erase(readback))
      remarkDone(readback, "readback-removed")
          << "the value is used on the device only";
  };
  DenseSet<Operation *> erased;
  SmallVector<Operation *> left;
  SmallVector<Operation *> ops = work.takeVector();
  for (Operation *op : llvm::reverse(ops)) {
    if (!isOpTriviallyDead(op)) {
      left.push_back(op);
      continue;
    }
    op->walk([&](Operation *inner) {
      if (!isReadback(inner))
        return;
      noteRemoved(inner);
      erased.insert(inner);
    });
    eraseOp(op);
  }
  work.insert(left.rbegin(), left.rend());
  llvm::erase_if(items, [&](ItemOp item) {
    if (erased.contains(item))
      return true;
    if (!item->use_empty())
      return false;
    noteRemoved(item);
    eraseOp(item);
    return true;
  });
}

/// Removes readbacks of what branches in branches yielded that nothing uses.
void HoistReadbacks::sweepReadbacks() {
  SmallVector<ItemOp> unused;
  getOperation().walk([&](ItemOp item) {
    if (item->use_empty() && !given.contains(item))
      unused.push_back(item);
  });
  for (ItemOp item : unused)
    item.erase();
}
