//===- OutlineNodes.cpp - What each node of a graph should do -------------===//
//
// Implements outline-nodes: each op of a bufferized region that becomes kernel
// nodes, and each region as a whole, is a function of upstream ops, which an
// evaluator that knows nothing of this project can run.
//
//===----------------------------------------------------------------------===//

#include "NodeBuilder.h"

#include "GraphOpt/Conversion/Passes.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/SymbolTable.h"

namespace graphopt {
#define GEN_PASS_DEF_OUTLINENODES
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;

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
