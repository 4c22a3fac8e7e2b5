//===- RegionBufferizer.h - Memory for the values of one region -*- C++ -*-===//
//
// Rewrites the body of one tseq.graph from tensors to memrefs.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_BUFFERIZATION_REGIONBUFFERIZER_H
#define GRAPHOPT_LIB_TRANSFORMS_BUFFERIZATION_REGIONBUFFERIZER_H

#include "GraphOpt/Analysis/BufferRange.h"
#include "GraphOpt/Analysis/Slices.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace graphopt {

/// Whether two memrefs are the same elements in the same order.
bool isSameMemory(mlir::Value a, mlir::Value b);

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

  /// One insert_slice of a chain.
  struct Slice {
    mlir::tensor::InsertSliceOp insert;
    SliceRange range; ///< In elements of the chain's tensor.
    Place place;      ///< What is inserted, less what changes its shape.
    /// What makes `place`, if it may do so in the slice; null: it is copied.
    mlir::Operation *writer = nullptr;
  };
  /// Slices that are put into one tensor one after the other; nothing else uses
  /// what lies between. All of it has one memory.
  struct Chain {
    llvm::SmallVector<Slice> slices;
    /// Whether nothing is left of the tensor that the slices are put into.
    bool covers;
    /// Memory of the chain's tensor, once something is written there.
    mlir::Value target;
    /// What the slices are put into.
    mlir::Value getBase() { return slices.front().insert.getDest(); }
    mlir::Value getResult() { return slices.back().insert.getResult(); }
  };
  /// A value that holds what a part of an argument's memory held at first.
  struct Alias {
    mlir::Value value;
    int64_t begin, end; ///< Its elements, counted from the argument's first.
  };

  // InPlace.cpp
  void numberOps(mlir::Block *block);
  void recordUses(Alias alias, mlir::SmallVectorImpl<Alias> &found);
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
  mlir::LogicalResult rewrite(mlir::tensor::InsertSliceOp op);
  void rewriteResults(mlir::Operation *yield);

  // InsertChains.cpp
  void planChains();
  /// What `chain` changes if nothing else uses its memory, or null.
  static mlir::Value getOwnedBase(Chain &chain);
  void planSlices(Chain &chain);
  bool startChain(Chain &chain, mlir::Operation *op);
  bool fits(Chain &chain, mlir::Value memref, mlir::Operation *op);
  mlir::Value getSliceMemory(Place place, mlir::Operation *op);

  /// Whether `op`, the producer of `place`, may write to `range` although an
  /// argument's value is still there. `head`, if any, begins the chain that is
  /// put together there: the memory it continues may be the argument's.
  bool canOverwrite(mlir::Operation *op, Place place, const BufferRange &range,
                    mlir::Operation *head = nullptr);
  /// Memory for `place`, which `op` produces: the wanted one or a temporary.
  mlir::Value getTarget(mlir::Operation *op, Place place,
                        mlir::ShapedType type);
  mlir::Value allocate(mlir::Location loc, mlir::ShapedType type);
  void copy(mlir::Location loc, mlir::Value source, mlir::Value destination);
  /// Copies from the first to the second of each pair, as if all were read
  /// before anything is written.
  void
  copyAll(mlir::Location loc,
          mlir::MutableArrayRef<std::pair<mlir::Value, mlir::Value>> copies);
  /// The elements of `memref`, which is contiguous, from `offset` on, as a
  /// memref of the shape of `type`.
  mlir::Value makeView(mlir::Location loc, mlir::Value memref, int64_t offset,
                       mlir::ShapedType type);
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
  mlir::DenseMap<mlir::Value, mlir::SmallVector<Alias>> aliases; ///< By memory.
  llvm::SmallVector<Chain> chains;
  /// Number of the chain of each insert_slice.
  mlir::DenseMap<mlir::Operation *, int64_t> chainOf;
  /// Number of the chain and of the slice that a value is put into.
  mlir::DenseMap<Place, std::pair<int64_t, int64_t>> sliceOf;
  /// Order of ops (phases of a kernel and bodies of branches included).
  mlir::DenseMap<mlir::Operation *, int64_t> numbers;
  mlir::DenseMap<mlir::Operation *, int64_t> lastNumbers;
  /// Every use of an argument's memory: the op and its number.
  struct Use {
    mlir::Operation *op;
    int64_t number;
    /// Place in a sequence, or operand number of an insert_slice, else -1.
    int64_t position;
  };
  mlir::DenseMap<mlir::Value, mlir::SmallVector<Use>> uses;
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_BUFFERIZATION_REGIONBUFFERIZER_H
