//===- ExplainReadbacks.cpp - Why a readback is left ----------------------===//

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "HostWork.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

namespace {
/// What the host does with a value that was read back. Later ones weigh more.
enum class Reason {
  Returned,  ///< It is a result of the function.
  Stored,    ///< It is written to host memory, or used in a way not listed.
  Passed,    ///< It is an argument of a call.
  Address,   ///< It is an index.
  Extent,    ///< It is the extent of a tensor or buffer.
  LoopBound, ///< It bounds a loop.
  Branch,    ///< It decides a branch, or whether a loop goes on.
  Assertion, ///< The program must stop if it is false.
};

struct HostUse {
  Reason reason;
  Operation *user;
};
} // namespace

static StringRef describe(Reason reason) {
  switch (reason) {
  case Reason::Returned:
    return "the value is returned";
  case Reason::Stored:
    return "the host keeps the value";
  case Reason::Passed:
    return "the value is passed to a call";
  case Reason::Address:
    return "the value is an index";
  case Reason::Extent:
    return "the value is an extent";
  case Reason::LoopBound:
    return "the value bounds a loop";
  case Reason::Branch:
    return "the host branches by the value";
  case Reason::Assertion:
    return "the value is asserted";
  }
  llvm_unreachable("all reasons are listed");
}

/// What `use` is, if it ends what arithmetic makes of a value.
static Reason classify(OpOperand &use) {
  Operation *user = use.getOwner();
  if (isa<cf::AssertOp>(user))
    return Reason::Assertion;
  if (isa<scf::ForOp, scf::ForallOp, scf::ParallelOp>(user))
    return Reason::LoopBound;
  if (isa<RegionBranchOpInterface, BranchOpInterface, scf::ConditionOp>(user))
    return Reason::Branch;
  if (isa<CallOpInterface>(user))
    return Reason::Passed;
  if (isa<func::ReturnOp>(user))
    return Reason::Returned;
  if (isa<IndexType>(use.get().getType())) {
    bool isShaped = llvm::any_of(user->getResultTypes(), [](Type type) {
      auto shaped = dyn_cast<ShapedType>(type);
      return shaped && !(shaped.hasRank() && shaped.hasStaticShape());
    });
    return isShaped ? Reason::Extent : Reason::Address;
  }
  return Reason::Stored;
}

namespace {
/// The weightiest use of each host value, through host arithmetic.
class HostUses {
public:
  explicit HostUses(func::FuncOp function) {
    SmallVector<Operation *> ops;
    function.walk<WalkOrder::PreOrder>(
        [&](Operation *op) { ops.push_back(op); });
    // Backwards, so that uses are known before values; and again for what a
    // loop gives to its next turn.
    for (int sweep = 0; sweep < 2; ++sweep)
      for (Operation *op : llvm::reverse(ops))
        for (OpOperand &use : op->getOpOperands())
          visit(use);
  }

  /// Nothing if `value` has no use.
  std::optional<HostUse> find(Value value) const {
    auto it = uses.find(value);
    return it == uses.end() ? std::nullopt : std::optional(it->second);
  }

private:
  void visit(OpOperand &use) {
    Operation *user = use.getOwner();
    bool isCondition =
        isa<scf::ConditionOp>(user) && use.getOperandNumber() == 0;
    if (isScalarWork(user))
      for (Value result : user->getResults())
        join(use.get(), find(result));
    else if (isa<scf::YieldOp, scf::ConditionOp>(user) && !isCondition)
      for (Value successor : getSuccessors(use))
        join(use.get(), find(successor));
    else
      join(use.get(), HostUse{classify(use), user});
  }

  void join(Value value, std::optional<HostUse> use) {
    if (!use)
      return;
    auto [it, isNew] = uses.try_emplace(value, *use);
    if (!isNew && it->second.reason < use->reason)
      it->second = *use;
  }

  DenseMap<Value, HostUse> uses;
};
} // namespace

void graphopt::explainReadbacks(func::FuncOp function) {
  HostUses uses(function);
  function.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (op->getNumRegions() && op != function &&
        !isa_and_nonnull<scf::SCFDialect>(op->getDialect()))
      return WalkResult::skip();
    if (!isReadback(op))
      return WalkResult::advance();
    std::optional<HostUse> use = uses.find(op->getResult(0));
    Reason reason = use ? use->reason : Reason::Stored;
    bool decides = reason >= Reason::Address;
    if (auto item = dyn_cast<ItemOp>(op))
      item.setUse(decides ? ItemUse::Decisive : ItemUse::Observed);
    std::string user;
    if (use) {
      llvm::raw_string_ostream stream(user);
      stream << use->user->getName() << " at " << use->user->getLoc();
    }
    if (decides)
      remarkRefused(op, "readback-kept")
          << describe(reason) << mlir::remark::metric("UsedBy", user);
    else
      remarkDone(op, "readback-deferred")
          << describe(reason) << mlir::remark::metric("UsedBy", user);
    return WalkResult::advance();
  });
}
