//===- RegionBufferizer.cpp - Memory for the values of one region ---------===//
//
// Decides what is computed in place and rewrites each op of a region on
// memrefs.
//
//===----------------------------------------------------------------------===//

#include "RegionBufferizer.h"

#include "GraphOpt/Analysis/BufferRange.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// What is where
//===----------------------------------------------------------------------===//

void RegionBufferizer::bindArgument(Value argument, Value memref) {
  memory[argument] = {memref};
  aliases[memref].push_back(argument);
}

void RegionBufferizer::bindResult(unsigned index, Value memref) {
  if (resultMemory.size() <= index)
    resultMemory.resize(index + 1);
  resultMemory[index] = memref;
}

/// Numbers the ops of `block` in program order. A loop runs its ops again, so
/// all of them count as one.
void RegionBufferizer::numberOps(Block *block) {
  for (Operation &op : *block) {
    int64_t number = numbers.size();
    numbers[&op] = number;
    if (isa<KernelOp, tseq::IfOp>(op))
      for (Region &region : op.getRegions())
        for (Block &inner : region)
          numberOps(&inner);
    lastNumbers[&op] = numbers.size() - 1;
  }
}

/// Records what reads the memory that `value` aliases.
void RegionBufferizer::recordUses(Value value) {
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    auto it = numbers.find(user);
    // Ops in loops and in bodies of linalg ops count for the op around them.
    for (Operation *o = user; it == numbers.end() && o; o = o->getParentOp())
      it = numbers.find(o);
    if (it == numbers.end())
      continue;
    if (auto pack = dyn_cast<PackOp>(user)) {
      for (OpOperand &seqUse : pack->getUses()) {
        Operation *seqUser = seqUse.getOwner();
        auto seqIt = numbers.find(seqUser);
        for (Operation *o = seqUser; seqIt == numbers.end() && o;
             o = o->getParentOp())
          seqIt = numbers.find(o);
        if (seqIt == numbers.end())
          continue;
        bool sameOp = seqIt->first == seqUser;
        uses[value].push_back({seqIt->first, seqIt->second,
                               sameOp ? int64_t(use.getOperandNumber()) : -1});
      }
      continue;
    }
    uses[value].push_back({it->first, it->second, -1});
    // What a view or a list shows is the same memory.
    if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, GetOp>(user)) {
      recordUses(user->getResult(0));
      llvm::append_range(uses[value], uses[user->getResult(0)]);
    }
  }
}

/// `value` should be computed in `memref`, and what makes it as well.
void RegionBufferizer::wantPlaces(Value value, Value memref) {
  if (auto get = value.getDefiningOp<GetOp>()) {
    wanted.try_emplace({get.getSequence(), get.getIndex()}, memref);
    auto kernel = get.getSequence().getDefiningOp<KernelOp>();
    if (!kernel)
      return;
    Value inner = kernel.getBody().front().getTerminator()->getOperand(
        cast<OpResult>(get.getSequence()).getResultNumber());
    wanted.try_emplace({inner, get.getIndex()}, memref);
    return;
  }
  wanted.try_emplace({value, 0}, memref);
  if (auto kernel = value.getDefiningOp<KernelOp>())
    wantPlaces(kernel.getBody().front().getTerminator()->getOperand(
                   cast<OpResult>(value).getResultNumber()),
               memref);
}

bool RegionBufferizer::canOverwrite(Operation *op, Place place, Value memref) {
  int64_t number = numbers.lookup(op), last = lastNumbers.lookup(op);
  // Inside of a loop nothing is known about the order.
  if (!numbers.contains(op))
    return !aliases.contains(memref);
  for (Value alias : aliases.lookup(memref))
    for (const Use &use : uses.lookup(alias)) {
      bool sameElement =
          use.op == op && isa<MapOp>(op) && use.position == place.second;
      bool before = use.number < number;
      bool inside = use.number > number && use.number <= last;
      bool isYield = isa<YieldOp>(use.op);
      bool isList =
          isa<PackOp, GetOp, tensor::ExpandShapeOp, tensor::CollapseShapeOp>(
              use.op);
      // A scalar reads all of its operands before it writes.
      bool readsFirst = use.op == op && isa<ScalarOp>(op);
      if (before || sameElement || readsFirst || isList)
        continue;
      // A branch decides for itself about the uses in it, and yielding the old
      // contents to where they are is no use.
      if (isa<tseq::IfOp>(op) && (inside || use.op == op))
        continue;
      if (isYield) {
        Operation *parent = use.op->getParentOp();
        // A view that is yielded is not the old contents in their place.
        bool found = false, toItself = true;
        for (OpOperand &operand : use.op->getOpOperands()) {
          if (operand.get() != alias)
            continue;
          found = true;
          unsigned index = operand.getOperandNumber();
          if (parent == graph)
            toItself &= resultMemory[index] == memref;
          else if (isa<tseq::IfOp>(parent))
            toItself &= wanted.lookup({parent->getResult(index), 0}) == memref;
          else
            toItself = false;
        }
        toItself &= found;
        if (toItself)
          continue;
      }
      return false;
    }
  return true;
}

