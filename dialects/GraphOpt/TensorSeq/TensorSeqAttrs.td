//===- TensorSeqAttrs.td - Attributes of the tseq dialect --*- tablegen -*-===//

#ifndef GRAPHOPT_TENSORSEQ_ATTRS
#define GRAPHOPT_TENSORSEQ_ATTRS

include "GraphOpt/TensorSeq/TensorSeqDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def TensorSeq_Combiner : I32EnumAttr<"Combiner",
    "an associative function that joins two partial results", [
      I32EnumAttrCase<"Add", 0, "add">,
      I32EnumAttrCase<"Mul", 1, "mul">,
      I32EnumAttrCase<"Maximum", 2, "maximum">,
      I32EnumAttrCase<"Minimum", 3, "minimum">,
      I32EnumAttrCase<"MaxNum", 4, "maxnum">,
      I32EnumAttrCase<"MinNum", 5, "minnum">,
      I32EnumAttrCase<"MaxS", 6, "maxs">,
      I32EnumAttrCase<"MinS", 7, "mins">,
      I32EnumAttrCase<"MaxU", 8, "maxu">,
      I32EnumAttrCase<"MinU", 9, "minu">,
      I32EnumAttrCase<"And", 10, "and">,
      I32EnumAttrCase<"Or", 11, "or">,
      I32EnumAttrCase<"Xor", 12, "xor">
    ]> {
  let cppNamespace = "::mlir::tseq";
  let genSpecializedAttr = 0;
}
def TensorSeq_CombinerAttr
    : EnumAttr<TensorSeq_Dialect, TensorSeq_Combiner, "combiner"> {
  let description = [{
    `maximum` and `minimum` propagate NaN, `maxnum` and `minnum` do not, as
    `arith.maximumf` and `arith.maxnumf` do. `add` and `mul` join floats or
    integers, the others one of them.
  }];
}
def TensorSeq_CombinerArrayAttr
    : TypedArrayAttrBase<TensorSeq_CombinerAttr, "array of combiners">;

def TensorSeq_ItemUse : I32EnumAttr<"ItemUse", "what a readback is for", [
      I32EnumAttrCase<"Decisive", 0, "decisive">,
      I32EnumAttrCase<"Observed", 1, "observed">
    ]> {
  let cppNamespace = "::mlir::tseq";
  let genSpecializedAttr = 0;
}
def TensorSeq_ItemUseAttr
    : EnumAttr<TensorSeq_Dialect, TensorSeq_ItemUse, "use"> {
  let description = [{
    `decisive`: the value steers control flow, an address or an extent.
    `observed`: it is only returned, stored or passed on.
  }];
}

#endif // GRAPHOPT_TENSORSEQ_ATTRS
