//===- RaiseToSequences.cpp - Raise tensor work to tseq -------------------===//
//
// Turns static-shape elementwise ops, full reductions, fills and readbacks of
// upstream dialects into tseq ops, each on its own.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace graphopt {
#define GEN_PASS_DEF_RAISETOSEQUENCES
#include "GraphOpt/Transforms/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using linalg::LinalgOp;

//===----------------------------------------------------------------------===//
// Predicates
//===----------------------------------------------------------------------===//

/// Element types that kernels compute with and that live in whole bytes.
static bool isSupportedElement(Type type) {
  if (isa<Float16Type, BFloat16Type, Float32Type, Float64Type, IndexType>(type))
    return true;
  auto integer = dyn_cast<IntegerType>(type);
  return integer && integer.isSignless() &&
         llvm::is_contained({1u, 8u, 16u, 32u, 64u}, integer.getWidth());
}

static bool isSupportedTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() && !tensor.getEncoding() &&
         isSupportedElement(tensor.getElementType());
}

static bool hasOneElement(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.hasStaticShape() && tensor.getNumElements() == 1;
}

/// Whether `body` computes only with arith and math on supported scalars.
static bool isScalarBody(Block *body) {
  for (Operation &op : body->without_terminator()) {
    if (!isa<arith::ArithDialect, math::MathDialect>(op.getDialect()) ||
        op.getNumRegions())
      return false;
    for (Type type : op.getResultTypes())
      if (!isSupportedElement(type))
        return false;
  }
  return llvm::all_of(body->getArgumentTypes(), isSupportedElement);
}

/// The scalar that fills `tensor` everywhere, if it is a constant.
static TypedAttr getConstantFill(Value tensor) {
  DenseElementsAttr dense;
  if (matchPattern(tensor, m_Constant(&dense)))
    return dense.isSplat() && dense.getNumElements()
               ? dyn_cast<TypedAttr>(dense.getSplatValue<Attribute>())
               : TypedAttr();
  TypedAttr scalar;
  if (auto fill = tensor.getDefiningOp<linalg::FillOp>())
    matchPattern(fill.getInputs().front(), m_Constant(&scalar));
  if (auto splat = tensor.getDefiningOp<tensor::SplatOp>())
    matchPattern(splat.getInput(), m_Constant(&scalar));
  return scalar;
}

/// Why `op` can not be raised at all, or nothing.
static std::optional<StringRef> getRefusal(LinalgOp op) {
  if (!op.hasPureTensorSemantics())
    return StringRef("works on buffers");
  for (OpOperand &operand : op->getOpOperands())
    if (isa<ShapedType>(operand.get().getType())
            ? !isSupportedTensor(operand.get().getType())
            : !isSupportedElement(operand.get().getType()))
      return StringRef("dynamic shape or unsupported element type");
  if (!op.getBlock() || !isScalarBody(op.getBlock()))
    return StringRef("body holds more than arith and math");
  return std::nullopt;
}

/// Whether `op`, on one element, works on a tensor of a list rather than on a
/// device scalar: a caller gave an input, or it fills a tensor.
static bool isListElement(LinalgOp op) {
  if (isa<linalg::FillOp>(op))
    return cast<ShapedType>(op->getResult(0).getType()).getRank() > 0;
  return llvm::any_of(op.getDpsInputOperands(), [](OpOperand *input) {
    auto type = dyn_cast<RankedTensorType>(input->get().getType());
    return type && type.getRank() > 0 &&
           (isa<BlockArgument>(input->get()) ||
            input->get().getDefiningOp<bufferization::ToTensorOp>());
  });
}

namespace {

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

/// The operands of a tseq op and the body that computes with their elements.
/// Collects first, then builds: block arguments are inputs, then scalars.
class BodyBuilder {
public:
  BodyBuilder(OpBuilder &builder, Location loc) : builder(builder), loc(loc) {}

