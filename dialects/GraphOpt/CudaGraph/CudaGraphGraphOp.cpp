//===- CudaGraphGraphOp.cpp - The graph -----------------------------------===//
//
// Implements parser, printer, accessors and verifiers of cudagraph.graph.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::cudagraph;

void GraphOp::build(OpBuilder &builder, OperationState &state, StringRef name,
                    TypeRange buffers, TypeRange parameters, MemRefType arena) {
  state.addAttribute(getSymNameAttrName(state.name),
                     builder.getStringAttr(name));
  state.addAttribute(getNumBuffersAttrName(state.name),
                     builder.getI64IntegerAttr(buffers.size()));
  state.addAttribute(getNumParametersAttrName(state.name),
                     builder.getI64IntegerAttr(parameters.size()));
  Block &block = state.addRegion()->emplaceBlock();
  for (Type type : llvm::concat<const Type>(SmallVector<Type>(buffers),
                                            SmallVector<Type>(parameters)))
    block.addArgument(type, state.location);
  if (arena)
    block.addArgument(arena, state.location);
}

ArrayRef<BlockArgument> GraphOp::getBuffers() {
  return getBody()->getArguments().take_front(getNumBuffers());
}

ArrayRef<BlockArgument> GraphOp::getParameters() {
  return getBody()->getArguments().slice(getNumBuffers(), getNumParameters());
}

BlockArgument GraphOp::getArena() {
  auto rest = getBody()->getArguments().drop_front(getNumBuffers() +
                                                   getNumParameters());
  return rest.empty() ? BlockArgument() : rest.front();
}

int64_t GraphOp::getArenaBytes() {
  BlockArgument arena = getArena();
  return arena ? cast<MemRefType>(arena.getType()).getNumElements() : 0;
}

SmallVector<int64_t> GraphOp::getHandles() {
  llvm::SmallSetVector<int64_t, 4> handles;
  getBodyRegion().walk([&](NodeOpInterface node) {
    if (std::optional<int64_t> handle = getHandle(node))
      handles.insert(*handle);
    if (auto kernel = dyn_cast<KernelOp>(node.getOperation()))
      if (std::optional<ArrayRef<int64_t>> sets = kernel.getSets())
        handles.insert(sets->begin(), sets->end());
  });
  return handles.takeVector();
}

bool GraphOp::hasConditionals() {
  return getBodyRegion()
      .walk([](Operation *op) {
        return isa<IfOp, WhileOp, SwitchOp>(op) ? WalkResult::interrupt()
                                                : WalkResult::advance();
      })
      .wasInterrupted();
}

std::optional<int64_t> mlir::cudagraph::getHandle(Operation *node) {
  return llvm::TypeSwitch<Operation *, std::optional<int64_t>>(node)
      .Case<IfOp, WhileOp, SwitchOp>(
          [](auto op) -> std::optional<int64_t> { return op.getHandle(); })
      .Default([](Operation *) { return std::nullopt; });
}

SmallVector<int32_t> GraphOp::getBufferUses() {
  SmallVector<int32_t> uses(getNumBuffers(), 0);
  SmallVector<BufferAccess> accesses;
  for (auto node : getBody()->getOps<NodeOpInterface>())
    node.collectAccesses(accesses);
  RangeResolver ranges;
  for (BufferAccess access : accesses) {
    FailureOr<ByteRange> range = ranges.resolve(access.memref);
    if (succeeded(range) && range->root.getArgNumber() < uses.size())
      uses[range->root.getArgNumber()] |= static_cast<int32_t>(access.access);
  }
  return uses;
}

/// Parses `(%name: type, ...)` and appends to `arguments`.
static ParseResult
parseArguments(OpAsmParser &parser,
               SmallVectorImpl<OpAsmParser::Argument> &arguments) {
  SmallVector<OpAsmParser::Argument> parsed;
  if (parser.parseArgumentList(parsed, OpAsmParser::Delimiter::Paren,
                               /*allowType=*/true))
    return failure();
  llvm::append_range(arguments, parsed);
  return success();
}

