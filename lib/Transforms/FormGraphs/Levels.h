//===- Levels.h - Which region each op of a block belongs to ----*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_FORMGRAPHS_LEVELS_H
#define GRAPHOPT_LIB_TRANSFORMS_FORMGRAPHS_LEVELS_H

#include "GraphOpt/Analysis/BufferIndex.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

namespace graphopt {

/// Whether `op` can be a part of a region.
bool isDeviceOp(mlir::Operation *op);

/// Region k holds the device ops of level k; a host op of level k runs after
/// region k and before region k+1 (-1: before all).
class Levels {
public:
  /// Assigns each op of `block` its level. Sequences do not cross the border of
  /// a region, so packs are copied.
  explicit Levels(mlir::Block &block);

  int64_t get(mlir::Operation *op) const { return levels.lookup(op); }
  bool isDevice(mlir::Operation *op) const { return device.contains(op); }
  /// Number of regions.
  int64_t size() const { return last + 1; }
  /// The last op that ended a region, or null.
  mlir::Operation *getBarrier() const { return barrier; }

private:
  int64_t getOperandLevel(mlir::Operation *op, bool forDevice) const;
  void findWritten();
  bool canCrossBarrier(mlir::Operation *op) const;
  void sinkPack(mlir::tseq::PackOp pack);
  void addDevice(mlir::Operation *op);
  void addHost(mlir::Operation *op);
  int64_t getLastReader(mlir::Operation *write) const;
  void noteWrite(mlir::Operation *write, int64_t level);
  int64_t getLastWriter(mlir::Value memref) const;

  mlir::Block &block;
  llvm::DenseMap<mlir::Operation *, int64_t> levels;
  llvm::DenseSet<mlir::Operation *> device;
  /// What is written to the caller's buffers depends on these.
  llvm::DenseSet<mlir::Operation *> toBuffers;
  /// Reads of each buffer as a tensor.
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Operation *, 1>> reads;
  /// Written buffers, and the level of the last write of each.
  BufferIndex written;
  llvm::DenseMap<mlir::Value, int64_t> writes;
  mlir::Operation *barrier = nullptr;
  int64_t first = 0;         ///< First region that is still open.
  int64_t last = -1;         ///< Last region that has an op.
  int64_t order = -1;        ///< Level of the last ordered host op.
  int64_t barrierLevel = -1; ///< Level of the last op that ended a region.
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_FORMGRAPHS_LEVELS_H
