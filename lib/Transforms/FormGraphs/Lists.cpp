//===- Lists.cpp - Sequences at the borders of regions --------------------===//
//
// Implements the rewrites that keep sequences in one block or region: tensors
// cross its border.
//
//===----------------------------------------------------------------------===//

#include "Lists.h"

using namespace mlir;
using namespace mlir::tseq;

void graphopt::localizePack(PackOp pack) {
  for (OpOperand &use : llvm::make_early_inc_range(pack->getUses()))
    if (use.getOwner()->getBlock() != pack->getBlock())
      use.set(OpBuilder(use.getOwner()).clone(*pack)->getResult(0));
}

void graphopt::localizeSequences(Operation *op) {
  if (isa<PackOp>(op))
    return;
  for (Value sequence : op->getResults()) {
    auto type = dyn_cast<SeqType>(sequence.getType());
    if (!type)
      continue;
    SmallVector<Value> tensors;
    for (OpOperand &use : llvm::make_early_inc_range(sequence.getUses())) {
      Operation *user = use.getOwner();
      if (user->getBlock() == op->getBlock())
        continue;
      OpBuilder builder(op->getContext());
      builder.setInsertionPointAfter(op);
      for (int64_t i = tensors.size(), e = type.size(); i < e; ++i)
        tensors.push_back(GetOp::create(builder, op->getLoc(), sequence, i));
      if (auto get = dyn_cast<GetOp>(user)) {
        get.replaceAllUsesWith(tensors[get.getIndex()]);
        get.erase();
        continue;
      }
      builder.setInsertionPoint(user);
      use.set(PackOp::create(builder, user->getLoc(), type, tensors));
    }
  }
}

SmallVector<Operation *> graphopt::copyLists(Operation *op) {
  SmallVector<Operation *> made;
  OpBuilder builder(op);
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<SeqType>(operand.get().getType());
    if (!type)
      continue;
    SmallVector<Value> tensors;
    if (auto pack = operand.get().getDefiningOp<PackOp>())
      tensors = pack.getTensors();
    else
      for (int64_t i = 0, e = type.size(); i < e; ++i)
        tensors.push_back(
            GetOp::create(builder, op->getLoc(), operand.get(), i));
    auto pack = PackOp::create(builder, op->getLoc(), type, tensors);
    made.push_back(pack);
    operand.set(pack);
  }
  return made;
}

SmallVector<Operation *> graphopt::getElements(Operation *op) {
  SmallVector<Operation *> elements;
  for (Value list : op->getResults()) {
    auto type = dyn_cast<SeqType>(list.getType());
    if (!type)
      continue;
    SmallVector<OpOperand *> uses = llvm::map_to_vector(
        list.getUses(), [](OpOperand &use) { return &use; });
    OpBuilder builder(op->getContext());
    builder.setInsertionPointAfter(op);
    SmallVector<Value> tensors;
    for (int64_t i = 0, e = type.size(); i < e; ++i) {
      tensors.push_back(GetOp::create(builder, op->getLoc(), list, i));
      elements.push_back(tensors.back().getDefiningOp());
    }
    for (OpOperand *use : uses) {
      if (auto get = dyn_cast<GetOp>(use->getOwner())) {
        get.replaceAllUsesWith(tensors[get.getIndex()]);
        get.erase();
        continue;
      }
      Operation *user = use->getOwner();
      builder.setInsertionPoint(user);
      use->set(PackOp::create(builder, user->getLoc(), type, tensors));
    }
  }
  return elements;
}