ParseResult GraphOp::parse(OpAsmParser &parser, OperationState &result) {
  Builder &builder = parser.getBuilder();
  (void)mlir::impl::parseOptionalVisibilityKeyword(parser, result.attributes);
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  if (parser.parseSymbolName(name, getSymNameAttrName(result.name),
                             result.attributes) ||
      parseArguments(parser, arguments))
    return failure();
  int64_t numBuffers = arguments.size();
  if (succeeded(parser.parseOptionalKeyword("parameters")) &&
      parseArguments(parser, arguments))
    return failure();
  int64_t numParameters = arguments.size() - numBuffers;
  SMLoc arenaLoc = parser.getCurrentLocation();
  if (succeeded(parser.parseOptionalKeyword("arena"))) {
    size_t numBefore = arguments.size();
    if (parseArguments(parser, arguments))
      return failure();
    if (arguments.size() != numBefore + 1)
      return parser.emitError(arenaLoc, "a graph has one arena or none");
  }
  result.addAttribute(getNumBuffersAttrName(result.name),
                      builder.getI64IntegerAttr(numBuffers));
  result.addAttribute(getNumParametersAttrName(result.name),
                      builder.getI64IntegerAttr(numParameters));
  Region *body = result.addRegion();
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      parser.parseRegion(*body, arguments))
    return failure();
  if (body->empty()) {
    // `{}` parses as a region without a block.
    Block &block = body->emplaceBlock();
    for (OpAsmParser::Argument &argument : arguments)
      block.addArgument(argument.type,
                        argument.sourceLoc.value_or(result.location));
  }
  return success();
}

void GraphOp::print(OpAsmPrinter &printer) {
  printer << " ";
  if (std::optional<StringRef> visibility = getSymVisibility())
    printer << *visibility << " ";
  printer.printSymbolName(getSymName());
  auto printArguments = [&](ArrayRef<BlockArgument> arguments) {
    printer << "(";
    llvm::interleaveComma(arguments, printer, [&](BlockArgument argument) {
      printer.printRegionArgument(argument);
    });
    printer << ")";
  };
  printArguments(getBuffers());
  if (getNumParameters()) {
    printer << " parameters";
    printArguments(getParameters());
  }
  if (BlockArgument arena = getArena()) {
    printer << " arena";
    printArguments(arena);
  }
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(),
      {getSymNameAttrName(), getSymVisibilityAttrName(),
       getNumBuffersAttrName(), getNumParametersAttrName()});
  printer << " ";
  printer.printRegion(getBodyRegion(), /*printEntryBlockArgs=*/false);
}

/// A buffer, parameter or arena must have a layout that is known.
static LogicalResult verifyGraphArgument(GraphOp graph, BlockArgument argument,
                                         StringRef role) {
  auto type = dyn_cast<MemRefType>(argument.getType());
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  // Strides of an empty memref mean nothing and may be unknown.
  if (type && type.hasStaticShape() && type.getNumElements() == 0)
    return success();
  if (!type || !type.hasStaticShape() ||
      failed(getLayout(type, strides, offset)) ||
      ShapedType::isDynamic(offset) || !ShapedType::isStaticShape(strides))
    return graph.emitOpError("argument #")
           << argument.getArgNumber() << " (" << role
           << ") must be a memref of static shape and strides, but is "
           << argument.getType();
  if (!getSpanBytes(type))
    return graph.emitOpError("argument #")
           << argument.getArgNumber() << " (" << role
           << ") must hold integers, indices, floats or complex numbers and "
              "fit in memory, but is "
           << argument.getType();
  return success();
}

