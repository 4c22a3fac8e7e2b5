//===- HostWork.h - What the host does that the device could ----*- C++ -*-===//
//
// Predicates on host scalars that the passes around readbacks share.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TRANSFORMS_HOISTING_HOSTWORK_H
#define GRAPHOPT_TRANSFORMS_HOISTING_HOSTWORK_H

#include "mlir/IR/Operation.h"
#include "llvm/ADT/DenseSet.h"

namespace mlir::func {
class FuncOp;
} // namespace mlir::func

namespace graphopt {

/// Whether `op` reads one element of a device tensor: `tseq.item`, or
/// `tensor.extract` from a tensor of static shape.
bool isReadback(mlir::Operation *op);

/// Whether `op` is host arithmetic that a `tseq.scalar` can hold: arith and
/// math on scalars, a `tensor.extract` of one of many elements, or a branch or
/// loop that holds nothing else but these and readbacks.
bool isScalarWork(mlir::Operation *op);

/// Whether `op` uploads one host scalar.
bool isUpload(mlir::Operation *op);

/// Whether `op` may run on the device as it stands.
bool isDeviceWork(mlir::Operation *op);

/// Attribute of an `scf.for` or `scf.while`: "device" or "host".
inline constexpr llvm::StringLiteral kLoopAttribute = "graphopt.loop";
/// Where the program wants loop `op` to run; empty if it does not say.
llvm::StringRef getLoopRequest(mlir::Operation *op);

/// Whether `op`, an `scf.if`, `scf.for` or `scf.while`, could run on the device
/// as a whole: it carries and holds nothing but what the device can do, and the
/// program does not want any of it apart.
bool isDeviceControl(mlir::Operation *op);

/// Whether running `op` where the program did not would be noticed: it divides
/// integers, reads at an index that may be out of bounds, or may not end.
bool isGuarded(mlir::Operation *op);

/// The values that `use`, an operand of a terminator, becomes where control
/// goes on: results of the parent, arguments of the next turn.
llvm::SmallVector<mlir::Value> getSuccessors(mlir::OpOperand &use);

/// The host scalars that are computed from readbacks.
class DependentValues {
public:
  explicit DependentValues(mlir::func::FuncOp function);

  bool contains(mlir::Value value) const { return values.contains(value); }

private:
  llvm::DenseSet<mlir::Value> values;
};

/// Makes predicated copies of selections between tensors by a scalar that
/// depends on readbacks. Returns whether there is any selection of tensors.
bool selectTensorsOnDevice(mlir::func::FuncOp function);

/// Lets loops and branches carry scalars that depend on readbacks as device
/// scalars: iteration arguments and results change from T to `tensor<T>`, with
/// an upload where they are given and a readback where they are used. Returns
/// whether there are any loops and branches with device work.
bool carryScalarsOnDevice(mlir::func::FuncOp function);

/// Gives the scalars that `loop`, an `scf.while`, carries to the device.
void carryAllOnDevice(mlir::Operation *loop);

/// Says of each readback that is left what it is for, and marks it so.
void explainReadbacks(mlir::func::FuncOp function);

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_HOISTING_HOSTWORK_H
