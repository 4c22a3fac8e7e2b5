//===- Phases.h - The code of map, reduce and scalar ------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_PHASES_H
#define GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_PHASES_H

#include "KernelFunction.h"

#include <optional>

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

/// A map.
class MapPhase {
public:
  /// For at most `maxBlocks` blocks, or in tiles if that is 0: a block for
  /// each.
  MapPhase(KernelFunction &kernel, mlir::tseq::MapOp op, int64_t maxBlocks);
  /// About how many tiles `op` has for blocks of `threads` threads.
  static int64_t countTiles(mlir::tseq::MapOp op, int64_t threads);
  /// Loads what can be known before the phase may start.
  void prepare();
  /// Emits the work of all blocks; returns how many.
  int64_t emit();

private:
  /// A sequence; one that is read and written is one row.
  struct Row {
    mlir::Value list;
    bool isRead, isWritten;
    KernelFunction::Row row;
  };
  struct Rows {
    mlir::SmallVector<Row> rows;
    mlir::SmallVector<unsigned> inputs, outs; ///< Positions in `rows`.

    explicit Rows(mlir::tseq::MapOp op);
    int64_t getRoundElements(int64_t threads) const;
    int64_t getTileElements(int64_t threads) const;
  };

  void emitPiece(std::array<mlir::Value, 3> piece);
  mlir::SmallVector<mlir::Value>
  emitElement(mlir::ArrayRef<mlir::Value> read,
              mlir::ArrayRef<mlir::Value> scalarValues);

  KernelFunction &kernel;
  mlir::tseq::MapOp op;
  Rows sequences;
  WorkDivision division;
  std::optional<ScalarOperands> scalars;
  std::optional<int64_t> predicate;
  std::optional<KernelFunction::BlockPieces> pieces;
};

/// A reduction for at most `maxBlocks` blocks: partial results in the op's
/// scratch, then the result.
class ReducePhase {
public:
  ReducePhase(KernelFunction &kernel, mlir::tseq::ReduceOp op,
              int64_t maxBlocks);
  /// Loads what can be known before the phase may start.
  void prepare();
  /// Over all blocks; returns how many.
  int64_t emitPartials();
  /// Loads what `emitFinish` needs to know before it may start.
  void prepareFinish();
  /// In one block that sees all partial results. Joins them in a fixed order;
  /// sums of f32 in f64.
  void emitFinish();

private:
  /// Tensors, the first of their pieces and the one behind the last.
  struct TensorPieces {
    llvm::SmallVector<int64_t> tensors, firsts, ends;

    /// The most and the fewest pieces of a tensor.
    std::pair<int64_t, int64_t> getBounds() const;
  };

  void finishTensors(mlir::ValueRange partials, mlir::ValueRange outs);
  void finishFew(mlir::ValueRange partials, mlir::ValueRange outs);
  void finishMany(mlir::ValueRange partials, mlir::ValueRange outs);
  /// Tensor, first piece and end of place `number` of `list`.
  mlir::SmallVector<mlir::Value> loadPieces(const TensorPieces &list,
                                            mlir::Value number);
  /// Joins the partial results from `first` to `end`, which are at most `most`
  /// and at least `least`, all loaded at once.
  mlir::Value joinFew(unsigned i, mlir::Value partials, mlir::Value first,
                      mlir::Value end, int64_t most, int64_t least);
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
  /// `value`, of the wide type, in the type of result `i`.
  mlir::Value narrow(unsigned i, mlir::Value value);
  void storeResult(unsigned i, mlir::Value value, mlir::Value out,
                   mlir::Value index);

  KernelFunction &kernel;
  mlir::tseq::ReduceOp op;
  WorkDivision division;
  mlir::SmallVector<KernelFunction::Row> inputs;
  ScalarOperands scalars;
  mlir::SmallVector<int64_t> outs, scratch;
  std::optional<KernelFunction::BlockPieces> pieces;
  TensorPieces few, many; ///< Those that one thread joins, or one warp.
  /// Of the first of `few` that this thread joins, if it was prepared.
  mlir::SmallVector<mlir::Value> firstOfFew;
};

/// Emits a scalar program for the block. Sets the handles of those of
/// `conditions` that it writes; in the first block only if `inEveryBlock`.
void emitScalar(KernelFunction &kernel, mlir::tseq::ScalarOp op,
                const llvm::DenseSet<mlir::Value> &conditions,
                bool inEveryBlock = false);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_PHASES_H
