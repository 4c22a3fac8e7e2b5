//===- ChainFinder.h - Which launches become one graph ----------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_CAPTURE_CHAINFINDER_H
#define GRAPHOPT_LIB_TRANSFORMS_CAPTURE_CHAINFINDER_H

#include "Chain.h"
#include "Footprints.h"

#include "llvm/ADT/SetVector.h"

namespace graphopt {

/// Gathers the ops of one block and stream into chains. A host op that the
/// chain does not touch goes above it; one that it does goes below, and ends it
/// when a later launch must stay below that.
class ChainFinder {
public:
  ChainFinder(
      mlir::Block &block, mlir::Value stream,
      const llvm::SetVector<mlir::Operation *> &capturable,
      const llvm::DenseSet<mlir::Operation *> &replaced,
      const llvm::DenseMap<mlir::Operation *, MemoryFootprint> &launches,
      llvm::function_ref<void(const Chain &, const MemoryFootprint &,
                              mlir::Operation *)>
          emit)
      : block(block), stream(stream), capturable(capturable),
        replaced(replaced), launches(launches), emit(emit) {}

  void run();

private:
  /// An op of the block with what it touches.
  struct Entry {
    mlir::Operation *op;
    MemoryFootprint footprint;
  };

  bool isMember(mlir::Operation *op) const;
  MemoryFootprint getFootprintOf(mlir::Operation *op) const;
  /// The first op of `earlier` that `entry` must stay behind, or null.
  mlir::Operation *findDependence(const Entry &entry,
                                  llvm::ArrayRef<Entry> earlier);
  void remarkSplit(mlir::Operation *blocker, mlir::Operation *member);
  void flush();

  mlir::Block &block;
  mlir::Value stream;
  const llvm::SetVector<mlir::Operation *> &capturable;
  /// Members of chains that have their graphs.
  const llvm::DenseSet<mlir::Operation *> &replaced;
  /// What the launches of those graphs touch.
  const llvm::DenseMap<mlir::Operation *, MemoryFootprint> &launches;
  llvm::function_ref<void(const Chain &, const MemoryFootprint &,
                          mlir::Operation *)>
      emit;
  llvm::SmallVector<Entry> members, after;
  /// Host ops that go above the chain.
  llvm::SmallVector<mlir::Operation *> before;
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_CAPTURE_CHAINFINDER_H
