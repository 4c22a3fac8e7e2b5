//===- TensorSeqChecks.h - What verifiers of tseq share ---------*- C++ -*-===//
//
// Private to the dialect's library.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TENSORSEQ_TENSORSEQCHECKS_H
#define GRAPHOPT_TENSORSEQ_TENSORSEQCHECKS_H

#include "GraphOpt/TensorSeq/TensorSeq.h"

namespace mlir::tseq {

using Effects =
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>;

inline bool isBufferValue(Type type) {
  if (auto seq = dyn_cast<SeqType>(type))
    return seq.isBuffer();
  return isa<MemRefType>(type);
}

/// Adds `Effect` on each operand that is memory; tensors have no effects.
template <typename Effect>
void addEffects(MutableOperandRange operands, Effects &effects) {
  for (OpOperand &operand : operands)
    if (isBufferValue(operand.get().getType()))
      effects.emplace_back(Effect::get(), &operand);
}

/// Checks that results (on tensors) and outs (on memrefs) exclude each other
/// and that outs are memory.
LogicalResult verifyOuts(Operation *op, ValueRange outs);

/// The terminator of `region`, or null if that is another op.
inline YieldOp getYield(Region &region) {
  return dyn_cast<YieldOp>(region.front().back());
}

/// Checks that the terminator of `region` yields `types`.
LogicalResult verifyYield(Operation *op, Region &region, TypeRange types,
                          StringRef what);

/// Checks that `condition` is a rank-0 i1.
LogicalResult verifyCondition(Operation *op, Value condition);

} // namespace mlir::tseq

#endif // GRAPHOPT_TENSORSEQ_TENSORSEQCHECKS_H
