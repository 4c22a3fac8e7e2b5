//===- NodeBuilder.cpp - Ops of lists as upstream ops ---------------------===//
//
// Implements what ops of bufferized regions do in terms of upstream ops.
//
//===----------------------------------------------------------------------===//

#include "NodeBuilder.h"

#include "../SequencesToGraph/RegionConversion.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

Value NodeBuilder::get(Value value) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Operation *op = value.getDefiningOp();
  // Views are short chains, so the recursion is shallow.
  for (Value operand : op->getOperands())
    get(operand);
  return builder.clone(*op, mapping)->getResult(0);
}

SmallVector<Value> NodeBuilder::getList(Value sequence) {
  return llvm::map_to_vector(sequence.getDefiningOp<PackOp>().getTensors(),
                             [&](Value tensor) { return get(tensor); });
}

Value NodeBuilder::loadScalar(Location loc, Value scalar, int64_t index) {
  SmallVector<Value> indices;
  if (cast<MemRefType>(scalar.getType()).getRank() > 0)
    indices.push_back(arith::ConstantIndexOp::create(builder, loc, index));
  return memref::LoadOp::create(builder, loc, get(scalar), indices);
}

SmallVector<Value> NodeBuilder::loadScalars(Location loc, ValueRange scalars,
                                            int64_t index) {
  return llvm::map_to_vector(
      scalars, [&](Value scalar) { return loadScalar(loc, scalar, index); });
}

/// An op over all elements of arrays of `rank` dimensions, `outs` among them,
/// which are scalars if `isReduction`. `body` gives what is yielded.
static void
buildLoop(OpBuilder &builder, Location loc, ValueRange ins, ValueRange outs,
          int64_t rank, bool isReduction,
          function_ref<SmallVector<Value>(OpBuilder &, ValueRange)> body) {
  AffineMap all = builder.getMultiDimIdentityMap(rank);
  AffineMap none = AffineMap::get(rank, 0, builder.getContext());
  SmallVector<AffineMap> maps(ins.size(), all);
  maps.append(outs.size(), isReduction ? none : all);
  SmallVector<utils::IteratorType> iterators(
      rank, isReduction ? utils::IteratorType::reduction
                        : utils::IteratorType::parallel);
  linalg::GenericOp::create(
      builder, loc, ins, outs, maps, iterators,
      [&](OpBuilder &inner, Location, ValueRange arguments) {
        linalg::YieldOp::create(inner, loc, body(inner, arguments));
      });
}

/// Pattern: tseq.map -> linalg.generic for each tensor, in scf.if if predicated
void NodeBuilder::emitMap(MapOp op) {
  Location loc = op.getLoc();
  SmallVector<SmallVector<Value>> ins, targets;
  for (Value input : op.getInputs())
    ins.push_back(getList(input));
  for (Value out : op.getOuts()) {
    targets.push_back(getList(out));
    llvm::append_range(outs, out.getDefiningOp<PackOp>().getTensors());
  }
  for (Value scalar : op.getScalars())
    get(scalar);
  auto emitTensor = [&](int64_t index) {
    auto pick = [&](ArrayRef<SmallVector<Value>> lists) {
      return llvm::map_to_vector(
          lists, [&](const SmallVector<Value> &list) { return list[index]; });
    };
    SmallVector<Value> scalars = loadScalars(loc, op.getScalars(), index);
    SmallVector<Value> sources = pick(ins), results = pick(targets);
    buildLoop(
        builder, loc, sources, results,
        cast<MemRefType>(results[0].getType()).getRank(),
        /*isReduction=*/false, [&](OpBuilder &inner, ValueRange elements) {
          SmallVector<Value> arguments(elements.take_front(sources.size()));
          llvm::append_range(arguments, scalars);
          return cloneBody(inner, op.getBodyBlock(), arguments);
        });
  };
  int64_t count = targets.empty() ? 0 : targets.front().size();
  for (int64_t i = 0; i < count; ++i) {
    if (!op.getPredicate()) {
      emitTensor(i);
      continue;
    }
    auto branch =
        scf::IfOp::create(builder, loc, loadScalar(loc, op.getPredicate(), i));
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(branch.thenYield());
    emitTensor(i);
  }
}

