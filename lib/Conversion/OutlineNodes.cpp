//===- OutlineNodes.cpp - What each node of a graph should do -------------===//
//
// Implements outline-nodes: each op of a bufferized region that becomes kernel
// nodes, and each region as a whole, is a function of upstream ops, which an
// evaluator that knows nothing of this project can run.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Conversion/Passes.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "SequencesToGraph/RegionConversion.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"

namespace graphopt {
#define GEN_PASS_DEF_OUTLINENODES
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Ops of lists as upstream ops
//===----------------------------------------------------------------------===//

namespace {
/// Builds the function of one op.
class NodeBuilder {
public:
  NodeBuilder(OpBuilder &builder, IRMapping &mapping)
      : builder(builder), mapping(mapping) {}

  LogicalResult emit(Operation *op);
  /// Element `index` of a device scalar: `memref<T>` or `memref<NxT>`.
  Value loadScalar(Location loc, Value scalar, int64_t index);

  /// Memrefs of the region that the op writes as its results.
  SmallVector<Value> outs;

private:
  void emitMap(MapOp op);
  void emitReduce(ReduceOp op);
  void emitScalar(ScalarOp op);
  void emitStructured(linalg::LinalgOp op);
  void emitCopy(memref::CopyOp op);

  /// The value in the function; views and constants are made there.
  Value get(Value value);
  /// The memrefs of a list in the function.
  SmallVector<Value> getList(Value sequence);
  SmallVector<Value> loadScalars(Location loc, ValueRange scalars,
                                 int64_t index);

  OpBuilder &builder;
  IRMapping &mapping;
};
} // namespace

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

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

/// Notes on `function` what a node of it writes: for each memref the argument
/// that it is in, its offset in bytes, and its type.
static LogicalResult noteOuts(func::FuncOp function, GraphOp region,
                              ArrayRef<Value> outs) {
  cudagraph::RangeResolver ranges;
  SmallVector<int64_t> places;
  SmallVector<Attribute> types;
  llvm::SmallDenseSet<Value> seen;
  for (Value out : outs) {
    if (!seen.insert(out).second)
      continue;
    FailureOr<cudagraph::ByteRange> range = ranges.resolve(out);
    if (failed(range))
      return function.emitError("it is not known where the node writes");
    auto argument = cast<BlockArgument>(range->root);
    places.append({argument.getArgNumber(), range->begin});
    types.push_back(TypeAttr::get(out.getType()));
  }
  Builder builder(function.getContext());
  function->setAttr("graphopt.outs", builder.getDenseI64ArrayAttr(places));
  function->setAttr("graphopt.out_types", builder.getArrayAttr(types));
  return success();
}

namespace {
/// Outlines one region: its ops, its copies, its conditions, and a function
/// that calls them as the region says.
class RegionOutliner {
public:
  RegionOutliner(GraphOp region, SymbolTable &symbols)
      : region(region), symbols(symbols) {}

  LogicalResult run();

private:
  func::FuncOp create(const Twine &name, Location loc, TypeRange results = {});
  LogicalResult emitBlock(Block &block, OpBuilder &builder);
  LogicalResult emitWork(Operation &op, OpBuilder &builder);
  LogicalResult emitIf(IfOp op, OpBuilder &builder);
  LogicalResult emitWhile(WhileOp op, OpBuilder &builder);
  /// Calls a new function that gives the value of `condition`.
  Value emitCondition(Value condition, Location loc, OpBuilder &builder);

