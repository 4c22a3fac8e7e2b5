//===- CudaGraphHostOps.cpp - Uses of graphs by name ----------------------===//
//
// Implements the verifiers of the ops that name a graph: child, instantiate,
// launch and update; and those of the ops that read scalars back.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::cudagraph;

/// Finds the graph `name` means at `op`, or says that there is none.
static FailureOr<GraphOp> lookupGraph(Operation *op, FlatSymbolRefAttr name,
                                      SymbolTableCollection &symbols) {
  auto graph = symbols.lookupNearestSymbolFrom<GraphOp>(op, name);
  if (!graph)
    return op->emitOpError() << name << " does not name a cudagraph.graph";
  // Its own verifier reports this; here it must only not be relied upon.
  if (graph.getBodyRegion().empty() ||
      graph.getNumBuffers() + graph.getNumParameters() >
          graph.getBody()->getNumArguments())
    return failure();
  return graph;
}

/// Whether an address of `passed` can stand for the buffer `declared`: shape,
/// element type and strides agree; the offset is part of the address.
static bool fitsBuffer(MemRefType passed, MemRefType declared) {
  if (passed.getShape() != declared.getShape() ||
      passed.getElementType() != declared.getElementType() ||
      passed.getMemorySpace() != declared.getMemorySpace())
    return false;
  if (passed == declared)
    return true;
  SmallVector<int64_t> passedStrides, declaredStrides;
  int64_t offset = 0;
  if (failed(getLayout(passed, passedStrides, offset)) ||
      failed(getLayout(declared, declaredStrides, offset)))
    return false;
  if (llvm::is_contained(passed.getShape(), 0))
    return true;
  for (auto [size, a, b] :
       llvm::zip_equal(passed.getShape(), passedStrides, declaredStrides))
    if (size != 1 && a != b)
      return false;
  return true;
}

/// Checks `operands` against the buffers of `graph`.
static LogicalResult verifyBuffers(Operation *op, OperandRange operands,
                                   GraphOp graph) {
  if (operands.size() != graph.getNumBuffers())
    return op->emitOpError("passes ")
           << operands.size() << " buffers, but graph @" << graph.getSymName()
           << " has " << graph.getNumBuffers();
  for (auto [index, operand, buffer] :
       llvm::enumerate(operands, graph.getBuffers()))
    if (!fitsBuffer(cast<MemRefType>(operand.getType()),
                    cast<MemRefType>(buffer.getType())))
      return op->emitOpError("buffer #")
             << index << " is " << operand.getType() << ", but graph @"
             << graph.getSymName() << " takes " << buffer.getType();

  // The hazard proof of the graph takes different buffers to be disjoint.
  llvm::SmallDenseMap<Value, size_t> seen;
  SmallVector<int32_t> uses;
  for (auto [index, operand] : llvm::enumerate(operands)) {
    auto [first, isNew] = seen.try_emplace(operand, index);
    if (isNew || !*getSpanBytes(cast<MemRefType>(operand.getType())))
      continue;
    if (uses.empty())
      uses = graph.getBufferUses();
    if ((uses[index] | uses[first->second]) &
        static_cast<int32_t>(Access::Write))
      return op->emitOpError("passes one memref as buffers #")
             << first->second << " and #" << index << " of graph @"
             << graph.getSymName() << ", which writes it";
  }
  return success();
}

//===----------------------------------------------------------------------===//
// ChildOp
//===----------------------------------------------------------------------===//

/// Whether `from` reaches `target` through children.
static bool contains(GraphOp from, GraphOp target,
                     SymbolTableCollection &symbols) {
  SetVector<Operation *> graphs;
  graphs.insert(from);
  for (size_t i = 0; i < graphs.size(); ++i) {
    if (graphs[i] == target)
      return true;
    graphs[i]->walk([&](ChildOp child) {
      if (auto graph = symbols.lookupNearestSymbolFrom<GraphOp>(
              child, child.getGraphAttr()))
        graphs.insert(graph);
    });
  }
  return false;
}

LogicalResult ChildOp::verifySymbolUses(SymbolTableCollection &symbols) {
  FailureOr<GraphOp> graph = lookupGraph(*this, getGraphAttr(), symbols);
  if (failed(graph))
    return failure();
  if (graph->getNumParameters() || graph->getArena())
    return emitOpError("graph @")
           << getGraph()
           << " can not be a child: it has parameters or an arena of its own";
  if (graph->hasConditionals())
    return emitOpError("graph @") << getGraph()
                                  << " can not be a child: it holds "
                                     "conditional nodes";
  if (contains(*graph, (*this)->getParentOfType<GraphOp>(), symbols))
    return emitOpError("graph @") << getGraph() << " contains itself";
  if (failed(verifyBuffers(*this, getArgs(), *graph)))
    return failure();
  for (auto [index, use] : llvm::enumerate(graph->getBufferUses()))
    if (use & ~getAccesses()[index])
      return emitOpError("graph @")
             << getGraph() << " uses buffer #" << index << " as `"
             << stringifyAccess(static_cast<Access>(use))
             << "`, but the node says `"
             << stringifyAccess(static_cast<Access>(getAccesses()[index]))
             << "`";
  return success();
}

