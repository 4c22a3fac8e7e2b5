//===- TensorSeq.h - The tseq dialect ---------------------------*- C++ -*-===//

#ifndef GRAPHOPT_TENSORSEQ_TENSORSEQ_H
#define GRAPHOPT_TENSORSEQ_TENSORSEQ_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "GraphOpt/TensorSeq/TensorSeqCapture.h"
#include "GraphOpt/TensorSeq/TensorSeqDialect.h.inc"
#include "GraphOpt/TensorSeq/TensorSeqEnums.h.inc"
#include "GraphOpt/TensorSeq/TensorSeqInterfaces.h.inc"

#define GET_TYPEDEF_CLASSES
#include "GraphOpt/TensorSeq/TensorSeqTypes.h.inc"
#define GET_ATTRDEF_CLASSES
#include "GraphOpt/TensorSeq/TensorSeqAttrs.h.inc"
#define GET_OP_CLASSES
#include "GraphOpt/TensorSeq/TensorSeqOps.h.inc"

namespace mlir::tseq {

/// The identity of `combiner` on `type`; null if it has none on that type
/// (`maximum` on integers, `xor` on floats, ...).
TypedAttr getIdentity(Combiner combiner, Type type);

/// Joins `lhs` and `rhs`, which have one type, with `combiner`.
Value createCombination(OpBuilder &builder, Location loc, Combiner combiner,
                        Value lhs, Value rhs);

/// The combiner that `op` computes, or none: the inverse of createCombination.
std::optional<Combiner> matchCombiner(Operation *op);

/// Whether `op` may run where its program would not have run it. Unlike
/// upstream's isSpeculatable, also false for remainders and floor divisions,
/// unless they are known to have a quotient: on some devices the others trap.
bool isSafeToSpeculate(Operation *op);

} // namespace mlir::tseq

#endif // GRAPHOPT_TENSORSEQ_TENSORSEQ_H