  /// The body sees one element of `tensor` as `argument`; a tensor filled with
  /// a constant becomes one in the body unless `keep`.
  void addInput(BlockArgument argument, Value tensor, bool keep = false) {
    TypedAttr constant = getConstantFill(tensor);
    if (constant && !keep)
      return addConstant(argument, constant);
    inputs.push_back(tensor);
    inputArguments.push_back(argument);
  }

  /// The body sees the device scalar or host scalar `value` as `original`.
  void addScalar(Value original, Value value) {
    if (isa<RankedTensorType>(value.getType())) {
      if (TypedAttr constant = getConstantFill(value))
        return addConstant(original, constant);
      value = toDeviceScalar(value);
    } else {
      TypedAttr constant;
      if (matchPattern(value, m_Constant(&constant)))
        return addConstant(original, constant);
      value = tensor::FromElementsOp::create(
          builder, loc, RankedTensorType::get({}, value.getType()), value);
    }
    scalars.push_back(value);
    scalarArguments.push_back(original);
  }

  /// Host scalars that `body` uses from outside become scalars.
  void addCaptures(Block *body) {
    DenseSet<Value> seen;
    for (Operation &op : *body)
      for (Value value : op.getOperands())
        if (value.getParentBlock() != body && seen.insert(value).second)
          addScalar(value, value);
  }

  void addConstant(Value original, TypedAttr attr) {
    constants.push_back({original, attr});
  }

  /// Fills `region` with a block that computes what `body` does up to its
  /// terminator, less `skip`; `mapping` then knows what became of its values.
  void build(Region &region, Block *body, IRMapping &mapping,
             ArrayRef<Operation *> skip = {}) {
    OpBuilder::InsertionGuard guard(builder);
    SmallVector<Type> types;
    SmallVector<Location> locs;
    for (ValueRange values :
         {ValueRange(inputArguments), ValueRange(scalarArguments)})
      for (Value value : values) {
        types.push_back(value.getType());
        locs.push_back(value.getLoc());
      }
    Block *block = builder.createBlock(&region, region.end(), types, locs);
    unsigned next = 0;
    for (Value value : inputArguments)
      mapping.map(value, block->getArgument(next++));
    for (Value value : scalarArguments)
      mapping.map(value, block->getArgument(next++));
    for (auto &[original, attr] : constants)
      mapping.map(original, arith::ConstantOp::create(builder, loc, attr));
    for (Operation &op : body->without_terminator())
      if (!llvm::is_contained(skip, &op))
        builder.clone(op, mapping);
  }

  /// `tensor`, which has one element, with rank 0.
  Value toDeviceScalar(Value tensor) {
    auto type = cast<RankedTensorType>(tensor.getType());
    if (type.getRank() == 0)
      return tensor;
    return tensor::CollapseShapeOp::create(
        builder, loc, RankedTensorType::get({}, type.getElementType()), tensor,
        ArrayRef<ReassociationIndices>());
  }

  /// The device scalar `scalar` as a tensor of type `type`.
  Value fromDeviceScalar(Value scalar, Type type) {
    if (scalar.getType() == type)
      return scalar;
    return tensor::ExpandShapeOp::create(builder, loc, type, scalar,
                                         ArrayRef<ReassociationIndices>());
  }

  SmallVector<Value> packInputs() {
    return llvm::map_to_vector(inputs, [&](Value tensor) -> Value {
      return PackOp::create(builder, loc, ValueRange(tensor));
    });
  }

  SmallVector<Value> inputs, scalars;

private:
  OpBuilder &builder;
  Location loc;
  SmallVector<Value> inputArguments, scalarArguments;
  SmallVector<std::pair<Value, TypedAttr>> constants;
};

static SeqType getSeqOfOne(Type type) {
  return SeqType::get(type.getContext(), {type});
}

/// Yields what the terminator of `body` did, through `mapping`.
static void buildYield(OpBuilder &builder, Region &region, Block *body,
                       IRMapping &mapping) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&region.front());
  SmallVector<Value> values;
  for (Value value : body->getTerminator()->getOperands())
    values.push_back(mapping.lookup(value));
  YieldOp::create(builder, body->getTerminator()->getLoc(), values);
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

