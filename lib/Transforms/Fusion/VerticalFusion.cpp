//===- VerticalFusion.cpp - Chains on one domain become one op ------------===//
//
// Implements the fusion of producers into consumers that work on the same
// tensors, and the fusion of scalars.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// FusedBody
//===----------------------------------------------------------------------===//

FusedBody::FusedBody(OpBuilder &builder, Region &region, Location loc)
    : builder(builder), loc(loc), body(this->builder.createBlock(&region)) {}

Value FusedBody::add(Value value, Type type, SmallVector<Value> &list) {
  Value &argument = arguments[{value, type}];
  if (!argument) {
    argument = body->addArgument(type, loc);
    list.push_back(value);
  }
  return argument;
}

SmallVector<Value> FusedBody::clone(Block *block, IRMapping &mapping) {
  for (Operation &op : block->without_terminator())
    builder.clone(op, mapping);
  return llvm::map_to_vector(
      block->getTerminator()->getOperands(),
      [&](Value value) { return mapping.lookupOrDefault(value); });
}

void FusedBody::yield(ValueRange values) {
  YieldOp::create(builder, loc, values);
}

//===----------------------------------------------------------------------===//
// Maps and reduces
//===----------------------------------------------------------------------===//

/// The sequences that a map or reduce reads.
static OperandRange getInputs(Operation *op) {
  auto map = dyn_cast<MapOp>(op);
  return map ? map.getInputs() : cast<ReduceOp>(op).getInputs();
}

/// The map that makes `sequence` for every run of the consumer, if any.
static MapOp getProducer(Value sequence) {
  auto map = sequence.getDefiningOp<MapOp>();
  return map && !map.getPredicate() && map.getOuts().empty() ? map : MapOp();
}

namespace {
/// Ops, and device scalars to load, that a reduce may compute with by itself
/// although others make the same value too: about as many take as long as a
/// value takes to be written and read. A chain of reduces, each of what the
/// ones before have scaled, would compute all of them again and again.
constexpr size_t kMaxRecomputedOps = 32;

/// Collects the maps up the chain that a reduce can compute by itself.
class Producers {
public:
  Producers(ReduceOp reduce, const DenseSet<Operation *> &stored);

  /// Producers before consumers. The block may not be in order while a stage is
  /// fused.
  SmallVector<Operation *> inOrder();

private:
  void collectOwn();
  bool collectShared(const DenseSet<Operation *> &stored);

  ReduceOp reduce;
  DenseSet<Operation *> own;     ///< Nothing else reads what they make.
  SmallVector<Operation *> ends; ///< The first up the chain that others read.
  SetVector<Operation *> shared;
};
} // namespace

Producers::Producers(ReduceOp reduce, const DenseSet<Operation *> &stored)
    : reduce(reduce) {
  collectOwn();
  // What has to be in memory anyway may be read there.
  if (!collectShared({}) && !collectShared(stored))
    shared.clear();
}

void Producers::collectOwn() {
  DenseMap<Operation *, size_t> uses; // By others than those found.
  SmallVector<Operation *> worklist = {reduce};
  SetVector<Operation *> read;
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    for (Value input : getInputs(op)) {
      MapOp map = getProducer(input);
      if (!map)
        continue;
      auto [left, isNew] = uses.try_emplace(map, 0);
      if (isNew)
        left->second = llvm::range_size(map->getUses());
      read.insert(map);
      if (--left->second == 0 && own.insert(map).second)
        worklist.push_back(map);
    }
  }
  for (Operation *map : read)
    if (!own.contains(map))
      ends.push_back(map);
}

/// Returns whether what is up the chain as far as `stored` is not too much.
bool Producers::collectShared(const DenseSet<Operation *> &stored) {
  shared.clear();
  SmallVector<Operation *> worklist(ends);
  size_t numOps = 0;
  while (!worklist.empty()) {
    Operation *map = worklist.pop_back_val();
    if (stored.contains(map) || own.contains(map) || !shared.insert(map))
      continue;
    numOps += cast<MapOp>(map).getScalars().size();
    Block &body = map->getRegion(0).front();
    for (auto op = body.begin(); op != std::prev(body.end()); ++op)
      if (++numOps > kMaxRecomputedOps)
        return false;
    for (Value input : getInputs(map))
      if (MapOp producer = getProducer(input))
        worklist.push_back(producer);
  }
  return true;
}

