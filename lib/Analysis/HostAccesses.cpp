//===- HostAccesses.cpp - What ops of the host do to memory ---------------===//
//
// Implements reading the effects of host ops on memrefs off their interfaces.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/HostAccesses.h"

#include "GraphOpt/Analysis/BufferRange.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace graphopt;

/// Whether accesses to `memref` are those to one buffer that is known.
static bool isKnownMemory(Value memref) {
  Value root = getBufferRange(memref).root;
  // Two names of one global are two roots.
  return isIdentifiedRoot(root) && !root.getDefiningOp<memref::GetGlobalOp>();
}

/// Whether the interface of `op` tells all that it does to memory, when it is
/// over.
static bool tellsEffects(Operation *op) {
  return isa<memref::MemRefDialect, linalg::LinalgDialect,
             affine::AffineDialect>(op->getDialect()) &&
         !isa<memref::DmaStartOp, memref::DmaWaitOp>(op);
}

/// The same as `collectHostAccesses`, for `op` without those in it.
static bool collectOwn(Operation *op, SmallVectorImpl<HostAccess> &accesses) {
  auto add = [&](Value memref, bool writes) {
    accesses.push_back({memref, writes});
    return isKnownMemory(memref);
  };
  if (auto read = dyn_cast<bufferization::ToTensorOp>(op))
    return isa<MemRefType>(read.getBuffer().getType()) && read.getRestrict() &&
           add(read.getBuffer(), /*writes=*/false);
  if (auto write = dyn_cast<bufferization::MaterializeInDestinationOp>(op))
    return isa<TensorType>(write.getDest().getType()) ||
           (write.getRestrict() && add(write.getDest(), /*writes=*/true));
  // It may not end, and what comes after it then does not happen.
  if (isa<scf::WhileOp>(op))
    return false;
  auto interface = dyn_cast<MemoryEffectOpInterface>(op);
  if (!interface)
    return op->hasTrait<OpTrait::HasRecursiveMemoryEffects>();
  SmallVector<MemoryEffects::EffectInstance> effects;
  interface.getEffects(effects);
  for (const MemoryEffects::EffectInstance &effect : effects) {
    Value value = effect.getValue();
    if (isa<MemoryEffects::Allocate>(effect.getEffect()) && value &&
        value.getDefiningOp() == op)
      continue;
    if (!tellsEffects(op) || !value || !isa<BaseMemRefType>(value.getType()) ||
        effect.getResource() != SideEffects::DefaultResource::get() ||
        !add(value, !isa<MemoryEffects::Read>(effect.getEffect())))
      return false;
  }
  return true;
}

bool graphopt::collectHostAccesses(Operation *op,
                                   SmallVectorImpl<HostAccess> &accesses) {
  WalkResult result = op->walk([&](Operation *inner) {
    return collectOwn(inner, accesses) ? WalkResult::advance()
                                       : WalkResult::interrupt();
  });
  return !result.wasInterrupted();
}