/// Pattern: linalg (all loops parallel, operands indexed alike) -> map;
/// on one element -> scalar
struct RaiseElementwise : OpInterfaceRewritePattern<LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (getRefusal(op) || op.getNumParallelLoops() != op.getNumLoops() ||
        op->getNumResults() == 0)
      return rewriter.notifyMatchFailure(op, "not elementwise work");
    AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    bool oneElement = hasOneElement(op->getResult(0).getType());
    for (OpOperand &init : op.getDpsInitsMutable())
      if (op.getMatchingIndexingMap(&init) != map ||
          hasOneElement(init.get().getType()) != oneElement)
        return rewriter.notifyMatchFailure(op, "results are indexed apart");
    if (!map.isPermutation() && !oneElement)
      return rewriter.notifyMatchFailure(op, "result is not indexed by all "
                                             "loops");
    for (OpOperand *input : op.getDpsInputOperands())
      if (isa<ShapedType>(input->get().getType()) &&
          op.getMatchingIndexingMap(input) != map &&
          !hasOneElement(input->get().getType()))
        return rewriter.notifyMatchFailure(op, "an input is broadcast or "
                                               "transposed");

    // One element of a caller's list is work like that on the others; a single
    // value that was computed is a device scalar.
    if (oneElement && isListElement(op))
      oneElement = false;
    BodyBuilder body(rewriter, op.getLoc());
    for (OpOperand &operand : op->getOpOperands()) {
      if (!op.payloadUsesValueFromOperand(&operand))
        continue;
      BlockArgument argument = op.getMatchingBlockArgument(&operand);
      Type type = operand.get().getType();
      if (oneElement || !isa<ShapedType>(type) ||
          op.getMatchingIndexingMap(&operand) != map ||
          cast<ShapedType>(type).getShape() !=
              cast<ShapedType>(op->getResult(0).getType()).getShape())
        body.addScalar(argument, operand.get());
      else
        body.addInput(argument, operand.get());
    }
    body.addCaptures(op.getBlock());

    IRMapping mapping;
    SmallVector<Value> results;
    if (oneElement) {
      SmallVector<Type> types;
      for (Type type : op->getResultTypes())
        types.push_back(RankedTensorType::get(
            {}, cast<RankedTensorType>(type).getElementType()));
      auto scalar = ScalarOp::create(rewriter, op.getLoc(), types,
                                     body.scalars, ValueRange());
      body.build(scalar.getBody(), op.getBlock(), mapping);
      buildYield(rewriter, scalar.getBody(), op.getBlock(), mapping);
      for (auto [value, type] :
           llvm::zip(scalar.getResults(), op->getResultTypes()))
        results.push_back(body.fromDeviceScalar(value, type));
    } else {
      SmallVector<Type> types;
      for (Type type : op->getResultTypes())
        types.push_back(getSeqOfOne(type));
      auto raised = MapOp::create(rewriter, op.getLoc(), types, IntegerAttr(),
                                  body.packInputs(), body.scalars, Value(),
                                  ValueRange(), ValueRange());
      body.build(raised.getBody(), op.getBlock(), mapping);
      buildYield(rewriter, raised.getBody(), op.getBlock(), mapping);
      for (Value value : raised.getResults())
        results.push_back(GetOp::create(rewriter, op.getLoc(), value, 0));
    }
    rewriter.replaceOp(op, results);
    return success();
  }
};

/// One result of a full reduction.
struct Accumulation {
  Operation *op;     ///< Joins the accumulator and `value`.
  Combiner combiner;
  Value value;       ///< What is joined.
};

/// The accumulation into the result whose accumulator is `accumulator`.
static std::optional<Accumulation> matchAccumulation(BlockArgument accumulator,
                                                     Value yielded) {
  Operation *op = yielded.getDefiningOp();
  if (!op || op->getNumOperands() != 2 || !accumulator.hasOneUse() ||
      *accumulator.user_begin() != op || !yielded.hasOneUse() ||
      op->getBlock() != accumulator.getOwner())
    return std::nullopt;
  std::optional<Combiner> combiner = matchCombiner(op);
  if (!combiner)
    return std::nullopt;
  Value value = op->getOperand(op->getOperand(0) == accumulator ? 1 : 0);
  return Accumulation{op, *combiner, value};
}

