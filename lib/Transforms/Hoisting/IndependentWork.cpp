//===- IndependentWork.cpp - What the host can do before a branch ---------===//
//
// Moves host arithmetic that no readback feeds out of what moves to the device.
//
//===----------------------------------------------------------------------===//

#include "DeviceControl.h"
#include "HostWork.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace graphopt;

namespace {
/// Moves work out of one branch or loop.
class Mover {
public:
  Mover(Operation *control, const DependentValues &dependent)
      : control(control), dependent(dependent) {}

  void visit(Operation *op) {
    if (canMove(op))
      move(op);
  }

private:
  bool isOutside(Value value) const {
    return !control->isAncestor(value.getParentBlock()->getParentOp());
  }
  bool isConstant(Value value) const {
    Operation *op = value.getDefiningOp();
    return op && op->hasTrait<OpTrait::ConstantLike>();
  }
  bool canMove(Operation *op) const {
    return isScalarWork(op) && !isReadback(op) && op->getNumRegions() == 0 &&
           !op->hasTrait<OpTrait::ConstantLike>() && !isGuarded(op) &&
           llvm::all_of(op->getOperands(), [&](Value value) {
             return isConstant(value) ||
                    (isOutside(value) && !dependent.contains(value));
           });
  }
  void move(Operation *op) {
    for (Value value : op->getOperands())
      if (!isOutside(value))
        value.getDefiningOp()->moveBefore(control);
    op->moveBefore(control);
  }

  Operation *control;
  const DependentValues &dependent;
};
} // namespace

/// Whether an op around `op` is one of `control`.
static bool isInside(Operation *op,
                     const llvm::SetVector<Operation *> &control) {
  for (Operation *parent = op->getParentOp(); parent;
       parent = parent->getParentOp())
    if (control.contains(parent))
      return true;
  return false;
}

void graphopt::moveIndependentWork(
    func::FuncOp function, const llvm::SetVector<Operation *> &control) {
  if (control.empty())
    return;
  DependentValues dependent(function);
  for (Operation *op : control) {
    if (isInside(op, control))
      continue;
    SmallVector<Operation *> parts;
    op->walk<WalkOrder::PreOrder>([&](Operation *part) {
      parts.push_back(part);
      // Arithmetic in the body of other work is not the host's.
      bool isOther = part->getNumRegions() > 0 &&
                     !isa_and_nonnull<scf::SCFDialect>(part->getDialect());
      return isOther ? WalkResult::skip() : WalkResult::advance();
    });
    Mover mover(op, dependent);
    for (Operation *part : parts)
      mover.visit(part);
  }
}
