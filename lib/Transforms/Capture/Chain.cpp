//===- Chain.cpp - Launches that become one graph -------------------------===//
//
// Implements the graph of a chain: its buffers and parameters, one node for
// each launch, copy and fill, and the edges between them.
//
//===----------------------------------------------------------------------===//

#include "Chain.h"

#include "Footprints.h"
#include "GraphOpt/Analysis/KernelEffects.h"
#include "GraphOpt/Analysis/Launches.h"
#include "GraphOpt/Analysis/Requests.h"
#include "GraphOpt/CudaGraph/CudaGraphAccesses.h"
#include "GraphOpt/CudaGraph/CudaGraphPaths.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace graphopt;
using cudagraph::Access;

int64_t Chain::countNodes() const {
  return llvm::count_if(members,
                        [](Operation *op) { return !isa<gpu::WaitOp>(op); });
}

StringRef Chain::getRequest() const {
  for (Operation *op : members)
    if (StringRef request = getLaunchRequest(op); !request.empty())
      return request;
  return "";
}

//===----------------------------------------------------------------------===//
// Buffers and parameters
//===----------------------------------------------------------------------===//

namespace {
/// What a chain takes from the host.
struct ChainOperands {
  llvm::SetVector<Value> buffers; ///< Static memrefs that are no views.
  llvm::SetVector<Value> scalars;

  explicit ChainOperands(const Chain &chain);
};
} // namespace

/// Blocks that do the work of a grid whose extents only the host knows: enough
/// to fill any GPU, few enough that those with nothing to do cost little.
static constexpr int64_t kBlocksOfDynamicGrid = 1024;

/// The extents of the grid of `launch`, if they are operands of its node.
static SmallVector<Value> getGridOperands(gpu::LaunchFuncOp launch) {
  if (getLaunchShape(launch)->hasStaticGrid())
    return {};
  gpu::KernelDim3 grid = launch.getGridSizeOperandValues();
  return {grid.x, grid.y, grid.z};
}

/// The memrefs and scalars that `op` works with.
static SmallVector<Value> getWorkOperands(Operation *op) {
  if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op)) {
    SmallVector<Value> operands(launch.getKernelOperands());
    llvm::append_range(operands, getGridOperands(launch));
    return operands;
  }
  if (auto copy = dyn_cast<gpu::MemcpyOp>(op))
    return {copy.getSrc(), copy.getDst()};
  if (auto fill = dyn_cast<gpu::MemsetOp>(op))
    return {fill.getDst()};
  return {};
}

ChainOperands::ChainOperands(const Chain &chain) {
  for (Operation *op : chain.members)
    for (Value operand : getWorkOperands(op)) {
      if (isa<BaseMemRefType>(operand.getType()))
        buffers.insert(getStaticBase(getStaticMemRef(operand)));
      else
        scalars.insert(operand);
    }
}

/// The type of the buffer that `memref` is passed as: an offset that only the
/// host knows is part of the address.
static MemRefType getBufferType(Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  auto [strides, offset] = type.getStridesAndOffset();
  if (ShapedType::isStatic(offset))
    return type;
  return MemRefType::get(
      type.getShape(), type.getElementType(),
      StridedLayoutAttr::get(type.getContext(), /*offset=*/0, strides));
}

//===----------------------------------------------------------------------===//
// Edges
//===----------------------------------------------------------------------===//

namespace {
/// The edges of a chain's nodes, which are added in the program's order.
class ChainEdges {
public:
  /// `buffers` are the host's memrefs for the arguments of `graph`.
  ChainEdges(cudagraph::GraphOp graph, ArrayRef<Value> buffers);

  /// What a node must come after: `tokens`, the nodes that it names; nodes that
  /// touch the same memory; if `isBarrier`, all.
  void add(cudagraph::NodeOpInterface node, ArrayRef<Value> tokens,
           bool isBarrier);

private:
  /// Buffers that may share memory count as one byte of one of them.
  cudagraph::ByteRange getRange(Value memref);

  cudagraph::RangeResolver ranges;
  cudagraph::AccessHistory history;
  DenseMap<Value, BlockArgument> leaders;
  SmallVector<Value> nodes;
  /// Nodes that no other comes after yet, and the last that all come after.
  llvm::SetVector<Value> ends;
  Value barrier;
};
} // namespace