/// Pattern: linalg (all loops reductions) -> reduce
struct RaiseReduction : OpInterfaceRewritePattern<LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (getRefusal(op) || op.getNumLoops() == 0 ||
        op.getNumReductionLoops() != op.getNumLoops())
      return rewriter.notifyMatchFailure(op, "not a full reduction");
    AffineMap map;
    for (OpOperand *input : op.getDpsInputOperands()) {
      if (!isa<ShapedType>(input->get().getType()))
        continue;
      AffineMap inputMap = op.getMatchingIndexingMap(input);
      if (!inputMap.isPermutation()) {
        if (hasOneElement(input->get().getType()))
          continue;
        return rewriter.notifyMatchFailure(op, "an input is broadcast");
      }
      if (map && map != inputMap)
        return rewriter.notifyMatchFailure(op, "inputs are indexed apart");
      map = inputMap;
    }
    if (!map)
      return rewriter.notifyMatchFailure(op, "no input spans the loops");

    Block *block = op.getBlock();
    SmallVector<Accumulation> sums;
    for (auto [i, init] : llvm::enumerate(op.getDpsInitsMutable())) {
      std::optional<Accumulation> sum =
          matchAccumulation(op.getMatchingBlockArgument(&init),
                            block->getTerminator()->getOperand(i));
      if (!sum || !hasOneElement(init.get().getType()))
        return rewriter.notifyMatchFailure(op, "not an associative reduction");
      sums.push_back(*sum);
    }

    BodyBuilder body(rewriter, op.getLoc());
    for (OpOperand *input : op.getDpsInputOperands()) {
      BlockArgument argument = op.getMatchingBlockArgument(input);
      if (isa<ShapedType>(input->get().getType()) &&
          op.getMatchingIndexingMap(input) == map)
        body.addInput(argument, input->get(), /*keep=*/true);
      else
        body.addScalar(argument, input->get());
    }
    body.addCaptures(block);

    SmallVector<Type> types;
    SmallVector<Attribute> combiners;
    SmallVector<Operation *> skip;
    for (const Accumulation &sum : sums) {
      types.push_back(RankedTensorType::get({}, getAccumulator(sum)));
      combiners.push_back(CombinerAttr::get(op.getContext(), sum.combiner));
      skip.push_back(sum.op);
    }
    auto reduce = ReduceOp::create(
        rewriter, op.getLoc(), types, rewriter.getArrayAttr(combiners),
        /*per_tensor=*/nullptr, /*chunk_elements=*/nullptr, body.packInputs(),
        body.scalars, ValueRange(), ValueRange());
    IRMapping mapping;
    body.build(reduce.getBody(), block, mapping, skip);
    buildReduceYield(rewriter, reduce, sums, mapping);

    SmallVector<Value> results;
    for (auto [i, sum] : llvm::enumerate(sums)) {
      Value init = op.getDpsInitOperand(i)->get();
      Value joined = join(rewriter, body, op.getLoc(), sum,
                          reduce.getResults()[i], init);
      results.push_back(body.fromDeviceScalar(joined, init.getType()));
    }
    rewriter.replaceOp(op, results);
    return success();
  }

