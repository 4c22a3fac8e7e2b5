//===- CudaGraphHazards.h - Byte ranges and hazards -------------*- C++ -*-===//
//
// What bytes of which buffer a memref inside a graph stands for, and the proof
// that the edges of a graph order all conflicting accesses to them.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_CUDAGRAPH_CUDAGRAPHHAZARDS_H
#define GRAPHOPT_CUDAGRAPH_CUDAGRAPHHAZARDS_H

#include "GraphOpt/CudaGraph/CudaGraph.h"

namespace mlir::cudagraph {

/// Bytes that one element takes in a memref, as the LLVM lowering lays it out
/// (`index` is 8, `i1` is 1, `complex` is two of its element); nothing for
/// element types that a graph can not hold.
std::optional<int64_t> getElementBytes(Type elementType);

/// Strides and offset of `type`, in elements, as `type.getStridesAndOffset`
/// gives them, but without the affine expressions that it builds for the
/// identity, which most buffers have. Fails if the layout is not strided.
LogicalResult getLayout(MemRefType type, SmallVectorImpl<int64_t> &strides,
                        int64_t &offset);

/// Bytes from the first to the last element of a memref of static shape and
/// strides, 0 if it has no elements; nothing if that is not known, negative
/// strides included, or overflows.
std::optional<int64_t> getSpanBytes(MemRefType type);

/// Whether the elements of `type` are adjacent and in row-major order, whatever
/// the offset. Types with no or one element are.
bool isContiguous(MemRefType type);

/// Whether `op` is one of the view ops that a graph may hold.
bool isGraphView(Operation *op);

/// A range of bytes of a block argument of a graph: [begin, end), counted from
/// the first element of the argument.
struct ByteRange {
  BlockArgument root;
  int64_t begin = 0;
  int64_t end = 0;

  int64_t size() const { return end - begin; }
};

/// Computes the byte ranges of memrefs inside one graph, through views. Keeps
/// what it has found; the graph must not change meanwhile.
class RangeResolver {
public:
  /// Fails without a diagnostic if an offset is not constant, an op on the way
  /// is not a view, or sizes overflow.
  FailureOr<ByteRange> resolve(Value memref);

private:
  /// The root and the byte in it that offset 0 of the memref's layout means.
  using Base = std::pair<BlockArgument, int64_t>;
  FailureOr<Base> resolveBase(Value memref);

  DenseMap<Value, Base> bases;
};

/// Proves that every two nodes of `graph` that touch the same bytes, one of
/// them writing, are ordered by a path of edges. Reports the first pair that
/// is not. Takes about linear time in nodes, edges and operands.
LogicalResult verifyHazards(GraphOp graph);

} // namespace mlir::cudagraph

#endif // GRAPHOPT_CUDAGRAPH_CUDAGRAPHHAZARDS_H
