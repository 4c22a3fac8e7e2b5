//===- NodeBuilder.h - Ops of lists as upstream ops -------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_OUTLINENODES_NODEBUILDER_H
#define GRAPHOPT_LIB_CONVERSION_OUTLINENODES_NODEBUILDER_H

#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"

namespace graphopt {

/// Builds, at `builder`, what one op of a bufferized region does. `mapping`
/// knows the arguments of the region in the function; views and constants are
/// added to it.
class NodeBuilder {
public:
  NodeBuilder(mlir::OpBuilder &builder, mlir::IRMapping &mapping)
      : builder(builder), mapping(mapping) {}

  /// Reports an error if nothing is known to do what `op` does.
  mlir::LogicalResult emit(mlir::Operation *op);
  /// Element `index` of a device scalar: `memref<T>` or `memref<NxT>`.
  mlir::Value loadScalar(mlir::Location loc, mlir::Value scalar, int64_t index);

  /// Memrefs of the region that the op writes as its results.
  mlir::SmallVector<mlir::Value> outs;

private:
  void emitMap(mlir::tseq::MapOp op);
  void emitReduce(mlir::tseq::ReduceOp op);
  void emitScalar(mlir::tseq::ScalarOp op);
  void emitStructured(mlir::linalg::LinalgOp op);
  void emitCopy(mlir::memref::CopyOp op);

  /// The value in the function; views and constants are made there.
  mlir::Value get(mlir::Value value);
  /// The memrefs of a list in the function.
  mlir::SmallVector<mlir::Value> getList(mlir::Value sequence);
  mlir::SmallVector<mlir::Value>
  loadScalars(mlir::Location loc, mlir::ValueRange scalars, int64_t index);

  mlir::OpBuilder &builder;
  mlir::IRMapping &mapping;
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_OUTLINENODES_NODEBUILDER_H
