//===- CudaGraphInterfaces.td - Interfaces -----------------*- tablegen -*-===//

#ifndef GRAPHOPT_CUDAGRAPH_INTERFACES
#define GRAPHOPT_CUDAGRAPH_INTERFACES

include "mlir/IR/OpBase.td"

def CudaGraph_NodeOpInterface : OpInterface<"NodeOpInterface"> {
  let cppNamespace = "::mlir::cudagraph";
  let description = [{
    A node of a graph: it runs after the nodes it names and touches the memory
    it declares.
  }];
  let methods = [
    InterfaceMethod<"The nodes that must finish first.",
      "::mlir::OperandRange", "getAfter">,
    InterfaceMethod<"The same, to change them.",
      "::mlir::MutableOperandRange", "getAfterMutable">,
    InterfaceMethod<"The node as a value.",
      "::mlir::TypedValue<::mlir::cudagraph::NodeType>", "getNode">,
    InterfaceMethod<[{
      Appends every memref the node touches and how; those of its bodies
      included.}],
      "void", "collectAccesses",
      (ins "::llvm::SmallVectorImpl<::mlir::cudagraph::BufferAccess> &":$accesses)>
  ];
}

#endif // GRAPHOPT_CUDAGRAPH_INTERFACES