SmallVector<Operation *> Producers::inOrder() {
  SmallVector<Operation *> producers;
  DenseSet<Operation *> entered, done;
  SmallVector<Operation *> stack;
  auto enter = [&](ValueRange inputs) {
    for (Value input : inputs)
      if (MapOp map = getProducer(input))
        if (own.contains(map) || shared.contains(map))
          stack.push_back(map);
  };
  enter(reduce.getInputs());
  while (!stack.empty()) {
    Operation *op = stack.back();
    if (entered.insert(op).second) {
      enter(getInputs(op));
      continue;
    }
    // On top again: what it reads is there.
    stack.pop_back();
    if (done.insert(op).second)
      producers.push_back(op);
  }
  return producers;
}

ReduceOp graphopt::fuseProducers(ReduceOp reduce,
                                 const DenseSet<Operation *> &stored) {
  SmallVector<Operation *> producers = Producers(reduce, stored).inOrder();
  if (producers.empty())
    return reduce;

  OpBuilder builder(reduce);
  auto fused = ReduceOp::create(
      builder, reduce.getLoc(), reduce.getResultTypes(), reduce.getCombiners(),
      reduce.getPerTensor(), reduce.getChunkElementsAttr(), ValueRange(),
      ValueRange(), ValueRange(), ValueRange());
  FusedBody body(builder, fused.getBody(), reduce.getLoc());
  DenseMap<Value, Value>
      computed; // Result of a fused map -> value in the body.
  SmallVector<Operation *> parts = producers;
  parts.push_back(reduce);
  auto argumentsOf = [](Operation *op) -> Block::BlockArgListType {
    return op->getRegion(0).front().getArguments();
  };
  auto scalarsOf = [](Operation *op) -> OperandRange {
    return isa<MapOp>(op) ? cast<MapOp>(op).getScalars()
                          : cast<ReduceOp>(op).getScalars();
  };
  // A sequence that a fused map makes is not an input. Inputs first, as block
  // arguments are in that order.
  DenseSet<Value> made;
  for (Operation *op : producers)
    made.insert(op->result_begin(), op->result_end());
  for (Operation *op : parts)
    for (auto [i, value] : llvm::enumerate(getInputs(op)))
      if (!made.contains(value))
        body.addInput(value, argumentsOf(op)[i].getType());
  // A reduction over values that no input is read for still needs its domain.
  if (body.inputs.empty()) {
    fused.erase();
    return reduce;
  }
  for (Operation *op : parts) {
    IRMapping mapping;
    unsigned numInputs = getInputs(op).size();
    for (auto [i, value] : llvm::enumerate(getInputs(op)))
      mapping.map(argumentsOf(op)[i],
                  made.contains(value)
                      ? computed.lookup(value)
                      : body.addInput(value, argumentsOf(op)[i].getType()));
    for (auto [i, value] : llvm::enumerate(scalarsOf(op)))
      mapping.map(
          argumentsOf(op)[numInputs + i],
          body.addScalar(value, argumentsOf(op)[numInputs + i].getType()));
    SmallVector<Value> values = body.clone(&op->getRegion(0).front(), mapping);
    if (op == reduce)
      body.yield(values);
    else
      for (auto [result, value] : llvm::zip(op->getResults(), values))
        computed[result] = value;
  }
  fused.getInputsMutable().assign(body.inputs);
  fused.getScalarsMutable().assign(body.scalars);
  reduce.replaceAllUsesWith(fused);
  reduce.erase();
  return fused;
}

