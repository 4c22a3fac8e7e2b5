//===- Fills.cpp - Lists that hold one value ------------------------------===//
//
// Implements what fusion does to fills, which are maps without inputs: what
// they make is cheaper to compute again than to read, so they hold nothing
// together. The same goes for what goes to two places.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Whether each tensor that `map` makes holds one value everywhere, and the
/// same one as the others of its list.
static bool isFill(MapOp map) {
  auto isOneForAll = [](Value scalar) {
    auto type = dyn_cast<ShapedType>(scalar.getType());
    return !type || type.getRank() == 0;
  };
  return map.getInputs().empty() && !map.getPredicate() &&
         map.getOuts().empty() && llvm::all_of(map.getScalars(), isOneForAll);
}

/// The tensor of a map that copies the one that `get` takes.
static Value copyTensor(OpBuilder &builder, GetOp get) {
  Location loc = get.getSequence().getLoc();
  // A list of one is read as it is, so that the map joins what makes the list.
  Value list = get.getSequence();
  if (cast<SeqType>(list.getType()).size() > 1)
    list = PackOp::create(builder, loc, get.getResult());
  auto copy = MapOp::create(builder, loc, list.getType(), IntegerAttr(), list,
                            ValueRange(), Value(), ValueRange(), ValueRange());
  FusedBody body(builder, copy.getBody(), loc);
  body.yield(
      body.addInput(list, cast<ShapedType>(get.getType()).getElementType()));
  return GetOp::create(builder, loc, copy.getResult(0), 0);
}

/// The result of a program that copies `value`, a result of another one.
static Value copyScalar(OpBuilder &builder, Value value) {
  auto copy = ScalarOp::create(builder, value.getLoc(), value.getType(), value,
                               ValueRange());
  FusedBody body(builder, copy.getBody(), value.getLoc());
  body.yield(body.addInput(value, ScalarOp::getArgumentType(value.getType())));
  return copy.getResults().front();
}

/// A copy of `value` made by what makes `value`, or null.
static Value copyYielded(Value value) {
  if (auto scalar = value.getDefiningOp<ScalarOp>()) {
    OpBuilder builder(scalar->getContext());
    builder.setInsertionPointAfter(scalar);
    bool isList = cast<ShapedType>(value.getType()).getRank() > 0;
    return isList ? Value() : copyScalar(builder, value);
  }
  auto get = value.getDefiningOp<GetOp>();
  auto map = get ? get.getSequence().getDefiningOp<MapOp>() : MapOp();
  if (!map || map.getPredicate())
    return {};
  OpBuilder builder(get->getContext());
  builder.setInsertionPointAfter(get);
  if (!isFill(map) || map.getNumResults() > 1 || map.getDomain().size() > 1)
    return copyTensor(builder, get);
  auto fill = cast<MapOp>(builder.clone(*map));
  return GetOp::create(builder, get.getLoc(), fill.getResult(0), 0);
}

void graphopt::splitYields(Block &block) {
  DenseSet<Value> seen;
  for (OpOperand &operand : block.getTerminator()->getOpOperands()) {
    Value value = operand.get();
    if (value.getParentBlock() != &block || seen.insert(value).second)
      continue;
    if (Value copy = copyYielded(value))
      operand.set(copy);
  }
}

/// A result of a fill that has the values of `sequence`: the sequence itself,
/// or one of equal fills that its tensors are taken from; null if there is
/// none.
static OpResult findFill(Value sequence) {
  auto asFill = [](Value value) {
    auto map = value.getDefiningOp<MapOp>();
    return map && isFill(map) ? cast<OpResult>(value) : OpResult();
  };
  auto pack = sequence.getDefiningOp<PackOp>();
  if (!pack)
    return asFill(sequence);
  OpResult found;
  std::string key;
  for (Value tensor : pack.getTensors()) {
    auto get = tensor.getDefiningOp<GetOp>();
    OpResult fill = get ? asFill(get.getSequence()) : OpResult();
    if (!fill)
      return {};
    if (!found) {
      found = fill;
      key = getGroupKey(fill.getOwner());
    } else if (fill.getResultNumber() != found.getResultNumber() ||
               (fill.getOwner() != found.getOwner() &&
                getGroupKey(fill.getOwner()) != key)) {
      return {};
    }
  }
  return found;
}

MapOp graphopt::inlineFills(MapOp map) {
  SmallVector<OpResult> fills = llvm::map_to_vector(map.getInputs(), findFill);
  if (!map.getOuts().empty() ||
      llvm::none_of(fills, [](OpResult fill) { return bool(fill); }))
    return map;
  OpBuilder builder(map);
  auto fused =
      MapOp::create(builder, map.getLoc(), map.getResultTypes(),
                    map.getChunkElementsAttr(), ValueRange(), ValueRange(),
                    map.getPredicate(), map.getOtherwise(), ValueRange());
  FusedBody body(builder, fused.getBody(), map.getLoc());
  Block *block = map.getBodyBlock();
  IRMapping mapping;
  // Inputs before scalars.
  for (auto [i, input] : llvm::enumerate(map.getInputs()))
    if (!fills[i])
      mapping.map(block->getArgument(i),
                  body.addInput(input, block->getArgument(i).getType()));
  auto mapScalars = [&](MapOp part, IRMapping &mapping) {
    size_t numInputs = part.getInputs().size();
    for (auto [i, scalar] : llvm::enumerate(part.getScalars())) {
      BlockArgument argument = part.getBodyBlock()->getArgument(numInputs + i);
      mapping.map(argument, body.addScalar(scalar, argument.getType()));
    }
  };
  for (auto [i, fill] : llvm::enumerate(fills)) {
    if (!fill)
      continue;
    auto source = cast<MapOp>(fill.getOwner());
    IRMapping inner;
    mapScalars(source, inner);
    mapping.map(
        block->getArgument(i),
        body.clone(source.getBodyBlock(), inner)[fill.getResultNumber()]);
  }
  mapScalars(map, mapping);
  body.yield(body.clone(block, mapping));
  fused.getInputsMutable().assign(body.inputs);
  fused.getScalarsMutable().assign(body.scalars);
  map.replaceAllUsesWith(fused);
  map.erase();
  return fused;
}