/// Pattern: tseq.reduce -> linalg.generic for each tensor, into a scalar
void NodeBuilder::emitReduce(ReduceOp op) {
  Location loc = op.getLoc();
  SmallVector<SmallVector<Value>> ins;
  for (Value input : op.getInputs())
    ins.push_back(getList(input));
  llvm::append_range(outs, op.getOuts());
  for (Value scalar : op.getScalars())
    get(scalar);
  int64_t count = ins.front().size();
  for (auto [k, out] : llvm::enumerate(op.getOuts())) {
    auto outType = cast<MemRefType>(out.getType());
    Type type = outType.getElementType();
    Combiner combiner = op.getCombiner(k);
    Value target = get(out);
    Value sum =
        memref::AllocOp::create(builder, loc, MemRefType::get({}, type));
    auto reset = [&] {
      Value identity =
          arith::ConstantOp::create(builder, loc, getIdentity(combiner, type));
      memref::StoreOp::create(builder, loc, identity, sum, ValueRange());
    };
    auto store = [&](ValueRange indices) {
      Value value = memref::LoadOp::create(builder, loc, sum, ValueRange());
      memref::StoreOp::create(builder, loc, value, target, indices);
    };
    if (!op.getPerTensor())
      reset();
    for (int64_t i = 0; i < count; ++i) {
      if (op.getPerTensor())
        reset();
      SmallVector<Value> scalars = loadScalars(loc, op.getScalars(), i);
      SmallVector<Value> sources = llvm::map_to_vector(
          ins, [&](const SmallVector<Value> &list) { return list[i]; });
      buildLoop(builder, loc, sources, sum,
                cast<MemRefType>(sources[0].getType()).getRank(),
                /*isReduction=*/true,
                [&, k = k](OpBuilder &inner, ValueRange elements) {
                  SmallVector<Value> arguments(elements.drop_back());
                  llvm::append_range(arguments, scalars);
                  Value value =
                      cloneBody(inner, op.getBodyBlock(), arguments)[k];
                  return SmallVector<Value>{createCombination(
                      inner, loc, combiner, elements.back(), value)};
                });
      if (op.getPerTensor())
        store(Value(arith::ConstantIndexOp::create(builder, loc, i)));
    }
    if (!op.getPerTensor()) {
      SmallVector<Value> zeros(outType.getRank(),
                               arith::ConstantIndexOp::create(builder, loc, 0));
      store(zeros);
    }
  }
}

/// Pattern: tseq.scalar -> loads, its body, stores
void NodeBuilder::emitScalar(ScalarOp op) {
  Location loc = op.getLoc();
  SmallVector<Value> arguments, scalarOuts;
  for (Value input : op.getInputs())
    arguments.push_back(cast<MemRefType>(input.getType()).getRank() == 0
                            ? loadScalar(loc, input, 0)
                            : get(input));
  for (Value out : op.getOuts()) {
    outs.push_back(out);
    bool isScalar = cast<MemRefType>(out.getType()).getRank() == 0;
    (isScalar ? scalarOuts : arguments).push_back(get(out));
  }
  SmallVector<Value> values = cloneBody(builder, op.getBodyBlock(), arguments);
  for (auto [out, value] : llvm::zip_equal(scalarOuts, values))
    memref::StoreOp::create(builder, loc, value, out, ValueRange());
}

void NodeBuilder::emitStructured(linalg::LinalgOp op) {
  for (Value operand : op->getOperands())
    get(operand);
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegions(), captured);
  for (Value value : captured)
    get(value);
  llvm::append_range(outs, op.getDpsInits());
  builder.clone(*op, mapping);
}

void NodeBuilder::emitCopy(memref::CopyOp op) {
  get(op.getSource());
  get(op.getTarget());
  outs.push_back(op.getTarget());
  builder.clone(*op, mapping);
}

LogicalResult NodeBuilder::emit(Operation *op) {
  if (auto kernel = dyn_cast<KernelOp>(op)) {
    for (Operation &phase : kernel.getBody().front())
      if (failed(emit(&phase)))
        return failure();
    return success();
  }
  if (auto map = dyn_cast<MapOp>(op))
    emitMap(map);
  else if (auto reduce = dyn_cast<ReduceOp>(op))
    emitReduce(reduce);
  else if (auto scalar = dyn_cast<ScalarOp>(op))
    emitScalar(scalar);
  else if (auto structured = dyn_cast<linalg::LinalgOp>(op))
    emitStructured(structured);
  else if (auto copy = dyn_cast<memref::CopyOp>(op))
    emitCopy(copy);
  else if (!isa<PackOp, YieldOp>(op) && !isa<ViewLikeOpInterface>(op) &&
           !isa<arith::ConstantOp>(op))
    return op->emitOpError("can not be evaluated op by op");
  return success();
}
