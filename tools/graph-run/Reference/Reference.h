//===- Reference.h - Reference evaluator of upstream IR ---------*- C++ -*-===//
//
// Evaluates a module of upstream dialects (func, arith, math, tensor, linalg,
// scf, cf, bufferization, memref, affine maps) op by op on the CPU. It shares
// no pass with the compiler: what it computes is what the input IR says.
//
// Floats are computed in f64 and rounded to the op's type after each op.
// Reductions by a single addf or mulf keep their accumulator in f64 and round
// it once at the end.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_REFERENCE_H
#define GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_REFERENCE_H

#include "HostTensor.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <vector>

namespace graphrun {

class Interpreter;

/// What a framework that runs one op at a time would do on a device.
struct EagerCounts {
  uint64_t kernels = 0;   ///< Device ops, one launch each.
  uint64_t readbacks = 0; ///< Scalars copied to the host, one wait each.
  uint64_t uploads = 0;   ///< Host scalars that device ops use.
};

/// Evaluates functions of one module.
class Reference {
public:
  /// Copies `module` and brings `tosa` and aggregate `linalg` ops into the form
  /// that can be evaluated, by upstream's conversions. Errors are diagnostics.
  static mlir::FailureOr<std::unique_ptr<Reference>>
  create(mlir::ModuleOp module);
  ~Reference();

  /// Calls the public function `entry`. Scalars are arrays of rank 0. Memref
  /// arguments are updated in place; the bytes of `arguments` may be replaced.
  /// Errors are diagnostics at the op that could not be evaluated.
  mlir::LogicalResult call(llvm::StringRef entry,
                           std::vector<HostTensor> &arguments,
                           std::vector<HostTensor> &results);

  /// Totals over all calls.
  const EagerCounts &counts() const;

private:
  explicit Reference(mlir::OwningOpRef<mlir::ModuleOp> module);

  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<Interpreter> interpreter;
};

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_REFERENCE_H
