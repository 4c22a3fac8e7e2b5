//===- Remarks.h - Decisions as remarks -------------------------*- C++ -*-===//
//
// Every decision of a pass is a remark with a reason code. They are seen with
// `--remarks-filter=.*` and tested with `expected-remark`.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_ANALYSIS_REMARKS_H
#define GRAPHOPT_ANALYSIS_REMARKS_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Remarks.h"

namespace graphopt {

/// A rewrite that was done. `code` names it (kebab-case).
inline auto remarkDone(mlir::Operation *op, llvm::StringRef code) {
  return mlir::remark::passed(
      op->getLoc(), mlir::remark::RemarkOpts::name(code).category("graph-opt"));
}

/// A rewrite that was refused. `code` names the reason (kebab-case).
inline auto remarkRefused(mlir::Operation *op, llvm::StringRef code) {
  return mlir::remark::missed(
      op->getLoc(), mlir::remark::RemarkOpts::name(code).category("graph-opt"));
}

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_REMARKS_H
