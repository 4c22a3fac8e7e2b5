//===- HorizontalFusion.cpp - Equal work on many tensors becomes one op ---===//
//
// Implements the key that tells equal work, and the packing of equal maps and
// reduces.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/StringSaver.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Keys
//===----------------------------------------------------------------------===//

/// Writes ops of `block` with operands by number. Names, attributes and types
/// are unique in the context, so their addresses stand for them.
static void writeBody(Block *block, llvm::raw_ostream &os) {
  DenseMap<Value, unsigned> numbers;
  auto number = [&](Value value) {
    numbers.try_emplace(value, numbers.size());
  };
  for (Value argument : block->getArguments()) {
    number(argument);
    os << argument.getType().getAsOpaquePointer() << ",";
  }
  for (Operation &op : *block) {
    os << ";" << op.getName().getAsOpaquePointer() << "("
       << op.getAttrDictionary().getAsOpaquePointer();
    for (Value operand : op.getOperands())
      os << "," << numbers.lookup(operand);
    for (Value result : op.getResults()) {
      number(result);
      os << ":" << result.getType().getAsOpaquePointer();
    }
  }
}

std::string graphopt::getGroupKey(Operation *op, bool anyScalars) {
  std::string key;
  llvm::raw_string_ostream os(key);
  os << op->getName().getAsOpaquePointer() << "/"
     << op->getAttrDictionary().getAsOpaquePointer() << "/";
  auto writeValues = [&](ValueRange values) {
    for (Value value : values)
      os << value.getAsOpaquePointer() << ",";
    os << "/";
  };
  auto map = dyn_cast<MapOp>(op);
  if (map)
    writeValues(map.getPredicate() ? ValueRange(map.getPredicate())
                                   : ValueRange());
  // Inputs and scalars are arguments of the body alike.
  ValueRange scalars = map ? map.getScalars() : cast<ReduceOp>(op).getScalars();
  os << scalars.size() << "/";
  if (!anyScalars)
    writeValues(scalars);
  writeBody(&op->getRegion(0).front(), os);
  return key;
}

/// The tensors that the sequences of `values` hold.
static void addTensors(ValueRange values, DenseSet<Value> &tensors) {
  for (Value value : values) {
    if (auto pack = value.getDefiningOp<PackOp>())
      tensors.insert(pack.getTensors().begin(), pack.getTensors().end());
    else
      tensors.insert(value);
  }
}

SmallVector<SmallVector<MapOp>> graphopt::groupByBody(ArrayRef<MapOp> maps) {
  struct Alike {
    SmallVector<SmallVector<MapOp>> groups;
    /// By tensor, one past the last group that it is in.
    DenseMap<Value, size_t> next;
  };
  llvm::BumpPtrAllocator allocator;
  llvm::StringSaver keys(allocator);
  llvm::MapVector<StringRef, Alike> byBody;
  for (MapOp map : maps) {
    DenseSet<Value> tensors;
    addTensors(map.getInputs(), tensors);
    Alike &alike = byBody[keys.save(getGroupKey(map, /*anyScalars=*/true))];
    size_t group = 0;
    for (Value tensor : tensors)
      group = std::max(group, alike.next.lookup(tensor));
    if (group == alike.groups.size())
      alike.groups.emplace_back();
    alike.groups[group].push_back(map);
    for (Value tensor : tensors)
      alike.next[tensor] = group + 1;
  }
  SmallVector<SmallVector<MapOp>> result;
  for (auto &[key, alike] : byBody)
    llvm::append_range(result, alike.groups);
  return result;
}

//===----------------------------------------------------------------------===//
// Packing
//===----------------------------------------------------------------------===//

