//===- RegionConversion.cpp - Regions become graphs -----------------------===//
//
// Implements the walk over a region that makes a graph of it.
//
//===----------------------------------------------------------------------===//

#include "RegionConversion.h"
#include "Conditions.h"

#include "GraphOpt/CudaGraph/CudaGraphAccesses.h"
#include "GraphOpt/CudaGraph/CudaGraphPaths.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace graphopt;

SmallVector<Value> graphopt::cloneBody(OpBuilder &builder, Block *block,
                                       ArrayRef<Value> arguments) {
  IRMapping mapping;
  mapping.map(block->getArguments(), ValueRange(arguments));
  for (Operation &op : block->without_terminator())
    builder.clone(op, mapping);
  return llvm::map_to_vector(
      block->getTerminator()->getOperands(),
      [&](Value value) { return mapping.lookupOrDefault(value); });
}

/// The value that `value` is a view of.
static Value getViewRoot(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

bool graphopt::isHostScalar(Value value) {
  auto argument = dyn_cast<BlockArgument>(getViewRoot(value));
  auto region =
      argument ? dyn_cast<tseq::GraphOp>(argument.getOwner()->getParentOp())
               : tseq::GraphOp();
  return region && !isa<MemRefType>(
                       region.getInputs()[argument.getArgNumber()].getType());
}

namespace {

//===----------------------------------------------------------------------===//
// Edges
//===----------------------------------------------------------------------===//

/// Edges between the nodes of one block, from the bytes they read and write.
class EdgeBuilder {
public:
  /// Gives `node` its `after` operands and records what it does.
  void add(cudagraph::NodeOpInterface node, MutableOperandRange after) {
    SmallVector<cudagraph::BufferAccess> accesses;
    node.collectAccesses(accesses);
    llvm::SetVector<Value> before;
    addHandles(node, before);
    unsigned number = nodes.size();
    nodes.push_back(node->getResult(0));
    for (const cudagraph::BufferAccess &access : accesses) {
      FailureOr<cudagraph::ByteRange> range = ranges.resolve(access.memref);
      // The verifier of the graph names an access whose range is not known.
      if (succeeded(range))
        history.recordEdges(number, *range, access.writes(), nodes, before);
    }
    after.assign(before.takeVector());
  }

private:
  /// A conditional node waits for the kernels that set its handle.
  void addHandles(cudagraph::NodeOpInterface node,
                  llvm::SetVector<Value> &before) {
    if (auto kernel = dyn_cast<cudagraph::KernelOp>(node.getOperation()))
      for (int64_t handle : kernel.getSets().value_or(ArrayRef<int64_t>()))
        setters[handle].push_back(kernel.getNode());
    if (std::optional<int64_t> handle = cudagraph::getHandle(node)) {
      ArrayRef<Value> kernels = setters[*handle];
      before.insert(kernels.begin(), kernels.end());
    }
  }

  SmallVector<Value> nodes;
  cudagraph::RangeResolver ranges;
  cudagraph::AccessHistory history;
  DenseMap<int64_t, SmallVector<Value>> setters;
};

//===----------------------------------------------------------------------===//
// One region
//===----------------------------------------------------------------------===//

/// The conversion of one region.
class RegionConversion {
public:
  RegionConversion(ModuleOp module, SymbolTable &symbols,
                   KernelEmitter &emitter, tseq::GraphOp region)
      : module(module), symbols(symbols), emitter(emitter), region(region) {}

  LogicalResult run();

private:
  /// A condition and the handle that a kernel of its own sets.
  struct Setting {
    Value condition;
    int64_t handle;
  };

  /// Converts the ops of a body. Its last node sets the handle of `setAtEnd` if
  /// that is given.
  LogicalResult convertBlock(Block &from, OpBuilder &builder,
                             std::optional<Setting> setAtEnd = std::nullopt);
  LogicalResult convertOp(Operation &op, OpBuilder &builder,
                          EdgeBuilder &edges);
  LogicalResult convertKernel(Operation &op, OpBuilder &builder,
                              EdgeBuilder &edges);
  void addKernel(Location loc, KernelNode &kernel, ArrayRef<int64_t> sets,
                 OpBuilder &builder, EdgeBuilder &edges);
  template <typename NodeOp, typename SourceOp>
  LogicalResult convertConditional(SourceOp op, OpBuilder &builder,
                                   EdgeBuilder &edges);
  void addSetter(Setting setting, Location loc, OpBuilder &builder,
                 EdgeBuilder &edges);
  std::string nextName() {
    return (region.getSym() + ".k" + Twine(numKernels++)).str();
  }
  /// `bytes` more of the arena, which nothing else uses.
  Value extendArena(OpBuilder &builder, Location loc, int64_t bytes);

  ModuleOp module;
  SymbolTable &symbols;
  KernelEmitter &emitter;
  tseq::GraphOp region;
  cudagraph::GraphOp graph;
  IRMapping mapping;
  int64_t numKernels = 0;
  /// The handles of conditions that scalars set, and of the nodes they are for.
  DenseMap<Value, int64_t> setByScalars;
  DenseMap<Operation *, int64_t> handleOf;
  int64_t numHandles = 0;
};

} // namespace

Value RegionConversion::extendArena(OpBuilder &builder, Location loc,
                                    int64_t bytes) {
  // What CUDA aligns allocations to.
  constexpr int64_t kAlignment = 256;
  int64_t offset = llvm::alignTo(graph.getArenaBytes(), kAlignment);
  auto type = MemRefType::get({offset + bytes}, builder.getI8Type());
  Value arena = graph.getArena();
  if (arena)
    arena.setType(type);
  else
    arena = graph.getBodyRegion().front().addArgument(type, graph.getLoc());
  Value start = arith::ConstantIndexOp::create(builder, loc, offset);
  return memref::ViewOp::create(builder, loc,
                                MemRefType::get({bytes}, builder.getI8Type()),
                                arena, start, ValueRange());
}

void RegionConversion::addKernel(Location loc, KernelNode &kernel,
                                 ArrayRef<int64_t> sets, OpBuilder &builder,
                                 EdgeBuilder &edges) {
  SmallVector<Value> args = llvm::map_to_vector(
      kernel.operands, [&](Value value) { return mapping.lookup(value); });
  if (kernel.stateBytes > 0) {
    args.push_back(extendArena(builder, loc, kernel.stateBytes));
    kernel.accesses.push_back(cudagraph::Access::ReadWrite);
  }
  auto node =
      cudagraph::KernelOp::create(builder, loc, kernel.name, ValueRange(),
                                  kernel.phases, args, kernel.accesses);
  if (kernel.grid > 0) {
    node.setGrid(ArrayRef<int64_t>{kernel.grid, 1, 1});
    node.setBlock(ArrayRef<int64_t>{kernel.block, 1, 1});
    node.setCooperative(kernel.isCooperative);
    if (kernel.isCooperative)
      node->setAttr(cudagraph::KernelOp::kAnyGridAttribute,
                    builder.getUnitAttr());
  }
  if (!sets.empty())
    node.setSets(sets);
  edges.add(node, node.getAfterMutable());
}

LogicalResult RegionConversion::convertKernel(Operation &op, OpBuilder &builder,
                                              EdgeBuilder &edges) {
  std::vector<KernelNode> nodes;
  if (failed(emitter.emit(&op, nextName(), nodes)))
    return failure();
  for (KernelNode &kernel : nodes) {
    SmallVector<int64_t> sets = llvm::map_to_vector(
        kernel.sets, [&](Value value) { return setByScalars.lookup(value); });
    addKernel(op.getLoc(), kernel, sets, builder, edges);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Conditions
//===----------------------------------------------------------------------===//

/// A kernel that sets a handle from memory.
void RegionConversion::addSetter(Setting setting, Location loc,
                                 OpBuilder &builder, EdgeBuilder &edges) {
  KernelNode setter = emitter.emitSetter(setting.condition, loc, nextName());
  addKernel(loc, setter, setting.handle, builder, edges);
}

/// Pattern: tseq.if or tseq.while -> its node, with a handle on devices that
/// have them. What computes the condition sets the handle where that is sure;
/// else a kernel before the node does, and one at the end of a loop's body.
template <typename NodeOp, typename SourceOp>
LogicalResult RegionConversion::convertConditional(SourceOp op,
                                                   OpBuilder &builder,
                                                   EdgeBuilder &edges) {
  Value condition = op.getCondition();
  IntegerAttr handle;
  std::optional<Setting> setAtEnd;
  if (emitter.usesHandles()) {
    auto preset = handleOf.find(op);
    bool isPreset = preset != handleOf.end();
    Setting setting = {condition, isPreset ? preset->second : numHandles++};
    if (!isPreset) {
      addSetter(setting, op.getLoc(), builder, edges);
      if (std::is_same_v<SourceOp, tseq::WhileOp>)
        setAtEnd = setting;
    }
    handle = builder.getI64IntegerAttr(setting.handle);
  }
  auto node = NodeOp::create(builder, op.getLoc(),
                             cudagraph::NodeType::get(builder.getContext()),
                             ValueRange(), mapping.lookup(condition), handle);
  node->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  for (auto [from, to] : llvm::zip(op->getRegions(), node->getRegions())) {
    if (from.empty())
      continue;
    OpBuilder inner(builder.getContext());
    inner.createBlock(&to);
    if (failed(convertBlock(from.front(), inner, setAtEnd)))
      return failure();
  }
  edges.add(node, node.getAfterMutable());
  return success();
}

LogicalResult RegionConversion::convertOp(Operation &op, OpBuilder &builder,
                                          EdgeBuilder &edges) {
  Location loc = op.getLoc();
  if (isa<tseq::PackOp, tseq::YieldOp>(op))
    return success();
  if (isa<arith::ConstantOp>(op) || isa<ViewLikeOpInterface>(op)) {
    builder.clone(op, mapping);
    return success();
  }
  if (auto copy = dyn_cast<memref::CopyOp>(op)) {
    auto node = cudagraph::MemcpyOp::create(builder, loc, ValueRange(),
                                            mapping.lookup(copy.getSource()),
                                            mapping.lookup(copy.getTarget()));
    edges.add(node, node.getAfterMutable());
    return success();
  }
  if (auto branch = dyn_cast<tseq::IfOp>(op))
    return convertConditional<cudagraph::IfOp>(branch, builder, edges);
  if (auto loop = dyn_cast<tseq::WhileOp>(op))
    return convertConditional<cudagraph::WhileOp>(loop, builder, edges);
  if (isa<tseq::MapOp, tseq::ReduceOp, tseq::ScalarOp, tseq::KernelOp,
          linalg::LinalgOp>(op))
    return convertKernel(op, builder, edges);
  return op.emitOpError("can not be a node of a graph");
}

LogicalResult RegionConversion::convertBlock(Block &from, OpBuilder &builder,
                                             std::optional<Setting> setAtEnd) {
  DenseSet<Value> set;
  if (emitter.usesHandles())
    for (tseq::IfOp branch : findBranchesSetByScalars(from)) {
      Value condition = branch.getCondition();
      setByScalars[condition] = handleOf[branch] = numHandles++;
      set.insert(condition);
    }
  EdgeBuilder edges;
  for (Operation &op : from) {
    // Bodies have sets of their own.
    emitter.setConditions(set);
    if (failed(convertOp(op, builder, edges)))
      return failure();
  }
  if (setAtEnd)
    addSetter(*setAtEnd, from.getParentOp()->getLoc(), builder, edges);
  cudagraph::reduceEdges(*builder.getInsertionBlock());
  return success();
}

/// Attributes of a region that stay with its graph.
static constexpr llvm::StringLiteral kBranchesAttribute = "branches";
static constexpr llvm::StringLiteral kRequestPrefix = "graphopt.";

/// Pattern: tseq.graph -> cudagraph.graph; instantiate; launch
LogicalResult RegionConversion::run() {
  Location loc = region.getLoc();
  Block *body = region.getBodyBlock();
  auto arenaNumber = region->getAttrOfType<IntegerAttr>("arena");
  SmallVector<Value> buffers, parameters, bufferArguments, parameterArguments;
  Value arenaArgument, arena;
  for (auto [i, operand] : llvm::enumerate(region.getInputs())) {
    Value argument = body->getArgument(i);
    if (arenaNumber && arenaNumber.getInt() == static_cast<int64_t>(i)) {
      arenaArgument = argument;
      arena = operand;
    } else if (isa<MemRefType>(operand.getType())) {
      buffers.push_back(operand);
      bufferArguments.push_back(argument);
    } else {
      parameters.push_back(operand);
      parameterArguments.push_back(argument);
    }
  }
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  graph = cudagraph::GraphOp::create(
      builder, loc, region.getSym(), ValueRange(bufferArguments).getTypes(),
      ValueRange(parameterArguments).getTypes(),
      arena ? cast<MemRefType>(arena.getType()) : MemRefType());
  // Fusion took what `restrict` and values of tensors promise for granted.
  graph->setAttr(cudagraph::GraphOp::kDisjointAttribute, builder.getUnitAttr());
  // What was chosen for branches, and what the program asks for.
  for (NamedAttribute attribute : region->getDiscardableAttrs()) {
    StringRef name = attribute.getName();
    if (name == kBranchesAttribute || name.starts_with(kRequestPrefix))
      graph->setDiscardableAttr(name, attribute.getValue());
  }
  symbols.insert(graph);
  mapping.map(ValueRange(bufferArguments), graph.getBuffers());
  mapping.map(ValueRange(parameterArguments), graph.getParameters());
  if (arena)
    mapping.map(arenaArgument, graph.getArena());
  builder.setInsertionPointToStart(&graph.getBodyRegion().front());
  if (failed(convertBlock(*body, builder)))
    return failure();

  builder.setInsertionPoint(region);
  auto exec = cudagraph::InstantiateOp::create(
      builder, loc, cudagraph::ExecType::get(builder.getContext()),
      FlatSymbolRefAttr::get(graph));
  cudagraph::LaunchOp::create(builder, loc, exec, buffers, parameters);
  region.erase();
  // The executable owns its arena.
  if (arena && arena.use_empty())
    arena.getDefiningOp()->erase();
  return success();
}

//===----------------------------------------------------------------------===//
// All regions
//===----------------------------------------------------------------------===//

/// Whether `value` is there before `op`, which is in the same region or in one
/// within.
static bool isMadeBefore(Value value, Operation *op) {
  Operation *def = value.getDefiningOp();
  return !def || def->getBlock() != op->getBlock() || def->isBeforeInBlock(op);
}

/// Whether nothing happens on the device from `first` to `last`, which follows
/// in the same block.
static bool isIdleBetween(Operation *first, Operation *last) {
  for (Operation *op = first; op != last; op = op->getNextNode())
    if (!isa<tseq::ItemOp>(op) && !isMemoryEffectFree(op))
      return false;
  return true;
}

/// Pattern: item %a; item %b -> readback %a, %b, which waits once
static void convertItems(ArrayRef<tseq::ItemOp> items) {
  for (size_t begin = 0, end; begin < items.size(); begin = end) {
    tseq::ItemOp first = items[begin];
    SmallVector<Value> sources = {first.getTensor()};
    for (end = begin + 1; end < items.size(); ++end) {
      tseq::ItemOp item = items[end];
      if (item->getBlock() != first->getBlock() ||
          !isMadeBefore(item.getTensor(), first) ||
          !isIdleBetween(items[end - 1], item))
        break;
      sources.push_back(item.getTensor());
    }
    OpBuilder builder(first);
    auto readback =
        cudagraph::ReadbackOp::create(builder, first.getLoc(), sources);
    for (size_t i = begin; i < end; ++i) {
      tseq::ItemOp item = items[i];
      item.getValue().replaceAllUsesWith(readback.getValues()[i - begin]);
      item->erase();
    }
  }
}

LogicalResult graphopt::convertRegions(ModuleOp module, SymbolTable &symbols,
                                       KernelEmitter &emitter) {
  SmallVector<tseq::GraphOp> regions;
  SmallVector<tseq::ItemOp> items;
  module.walk([&](Operation *op) {
    if (auto region = dyn_cast<tseq::GraphOp>(op))
      regions.push_back(region);
    if (auto item = dyn_cast<tseq::ItemOp>(op))
      items.push_back(item);
  });
  for (tseq::GraphOp region : regions) {
    if (llvm::any_of(region.getInputs().getTypes(), llvm::IsaPred<TensorType>))
      return region.emitOpError("must be bufferized before it becomes a graph");
    if (failed(RegionConversion(module, symbols, emitter, region).run()))
      return failure();
  }
  for (tseq::ItemOp item : items)
    if (!isa<MemRefType>(item.getTensor().getType()))
      return item.emitOpError(
          "must be bufferized before it becomes a readback");
  convertItems(items);
  return success();
}
