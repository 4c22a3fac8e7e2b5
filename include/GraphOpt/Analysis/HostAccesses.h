//===- HostAccesses.h - What ops of the host do to memory -------*- C++ -*-===//

#ifndef GRAPHOPT_ANALYSIS_HOSTACCESSES_H
#define GRAPHOPT_ANALYSIS_HOSTACCESSES_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/SmallVector.h"

namespace graphopt {

/// A memref that is read or written.
struct HostAccess {
  mlir::Value memref;
  bool writes;
};

/// Appends what `op`, and the ops in it, read and write: loads, stores, copies
/// and structured ops on memrefs, tensors read from and written to buffers of
/// which they say `restrict`, branches and counted loops of these. Memory that
/// `op` allocates is not listed; memory that it frees counts as written.
/// Returns false if not all of it is known: calls, loops that may not end, and
/// memrefs that may be any other one (a global, the result of a selection, a
/// branch, a loop or a call).
bool collectHostAccesses(mlir::Operation *op,
                         llvm::SmallVectorImpl<HostAccess> &accesses);

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_HOSTACCESSES_H
