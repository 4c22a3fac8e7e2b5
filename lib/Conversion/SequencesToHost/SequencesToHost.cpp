//===- SequencesToHost.cpp - Regions become graphs of host kernels --------===//
//
// Turns each bufferized tseq.graph into a cudagraph.graph whose kernels are
// functions of this module, and its place in the program into a launch.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Conversion/Passes.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"
#include "HostKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

namespace graphopt {
#define GEN_PASS_DEF_CONVERTSEQUENCESTOHOST
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

namespace {

//===----------------------------------------------------------------------===//
// Edges
//===----------------------------------------------------------------------===//

/// Edges between the nodes of one block, from what they read and write. A
/// buffer counts as a whole here; the verifier of the graph looks closer.
class EdgeBuilder {
public:
  /// Gives `node` its `after` operands and records what it does.
  void add(cudagraph::NodeOpInterface node, MutableOperandRange after) {
    SmallVector<cudagraph::BufferAccess> accesses;
    node.collectAccesses(accesses);
    llvm::SetVector<Value> before;
    // Per buffer, so that a node does not wait for itself.
    llvm::MapVector<Value, std::pair<bool, bool>> used;
    for (const cudagraph::BufferAccess &access : accesses) {
      auto &[reads, writes] = used[getRoot(access.memref)];
      reads |= access.reads();
      writes |= access.writes();
    }
    Value result = node->getResult(0);
    for (auto &[root, use] : used) {
      State &state = states[root];
      if (state.writer && (!use.second || state.readers.empty()))
        before.insert(state.writer);
      if (use.second) {
        before.insert(state.readers.begin(), state.readers.end());
        state = {result, {}};
      } else {
        state.readers.push_back(result);
      }
    }
    after.assign(before.takeVector());
  }

private:
  struct State {
    Value writer;
    SmallVector<Value> readers;
  };

  static Value getRoot(Value memref) {
    while (Operation *op = memref.getDefiningOp())
      memref = op->getOperand(0);
    return memref;
  }

  llvm::MapVector<Value, State> states;
};

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

struct ConvertSequencesToHost
    : public graphopt::impl::ConvertSequencesToHostBase<
          ConvertSequencesToHost> {
  void runOnOperation() override;

private:
  struct Conversion;
};

/// The conversion of one region.
struct ConvertSequencesToHost::Conversion {
  ModuleOp module;
  SymbolTable &symbols;
  ConstantTables &tables;
  tseq::GraphOp region;
  IRMapping mapping;
  int64_t numKernels = 0;

