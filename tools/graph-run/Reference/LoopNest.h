//===- LoopNest.h - Tiled evaluation of structured ops ----------*- C++ -*-===//
//
// Runs a column program over an iteration space of parallel and reduction
// loops. This is where the evaluator's time goes: tiles of about a thousand
// points are loaded to columns, computed and stored, on all threads. Results do
// not depend on the number of threads.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_LOOPNEST_H
#define GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_LOOPNEST_H

#include "ColumnOps.h"

#include "mlir/IR/AffineMap.h"

#include <vector>

namespace graphrun {

/// The body of a structured op, as ops on columns.
struct ColumnProgram {
  std::vector<ColumnOp> ops;
  int numColumns = 0;
  /// Column of each operand's block argument; inputs first, then inits.
  llvm::SmallVector<int, 8> operandColumns;
  /// Column of each yielded value, one per init.
  llvm::SmallVector<int, 4> yields;
  /// Columns that hold the index of a loop: (loop, column).
  llvm::SmallVector<std::pair<int, int>, 2> indices;
  /// Scalars and arrays from outside of the body.
  llvm::SmallVector<std::pair<mlir::Value, int>, 4> captures;
  llvm::SmallVector<mlir::Value, 2> arrays;
  /// Per init: does the body read it?
  llvm::SmallVector<bool, 4> readsInit;
  /// Per init that is only combined into: how, from which column and by which
  /// of `ops`.
  struct Reduction {
    Combiner combiner;
    int value;
    size_t op;
    unsigned width;
  };
  llvm::SmallVector<std::optional<Reduction>, 4> reductions;
};

/// An operand of the nest: an array, or a scalar if `array` has no bytes.
struct NestOperand {
  HostTensor array;
  Cell scalar = {};
  /// Address of element (0, ..., 0); for scalars unused.
  char *data = nullptr;
  mlir::AffineMap map; ///< From loops to elements of the array.
};

/// One evaluation of a structured op.
struct LoopNest {
  llvm::SmallVector<int64_t, 6> extents;
  llvm::SmallVector<bool, 6> isReduction;
  llvm::SmallVector<NestOperand, 4> operands; ///< Inputs, then inits.
  size_t numInputs = 0;
  llvm::SmallVector<Cell, 4> captures; ///< Values of ColumnProgram::captures.
  llvm::SmallVector<const HostTensor *, 2> arrays;

  int64_t numPoints() const;
};

/// Runs `program` over `nest`, writing its inits. What they hold after a fault
/// is unspecified.
Fault runNest(const ColumnProgram &program, const LoopNest &nest);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_LOOPNEST_H
