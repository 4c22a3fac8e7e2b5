//===- TensorSeqCapture.h - What captured ops touch and cost ----*- C++ -*-===//
//
// The data of CapturableOpInterface and the defaults of its methods. An
// external model that refines one of them may call the others.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TENSORSEQ_TENSORSEQCAPTURE_H
#define GRAPHOPT_TENSORSEQ_TENSORSEQCAPTURE_H

#include "mlir/IR/Operation.h"
#include <optional>

namespace mlir::tseq {

/// A tensor, sequence or memref that an op touches, and how.
struct ValueAccess {
  Value value;
  bool reads = false;
  bool writes = false;
};

/// What one run of an op moves and computes.
struct WorkEstimate {
  int64_t bytesRead = 0;    ///< From device memory.
  int64_t bytesWritten = 0; ///< To device memory.
  int64_t operations = 0;   ///< Arithmetic on single elements.
};

/// Bytes of all elements of a tensor, memref or sequence as they lie in memory
/// (i1 and narrower integers take a byte, index 8); nothing if a shape is not
/// static, the element type has no size, or the number overflows. 0 for types
/// that are none of these.
std::optional<int64_t> getDataBytes(Type type);

/// Elements of a tensor, memref or sequence; nothing if a shape is not static.
std::optional<int64_t> getDataElements(Type type);

/// Whether all tensors, memrefs and sequences that `op` takes or makes have
/// static shapes.
bool hasStaticShapes(Operation *op);

/// Operands are read and results written; a memref is read and written.
/// Returns true: an op touches what it is given.
bool collectOperandAccesses(Operation *op,
                            SmallVectorImpl<ValueAccess> &accesses);

/// Ops in the regions of `op` that compute with elements, at any depth, at
/// least 1: what one element costs.
int64_t countArithmetic(Operation *op);

/// The bytes of what `op` (a CapturableOpInterface) reads and writes, and
/// `operations`; nothing if a shape is not static.
std::optional<WorkEstimate> estimateTraffic(Operation *op, int64_t operations);

/// The same, with countArithmetic operations for each element of the largest
/// value that `op` touches.
std::optional<WorkEstimate> estimateElementwiseWork(Operation *op);

} // namespace mlir::tseq

#endif // GRAPHOPT_TENSORSEQ_TENSORSEQCAPTURE_H
