//===- TensorSeqInterfaces.td - Interfaces -----------------*- tablegen -*-===//

#ifndef GRAPHOPT_TENSORSEQ_INTERFACES
#define GRAPHOPT_TENSORSEQ_INTERFACES

include "mlir/IR/OpBase.td"

def CapturableOpInterface : OpInterface<"CapturableOpInterface"> {
  let cppNamespace = "::mlir::tseq";
  let description = [{
    An op on the device that may become part of a graph. Upstream ops get it by
    external models; another project's dialect opts in the same way.

    There are two kinds. An op on values (tensors, sequences) makes new ones;
    `form-graphs` moves it into a region. An op on memory (memrefs) is a launch,
    copy or fill that some compiler has made already; `capture-launches` makes a
    node of it.
  }];
  let methods = [
    InterfaceMethod<
      "Whether the op, as it stands, may be a part of a region: its shapes are "
      "static and it has no effect but its results.",
      "bool", "isCaptureSafe", (ins), "", [{ return true; }]>,
    InterfaceMethod<
      "Whether the op, which works on memory, can be a node of a graph. If not, "
      "`reason` says why, in the words of a remark. Only for ops that "
      "`capture-launches` knows how to make nodes of.",
      "bool", "canBeNode", (ins "std::string &":$reason), "",
      [{ reason = "it has no form as a node of a graph"; return false; }]>,
    InterfaceMethod<
      "Whether the host waits for the device when the op runs.",
      "bool", "synchronizes", (ins), "", [{ return false; }]>,
    InterfaceMethod<
      "Whether the op launches a kernel; false for views, packs and constants.",
      "bool", "isKernel", (ins), "", [{ return true; }]>,
    InterfaceMethod<
      "Whether the shapes of all that the op works on are known at compile "
      "time.",
      "bool", "isStatic", (ins), "",
      [{ return ::mlir::tseq::hasStaticShapes($_op); }]>,
    InterfaceMethod<[{
      Appends the tensors, sequences and memrefs that the op reads or writes,
      each once. Returns whether these are all: false if the op may touch other
      memory as well. By default operands are read and results are written; a
      memref is read and written.}],
      "bool", "collectAccesses",
      (ins "::llvm::SmallVectorImpl<::mlir::tseq::ValueAccess> &":$accesses), "",
      [{ return ::mlir::tseq::collectOperandAccesses($_op, accesses); }]>,
    InterfaceMethod<[{
      What one run of the op moves and computes, or nothing if shapes are not
      known. By default the bytes of what it reads and writes, and one run of the
      arithmetic in its regions for each element of the largest.}],
      "std::optional<::mlir::tseq::WorkEstimate>", "estimateWork", (ins), "",
      [{ return ::mlir::tseq::estimateElementwiseWork($_op); }]>
  ];
}

#endif // GRAPHOPT_TENSORSEQ_INTERFACES
