//===- WorkDivision.h - The elements of a list among blocks -----*- C++ -*-===//
//
// Shapes are static, so which block does what is a constant of the module.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_WORKDIVISION_H
#define GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_WORKDIVISION_H

#include "GraphOpt/TensorSeq/TensorSeq.h"

namespace graphopt {

/// Pieces of tensors in the order of the list, dealt out to blocks in runs.
struct WorkDivision {
  /// `length` elements of tensor number `tensor` from element `offset` on.
  struct Piece {
    int64_t tensor, offset, length;
  };

  llvm::SmallVector<Piece> pieces;
  /// Block b has the pieces [firstOfBlock[b], firstOfBlock[b + 1]).
  llvm::SmallVector<int64_t> firstOfBlock = {0};
  /// Tensor t has the pieces [firstOfTensor[t], firstOfTensor[t + 1]).
  llvm::SmallVector<int64_t> firstOfTensor = {0};

  int64_t getNumBlocks() const { return firstOfBlock.size() - 1; }
};

/// Cuts the tensors of `domain` into chunks of `chunkElements` elements, deals
/// them out evenly to at most `maxBlocks` blocks and joins neighbours of one
/// tensor. Every block has at least one piece; there are none for an empty
/// list.
WorkDivision divideWork(mlir::tseq::SeqType domain, int64_t chunkElements,
                        int64_t maxBlocks);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_WORKDIVISION_H