  LogicalResult convert();
  LogicalResult convertBlock(Block &from, OpBuilder &builder);
  LogicalResult convertOp(Operation &op, OpBuilder &builder,
                          EdgeBuilder &edges);
  void emitKernel(Location loc, HostKernel &kernel, OpBuilder &builder,
                  EdgeBuilder &edges);
};

} // namespace

void ConvertSequencesToHost::Conversion::emitKernel(Location loc,
                                                    HostKernel &kernel,
                                                    OpBuilder &builder,
                                                    EdgeBuilder &edges) {
  SmallVector<Value> args = llvm::map_to_vector(
      kernel.operands, [&](Value value) { return mapping.lookup(value); });
  auto node =
      cudagraph::KernelOp::create(builder, loc, kernel.name, ValueRange(),
                                  kernel.phases, args, kernel.accesses);
  edges.add(node, node.getAfterMutable());
}

LogicalResult
ConvertSequencesToHost::Conversion::convertOp(Operation &op, OpBuilder &builder,
                                              EdgeBuilder &edges) {
  Location loc = op.getLoc();
  auto newKernel = [&]() {
    return HostKernel(module, symbols, tables,
                      (region.getSym() + ".k" + Twine(numKernels++)).str());
  };
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
  if (auto branch = dyn_cast<tseq::IfOp>(op)) {
    auto node = cudagraph::IfOp::create(builder, loc, ValueRange(),
                                        mapping.lookup(branch.getCondition()));
    for (auto [from, to] :
         llvm::zip(branch->getRegions(), node->getRegions())) {
      if (from.empty())
        continue;
      OpBuilder inner(builder.getContext());
      inner.createBlock(&to);
      if (failed(convertBlock(from.front(), inner)))
        return failure();
    }
    edges.add(node, node.getAfterMutable());
    return success();
  }
  if (auto loop = dyn_cast<tseq::WhileOp>(op)) {
    auto node = cudagraph::WhileOp::create(builder, loc, ValueRange(),
                                           mapping.lookup(loop.getCondition()));
    OpBuilder inner(builder.getContext());
    inner.createBlock(&node.getBodyRegion());
    if (failed(convertBlock(loop.getBody().front(), inner)))
      return failure();
    edges.add(node, node.getAfterMutable());
    return success();
  }

  HostKernel kernel = newKernel();
  auto addPhases = [&](Operation &phase) {
    if (auto map = dyn_cast<tseq::MapOp>(phase))
      kernel.addPhases(map);
    else if (auto reduce = dyn_cast<tseq::ReduceOp>(phase))
      kernel.addPhases(reduce);
    else if (auto scalar = dyn_cast<tseq::ScalarOp>(phase))
      kernel.addPhases(scalar);
  };
  if (auto group = dyn_cast<tseq::KernelOp>(op)) {
    for (Operation &phase : group.getBody().front())
      addPhases(phase);
  } else if (isa<tseq::MapOp, tseq::ReduceOp, tseq::ScalarOp>(op)) {
    addPhases(op);
  } else if (isa<linalg::LinalgOp>(op)) {
    kernel.addPhase(&op);
  } else {
    return op.emitOpError("can not be a node of a graph");
  }
  emitKernel(loc, kernel, builder, edges);
  return success();
}

LogicalResult
ConvertSequencesToHost::Conversion::convertBlock(Block &from,
                                                 OpBuilder &builder) {
  EdgeBuilder edges;
  for (Operation &op : from)
    if (failed(convertOp(op, builder, edges)))
      return failure();
  return success();
}

/// Pattern: tseq.graph -> cudagraph.graph; instantiate; launch
LogicalResult ConvertSequencesToHost::Conversion::convert() {
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
  auto graph = cudagraph::GraphOp::create(
      builder, loc, region.getSym(), ValueRange(bufferArguments).getTypes(),
      ValueRange(parameterArguments).getTypes(),
      arena ? cast<MemRefType>(arena.getType()) : MemRefType());
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

void ConvertSequencesToHost::runOnOperation() {
  ModuleOp module = getOperation();
  SymbolTable symbols(module);
  ConstantTables tables(module, symbols);
  SmallVector<tseq::GraphOp> regions;
  SmallVector<tseq::ItemOp> items;
  module.walk([&](Operation *op) {
    if (auto region = dyn_cast<tseq::GraphOp>(op))
      regions.push_back(region);
    if (auto item = dyn_cast<tseq::ItemOp>(op))
      items.push_back(item);
  });
  for (tseq::GraphOp region : regions) {
    if (!llvm::all_of(region.getInputs().getTypes(),
                      [](Type type) { return !isa<TensorType>(type); })) {
      region.emitOpError("must be bufferized before it becomes a graph");
      return signalPassFailure();
    }
    Conversion conversion{module, symbols, tables, region, {}, 0};
    if (failed(conversion.convert()))
      return signalPassFailure();
  }
  for (tseq::ItemOp item : items) {
    if (!isa<MemRefType>(item.getTensor().getType())) {
      item.emitOpError("must be bufferized before it becomes a readback");
      return signalPassFailure();
    }
    OpBuilder builder(item);
    auto readback =
        cudagraph::ReadbackOp::create(builder, item.getLoc(), item.getTensor());
    item.replaceAllUsesWith(readback->getResult(0));
    item.erase();
  }
}
