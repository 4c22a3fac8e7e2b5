//===- Levels.h - Which region each op of a block belongs to ----*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_FORMGRAPHS_LEVELS_H
#define GRAPHOPT_LIB_TRANSFORMS_FORMGRAPHS_LEVELS_H

#include "GraphOpt/Analysis/BufferIndex.h"
#include "GraphOpt/Analysis/HostAccesses.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "llvm/ADT/SetVector.h"

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
  /// Host ops between regions that later ones depend on or do not move across:
  /// barriers, and writes of what later ones read.
  llvm::ArrayRef<mlir::Operation *> getSplits() const {
    return splits.getArrayRef();
  }
  /// Whether `op`, a host op, is one whose effects are not understood.
  bool isBarrier(mlir::Operation *op) const { return barriers.contains(op); }

private:
  int64_t getOperandLevel(mlir::Operation *op, bool forDevice) const;
  void findWritten();
  bool canCrossBarrier(mlir::Operation *op) const;
  void sinkPack(mlir::tseq::PackOp pack);
  void passTensors(mlir::Operation *op);
  void addDevice(mlir::Operation *op);
  void addHost(mlir::Operation *op);
  void addBarrier(mlir::Operation *op, int64_t level);
  void addAccesses(mlir::Operation *op, int64_t level,
                   llvm::ArrayRef<HostAccess> accesses);
  int64_t getLastReader(mlir::Value memref) const;

  /// The last op that wrote a buffer.
  struct Writer {
    mlir::Operation *op = nullptr;
    int64_t level = -1;
  };
  Writer getLastWriter(mlir::Value memref) const;

  mlir::Block &block;
  llvm::DenseMap<mlir::Operation *, int64_t> levels;
  llvm::DenseSet<mlir::Operation *> device;
  /// What is written to the caller's buffers depends on these.
  llvm::DenseSet<mlir::Operation *> toBuffers;
  /// Whether all tensors of buffers say that no other name reaches these.
  bool isRestrict = true;
  /// What reads each buffer since it was written, and who wrote it last.
  BufferIndex read, written;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<mlir::Operation *, 1>> readers;
  llvm::DenseMap<mlir::Value, Writer> writers;
  llvm::SetVector<mlir::Operation *> splits;
  llvm::DenseSet<mlir::Operation *> barriers;
  mlir::Operation *barrier = nullptr; ///< The last one.
  int64_t first = 0;                  ///< First region that is still open.
  int64_t last = -1;                  ///< Last region that has an op.
  int64_t order = -1;        ///< Level of the last host op with effects.
  int64_t barrierLevel = -1; ///< Level of the last barrier.
  /// Level of the last op that reads or writes an argument of the function,
  /// which may be the same memory as another one, not as a tensor.
  int64_t argumentLevel = -1;
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_FORMGRAPHS_LEVELS_H
