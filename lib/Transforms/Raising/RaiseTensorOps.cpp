//===- RaiseTensorOps.cpp - Elementwise ops of arith and math -------------===//
//
// Raises ops of arith and math on tensors to tseq.map or tseq.scalar, chains of
// them and of elementwise structured ops to one map: they would be joined
// anyway, and cost time in each pass until then.
//
//===----------------------------------------------------------------------===//

#include "../Report/Parts.h"
#include "Raising.h"

#include "GraphOpt/Analysis/ElementTypes.h"
#include "GraphOpt/Analysis/Requests.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

/// Whether `op` does the same with all elements of tensors.
static bool isElementwise(Operation *op) {
  return op->getNumResults() > 0 && op->getNumRegions() == 0 &&
         OpTrait::hasElementwiseMappableTraits(op) &&
         llvm::any_of(op->getOperandTypes(), llvm::IsaPred<RankedTensorType>);
}

/// Whether kernels can do what `op`, which is elementwise, does.
static bool isSupportedWork(Operation *op) {
  if (!isa_and_nonnull<arith::ArithDialect, math::MathDialect>(
          op->getDialect()))
    return false;
  return llvm::all_of(op->getResultTypes(), isSupportedTensor) &&
         llvm::all_of(op->getOperandTypes(), [](Type type) {
           return isa<ShapedType>(type) ? isSupportedTensor(type)
                                        : isKernelElement(type);
         });
}

/// Whether `op` does the same with all elements of tensors of more than one
/// element, and reads some.
static bool isStructuredMap(linalg::LinalgOp op) {
  if (getRaisingRefusal(op) || op->getNumResults() == 0 ||
      op.getNumParallelLoops() != op.getNumLoops() || isa<linalg::FillOp>(op))
    return false;
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!map.isPermutation())
    return false;
  bool readsAll = false;
  for (OpOperand &operand : op->getOpOperands()) {
    Type type = operand.get().getType();
    if (!isa<ShapedType>(type))
      continue;
    bool isAll = op.getMatchingIndexingMap(&operand) == map;
    // One element is the same for all; a result never is.
    if (hasOneElement(type) ? op.isDpsInit(&operand) || isAll : !isAll)
      return false;
    readsAll |= isAll && op.payloadUsesValueFromOperand(&operand);
  }
  return readsAll;
}

/// `op` on the elements that `mapping` has for its operands, without what it
/// asks for as work of the device.
static Operation *cloneForElements(OpBuilder &builder, Operation *op,
                                   const IRMapping &mapping) {
  NamedAttrList attributes(op->getDiscardableAttrDictionary());
  attributes.erase(kLaunchAttribute);
  SmallVector<Type> types =
      llvm::map_to_vector(op->getResultTypes(),
                          [](Type type) { return getElementTypeOrSelf(type); });
  SmallVector<Value> operands = llvm::map_to_vector(
      op->getOperands(), [&](Value value) { return mapping.lookup(value); });
  return builder.insert(Operation::create(op->getLoc(), op->getName(), types,
                                          operands, std::move(attributes),
                                          op->getPropertiesStorage()));
}

/// Whether `op`, which is elementwise, works on a device scalar. As with
/// structured ops, a member of a list is none.
static bool isScalarWork(Operation *op) {
  return hasOneElement(op->getResult(0).getType()) &&
         llvm::none_of(op->getOperands(), isListElement);
}

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

namespace {
/// Builds the op that computes what several elementwise ops do, each from
/// values of outside and the results of those before it.
class Raiser {
public:
  Raiser(OpBuilder &builder, ArrayRef<Operation *> ops);

  /// What stands for the results of the last op: those of a `scalar`, or of a
  /// `map`.
  SmallVector<Value> buildScalar();
  SmallVector<Value> buildMap();

private:
  void addOperand(Value value, bool isScalar = false);
  void addOperands(linalg::LinalgOp op);
  void cloneBody(linalg::LinalgOp op, IRMapping &mapping);
  void buildBody(Region &region);

  OpBuilder &builder;
  ArrayRef<Operation *> ops;
  Operation *last;
  DenseSet<Value> made;
  llvm::SetVector<Value> tensors, scalars;
  llvm::MapVector<Value, TypedAttr> constants;
};
} // namespace

