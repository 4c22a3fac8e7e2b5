//===- FlattenBranches.cpp - Checks without branches ----------------------===//
//
// A check that a program makes tensor by tensor, and leaves early, costs a
// readback per tensor, or a conditional node each. What it skips has no
// effects: done always, it is one reduction.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/CostModel.h"
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

/// Bytes of a tensor that kernels work on, else 0.
static int64_t countBytes(Type type) {
  auto shaped = dyn_cast<ShapedType>(type);
  if (!shaped || !isKernelElement(shaped.getElementType()) ||
      !shaped.hasStaticShape() || shaped.getElementType().isIndex())
    return 0;
  return shaped.getNumElements() *
         llvm::divideCeil(shaped.getElementTypeBitWidth(), 8);
}

/// What device work in `region` itself does, not in branches within.
static BranchSide measureSide(Region &region) {
  BranchSide side;
  for (Operation &op : region.getOps()) {
    auto capturable = dyn_cast<CapturableOpInterface>(op);
    if (!capturable)
      continue;
    side.numKernels += capturable.isKernel();
    for (Type type : op.getOperandTypes()) {
      if (auto sequence = dyn_cast<SeqType>(type))
        for (Type tensor : sequence.getElements())
          side.bytes += countBytes(tensor);
      else
        side.bytes += countBytes(type);
    }
  }
  return side;
}

static ChoiceCosts predictChoice(scf::IfOp branch,
                                 const Calibration &calibration) {
  return predictChoice(measureSide(branch.getThenRegion()),
                       measureSide(branch.getElseRegion()),
                       getProbability(branch), calibration);
}

namespace {
struct FlattenBranches
    : public graphopt::impl::FlattenBranchesBase<FlattenBranches> {
  void runOnOperation() override {
    bool hasBranches =
        getOperation()
            .walk([](scf::IfOp) { return WalkResult::interrupt(); })
            .wasInterrupted();
    if (!hasBranches)
      return markAllAnalysesPreserved();
    calibration = Calibration::getFor(getOperation());
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
    if (branches.empty())
      markAllAnalysesPreserved();
    llvm::for_each(branches, [&](scf::IfOp branch) { flatten(branch); });
  }

private:
  bool isWorthwhile(scf::IfOp branch) const;
  static bool canFlatten(scf::IfOp branch, const DenseSet<Operation *> &flat);
  void flatten(scf::IfOp branch) const;

  Calibration calibration;
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
  if (isCheck)
    return true;
  ChoiceCosts costs = predictChoice(branch, calibration);
  return costs.flat <= costs.conditional;
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
void FlattenBranches::flatten(scf::IfOp branch) const {
  ChoiceCosts costs = predictChoice(branch, calibration);
  remarkDone(branch, "branch-flattened")
      << mlir::remark::metric("flat-microseconds", costs.flat)
      << mlir::remark::metric("conditional-microseconds", costs.conditional);
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
