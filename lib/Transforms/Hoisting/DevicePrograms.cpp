//===- DevicePrograms.cpp - Host arithmetic as scalar programs ------------===//
//
// Implements the rewrite of host arithmetic to tseq.scalar, chains of it to
// one.
//
//===----------------------------------------------------------------------===//

#include "DevicePrograms.h"
#include "HostWork.h"

#include "GraphOpt/Analysis/MathAccuracy.h"
#include "GraphOpt/Analysis/Remarks.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

SmallVector<SmallVector<Operation *>>
graphopt::groupPrograms(ArrayRef<Operation *> work,
                        const llvm::SetVector<Value> &kept) {
  DenseMap<Operation *, size_t> groupOf;
  SmallVector<SmallVector<Operation *>> groups;
  for (Operation *op : llvm::reverse(work)) {
    std::optional<size_t> group;
    bool isInside = isa_and_nonnull<arith::ArithDialect, math::MathDialect>(
                        op->getDialect()) &&
                    op->getNumResults() == 1 &&
                    !kept.contains(op->getResult(0));
    for (Operation *user : op->getUsers()) {
      auto it = groupOf.find(user);
      isInside &= it != groupOf.end() && user->getBlock() == op->getBlock() &&
                  user->getNumRegions() == 0 &&
                  group.value_or(it->second) == it->second;
      if (!isInside)
        break;
      group = it->second;
    }
    if (!isInside || !group) {
      group = groups.size();
      groups.emplace_back();
    }
    groupOf[op] = *group;
    groups[*group].push_back(op);
  }
  std::reverse(groups.begin(), groups.end());
  for (SmallVector<Operation *> &group : groups)
    std::reverse(group.begin(), group.end());
  return groups;
}

/// Pattern: item (element), extract (operand) -> the element, a load
static void loadReadbacks(ScalarOp scalar) {
  SmallVector<Operation *> readbacks;
  scalar.getBody().walk([&](Operation *op) {
    if (isa<ItemOp, tensor::ExtractOp>(op))
      readbacks.push_back(op);
  });
  for (Operation *op : readbacks) {
    Value source = op->getOperand(0);
    if (!isa<ShapedType>(source.getType())) {
      op->replaceAllUsesWith(ValueRange(source));
      op->erase();
    } else if (isa<ItemOp>(op)) {
      OpBuilder builder(op);
      Value zero = arith::ConstantIndexOp::create(builder, op->getLoc(), 0);
      SmallVector<Value> indices(cast<ShapedType>(source.getType()).getRank(),
                                 zero);
      op->replaceAllUsesWith(
          tensor::ExtractOp::create(builder, op->getLoc(), source, indices));
      op->erase();
    }
  }
}

/// Pattern: y = arith.op(item a, b) -> scalar(a, upload b) { arith.op }
/// A readback in the regions of an op becomes a load from an operand.
ScalarOp graphopt::createProgram(ArrayRef<Operation *> ops,
                                 function_ref<Value(Value)> toDevice) {
  Operation *last = ops.back();
  OpBuilder builder(last);
  llvm::SetVector<Value> captured;
  llvm::SetVector<Operation *> constants;
  DenseSet<Operation *> members(ops.begin(), ops.end());
  auto capture = [&](Value value) {
    Operation *def = value.getDefiningOp();
    if (members.contains(def))
      return;
    if (def && def->hasTrait<OpTrait::ConstantLike>() &&
        !isa<ShapedType>(value.getType()))
      constants.insert(def);
    else
      captured.insert(value);
  };
  for (Operation *op : ops) {
    llvm::for_each(op->getOperands(), capture);
    for (Region &region : op->getRegions())
      visitUsedValuesDefinedAbove(region,
                                  [&](OpOperand *use) { capture(use->get()); });
  }

  SmallVector<Value> inputs;
  SmallVector<Type> argumentTypes, resultTypes;
  for (Value value : captured) {
    bool isTensor = isa<ShapedType>(value.getType());
    inputs.push_back(isTensor ? value : toDevice(value));
    argumentTypes.push_back(ScalarOp::getArgumentType(inputs.back().getType()));
  }
  for (Type type : last->getResultTypes())
    resultTypes.push_back(RankedTensorType::get({}, type));
  auto scalar = ScalarOp::create(builder, last->getLoc(), resultTypes, inputs,
                                 ValueRange());
  SmallVector<Location> locs(inputs.size(), last->getLoc());
  Block *block =
      builder.createBlock(&scalar.getBody(), {}, argumentTypes, locs);
  IRMapping mapping;
  mapping.map(captured.getArrayRef(), block->getArguments());
  for (Operation *constant : constants)
    builder.clone(*constant, mapping);
  Operation *moved = nullptr;
  for (Operation *op : ops)
    moved = builder.clone(*op, mapping);
  YieldOp::create(builder, last->getLoc(), moved->getResults());
  loadReadbacks(scalar);
  return scalar;
}

void graphopt::remarkInexactMath(Operation *op) {
  if (!isa_and_nonnull<math::MathDialect>(op->getDialect()))
    return;
  std::optional<unsigned> ulps = getDeviceMathError(op);
  if (ulps == 0u)
    return;
  auto remark = remarkDone(op, "math-may-differ");
  remark << "the device's function and the host's differ in the last places";
  if (ulps)
    remark << mlir::remark::metric("device-error-ulps", *ulps);
}
