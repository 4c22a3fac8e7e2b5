//===- DirectLaunches.h - Launches that no graph holds ----------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_LAUNCHEDKERNELS_DIRECTLAUNCHES_H
#define GRAPHOPT_LIB_CONVERSION_LAUNCHEDKERNELS_DIRECTLAUNCHES_H

#include "HostFunctions.h"

namespace graphopt {

/// Replaces the launches, copies, fills, allocations and waits of `gpu` that
/// are left in functions of `module` by what the host does in their place, in
/// the order of the program, which keeps that of the tokens. Reports an error
/// for what has no such form.
mlir::LogicalResult convertDirectLaunches(mlir::ModuleOp module,
                                          HostFunctions &functions);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_LAUNCHEDKERNELS_DIRECTLAUNCHES_H
