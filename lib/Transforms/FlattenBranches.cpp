//===- FlattenBranches.cpp - Checks without branches ----------------------===//
//
// A check that a program makes tensor by tensor, and leaves early, costs a
// readback per tensor, or a conditional node each. What it skips has no
// effects: done always, it is one reduction.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/ElementTypes.h"
#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"
#include "Hoisting/HostWork.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/SetVector.h"

namespace graphopt {
#define GEN_PASS_DEF_FLATTENBRANCHES
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Whether nothing shows that `op` ran where the program did not run it.
static bool canRunAlways(Operation *op) {
  if (isUpload(op) || op->hasTrait<OpTrait::ConstantLike>())
    return true;
  if (isReadback(op) || isScalarWork(op))
    return !isGuarded(op);
  return isDeviceWork(op) && isMemoryEffectFree(op) && isSafeToSpeculate(op);
}

/// Bytes that device work in `branch` itself reads, not in branches within.
static int64_t countBytesRead(scf::IfOp branch) {
  int64_t bytes = 0;
  auto add = [&](Type type) {
    auto shaped = dyn_cast<ShapedType>(type);
    if (shaped && isKernelElement(shaped.getElementType()) &&
        shaped.hasStaticShape() && !shaped.getElementType().isIndex())
      bytes += shaped.getNumElements() *
               llvm::divideCeil(shaped.getElementTypeBitWidth(), 8);
  };
  for (Region &region : branch->getRegions())
    for (Operation &op : region.getOps())
      if (isa<CapturableOpInterface>(op))
        for (Type type : op.getOperandTypes()) {
          if (auto sequence = dyn_cast<SeqType>(type))
            llvm::for_each(sequence.getElements(), add);
          else
            add(type);
        }
  return bytes;
}

namespace {
struct FlattenBranches
    : public graphopt::impl::FlattenBranchesBase<FlattenBranches> {
  using FlattenBranchesBase::FlattenBranchesBase;

  void runOnOperation() override {
    bool hasBranches =
        getOperation()
            .walk([](scf::IfOp) { return WalkResult::interrupt(); })
            .wasInterrupted();
    if (!hasBranches)
      return;
    DependentValues dependent(getOperation());
    DenseSet<Operation *> flat;
    getOperation().walk<WalkOrder::PostOrder>([&](scf::IfOp branch) {
      if (dependent.contains(branch.getCondition()) && isWorthwhile(branch) &&
          canFlatten(branch, flat))
        flat.insert(branch);
    });
    // Outer ones first, so that each op moves once.
    SmallVector<scf::IfOp> branches;
    getOperation().walk<WalkOrder::PreOrder>([&](scf::IfOp branch) {
      if (flat.contains(branch))
        branches.push_back(branch);
    });
    llvm::for_each(branches, flatten);
  }

private:
  bool isWorthwhile(scf::IfOp branch) const;
  static bool canFlatten(scf::IfOp branch, const DenseSet<Operation *> &flat);
  static void flatten(scf::IfOp branch);
};
} // namespace

/// Whether doing both sides of `branch` costs less than choosing one.
bool FlattenBranches::isWorthwhile(scf::IfOp branch) const {
  // The program may say so.
  if (auto choice = branch->getAttrOfType<StringAttr>("graphopt.branch"))
    return choice.getValue() == "flat";
  // Arithmetic alone becomes one scalar program, branches and all.
  if (isScalarWork(branch))
    return false;
  // A flag answers a check: it is hardly ever decided early.
  bool isCheck = llvm::all_of(branch.getResultTypes(),
                              [](Type type) { return type.isInteger(1); });
  return isCheck || countBytesRead(branch) <= maxBytes;
}

/// Whether both regions can be done whatever the condition is; `flat` holds the
/// branches within for which this holds.
bool FlattenBranches::canFlatten(scf::IfOp branch,
                                 const DenseSet<Operation *> &flat) {
  if (branch.getNumResults() == 0 ||
      !llvm::all_of(branch.getResultTypes(), isKernelElement))
    return false;
  for (Region &region : branch->getRegions())
    for (Operation &op : region.front().without_terminator())
      if (!flat.contains(&op) && !canRunAlways(&op))
        return false;
  return true;
}

/// Pattern: if c { a } else { b } -> a; b; select c
void FlattenBranches::flatten(scf::IfOp branch) {
  remarkDone(branch, "branch-flattened")
      << mlir::remark::metric("BytesRead", countBytesRead(branch));
  Block *block = branch->getBlock();
  for (Region &region : branch->getRegions()) {
    Block &body = region.front();
    block->getOperations().splice(branch->getIterator(), body.getOperations(),
                                  body.begin(), std::prev(body.end()));
  }
  OpBuilder builder(branch);
  SmallVector<Value> results;
  for (auto [a, b] : llvm::zip(branch.thenYield().getOperands(),
                               branch.elseYield().getOperands()))
    results.push_back(arith::SelectOp::create(builder, branch.getLoc(),
                                              branch.getCondition(), a, b));
  branch.replaceAllUsesWith(results);
  branch.erase();
}
