//===- HoistReadbacks.cpp - Host arithmetic to the device -----------------===//
//
// Moves scalar arithmetic and branches that depend on readbacks to the device
// where that removes the readback, and keeps one readback per value that the
// host really needs.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/ElementTypes.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/SetVector.h"

namespace graphopt {
#define GEN_PASS_DEF_HOISTREADBACKS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using graphopt::isKernelElement;
using graphopt::remarkDone;
using graphopt::remarkRefused;

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

/// Whether `op` is host arithmetic that a `scalar` can hold: arith and math on
/// scalars, or an `scf.if` that holds nothing else.
static bool isScalarWork(Operation *op) {
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    bool onlyScalars = branch.getNumResults() > 0;
    branch->walk([&](Operation *inner) {
      if (inner != op && !isa<scf::YieldOp>(inner) &&
          !(isa<scf::IfOp>(inner) ||
            isa<arith::ArithDialect, math::MathDialect>(inner->getDialect())))
        onlyScalars = false;
      for (Type type : inner->getResultTypes())
        if (!isKernelElement(type))
          onlyScalars = false;
    });
    return onlyScalars;
  }
  return isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) &&
         op->getNumRegions() == 0 &&
         llvm::all_of(op->getResultTypes(), isKernelElement) &&
         llvm::all_of(op->getOperandTypes(), isKernelElement);
}

/// Whether `op` uploads one host scalar.
static bool isUpload(Operation *op) {
  auto upload = dyn_cast<tensor::FromElementsOp>(op);
  return upload && upload.getElements().size() == 1 &&
         isKernelElement(upload.getElements().front().getType());
}

/// Whether `op` may run on the device as it stands.
static bool isDeviceWork(Operation *op) {
  auto capturable = dyn_cast<CapturableOpInterface>(op);
  if (capturable)
    return capturable.isCaptureSafe();
  return isa<PackOp, UnpackOp, GetOp>(op);
}

/// Whether every op in `op` can run inside of a `tseq.if`.
static bool isDeviceBranch(scf::IfOp op) {
  for (Type type : op.getResultTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!isKernelElement(type) && !(tensor && tensor.hasStaticShape()))
      return false;
  }
  for (Region &region : op->getRegions()) {
    if (region.empty())
      continue;
    if (!region.hasOneBlock())
      return false;
    for (Operation &inner : region.front().without_terminator()) {
      if (auto nested = dyn_cast<scf::IfOp>(inner)) {
        if (!isDeviceBranch(nested))
          return false;
      } else if (!isDeviceWork(&inner) && !isScalarWork(&inner) &&
                 !isUpload(&inner) &&
                 !inner.hasTrait<OpTrait::ConstantLike>()) {
        return false;
      }
    }
  }
  return true;
}

namespace {

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

struct HoistReadbacks
    : public graphopt::impl::HoistReadbacksBase<HoistReadbacks> {
  void runOnOperation() override {
    dependent.clear();
    work.clear();
    branches.clear();
    converted.clear();
    items.clear();
    device.clear();
    needed.clear();
    kept.clear();
    findDependentWork();
    if (items.empty())
      return;
    for (scf::IfOp branch : branches)
      hoistIndependentScalars(branch);
    chooseWork();
    createScalars();
    replaceUploads();
    for (scf::IfOp branch : llvm::reverse(branches))
      convertBranch(branch);
    replaceHostUses();
    eraseDead();
    markItems();
  }

private:
  void findDependentWork();
  void hoistIndependentScalars(scf::IfOp branch);
  void chooseWork();
  void createScalars();
  void replaceUploads();
  void convertBranch(scf::IfOp branch);
  void replaceHostUses();
  void eraseDead();
  void markItems();

  bool isDependent(Value value) const { return dependent.contains(value); }
  /// Whether `op` uses, itself or in its regions, a dependent value.
  bool usesDependent(Operation *op) const;
  /// The device scalar for host scalar `value`, made where `value` is.
  Value getDeviceScalar(Value value);

  /// Values that come from a readback through movable work.
  DenseSet<Value> dependent;
  /// Movable work on such values, in program order.
  llvm::SetVector<Operation *> work;
  /// Branches that become `tseq.if`, outer ones first.
  SmallVector<scf::IfOp> branches;
  DenseSet<Operation *> converted;
  SmallVector<ItemOp> items;
  /// What stands for a host scalar on the device.
  DenseMap<Value, Value> device;
  /// The part of `work` that is done on the device.
  DenseSet<Operation *> needed;
  /// Host scalars that the host reads from their device scalar.
  llvm::SetVector<Value> kept;
};

} // namespace

