//===- Gaps.h - Where one region ends and the next begins -------*- C++ -*-===//

#ifndef GRAPHOPT_TRANSFORMS_REPORT_GAPS_H
#define GRAPHOPT_TRANSFORMS_REPORT_GAPS_H

#include "GraphOpt/Analysis/BufferIndex.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace graphopt {

/// Two regions that follow each other, and the ops that keep them apart: host
/// ops with effects, readbacks, device ops that were not captured, loops and
/// branches of the host around only one of the two.
struct Gap {
  mlir::tseq::GraphOp before, after;
  llvm::SetVector<mlir::Operation *> causes;
};

/// The regions of a function, the ops between them, and the gaps.
class Gaps {
public:
  explicit Gaps(mlir::func::FuncOp function);

  llvm::ArrayRef<Gap> get() const { return gaps; }
  /// Device work outside of regions, in program order.
  llvm::ArrayRef<mlir::Operation *> getUncaptured() const { return uncaptured; }

  /// What the host makes of the results of an op.
  struct Slice {
    /// Regions that need it: as an operand, or to run at all.
    llvm::SetVector<mlir::Operation *> regions;
    /// Loops and branches of the host that it controls.
    llvm::SetVector<mlir::Operation *> controlled;
    /// Ops with effects, terminators and others at which it ends.
    llvm::SetVector<mlir::Operation *> ends;
  };
  /// Through ops without effects and the values that control carries.
  const Slice &getSlice(mlir::Operation *op);

  /// Whether `op` stays where it is: its effects are not understood, or are on
  /// a buffer that is read or written as a tensor.
  bool isBarrier(mlir::Operation *op) const;
  /// Ops inside of `op` that keep it on the host.
  llvm::SmallVector<mlir::Operation *> getBarriersIn(mlir::Operation *op) const;
  bool holdsRegions(mlir::Operation *op) const { return holders.contains(op); }
  /// Place of `op` in the program.
  int64_t getPosition(mlir::Operation *op) const {
    return positions.lookup(op);
  }

private:
  void findBuffers(mlir::func::FuncOp function);
  void findPinned(mlir::func::FuncOp function);
  void findLeaders(mlir::func::FuncOp function);
  bool holdsApart(mlir::Operation *op, mlir::tseq::GraphOp before,
                  mlir::tseq::GraphOp after);
  Gap makeGap(mlir::tseq::GraphOp before, mlir::tseq::GraphOp after,
              llvm::ArrayRef<mlir::Operation *> between);

  llvm::SmallVector<mlir::Operation *> ops; ///< Of the host, and regions.
  llvm::DenseMap<mlir::Operation *, int64_t> positions;
  llvm::DenseSet<mlir::Operation *> holders;
  BufferIndex buffers; ///< Those that are read or written as tensors.
  /// Regions that do not move across ops with effects.
  llvm::DenseSet<mlir::Operation *> pinned;
  llvm::SmallVector<mlir::Operation *> uncaptured;
  /// Readbacks, then device ops that were not captured, that come before a
  /// region and lead to it.
  llvm::DenseMap<mlir::Operation *, llvm::SmallVector<mlir::Operation *, 1>>
      leaders;
  llvm::DenseMap<mlir::Operation *, std::unique_ptr<Slice>> slices;
  llvm::SmallVector<Gap> gaps;
};

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_REPORT_GAPS_H
