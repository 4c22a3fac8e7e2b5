//===- TensorSeqDialect.td - The tseq dialect --------------*- tablegen -*-===//

#ifndef GRAPHOPT_TENSORSEQ_DIALECT
#define GRAPHOPT_TENSORSEQ_DIALECT

include "mlir/IR/DialectBase.td"

def TensorSeq_Dialect : Dialect {
  let name = "tseq";
  let cppNamespace = "::mlir::tseq";
  let summary = "device work on ordered lists of static-shape tensors";
  let description = [{
    Training steps end with chains of short kernels over lists of tensors. This
    dialect gives such a list a type, `!tseq.seq`, and gives the three shapes of
    work on it an op each: `map`, `reduce` and `scalar`. One `map` or `reduce`
    is at most one multi-tensor kernel, whatever the length of the list.

    The dialect lives between the IR states `sequences` and `buffers`:

    ```
    linalg, arith, tensor --raise--> map, reduce, scalar, item
                          --hoist--> readbacks became scalar, branches if
                          --form---> graph holds what is captured
                          --fuse---> kernel holds the phases of one launch
                          --bufferize--> the same ops on memrefs (outs)
                          --convert--> cudagraph
    ```

    A *device scalar* is a `tensor<T>` (one for all tensors of a sequence) or,
    where an op says so, a `tensor<NxT>` (one per tensor). In state `buffers`
    memrefs stand where tensors stood, results became `outs`, and nothing else
    changes.
  }];
  let hasConstantMaterializer = 1;
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::tensor::TensorDialect"];
}

#endif // GRAPHOPT_TENSORSEQ_DIALECT
