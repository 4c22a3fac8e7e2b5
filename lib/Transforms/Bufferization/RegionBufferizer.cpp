//===- RegionBufferizer.cpp - Memory for the values of one region ---------===//
//
// Gives memory to what each op of a region makes and rewrites it on memrefs.
//
//===----------------------------------------------------------------------===//

#include "RegionBufferizer.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

void RegionBufferizer::bindArgument(Value argument, Value memref) {
  memory[argument] = {memref};
  auto type = cast<MemRefType>(memref.getType());
  aliases[memref].list.push_back({argument, 0, type.getNumElements()});
}

void RegionBufferizer::bindResult(unsigned index, Value memref) {
  if (resultMemory.size() <= index)
    resultMemory.resize(index + 1);
  resultMemory[index] = memref;
}

Value RegionBufferizer::allocate(Location loc, ShapedType type) {
  return memref::AllocOp::create(
      builder, loc, MemRefType::get(type.getShape(), type.getElementType()));
}

Value RegionBufferizer::makeView(Location loc, Value memref, int64_t offset,
                                 ShapedType type) {
  auto source = cast<MemRefType>(memref.getType());
  int64_t start;
  SmallVector<int64_t> sourceStrides;
  std::tie(sourceStrides, start) = source.getStridesAndOffset();
  SmallVector<int64_t> strides = computeStrides(type.getShape());
  auto result = MemRefType::get(
      type.getShape(), source.getElementType(),
      StridedLayoutAttr::get(builder.getContext(), start + offset, strides));
  return memref::ReinterpretCastOp::create(
      builder, loc, result, memref, start + offset, type.getShape(), strides);
}

bool graphopt::isSameMemory(Value a, Value b) {
  if (a == b)
    return true;
  BufferRange first = getBufferRange(a), second = getBufferRange(b);
  return first.root == second.root && first.begin && second.begin &&
         *first.begin == *second.begin && *first.end == *second.end &&
         isContiguous(cast<MemRefType>(a.getType())) &&
         isContiguous(cast<MemRefType>(b.getType()));
}

void RegionBufferizer::copyAll(
    Location loc, MutableArrayRef<std::pair<Value, Value>> copies) {
  DenseSet<Value> written;
  for (auto [source, target] : copies)
    if (!isSameMemory(source, target))
      written.insert(getBufferRange(target).root);
  for (auto &[source, target] : copies)
    if (!isSameMemory(source, target) &&
        written.contains(getBufferRange(source).root)) {
      Value saved = allocate(loc, cast<ShapedType>(source.getType()));
      copy(loc, source, saved);
      source = saved;
    }
  for (auto [source, target] : copies)
    copy(loc, source, target);
}

void RegionBufferizer::copy(Location loc, Value source, Value destination) {
  if (isSameMemory(source, destination))
    return;
  // A copy with gaps is a kernel.
  auto isDense = [](Value memref) {
    return isContiguous(cast<MemRefType>(memref.getType()));
  };
  if (isDense(source) && isDense(destination))
    memref::CopyOp::create(builder, loc, source, destination);
  else
    linalg::CopyOp::create(builder, loc, source, destination);
}

Value RegionBufferizer::getTarget(Operation *op, Place place, ShapedType type) {
  if (Value slice = getSliceMemory(place, op))
    return slice;
  Value memref = wanted.lookup(place);
  if (memref &&
      cast<MemRefType>(memref.getType()).getShape() == type.getShape() &&
      canOverwrite(op, place, getBufferRange(memref)))
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
      builder, loc, TypeRange(), op.getCombinersAttr(), op.getPerTensor(),
      builder.getI64IntegerAttr(chunkElements), inputs, scalars, outs, scratch);
  reduce.getBody().takeBody(op.getBody());
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
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return rewrite(insert);
  if (isa<tensor::EmptyOp, tensor::ExpandShapeOp, tensor::CollapseShapeOp,
          tensor::ExtractSliceOp>(op))
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
  for (auto [value, target] : llvm::zip(yield->getOperands(), resultMemory))
    copies.push_back({memory.lookup(value).front(), target});
  copyAll(loc, copies);
}

/// Puts views right behind what they show, where what it holds is still there.
static void hoistViews(GraphOp graph) {
  SmallVector<Operation *> views;
  graph->walk([&](Operation *op) {
    if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op) ||
        isContiguousExtract(op))
      views.push_back(op);
  });
  for (Operation *view : views) {
    Value source = view->getOperand(0);
    if (source.getParentBlock() != view->getBlock())
      continue;
    if (Operation *def = source.getDefiningOp())
      view->moveAfter(def);
    else
      view->moveBefore(view->getBlock(), view->getBlock()->begin());
  }
}

LogicalResult RegionBufferizer::run() {
  hoistViews(graph);
  linkForks();
  Block *body = graph.getBodyBlock();
  numberOps(body);
  for (auto &[memref, held] : aliases)
    findAliases(held);
  planChains();
  SmallVector<Operation *> old;
  for (Operation &op : *body)
    old.push_back(&op);
  builder.setInsertionPointToEnd(body);
  Operation *yield = body->getTerminator();
  for (auto [value, target] : llvm::zip(yield->getOperands(), resultMemory))
    wantPlaces(value, target);

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
