//===- Slices.h - Where a slice lies in its tensor --------------*- C++ -*-===//

#ifndef GRAPHOPT_ANALYSIS_SLICES_H
#define GRAPHOPT_ANALYSIS_SLICES_H

#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <optional>

namespace graphopt {

/// The elements of a tensor in row-major order that a slice of it may touch.
struct SliceRange {
  int64_t begin; ///< Number of the first element.
  int64_t end;   ///< One past the last.
  /// Whether all elements of the range belong to the slice, in its order.
  bool contiguous;
};

/// The range of the slice that `op` takes or replaces, of a tensor of shape
/// `shape`; none unless shape, offsets, sizes and strides are static.
std::optional<SliceRange> getSliceRange(mlir::OffsetSizeAndStrideOpInterface op,
                                        llvm::ArrayRef<int64_t> shape);

/// Whether `op` is a tensor.extract_slice that moves no data: its elements lie
/// one after the other in its source.
bool isContiguousExtract(mlir::Operation *op);

/// Whether `op` is a tensor.insert_slice whose source may be computed where it
/// is inserted.
bool isContiguousInsert(mlir::Operation *op);

/// The insert_slice of the same block that goes on with what `insert` made, if
/// nothing else uses it; null if there is none.
mlir::tensor::InsertSliceOp getNextInsert(mlir::tensor::InsertSliceOp insert);

/// The insert_slice of the same block that goes on with what `insert` made,
/// whatever else reads that: the last one, if there are several; null if there
/// is none.
mlir::tensor::InsertSliceOp getNextVersion(mlir::tensor::InsertSliceOp insert);

/// How the slices that two ops take or replace, of tensors of one shape, lie to
/// each other.
enum class SliceRelation {
  Disjoint, ///< They share no element.
  Same,     ///< They are the same elements in the same order.
  Inside,   ///< The first is a part of the second, which has no gaps.
  Unknown
};
SliceRelation getSliceRelation(mlir::OffsetSizeAndStrideOpInterface first,
                               mlir::OffsetSizeAndStrideOpInterface second);

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_SLICES_H
