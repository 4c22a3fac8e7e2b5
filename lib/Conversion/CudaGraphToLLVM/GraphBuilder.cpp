//===- GraphBuilder.cpp - Builder functions of graphs ---------------------===//
//
// Implements the lowering of cudagraph.graph: a function that adds the nodes,
// tables of references and names, and the GoGraphInfo. Kernel nodes are in
// KernelNodes.cpp.
//
//===----------------------------------------------------------------------===//

#include "GraphBuilder.h"
#include "GraphEmitter.h"

#include "GraphOpt/Runtime/GraphRuntime.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace mlir::cudagraph;
using namespace graphopt;

static_assert(int(Access::Read) == GO_ACCESS_READ &&
              int(Access::Write) == GO_ACCESS_WRITE &&
              int(Access::ReadWrite) == GO_ACCESS_READ_WRITE);

std::string graphopt::graphInfoName(StringRef graph) {
  return (graph + ".info").str();
}

int64_t graphopt::computeFingerprint(GraphOp graph,
                                     SymbolTableCollection &symbols) {
  Operation *table = SymbolTable::getNearestSymbolTable(graph);
  SetVector<Operation *> reached;
  reached.insert(graph);
  std::string text;
  llvm::raw_string_ostream stream(text);
  for (size_t i = 0; i < reached.size(); ++i) {
    Operation *op = reached[i];
    // Only what is isolated can be printed without a look at all that is
    // around, and that without a proof that it is valid.
    if (op->hasTrait<OpTrait::IsIsolatedFromAbove>())
      op->print(stream, OpPrintingFlags()
                            .useLocalScope()
                            .enableDebugInfo(false)
                            .assumeVerified());
    else
      stream << op->getName() << op->getAttrDictionary();
    stream << '\n';
    op->walk([&](Operation *nested) {
      nested->getAttrDictionary().walk([&](SymbolRefAttr use) {
        // Kernels name the tables that stand beside them in their module.
        Operation *target = symbols.lookupNearestSymbolFrom(nested, use);
        if (!target)
          target = symbols.lookupSymbolIn(table, use);
        if (target)
          reached.insert(target);
        return WalkResult::skip();
      });
    });
  }
  return static_cast<int64_t>(llvm::xxh3_64bits(text));
}

std::string GraphEmitter::freshName(StringRef kind) {
  return (graph.getSymName() + "." + kind + "." + Twine(numNames++)).str();
}

LLVM::GlobalOp GraphEmitter::createGlobal(Type type, StringRef name,
                                          Attribute value, unsigned alignment) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(globals);
  return LLVM::GlobalOp::create(builder, graph.getLoc(), type,
                                /*isConstant=*/true, LLVM::Linkage::Internal,
                                name, value, alignment);
}

Value GraphEmitter::emitString(StringRef text) {
  auto [entry, isNew] = strings.try_emplace(text);
  if (isNew) {
    entry->second = freshName("string");
    std::string terminated = text.str();
    terminated.push_back('\0');
    createGlobal(
        LLVM::LLVMArrayType::get(builder.getI8Type(), terminated.size()),
        entry->second, builder.getStringAttr(terminated));
  }
  return calls.addressOf(entry->second);
}

Value GraphEmitter::emitTable(StringRef kind, ArrayRef<int64_t> values) {
  std::string name = freshName(kind);
  auto type = RankedTensorType::get({int64_t(values.size())}, calls.i64Type());
  createGlobal(LLVM::LLVMArrayType::get(calls.i64Type(), values.size()), name,
               DenseElementsAttr::get(type, values), /*alignment=*/8);
  return calls.addressOf(name);
}

int64_t GraphEmitter::bufferNumber(BlockArgument root) {
  int64_t number = root.getArgNumber();
  int64_t numBuffers = graph.getNumBuffers();
  if (number < numBuffers)
    return number;
  return number < numBuffers + int64_t(graph.getNumParameters())
             ? GO_BUFFER_PARAMETERS
             : GO_BUFFER_ARENA;
}

LogicalResult GraphEmitter::emitMode(Value target) {
  auto launch = graph->getAttrOfType<StringAttr>("launch");
  if (!launch || launch.getValue() != "stream")
    return success();
  return callChecked("goGraphSetMode",
                     {target, calls.constant(GO_MODE_STREAM, 32)});
}

LogicalResult GraphEmitter::emitBuffers(StringRef call, Value target,
                                        ArrayRef<int64_t> buffers) {
  if (buffers.empty())
    return success();
  return callChecked(call, {target, emitTable("buffers", buffers),
                            calls.constant(buffers.size())});
}

LogicalResult GraphEmitter::emitAddresses(Value target) {
  SmallVector<int64_t> disjoint;
  if (graph->hasAttr(GraphOp::kDisjointAttribute))
    for (auto [number, buffer] : llvm::enumerate(graph.getBuffers()))
      // Strided memrefs may lie between each other's elements.
      if (isContiguous(cast<MemRefType>(buffer.getType())))
        disjoint.push_back(number);
  if (disjoint.size() < 2)
    disjoint.clear();
  return failure(failed(emitBuffers("goGraphSetDisjoint", target, disjoint)) ||
                 failed(emitBuffers("goGraphSetBaked", target,
                                    graph.getBuffersOfPolicy("baked"))));
}

