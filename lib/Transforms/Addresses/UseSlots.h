//===- UseSlots.h - Buffers that are copied into the arena ------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_ADDRESSES_USESLOTS_H
#define GRAPHOPT_LIB_TRANSFORMS_ADDRESSES_USESLOTS_H

#include "GraphOpt/CudaGraph/CudaGraph.h"

namespace graphopt {

/// Why buffer number `buffer` of `graph` can not have a slot; empty if it can.
llvm::StringRef refuseSlot(mlir::cudagraph::GraphOp graph, int64_t buffer);

/// Gives each of `buffers`, which can have one, a slot in the arena: copies it
/// there before the nodes that use it, and back after those that write it, so
/// that only the copies have its address. The arena grows by the slots.
void useSlots(mlir::cudagraph::GraphOp graph, llvm::ArrayRef<int64_t> buffers);

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_ADDRESSES_USESLOTS_H
