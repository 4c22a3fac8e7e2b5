//===- CudaGraphOps.cpp - Nodes of graphs ---------------------------------===//
//
// Implements parsers, printers and verifiers of the nodes, and pulls in the
// generated definitions of all ops.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Dialect/LLVMIR/LLVMTypes.h"
#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace mlir::cudagraph;

//===----------------------------------------------------------------------===//
// Access lists: `%a read, %b write : type, type`
//===----------------------------------------------------------------------===//

static ParseResult
parseAccessList(OpAsmParser &parser,
                SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands,
                SmallVectorImpl<Type> &types, DenseI32ArrayAttr &accesses) {
  SmallVector<int32_t> values;
  auto parseAccess = [&]() -> ParseResult {
    SMLoc loc = parser.getCurrentLocation();
    StringRef keyword;
    if (parser.parseKeyword(&keyword))
      return failure();
    std::optional<Access> access = symbolizeAccess(keyword);
    if (!access)
      return parser.emitError(loc, "an operand is used as `read`, `write` or "
                                   "`readwrite`, not as `")
             << keyword << "`";
    values.push_back(static_cast<int32_t>(*access));
    return success();
  };
  // An empty list has neither operands nor types.
  OpAsmParser::UnresolvedOperand operand;
  OptionalParseResult hasFirst = parser.parseOptionalOperand(operand);
  if (hasFirst.has_value()) {
    if (failed(*hasFirst) || parseAccess())
      return failure();
    operands.push_back(operand);
    while (succeeded(parser.parseOptionalComma()))
      if (parser.parseOperand(operands.emplace_back()) || parseAccess())
        return failure();
    if (parser.parseColonTypeList(types))
      return failure();
  }
  accesses = parser.getBuilder().getDenseI32ArrayAttr(values);
  return success();
}

static void printAccessList(OpAsmPrinter &printer, Operation *op,
                            OperandRange operands, TypeRange types,
                            DenseI32ArrayAttr accesses) {
  if (operands.empty())
    return;
  llvm::interleaveComma(
      llvm::zip_equal(operands, accesses.asArrayRef()), printer, [&](auto it) {
        auto [operand, access] = it;
        printer << operand << " "
                << stringifyAccess(static_cast<Access>(access));
      });
  printer << " : ";
  llvm::interleaveComma(types, printer);
}

#define GET_OP_CLASSES
#include "GraphOpt/CudaGraph/CudaGraphOps.cpp.inc"

/// Checks that there is one valid access per operand.
static LogicalResult verifyAccessList(Operation *op, OperandRange operands,
                                      ArrayRef<int32_t> accesses) {
  if (operands.size() != accesses.size())
    return op->emitOpError("has ") << operands.size() << " operands but "
                                   << accesses.size() << " accesses";
  for (int32_t access : accesses)
    if (!symbolizeAccess(static_cast<uint32_t>(access)))
      return op->emitOpError("has an invalid access: ") << access;
  return success();
}

static void appendAccesses(OperandRange operands, ArrayRef<int32_t> accesses,
                           SmallVectorImpl<BufferAccess> &result) {
  for (auto [operand, access] : llvm::zip_equal(operands, accesses))
    result.push_back({operand, static_cast<Access>(access)});
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

std::string cudagraph::describeNode(NodeOpInterface node) {
  if (auto kernel = dyn_cast<KernelOp>(node.getOperation()))
    return ("kernel \"" + kernel.getKernelName() + "\"").str();
  int64_t number = 0;
  for (auto other : node->getBlock()->getOps<NodeOpInterface>()) {
    if (other == node)
      break;
    ++number;
  }
  return (node->getName().stripDialect() + " #" + Twine(number)).str();
}

/// What all nodes must obey: edges stay in their block.
static LogicalResult verifyNode(NodeOpInterface node) {
  for (Value value : node.getAfter()) {
    Operation *other = value.getDefiningOp();
    if (!other || other->getBlock() != node->getBlock())
      return node->emitOpError(
          "can only come after nodes of the same graph or body");
  }
  return success();
}

LogicalResult PhaseAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                SymbolRefAttr function, int64_t items) {
  if (items < 0)
    return emitError() << "the number of items of a phase must not be negative";
  return success();
}

