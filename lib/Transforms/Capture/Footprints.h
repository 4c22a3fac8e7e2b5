//===- Footprints.h - What the ops of a block touch -------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_CAPTURE_FOOTPRINTS_H
#define GRAPHOPT_LIB_TRANSFORMS_CAPTURE_FOOTPRINTS_H

#include "GraphOpt/Analysis/BufferRange.h"

#include "mlir/IR/Operation.h"

namespace graphopt {

/// Whether nothing else refers to the memory of `root`, which is no view: an
/// allocation, or an argument with the attribute `llvm.noalias`.
bool isDistinctRoot(mlir::Value root);

/// The memory that an op touches.
struct MemoryFootprint {
  struct Access {
    BufferRange range;
    bool writes;
  };
  mlir::SmallVector<Access, 2> accesses;
  /// It may touch any memory, or has effects that are not understood.
  bool touchesAnything = false;

  bool isEmpty() const { return accesses.empty() && !touchesAnything; }
  void append(const MemoryFootprint &other);
  /// Whether the order of the two ops matters.
  bool conflictsWith(const MemoryFootprint &other) const;
};

/// What `op`, with the ops in its regions, touches. Launches are looked into.
MemoryFootprint getFootprint(mlir::Operation *op);

/// Whether `op`, or an op in it, is host code that may look at memory without
/// the runtime, as a function that is called.
bool looksAtMemory(mlir::Operation *op);

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_CAPTURE_FOOTPRINTS_H
