//===- Chain.h - Launches that become one graph -----------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_TRANSFORMS_CAPTURE_CHAIN_H
#define GRAPHOPT_LIB_TRANSFORMS_CAPTURE_CHAIN_H

#include "GraphOpt/CudaGraph/CudaGraph.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"

namespace graphopt {

/// Launches, copies, fills and asynchronous waits of one block and stream that
/// become one graph.
struct Chain {
  mlir::SmallVector<mlir::Operation *> members;
  /// The stream that the program names; null for the caller's.
  mlir::Value stream;

  /// Members that become nodes.
  int64_t countNodes() const;
  /// What a member asks for by `graphopt.launch`; empty if none does.
  llvm::StringRef getRequest() const;
};

/// Makes the graph of `chain`, named `name`, at the end of `module`, with the
/// request of its members, and its launch at `builder`. The members stay. Every
/// member must be able to be a node (CapturableOpInterface::canBeNode), and its
/// operands must be there at `builder`.
mlir::cudagraph::LaunchOp buildGraph(const Chain &chain, llvm::StringRef name,
                                     mlir::OpBuilder &builder,
                                     mlir::ModuleOp module,
                                     mlir::SymbolTable &symbols);

} // namespace graphopt

#endif // GRAPHOPT_LIB_TRANSFORMS_CAPTURE_CHAIN_H
