//===- ReadbackUses.cpp - What the host does with values ------------------===//

#include "ReadbackUses.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "HostWork.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"

using namespace mlir;
using namespace graphopt;

StringRef graphopt::describe(HostUseReason reason) {
  switch (reason) {
  case HostUseReason::Uploaded:
    return "the value goes back to the device";
  case HostUseReason::Returned:
    return "the value is returned";
  case HostUseReason::Stored:
    return "the host keeps the value";
  case HostUseReason::Passed:
    return "the value is passed to a call";
  case HostUseReason::Address:
    return "the value is an index";
  case HostUseReason::Extent:
    return "the value is an extent";
  case HostUseReason::LoopBound:
    return "the value bounds a loop";
  case HostUseReason::Branch:
    return "the host branches by the value";
  case HostUseReason::Assertion:
    return "the value is asserted";
  }
  llvm_unreachable("all reasons are listed");
}

bool graphopt::isDecisive(HostUseReason reason) {
  return reason >= HostUseReason::Address;
}

/// What `use` is, if it ends what arithmetic makes of a value.
static HostUseReason classify(OpOperand &use) {
  Operation *user = use.getOwner();
  if (isa<tseq::GraphOp, tensor::FromElementsOp>(user))
    return HostUseReason::Uploaded;
  if (isa<cf::AssertOp>(user))
    return HostUseReason::Assertion;
  if (isa<scf::ForOp, scf::ForallOp, scf::ParallelOp>(user))
    return HostUseReason::LoopBound;
  if (isa<RegionBranchOpInterface, BranchOpInterface, scf::ConditionOp>(user))
    return HostUseReason::Branch;
  if (isa<CallOpInterface>(user))
    return HostUseReason::Passed;
  if (isa<func::ReturnOp>(user))
    return HostUseReason::Returned;
  if (isa<IndexType>(use.get().getType())) {
    bool isShaped = llvm::any_of(user->getResultTypes(), [](Type type) {
      auto shaped = dyn_cast<ShapedType>(type);
      return shaped && !(shaped.hasRank() && shaped.hasStaticShape());
    });
    return isShaped ? HostUseReason::Extent : HostUseReason::Address;
  }
  return HostUseReason::Stored;
}

SmallVector<Operation *> graphopt::collectReadbacks(func::FuncOp function) {
  SmallVector<Operation *> readbacks;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op->getNumRegions() && op != function &&
        !isa_and_nonnull<scf::SCFDialect>(op->getDialect()))
      return WalkResult::skip();
    if (isReadback(op))
      readbacks.push_back(op);
    return WalkResult::advance();
  });
  return readbacks;
}

HostUses::HostUses(func::FuncOp function) {
  SmallVector<Operation *> ops;
  function.walk<WalkOrder::PreOrder>([&](Operation *op) { ops.push_back(op); });
  // Backwards, so that uses are known before values; and again for what a
  // loop gives to its next turn.
  for (int sweep = 0; sweep < 2; ++sweep)
    for (Operation *op : llvm::reverse(ops))
      for (OpOperand &use : op->getOpOperands())
        visit(use);
}

std::optional<HostUse> HostUses::find(Value value) const {
  auto it = uses.find(value);
  return it == uses.end() ? std::nullopt : std::optional(it->second);
}

void HostUses::visit(OpOperand &use) {
  Operation *user = use.getOwner();
  bool isCondition = isa<scf::ConditionOp>(user) && use.getOperandNumber() == 0;
  if (isScalarWork(user))
    for (Value result : user->getResults())
      join(use.get(), find(result));
  else if (isa<scf::YieldOp, scf::ConditionOp>(user) && !isCondition)
    for (Value successor : getSuccessors(use))
      join(use.get(), find(successor));
  else
    join(use.get(), HostUse{classify(use), user});
}

void HostUses::join(Value value, std::optional<HostUse> use) {
  if (!use)
    return;
  auto [it, isNew] = uses.try_emplace(value, *use);
  if (!isNew && it->second.reason < use->reason)
    it->second = *use;
}