SmallVector<int64_t> GraphOp::getBuffersOfPolicy(StringRef policy) {
  SmallVector<int64_t> buffers;
  auto runs = (*this)->getAttrOfType<ArrayAttr>(kAddressesAttribute);
  if (!runs)
    return buffers;
  int64_t first = 0;
  for (auto run : runs.getAsRange<DictionaryAttr>()) {
    int64_t count = run.getAs<IntegerAttr>("count").getInt();
    if (run.getAs<StringAttr>("policy") == policy)
      llvm::append_range(buffers, llvm::seq(first, first + count));
    first += count;
  }
  return buffers;
}

/// Checks the runs of policies, if there are any.
static LogicalResult verifyAddresses(GraphOp graph) {
  Attribute attribute = graph->getAttr(GraphOp::kAddressesAttribute);
  if (!attribute)
    return success();
  auto runs = dyn_cast<ArrayAttr>(attribute);
  int64_t numBuffers = graph.getNumBuffers(), left = numBuffers;
  for (Attribute entry : runs ? runs.getValue() : ArrayRef<Attribute>()) {
    auto run = dyn_cast<DictionaryAttr>(entry);
    auto count = run ? run.getAs<IntegerAttr>("count") : IntegerAttr();
    auto policy = run ? run.getAs<StringAttr>("policy") : StringAttr();
    if (!count || !policy || !count.getType().isInteger(64) ||
        !llvm::is_contained({"baked", "parameters", "table", "slot"},
                            policy.getValue()))
      return graph.emitOpError("`addresses` must hold dictionaries with an i64 "
                               "`count` and a `policy` that is \"baked\", "
                               "\"parameters\", \"table\" or \"slot\"");
    if (count.getInt() < 1 || count.getInt() > left)
      left = -1;
    if (left < 0)
      break;
    left -= count.getInt();
  }
  if (!runs || left != 0)
    return graph.emitOpError("`addresses` must be an array of runs of buffers, "
                             "which are ")
           << numBuffers << " in all";
  return success();
}

LogicalResult GraphOp::verify() {
  int64_t numArguments = getBody()->getNumArguments();
  int64_t numBuffers = getNumBuffers(), numParameters = getNumParameters();
  if (numBuffers > numArguments || numParameters > numArguments - numBuffers ||
      numArguments - numBuffers - numParameters > 1)
    return emitOpError("has ") << numArguments << " arguments, which are not "
                               << numBuffers << " buffers, " << numParameters
                               << " parameters and at most one arena";
  for (BlockArgument buffer : getBuffers())
    if (failed(verifyGraphArgument(*this, buffer, "a buffer")))
      return failure();
  for (BlockArgument parameter : getParameters()) {
    if (failed(verifyGraphArgument(*this, parameter, "a parameter")))
      return failure();
    auto type = cast<MemRefType>(parameter.getType());
    if (type.getRank() != 0 || !type.getLayout().isIdentity() ||
        isa<ComplexType>(type.getElementType()) ||
        *getSpanBytes(type) > kSlotBytes)
      return emitOpError("argument #")
             << parameter.getArgNumber()
             << " (a parameter) must be a memref of rank 0 of an integer, "
                "index or float of at most 8 bytes, but is "
             << type;
  }
  if (failed(verifyAddresses(*this)))
    return failure();
  if (BlockArgument arena = getArena()) {
    if (failed(verifyGraphArgument(*this, arena, "the arena")))
      return failure();
    auto type = cast<MemRefType>(arena.getType());
    if (type.getRank() != 1 || !type.getElementType().isInteger(8) ||
        !type.getLayout().isIdentity())
      return emitOpError("the arena must be a memref<Nxi8>, but is ") << type;
  }
  return success();
}

/// Checks that `view` stays inside of what it is a view of.
static LogicalResult verifyView(Operation *view, RangeResolver &ranges) {
  FailureOr<ByteRange> range = ranges.resolve(view->getResult(0));
  if (failed(range))
    return view->emitOpError("in a graph must have a static result with a "
                             "constant offset");
  std::optional<int64_t> bytes =
      getSpanBytes(cast<MemRefType>(range->root.getType()));
  if (bytes && range->size() && (range->begin < 0 || range->end > *bytes))
    return view->emitOpError("covers bytes ")
           << range->begin << " to " << range->end << " of a graph argument of "
           << *bytes << " bytes";
  return success();
}