//===----------------------------------------------------------------------===//
// InstantiateOp, MailboxOp, LaunchOp, UpdateOp
//===----------------------------------------------------------------------===//

LogicalResult InstantiateOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return lookupGraph(*this, getGraphAttr(), symbols);
}

/// The graph that `exec` was made from.
static FailureOr<GraphOp> lookupExec(Operation *op, Value exec,
                                     SymbolTableCollection &symbols) {
  auto instantiate = exec.getDefiningOp<InstantiateOp>();
  if (!instantiate)
    return op->emitOpError(
        "needs an executable that a cudagraph.instantiate of the same "
        "function made");
  return lookupGraph(instantiate, instantiate.getGraphAttr(), symbols);
}

LogicalResult MailboxOp::verifySymbolUses(SymbolTableCollection &symbols) {
  FailureOr<GraphOp> graph = lookupExec(*this, getExec(), symbols);
  if (failed(graph))
    return failure();
  if (int64_t(getBuffer()) >= int64_t(graph->getNumBuffers()))
    return emitOpError("graph @")
           << graph->getSymName() << " has no buffer #" << getBuffer();
  MemRefType type = getMemory().getType();
  if (type.getNumElements() != 1 ||
      getElementBytes(type.getElementType()).value_or(INT64_MAX) > 8)
    return emitOpError("is for one scalar of at most 8 bytes, not ") << type;
  return success();
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  FailureOr<GraphOp> graph = lookupExec(*this, getExec(), symbols);
  if (failed(graph) || failed(verifyBuffers(*this, getBuffers(), *graph)))
    return failure();
  if (getParameters().size() != graph->getNumParameters())
    return emitOpError("passes ")
           << getParameters().size() << " parameters, but graph @"
           << graph->getSymName() << " has " << graph->getNumParameters();
  for (auto [index, value, parameter] :
       llvm::enumerate(getParameters(), graph->getParameters())) {
    Type type = cast<MemRefType>(parameter.getType()).getElementType();
    if (value.getType() != type)
      return emitOpError("parameter #")
             << index << " is " << value.getType() << ", but graph @"
             << graph->getSymName() << " takes " << type;
  }
  return success();
}

LogicalResult UpdateOp::verifySymbolUses(SymbolTableCollection &symbols) {
  FailureOr<GraphOp> graph = lookupExec(*this, getExec(), symbols);
  if (failed(graph))
    return failure();
  return verifyBuffers(*this, getBuffers(), *graph);
}

//===----------------------------------------------------------------------===//
// ReadbackOp, FetchOp, AwaitOp, DeliverOp
//===----------------------------------------------------------------------===//

/// The types of the elements of `sources`.
static SmallVector<Type> getElementTypes(ValueRange sources) {
  return llvm::map_to_vector(sources, [](Value source) {
    return cast<MemRefType>(source.getType()).getElementType();
  });
}

/// Checks that each of `sources` holds one scalar of the type in `values`.
static LogicalResult verifySources(Operation *op, OperandRange sources,
                                   TypeRange values) {
  if (sources.empty())
    return op->emitOpError("needs at least one source");
  if (sources.size() != values.size())
    return op->emitOpError("has ")
           << sources.size() << " sources but " << values.size() << " results";
  for (auto [source, value] : llvm::zip_equal(sources, values)) {
    auto type = cast<MemRefType>(source.getType());
    if (type.getNumElements() != 1)
      return op->emitOpError("reads back one element, but a source is ")
             << type;
    if (type.getElementType() != value)
      return op->emitOpError("reads ") << value << " from " << type;
  }
  return success();
}

void ReadbackOp::build(OpBuilder &builder, OperationState &state,
                       ValueRange sources) {
  build(builder, state, getElementTypes(sources), sources);
}

LogicalResult ReadbackOp::verify() {
  return verifySources(*this, getSources(), getValues().getTypes());
}

LogicalResult
PendingType::verify(llvm::function_ref<InFlightDiagnostic()> emitError,
                    ArrayRef<Type> values) {
  for (Type type : values)
    if (!type.isSignlessIntOrIndexOrFloat())
      return emitError() << "a value of type " << type
                         << " can not be on its way: it is no integer, index "
                            "or float";
  return success();
}

void FetchOp::build(OpBuilder &builder, OperationState &state,
                    ValueRange sources) {
  build(builder, state,
        PendingType::get(builder.getContext(), getElementTypes(sources)),
        sources);
}

LogicalResult FetchOp::verify() {
  if (failed(verifySources(*this, getSources(),
                           getPending().getType().getValues())))
    return failure();
  if (!getPending().hasOneUse() ||
      !isa<AwaitOp>(*getPending().getUsers().begin()) ||
      (*getPending().getUsers().begin())->getBlock() != (*this)->getBlock())
    return emitOpError("must be awaited exactly once, in the same block");
  return success();
}

AwaitOp FetchOp::getAwait() {
  return cast<AwaitOp>(*getPending().getUsers().begin());
}

LogicalResult AwaitOp::verify() {
  if (!getPending().getDefiningOp<FetchOp>())
    return emitOpError("needs what a cudagraph.fetch of its block made");
  return success();
}

LogicalResult DeliverOp::verify() {
  return verifySources(*this, getSources(), getElementTypes(getDestinations()));
}
