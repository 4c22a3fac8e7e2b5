//===- OuterOps.h - Ops that may use what is around them --------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_OUTEROPS_H
#define GRAPHOPT_LIB_TRANSFORMS_OUTEROPS_H

#include "mlir/IR/OpDefinition.h"

namespace graphopt {

/// Visits `op` and the ops in it that may use values from around it: not the
/// bodies of device work, which see their arguments only and may be long.
inline void visitOuterOps(mlir::Operation *op,
                          llvm::function_ref<void(mlir::Operation *)> visit) {
  op->walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *inner) {
    visit(inner);
    return inner->hasTrait<mlir::OpTrait::IsIsolatedFromAbove>()
               ? mlir::WalkResult::skip()
               : mlir::WalkResult::advance();
  });
}

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_OUTEROPS_H
