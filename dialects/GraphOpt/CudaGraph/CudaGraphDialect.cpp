//===- CudaGraphDialect.cpp - Registration of the cudagraph dialect -------===//
//
// Registers types, attributes and ops.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/CudaGraph/CudaGraph.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::cudagraph;

#include "GraphOpt/CudaGraph/CudaGraphDialect.cpp.inc"
#include "GraphOpt/CudaGraph/CudaGraphEnums.cpp.inc"
#include "GraphOpt/CudaGraph/CudaGraphInterfaces.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "GraphOpt/CudaGraph/CudaGraphTypes.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "GraphOpt/CudaGraph/CudaGraphAttrs.cpp.inc"

void CudaGraphDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "GraphOpt/CudaGraph/CudaGraphTypes.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "GraphOpt/CudaGraph/CudaGraphAttrs.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "GraphOpt/CudaGraph/CudaGraphOps.cpp.inc"
      >();
}
