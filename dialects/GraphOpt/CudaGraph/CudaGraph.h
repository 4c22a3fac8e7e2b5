//===- CudaGraph.h - The cudagraph dialect ----------------------*- C++ -*-===//

#ifndef GRAPHOPT_CUDAGRAPH_CUDAGRAPH_H
#define GRAPHOPT_CUDAGRAPH_CUDAGRAPH_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "GraphOpt/CudaGraph/CudaGraphDialect.h.inc"
#include "GraphOpt/CudaGraph/CudaGraphEnums.h.inc"

#define GET_TYPEDEF_CLASSES
#include "GraphOpt/CudaGraph/CudaGraphTypes.h.inc"
#define GET_ATTRDEF_CLASSES
#include "GraphOpt/CudaGraph/CudaGraphAttrs.h.inc"

namespace mlir::cudagraph {

/// A memref that a node touches, and how.
struct BufferAccess {
  Value memref;
  Access access;

  bool reads() const { return static_cast<uint32_t>(access) & 1; }
  bool writes() const { return static_cast<uint32_t>(access) & 2; }
};

} // namespace mlir::cudagraph

#include "GraphOpt/CudaGraph/CudaGraphInterfaces.h.inc"

#define GET_OP_CLASSES
#include "GraphOpt/CudaGraph/CudaGraphOps.h.inc"

namespace mlir::cudagraph {

/// How a diagnostic names `node`: `kernel "norm"`, or `memcpy #3`, where 3 is
/// its position among the nodes of its block.
std::string describeNode(NodeOpInterface node);

/// The handle of `node` if it is a conditional node that has one.
std::optional<int64_t> getHandle(Operation *node);

} // namespace mlir::cudagraph

#endif // GRAPHOPT_CUDAGRAPH_CUDAGRAPH_H