  GraphOp region;
  SymbolTable &symbols;
  func::FuncOp program;
  int64_t numOps = 0, numCopies = 0, numConditions = 0;
};
} // namespace

/// An empty function that takes what the region takes.
func::FuncOp RegionOutliner::create(const Twine &name, Location loc,
                                    TypeRange results) {
  Builder builder(region.getContext());
  auto function = func::FuncOp::create(
      loc, (region.getSym() + "." + name).str(),
      builder.getFunctionType(region.getBodyBlock()->getArgumentTypes(),
                              results));
  function->setAttr("graphopt.region", region.getSymAttr());
  auto arena = region->getAttrOfType<IntegerAttr>("arena");
  for (auto [i, input] : llvm::enumerate(region.getInputs())) {
    if (arena && arena.getInt() == int64_t(i))
      function.setArgAttr(i, "graphopt.arena", builder.getUnitAttr());
    else if (!isa<MemRefType>(input.getType()))
      function.setArgAttr(i, "graphopt.parameter", builder.getUnitAttr());
  }
  function.addEntryBlock();
  return function;
}

/// Pattern: an op that becomes kernels, or a copy -> a call of its function
LogicalResult RegionOutliner::emitWork(Operation &op, OpBuilder &builder) {
  bool isCopy = isa<memref::CopyOp>(op);
  Location loc = op.getLoc();
  func::FuncOp function = isCopy ? create("copy" + Twine(numCopies++), loc)
                                 : create("op" + Twine(numOps++), loc);
  symbols.insert(function);
  auto inner = OpBuilder::atBlockBegin(&function.getBody().front());
  if (isCopy)
    function->setAttr("graphopt.copy", inner.getUnitAttr());
  IRMapping mapping;
  mapping.map(region.getBodyBlock()->getArguments(), function.getArguments());
  NodeBuilder node(inner, mapping);
  if (failed(node.emit(&op)))
    return failure();
  func::ReturnOp::create(inner, loc);
  func::CallOp::create(builder, loc, function, program.getArguments());
  return noteOuts(function, region, node.outs);
}

Value RegionOutliner::emitCondition(Value condition, Location loc,
                                    OpBuilder &builder) {
  func::FuncOp function =
      create("condition" + Twine(numConditions++), loc,
             cast<MemRefType>(condition.getType()).getElementType());
  symbols.insert(function);
  auto inner = OpBuilder::atBlockBegin(&function.getBody().front());
  IRMapping mapping;
  mapping.map(region.getBodyBlock()->getArguments(), function.getArguments());
  func::ReturnOp::create(
      inner, loc, NodeBuilder(inner, mapping).loadScalar(loc, condition, 0));
  return func::CallOp::create(builder, loc, function, program.getArguments())
      .getResult(0);
}

/// Pattern: tseq.if -> scf.if
LogicalResult RegionOutliner::emitIf(IfOp op, OpBuilder &builder) {
  bool hasElse = !op->getRegion(1).empty();
  auto branch = scf::IfOp::create(
      builder, op.getLoc(),
      emitCondition(op.getCondition(), op.getLoc(), builder), hasElse);
  OpBuilder inner(branch.thenYield());
  if (failed(emitBlock(op->getRegion(0).front(), inner)))
    return failure();
  if (hasElse)
    inner.setInsertionPoint(branch.elseYield());
  return hasElse ? emitBlock(op->getRegion(1).front(), inner) : success();
}

/// Pattern: tseq.while -> scf.while
LogicalResult RegionOutliner::emitWhile(WhileOp op, OpBuilder &builder) {
  Location loc = op.getLoc();
  auto loop = scf::WhileOp::create(builder, loc, TypeRange(), ValueRange());
  OpBuilder inner(builder.getContext());
  inner.createBlock(&loop.getBefore());
  Value condition = emitCondition(op.getCondition(), loc, inner);
  scf::ConditionOp::create(inner, loc, condition, ValueRange());
  inner.createBlock(&loop.getAfter());
  if (failed(emitBlock(op->getRegion(0).front(), inner)))
    return failure();
  scf::YieldOp::create(inner, loc);
  return success();
}

LogicalResult RegionOutliner::emitBlock(Block &block, OpBuilder &builder) {
  for (Operation &op : block) {
    LogicalResult status = success();
    if (auto branch = dyn_cast<IfOp>(op))
      status = emitIf(branch, builder);
    else if (auto loop = dyn_cast<WhileOp>(op))
      status = emitWhile(loop, builder);
    else if (!isa<YieldOp>(op) &&
             (op.getNumResults() == 0 || isa<linalg::LinalgOp>(op)))
      // Values are made where they are used.
      status = emitWork(op, builder);
    if (failed(status))
      return failure();
  }
  return success();
}

LogicalResult RegionOutliner::run() {
  program = create("all", region.getLoc());
  program->setAttr("graphopt.program", UnitAttr::get(region.getContext()));
  auto builder = OpBuilder::atBlockBegin(&program.getBody().front());
  if (failed(emitBlock(*region.getBodyBlock(), builder)))
    return failure();
  func::ReturnOp::create(builder, region.getLoc());
  symbols.insert(program);
  return success();
}

namespace {
struct OutlineNodes : graphopt::impl::OutlineNodesBase<OutlineNodes> {
  using OutlineNodesBase::OutlineNodesBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    SmallVector<Operation *> others;
    for (Operation &op : *module.getBody())
      if (!isa<memref::GlobalOp>(op))
        others.push_back(&op);
    SmallVector<GraphOp> regions;
    module.walk([&](GraphOp region) { regions.push_back(region); });
    for (GraphOp region : regions)
      if (failed(RegionOutliner(region, symbols).run()))
        return signalPassFailure();
    for (Operation *op : llvm::reverse(others))
      op->erase();
  }
};
} // namespace
