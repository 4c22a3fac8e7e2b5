//===- BlockOrder.h - The order of fused ops --------------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_FUSION_BLOCKORDER_H
#define GRAPHOPT_LIB_TRANSFORMS_FUSION_BLOCKORDER_H

#include "Stages.h"

namespace graphopt {

/// Orders the ops of `block`, which may stand before what they use, by stages:
/// reduces before maps of the same stage, what overwrites a tensor after what
/// reads it, and else as they stood.
void orderBlock(mlir::Block &block, Stages &stages);

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_FUSION_BLOCKORDER_H
