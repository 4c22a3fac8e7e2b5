//===- Overlaps.h - Views that overlap as slices of one tensor --*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_PROMOTEBUFFERS_OVERLAPS_H
#define GRAPHOPT_LIB_TRANSFORMS_PROMOTEBUFFERS_OVERLAPS_H

#include "mlir/Dialect/SCF/IR/SCF.h"

namespace graphopt {

/// Makes reads and writes in `block` of views of one buffer that overlap, some
/// of them written, slices of one tensor: that of the part of the buffer that
/// the views cover. Regions in `block` are left alone.
void promoteOverlaps(mlir::Block &block);

/// Does so in both sides of `branch`. If nothing else in them touches memory,
/// both write the same parts of buffers.
void promoteOverlaps(mlir::scf::IfOp branch);

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_PROMOTEBUFFERS_OVERLAPS_H
