//===- AnyGrid.h - Kernels that do the work of any grid ---------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_LAUNCHEDKERNELS_ANYGRID_H
#define GRAPHOPT_LIB_CONVERSION_LAUNCHEDKERNELS_ANYGRID_H

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

namespace graphopt {

/// Makes a kernel of `function` with three more arguments, of the types
/// `extents`: the grid whose work its blocks do, whatever their number. Block b
/// does what blocks b, b + n, b + 2n, ... of that grid would, one after the
/// other. `function` must ask for its block itself (asksForBlocksItself).
mlir::gpu::GPUFuncOp createForAnyGrid(mlir::gpu::GPUFuncOp function,
                                      mlir::TypeRange extents);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_LAUNCHEDKERNELS_ANYGRID_H