void KernelOp::build(OpBuilder &builder, OperationState &state, StringRef name,
                     ValueRange after, ArrayRef<Attribute> phases,
                     ValueRange args, ArrayRef<Access> accesses) {
  SmallVector<int32_t> values = llvm::map_to_vector(
      accesses, [](Access access) { return static_cast<int32_t>(access); });
  build(builder, state, builder.getStringAttr(name), after,
        builder.getArrayAttr(phases), args,
        builder.getDenseI32ArrayAttr(values), /*grid=*/DenseI64ArrayAttr(),
        /*block=*/DenseI64ArrayAttr(), /*cooperative=*/UnitAttr(),
        /*sets=*/DenseI64ArrayAttr(), /*shared_bytes=*/IntegerAttr());
}

void KernelOp::collectAccesses(SmallVectorImpl<BufferAccess> &accesses) {
  appendAccesses(getArgs(), getAccesses(), accesses);
}

/// What a launch of any chip may be: CUDA C++ Programming Guide, "Compute
/// Capabilities", technical specifications.
static constexpr int64_t kMaxGrid[] = {std::numeric_limits<int32_t>::max(),
                                       65535, 65535};
static constexpr int64_t kMaxBlock[] = {1024, 1024, 64};
static constexpr int64_t kMaxThreads = 1024;
/// Of the chip with the most.
static constexpr int64_t kMaxSharedBytes = 227 << 10;

static LogicalResult verifyExtents(KernelOp op, StringRef name,
                                   std::optional<ArrayRef<int64_t>> extents,
                                   ArrayRef<int64_t> limits) {
  if (!extents)
    return success();
  if (extents->size() != 3 ||
      llvm::any_of(*extents, [](int64_t extent) { return extent < 1; }))
    return op.emitOpError() << name << " must be three positive numbers";
  for (auto [extent, limit] : llvm::zip_equal(*extents, limits))
    if (extent > limit)
      return op.emitOpError()
             << name << " is too large: CUDA has at most " << limits;
  return success();
}

LogicalResult KernelOp::verify() {
  if (failed(verifyNode(*this)) ||
      failed(verifyAccessList(*this, getArgs(), getAccesses())))
    return failure();
  if (getPhases().empty())
    return emitOpError("needs at least one phase");
  if (failed(verifyExtents(*this, "grid", getGrid(), kMaxGrid)) ||
      failed(verifyExtents(*this, "block", getBlock(), kMaxBlock)))
    return failure();
  if (getBlock()) {
    ArrayRef<int64_t> block = *getBlock();
    if (block[0] * block[1] * block[2] > kMaxThreads)
      return emitOpError() << "block has more than " << kMaxThreads
                           << " threads";
  }
  if (getSharedBytes().value_or(0) > kMaxSharedBytes)
    return emitOpError() << "shared_bytes is more than " << kMaxSharedBytes;
  if (getGrid().has_value() != getBlock().has_value())
    return emitOpError("needs both grid and block, or neither");
  if (getCooperative() && !getGrid())
    return emitOpError("cooperative needs grid and block");
  if (getSharedBytes() && !getGrid())
    return emitOpError("shared_bytes needs grid and block");
  if (getSets() && !getGrid())
    return emitOpError("sets needs grid and block: handles are for a GPU");
  if (getSets() && llvm::any_of(*getSets(), [](int64_t h) { return h < 0; }))
    return emitOpError("sets a handle with a negative number");
  return success();
}

/// Whether `function` can be a phase on the host: (!llvm.ptr, i64, i64) -> ().
static bool isHostPhase(FunctionOpInterface function) {
  ArrayRef<Type> types = function.getArgumentTypes();
  return types.size() == 3 && isa<LLVM::LLVMPointerType>(types[0]) &&
         types[1].isInteger(64) && types[2].isInteger(64) &&
         llvm::all_of(function.getResultTypes(),
                      llvm::IsaPred<LLVM::LLVMVoidType>);
}

/// Whether `op` is a gpu op, or a function in one: a gpu.module may have been
/// lowered, and a gpu.binary shows none of its functions.
static bool isOnGPU(Operation *op) {
  auto isGPU = [](Operation *op) {
    return op && op->getName().getDialectNamespace() == "gpu";
  };
  return isGPU(op) || isGPU(op->getParentOp());
}

LogicalResult KernelOp::verifySymbolUses(SymbolTableCollection &symbols) {
  for (auto phase : getPhases().getAsRange<PhaseAttr>()) {
    Operation *module = symbols.lookupNearestSymbolFrom(
        *this, phase.getFunction().getRootReference());
    if (module && module->getName().getStringRef() == "gpu.binary")
      continue;
    Operation *target =
        symbols.lookupNearestSymbolFrom(*this, phase.getFunction());
    if (!target)
      return emitOpError("phase ")
             << phase.getFunction() << " does not name a function";
    auto function = dyn_cast<FunctionOpInterface>(target);
    if (!function)
      return emitOpError("phase ")
             << phase.getFunction() << " names something that is no function";
    if (isOnGPU(target)) {
      if (getPhases().size() != 1 || !getGrid())
        return emitOpError("a kernel on the GPU has exactly one phase, a grid "
                           "and a block");
      continue;
    }
    if (!isHostPhase(function))
      return emitOpError("phase ")
             << phase.getFunction()
             << " must be a function of type (!llvm.ptr, i64, i64) -> ()";
  }
  return success();
}

