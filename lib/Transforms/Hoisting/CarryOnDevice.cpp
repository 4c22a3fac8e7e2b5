//===- CarryOnDevice.cpp - Device scalars through host control flow -------===//
//
// A loop that the host runs may still carry scalars that it never looks at: as
// device scalars they need no readback per turn.
//
//===----------------------------------------------------------------------===//

#include "HostWork.h"

#include "GraphOpt/Analysis/ElementTypes.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// From T to tensor<T>
//===----------------------------------------------------------------------===//

/// Uploads what `use` holds.
static void uploadOperand(OpOperand &use) {
  OpBuilder builder(use.getOwner());
  Value value = use.get();
  use.set(tensor::FromElementsOp::create(
      builder, use.getOwner()->getLoc(),
      RankedTensorType::get({}, value.getType()), value));
}

/// Makes a device scalar of `value`, a block argument or result, and reads it
/// back at `builder`'s place for those who use it.
static void readBack(OpBuilder &builder, Value value) {
  Type type = RankedTensorType::get({}, value.getType());
  if (value.use_empty())
    return value.setType(type);
  auto item = ItemOp::create(builder, value.getLoc(), value.getType(), value,
                             ItemUseAttr());
  value.replaceAllUsesExcept(item, item);
  value.setType(type);
}

static void readBackArgument(BlockArgument argument) {
  OpBuilder builder = OpBuilder::atBlockBegin(argument.getOwner());
  readBack(builder, argument);
}

static void readBackResult(Value result) {
  OpBuilder builder(result.getContext());
  builder.setInsertionPointAfterValue(result);
  readBack(builder, result);
}

/// Iteration argument `number` of `loop`.
static void carry(scf::ForOp loop, unsigned number) {
  uploadOperand(loop.getInitArgsMutable()[number]);
  uploadOperand(loop.getBody()->getTerminator()->getOpOperand(number));
  readBackArgument(loop.getRegionIterArg(number));
  readBackResult(loop.getResult(number));
}

/// Result `number` of `branch`.
static void carry(scf::IfOp branch, unsigned number) {
  for (Region &region : branch->getRegions())
    uploadOperand(region.front().getTerminator()->getOpOperand(number));
  readBackResult(branch.getResult(number));
}

/// Argument `number` of what `loop` does before its condition.
static void carryBefore(scf::WhileOp loop, unsigned number) {
  uploadOperand(loop->getOpOperand(number));
  uploadOperand(loop.getYieldOp()->getOpOperand(number));
  readBackArgument(loop.getBeforeArguments()[number]);
}

/// Argument `number` of what `loop` does after its condition.
static void carryAfter(scf::WhileOp loop, unsigned number) {
  uploadOperand(loop.getConditionOp()->getOpOperand(number + 1));
  readBackArgument(loop.getAfterArguments()[number]);
  readBackResult(loop.getResult(number));
}

void graphopt::carryAllOnDevice(Operation *op) {
  auto loop = cast<scf::WhileOp>(op);
  for (BlockArgument argument : loop.getBeforeArguments())
    if (isKernelElement(argument.getType()))
      carryBefore(loop, argument.getArgNumber());
  for (BlockArgument argument : loop.getAfterArguments())
    if (isKernelElement(argument.getType()))
      carryAfter(loop, argument.getArgNumber());
}

//===----------------------------------------------------------------------===//
// Which scalars
//===----------------------------------------------------------------------===//

namespace {
/// Where a host scalar ends up, by way of arithmetic.
struct Destiny {
  bool onHost = false;   ///< The host looks at it, within the loop or branch.
  bool onDevice = false; ///< It is uploaded.
};
} // namespace

/// Follows `value` through scalar work to its uses within `scope` (all uses if
/// null). What `op` itself carries on does not count.
static Destiny follow(Value value, Operation *op, Region *scope) {
  Destiny destiny;
  DenseSet<Value> seen = {value};
  SmallVector<Value> worklist = {value};
  while (!worklist.empty() && !destiny.onHost) {
    for (OpOperand &use : worklist.pop_back_val().getUses()) {
      Operation *user = use.getOwner();
      if (scope && !scope->isAncestor(user->getParentRegion()))
        continue;
      if (isUpload(user)) {
        destiny.onDevice = true;
        continue;
      }
      bool isCondition = isa<scf::ConditionOp>(user) && !use.getOperandNumber();
      if (user->hasTrait<OpTrait::IsTerminator>() &&
          user->getParentOp() == op && !isCondition)
        continue;
      // Uses in the regions of scalar work are uses by that work.
      Operation *work = user;
      while (work && !isScalarWork(work))
        work = work->getParentOp() && work->getParentOp() != op
                   ? work->getParentOp()
                   : nullptr;
      if (!work) {
        destiny.onHost = true;
        break;
      }
      for (Value result : work->getResults())
        if (seen.insert(result).second)
          worklist.push_back(result);
    }
  }
  return destiny;
}

/// Whether the host needs `argument` of `loop` within the loop.
static bool isForDevice(BlockArgument argument, Operation *loop) {
  return !follow(argument, loop, argument.getParentRegion()).onHost;
}

/// Whether the device alone needs `result` of a branch.
static bool isForDevice(OpResult result) {
  Destiny destiny = follow(result, result.getOwner(), nullptr);
  return destiny.onDevice && !destiny.onHost;
}

static void noteCarried(Operation *op) {
  remarkDone(op, "scalar-carried")
      << "a value that comes from a readback stays on the device from turn to "
         "turn";
}

static void carryDependent(scf::ForOp loop, const DependentValues &dependent) {
  for (BlockArgument argument : loop.getRegionIterArgs()) {
    unsigned number = argument.getArgNumber() - loop.getNumInductionVars();
    Value next = loop.getBody()->getTerminator()->getOperand(number);
    if (!dependent.contains(next) || !isForDevice(argument, loop))
      continue;
    noteCarried(loop);
    carry(loop, number);
  }
}

static void carryDependent(scf::WhileOp loop,
                           const DependentValues &dependent) {
  for (BlockArgument argument : loop.getBeforeArguments()) {
    unsigned number = argument.getArgNumber();
    if (!dependent.contains(loop.getYieldOp()->getOperand(number)) ||
        !isForDevice(argument, loop))
      continue;
    noteCarried(loop);
    carryBefore(loop, number);
  }
  for (BlockArgument argument : loop.getAfterArguments()) {
    unsigned number = argument.getArgNumber();
    if (!dependent.contains(loop.getConditionOp().getArgs()[number]) ||
        !isForDevice(argument, loop))
      continue;
    noteCarried(loop);
    carryAfter(loop, number);
  }
}

/// A branch on a readback is not for here: it goes to the device as a whole.
static void carryDependent(scf::IfOp branch, const DependentValues &dependent) {
  if (dependent.contains(branch.getCondition()))
    return;
  for (OpResult result : branch->getOpResults()) {
    if (!dependent.contains(result) || !isForDevice(result))
      continue;
    noteCarried(branch);
    carry(branch, result.getResultNumber());
  }
}

bool graphopt::carryScalarsOnDevice(func::FuncOp function) {
  // Outer ones first: what they carry is seen through the loops in them.
  SmallVector<Operation *> controls;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<scf::ForOp, scf::WhileOp, scf::IfOp>(op) && !isScalarWork(op))
      controls.push_back(op);
  });
  if (controls.empty())
    return false;
  DependentValues dependent(function);
  for (Operation *op : controls)
    llvm::TypeSwitch<Operation *>(op).Case<scf::ForOp, scf::WhileOp, scf::IfOp>(
        [&](auto control) { carryDependent(control, dependent); });
  return true;
}
