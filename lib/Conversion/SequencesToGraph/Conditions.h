//===- Conditions.h - What sets the conditions of branches ------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGRAPH_CONDITIONS_H
#define GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGRAPH_CONDITIONS_H

#include "GraphOpt/TensorSeq/TensorSeq.h"

namespace graphopt {

/// The condition of a conditional op, or null.
mlir::Value getCondition(mlir::Operation *op);

/// The branches directly in `block`, of a bufferized region, at which the
/// condition is sure to hold what a scalar directly in `block` or in a kernel
/// there wrote last: the scalar stands before the branch, and nothing else
/// between the two may write its bytes, by whatever view. Conditions are
/// temporaries and each is that of one conditional op. Takes about linear time
/// in the ops and operands of the block.
llvm::SmallVector<mlir::tseq::IfOp>
findBranchesSetByScalars(mlir::Block &block);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGRAPH_CONDITIONS_H
