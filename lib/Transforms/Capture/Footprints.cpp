//===- Footprints.cpp - What the ops of a block touch ---------------------===//
//
// Implements the memory that host ops and launches read and write.
//
//===----------------------------------------------------------------------===//

#include "Footprints.h"

#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace graphopt;

bool graphopt::isDistinctRoot(Value root) {
  auto argument = dyn_cast<BlockArgument>(root);
  if (!argument)
    return isa<memref::AllocOp, memref::AllocaOp, gpu::AllocOp>(
        root.getDefiningOp());
  auto function =
      dyn_cast<FunctionOpInterface>(argument.getOwner()->getParentOp());
  return function && argument.getOwner()->isEntryBlock() &&
         function.getArgAttr(argument.getArgNumber(), "llvm.noalias");
}

void MemoryFootprint::append(const MemoryFootprint &other) {
  llvm::append_range(accesses, other.accesses);
  touchesAnything |= other.touchesAnything;
}

bool MemoryFootprint::conflictsWith(const MemoryFootprint &other) const {
  if (touchesAnything || other.touchesAnything)
    return !isEmpty() && !other.isEmpty();
  for (const Access &mine : accesses)
    for (const Access &theirs : other.accesses) {
      if (!mine.writes && !theirs.writes)
        continue;
      Value a = mine.range.root, b = theirs.range.root;
      bool distinct = (isDistinctRoot(a) && isIdentifiedRoot(b)) ||
                      (isDistinctRoot(b) && isIdentifiedRoot(a));
      if (mine.range.mayOverlap(theirs.range, distinct))
        return true;
    }
  return false;
}

/// What an op that can be captured says of itself.
static MemoryFootprint getDeviceFootprint(tseq::CapturableOpInterface op) {
  MemoryFootprint footprint;
  SmallVector<tseq::ValueAccess> accesses;
  footprint.touchesAnything = !op.collectAccesses(accesses);
  for (const tseq::ValueAccess &access : accesses)
    if (isa<BaseMemRefType>(access.value.getType()))
      footprint.accesses.push_back(
          {getBufferRange(access.value), access.writes});
  return footprint;
}

/// What the effects of `op` on values say.
static MemoryFootprint getHostFootprint(MemoryEffectOpInterface op) {
  MemoryFootprint footprint;
  SmallVector<MemoryEffects::EffectInstance> effects;
  op.getEffects(effects);
  for (const MemoryEffects::EffectInstance &effect : effects) {
    Value value = effect.getValue();
    if (isa<MemoryEffects::Allocate>(effect.getEffect()))
      continue;
    if (!value || !isa<BaseMemRefType>(value.getType())) {
      footprint.touchesAnything = true;
      continue;
    }
    bool reads = isa<MemoryEffects::Read>(effect.getEffect());
    footprint.accesses.push_back({getBufferRange(value), !reads});
  }
  return footprint;
}

/// What a graph does to its buffers, or a readback to its sources.
static MemoryFootprint getGraphFootprint(Operation *op) {
  MemoryFootprint footprint;
  if (auto launch = dyn_cast<cudagraph::LaunchOp>(op)) {
    auto exec = launch.getExec().getDefiningOp<cudagraph::InstantiateOp>();
    auto graph = exec
                     ? SymbolTable::lookupNearestSymbolFrom<cudagraph::GraphOp>(
                           op, exec.getGraphAttr())
                     : cudagraph::GraphOp();
    footprint.touchesAnything = !graph;
    if (!graph)
      return footprint;
    for (auto [buffer, use] :
         llvm::zip_equal(launch.getBuffers(), graph.getBufferUses())) {
      bool writes = use & static_cast<int32_t>(cudagraph::Access::Write);
      footprint.accesses.push_back({getBufferRange(buffer), writes});
    }
    return footprint;
  }
  for (Value operand : op->getOperands())
    if (isa<BaseMemRefType>(operand.getType()))
      footprint.accesses.push_back({getBufferRange(operand), false});
  return footprint;
}

MemoryFootprint graphopt::getFootprint(Operation *op) {
  // Waits and streams' tokens touch nothing by themselves.
  if (isMemoryEffectFree(op) || isa<gpu::WaitOp>(op) ||
      op->hasTrait<OpTrait::IsTerminator>())
    return {};
  if (auto capturable = dyn_cast<tseq::CapturableOpInterface>(op))
    return getDeviceFootprint(capturable);
  if (isa_and_nonnull<cudagraph::CudaGraphDialect>(op->getDialect()))
    return getGraphFootprint(op);
  if (auto effects = dyn_cast<MemoryEffectOpInterface>(op))
    return getHostFootprint(effects);
  MemoryFootprint footprint;
  if (!op->hasTrait<OpTrait::HasRecursiveMemoryEffects>()) {
    footprint.touchesAnything = true;
    return footprint;
  }
  for (Region &region : op->getRegions())
    for (Operation &inner : region.getOps())
      footprint.append(getFootprint(&inner));
  return footprint;
}

bool graphopt::looksAtMemory(Operation *op) {
  return op
      ->walk([](Operation *inner) {
        bool isKnown =
            isMemoryEffectFree(inner) || isa<MemoryEffectOpInterface>(inner) ||
            inner->hasTrait<OpTrait::HasRecursiveMemoryEffects>() ||
            inner->hasTrait<OpTrait::IsTerminator>() ||
            isa_and_nonnull<gpu::GPUDialect, cudagraph::CudaGraphDialect,
                            tseq::TensorSeqDialect>(inner->getDialect());
        return isKnown ? WalkResult::advance() : WalkResult::interrupt();
      })
      .wasInterrupted();
}