Value RegionBufferizer::allocate(Location loc, ShapedType type) {
  return memref::AllocOp::create(
      builder, loc, MemRefType::get(type.getShape(), type.getElementType()));
}

void RegionBufferizer::copy(Location loc, Value source, Value destination) {
  if (source != destination)
    memref::CopyOp::create(builder, loc, source, destination);
}

Value RegionBufferizer::getTarget(Operation *op, Place place, ShapedType type) {
  Value memref = wanted.lookup(place);
  if (memref &&
      cast<MemRefType>(memref.getType()).getShape() == type.getShape() &&
      canOverwrite(op, place, memref))
    return memref;
  OpBuilder::InsertionGuard guard(builder);
  if (auto kernel = dyn_cast<KernelOp>(builder.getBlock()->getParentOp()))
    builder.setInsertionPoint(kernel);
  return allocate(op->getLoc(), type);
}

Value RegionBufferizer::pack(Location loc, Value value) {
  return PackOp::create(builder, loc, memory.lookup(value));
}

/// Memory for all tensors of the sequence `result` of `op`, packed.
Value RegionBufferizer::packTargets(Operation *op, Value result) {
  auto seq = cast<SeqType>(result.getType());
  Memory targets;
  for (size_t i = 0, e = seq.size(); i < e; ++i)
    targets.push_back(getTarget(op, {result, i}, seq.getElement(i)));
  memory[result] = targets;
  return pack(op->getLoc(), result);
}

//===----------------------------------------------------------------------===//
// Work
//===----------------------------------------------------------------------===//

void RegionBufferizer::rewrite(MapOp op) {
  Location loc = op.getLoc();
  SmallVector<Value> inputs, scalars, outs;
  for (Value value : op.getInputs())
    inputs.push_back(pack(loc, value));
  for (Value value : op.getScalars())
    scalars.push_back(memory.lookup(value).front());
  for (Value result : op.getResults())
    outs.push_back(packTargets(op, result));
  Value predicate;
  if (op.getPredicate()) {
    predicate = memory.lookup(op.getPredicate()).front();
    // The map writes nothing where the predicate is false, so what stays must
    // be there before.
    OpBuilder::InsertionGuard guard(builder);
    if (auto kernel = dyn_cast<KernelOp>(builder.getBlock()->getParentOp()))
      builder.setInsertionPoint(kernel);
    for (auto [result, otherwise] :
         llvm::zip(op.getResults(), op.getOtherwise()))
      for (auto [target, source] :
           llvm::zip(memory[result], memory.lookup(otherwise)))
        copy(loc, source, target);
  }
  auto map = MapOp::create(builder, loc, TypeRange(),
                           builder.getI64IntegerAttr(chunkElements), inputs,
                           scalars, predicate, ValueRange(), outs);
  map.getBody().takeBody(op.getBody());
}

/// Number of partial results of a reduction over `domain`.
static int64_t countChunks(SeqType domain, int64_t chunkElements) {
  int64_t count = 0;
  for (size_t i = 0, e = domain.size(); i < e; ++i)
    count +=
        llvm::divideCeil(domain.getElement(i).getNumElements(), chunkElements);
  return count;
}

void RegionBufferizer::rewrite(ReduceOp op) {
  Location loc = op.getLoc();
  SmallVector<Value> inputs, scalars, outs, scratch;
  for (Value value : op.getInputs())
    inputs.push_back(pack(loc, value));
  for (Value value : op.getScalars())
    scalars.push_back(memory.lookup(value).front());
  int64_t chunks = countChunks(op.getDomain(), chunkElements);
  for (Value result : op.getResults()) {
    auto type = cast<ShapedType>(result.getType());
    Value target = getTarget(op, {result, 0}, type);
    memory[result] = {target};
    outs.push_back(target);
    OpBuilder::InsertionGuard guard(builder);
    if (auto kernel = dyn_cast<KernelOp>(builder.getBlock()->getParentOp()))
      builder.setInsertionPoint(kernel);
    scratch.push_back(
        allocate(loc, RankedTensorType::get({chunks}, type.getElementType())));
  }
  auto reduce = ReduceOp::create(
      builder, loc, TypeRange(), op.getCombinersAttr(), op.getPerTensorAttr(),
      builder.getI64IntegerAttr(chunkElements), inputs, scalars, outs, scratch);
  reduce.getBody().takeBody(op.getBody());
}

void RegionBufferizer::rewrite(ScalarOp op) {
  SmallVector<Value> inputs, outs;
  for (Value value : op.getInputs())
    inputs.push_back(memory.lookup(value).front());
  for (Value result : op.getResults()) {
    Value target =
        getTarget(op, {result, 0}, cast<ShapedType>(result.getType()));
    memory[result] = {target};
    outs.push_back(target);
  }
  auto scalar =
      ScalarOp::create(builder, op.getLoc(), TypeRange(), inputs, outs);
  scalar.getBody().takeBody(op.getBody());
  // Operands of higher rank are memrefs in the body as well.
  Block *body = scalar.getBodyBlock();
  for (auto [argument, input] : llvm::zip(body->getArguments(), inputs)) {
    if (!isa<RankedTensorType>(argument.getType()))
      continue;
    argument.setType(input.getType());
    for (Operation *user : llvm::make_early_inc_range(argument.getUsers())) {
      auto extract = dyn_cast<tensor::ExtractOp>(user);
      if (!extract)
        continue;
      OpBuilder inner(extract);
      Value load = memref::LoadOp::create(inner, extract.getLoc(), argument,
                                          extract.getIndices());
      extract.replaceAllUsesWith(load);
      extract.erase();
    }
  }
}

