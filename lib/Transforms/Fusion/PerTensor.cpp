//===- PerTensor.cpp - Scalars of which each tensor has its own -----------===//
//
// Implements lists of device scalars, and the programs that make them: what was
// computed for one tensor after the other becomes a loop over the tensors.
//
//===----------------------------------------------------------------------===//

#include "Fusion.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Lists of scalars
//===----------------------------------------------------------------------===//

ScalarOp graphopt::packScalars(OpBuilder &builder, Location loc,
                               ArrayRef<TensorScalar> scalars) {
  Type element =
      cast<ShapedType>(scalars.front().value.getType()).getElementType();
  int64_t count = 0;
  for (const TensorScalar &scalar : scalars)
    count += scalar.numTensors;
  auto type = RankedTensorType::get({count}, element);
  auto packed = ScalarOp::create(builder, loc, TypeRange(type), ValueRange(),
                                 ValueRange());
  FusedBody body(builder, packed.getBody(), loc);
  OpBuilder inner = OpBuilder::atBlockEnd(packed.getBodyBlock());
  SmallVector<Value> elements;
  for (const TensorScalar &scalar : scalars) {
    Type argument = ScalarOp::getArgumentType(scalar.value.getType());
    Value value = body.addInput(scalar.value, argument);
    for (int64_t i = 0; i < scalar.numTensors; ++i) {
      if (!isa<TensorType>(argument)) {
        elements.push_back(value);
        continue;
      }
      Value index = arith::ConstantIndexOp::create(inner, loc, i);
      elements.push_back(tensor::ExtractOp::create(inner, loc, value, index));
    }
  }
  body.yield(
      tensor::FromElementsOp::create(inner, loc, type, elements).getResult());
  packed.getInputsMutable().assign(body.inputs);
  return packed;
}

//===----------------------------------------------------------------------===//
// Loops over lists
//===----------------------------------------------------------------------===//

namespace {
/// Compares what the elements of a list are computed from, all at once. A row
/// holds the values that stand at one place of all the computations.
class RowMatcher {
public:
  explicit RowMatcher(Block *body) : body(body) {}

  /// Whether element i of `row` is computed from elements i (and what is the
  /// same for all i) as element 0 is from elements 0.
  bool match(ValueRange row);
  /// Whether `value`, of the first computation, differs between the others.
  bool varies(Value value) const { return varying.contains(value); }

  /// The ops of the first computation that read elements, with their indices.
  DenseMap<Operation *, int64_t> firstElements;

private:
  using Row = SmallVector<Value>;
  bool matchRow(const Row &row);
  bool matchElements(const Row &row);
  bool matchOps(ArrayRef<Operation *> ops);
  bool matchNested(ArrayRef<Operation *> ops);
  void markVarying();

  Block *body;
  /// Rows by their first values; a value must not stand in two rows.
  llvm::MapVector<Value, Row> rows;
  SmallVector<Value> worklist;
  DenseSet<Value> varying;

  bool add(Row row) {
    auto [it, isNew] = rows.try_emplace(row.front(), row);
    if (isNew)
      worklist.push_back(row.front());
    return isNew || it->second == row;
  }
};
} // namespace

/// The constant index of an element of a list that `op` reads, or nothing.
static std::optional<int64_t> getElement(Operation *op) {
  auto extract = dyn_cast_or_null<tensor::ExtractOp>(op);
  APInt index;
  if (!extract || extract.getIndices().size() != 1 ||
      !matchPattern(extract.getIndices().front(), m_ConstantInt(&index)))
    return std::nullopt;
  return index.getSExtValue();
}

bool RowMatcher::match(ValueRange row) {
  if (!add(Row(row)))
    return false;
  while (!worklist.empty()) {
    // A copy: the rows move when one is added.
    Row next = rows.find(worklist.pop_back_val())->second;
    if (!matchRow(next))
      return false;
  }
  markVarying();
  return true;
}

bool RowMatcher::matchRow(const Row &row) {
  if (llvm::all_equal(row))
    return true;
  SmallVector<Operation *> ops;
  for (Value value : row) {
    ops.push_back(value.getDefiningOp());
    if (!ops.back() || ops.back()->getBlock() != body ||
        cast<OpResult>(value).getResultNumber() !=
            cast<OpResult>(row.front()).getResultNumber())
      return false;
  }
  return getElement(ops.front()) ? matchElements(row) : matchOps(ops);
}

/// One element for all, or element i for i.
bool RowMatcher::matchElements(const Row &row) {
  Operation *first = row.front().getDefiningOp();
  int64_t start = *getElement(first);
  bool isFixed = true, isStep = true;
  for (auto [i, value] : llvm::enumerate(row)) {
    std::optional<int64_t> element = getElement(value.getDefiningOp());
    if (!element ||
        value.getDefiningOp()->getOperand(0) != first->getOperand(0))
      return false;
    isFixed &= *element == start;
    isStep &= *element == start + static_cast<int64_t>(i);
  }
  if (!isFixed && isStep)
    firstElements[first] = start;
  return isFixed || isStep;
}

/// Whether `op` is `first` but for operands and what its regions hold.
static bool isAlike(Operation *op, Operation *first) {
  return op->getName() == first->getName() &&
         op->getNumOperands() == first->getNumOperands() &&
         op->getResultTypes() == first->getResultTypes() &&
         op->getNumRegions() == first->getNumRegions() &&
         op->getAttrDictionary() == first->getAttrDictionary() &&
         op->getPropertiesAsAttribute() == first->getPropertiesAsAttribute();
}