Raiser::Raiser(OpBuilder &builder, ArrayRef<Operation *> ops)
    : builder(builder), ops(ops), last(ops.back()) {
  for (Operation *op : ops) {
    if (auto structured = dyn_cast<linalg::LinalgOp>(op))
      addOperands(structured);
    else
      for (Value operand : op->getOperands())
        addOperand(operand);
    made.insert(op->result_begin(), op->result_end());
  }
}

/// Adds what the body of `op` computes with.
void Raiser::addOperands(linalg::LinalgOp op) {
  for (OpOperand &operand : op->getOpOperands())
    if (op.payloadUsesValueFromOperand(&operand))
      addOperand(operand.get(), hasOneElement(operand.get().getType()));
  for (Operation &inner : *op.getBlock())
    for (Value value : inner.getOperands())
      if (value.getParentBlock() != op.getBlock())
        addOperand(value);
}

/// What `op` does with one element.
void Raiser::cloneBody(linalg::LinalgOp op, IRMapping &mapping) {
  for (OpOperand &operand : op->getOpOperands())
    if (op.payloadUsesValueFromOperand(&operand))
      mapping.map(op.getMatchingBlockArgument(&operand),
                  mapping.lookup(operand.get()));
  for (Operation &inner : op.getBlock()->without_terminator())
    builder.clone(inner, mapping);
  for (auto [result, yielded] : llvm::zip_equal(
           op->getResults(), op.getBlock()->getTerminator()->getOperands()))
    mapping.map(result, mapping.lookup(yielded));
}

void Raiser::addOperand(Value value, bool isScalar) {
  if (made.contains(value) || tensors.contains(value) ||
      scalars.contains(value) || constants.contains(value))
    return;
  if (TypedAttr constant = getConstant(value))
    constants.insert({value, constant});
  else
    (isa<RankedTensorType>(value.getType()) && !isScalar ? tensors : scalars)
        .insert(value);
}

void Raiser::buildBody(Region &region) {
  OpBuilder::InsertionGuard guard(builder);
  Block *block = builder.createBlock(&region);
  IRMapping mapping;
  for (ArrayRef<Value> values : {tensors.getArrayRef(), scalars.getArrayRef()})
    for (Value value : values)
      mapping.map(value,
                  block->addArgument(getElementTypeOrSelf(value.getType()),
                                     last->getLoc()));
  for (auto &[value, constant] : constants)
    mapping.map(value,
                arith::ConstantOp::create(builder, last->getLoc(), constant));
  for (Operation *op : ops) {
    if (auto structured = dyn_cast<linalg::LinalgOp>(op)) {
      cloneBody(structured, mapping);
      continue;
    }
    Operation *work = cloneForElements(builder, op, mapping);
    mapping.map(op->getResults(), work->getResults());
  }
  YieldOp::create(builder, last->getLoc(),
                  llvm::map_to_vector(last->getResults(), [&](Value result) {
                    return mapping.lookup(result);
                  }));
}

SmallVector<Value> Raiser::buildScalar() {
  BodyBuilder body(builder, last->getLoc());
  SmallVector<Value> inputs;
  for (ArrayRef<Value> values : {tensors.getArrayRef(), scalars.getArrayRef()})
    for (Value value : values)
      inputs.push_back(body.toDeviceScalar(value));
  SmallVector<Type> types =
      llvm::map_to_vector(last->getResultTypes(), [](Type type) -> Type {
        return RankedTensorType::get({}, getElementTypeOrSelf(type));
      });
  auto scalar =
      ScalarOp::create(builder, last->getLoc(), types, inputs, ValueRange());
  buildBody(scalar.getBody());
  SmallVector<Value> results;
  for (auto [value, type] :
       llvm::zip(scalar.getResults(), last->getResultTypes()))
    results.push_back(body.fromDeviceScalar(value, type));
  return results;
}

