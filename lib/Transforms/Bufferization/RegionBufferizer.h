//===- RegionBufferizer.h - Memory for the values of one region -*- C++ -*-===//
//
// Rewrites the body of one tseq.graph from tensors to memrefs.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_BUFFERIZATION_REGIONBUFFERIZER_H
#define GRAPHOPT_LIB_TRANSFORMS_BUFFERIZATION_REGIONBUFFERIZER_H

#include "GraphOpt/Analysis/BufferRange.h"
#include "GraphOpt/Analysis/RangeIndex.h"
#include "GraphOpt/Analysis/Slices.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

#include <vector>

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
    /// `place` as a tensor; null if the slice has gaps.
    mlir::Value source = nullptr;
  };
  /// A value that holds what a part of some memory held at first.
  struct Alias {
    mlir::Value value;
    int64_t begin, end; ///< Its elements, counted from the memory's first.
    /// The slice of a chain that continues with `value`, or puts it in, and so
    /// does not read it; null if there is none.
    mlir::Operation *next = nullptr;
    /// For a chain, the number of the first slice that may overwrite it.
    size_t number = 0;
    /// Whether it is what the slice before that one puts in: in the chain's
    /// memory only if it is made there.
    bool isSource = false;
    /// The first slice of the chain that has taken an argument's memory and
    /// that `value` comes from: what it overwrites is told by its versions.
    mlir::Operation *chain = nullptr;
  };
  /// Some memory's aliases.
  struct Aliases {
    mlir::SmallVector<Alias> list;
    RangeIndex index; ///< Of those that are read, by where they lie.
  };
  /// Slices that are put into one tensor one after the other. All of it has one
  /// memory: what lies between and is read later than it is overwritten is
  /// copied first.
  struct Chain {
    llvm::SmallVector<Slice> slices;
    /// Where the slices lie, by their numbers.
    RangeIndex ranges;
    /// Whether nothing is left of the tensor that the slices are put into when
    /// what they make is first read.
    bool covers;
    /// What holds contents that a slice changes, from the chain's base on.
    Aliases versions;
    /// Memory of the chain's tensor, once something is written there.
    mlir::Value target;
    /// Whether `target` is the base's memory.
    bool isInPlace = false;
    /// What the slices are put into.
    mlir::Value getBase() { return slices.front().insert.getDest(); }
    mlir::Value getResult() { return slices.back().insert.getResult(); }
  };
  /// What `op` writes where it makes `place`, or a slice that it copies.
  struct Write {
    mlir::Operation *op;
    Place place;
    int64_t begin, end; ///< Elements of the memory that it writes.
    BufferRange range;  ///< The same, if the memory is an argument's.
    /// Whether another value is copied there before `op` writes some of it.
    bool isFilledFirst;
  };

  // InPlace.cpp
  void numberOps(mlir::Block *block);
  void findAliases(Aliases &aliases);
  void recordUses(Alias alias, Aliases &found);
  void wantPlaces(mlir::Value value, mlir::Value memref);
  /// Whether `alias` is read when `write` may be done already. A chain that
  /// goes on with it at `head` does not read it.
  bool isReadLater(const Write &write, const Alias &alias,
                   mlir::Operation *head);
  /// Whether what `map` leaves at `place` where its predicate is false is not
  /// among those of `held` that are all of [begin, end).
  static bool isFilledFirst(mlir::Operation *map, Place place,
                            const Aliases &held, int64_t begin, int64_t end);

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
  void linkForks();
  void planChains();
  /// What `chain` changes if it is in memory of its own, or null.
  static mlir::Value getOwnedBase(Chain &chain);
  void planSlices(Chain &chain);
  bool startChain(Chain &chain, mlir::Operation *op);
  bool fits(Chain &chain, mlir::Value memref, mlir::Operation *op);
  bool mayTakeBase(Chain &chain, mlir::Operation *op);
  mlir::Value getSliceMemory(Place place, mlir::Operation *op);

  // Versions.cpp
  void findVersions(Chain &chain);
  void addVersion(Chain &chain, Alias alias);
  void addAliases(Chain &chain);
  bool isVersionReadLater(const Chain &chain, size_t number, const Alias &alias,
                          mlir::Operation *writer);
  void keepOrder(Chain &chain);
  void saveOldContents(Chain &chain, size_t number);
  void save(mlir::Operation *insert, mlir::Value value);

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
  mlir::DenseMap<mlir::Value, Aliases> aliases; ///< Arguments, by memory.
  std::vector<Chain> chains;
  /// Number of the chain of each insert_slice, and its own in the chain.
  mlir::DenseMap<mlir::Operation *, std::pair<size_t, size_t>> chainOf;
  /// What reads a list as such, and what takes each of its elements.
  struct ListUsers {
    mlir::SmallVector<mlir::Operation *> readers;
    mlir::DenseMap<int64_t, mlir::SmallVector<mlir::Operation *, 1>> gets;
  };
  mlir::DenseMap<mlir::Value, ListUsers> listUsers;
  /// Values whose contents were copied before they were overwritten.
  mlir::DenseSet<mlir::Value> saved;
  /// Number of the chain and of the slice that a value is put into.
  mlir::DenseMap<Place, std::pair<int64_t, int64_t>> sliceOf;
  /// Order of ops (phases of a kernel and bodies of branches included).
  mlir::DenseMap<mlir::Operation *, int64_t> numbers;
  mlir::DenseMap<mlir::Operation *, int64_t> lastNumbers;
  /// Every use of an argument's or a chain's memory: the op and its number.
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
