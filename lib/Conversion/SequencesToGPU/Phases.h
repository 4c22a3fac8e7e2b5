//===- Phases.h - The code of map, reduce and scalar ------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_PHASES_H
#define GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_PHASES_H

#include "KernelFunction.h"

namespace graphopt {

/// The scalar operands of a map or reduce.
class ScalarOperands {
public:
  ScalarOperands(KernelFunction &kernel, mlir::ValueRange scalars);
  /// Loads those that are one for all tensors.
  void loadShared();
  /// Adds the values of all to `values`; those of tensor number `tensor` where
  /// there is one for each.
  void append(mlir::Value tensor, mlir::SmallVector<mlir::Value> &values);

private:
  KernelFunction &kernel;
  mlir::SmallVector<mlir::MemRefType> types;
  mlir::SmallVector<int64_t> numbers;
  mlir::SmallVector<mlir::Value> shared;
};

/// Emits a map for at most `maxBlocks` blocks; returns how many.
int64_t emitMap(KernelFunction &kernel, mlir::tseq::MapOp op,
                int64_t maxBlocks);

/// The first pass of a reduction: partial results in the op's scratch.
class ReducePhase {
public:
  ReducePhase(KernelFunction &kernel, mlir::tseq::ReduceOp op,
              int64_t maxBlocks);
  /// Over all blocks; returns how many.
  int64_t emitPartials();
  /// In one block that sees all partial results. Joins them in a fixed order;
  /// sums of f32 in f64.
  void emitFinish();

private:
  void finishTensors(mlir::ValueRange partials, mlir::ValueRange outs);
  void finishTotal(mlir::ValueRange partials, mlir::ValueRange outs);
  mlir::Value join(unsigned i, mlir::Value lhs, mlir::Value rhs);
  /// The type of result `i`.
  mlir::Type getType(unsigned i);
  /// The type in which partial results of result `i` are joined.
  mlir::Type getWideType(unsigned i);
  mlir::Value getIdentity(unsigned i, mlir::Type type);
  mlir::Value widen(unsigned i, mlir::Value value);
  /// Joins the values of [first, last) at every `step`-th place from `start`.
  mlir::Value joinRange(unsigned i, mlir::Value partials, mlir::Value start,
                        mlir::Value last, int64_t step);
  void storeResult(unsigned i, mlir::Value value, mlir::Value out,
                   mlir::Value index);

  KernelFunction &kernel;
  mlir::tseq::ReduceOp op;
  WorkDivision division;
  mlir::SmallVector<KernelFunction::Row> inputs;
  ScalarOperands scalars;
  mlir::SmallVector<int64_t> outs, scratch;
};

/// Emits a scalar program for the block. Sets the handles of those of
/// `conditions` that it writes; in the first block only if `inEveryBlock`.
void emitScalar(KernelFunction &kernel, mlir::tseq::ScalarOp op,
                const llvm::DenseSet<mlir::Value> &conditions,
                bool inEveryBlock = false);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_PHASES_H
