//===- BufferizeStructure.cpp - Control and upstream ops in a region ------===//
//
// Rewrites the branches, loops, structured ops and shape ops of a region on
// memrefs.
//
//===----------------------------------------------------------------------===//

#include "RegionBufferizer.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

LogicalResult RegionBufferizer::rewrite(tseq::IfOp op) {
  Location loc = op.getLoc();
  SmallVector<Memory> targets;
  for (Value result : op.getResults()) {
    auto type = dyn_cast<ShapedType>(result.getType());
    if (!type)
      return op.emitOpError("a branch that yields a sequence has no form on "
                            "memrefs; yield its tensors");
    Value target = getTarget(op, {result, 0}, type);
    memory[result] = {target};
    for (Region &region : op->getRegions())
      wantPlaces(region.front().getTerminator()->getOperand(
                     cast<OpResult>(result).getResultNumber()),
                 target);
  }
  auto branch = tseq::IfOp::create(builder, loc, TypeRange(),
                                   memory.lookup(op.getCondition()).front());
  branch->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  for (auto [before, after] :
       llvm::zip(op->getRegions(), branch->getRegions())) {
    if (before.empty())
      continue;
    OpBuilder::InsertionGuard guard(builder);
    builder.createBlock(&after);
    if (failed(rewriteBlock(&before.front())))
      return failure();
    SmallVector<std::pair<Value, Value>> copies;
    for (auto [result, value] : llvm::zip(
             op.getResults(), before.front().getTerminator()->getOperands()))
      copies.push_back(
          {memory.lookup(value).front(), memory.lookup(result).front()});
    copyAll(loc, copies);
    YieldOp::create(builder, loc);
  }
  return success();
}

LogicalResult RegionBufferizer::rewrite(WhileOp op) {
  // Carried values have memory of their own; the body computes the next ones
  // apart and copies them there at its end.
  Location loc = op.getLoc();
  Block *before = &op.getBody().front();
  Value condition =
      allocate(loc, cast<ShapedType>(op.getCondition().getType()));
  copy(loc, memory.lookup(op.getCondition()).front(), condition);
  for (auto [init, argument, result] :
       llvm::zip(op.getInits(), before->getArguments(), op.getResults())) {
    Value carried = allocate(loc, cast<ShapedType>(init.getType()));
    copy(loc, memory.lookup(init).front(), carried);
    memory[argument] = {carried};
    memory[result] = {carried};
  }
  auto loop =
      WhileOp::create(builder, loc, TypeRange(), condition, ValueRange());
  loop->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&loop.getBody());
  if (failed(rewriteBlock(before)))
    return failure();
  Operation *yield = before->getTerminator();
  SmallVector<std::pair<Value, Value>> copies;
  copies.push_back({memory.lookup(yield->getOperand(0)).front(), condition});
  for (auto [value, argument] :
       llvm::zip(yield->getOperands().drop_front(), before->getArguments()))
    copies.push_back(
        {memory.lookup(value).front(), memory.lookup(argument).front()});
  copyAll(loc, copies);
  YieldOp::create(builder, loc);
  return success();
}

//===----------------------------------------------------------------------===//
// Upstream ops
//===----------------------------------------------------------------------===//

LogicalResult RegionBufferizer::rewriteShapeOp(Operation *op) {
  Location loc = op->getLoc();
  Value result = op->getResult(0);
  if (isa<tensor::EmptyOp>(op)) {
    memory[result] = {allocate(loc, cast<ShapedType>(result.getType()))};
    return success();
  }
  Value source = memory.lookup(op->getOperand(0)).front();
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    auto shape = cast<ShapedType>(result.getType()).getShape();
    FailureOr<MemRefType> type = memref::ExpandShapeOp::computeExpandedType(
        cast<MemRefType>(source.getType()), shape,
        expand.getReassociationIndices());
    if (failed(type))
      return op->emitOpError("can not be a view of its source's memory");
    memory[result] = {memref::ExpandShapeOp::create(
        builder, loc, *type, source, expand.getReassociationIndices())};
    return success();
  }
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    memory[result] = {memref::CollapseShapeOp::create(
        builder, loc, source, collapse.getReassociationIndices())};
    return success();
  }
  auto slice = cast<tensor::ExtractSliceOp>(op);
  MemRefType type = memref::SubViewOp::inferRankReducedResultType(
      slice.getType().getShape(), cast<MemRefType>(source.getType()),
      slice.getMixedOffsets(), slice.getMixedSizes(), slice.getMixedStrides());
  Value view = memref::SubViewOp::create(
      builder, loc, type, source, slice.getMixedOffsets(),
      slice.getMixedSizes(), slice.getMixedStrides());
  if (isContiguousExtract(slice)) {
    memory[result] = {view};
    return success();
  }
  Value target = getTarget(op, {result, 0}, slice.getType());
  memory[result] = {target};
  copy(loc, view, target);
  return success();
}

LogicalResult RegionBufferizer::rewriteLinalg(Operation *op) {
  auto linalgOp = cast<linalg::LinalgOp>(op);
  SmallVector<Value> operands;
  for (OpOperand *input : linalgOp.getDpsInputOperands()) {
    Value value = input->get();
    operands.push_back(isa<ShapedType>(value.getType())
                           ? memory.lookup(value).front()
                           : value);
  }
  for (OpOperand &init : linalgOp.getDpsInitsMutable()) {
    OpResult result = linalgOp.getTiedOpResult(&init);
    Value target =
        getTarget(op, {result, 0}, cast<ShapedType>(result.getType()));
    // A partial write would leave what was there before.
    if (!init.get().getDefiningOp<tensor::EmptyOp>())
      copy(op->getLoc(), memory.lookup(init.get()).front(), target);
    memory[result] = {target};
    operands.push_back(target);
  }
  // Scalar operands are constants of this block and were cloned with it.
  mlir::clone(builder, op, TypeRange(), operands);
  return success();
}
