//===- InPlace.cpp - Which values take the place of others ----------------===//
//
// Finds what a region writes in place, from where its results go. Order alone
// depends on it: what was found wrongly costs a copy.
//
//===----------------------------------------------------------------------===//

#include "InPlace.h"

#include "GraphOpt/TensorSeq/TensorSeq.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Of each result of `graph`, the argument that holds what it overwrites.
static SmallVector<Value> findOverwritten(GraphOp graph) {
  DenseMap<Value, Value> arguments; // By buffer.
  for (auto [input, argument] :
       llvm::zip(graph.getInputs(), graph.getBodyBlock()->getArguments()))
    if (auto read = input.getDefiningOp<bufferization::ToTensorOp>())
      arguments[read.getBuffer()] = argument;
  SmallVector<Value> overwritten;
  for (Value result : graph.getResults()) {
    overwritten.push_back(Value());
    for (Operation *user : result.getUsers())
      if (auto write =
              dyn_cast<bufferization::MaterializeInDestinationOp>(user))
        if (Value argument = arguments.lookup(write.getDest()))
          overwritten.back() = argument;
  }
  return overwritten;
}

/// Of each result of `branch`, what the region that is not `region` yields if
/// that comes from outside.
static SmallVector<Value> findKept(tseq::IfOp branch, Region *region) {
  SmallVector<Value> kept(branch.getNumResults());
  if (branch.getElseRegion().empty())
    return kept;
  Region &other = region == &branch.getThenRegion() ? branch.getElseRegion()
                                                    : branch.getThenRegion();
  for (auto [i, value] :
       llvm::enumerate(other.front().getTerminator()->getOperands()))
    if (!other.isAncestor(value.getParentRegion()))
      kept[i] = value;
  return kept;
}

SmallVector<Replacement> graphopt::findReplacements(Block &block) {
  SmallVector<Value> old;
  Operation *parent = block.getParentOp();
  if (auto graph = dyn_cast<GraphOp>(parent))
    old = findOverwritten(graph);
  else if (auto branch = dyn_cast<tseq::IfOp>(parent))
    old = findKept(branch, block.getParent());
  SmallVector<Replacement> replacements;
  for (auto [value, kept] :
       llvm::zip(block.getTerminator()->getOperands(), old)) {
    auto get = value.getDefiningOp<GetOp>();
    Operation *writer =
        get ? get.getSequence().getDefiningOp() : value.getDefiningOp();
    bool isHere = writer && writer->getBlock() == &block;
    replacements.push_back({isHere ? writer : nullptr, kept});
  }
  return replacements;
}

void graphopt::forEachReader(Block &block, Value value,
                             function_ref<void(Operation *)> visit) {
  SmallVector<Value> worklist = {value};
  DenseSet<Operation *> seen;
  while (!worklist.empty())
    for (Operation *user : worklist.pop_back_val().getUsers()) {
      if (!seen.insert(user).second)
        continue;
      if (isa<PackOp, GetOp, tensor::CollapseShapeOp, tensor::ExpandShapeOp>(
              user)) {
        worklist.push_back(user->getResult(0));
        continue;
      }
      Operation *reader = block.findAncestorOpInBlock(*user);
      if (reader && reader != block.getTerminator())
        visit(reader);
    }
}