LogicalResult GraphEmitter::declareConditions(Value target) {
  for (int64_t handle : graph.getHandles())
    conditions.insert({handle, conditions.size()});
  if (conditions.empty())
    return success();
  // The runtime numbers them in this order.
  Value number = entryArray(calls.i64Type(), 1);
  for (size_t i = 0; i < conditions.size(); ++i)
    if (failed(callChecked("goGraphAddCondition", {target, number})))
      return failure();
  return success();
}

Value GraphEmitter::emitCondition(NodeOpInterface node) {
  std::optional<int64_t> handle = getHandle(node);
  return calls.constant(handle ? conditions.lookup(*handle) : -1);
}

FailureOr<Value> GraphEmitter::emitRefs(ArrayRef<BufferAccess> accesses,
                                        ArrayRef<int64_t> handles) {
  if (accesses.empty() && handles.empty())
    return calls.null();
  SmallVector<int64_t> fields;
  for (BufferAccess access : accesses) {
    FailureOr<ByteRange> range = ranges.resolve(access.memref);
    if (failed(range))
      return graph.emitOpError("has a node that touches an unknown range");
    int64_t buffer = bufferNumber(range->root), offset = range->begin;
    if (buffer == GO_BUFFER_PARAMETERS)
      offset += (range->root.getArgNumber() - graph.getNumBuffers()) *
                GraphOp::kSlotBytes;
    fields.append({buffer, int64_t(access.access), offset, range->size()});
  }
  for (int64_t handle : handles)
    fields.append({GO_BUFFER_CONDITION, GO_ACCESS_READ,
                   conditions.lookup(handle), GraphOp::kSlotBytes});
  return emitTable("refs", fields);
}

std::pair<Value, Value> GraphEmitter::emitAfter(NodeOpInterface node) {
  OperandRange after = node.getAfter();
  Value count = calls.constant(after.size());
  auto slot = [&](Value value) {
    return calls.element(nodeSlots, calls.i64Type(), slotOf.lookup(value));
  };
  if (after.empty())
    return {calls.null(), count};
  if (after.size() == 1)
    return {slot(after.front()), count};
  for (auto [index, value] : llvm::enumerate(after))
    calls.store(calls.load(calls.i64Type(), slot(value)),
                calls.element(afterList, calls.i64Type(), index));
  return {afterList, count};
}

LogicalResult GraphEmitter::callChecked(StringRef name, ValueRange arguments) {
  FailureOr<Value> status = calls.call(name, arguments);
  if (failed(status))
    return failure();
  Location loc = graph.getLoc();
  Value isError = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne,
                                       *status, calls.constant(GO_OK, 32));
  Block *current = builder.getInsertionBlock();
  Block *next = builder.createBlock(failBlock);
  builder.setInsertionPointToEnd(current);
  LLVM::CondBrOp::create(builder, loc, isError, failBlock, ValueRange{*status},
                         next, ValueRange{});
  builder.setInsertionPointToStart(next);
  return success();
}

Value GraphEmitter::entryArray(Type type, int64_t count) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(entry);
  return calls.stackArray(type, count);
}

LogicalResult GraphEmitter::emitConditional(NodeOpInterface node, Value target,
                                            Value condition, int32_t kind) {
  SmallVector<Region *> bodies;
  for (Region &region : node->getRegions())
    if (!region.empty())
      bodies.push_back(&region);
  Value handles = entryArray(calls.pointerType(), bodies.size());
  auto [after, numAfter] = emitAfter(node);
  FailureOr<Value> ref = emitRefs(BufferAccess{condition, Access::Read});
  if (failed(ref))
    return failure();
  Value slot =
      calls.element(nodeSlots, calls.i64Type(), slotOf.lookup(node.getNode()));
  if (failed(callChecked("goGraphAddConditional",
                         {target, after, numAfter, calls.constant(kind, 32),
                          *ref, emitCondition(node), handles,
                          calls.constant(bodies.size()), slot})))
    return failure();
  for (auto [index, body] : llvm::enumerate(bodies)) {
    Value handle =
        calls.load(calls.pointerType(),
                   calls.element(handles, calls.pointerType(), index));
    if (failed(emitBody(body->front(), handle)))
      return failure();
  }
  return success();
}

