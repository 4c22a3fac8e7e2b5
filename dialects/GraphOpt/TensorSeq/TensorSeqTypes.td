//===- TensorSeqTypes.td - Types of the tseq dialect -------*- tablegen -*-===//

#ifndef GRAPHOPT_TENSORSEQ_TYPES
#define GRAPHOPT_TENSORSEQ_TYPES

include "GraphOpt/TensorSeq/TensorSeqDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/CommonTypeConstraints.td"

def TensorSeq_SeqType : TypeDef<TensorSeq_Dialect, "Seq"> {
  let mnemonic = "seq";
  let summary = "an ordered list of tensors or memrefs of static shape";
  let description = [{
    The elements may differ in shape and in element type. A run of equal
    elements is written once, with its length before it.

    ```mlir
    !tseq.seq<tensor<768x2304xf32>, tensor<2304xf32>>
    !tseq.seq<256 x tensor<16x4096xbf16>>
    !tseq.seq<2 x tensor<4xf32>, tensor<f32>>
    !tseq.seq<>
    ```

    All elements are tensors, or (from state `buffers` on) all are memrefs.
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::Type">:$elements);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    size_t size() const { return getElements().size(); }
    ::mlir::ShapedType getElement(size_t i) const {
      return ::llvm::cast<::mlir::ShapedType>(getElements()[i]);
    }
    /// The element type that all tensors share; null if the list is empty or
    /// its element types differ.
    ::mlir::Type getUniformElementType() const;
    /// Whether `other` has the same length and the same shapes in order.
    bool isCongruent(SeqType other) const;
    /// Number of elements of all tensors together.
    int64_t getNumElements() const;
    /// Whether the elements are memrefs.
    bool isBuffer() const;
  }];
}

def TensorSeq_DeviceValue : Type<
  Or<[CPred<"::llvm::isa<::mlir::RankedTensorType>($_self)">,
      CPred<"::llvm::isa<::mlir::MemRefType>($_self)">]>,
  "tensor or memref", "::mlir::ShapedType">;

def TensorSeq_AnyValue : Type<
  Or<[TensorSeq_DeviceValue.predicate,
      CPred<"::llvm::isa<::mlir::tseq::SeqType>($_self)">]>,
  "tensor, memref or sequence">;

#endif // GRAPHOPT_TENSORSEQ_TYPES
