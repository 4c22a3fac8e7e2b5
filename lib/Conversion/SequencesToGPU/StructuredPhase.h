//===- StructuredPhase.h - The code of linalg ops ---------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_STRUCTUREDPHASE_H
#define GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_STRUCTUREDPHASE_H

#include "KernelFunction.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace graphopt {

/// Emits `op`, which is on memrefs: its parallel loops are spread over the
/// threads of up to `maxBlocks` blocks, the others run in each thread. Returns
/// the number of blocks. Reports an error if `op` has no loops.
mlir::FailureOr<int64_t> emitStructured(KernelFunction &kernel,
                                        mlir::linalg::LinalgOp op,
                                        int64_t maxBlocks);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_STRUCTUREDPHASE_H