bool RowMatcher::matchOps(ArrayRef<Operation *> ops) {
  Operation *first = ops.front();
  if (!isMemoryEffectFree(first))
    return false;
  for (Operation *op : ops)
    if (!isAlike(op, first))
      return false;
  for (unsigned i = 0, e = first->getNumOperands(); i < e; ++i)
    if (!add(llvm::map_to_vector(
            ops, [&](Operation *op) { return op->getOperand(i); })))
      return false;
  return first->getNumRegions() == 0 || matchNested(ops);
}

/// Compares what the regions of `ops` hold: the same ops in the same order, on
/// values of theirs or on rows of the body.
bool RowMatcher::matchNested(ArrayRef<Operation *> ops) {
  auto collect = [](Operation *op) {
    SmallVector<Operation *> nested;
    op->walk<WalkOrder::PreOrder>(
        [&](Operation *inner) { nested.push_back(inner); });
    return nested;
  };
  SmallVector<Operation *> first = collect(ops.front());
  // Of each computation, its own values by those of the first one.
  SmallVector<IRMapping> own(ops.size());
  SmallVector<SmallVector<Operation *>> all = llvm::map_to_vector(ops, collect);
  for (auto [nested, mapping] : llvm::zip(all, own)) {
    if (nested.size() != first.size())
      return false;
    for (auto [op, model] : llvm::zip(nested, first)) {
      if (!isAlike(op, model))
        return false;
      mapping.map(model->getResults(), op->getResults());
      for (auto [region, other] :
           llvm::zip(model->getRegions(), op->getRegions())) {
        if (region.getBlocks().size() != other.getBlocks().size() ||
            region.getBlocks().size() > 1)
          return false;
        if (region.empty())
          continue;
        if (region.getArgumentTypes() != other.getArgumentTypes())
          return false;
        mapping.map(region.getArguments(), other.getArguments());
      }
    }
  }
  for (auto [k, model] : llvm::enumerate(first)) {
    if (k == 0)
      continue; // Its operands are rows already.
    for (unsigned i = 0, e = model->getNumOperands(); i < e; ++i) {
      Value operand = model->getOperand(i);
      Row row = llvm::map_to_vector(all, [&](ArrayRef<Operation *> nested) {
        return nested[k]->getOperand(i);
      });
      if (!ops.front()->isAncestor(operand.getParentBlock()->getParentOp())) {
        if (!add(row))
          return false;
        continue;
      }
      for (auto [value, mapping] : llvm::zip(row, own))
        if (mapping.lookup(operand) != value)
          return false;
    }
  }
  return true;
}

/// What is computed again for other elements varies if it reads them, or what
/// varies. What all computations share does not, whatever it reads.
void RowMatcher::markVarying() {
  for (Operation &op : *body) {
    bool isShared = llvm::all_of(op.getResults(), [&](Value value) {
      auto row = rows.find(value);
      return row == rows.end() || llvm::all_equal(row->second);
    });
    if (isShared)
      continue;
    bool isVarying = firstElements.contains(&op);
    op.walk([&](Operation *inner) {
      isVarying |= llvm::any_of(inner->getOperands(), [&](Value value) {
        return varying.contains(value);
      });
    });
    if (isVarying)
      varying.insert(op.result_begin(), op.result_end());
  }
}

/// Pattern: from_elements(f(x[0]), f(x[1]), ...) -> generate i { f(x[i]) }
static void generateList(tensor::FromElementsOp list) {
  Block *body = list->getBlock();
  RowMatcher matcher(body);
  if (!matcher.match(list.getElements()))
    return;
  Location loc = list.getLoc();
  OpBuilder builder(list);
  auto generate =
      tensor::GenerateOp::create(builder, loc, list.getType(), ValueRange());
  Block *turn =
      builder.createBlock(&generate.getBody(), {}, builder.getIndexType(), loc);
  Value index = turn->getArgument(0);
  // What the first element needs of what varies, in order.
  llvm::SetVector<Operation *> needed;
  auto need = [&](Value value) {
    if (matcher.varies(value))
      needed.insert(value.getDefiningOp());
  };
  Value first = list.getElements().front();
  need(first);
  for (size_t i = 0; i < needed.size(); ++i)
    needed[i]->walk(
        [&](Operation *inner) { llvm::for_each(inner->getOperands(), need); });
  SmallVector<Operation *> ops = needed.takeVector();
  llvm::sort(ops,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  IRMapping mapping;
  for (Operation *op : ops) {
    auto element = matcher.firstElements.find(op);
    if (element == matcher.firstElements.end()) {
      builder.clone(*op, mapping);
      continue;
    }
    Value place = index;
    if (element->second != 0) {
      Value start =
          arith::ConstantIndexOp::create(builder, loc, element->second);
      place = arith::AddIOp::create(builder, loc, index, start);
    }
    mapping.map(op->getResult(0),
                tensor::ExtractOp::create(builder, op->getLoc(),
                                          op->getOperand(0), place));
  }
  tensor::YieldOp::create(builder, loc, mapping.lookupOrDefault(first));
  list.replaceAllUsesWith(generate.getResult());
  list.erase();
}

void graphopt::generateLists(ScalarOp scalar) {
  for (auto list : llvm::make_early_inc_range(
           scalar.getBodyBlock()->getOps<tensor::FromElementsOp>()))
    generateList(list);
}