LogicalResult RegionBufferizer::rewrite(KernelOp op) {
  auto kernel = KernelOp::create(builder, op.getLoc(), TypeRange());
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&kernel.getBody());
  for (Operation &inner :
       llvm::make_early_inc_range(op.getBody().front().without_terminator()))
    if (failed(rewrite(&inner)))
      return failure();
  YieldOp::create(builder, op.getLoc());
  Operation *yield = op.getBody().front().getTerminator();
  for (auto [result, value] : llvm::zip(op.getResults(), yield->getOperands()))
    memory[result] = memory.lookup(value);
  return success();
}

//===----------------------------------------------------------------------===//
// Blocks
//===----------------------------------------------------------------------===//

LogicalResult RegionBufferizer::rewrite(Operation *op) {
  if (auto map = dyn_cast<MapOp>(op))
    return rewrite(map), success();
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return rewrite(reduce), success();
  if (auto scalar = dyn_cast<ScalarOp>(op))
    return rewrite(scalar), success();
  if (auto kernel = dyn_cast<KernelOp>(op))
    return rewrite(kernel);
  if (auto branch = dyn_cast<tseq::IfOp>(op))
    return rewrite(branch);
  if (auto loop = dyn_cast<WhileOp>(op))
    return rewrite(loop);
  if (auto list = dyn_cast<PackOp>(op)) {
    Memory parts;
    for (Value tensor : list.getTensors())
      parts.push_back(memory.lookup(tensor).front());
    memory[list] = parts;
    return success();
  }
  if (auto get = dyn_cast<GetOp>(op)) {
    memory[get] = {memory.lookup(get.getSequence())[get.getIndex()]};
    return success();
  }
  if (auto unpack = dyn_cast<UnpackOp>(op)) {
    Memory parts = memory.lookup(unpack.getSequence());
    for (auto [result, part] : llvm::zip(unpack.getResults(), parts))
      memory[result] = {part};
    return success();
  }
  if (isa<tensor::EmptyOp, tensor::ExpandShapeOp, tensor::CollapseShapeOp,
          tensor::ExtractSliceOp, tensor::InsertSliceOp>(op))
    return rewriteShapeOp(op);
  if (isa<linalg::LinalgOp>(op))
    return rewriteLinalg(op);
  if (op->hasTrait<OpTrait::ConstantLike>() &&
      !isa<ShapedType>(op->getResult(0).getType())) {
    op->moveBefore(builder.getBlock(), builder.getInsertionPoint());
    return success();
  }
  return op->emitOpError("has no form on memrefs and can not be a part of a "
                         "graph");
}

LogicalResult RegionBufferizer::rewriteBlock(Block *block) {
  for (Operation &op : llvm::make_early_inc_range(block->without_terminator()))
    if (failed(rewrite(&op)))
      return failure();
  return success();
}

/// Copies results that `yield` returns to where they must be.
void RegionBufferizer::rewriteResults(Operation *yield) {
  Location loc = yield->getLoc();
  SmallVector<std::pair<Value, Value>> copies;
  DenseSet<Value> targets;
  for (auto [value, target] : llvm::zip(yield->getOperands(), resultMemory))
    if (memory.lookup(value).front() != target) {
      copies.push_back({memory.lookup(value).front(), target});
      targets.insert(target);
    }
  for (auto &[source, target] : copies)
    if (targets.contains(getBufferRange(source).root)) {
      Value saved = allocate(loc, cast<ShapedType>(source.getType()));
      copy(loc, source, saved);
      source = saved;
    }
  for (auto &[source, target] : copies)
    copy(loc, source, target);
}

LogicalResult RegionBufferizer::run() {
  Block *body = graph.getBodyBlock();
  numberOps(body);
  for (auto &[memref, values] : aliases)
    for (Value value : values)
      recordUses(value);
  Operation *yield = body->getTerminator();
  for (auto [value, target] : llvm::zip(yield->getOperands(), resultMemory))
    wantPlaces(value, target);

  SmallVector<Operation *> old;
  for (Operation &op : *body)
    old.push_back(&op);
  builder.setInsertionPointToEnd(body);
  for (Operation *op : old)
    if (op != yield && failed(rewrite(op)))
      return failure();
  rewriteResults(yield);
  YieldOp::create(builder, yield->getLoc());
  for (Operation *op : llvm::reverse(old)) {
    if (op->hasTrait<OpTrait::ConstantLike>())
      continue;
    op->dropAllUses();
    op->erase();
  }
  return success();
}
