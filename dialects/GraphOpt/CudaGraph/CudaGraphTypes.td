//===- CudaGraphTypes.td - Types ---------------------------*- tablegen -*-===//

#ifndef GRAPHOPT_CUDAGRAPH_TYPES
#define GRAPHOPT_CUDAGRAPH_TYPES

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/CommonTypeConstraints.td"
include "GraphOpt/CudaGraph/CudaGraphDialect.td"

class CudaGraph_Type<string name, string typeMnemonic>
    : TypeDef<CudaGraph_Dialect, name> {
  let mnemonic = typeMnemonic;
}

def CudaGraph_NodeType : CudaGraph_Type<"Node", "node"> {
  let summary = "a node of a graph";
  let description = [{
    Every node op has one result of this type; other nodes of the same block
    name it in `after` to run later. Example: `!cudagraph.node`.
  }];
}

def CudaGraph_ExecType : CudaGraph_Type<"Exec", "exec"> {
  let summary = "an instantiated graph, ready to be launched";
  let description = [{
    Made by `cudagraph.instantiate`; owned by the runtime's context. Example:
    `!cudagraph.exec`.
  }];
}

def CudaGraph_PendingType : CudaGraph_Type<"Pending", "pending"> {
  let summary = "scalars on their way to the host";
  let description = [{
    Made by `cudagraph.fetch`; `cudagraph.await` gives the scalars. Example:
    `!cudagraph.pending<f64, i1>`.
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::Type">:$values);
  let assemblyFormat = "`<` $values `>`";
  let genVerifyDecl = 1;
}

// What one parameter slot holds.
def CudaGraph_Scalar
    : AnyTypeOf<[AnySignlessInteger, Index, AnyFloat], "integer, index or float">;

// A stream of the program's own: the handle that the device's driver gave it.
def CudaGraph_Stream : Type<
  CPred<"::llvm::isa<::mlir::LLVM::LLVMPointerType>($_self)">, "stream handle">;

#endif // GRAPHOPT_CUDAGRAPH_TYPES
