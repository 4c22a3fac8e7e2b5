//===- Stages.h - Which ops of a block may be joined ------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_FUSION_STAGES_H
#define GRAPHOPT_LIB_TRANSFORMS_FUSION_STAGES_H

#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"

#include <set>

namespace graphopt {

/// The stage of each op of a block. Maps, reduces and ops that are kernels of
/// their own have even stages, scalars odd ones. An edge along which two ops
/// may be fused stays within a stage; every other edge goes to a later one. So
/// ops of one stage may be joined in any way without a cycle.
class Stages {
public:
  explicit Stages(mlir::Block &block);

  int64_t get(mlir::Operation *op) const {
    auto it = stages.find(op);
    return it == stages.end() ? kFirst : it->second;
  }
  void set(mlir::Operation *op, int64_t stage) { stages[op] = stage; }

  /// What only later ops read that it can be joined with goes with them. What
  /// the block yields is in time anyway.
  void delay(mlir::Operation *op);

  /// A map that the block only yields waits for what reads the tensors that it
  /// overwrites. So it needs no memory of its own, and may join them.
  void delayOverwriting(mlir::Operation *map);

  /// Stage of what only depends on the region's arguments.
  static constexpr int64_t kFirst = -2;

private:
  /// A scalar that no reduce of the stage before is waiting for goes to the
  /// last one, before its readers, that follows reduces: it shares their
  /// kernel.
  void delayToReduces(mlir::Operation *scalar);
  /// The stage at which `value` is complete.
  int64_t getStage(mlir::Value value) const;
  int64_t compute(mlir::Operation *op) const;
  /// `fusible` are sequences whose producers may be joined with `op`.
  int64_t computeElementwise(mlir::Operation *op,
                             mlir::ValueRange fusible) const;

  mlir::Block &block;
  mlir::DenseMap<mlir::Operation *, int64_t> stages;
  std::set<int64_t> reduceStages;
  /// What each op overwrites, as far as that is known.
  mlir::DenseMap<mlir::Operation *, mlir::SmallVector<mlir::Value>> overwritten;
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_FUSION_STAGES_H