MapOp graphopt::fuseMaps(ArrayRef<MapOp> maps) {
  if (maps.size() == 1)
    return maps.front();
  MapOp last = maps.back();
  DenseSet<Operation *> members(maps.begin(), maps.end());
  DenseMap<Value, Value> computed;
  SmallVector<Value> results;
  SmallVector<Type> types;
  for (MapOp map : maps)
    for (Value result : map.getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            return !members.contains(user);
          })) {
        results.push_back(result);
        types.push_back(result.getType());
      }
  // Predicated maps are only joined with maps of the same predicate.
  SmallVector<Value> otherwise;
  if (last.getPredicate())
    for (Value result : results) {
      auto map = result.getDefiningOp<MapOp>();
      otherwise.push_back(
          map.getOtherwise()[cast<OpResult>(result).getResultNumber()]);
    }

  OpBuilder builder(last);
  auto fused =
      MapOp::create(builder, last.getLoc(), types, IntegerAttr(), ValueRange(),
                    ValueRange(), last.getPredicate(), otherwise, ValueRange());
  FusedBody body(builder, fused.getBody(), last.getLoc());
  auto isMade = [&](Value value) {
    return members.contains(value.getDefiningOp());
  };
  for (MapOp map : maps)
    for (auto [i, value] : llvm::enumerate(map.getInputs()))
      if (!isMade(value))
        body.addInput(value, map.getBodyBlock()->getArgument(i).getType());
  for (MapOp map : maps) {
    IRMapping mapping;
    Block *block = map.getBodyBlock();
    for (auto [i, value] : llvm::enumerate(map.getInputs()))
      mapping.map(block->getArgument(i),
                  isMade(value)
                      ? computed.lookup(value)
                      : body.addInput(value, block->getArgument(i).getType()));
    unsigned numInputs = map.getInputs().size();
    for (auto [i, value] : llvm::enumerate(map.getScalars())) {
      BlockArgument argument = block->getArgument(numInputs + i);
      mapping.map(argument, body.addScalar(value, argument.getType()));
    }
    for (auto [result, value] :
         llvm::zip(map.getResults(), body.clone(block, mapping)))
      computed[result] = value;
  }
  body.yield(llvm::map_to_vector(
      results, [&](Value result) { return computed.lookup(result); }));
  fused.getInputsMutable().assign(body.inputs);
  fused.getScalarsMutable().assign(body.scalars);
  for (auto [result, value] : llvm::zip(results, fused.getResults()))
    result.replaceAllUsesWith(value);
  for (MapOp map : llvm::reverse(maps))
    map.erase();
  return fused;
}

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

ScalarOp graphopt::fuseScalars(ArrayRef<ScalarOp> scalars) {
  if (scalars.size() == 1)
    return scalars.front();
  ScalarOp last = scalars.back();
  DenseSet<Operation *> members(scalars.begin(), scalars.end());
  SmallVector<Value> results;
  SmallVector<Type> types;
  for (ScalarOp scalar : scalars)
    for (Value result : scalar.getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            return !members.contains(user);
          })) {
        results.push_back(result);
        types.push_back(result.getType());
      }
  OpBuilder builder(last);
  auto fused = ScalarOp::create(builder, last.getLoc(), types, ValueRange(),
                                ValueRange());
  FusedBody body(builder, fused.getBody(), last.getLoc());
  DenseMap<Value, Value> computed;
  for (ScalarOp scalar : scalars) {
    IRMapping mapping;
    Block *block = scalar.getBodyBlock();
    for (auto [i, value] : llvm::enumerate(scalar.getInputs())) {
      Type type = block->getArgument(i).getType();
      mapping.map(block->getArgument(i), members.contains(value.getDefiningOp())
                                             ? computed.lookup(value)
                                             : body.addInput(value, type));
    }
    for (auto [result, value] :
         llvm::zip(scalar.getResults(), body.clone(block, mapping)))
      computed[result] = value;
  }
  body.yield(llvm::map_to_vector(
      results, [&](Value result) { return computed.lookup(result); }));
  fused.getInputsMutable().assign(body.inputs);
  for (auto [result, value] : llvm::zip(results, fused.getResults()))
    result.replaceAllUsesWith(value);
  for (ScalarOp scalar : llvm::reverse(scalars))
    scalar.erase();
  return fused;
}

KernelOp graphopt::formKernel(ArrayRef<Operation *> phases) {
  DenseSet<Operation *> members(phases.begin(), phases.end());
  SmallVector<Value> results;
  for (Operation *phase : phases)
    for (Value result : phase->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            return !members.contains(user);
          }))
        results.push_back(result);
  OpBuilder builder(phases.back());
  auto kernel = KernelOp::create(builder, phases.back()->getLoc(),
                                 ValueRange(results).getTypes());
  builder.createBlock(&kernel.getBody());
  auto yield = YieldOp::create(builder, kernel.getLoc(), results);
  for (auto [result, outside] : llvm::zip(results, kernel.getResults()))
    result.replaceUsesWithIf(outside, [&](OpOperand &use) {
      return use.getOwner() != yield && !members.contains(use.getOwner());
    });
  for (Operation *phase : phases)
    phase->moveBefore(yield);
  return kernel;
}