private:
  /// The type to accumulate in: sums and products of floats never lose more
  /// than f32 does.
  static Type getAccumulator(const Accumulation &sum) {
    Type type = sum.value.getType();
    bool rounds = sum.combiner == Combiner::Add || sum.combiner == Combiner::Mul;
    return rounds && isa<Float16Type, BFloat16Type>(type)
               ? Float32Type::get(type.getContext())
               : type;
  }

  static void buildReduceYield(OpBuilder &builder, ReduceOp reduce,
                               ArrayRef<Accumulation> sums,
                               IRMapping &mapping) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(reduce.getBodyBlock());
    SmallVector<Value> values;
    for (const Accumulation &sum : sums) {
      Value value = mapping.lookup(sum.value);
      Type type = getAccumulator(sum);
      if (value.getType() != type)
        value = arith::ExtFOp::create(builder, reduce.getLoc(), type, value);
      values.push_back(value);
    }
    YieldOp::create(builder, reduce.getLoc(), values);
  }

  /// Joins `reduced` with the initial value and rounds it to its type.
  static Value join(OpBuilder &builder, BodyBuilder &body, Location loc,
                    const Accumulation &sum, Value reduced, Value init) {
    Type narrow = sum.value.getType();
    Type wide = cast<RankedTensorType>(reduced.getType()).getElementType();
    TypedAttr constant = getConstantFill(init);
    bool isIdentity = constant && constant == getIdentity(sum.combiner, narrow);
    if (isIdentity && narrow == wide)
      return reduced;
    SmallVector<Value> inputs = {reduced};
    if (!isIdentity)
      inputs.push_back(body.toDeviceScalar(init));
    auto scalar =
        ScalarOp::create(builder, loc, RankedTensorType::get({}, narrow),
                         inputs, ValueRange());
    OpBuilder::InsertionGuard guard(builder);
    SmallVector<Type> types = {wide, narrow};
    SmallVector<Location> locs(inputs.size(), loc);
    Block *block = builder.createBlock(&scalar.getBody(), {},
                                       ArrayRef(types).take_front(inputs.size()),
                                       locs);
    Value value = block->getArgument(0);
    if (!isIdentity) {
      Value first = block->getArgument(1);
      if (narrow != wide)
        first = arith::ExtFOp::create(builder, loc, wide, first);
      value = createCombination(builder, loc, sum.combiner, first, value);
    }
    if (narrow != wide)
      value = arith::TruncFOp::create(builder, loc, narrow, value);
    YieldOp::create(builder, loc, value);
    return scalar.getResults().front();
  }
};

/// Pattern: tensor.splat x -> map yielding x
struct RaiseSplat : OpRewritePattern<tensor::SplatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::SplatOp op,
                                PatternRewriter &rewriter) const override {
    if (!isSupportedTensor(op.getType()))
      return rewriter.notifyMatchFailure(op, "dynamic or unsupported type");
    Value empty = tensor::EmptyOp::create(rewriter, op.getLoc(),
                                          op.getType().getShape(),
                                          op.getType().getElementType());
    rewriter.replaceOpWithNewOp<linalg::FillOp>(op, op.getInput(), empty);
    return success();
  }
};

/// Pattern: tensor.extract (one element) -> item
struct RaiseExtract : OpRewritePattern<tensor::ExtractOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExtractOp op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getTensor().getType();
    if (!hasOneElement(type) || !isSupportedTensor(type))
      return rewriter.notifyMatchFailure(op, "reads one of many elements");
    // In the body of device work it is a load, not a readback.
    for (Operation *parent = op->getParentOp(); !isa<func::FuncOp>(parent);
         parent = parent->getParentOp())
      if (!isa<scf::SCFDialect>(parent->getDialect()))
        return rewriter.notifyMatchFailure(op, "in the body of another op");
    rewriter.replaceOpWithNewOp<ItemOp>(op, op.getTensor(), ItemUseAttr());
    return success();
  }
};

/// Pattern: from_elements x : tensor<1x1xT>
///       -> expand_shape (from_elements x : tensor<T>)
struct NormalizeUpload : OpRewritePattern<tensor::FromElementsOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::FromElementsOp op,
                                PatternRewriter &rewriter) const override {
    if (!hasOneElement(op.getType()) || op.getType().getRank() == 0 ||
        !isSupportedTensor(op.getType()))
      return rewriter.notifyMatchFailure(op, "not a device scalar");
    auto scalar = tensor::FromElementsOp::create(
        rewriter, op.getLoc(),
        RankedTensorType::get({}, op.getType().getElementType()),
        op.getElements());
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(
        op, op.getType(), scalar, ArrayRef<ReassociationIndices>());
    return success();
  }
};