SmallVector<Value> Raiser::buildMap() {
  // A region is where its first op is.
  BodyBuilder body(builder, ops.front()->getLoc());
  body.inputs.assign(tensors.begin(), tensors.end());
  for (Value scalar : scalars)
    body.scalars.push_back(body.toDeviceScalar(scalar));
  SmallVector<Type> types =
      llvm::map_to_vector(last->getResultTypes(),
                          [](Type type) -> Type { return getSeqOfOne(type); });
  auto map = MapOp::create(builder, last->getLoc(), types, IntegerAttr(),
                           body.packInputs(), body.scalars, Value(),
                           ValueRange(), ValueRange());
  buildBody(map.getBody());
  if (ops.size() > 1)
    setParts(map, ops);
  return llvm::map_to_vector(map.getResults(), [&](Value value) -> Value {
    return GetOp::create(builder, last->getLoc(), value, 0);
  });
}

namespace {
/// Pattern: arith.addf a, b : tensor<4xf32> -> map over a and b;
/// on one element -> scalar
struct RaiseTensorOp : RewritePattern {
  explicit RaiseTensorOp(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/2, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isElementwise(op))
      return rewriter.notifyMatchFailure(op, "not elementwise");
    if (!isSupportedWork(op))
      return rewriter.notifyMatchFailure(op, "dynamic or unsupported type");
    Raiser raiser(rewriter, op);
    rewriter.replaceOp(op, isScalarWork(op) ? raiser.buildScalar()
                                            : raiser.buildMap());
    return success();
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Chains
//===----------------------------------------------------------------------===//

/// Whether `op` may become a part of a map. On one element it depends on what
/// it reads whether it is one; what the program asks for is asked of one op.
static bool mayJoin(Operation *op) {
  if (op->hasAttr(kLaunchAttribute))
    return false;
  if (auto structured = dyn_cast<linalg::LinalgOp>(op))
    return isStructuredMap(structured);
  return isElementwise(op) && isSupportedWork(op) &&
         !hasOneElement(op->getResult(0).getType());
}

/// Whether work before `op` may be in another region than work behind it.
static bool mayDivide(Operation *op) {
  return isa<tensor::ExtractOp>(op) || op->getNumRegions() > 0 ||
         (!isa<bufferization::ToTensorOp>(op) && !isMemoryEffectFree(op));
}

/// The ops of `block` that may become maps, in order; those of one list become
/// one: the results of all but the last are read by others of the list only.
static SmallVector<SmallVector<Operation *>> findChains(Block &block) {
  struct Place {
    size_t chain;
    int64_t run; ///< Number of ops behind it that may divide work.
  };
  DenseMap<Operation *, Place> places;
  SmallVector<SmallVector<Operation *>> chains;
  int64_t run = 0;
  for (Operation &op : llvm::reverse(block)) {
    if (!mayJoin(&op)) {
      // Bodies of structured ops are work of the device.
      run += !isa<linalg::LinalgOp>(op) && mayDivide(&op);
      continue;
    }
    const Place *common = nullptr;
    bool isInside = op.getNumResults() == 1;
    for (Operation *user : op.getUsers()) {
      auto it = places.find(user);
      isInside &= it != places.end() && it->second.run == run &&
                  (!common || common->chain == it->second.chain);
      if (!isInside)
        break;
      common = &it->second;
    }
    Place place = {chains.size(), run};
    if (isInside && common)
      place = *common;
    else
      chains.emplace_back();
    places[&op] = place;
    chains[place.chain].push_back(&op);
  }
  std::reverse(chains.begin(), chains.end());
  for (SmallVector<Operation *> &chain : chains)
    std::reverse(chain.begin(), chain.end());
  return chains;
}

void graphopt::raiseChains(Operation *root) {
  SmallVector<Block *> blocks;
  root->walk([&](Block *block) { blocks.push_back(block); });
  for (Block *block : blocks)
    for (ArrayRef<Operation *> chain : findChains(*block)) {
      OpBuilder builder(chain.back());
      SmallVector<Value> results = Raiser(builder, chain).buildMap();
      chain.back()->replaceAllUsesWith(results);
      for (Operation *op : llvm::reverse(chain))
        op->erase();
    }
}

void graphopt::populateRaiseTensorOpPatterns(RewritePatternSet &patterns) {
  patterns.add<RaiseTensorOp>(patterns.getContext());
  // What is refused is one kind of op, as structured ops are.
  linalg::populateElementwiseToLinalgConversionPatterns(patterns);
}