void MemcpyOp::collectAccesses(SmallVectorImpl<BufferAccess> &accesses) {
  accesses.push_back({getSource(), Access::Read});
  accesses.push_back({getDestination(), Access::Write});
}

/// Checks a memref that a copy or fill takes as one range of bytes.
static LogicalResult verifyRange(Operation *op, Value memref, StringRef role) {
  auto type = cast<MemRefType>(memref.getType());
  if (!getElementBytes(type.getElementType()) || !isContiguous(type))
    return op->emitOpError() << role << " must be contiguous, but is " << type;
  return success();
}

LogicalResult MemcpyOp::verify() {
  if (failed(verifyNode(*this)) ||
      failed(verifyRange(*this, getSource(), "source")) ||
      failed(verifyRange(*this, getDestination(), "destination")))
    return failure();
  auto source = cast<MemRefType>(getSource().getType());
  auto destination = cast<MemRefType>(getDestination().getType());
  if (source.getShape() != destination.getShape() ||
      source.getElementType() != destination.getElementType())
    return emitOpError("source and destination must have one shape and "
                       "element type");
  RangeResolver ranges;
  FailureOr<ByteRange> from = ranges.resolve(getSource());
  FailureOr<ByteRange> to = ranges.resolve(getDestination());
  if (succeeded(from) && succeeded(to) && from->root == to->root &&
      from->begin != to->begin &&
      std::max(from->begin, to->begin) < std::min(from->end, to->end))
    return emitOpError("source and destination overlap");
  return success();
}

void MemsetOp::collectAccesses(SmallVectorImpl<BufferAccess> &accesses) {
  accesses.push_back({getDestination(), Access::Write});
}

int64_t MemsetOp::getValueBytes() {
  return cast<IntegerAttr>(getValue()).getType().getIntOrFloatBitWidth() / 8;
}

uint32_t MemsetOp::getPattern() {
  return cast<IntegerAttr>(getValue()).getValue().getZExtValue();
}

LogicalResult MemsetOp::verify() {
  if (failed(verifyNode(*this)) ||
      failed(verifyRange(*this, getDestination(), "destination")))
    return failure();
  std::optional<int64_t> bytes =
      getSpanBytes(cast<MemRefType>(getDestination().getType()));
  if (!bytes || *bytes % getValueBytes())
    return emitOpError("fills ") << bytes.value_or(0) << " bytes with a "
                                 << getValueBytes() << "-byte pattern";
  return success();
}

void EmptyOp::collectAccesses(SmallVectorImpl<BufferAccess> &accesses) {}

LogicalResult EmptyOp::verify() { return verifyNode(*this); }

void ChildOp::collectAccesses(SmallVectorImpl<BufferAccess> &accesses) {
  appendAccesses(getArgs(), getAccesses(), accesses);
}

LogicalResult ChildOp::verify() {
  if (failed(verifyNode(*this)))
    return failure();
  return verifyAccessList(*this, getArgs(), getAccesses());
}

/// Appends what the nodes in the regions of `op` touch.
static void collectBodies(Operation *op,
                          SmallVectorImpl<BufferAccess> &accesses) {
  for (Region &region : op->getRegions())
    for (auto node : region.getOps<NodeOpInterface>())
      node.collectAccesses(accesses);
}

void IfOp::collectAccesses(SmallVectorImpl<BufferAccess> &accesses) {
  accesses.push_back({getCondition(), Access::Read});
  collectBodies(*this, accesses);
}

LogicalResult IfOp::verify() { return verifyNode(*this); }

void WhileOp::collectAccesses(SmallVectorImpl<BufferAccess> &accesses) {
  accesses.push_back({getCondition(), Access::Read});
  collectBodies(*this, accesses);
}

LogicalResult WhileOp::verify() { return verifyNode(*this); }

void SwitchOp::collectAccesses(SmallVectorImpl<BufferAccess> &accesses) {
  accesses.push_back({getSelector(), Access::Read});
  collectBodies(*this, accesses);
}

LogicalResult SwitchOp::verify() {
  if (getCases().empty())
    return emitOpError("needs at least one case");
  return verifyNode(*this);
}
