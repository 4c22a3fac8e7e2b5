//===- CudaGraphDialect.td - The cudagraph dialect ---------*- tablegen -*-===//

#ifndef GRAPHOPT_CUDAGRAPH_DIALECT
#define GRAPHOPT_CUDAGRAPH_DIALECT

include "mlir/IR/DialectBase.td"

def CudaGraph_Dialect : Dialect {
  let name = "cudagraph";
  let cppNamespace = "::mlir::cudagraph";
  let summary = "CUDA graphs as IR: nodes, edges, instantiation and replay";
  let description = [{
    A graph is a symbol whose body lists nodes (kernels, copies, fills, children,
    conditionals) and the edges between them. Host code instantiates a graph,
    launches it as often as it likes, with other addresses if it likes, and
    reads scalars back: at once (`readback`), or in two steps with other work
    in between (`fetch`, `await`).

    ```
    tseq.graph --convert--> cudagraph.graph + instantiate, launch, readback
               --defer-readbacks--> fetch and await instead of readback
               --convert-cudagraph-to-llvm--> a builder function, constant
                                              tables and runtime calls
    ```

    The ops are one-to-one with the calls of `GraphRuntime.h`. Nodes of a graph
    run in any order that the `after` edges allow. The verifier of
    `cudagraph.graph` proves that this is harmless: of two nodes that touch the
    same bytes, one of them writing, one must come after the other.

    A *buffer* is an address that every launch passes anew; different buffers
    of one launch are taken to be disjoint. A *parameter* is a host scalar that
    every launch writes. The *arena* is the memory for temporaries; it belongs
    to the executable graph.
  }];
  let hasCanonicalizer = 1;
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

#endif // GRAPHOPT_CUDAGRAPH_DIALECT