ChainEdges::ChainEdges(cudagraph::GraphOp graph, ArrayRef<Value> buffers) {
  // Null stands for all memory that may be anybody's.
  llvm::MapVector<Value, SmallVector<BlockArgument>> groups;
  bool areIdentified = llvm::all_of(buffers, [](Value memref) {
    return isIdentifiedRoot(getBufferRange(memref).root);
  });
  for (auto [memref, argument] : llvm::zip_equal(buffers, graph.getBuffers())) {
    Value root = getBufferRange(memref).root;
    bool isDistinct = areIdentified && isDistinctRoot(root);
    groups[isDistinct ? root : Value()].push_back(argument);
  }
  for (auto &[root, arguments] : groups)
    if (arguments.size() > 1)
      for (BlockArgument argument : arguments)
        leaders[argument] = arguments.front();
}

cudagraph::ByteRange ChainEdges::getRange(Value memref) {
  cudagraph::ByteRange range = *ranges.resolve(memref);
  if (BlockArgument leader = leaders.lookup(range.root))
    return {leader, 0, range.size() ? 1 : 0};
  return range;
}

void ChainEdges::add(cudagraph::NodeOpInterface node, ArrayRef<Value> tokens,
                     bool isBarrier) {
  llvm::SetVector<Value> after(tokens.begin(), tokens.end());
  unsigned number = nodes.size();
  nodes.push_back(node.getNode());
  SmallVector<cudagraph::BufferAccess> accesses;
  node.collectAccesses(accesses);
  for (const cudagraph::BufferAccess &access : accesses)
    history.recordEdges(number, getRange(access.memref), access.writes(), nodes,
                        after);
  if (barrier)
    after.insert(barrier);
  if (isBarrier) {
    after.insert(ends.begin(), ends.end());
    barrier = node.getNode();
  }
  for (Value value : after)
    ends.remove(value);
  ends.insert(node.getNode());
  node.getAfterMutable().assign(after.takeVector());
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

namespace {
/// Makes the nodes of one chain.
class ChainBuilder {
public:
  ChainBuilder(cudagraph::GraphOp graph, const ChainOperands &operands)
      : builder(OpBuilder::atBlockEnd(graph.getBody())),
        edges(graph, operands.buffers.getArrayRef()) {
    for (auto [memref, argument] :
         llvm::zip_equal(operands.buffers, graph.getBuffers()))
      mapping.map(memref, argument);
    for (auto [scalar, argument] :
         llvm::zip_equal(operands.scalars, graph.getParameters()))
      mapping.map(scalar, argument);
  }

  void add(Operation *op);

private:
  cudagraph::NodeOpInterface create(Operation *op);
  cudagraph::KernelOp create(gpu::LaunchFuncOp launch);
  /// The memref of the graph that `memref` of the host stands for.
  Value getInside(Value memref);

  OpBuilder builder;
  ChainEdges edges;
  IRMapping mapping;
  /// The nodes that an async token waits for.
  DenseMap<Value, SmallVector<Value>> nodesOf;
};
} // namespace

Value ChainBuilder::getInside(Value memref) {
  Value origin = getStaticMemRef(memref);
  SmallVector<Operation *> views;
  for (Value value = origin; !mapping.contains(value);
       value = value.getDefiningOp()->getOperand(0))
    views.push_back(value.getDefiningOp());
  for (Operation *view : llvm::reverse(views))
    builder.clone(*view, mapping);
  return mapping.lookup(origin);
}

cudagraph::KernelOp ChainBuilder::create(gpu::LaunchFuncOp launch) {
  SmallVector<Value> args;
  SmallVector<Access> accesses;
  KernelEffects effects = getKernelEffects(launch);
  for (auto [operand, use] :
       llvm::zip_equal(launch.getKernelOperands(), effects.arguments)) {
    bool isMemory = isa<BaseMemRefType>(operand.getType());
    args.push_back(isMemory ? getInside(operand) : mapping.lookup(operand));
    accesses.push_back(!use.writes  ? Access::Read
                       : !use.reads ? Access::Write
                                    : Access::ReadWrite);
  }
  auto phase = cudagraph::PhaseAttr::get(builder.getContext(),
                                         launch.getKernelAttr(), /*items=*/1);
  SmallVector<Value> grid = getGridOperands(launch);
  for (Value extent : grid) {
    args.push_back(mapping.lookup(extent));
    accesses.push_back(Access::Read);
  }
  auto node = cudagraph::KernelOp::create(builder, launch.getLoc(),
                                          launch.getKernelName().getValue(),
                                          ValueRange(), phase, args, accesses);
  LaunchShape shape = *getLaunchShape(launch);
  if (!grid.empty()) {
    shape.grid = {kBlocksOfDynamicGrid, 1, 1};
    node->setAttr(kGridInOperandsAttr, builder.getUnitAttr());
  }
  node.setGrid(ArrayRef<int64_t>(shape.grid));
  node.setBlock(ArrayRef<int64_t>(shape.block));
  if (shape.sharedBytes)
    node.setSharedBytes(shape.sharedBytes);
  return node;
}

cudagraph::NodeOpInterface ChainBuilder::create(Operation *op) {
  Location loc = op->getLoc();
  auto type = cudagraph::NodeType::get(builder.getContext());
  if (auto launch = dyn_cast<gpu::LaunchFuncOp>(op))
    return create(launch);
  if (auto copy = dyn_cast<gpu::MemcpyOp>(op))
    return cudagraph::MemcpyOp::create(builder, loc, type, ValueRange(),
                                       getInside(copy.getSrc()),
                                       getInside(copy.getDst()));
  auto fill = cast<gpu::MemsetOp>(op);
  return cudagraph::MemsetOp::create(builder, loc, type, ValueRange(),
                                     getInside(fill.getDst()),
                                     getFillPattern(fill));
}

void ChainBuilder::add(Operation *op) {
  auto async = cast<gpu::AsyncOpInterface>(op);
  llvm::SetVector<Value> before;
  for (Value token : async.getAsyncDependencies())
    for (Value node : nodesOf.lookup(token))
      before.insert(node);
  if (!isa<gpu::WaitOp>(op)) {
    auto launch = dyn_cast<gpu::LaunchFuncOp>(op);
    bool isBarrier = launch && getKernelEffects(launch).touchesOtherMemory;
    cudagraph::NodeOpInterface node = create(op);
    edges.add(node, before.getArrayRef(), isBarrier);
    before.clear();
    before.insert(node.getNode());
  }
  if (Value token = async.getAsyncToken())
    nodesOf[token] = before.takeVector();
}

//===----------------------------------------------------------------------===//
// The graph
//===----------------------------------------------------------------------===//

cudagraph::LaunchOp graphopt::buildGraph(const Chain &chain, StringRef name,
                                         OpBuilder &builder, ModuleOp module,
                                         SymbolTable &symbols) {
  Location loc = chain.members.front()->getLoc();
  ChainOperands operands(chain);
  SmallVector<Type> buffers, parameters;
  for (Value memref : operands.buffers)
    buffers.push_back(getBufferType(memref));
  for (Value scalar : operands.scalars)
    parameters.push_back(MemRefType::get({}, scalar.getType()));
  OpBuilder globals = OpBuilder::atBlockEnd(module.getBody());
  auto graph =
      cudagraph::GraphOp::create(globals, loc, name, buffers, parameters);
  symbols.insert(graph);
  if (StringRef request = chain.getRequest(); !request.empty())
    graph->setAttr(kLaunchAttribute, globals.getStringAttr(request));
  ChainBuilder nodes(graph, operands);
  for (Operation *op : chain.members)
    nodes.add(op);
  cudagraph::reduceEdges(*graph.getBody());
  auto exec = cudagraph::InstantiateOp::create(
      builder, loc, cudagraph::ExecType::get(builder.getContext()),
      FlatSymbolRefAttr::get(graph));
  return cudagraph::LaunchOp::create(
      builder, loc, exec, operands.buffers.getArrayRef(),
      operands.scalars.getArrayRef(), chain.stream);
}
