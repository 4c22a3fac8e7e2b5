//===- GraphEmitter.h - Emits the builder of one graph ----------*- C++ -*-===//
//
// What the lowerings of the kinds of nodes share.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_GRAPHEMITTER_H
#define GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_GRAPHEMITTER_H

#include "RuntimeCalls.h"

#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

namespace graphopt {

/// Emits the builder function of one graph, its tables and its GoGraphInfo
/// before the graph.
class GraphEmitter {
public:
  GraphEmitter(mlir::cudagraph::GraphOp graph, mlir::OpBuilder &builder,
               mlir::SymbolTableCollection *symbols)
      : graph(graph), builder(builder), symbols(symbols), globals(graph),
        calls(builder, graph.getLoc(), graph, symbols) {}
  mlir::LogicalResult run();

private:
  //===--------------------------------------------------------------------===//
  // Nodes
  //===--------------------------------------------------------------------===//

  mlir::LogicalResult emitBody(mlir::Block &body, mlir::Value target);
  mlir::LogicalResult emitNode(mlir::cudagraph::NodeOpInterface node,
                               mlir::Value target);
  mlir::LogicalResult emitConditional(mlir::cudagraph::NodeOpInterface node,
                                      mlir::Value target, mlir::Value condition,
                                      int32_t kind);
  void emitInfo(llvm::StringRef buildName);

  //===--------------------------------------------------------------------===//
  // Kernels (KernelNodes.cpp)
  //===--------------------------------------------------------------------===//

  /// `arguments` are those of the call so far: the graph and the node's
  /// predecessors. The node's number goes to `slot`.
  mlir::LogicalResult emitKernel(mlir::cudagraph::KernelOp kernel,
                                 mlir::SmallVector<mlir::Value> arguments,
                                 mlir::Value slot);
  /// A constant table with the phases of `kernel`, which runs on the host;
  /// returns its name. Reports an error for a phase that is no function there.
  mlir::FailureOr<std::string> emitPhases(mlir::cudagraph::KernelOp kernel);
  /// A constant GoCudaLaunch for `kernel`, which runs on the GPU; returns its
  /// name. Reports an error unless it has one phase, which is in a gpu.module
  /// or gpu.binary.
  mlir::FailureOr<std::string> emitLaunch(mlir::cudagraph::KernelOp kernel);
  /// The op that `symbol` names from the graph; null if it is not to be seen,
  /// as what is in a gpu.binary.
  mlir::Operation *lookup(mlir::SymbolRefAttr symbol);

  //===--------------------------------------------------------------------===//
  // Parts
  //===--------------------------------------------------------------------===//

  /// Calls the runtime and returns from the builder if that fails.
  mlir::LogicalResult callChecked(llvm::StringRef name,
                                  mlir::ValueRange arguments);
  /// A constant table with a reference per access and then per handle; null if
  /// there are none.
  mlir::FailureOr<mlir::Value>
  emitRefs(llvm::ArrayRef<mlir::cudagraph::BufferAccess> accesses,
           llvm::ArrayRef<int64_t> handles = {});
  /// The two arguments that list the predecessors of `node`.
  std::pair<mlir::Value, mlir::Value>
  emitAfter(mlir::cudagraph::NodeOpInterface node);
  /// Says that the graph is launched node by node, if its attribute does.
  mlir::LogicalResult emitMode(mlir::Value target);
  /// Tells the runtime which buffers share no memory and which do not move.
  mlir::LogicalResult emitAddresses(mlir::Value target);
  mlir::LogicalResult emitBuffers(llvm::StringRef call, mlir::Value target,
                                  llvm::ArrayRef<int64_t> buffers);
  /// Declares the conditions of the graph to the runtime.
  mlir::LogicalResult declareConditions(mlir::Value target);
  /// The number of the condition of `node`, or -1.
  mlir::Value emitCondition(mlir::cudagraph::NodeOpInterface node);
  /// The address of a string that lives as long as the program.
  mlir::Value emitString(llvm::StringRef text);
  /// Stack memory that is taken once, when the builder starts.
  mlir::Value entryArray(mlir::Type type, int64_t count);
  /// The address of a constant table of int64.
  mlir::Value emitTable(llvm::StringRef kind, llvm::ArrayRef<int64_t> values);
  std::string freshName(llvm::StringRef kind);
  mlir::LLVM::GlobalOp createGlobal(mlir::Type type, llvm::StringRef name,
                                    mlir::Attribute value,
                                    unsigned alignment = 0);
  /// What GoRef calls the buffer that `root` is.
  int64_t bufferNumber(mlir::BlockArgument root);

  mlir::cudagraph::GraphOp graph;
  mlir::OpBuilder &builder;
  mlir::SymbolTableCollection *symbols;
  /// Globals are created before this op.
  mlir::Operation *globals;
  RuntimeCalls calls;
  mlir::cudagraph::RangeResolver ranges;
  llvm::StringMap<std::string> strings;
  unsigned numNames = 0;
  /// Stack memory of the builder: a GoNode per node, and a list to pass.
  mlir::Value nodeSlots, afterList;
  llvm::DenseMap<mlir::Value, int64_t> slotOf;
  /// Handle -> the runtime's number of the condition.
  llvm::MapVector<int64_t, int64_t> conditions;
  mlir::Block *entry = nullptr;
  mlir::Block *failBlock = nullptr;
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_GRAPHEMITTER_H
