//===- Kernels.cpp - Reduces and scalars become one kernel ----------------===//
//
// Chooses the ops of a block that become the phases of one kernel.
//
//===----------------------------------------------------------------------===//

#include "../OuterOps.h"
#include "BlockOrder.h"
#include "Fusion.h"
#include "Stages.h"

#include <map>

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Whether a phase reads another one's result by way of an op that is no phase,
/// such as a view, a list or a branch: it would have to run within the kernel.
static bool hasDetour(ArrayRef<Operation *> phases) {
  DenseSet<Operation *> members(phases.begin(), phases.end()), seen;
  Block *block = phases.front()->getBlock();
  Operation *first = phases.front();
  for (Operation *phase : phases)
    if (phase->isBeforeInBlock(first))
      first = phase;
  SmallVector<Operation *> worklist(phases);
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    bool isDetour = false;
    visitOuterOps(op, [&](Operation *inner) {
      for (Value operand : inner->getOperands()) {
        Operation *def = operand.getDefiningOp();
        def = def ? block->findAncestorOpInBlock(*def) : nullptr;
        if (!def || def == op)
          continue;
        if (members.contains(def))
          isDetour |= !members.contains(op);
        else if (first->isBeforeInBlock(def) && seen.insert(def).second)
          worklist.push_back(def);
      }
    });
    if (isDetour)
      return true;
  }
  return false;
}

void graphopt::formKernels(Block &block) {
  Stages stages(block);
  orderBlock(block, stages);
  std::map<int64_t, SmallVector<Operation *>> reduces, maps;
  std::map<int64_t, SmallVector<ScalarOp>> programs;
  for (Operation &op : block) {
    if (isa<ReduceOp>(op))
      reduces[stages.get(&op)].push_back(&op);
    else if (isa<MapOp>(op))
      maps[stages.get(&op)].push_back(&op);
    else if (auto scalar = dyn_cast<ScalarOp>(op))
      programs[stages.get(&op)].push_back(scalar);
  }
  for (auto &[stageOfScalar, scalars] : programs) {
    int64_t stage = stageOfScalar;
    // What fusion has joined may have let one scalar wait for another.
    ScalarOp scalar = fuseScalars(scalars);
    stages.set(scalar, stage);
    SmallVector<Operation *> phases;
    auto before = reduces.find(stage - 1);
    if (before != reduces.end()) {
      phases = before->second;
      phases.push_back(scalar);
    } else {
      auto after = maps.find(stage + 1);
      if (after == maps.end() || after->second.size() != 1)
        continue;
      phases = {scalar, after->second.front()};
      stage += 1;
    }
    if (hasDetour(phases))
      continue;
    stages.set(formKernel(phases), stage);
  }
  orderBlock(block, stages);
}
