//===- BranchWork.cpp - What belongs into a branch ------------------------===//
//
// Moves scalars out of branches and maps into them, so that a branch is left
// with one map in the best case, which a predicate does as well.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::tseq;

void graphopt::hoistScalars(tseq::IfOp branch) {
  for (Region &region : branch->getRegions())
    for (Block &body : region)
      for (Operation &op :
           llvm::make_early_inc_range(body.without_terminator())) {
        bool usesInside = llvm::any_of(op.getOperands(), [&](Value value) {
          return value.getParentBlock() == &body;
        });
        if (isa<ScalarOp>(op) && isSpeculatable(&op) && !usesInside)
          op.moveBefore(branch);
      }
}

/// The block of a branch that holds all users of `op`, an op before the branch;
/// null if there is none.
static Block *getOnlyBranch(Operation &op) {
  Block *only = nullptr;
  for (Operation *user : op.getUsers()) {
    if (user->getBlock() == op.getBlock())
      return nullptr;
    // The ancestor of `user` in a region of an op beside `op`.
    while (user->getParentOp()->getBlock() != op.getBlock())
      user = user->getParentOp();
    if (!isa<tseq::IfOp>(user->getParentOp()) ||
        (only && only != user->getBlock()))
      return nullptr;
    only = user->getBlock();
  }
  return only;
}

void graphopt::sinkMaps(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isa<MapOp, GetOp, PackOp>(op))
      if (Block *branch = getOnlyBranch(op))
        op.moveBefore(branch, branch->begin());
}