bool HoistReadbacks::usesDependent(Operation *op) const {
  bool found = false;
  op->walk([&](Operation *inner) {
    found |= llvm::any_of(inner->getOperands(),
                          [&](Value value) { return isDependent(value); });
  });
  return found;
}

/// Finds readbacks and what depends on them, in program order.
void HoistReadbacks::findDependentWork() {
  getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (auto item = dyn_cast<ItemOp>(op)) {
      if (isKernelElement(item.getType())) {
        items.push_back(item);
        dependent.insert(item.getValue());
      }
      return WalkResult::advance();
    }
    // Arithmetic in the body of other work is not the host's.
    if (op->getNumRegions() && op != getOperation() &&
        !isa_and_nonnull<scf::SCFDialect>(op->getDialect()))
      return WalkResult::skip();
    auto branch = dyn_cast<scf::IfOp>(op);
    if (isScalarWork(op)) {
      // Work that a device branch guards must not run before the branch, so it
      // goes along even if the host could do it.
      bool guarded =
          converted.contains(op->getParentOp()) && !isSpeculatable(op);
      if (!usesDependent(op) && !guarded)
        return branch ? WalkResult::skip() : WalkResult::advance();
      work.insert(op);
      dependent.insert(op->result_begin(), op->result_end());
      return branch ? WalkResult::skip() : WalkResult::advance();
    }
    if (!branch || !isDeviceBranch(branch))
      return WalkResult::advance();
    if (converted.contains(op->getParentOp()) ||
        isDependent(branch.getCondition())) {
      branches.push_back(branch);
      converted.insert(branch);
      for (Value result : branch.getResults())
        if (isKernelElement(result.getType()))
          dependent.insert(result);
    }
    return WalkResult::advance();
  });
}

