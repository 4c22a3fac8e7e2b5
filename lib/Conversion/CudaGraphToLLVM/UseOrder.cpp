//===- UseOrder.cpp - When a function uses memory -------------------------===//
//
// Implements positions of the uses of memory in a function.
//
//===----------------------------------------------------------------------===//

#include "UseOrder.h"

#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace graphopt;

/// After all ops of the entry block.
static constexpr int64_t kEnd = std::numeric_limits<int64_t>::max();

/// Whether `op` is a launch that copies what it reads if it overwrites it.
static bool checksOverlaps(Operation *op, SymbolTableCollection &symbols) {
  auto launch = dyn_cast<cudagraph::LaunchOp>(op);
  if (!launch)
    return false;
  auto exec = launch.getExec().getDefiningOp<cudagraph::InstantiateOp>();
  auto graph = exec ? symbols.lookupNearestSymbolFrom<cudagraph::GraphOp>(
                          exec, exec.getGraphAttr())
                    : cudagraph::GraphOp();
  return graph && graph->hasAttr(cudagraph::GraphOp::kDisjointAttribute) &&
         llvm::all_of(launch.getBuffers(), [](Value buffer) {
           return cudagraph::isContiguous(cast<MemRefType>(buffer.getType()));
         });
}

UseOrder::UseOrder(Block &body, SymbolTableCollection &symbols) : body(body) {
  // A position between two ops is free for the end of the first one.
  int64_t position = 0;
  for (Operation &op : body) {
    positions[&op] = position += 2;
    if (checksOverlaps(&op, symbols))
      checked.insert(&op);
  }
}

/// Calls `visit` with each op that uses `memref` or a view of it.
static void forEachUser(Value memref,
                        llvm::function_ref<void(Operation *)> visit) {
  SmallVector<Value> values = {memref};
  while (!values.empty())
    for (Operation *user : values.pop_back_val().getUsers()) {
      if (isa<ViewLikeOpInterface>(user))
        llvm::append_range(values, user->getResults());
      else
        visit(user);
    }
}

/// Whether memory that goes into `op` may be used by other ops under the name
/// of one of its results, or of its parent's.
static bool passesOn(Operation *op) {
  return (op->hasTrait<OpTrait::IsTerminator>() && !isa<func::ReturnOp>(op)) ||
         llvm::any_of(op->getResultTypes(), llvm::IsaPred<BaseMemRefType>);
}

int64_t UseOrder::first(Value memref) const {
  int64_t position = kEnd;
  forEachUser(memref, [&](Operation *user) {
    if (Operation *op = body.findAncestorOpInBlock(*user))
      position = std::min(position, positions.lookup(op));
  });
  return position;
}

int64_t UseOrder::last(Value memref) const {
  int64_t position = 0;
  forEachUser(memref, [&](Operation *user) {
    Operation *op = body.findAncestorOpInBlock(*user);
    int64_t here = kEnd;
    if (op && !passesOn(user))
      here = positions.lookup(op) + !checked.contains(op);
    position = std::max(position, here);
  });
  return position;
}
