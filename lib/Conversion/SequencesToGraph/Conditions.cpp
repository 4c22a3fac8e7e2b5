//===- Conditions.cpp - What sets the conditions of branches --------------===//
//
// Finds the branches whose handles the scalars that compute their conditions
// can set.
//
//===----------------------------------------------------------------------===//

#include "Conditions.h"

#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

#include <map>

using namespace mlir;
using namespace graphopt;

Value graphopt::getCondition(Operation *op) {
  if (auto branch = dyn_cast<tseq::IfOp>(op))
    return branch.getCondition();
  if (auto loop = dyn_cast<tseq::WhileOp>(op))
    return loop.getCondition();
  return {};
}

namespace {
/// The conditions that hold what a scalar wrote, at one place of a block.
class ScalarConditions {
public:
  /// `memref` may have been written to.
  void forget(Value memref) {
    FailureOr<cudagraph::ByteRange> range = ranges.resolve(memref);
    if (failed(range)) {
      byPlace.clear();
      return;
    }
    std::map<int64_t, Value> &places = byPlace[range->root];
    // Conditions have one byte.
    places.erase(places.lower_bound(range->begin),
                 places.lower_bound(range->end));
  }
  /// A scalar wrote `memref`.
  void remember(Value memref) {
    forget(memref);
    FailureOr<cudagraph::ByteRange> range = ranges.resolve(memref);
    if (succeeded(range) && range->size() == 1)
      byPlace[range->root][range->begin] = memref;
  }
  bool contains(Value condition) {
    FailureOr<cudagraph::ByteRange> range = ranges.resolve(condition);
    if (failed(range))
      return false;
    std::map<int64_t, Value> &places = byPlace[range->root];
    auto place = places.find(range->begin);
    return place != places.end() && place->second == condition;
  }

private:
  cudagraph::RangeResolver ranges;
  /// First byte -> condition, for each buffer.
  DenseMap<Value, std::map<int64_t, Value>> byPlace;
};
} // namespace

/// Calls `callback` with the memrefs that `op` may write to: its operands and
/// those of lists that it takes, less what it is known to read only.
static void forEachWritten(Operation *op, function_ref<void(Value)> callback) {
  // These give memory another name.
  if (isa<tseq::PackOp, ViewLikeOpInterface>(op))
    return;
  Value condition = getCondition(op);
  for (Value operand : op->getOperands()) {
    if (auto pack = operand.getDefiningOp<tseq::PackOp>())
      llvm::for_each(pack.getTensors(), callback);
    else if (isa<BaseMemRefType>(operand.getType()) && operand != condition)
      callback(operand);
  }
}

/// Whether `condition` is a temporary that one conditional op takes.
static bool isOfOneBranch(Value condition) {
  auto takesIt = [&](Operation *user) {
    return getCondition(user) == condition;
  };
  return condition.getDefiningOp<memref::ViewOp>() &&
         llvm::count_if(condition.getUsers(), takesIt) == 1;
}

/// Whether `scalar` runs whenever `block` does.
static bool runsIn(tseq::ScalarOp scalar, Block &block) {
  Operation *op = scalar;
  if (isa<tseq::KernelOp>(op->getParentOp()))
    op = op->getParentOp();
  return op->getBlock() == &block;
}

SmallVector<tseq::IfOp> graphopt::findBranchesSetByScalars(Block &block) {
  SmallVector<tseq::IfOp> found;
  ScalarConditions set;
  for (Operation &op : block) {
    auto branch = dyn_cast<tseq::IfOp>(op);
    if (branch && set.contains(branch.getCondition()) &&
        isOfOneBranch(branch.getCondition()))
      found.push_back(branch);
    op.walk<WalkOrder::PreOrder>([&](Operation *inner) {
      auto scalar = dyn_cast<tseq::ScalarOp>(inner);
      if (!scalar) {
        forEachWritten(inner, [&](Value value) { set.forget(value); });
        return WalkResult::advance();
      }
      bool isHere = runsIn(scalar, block);
      for (Value out : scalar.getOuts()) {
        if (isHere)
          set.remember(out);
        else
          set.forget(out);
      }
      // The body has no access to memory but by its arguments, which it reads.
      return WalkResult::skip();
    });
  }
  return found;
}
