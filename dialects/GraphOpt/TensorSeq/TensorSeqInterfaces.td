//===- TensorSeqInterfaces.td - Interfaces -----------------*- tablegen -*-===//

#ifndef GRAPHOPT_TENSORSEQ_INTERFACES
#define GRAPHOPT_TENSORSEQ_INTERFACES

include "mlir/IR/OpBase.td"

def CapturableOpInterface : OpInterface<"CapturableOpInterface"> {
  let cppNamespace = "::mlir::tseq";
  let description = [{
    An op on the device that may become part of a graph. Upstream ops get it by
    external models; another project's dialect opts in the same way.
  }];
  let methods = [
    InterfaceMethod<
      "Whether the op, as it stands, may be a part of a graph: its shapes are "
      "static and it has no effect but its results.",
      "bool", "isCaptureSafe", (ins), "", [{ return true; }]>,
    InterfaceMethod<
      "Whether the host waits for the device when the op runs.",
      "bool", "synchronizes", (ins), "", [{ return false; }]>,
    InterfaceMethod<
      "Whether the op launches a kernel; false for views, packs and constants.",
      "bool", "isKernel", (ins), "", [{ return true; }]>
  ];
}

#endif // GRAPHOPT_TENSORSEQ_INTERFACES
