//===- OtherDialect.td - A dialect of another project ------*- tablegen -*-===//
//
// Knows nothing of graph-opt: its ops have no interface of ours.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TEST_OTHERDIALECT
#define GRAPHOPT_TEST_OTHERDIALECT

include "mlir/IR/OpBase.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Other_Dialect : Dialect {
  let name = "other";
  let cppNamespace = "::other";
  let summary = "a dialect that opts in by an external model";
}

def Other_SquareOp : Op<Other_Dialect, "square", [
    Pure, AllTypesMatch<["operand", "result"]>]> {
  let summary = "squares each element";
  let arguments = (ins AnyRankedTensor:$operand);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand)";
}

def Other_CheckedOp : Op<Other_Dialect, "checked", [
    Pure, AllTypesMatch<["operand", "result"]>]> {
  let summary = "copies a tensor; the host waits for the device to check it";
  let arguments = (ins AnyRankedTensor:$operand);
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = "$operand attr-dict `:` type($operand)";
}

#endif // GRAPHOPT_TEST_OTHERDIALECT