/// Pattern: linalg.softmax, ... -> the structured ops it stands for
static void decompose(linalg::AggregatedOpInterface op) {
  if (!llvm::all_of(op->getResultTypes(), llvm::IsaPred<RankedTensorType>) ||
      op->getNumResults() == 0)
    return;
  OpBuilder builder(op);
  FailureOr<SmallVector<Value>> values = op.decomposeOperation(builder);
  if (failed(values))
    return;
  op->replaceAllUsesWith(*values);
  op->erase();
}

/// One map over `source` whose body is `build` of its element.
static Value createUnaryMap(OpBuilder &builder, Location loc, Value source,
                            RankedTensorType type,
                            function_ref<Value(OpBuilder &, Value)> build) {
  Value sequence = PackOp::create(builder, loc, source);
  auto map = MapOp::create(builder, loc, getSeqOfOne(type), IntegerAttr(),
                           sequence, ValueRange(), Value(), ValueRange(),
                           ValueRange());
  {
    OpBuilder::InsertionGuard guard(builder);
    Type element = cast<ShapedType>(source.getType()).getElementType();
    Block *body = builder.createBlock(&map.getBody(), {}, element, loc);
    YieldOp::create(builder, loc, build(builder, body->getArgument(0)));
  }
  return GetOp::create(builder, loc, map.getResult(0), 0);
}

/// Pattern: tensor.bitcast -> map of arith.bitcast
struct RaiseBitcast : OpRewritePattern<tensor::BitcastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::BitcastOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (!isSupportedTensor(op.getSource().getType()) ||
        !isSupportedTensor(op.getType()) ||
        isa<IndexType>(type.getElementType()))
      return rewriter.notifyMatchFailure(op, "dynamic or unsupported type");
    rewriter.replaceOp(
        op, createUnaryMap(rewriter, op.getLoc(), op.getSource(), type,
                           [&](OpBuilder &builder, Value value) -> Value {
                             return arith::BitcastOp::create(
                                 builder, op.getLoc(), type.getElementType(),
                                 value);
                           }));
    return success();
  }
};

/// Pattern: m := *n -> m := map(*n) yielding its input
/// A copy between buffers is device work like any other.
static void raiseCopy(bufferization::MaterializeInDestinationOp write) {
  Value source = write.getSource();
  auto read = source.getDefiningOp<bufferization::ToTensorOp>();
  bool isGiven = read || isa<BlockArgument>(source);
  if (!isGiven || !isSupportedTensor(source.getType()) ||
      !isa<MemRefType>(write.getDest().getType()))
    return;
  OpBuilder builder(write);
  write.getSourceMutable().assign(createUnaryMap(
      builder, write.getLoc(), source, cast<RankedTensorType>(source.getType()),
      [](OpBuilder &, Value value) { return value; }));
}

struct RaiseToSequences
    : public graphopt::impl::RaiseToSequencesBase<RaiseToSequences> {
  LogicalResult initialize(MLIRContext *context) override {
    // Reductions look at fills for their initial value, so they come first.
    RewritePatternSet first(context), second(context);
    first.add<RaiseReduction, RaiseSplat>(context);
    second.add<RaiseElementwise, RaiseExtract, RaiseBitcast, NormalizeUpload>(
        context);
    reductions = std::move(first);
    others = std::move(second);
    return success();
  }

  void runOnOperation() override {
    getOperation().walk(decompose);
    walkAndApplyPatterns(getOperation(), reductions);
    walkAndApplyPatterns(getOperation(), others);
    getOperation().walk(raiseCopy);
    getOperation().walk([](LinalgOp op) {
      std::optional<StringRef> reason = getRefusal(op);
      graphopt::remarkRefused(op, "not-raised")
          << reason.value_or("neither elementwise nor a full reduction");
    });
  }

private:
  FrozenRewritePatternSet reductions, others;
};

} // namespace

void graphopt::populateRaiseToSequencesPatterns(RewritePatternSet &patterns) {
  patterns.add<RaiseReduction>(patterns.getContext(), /*benefit=*/2);
  patterns.add<RaiseSplat, RaiseElementwise, RaiseExtract, RaiseBitcast,
               NormalizeUpload>(patterns.getContext());
}
