//===- RegionPlan.h - Where the temporaries of a region lie -----*- C++ -*-===//

#ifndef GRAPHOPT_TRANSFORMS_MEMORY_REGIONPLAN_H
#define GRAPHOPT_TRANSFORMS_MEMORY_REGIONPLAN_H

#include "ArenaPacker.h"

#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace graphopt {

/// Memory that a region allocates.
struct Temporary {
  mlir::memref::AllocOp alloc;
  /// The block that it lives in: that of the region, of a branch or of a loop.
  mlir::Block *home = nullptr;
  /// Ops of `home` that touch it, also in their bodies, in any order.
  llvm::SmallVector<mlir::Operation *> users;
  Lifetime lifetime;
};

/// Offsets for the temporaries of one region. What can not lie in an arena is
/// left out, with a remark.
struct RegionPlan {
  mlir::tseq::GraphOp graph;
  std::vector<Temporary> temporaries;
  /// Size of the arena in bytes, and what it would be if no two temporaries
  /// shared memory.
  int64_t bytes = 0, bytesWithoutReuse = 0;
};

RegionPlan planRegion(mlir::tseq::GraphOp graph);

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_MEMORY_REGIONPLAN_H