/// Whether an edge or a path of edges leads from `from` to `node`.
static bool isOrderedAfter(NodeOpInterface node, NodeOpInterface from) {
  llvm::SmallSetVector<Value, 8> before(node.getAfter().begin(),
                                        node.getAfter().end());
  for (size_t i = 0; i < before.size(); ++i) {
    auto source = before[i].getDefiningOp<NodeOpInterface>();
    if (source == from)
      return true;
    if (source)
      before.insert(source.getAfter().begin(), source.getAfter().end());
  }
  return false;
}

/// The kernels of a block that set a handle.
using SetterMap =
    DenseMap<std::pair<Block *, int64_t>, SmallVector<NodeOpInterface, 1>>;

/// A conditional node waits for the kernels beside it that set its handle.
static LogicalResult verifySetters(NodeOpInterface node, int64_t handle,
                                   const SetterMap &setters) {
  for (NodeOpInterface setter : setters.lookup({node->getBlock(), handle})) {
    if (isOrderedAfter(node, setter))
      continue;
    InFlightDiagnostic diagnostic = node->emitError(describeNode(node))
                                    << " has no edge from "
                                    << describeNode(setter)
                                    << ", which sets its handle";
    diagnostic.attachNote(setter->getLoc()) << "the kernel";
    return diagnostic;
  }
  return success();
}

/// A handle belongs to one conditional node, and is set before it.
static LogicalResult verifyHandles(GraphOp graph) {
  SetterMap setters;
  graph.getBodyRegion().walk([&](KernelOp kernel) {
    for (int64_t handle : kernel.getSets().value_or(ArrayRef<int64_t>()))
      setters[{kernel->getBlock(), handle}].push_back(
          cast<NodeOpInterface>(kernel.getOperation()));
  });
  DenseMap<int64_t, Operation *> owners;
  WalkResult result = graph.getBodyRegion().walk([&](NodeOpInterface node) {
    std::optional<int64_t> handle = getHandle(node);
    if (!handle)
      return WalkResult::advance();
    auto [owner, isNew] = owners.try_emplace(*handle, node);
    if (isNew)
      return failed(verifySetters(node, *handle, setters))
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    InFlightDiagnostic diagnostic = node->emitError(describeNode(node))
                                    << " has handle " << *handle
                                    << ", which another node has";
    diagnostic.attachNote(owner->second->getLoc()) << "the other node";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

LogicalResult GraphOp::verifyRegions() {
  RangeResolver ranges;
  WalkResult result = getBodyRegion().walk([&](Operation *op) {
    if (isa<NodeOpInterface, arith::ConstantOp>(op))
      return WalkResult::advance();
    if (isGraphView(op))
      return failed(verifyView(op, ranges)) ? WalkResult::interrupt()
                                            : WalkResult::advance();
    op->emitOpError("is not allowed in a cudagraph.graph: its body and the "
                    "bodies of conditionals hold nodes, arith.constant and "
                    "views of memrefs");
    return WalkResult::interrupt();
  });
  if (result.wasInterrupted() || failed(verifyHandles(*this)))
    return failure();

  SmallVector<BufferAccess> accesses;
  for (auto node : getBody()->getOps<NodeOpInterface>()) {
    accesses.clear();
    node.collectAccesses(accesses);
    for (BufferAccess access : accesses) {
      FailureOr<ByteRange> range = ranges.resolve(access.memref);
      if (succeeded(range) && access.writes() &&
          llvm::is_contained(getParameters(), range->root))
        return node->emitError(describeNode(node))
               << " writes a parameter of the graph; parameters are written "
                  "by the host only";
    }
  }
  return verifyHazards(*this);
}
