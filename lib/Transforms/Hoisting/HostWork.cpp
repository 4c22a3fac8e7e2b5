//===- HostWork.cpp - What the host does that the device could ------------===//

#include "HostWork.h"

#include "GraphOpt/Analysis/ElementTypes.h"
#include "GraphOpt/Analysis/Requests.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

static bool isControl(Operation *op) {
  return isa<scf::IfOp, scf::ForOp, scf::WhileOp>(op);
}

static bool isDeviceTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() &&
         isKernelElement(tensor.getElementType());
}

bool graphopt::isReadback(Operation *op) {
  if (auto item = dyn_cast<ItemOp>(op))
    return isKernelElement(item.getType());
  auto extract = dyn_cast<tensor::ExtractOp>(op);
  return extract && isDeviceTensor(extract.getTensor().getType());
}

/// Whether `op`, which has no region, is arithmetic on scalars.
static bool isArithmetic(Operation *op) {
  return isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) &&
         op->getNumRegions() == 0 &&
         llvm::all_of(op->getResultTypes(), isKernelElement) &&
         llvm::all_of(op->getOperandTypes(), isKernelElement);
}

/// Whether all arguments of the blocks of `op` and its results are scalars.
static bool carriesScalars(Operation *op) {
  for (Region &region : op->getRegions())
    if (!region.empty() &&
        (!region.hasOneBlock() ||
         !llvm::all_of(region.getArgumentTypes(), isKernelElement)))
      return false;
  return llvm::all_of(op->getResultTypes(), isKernelElement);
}

bool graphopt::isScalarWork(Operation *op) {
  if (isa<tensor::ExtractOp>(op))
    return isReadback(op);
  if (!isControl(op))
    return isArithmetic(op);
  if (op->getNumResults() == 0)
    return false;
  bool isScalar = true;
  op->walk([&](Operation *inner) {
    if (isControl(inner))
      isScalar &= carriesScalars(inner);
    else if (!isa<scf::YieldOp, scf::ConditionOp>(inner))
      isScalar &= isArithmetic(inner) || isReadback(inner);
  });
  return isScalar;
}

bool graphopt::isUpload(Operation *op) {
  auto upload = dyn_cast<tensor::FromElementsOp>(op);
  return upload && upload.getElements().size() == 1 &&
         isKernelElement(upload.getElements().front().getType());
}

llvm::StringRef graphopt::getLoopRequest(Operation *op) {
  auto request = op->getAttrOfType<StringAttr>(kLoopAttribute);
  return request ? request.getValue() : StringRef();
}

bool graphopt::isDeviceWork(Operation *op) {
  if (auto capturable = dyn_cast<CapturableOpInterface>(op))
    return capturable.isCaptureSafe() && getLaunchRequest(op) != "stream";
  return isa<PackOp, UnpackOp, GetOp>(op);
}

bool graphopt::isDeviceControl(Operation *op) {
  auto isCarried = [](Type type) {
    return isKernelElement(type) || isDeviceTensor(type);
  };
  if (!isControl(op) || getLoopRequest(op) == "host" ||
      !llvm::all_of(op->getResultTypes(), isCarried))
    return false;
  for (Region &region : op->getRegions()) {
    if (region.empty())
      continue;
    if (!region.hasOneBlock() ||
        !llvm::all_of(region.getArgumentTypes(), isCarried))
      return false;
    for (Operation &inner : region.front().without_terminator())
      if (!isReadback(&inner) && !isScalarWork(&inner) && !isUpload(&inner) &&
          !inner.hasTrait<OpTrait::ConstantLike>() && !isDeviceWork(&inner) &&
          !isDeviceControl(&inner))
        return false;
  }
  return true;
}

/// Whether the indices of `op` are known to be those of an element.
static bool isInBounds(tensor::ExtractOp op) {
  auto type = cast<RankedTensorType>(op.getTensor().getType());
  for (auto [index, size] : llvm::zip(op.getIndices(), type.getShape())) {
    APInt value;
    if (!matchPattern(index, m_ConstantInt(&value)) ||
        value.getSExtValue() < 0 || value.getSExtValue() >= size)
      return false;
  }
  return true;
}

bool graphopt::isGuarded(Operation *op) {
  bool guarded = false;
  op->walk([&](Operation *inner) {
    if (auto extract = dyn_cast<tensor::ExtractOp>(inner))
      guarded |= !isInBounds(extract);
    else if (isa<scf::WhileOp>(inner))
      guarded = true;
    else if (!isa<scf::ForOp, scf::IfOp, scf::YieldOp, ItemOp>(inner))
      guarded |= !isSafeToSpeculate(inner);
  });
  return guarded;
}

//===----------------------------------------------------------------------===//
// Dependence
//===----------------------------------------------------------------------===//

SmallVector<Value> graphopt::getSuccessors(OpOperand &use) {
  Operation *parent = use.getOwner()->getParentOp();
  unsigned number = use.getOperandNumber();
  if (isa<scf::ConditionOp>(use.getOwner())) {
    if (number == 0)
      return {};
    auto loop = cast<scf::WhileOp>(parent);
    return {loop.getResult(number - 1), loop.getAfterArguments()[number - 1]};
  }
  if (auto loop = dyn_cast<scf::WhileOp>(parent))
    return {loop.getBeforeArguments()[number]};
  if (auto loop = dyn_cast<scf::ForOp>(parent))
    return {loop.getResult(number), loop.getRegionIterArg(number)};
  if (number < parent->getNumResults())
    return {parent->getResult(number)};
  return {};
}

DependentValues::DependentValues(func::FuncOp function) {
  SmallVector<Value> worklist;
  auto add = [&](Value value) {
    if (isKernelElement(value.getType()) && values.insert(value).second)
      worklist.push_back(value);
  };
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    // Arithmetic in the body of other work is not the host's.
    if (op->getNumRegions() && op != function &&
        !isa_and_nonnull<scf::SCFDialect>(op->getDialect()))
      return WalkResult::skip();
    if (isReadback(op))
      add(op->getResult(0));
    return WalkResult::advance();
  });
  while (!worklist.empty()) {
    for (OpOperand &use : worklist.pop_back_val().getUses()) {
      Operation *user = use.getOwner();
      SmallVector<Value> successors;
      if (user->hasTrait<OpTrait::IsTerminator>()) {
        if (isControl(user->getParentOp()))
          successors = getSuccessors(use);
      } else if (auto loop = dyn_cast<scf::ForOp>(user))
        for (OpOperand &init : loop.getInitArgsMutable()) {
          if (&init == &use)
            successors = {loop.getTiedLoopRegionIterArg(&use),
                          loop.getTiedLoopResult(&use)};
        }
      else if (auto loop = dyn_cast<scf::WhileOp>(user))
        successors.push_back(loop.getBeforeArguments()[use.getOperandNumber()]);
      else if (isScalarWork(user))
        successors.append(user->result_begin(), user->result_end());
      // What a branch on such a value or an effect of it gives is dependent.
      if (isa<scf::IfOp>(user) ||
          (isa<scf::ConditionOp>(user) && use.getOperandNumber() == 0)) {
        Operation *control = isa<scf::IfOp>(user) ? user : user->getParentOp();
        successors.append(control->result_begin(), control->result_end());
      }
      llvm::for_each(successors, add);
    }
  }
}