/// One sequence of the tensors of `sequences`.
static Value concatenate(OpBuilder &builder, Location loc,
                         ArrayRef<Value> sequences) {
  SmallVector<Value> tensors;
  for (Value sequence : sequences) {
    if (auto pack = sequence.getDefiningOp<PackOp>()) {
      llvm::append_range(tensors, pack.getTensors());
      continue;
    }
    for (size_t i = 0, e = cast<SeqType>(sequence.getType()).size(); i < e; ++i)
      tensors.push_back(GetOp::create(builder, loc, sequence, i));
  }
  return PackOp::create(builder, loc, tensors);
}

/// The scalars of `ops`, packed where they are not the same for all.
template <typename OpTy>
static SmallVector<Value>
packScalarOperands(OpBuilder &builder, ArrayRef<OpTy> ops,
                   SmallVectorImpl<ScalarOp> &programs) {
  SmallVector<Value> packed;
  for (size_t i = 0, e = OpTy(ops.front()).getScalars().size(); i < e; ++i) {
    SmallVector<TensorScalar> scalars;
    for (OpTy op : ops)
      scalars.push_back(
          {op.getScalars()[i], static_cast<int64_t>(op.getDomain().size())});
    Value first = scalars.front().value;
    bool isShared = cast<ShapedType>(first.getType()).getRank() == 0 &&
                    llvm::all_of(scalars, [&](const TensorScalar &scalar) {
                      return scalar.value == first;
                    });
    if (!isShared) {
      programs.push_back(
          packScalars(builder, OpTy(ops.front()).getLoc(), scalars));
      first = programs.back().getResults().front();
    }
    packed.push_back(first);
  }
  return packed;
}

MapOp graphopt::packMaps(ArrayRef<MapOp> maps,
                         SmallVectorImpl<ScalarOp> &programs) {
  MapOp first = maps.front(), last = maps.back();
  OpBuilder builder(last);
  Location loc = last.getLoc();
  auto packAll = [&](auto getList) {
    SmallVector<Value> packed;
    for (size_t i = 0, e = getList(first).size(); i < e; ++i)
      packed.push_back(concatenate(
          builder, loc, llvm::map_to_vector(maps, [&](MapOp map) -> Value {
            return getList(map)[i];
          })));
    return packed;
  };
  SmallVector<Value> inputs =
      packAll([](MapOp map) { return map.getInputs(); });
  SmallVector<Value> otherwise =
      packAll([](MapOp map) { return map.getOtherwise(); });
  SmallVector<Type> types;
  for (unsigned i = 0, e = first.getNumResults(); i < e; ++i) {
    SmallVector<Type> elements;
    for (MapOp map : maps)
      llvm::append_range(
          elements, cast<SeqType>(map.getResult(i).getType()).getElements());
    types.push_back(SeqType::get(builder.getContext(), elements));
  }
  SmallVector<Value> scalars = packScalarOperands(builder, maps, programs);
  auto packed =
      MapOp::create(builder, loc, types, IntegerAttr(), inputs, scalars,
                    first.getPredicate(), otherwise, ValueRange());
  packed.getBody().takeBody(last.getBody());

  // The elements are taken one by one; what is packed again folds.
  for (unsigned i = 0, e = first.getNumResults(); i < e; ++i) {
    int64_t next = 0;
    for (MapOp map : maps) {
      Value result = map.getResult(i);
      SmallVector<Value> tensors;
      for (size_t n = cast<SeqType>(result.getType()).size(); n > 0; --n)
        tensors.push_back(
            GetOp::create(builder, loc, packed.getResult(i), next++));
      for (Operation *user : llvm::make_early_inc_range(result.getUsers()))
        if (auto get = dyn_cast<GetOp>(user)) {
          get.replaceAllUsesWith(tensors[get.getIndex()]);
          get.erase();
        }
      if (!result.use_empty())
        result.replaceAllUsesWith(PackOp::create(builder, loc, tensors));
    }
  }
  for (MapOp map : maps)
    map.erase();
  return packed;
}

namespace {
/// Where what a scalar reads is: an element of a list.
struct Element {
  Value list;
  int64_t index;
};
} // namespace

