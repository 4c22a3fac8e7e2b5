//===- GraphBuilder.h - Builder functions of graphs -------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_GRAPHBUILDER_H
#define GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_GRAPHBUILDER_H

#include "GraphOpt/CudaGraph/CudaGraph.h"

namespace graphopt {

/// Name of the GoGraphInfo of `graph`.
std::string graphInfoName(llvm::StringRef graph);

/// Emits the builder function of `graph`, its tables and its GoGraphInfo
/// before it. The graph stays. `symbols` may be null.
mlir::LogicalResult emitGraphBuilder(mlir::cudagraph::GraphOp graph,
                                     mlir::OpBuilder &builder,
                                     mlir::SymbolTableCollection *symbols);

/// A hash of the printed text of `graph` and of every symbol that it refers
/// to, directly or not. The same in every process.
int64_t computeFingerprint(mlir::cudagraph::GraphOp graph,
                           mlir::SymbolTableCollection &symbols);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_GRAPHBUILDER_H