/// Moves host work that does not depend on the device out of `branch`, so that
/// nothing of the host is left in it.
void HoistReadbacks::hoistIndependentScalars(scf::IfOp branch) {
  for (Region &region : branch->getRegions()) {
    if (region.empty())
      continue;
    for (Operation &op :
         llvm::make_early_inc_range(region.front().without_terminator())) {
      bool isHost = isScalarWork(&op) || isUpload(&op) ||
                    op.hasTrait<OpTrait::ConstantLike>();
      bool usesInside = llvm::any_of(op.getOperands(), [&](Value value) {
        return branch->isProperAncestor(
                   value.getParentBlock()->getParentOp()) ||
               value.getParentBlock()->getParentOp() == branch;
      });
      if (isHost && !usesInside && !work.contains(&op))
        op.moveBefore(branch);
    }
  }
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
    components.insert(key(first));
    for (Value result : op->getResults())
      components.unionSets(key(first), key(result));
    op->walk([&](Operation *inner) {
      for (Value value : inner->getOperands())
        if (isDependent(value))
          components.unionSets(key(first), key(value));
    });
  }

  struct Costs {
    bool feedsDevice = false;
    int64_t items = 0;           // Readbacks if the work stays.
    SmallVector<Value> frontier; // Readbacks if it moves.
  };
  DenseMap<void *, Costs> costs;
  auto visit = [&](Value value) {
    Costs &cost = costs[components.getLeaderValue(key(value))];
    bool host = false;
    for (Operation *user : value.getUsers()) {
      Operation *parent = user->getParentOp();
      bool feeds = isUpload(user) || converted.contains(user) ||
                   (isa<scf::YieldOp>(user) && converted.contains(parent));
      cost.feedsDevice |= feeds;
      if (feeds || work.contains(user))
        continue;
      // Uses inside of a pure scf.if that is part of the work.
      bool inWork = false;
      for (; parent && !inWork; parent = parent->getParentOp())
        inWork = work.contains(parent);
      host |= !inWork;
    }
    if (host)
      cost.frontier.push_back(value);
  };
  for (ItemOp item : items) {
    ++costs[components.getLeaderValue(key(item.getValue()))].items;
    visit(item.getValue());
  }
  for (Operation *op : work)
    for (Value result : op->getResults())
      visit(result);
  for (scf::IfOp branch : branches)
    for (Value result : branch.getResults())
      if (isDependent(result)) {
        visit(result);
        costs[components.getLeaderValue(key(result))].feedsDevice = true;
      }

  DenseSet<Value> wanted;
  for (ItemOp item : items) {
    // Each component once, in the order of its first readback.
    Costs &cost = costs[components.getLeaderValue(key(item.getValue()))];
    int64_t after = cost.frontier.size();
    if (cost.feedsDevice ? after <= cost.items : after < cost.items)
      for (Value value : cost.frontier)
        if (kept.insert(value))
          wanted.insert(value);
  }
  for (scf::IfOp branch : branches) {
    wanted.insert(branch.getCondition());
    for (Region &region : branch->getRegions())
      if (!region.empty())
        for (Value value : region.front().getTerminator()->getOperands())
          wanted.insert(value);
  }
  getOperation().walk([&](Operation *op) {
    if (isUpload(op) && isDependent(op->getOperand(0)))
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

/// Pattern: y = arith.op(item a, b) -> scalar(a, upload b) { arith.op }
void HoistReadbacks::createScalars() {
  for (Operation *op : work) {
    if (!needed.contains(op))
      continue;
    OpBuilder builder(op);
    llvm::SetVector<Value> captured;
    SmallVector<Operation *> constants;
    auto capture = [&](Value value) {
      if (auto *def = value.getDefiningOp();
          def && def->hasTrait<OpTrait::ConstantLike>()) {
        if (!llvm::is_contained(constants, def))
          constants.push_back(def);
        return;
      }
      captured.insert(value);
    };
    for (Value value : op->getOperands())
      capture(value);
    for (Region &region : op->getRegions())
      visitUsedValuesDefinedAbove(region,
                                  [&](OpOperand *use) { capture(use->get()); });

    SmallVector<Value> inputs;
    SmallVector<Type> argumentTypes, resultTypes;
    for (Value value : captured) {
      inputs.push_back(getDeviceScalar(value));
      argumentTypes.push_back(value.getType());
    }
    for (Type type : op->getResultTypes())
      resultTypes.push_back(RankedTensorType::get({}, type));
    auto scalar = ScalarOp::create(builder, op->getLoc(), resultTypes, inputs,
                                   ValueRange());
    SmallVector<Location> locs(inputs.size(), op->getLoc());
    Block *block =
        builder.createBlock(&scalar.getBody(), {}, argumentTypes, locs);
    IRMapping mapping;
    mapping.map(captured.getArrayRef(), block->getArguments());
    for (Operation *constant : constants)
      builder.clone(*constant, mapping);
    Operation *moved = builder.clone(*op, mapping);
    YieldOp::create(builder, op->getLoc(), moved->getResults());
    for (auto [value, result] :
         llvm::zip(op->getResults(), scalar.getResults()))
      device[value] = result;
  }
}

/// Pattern: from_elements (host scalar from a readback) -> its device scalar
void HoistReadbacks::replaceUploads() {
  SmallVector<tensor::FromElementsOp> uploads;
  getOperation().walk([&](tensor::FromElementsOp op) {
    if (isUpload(op) && op.getType().getRank() == 0 &&
        isDependent(op.getElements().front()))
      uploads.push_back(op);
  });
  for (tensor::FromElementsOp upload : uploads) {
    Value scalar = upload.getElements().front();
    // The result of a branch gets its device scalar with the branch.
    if (scalar.getDefiningOp<scf::IfOp>() && !device.contains(scalar))
      continue;
    Value replacement = getDeviceScalar(scalar);
    if (replacement == upload)
      continue;
    upload.replaceAllUsesWith(replacement);
    upload.erase();
  }
}

/// Pattern: scf.if (item c) {...} -> tseq.if c {...}
void HoistReadbacks::convertBranch(scf::IfOp branch) {
  OpBuilder builder(branch);
  SmallVector<Type> types;
  for (Type type : branch.getResultTypes())
    types.push_back(
        isKernelElement(type) ? Type(RankedTensorType::get({}, type)) : type);
  for (Region &region : branch->getRegions()) {
    if (region.empty())
      continue;
    Operation *yield = region.front().getTerminator();
    SmallVector<Value> values;
    for (Value value : yield->getOperands())
      values.push_back(isKernelElement(value.getType()) ? getDeviceScalar(value)
                                                        : value);
    builder.setInsertionPoint(yield);
    YieldOp::create(builder, yield->getLoc(), values);
    yield->erase();
  }
  builder.setInsertionPoint(branch);
  auto converted = tseq::IfOp::create(builder, branch.getLoc(), types,
                                      getDeviceScalar(branch.getCondition()));
  converted.getThenRegion().takeBody(branch.getThenRegion());
  if (!branch.getElseRegion().empty())
    converted.getElseRegion().takeBody(branch.getElseRegion());
  for (auto [before, after] :
       llvm::zip(branch.getResults(), converted.getResults())) {
    if (before.getType() == after.getType()) {
      before.replaceAllUsesWith(after);
      continue;
    }
    // Uploads of the result, and work on it made before it was converted.
    if (auto it = device.find(before); it != device.end()) {
      Operation *upload = it->second.getDefiningOp();
      it->second.replaceAllUsesWith(after);
      upload->erase();
    }
    device[before] = after;
    for (Operation *user : llvm::make_early_inc_range(before.getUsers()))
      if (isUpload(user) &&
          cast<tensor::FromElementsOp>(user).getType().getRank() == 0) {
        user->getResult(0).replaceAllUsesWith(after);
        user->erase();
      }
    builder.setInsertionPointAfter(converted);
    if (!before.use_empty())
      before.replaceAllUsesWith(
          ItemOp::create(builder, branch.getLoc(), after, ItemUseAttr()));
  }
  remarkDone(converted, "branch-moved")
      << "the branch on a readback runs on the device";
  branch.erase();
}

/// Pattern: use(host scalar) -> use(item (device scalar))
void HoistReadbacks::replaceHostUses() {
  for (Value value : kept) {
    if (!value.getDefiningOp() || !device.contains(value) ||
        value.getDefiningOp<ItemOp>())
      continue;
    OpBuilder builder(value.getContext());
    builder.setInsertionPointAfterValue(device[value]);
    auto item =
        ItemOp::create(builder, value.getLoc(), device[value], ItemUseAttr());
    value.replaceUsesWithIf(item, [&](OpOperand &use) {
      for (Operation *op = use.getOwner(); op; op = op->getParentOp())
        if (work.contains(op))
          return false;
      return true;
    });
  }
}

/// Removes host work and readbacks that nothing uses any more.
void HoistReadbacks::eraseDead() {
  for (Operation *op : llvm::reverse(work.getArrayRef()))
    if (op->use_empty() && isOpTriviallyDead(op))
      op->erase();
  for (ItemOp item : items)
    if (item->use_empty()) {
      remarkDone(item, "readback-removed")
          << "the value is used on the device only";
      item->erase();
    }
}

/// Marks what each readback that is left is for.
void HoistReadbacks::markItems() {
  DenseSet<Value> decisive;
  SmallVector<Operation *> ops;
  getOperation().walk<WalkOrder::PreOrder>(
      [&](Operation *op) { ops.push_back(op); });
  for (Operation *op : llvm::reverse(ops)) {
    if (auto item = dyn_cast<ItemOp>(op)) {
      bool decides = decisive.contains(item.getValue());
      item.setUse(decides ? ItemUse::Decisive : ItemUse::Observed);
      remarkRefused(item, "readback-kept")
          << (decides ? "the host decides by the value"
                      : "the value is returned, stored or passed on");
      continue;
    }
    bool isControl = isa<RegionBranchOpInterface, BranchOpInterface>(op);
    bool shapes = llvm::any_of(op->getOperands(),
                               [](Value value) {
                                 return isa<IndexType>(value.getType());
                               }) &&
                  !isa<arith::ArithDialect>(op->getDialect());
    bool passesOn = llvm::any_of(op->getResults(), [&](Value value) {
      return decisive.contains(value);
    });
    if (isControl || shapes || passesOn)
      decisive.insert(op->operand_begin(), op->operand_end());
  }
}
