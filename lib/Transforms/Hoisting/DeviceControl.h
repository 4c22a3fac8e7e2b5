//===- DeviceControl.h - Branches and loops for the device ------*- C++ -*-===//

#ifndef GRAPHOPT_TRANSFORMS_HOISTING_DEVICECONTROL_H
#define GRAPHOPT_TRANSFORMS_HOISTING_DEVICECONTROL_H

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace graphopt {

/// The branches and loops (`scf.if`, `scf.while`) that depend on readbacks and
/// can run on the device as a whole, outer ones first, and those in them. Loops
/// among them carry tensors only after this; an `scf.for` in them becomes an
/// `scf.while`. A loop whose turns are predicted to cost less with the host is
/// not among them, unless it is in one that is. Reports an error for a request
/// that is wrong or can not be met.
mlir::FailureOr<llvm::SetVector<mlir::Operation *>>
chooseDeviceControl(mlir::func::FuncOp function);

/// Moves arithmetic that no readback feeds out of the ops of `control`, if it
/// may run where they do not: the host does it before them, and the device need
/// not. Sine and power of f64 take a GPU's thread microseconds.
void moveIndependentWork(mlir::func::FuncOp function,
                         const llvm::SetVector<mlir::Operation *> &control);

/// Gives the device scalar for a host scalar, and a tensor as it is.
using ToDevice = llvm::function_ref<mlir::Value(mlir::Value)>;

/// Makes the regions of `op` yield what `toDevice` gives for their values.
void yieldOnDevice(mlir::Operation *op, ToDevice toDevice);

/// Makes a `tseq.if` before `branch` and moves its regions there. Results that
/// are scalars become device scalars.
mlir::Operation *convertBranch(mlir::scf::IfOp branch, ToDevice toDevice);

/// Makes a `tseq.while` before `loop`, whose regions yield device values, from
/// its regions: what it does before the condition is done once before the loop
/// and then at the end of each turn.
mlir::Operation *convertLoop(mlir::scf::WhileOp loop);

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_HOISTING_DEVICECONTROL_H