/// Rewrites `scalar` so that it reads the values that `elements` has from their
/// lists.
static void readElements(ScalarOp scalar,
                         const DenseMap<Value, Element> &elements) {
  Block *body = scalar.getBodyBlock();
  OpBuilder builder = OpBuilder::atBlockBegin(body);
  SmallVector<Value> inputs = scalar.getInputs();
  size_t count = inputs.size();
  llvm::SmallMapVector<Value, Value, 4> lists;
  for (size_t i = 0; i < count; ++i)
    lists.insert({inputs[i], body->getArgument(i)});
  llvm::BitVector read(count);
  for (size_t i = 0; i < count; ++i) {
    auto element = elements.find(inputs[i]);
    if (element == elements.end())
      continue;
    auto [list, index] = element->second;
    Value &argument = lists[list];
    if (!argument) {
      argument = body->addArgument(list.getType(), scalar.getLoc());
      inputs.push_back(list);
    }
    Value position =
        arith::ConstantIndexOp::create(builder, scalar.getLoc(), index);
    body->getArgument(i).replaceAllUsesWith(tensor::ExtractOp::create(
        builder, scalar.getLoc(), argument, position));
    read.set(i);
  }
  read.resize(inputs.size());
  body->eraseArguments(read);
  SmallVector<Value> left;
  for (auto [i, input] : llvm::enumerate(inputs))
    if (!read.test(i))
      left.push_back(input);
  scalar.getInputsMutable().assign(left);
}

ReduceOp graphopt::packReduces(ArrayRef<ReduceOp> reduces,
                               SmallVectorImpl<ScalarOp> &programs,
                               SmallVectorImpl<ScalarOp> &extracts) {
  ReduceOp first = reduces.front(), last = reduces.back();
  OpBuilder builder(last);
  Location loc = last.getLoc();
  SmallVector<Value> inputs;
  for (size_t i = 0, e = first.getInputs().size(); i < e; ++i)
    inputs.push_back(concatenate(
        builder, loc, llvm::map_to_vector(reduces, [&](ReduceOp op) -> Value {
          return op.getInputs()[i];
        })));
  SmallVector<Type> types;
  int64_t count = reduces.size();
  for (Type type : first.getResultTypes())
    types.push_back(RankedTensorType::get(
        {count}, cast<ShapedType>(type).getElementType()));
  SmallVector<Value> scalars = packScalarOperands(builder, reduces, programs);
  auto packed =
      ReduceOp::create(builder, loc, types, first.getCombinersAttr(),
                       /*per_tensor=*/true, first.getChunkElementsAttr(),
                       inputs, scalars, ValueRange(), ValueRange());
  packed.getBody().takeBody(last.getBody());

  DenseMap<Value, Element> elements;
  llvm::SetVector<Operation *> readers;
  for (auto [index, reduce] : llvm::enumerate(reduces))
    for (auto [result, all] :
         llvm::zip(reduce->getResults(), packed.getResults())) {
      Value value = result;
      elements[value] = {all, static_cast<int64_t>(index)};
      bool others = false;
      for (Operation *user : value.getUsers())
        if (isa<ScalarOp>(user))
          readers.insert(user);
        else
          others = true;
      if (!others)
        continue;
      auto extract =
          ScalarOp::create(builder, loc, value.getType(), value, ValueRange());
      FusedBody body(builder, extract.getBody(), loc);
      Type type = cast<ShapedType>(value.getType()).getElementType();
      body.yield(body.addInput(value, type));
      value.replaceUsesWithIf(
          extract.getResults().front(),
          [&](OpOperand &use) { return !isa<ScalarOp>(use.getOwner()); });
      extracts.push_back(extract);
      readers.insert(extract);
    }
  for (Operation *reader : readers)
    readElements(cast<ScalarOp>(reader), elements);
  for (ReduceOp reduce : reduces)
    reduce.erase();
  return packed;
}
