//===- UseOrder.h - When a function uses memory -----------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_USEORDER_H
#define GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_USEORDER_H

#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

namespace graphopt {

/// Positions of the ops of a function's entry block, and of the uses of memory
/// among them. What is used in another block comes after all of them.
class UseOrder {
public:
  UseOrder(mlir::Block &body, mlir::SymbolTableCollection &symbols);

  /// The position of the first op that uses `memref` or a view of it.
  int64_t first(mlir::Value memref) const;
  /// The position of the last one; more than that if this op does not take care
  /// itself of a result that lies on it.
  int64_t last(mlir::Value memref) const;

private:
  mlir::Block &body;
  llvm::DenseMap<mlir::Operation *, int64_t> positions;
  /// Launches that copy what they read where they overwrite it.
  llvm::DenseSet<mlir::Operation *> checked;
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_USEORDER_H
