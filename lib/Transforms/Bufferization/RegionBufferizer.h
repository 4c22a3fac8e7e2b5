//===- RegionBufferizer.h - Memory for the values of one region -*- C++ -*-===//
//
// Rewrites the body of one tseq.graph from tensors to memrefs.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_BUFFERIZATION_REGIONBUFFERIZER_H
#define GRAPHOPT_LIB_TRANSFORMS_BUFFERIZATION_REGIONBUFFERIZER_H

#include "GraphOpt/TensorSeq/TensorSeq.h"

namespace graphopt {

/// Gives memory to the values of a region's body. The body is rewritten in
/// place: the caller has given it a memref for each tensor argument and for
/// each result.
class RegionBufferizer {
public:
  RegionBufferizer(mlir::tseq::GraphOp graph, int64_t chunkElements)
      : graph(graph), builder(graph.getContext()),
        chunkElements(chunkElements) {}

  /// The tensor argument `argument` lives in `memref`.
  void bindArgument(mlir::Value argument, mlir::Value memref);
  /// The `index`-th result must end up in `memref`, which may be the memory of
  /// an argument.
  void bindResult(unsigned index, mlir::Value memref);

  /// Rewrites the body; fails with an error at an op that has no form on
  /// memrefs.
  mlir::LogicalResult run();

private:
  using Memory = mlir::SmallVector<mlir::Value, 1>;
  /// An element of a sequence value, or (index 0) a tensor value.
  using Place = std::pair<mlir::Value, int64_t>;

  void numberOps(mlir::Block *block);
  void recordUses(mlir::Value value);
  void wantPlaces(mlir::Value value, mlir::Value memref);

  mlir::LogicalResult rewriteBlock(mlir::Block *block);
  mlir::LogicalResult rewrite(mlir::Operation *op);
  void rewrite(mlir::tseq::MapOp op);
  void rewrite(mlir::tseq::ReduceOp op);
  void rewrite(mlir::tseq::ScalarOp op);
  mlir::LogicalResult rewrite(mlir::tseq::KernelOp op);
  mlir::LogicalResult rewrite(mlir::tseq::IfOp op);
  mlir::LogicalResult rewrite(mlir::tseq::WhileOp op);
  mlir::LogicalResult rewriteShapeOp(mlir::Operation *op);
  mlir::LogicalResult rewriteLinalg(mlir::Operation *op);
  void rewriteResults(mlir::Operation *yield);

  /// Whether `op`, the producer of `place`, may write to `memref` although an
  /// argument's value is still there.
  bool canOverwrite(mlir::Operation *op, Place place, mlir::Value memref);
  /// Memory for `place`, which `op` produces: the wanted one or a temporary.
  mlir::Value getTarget(mlir::Operation *op, Place place,
                        mlir::ShapedType type);
  mlir::Value allocate(mlir::Location loc, mlir::ShapedType type);
  void copy(mlir::Location loc, mlir::Value source, mlir::Value destination);
  /// A pack of the memory of sequence `value`.
  mlir::Value pack(mlir::Location loc, mlir::Value value);
  mlir::Value packTargets(mlir::Operation *op, mlir::Value result);

  mlir::tseq::GraphOp graph;
  mlir::OpBuilder builder;
  int64_t chunkElements;

  /// Memory of each tensor (one memref) or sequence (one per tensor).
  mlir::DenseMap<mlir::Value, Memory> memory;
  /// Memory that a value should be computed in.
  mlir::DenseMap<Place, mlir::Value> wanted;
  mlir::SmallVector<mlir::Value> resultMemory;
  /// Values that hold what an argument's memory held at first, by memory.
  mlir::DenseMap<mlir::Value, mlir::SmallVector<mlir::Value>> aliases;
  /// Order of ops (phases of a kernel and bodies of branches included).
  mlir::DenseMap<mlir::Operation *, int64_t> numbers;
  mlir::DenseMap<mlir::Operation *, int64_t> lastNumbers;
  /// Every use of an argument's memory: the op and its number.
  struct Use {
    mlir::Operation *op;
    int64_t number;
    int64_t position; ///< Place in a sequence, or -1 if used otherwise.
  };
  mlir::DenseMap<mlir::Value, mlir::SmallVector<Use>> uses;
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_BUFFERIZATION_REGIONBUFFERIZER_H
