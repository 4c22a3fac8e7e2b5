//===- Work.h - How much the device does ------------------------*- C++ -*-===//
//
// Counts kernels, bytes and uploads of IR on tensors, and predicts what they
// take. An op in a loop or a branch counts once.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TRANSFORMS_REPORT_WORK_H
#define GRAPHOPT_TRANSFORMS_REPORT_WORK_H

#include "GraphOpt/Analysis/CostModel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace graphopt {

/// Whether `op` is, by itself, work of the device: run op by op it would be at
/// least one kernel. Views, lists and readbacks are not.
bool isDeviceWorkOp(mlir::Operation *op);

/// Whether `op` is a launch, copy or fill on memory that becomes a node without
/// a region (`capture-launches`).
bool isNodeOnMemory(mlir::Operation *op);

/// The ops of `root`, itself included, that are device work, in program order;
/// none of them holds another.
llvm::SmallVector<mlir::Operation *> collectDeviceWork(mlir::Operation *root);

/// Bytes that `ops` read and write, one by one; of what has no static shape,
/// none. The phases of a `tseq.kernel` count one by one, but not their scalars.
int64_t countBytes(llvm::ArrayRef<mlir::Operation *> ops);

/// Bytes of a tensor or sequence of `type`; of what has no static shape, none.
int64_t countTensorBytes(mlir::Type type);

/// Kernels that `ops` would be, one by one.
int64_t countKernels(llvm::ArrayRef<mlir::Operation *> ops);

/// The places in the program of `ops`, each once, in the order of `ops`.
mlir::ArrayAttr getPlaces(llvm::ArrayRef<mlir::Operation *> ops,
                          mlir::MLIRContext *context);

/// Host scalars that `function` sends to the device outside of regions: those
/// that are made tensors, and those that a region takes.
int64_t countUploads(mlir::func::FuncOp function);

/// Microseconds of `bytes` in one kernel, beyond those of an empty one.
double predictTransfer(int64_t bytes, const Calibration &calibration);

/// Microseconds of `ops` launched one by one on a stream, without the wait.
double predictOpByOp(llvm::ArrayRef<mlir::Operation *> ops,
                     const Calibration &calibration);

/// Microseconds of `ops` as nodes of one linear graph that is launched once.
double predictAsGraph(llvm::ArrayRef<mlir::Operation *> ops,
                      const Calibration &calibration);

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_REPORT_WORK_H
