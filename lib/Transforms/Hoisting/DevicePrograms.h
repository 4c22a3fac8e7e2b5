//===- DevicePrograms.h - Host arithmetic as scalar programs ----*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_HOISTING_DEVICEPROGRAMS_H
#define GRAPHOPT_LIB_TRANSFORMS_HOISTING_DEVICEPROGRAMS_H

#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "llvm/ADT/SetVector.h"

namespace graphopt {

/// Groups `work`, host arithmetic in program order, so that each group becomes
/// one program: only others of the group use what all but its last op compute,
/// and none of that is in `kept`, so that the last op can wait for all.
llvm::SmallVector<llvm::SmallVector<mlir::Operation *>>
groupPrograms(llvm::ArrayRef<mlir::Operation *> work,
              const llvm::SetVector<mlir::Value> &kept);

/// Makes a program, before the last of `ops`, that computes what this one does
/// from the device scalars that `toDevice` gives for host scalars.
mlir::tseq::ScalarOp
createProgram(llvm::ArrayRef<mlir::Operation *> ops,
              llvm::function_ref<mlir::Value(mlir::Value)> toDevice);

/// Reports a math function that libraries round differently, and how far the
/// device's result may be from the correctly rounded one.
void remarkInexactMath(mlir::Operation *op);

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_HOISTING_DEVICEPROGRAMS_H
