//===- WorkDivision.h - The elements of a list among blocks -----*- C++ -*-===//
//
// Shapes are static, so which block does what is a constant of the module.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_WORKDIVISION_H
#define GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_WORKDIVISION_H

#include "GraphOpt/TensorSeq/TensorSeq.h"

namespace graphopt {

/// Pieces of tensors, dealt out to blocks in runs.
struct WorkDivision {
  /// `length` elements of tensor number `tensor` from element `offset` on.
  struct Piece {
    int64_t tensor, offset, length;
  };

  llvm::SmallVector<Piece> pieces;
  /// Row r has the pieces [firstOfRow[r], firstOfRow[r + 1]).
  llvm::SmallVector<int64_t> firstOfRow = {0};
  /// Tensor t has the pieces [firstOfTensor[t], firstOfTensor[t + 1]); of
  /// divideWork.
  llvm::SmallVector<int64_t> firstOfTensor = {0};
  /// The first rows are spans: the piece of a span stands for
  /// `1 << logTilesOfSpan` of its length, one behind the other, which are a
  /// block each. Every other row is a block.
  int64_t numSpans = 0;
  int64_t logTilesOfSpan = 0;

  int64_t getNumRows() const { return firstOfRow.size() - 1; }
  int64_t getNumTiles() const { return numSpans << logTilesOfSpan; }
  int64_t getNumBlocks() const {
    return getNumRows() - numSpans + getNumTiles();
  }
};

/// Cuts the tensors of `domain` into chunks of `chunkElements` elements, deals
/// them out evenly to at most `maxBlocks` blocks and joins neighbours of one
/// tensor; pieces are in the order of the list. Every block has at least one
/// piece; there are none for an empty list.
WorkDivision divideWork(mlir::tseq::SeqType domain, int64_t chunkElements,
                        int64_t maxBlocks);

/// Cuts the tensors of `domain` into tiles of `tileElements` elements, a block
/// for each. What is left of tensors is packed: a block has pieces of that in
/// the order of the list, together no longer than a tile.
WorkDivision divideIntoTiles(mlir::tseq::SeqType domain, int64_t tileElements);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_WORKDIVISION_H
