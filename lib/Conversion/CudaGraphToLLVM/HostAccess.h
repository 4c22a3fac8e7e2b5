//===- HostAccess.h - Host ops that touch device memory ---------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_HOSTACCESS_H
#define GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_HOSTACCESS_H

#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"

namespace graphopt {

/// Whether `memref` is on the stack of the host. All else is on the device.
bool isOnHost(mlir::Value memref);

/// The memref of a load or store.
mlir::Value getAccessedMemRef(mlir::Operation *op);

/// Makes `op`, which runs on the host, ready for calls of the runtime: copies
/// that are not of contiguous memory become loops. Says where the host waits
/// for single elements and where it passes addresses of device memory on;
/// reports an error for an op that would touch device memory in another way.
/// May erase `op`.
mlir::LogicalResult prepareHostAccess(mlir::Operation *op);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_HOSTACCESS_H
