//===- Lists.h - Sequences at the borders of regions ------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_FORMGRAPHS_LISTS_H
#define GRAPHOPT_LIB_TRANSFORMS_FORMGRAPHS_LISTS_H

#include "GraphOpt/TensorSeq/TensorSeq.h"

namespace graphopt {

/// Gives each use of a sequence in another block a pack of its own: that block
/// may become a region.
void localizePack(mlir::tseq::PackOp pack);

/// The same for a sequence that `op` makes: what another block uses are its
/// tensors.
void localizeSequences(mlir::Operation *op);

/// Gives `op` lists of its own to read, made before it, so that it needs none
/// of another region. Returns what makes them.
llvm::SmallVector<mlir::Operation *> copyLists(mlir::Operation *op);

/// Makes all uses of lists that `op` makes uses of their tensors. Returns what
/// takes these.
llvm::SmallVector<mlir::Operation *> getElements(mlir::Operation *op);

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_FORMGRAPHS_LISTS_H
