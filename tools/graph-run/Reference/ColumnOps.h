//===- ColumnOps.h - Scalar operations over columns -------------*- C++ -*-===//
//
// Each scalar operation of `arith` and `math` as one loop over columns (see
// HostTensor.h). A single scalar is a column of length one, so this is the only
// implementation of the arithmetic in the reference evaluator.
//
// Columns of floats hold doubles that are values of the op's type: every op is
// computed in f64 and rounded once, which is exact for + - * / and sqrt of f16,
// bf16 and f32. Columns of integers are sign-extended from their width.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_COLUMNOPS_H
#define GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_COLUMNOPS_H

#include "HostTensor.h"

#include "mlir/IR/Operation.h"

#include <atomic>

namespace graphrun {

/// Longest column that any op is run on.
constexpr int64_t maxColumnLength = 1024;

/// One element of a column.
union Cell {
  double f;
  int64_t i;
};

/// What the evaluator needs to know of a scalar type. Integers may have any
/// width up to 64; floats are those that can be stored.
struct ScalarType {
  bool isFloat = false;
  ElementKind kind = ElementKind::I64; ///< For floats only.
  unsigned width = 64;                 ///< For integers only.
};
std::optional<ScalarType> scalarTypeOf(mlir::Type type);

/// Why the IR gives an evaluation no meaning.
enum class Fault : uint8_t {
  None,
  OutOfBounds,
  DivisionByZero,
  DivisionOverflow, ///< The smallest integer divided by -1.
};
/// Fails with a located error if there is a fault.
mlir::LogicalResult checkFault(mlir::Operation *op, Fault fault);

/// What a column op runs on.
struct ColumnEnv {
  void *const *columns;
  /// Arrays that gathers read; ordinals are ColumnOp::array.
  llvm::ArrayRef<const HostTensor *> arrays;
  int64_t length;
  /// Set by ops that can fail.
  std::atomic<Fault> *fault;
};

/// An operation on columns. `sources` and `targets` are column numbers.
struct ColumnOp {
  void (*run)(const ColumnOp &, const ColumnEnv &) = nullptr;
  llvm::SmallVector<int, 4> sources;
  int targets[2] = {-1, -1};
  ScalarType result, source;
  int64_t immediate = 0; ///< Predicate or integer constant.
  double immediateFloat = 0;
  int array = -1;
};

/// The column op that computes `op` on scalars or, elementwise, on tensors;
/// nothing if there is none. Column numbers are the caller's to fill in.
std::optional<ColumnOp> columnOpFor(mlir::Operation *op);

/// A column op that sets its target to a constant, given as an attribute.
std::optional<ColumnOp> constantColumn(mlir::Attribute value, mlir::Type type);

/// A column op that reads `array` at the indices in its source columns.
ColumnOp gatherColumn(int array);

/// Associative combiners over which partial results may be folded.
enum class Combiner {
  AddF,
  MulF,
  MaximumF,
  MinimumF,
  MaxNumF,
  MinNumF,
  AddI,
  MulI,
  AndI,
  OrI,
  XOrI,
  MaxSI,
  MinSI,
  MaxUI,
  MinUI
};
std::optional<Combiner> combinerFor(mlir::Operation *op);
/// Combines `value` into `accumulator`; sums and products of floats stay in
/// f64 and are not rounded.
void combine(Combiner combiner, unsigned width, Cell &accumulator, Cell value);
/// Folds a non-empty column to one value.
Cell foldColumn(Combiner combiner, unsigned width, const void *column,
                int64_t n);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_COLUMNOPS_H
