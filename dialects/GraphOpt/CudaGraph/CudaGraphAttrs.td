//===- CudaGraphAttrs.td - Attributes ----------------------*- tablegen -*-===//

#ifndef GRAPHOPT_CUDAGRAPH_ATTRS
#define GRAPHOPT_CUDAGRAPH_ATTRS

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/EnumAttr.td"
include "GraphOpt/CudaGraph/CudaGraphDialect.td"

// The values are those of GO_ACCESS_* in GraphRuntime.h.
def CudaGraph_Access : I32EnumAttr<"Access", "how a node uses an operand", [
    I32EnumAttrCase<"Read", 1, "read">, I32EnumAttrCase<"Write", 2, "write">,
    I32EnumAttrCase<"ReadWrite", 3, "readwrite">]> {
  let cppNamespace = "::mlir::cudagraph";
  let genSpecializedAttr = 0;
}

def CudaGraph_PhaseAttr : AttrDef<CudaGraph_Dialect, "Phase"> {
  let mnemonic = "phase";
  let summary = "one phase of a kernel: a function and its number of items";
  let description = [{
    The function is called for disjoint ranges that cover `[0, items)`, in any
    order and on any thread; a phase starts when the one before has finished.
    On the host it is a function of type `(!llvm.ptr, i64, i64) -> ()`: an array
    with the address of each operand of the node, begin and end of the range. A
    `gpu.func` may stand in its place; then the kernel has this one phase.

    ```mlir
    #cudagraph.phase<@norm_phase0, 12>
    ```
  }];
  let parameters = (ins "::mlir::SymbolRefAttr":$function, "int64_t":$items);
  let assemblyFormat = "`<` $function `,` $items `>`";
  let genVerifyDecl = 1;
}

def CudaGraph_PhaseArrayAttr
    : TypedArrayAttrBase<CudaGraph_PhaseAttr, "array of kernel phases">;

#endif // GRAPHOPT_CUDAGRAPH_ATTRS
