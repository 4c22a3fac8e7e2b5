//===- InPlace.h - Which values take the place of others --------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_FUSION_INPLACE_H
#define GRAPHOPT_LIB_TRANSFORMS_FUSION_INPLACE_H

#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"

namespace graphopt {

/// The op of `block` that makes what its terminator yields as operand `index`,
/// and the value in whose memory that will be: what reads it should come first.
/// Either may be null.
struct Replacement {
  mlir::Operation *writer;
  mlir::Value old;
};

/// One for each operand of the terminator of `block`, the body of a `graph` or
/// a region of an `if`: a result of a region replaces what was read from the
/// buffer that the result goes to, and a result of a branch what else stays.
llvm::SmallVector<Replacement> findReplacements(mlir::Block &block);

/// Calls `visit` with each op of `block`, but for its terminator, that reads
/// `value`, itself or as a part of a list or by a view.
void forEachReader(mlir::Block &block, mlir::Value value,
                   llvm::function_ref<void(mlir::Operation *)> visit);

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_FUSION_INPLACE_H
