//===- LaunchOps.h - The ops of other compilers' launches -------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_CAPTURE_LAUNCHOPS_H
#define GRAPHOPT_LIB_TRANSFORMS_CAPTURE_LAUNCHOPS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace graphopt {

/// The ops of a function that come from another compiler.
struct LaunchOps {
  /// Launches, copies, fills, waits, and allocations of memory.
  llvm::SetVector<mlir::Operation *> capturable;
  /// Copies and fills that the host does.
  mlir::SmallVector<mlir::Operation *> onHost;
  /// What can not be captured, each with the reason; those of `onHost` as well.
  llvm::MapVector<mlir::Operation *, std::string> refused;
  /// Loops and branches carry tokens of captured ops. All of these are in the
  /// order of the caller's stream, which is what the tokens ask for.
  bool carriesTokens = false;
};

/// Finds what can be captured in `function` and why the rest can not. Where ops
/// name streams, or loops carry tokens, what shares a token with an op that is
/// not captured is left as well.
LaunchOps findLaunchOps(mlir::func::FuncOp function);

/// Whether `op` allocates or frees: it becomes an op of `memref`.
bool isMemoryOp(mlir::Operation *op);

/// Whether the host waits in `op` for the tokens that it takes.
bool isBlockingWait(mlir::Operation *op);

/// The stream that `op` names, or null.
mlir::Value getStream(mlir::Operation *op);

/// Lets who waits for `op`, other launches and waits, wait for what `op` waits
/// for.
void forwardTokens(mlir::Operation *op);

/// Replaces an allocation or deallocation by the one of `memref`. All memory of
/// a program is the device's, and the runtime keeps it in order.
void convertMemoryOp(mlir::Operation *op);

/// Makes the tokens of `captured` that loops and branches carry numbers that
/// nobody reads.
void replaceCarriedTokens(mlir::func::FuncOp function,
                          const llvm::SetVector<mlir::Operation *> &captured);

/// Replaces a copy or fill by one of the host.
void convertToHost(mlir::Operation *op);

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_CAPTURE_LAUNCHOPS_H
