//===- NodeOrder.h - Which ops of a block data put in order -----*- C++ -*-===//
//
// The order that what ops of a region read and write asks for, whatever
// temporaries share memory later. Ops that it leaves open may run side by side
// in a graph.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TRANSFORMS_MEMORY_NODEORDER_H
#define GRAPHOPT_TRANSFORMS_MEMORY_NODEORDER_H

#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseMap.h"

#include <vector>

namespace graphopt {

/// A set of ops that is closed under "what must run before". Ops are cut into
/// lanes, each op behind the one before in its lane; entry i is the number of
/// ops of lane i that are in the set. What is missing at the end is zero.
using Clock = llvm::SmallVector<unsigned, 4>;

/// Whether all of `a` is in `b`.
bool isWithin(llvm::ArrayRef<unsigned> a, llvm::ArrayRef<unsigned> b);
/// Adds all of `b` to `a`.
void joinClock(Clock &a, llvm::ArrayRef<unsigned> b);
/// Leaves in `a` what is in `b` too.
void meetClock(Clock &a, llvm::ArrayRef<unsigned> b);

/// The order of the ops of one block. Ops of branches and loops count as those
/// ops. Takes linear time in ops and accesses, times the number of lanes.
class NodeOrder {
public:
  explicit NodeOrder(mlir::Block &block);

  /// Position of an op of the block.
  unsigned getNumber(mlir::Operation *op) const { return numbers.lookup(op); }
  /// Op `number` and all that must run before it. Empty for an op that touches
  /// no memory.
  llvm::ArrayRef<unsigned> getClock(unsigned number) const {
    return clocks[number];
  }
  /// Whether the op is a copy or a fill, which may as well come right before
  /// the op that it is for.
  bool isPreparation(unsigned number) const { return preparations[number]; }

private:
  llvm::DenseMap<mlir::Operation *, unsigned> numbers;
  // By number of the op.
  std::vector<Clock> clocks;
  std::vector<bool> preparations;
};

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_MEMORY_NODEORDER_H