LogicalResult GraphEmitter::emitNode(NodeOpInterface node, Value target) {
  if (auto op = dyn_cast<IfOp>(node.getOperation()))
    return emitConditional(node, target, op.getCondition(), GO_CONDITIONAL_IF);
  if (auto op = dyn_cast<WhileOp>(node.getOperation()))
    return emitConditional(node, target, op.getCondition(),
                           GO_CONDITIONAL_WHILE);
  if (auto op = dyn_cast<SwitchOp>(node.getOperation()))
    return emitConditional(node, target, op.getSelector(),
                           GO_CONDITIONAL_SWITCH);

  auto [after, numAfter] = emitAfter(node);
  SmallVector<Value> arguments = {target, after, numAfter};
  Value slot =
      calls.element(nodeSlots, calls.i64Type(), slotOf.lookup(node.getNode()));
  SmallVector<BufferAccess> accesses;
  node.collectAccesses(accesses);

  if (auto kernel = dyn_cast<KernelOp>(node.getOperation()))
    return emitKernel(kernel, arguments, slot);
  if (isa<MemcpyOp>(node)) {
    FailureOr<Value> source = emitRefs(accesses[0]);
    FailureOr<Value> destination = emitRefs(accesses[1]);
    if (failed(source) || failed(destination))
      return failure();
    llvm::append_values(arguments, *source, *destination, slot);
    return callChecked("goGraphAddMemcpy", arguments);
  }
  if (auto memset = dyn_cast<MemsetOp>(node.getOperation())) {
    FailureOr<Value> destination = emitRefs(accesses);
    if (failed(destination))
      return failure();
    llvm::append_values(arguments, *destination,
                        calls.constant(int32_t(memset.getPattern()), 32),
                        calls.constant(memset.getValueBytes()), slot);
    return callChecked("goGraphAddMemset", arguments);
  }
  if (auto child = dyn_cast<ChildOp>(node.getOperation())) {
    FailureOr<Value> refs = emitRefs(accesses);
    if (failed(refs))
      return failure();
    llvm::append_values(arguments,
                        calls.addressOf(graphInfoName(child.getGraph())), *refs,
                        slot);
    return callChecked("goGraphAddChild", arguments);
  }
  if (isa<EmptyOp>(node)) {
    arguments.push_back(slot);
    return callChecked("goGraphAddEmpty", arguments);
  }
  return node->emitOpError("has no lowering to the graph runtime");
}

LogicalResult GraphEmitter::emitBody(Block &body, Value target) {
  for (auto node : body.getOps<NodeOpInterface>())
    if (failed(emitNode(node, target)))
      return failure();
  return success();
}

/// The name of the module around `graph`, for messages and cache keys.
static StringRef getModuleName(GraphOp graph) {
  auto module = graph->getParentOfType<ModuleOp>();
  return module ? module.getName().value_or("module") : StringRef("module");
}

void GraphEmitter::emitInfo(StringRef buildName) {
  Location loc = graph.getLoc();
  SymbolTableCollection local;
  int64_t fingerprint = computeFingerprint(graph, symbols ? *symbols : local);
  LLVM::GlobalOp info = createGlobal(
      calls.infoType(), graphInfoName(graph.getSymName()), Attribute(), 8);
  OpBuilder::InsertionGuard guard(builder);
  builder.createBlock(&info.getInitializerRegion());
  Value fields[] = {
      emitString(getModuleName(graph)),
      emitString(graph.getSymName()),
      calls.constant(fingerprint),
      calls.constant(graph.getNumBuffers()),
      calls.constant(graph.getNumParameters() * GraphOp::kSlotBytes),
      calls.constant(graph.getArenaBytes()),
      calls.addressOf(buildName)};
  LLVM::ReturnOp::create(builder, loc,
                         calls.structOf(calls.infoType(), fields));
}

LogicalResult GraphEmitter::run() {
  Location loc = graph.getLoc();
  std::string buildName = (graph.getSymName() + ".build").str();
  for (const std::string &name : {buildName, graphInfoName(graph.getSymName())})
    if (Operation *other = calls.lookup(name))
      return other->emitError("symbol @")
             << name << " is needed for the lowering of graph @"
             << graph.getSymName();

  int64_t numNodes = 0;
  size_t maxAfter = 0;
  graph.walk([&](NodeOpInterface node) {
    slotOf[node.getNode()] = numNodes++;
    maxAfter = std::max(maxAfter, node.getAfter().size());
  });

  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(graph);
  auto type =
      LLVM::LLVMFunctionType::get(builder.getI32Type(), {calls.pointerType()});
  auto function = LLVM::LLVMFuncOp::create(builder, loc, buildName, type,
                                           LLVM::Linkage::Internal);
  globals = function;
  entry =
      builder.createBlock(&function.getBody(), {}, calls.pointerType(), loc);
  failBlock =
      builder.createBlock(&function.getBody(), {}, builder.getI32Type(), loc);
  LLVM::ReturnOp::create(builder, loc, failBlock->getArgument(0));

  builder.setInsertionPointToStart(entry);
  nodeSlots = calls.stackArray(calls.i64Type(), std::max<int64_t>(numNodes, 1));
  if (maxAfter > 1)
    afterList = calls.stackArray(calls.i64Type(), maxAfter);
  Value target = entry->getArgument(0);
  if (failed(emitMode(target)) || failed(emitAddresses(target)) ||
      failed(declareConditions(target)) ||
      failed(emitBody(*graph.getBody(), target)))
    return failure();
  LLVM::ReturnOp::create(builder, loc, calls.constant(GO_OK, 32));
  emitInfo(buildName);
  return success();
}

LogicalResult graphopt::emitGraphBuilder(GraphOp graph, OpBuilder &builder,
                                         SymbolTableCollection *symbols) {
  return GraphEmitter(graph, builder, symbols).run();
}
