//===- Siblings.cpp - Work that walks the same tensors --------------------===//
//
// Joins maps, and reduces, of one stage that have the same domain.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"

#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Results of a joined reduce: each has an accumulator in every thread.
static constexpr unsigned kMaxResults = 8;

/// Types are unique: the domain with one element type stands for shapes.
static SeqType getShapes(SeqType domain) {
  SmallVector<Type> shapes;
  Type unit = IntegerType::get(domain.getContext(), 8);
  for (Type type : domain.getElements())
    shapes.push_back(
        RankedTensorType::get(cast<ShapedType>(type).getShape(), unit));
  return SeqType::get(domain.getContext(), shapes);
}

SmallVector<MapOp> graphopt::joinSiblings(ArrayRef<MapOp> maps) {
  if (maps.size() == 1)
    return {maps.front()};
  llvm::MapVector<std::pair<Value, Type>, SmallVector<MapOp>> groups;
  for (MapOp map : maps)
    groups[{map.getPredicate(), getShapes(map.getDomain())}].push_back(map);
  SmallVector<MapOp> fused;
  for (auto &[key, group] : groups)
    fused.push_back(fuseMaps(group));
  return fused;
}

//===----------------------------------------------------------------------===//
// Reduces
//===----------------------------------------------------------------------===//

/// Whether one walk over the tensors does for both, which read a list in
/// common.
static bool canJoin(ReduceOp first, ReduceOp second) {
  return first.getDomain().isCongruent(second.getDomain()) &&
         first.getPerTensor() == second.getPerTensor() &&
         first.getChunkElementsAttr() == second.getChunkElementsAttr() &&
         first.getNumResults() + second.getNumResults() <= kMaxResults;
}

/// Pattern: a = reduce f ins(x), b = reduce g ins(x, y)
///       -> a, b = reduce f, g ins(x, y)
static ReduceOp join(ReduceOp first, ReduceOp second) {
  OpBuilder builder(second);
  SmallVector<Attribute> combiners(first.getCombiners().getValue());
  llvm::append_range(combiners, second.getCombiners());
  SmallVector<Type> types(first.getResultTypes());
  llvm::append_range(types, second.getResultTypes());
  Location loc = builder.getFusedLoc({first.getLoc(), second.getLoc()});
  auto joined =
      ReduceOp::create(builder, loc, types, builder.getArrayAttr(combiners),
                       second.getPerTensor(), second.getChunkElementsAttr(),
                       ValueRange(), ValueRange(), ValueRange(), ValueRange());
  FusedBody body(builder, joined.getBody(), loc);
  for (ReduceOp op : {first, second})
    for (auto [value, argument] :
         llvm::zip(op.getInputs(), op.getBodyBlock()->getArguments()))
      body.addInput(value, argument.getType());
  SmallVector<Value> results;
  for (ReduceOp op : {first, second}) {
    IRMapping mapping;
    auto arguments = op.getBodyBlock()->getArguments();
    size_t numInputs = op.getInputs().size();
    for (auto [value, argument] : llvm::zip(op.getInputs(), arguments))
      mapping.map(argument, body.addInput(value, argument.getType()));
    for (auto [value, argument] :
         llvm::zip(op.getScalars(), arguments.drop_front(numInputs)))
      mapping.map(argument, body.addScalar(value, argument.getType()));
    llvm::append_range(results, body.clone(op.getBodyBlock(), mapping));
  }
  body.yield(results);
  joined.getInputsMutable().assign(body.inputs);
  joined.getScalarsMutable().assign(body.scalars);
  auto made = joined.getResults();
  first.replaceAllUsesWith(made.take_front(first.getNumResults()));
  second.replaceAllUsesWith(made.take_back(second.getNumResults()));
  first.erase();
  second.erase();
  return joined;
}

SmallVector<ReduceOp> graphopt::joinSiblings(ArrayRef<ReduceOp> reduces) {
  if (reduces.size() == 1)
    return {reduces.front()};
  // Lists of the same tensors become one value.
  std::map<std::vector<void *>, Value> lists;
  for (ReduceOp reduce : reduces)
    for (OpOperand &input : reduce.getInputsMutable())
      if (auto pack = input.get().getDefiningOp<PackOp>()) {
        std::vector<void *> tensors;
        for (Value tensor : pack.getTensors())
          tensors.push_back(tensor.getAsOpaquePointer());
        input.set(lists.try_emplace(std::move(tensors), pack).first->second);
      }
  SmallVector<ReduceOp> joined;
  // Of each list the last one, by its place in `joined`, that reads it.
  DenseMap<Value, size_t> readers;
  for (ReduceOp reduce : reduces) {
    size_t place = joined.size();
    for (Value input : reduce.getInputs()) {
      auto known = readers.find(input);
      if (known != readers.end() && canJoin(joined[known->second], reduce)) {
        place = known->second;
        break;
      }
    }
    if (place == joined.size())
      joined.push_back(reduce);
    else
      joined[place] = join(joined[place], reduce);
    for (Value input : joined[place].getInputs())
      readers[input] = place;
  }
  return joined;
}
