//===- FreeAllocations.cpp - Free buffers that do not leave their block ---===//
//
// Adds deallocations where the end of a buffer's life is plain to see.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Transforms/Passes.h"

#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace graphopt {
#define GEN_PASS_DEF_FREEALLOCATIONS
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;

/// Whether `op` uses a memref without keeping it.
static bool keepsNothing(Operation *op) {
  return isa<memref::LoadOp, memref::StoreOp, memref::CopyOp, memref::DimOp,
             linalg::LinalgOp, tseq::GraphOp, tseq::ItemOp>(op);
}

/// Whether `alloc` is only used in, or below, its block and never escapes.
static bool staysInBlock(memref::AllocOp alloc) {
  SmallVector<Value> worklist = {alloc.getResult()};
  while (!worklist.empty()) {
    Value memref = worklist.pop_back_val();
    for (Operation *user : memref.getUsers()) {
      if (!alloc->getBlock()->findAncestorOpInBlock(*user))
        return false;
      if (isa<ViewLikeOpInterface>(user)) {
        llvm::append_range(worklist, user->getResults());
        continue;
      }
      // Storing a memref as an element would let it escape.
      auto store = dyn_cast<memref::StoreOp>(user);
      if (!keepsNothing(user) || (store && store.getValue() == memref))
        return false;
    }
  }
  return true;
}

namespace {
struct FreeAllocations
    : public graphopt::impl::FreeAllocationsBase<FreeAllocations> {
  void runOnOperation() override {
    bool changed = false;
    getOperation().walk([&](memref::AllocOp alloc) {
      Block *block = alloc->getBlock();
      if (alloc->getParentOfType<tseq::GraphOp>() ||
          !isa<RegionBranchOpInterface, FunctionOpInterface>(
              block->getParentOp()) ||
          !block->mightHaveTerminator() || !staysInBlock(alloc))
        return;
      OpBuilder builder(block->getTerminator());
      memref::DeallocOp::create(builder, alloc.getLoc(), alloc);
      changed = true;
    });
    if (!changed)
      markAllAnalysesPreserved();
  }
};
} // namespace
