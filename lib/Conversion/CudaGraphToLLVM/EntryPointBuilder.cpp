//===- EntryPointBuilder.cpp - One packed entry point ---------------------===//
//
// Implements how arguments and results travel through an entry point: loads of
// the arguments, the body or a call, stores of the results.
//
//===----------------------------------------------------------------------===//

#include "EntryPointBuilder.h"
#include "RuntimeCalls.h"

#include "GraphOpt/Conversion/EntryPoints.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/BitVector.h"

using namespace mlir;
using namespace graphopt;

std::string graphopt::entryPointName(StringRef function) {
  return ("graphopt_entry_" + function).str();
}

std::string graphopt::asyncEntryPointName(StringRef function) {
  return ("graphopt_async_entry_" + function).str();
}

std::optional<Packing> graphopt::getPacking(Type type) {
  if (type.isSignlessIntOrIndexOrFloat())
    return Packing::Scalar;
  auto memref = dyn_cast<MemRefType>(type);
  SmallVector<int64_t> strides;
  int64_t offset = 0;
  if (!memref || !cudagraph::getElementBytes(memref.getElementType()) ||
      failed(memref.getStridesAndOffset(strides, offset)))
    return std::nullopt;
  Attribute space = memref.getMemorySpace();
  if (space &&
      space != IntegerAttr::get(IntegerType::get(type.getContext(), 64), 0))
    return std::nullopt;
  return memref.hasStaticShape() && memref.getLayout().isIdentity()
             ? Packing::Data
             : Packing::Descriptor;
}

namespace {
/// Makes the entry point of one function.
class EntryPointBuilder {
public:
  EntryPointBuilder(func::FuncOp function, const EntryPointOptions &options,
                    SymbolTableCollection &symbols)
      : function(function), options(options), symbols(symbols),
        builder(function),
        calls(builder, function.getLoc(), function, &symbols),
        converter(function.getContext()) {}

  LogicalResult run(FunctionType type);

private:
  Value unpack(Type type, int64_t index);
  void createEntry(StringRef name, FunctionType type);
  void reuseResultMemory(func::ReturnOp op, llvm::BitVector &settled);
  SmallVector<cudagraph::FetchOp> deliverResults(func::ReturnOp op,
                                                 llvm::BitVector &settled);
  LogicalResult emitReturn(func::ReturnOp op, const llvm::BitVector &settled);
  LogicalResult pack(Value value, Value address);
  LogicalResult fillDescriptor(Value value, Value address);
  Value resultAddress(int64_t index);
  /// Turns memory at `data` into a memref of static shape.
  Value fromData(MemRefType type, Value data);

  func::FuncOp function, entry;
  EntryPointOptions options;
  SymbolTableCollection &symbols;
  OpBuilder builder;
  RuntimeCalls calls;
  LLVMTypeConverter converter;
  DenseMap<int64_t, Value> resultAddresses;
};
} // namespace

static Value castTo(OpBuilder &builder, Location loc, Type type, Value value) {
  return UnrealizedConversionCastOp::create(builder, loc, type, value)
      .getResult(0);
}

/// The `memref.alloc` of the entry block of its function that `value` is, or a
/// view of.
static memref::AllocOp findAllocation(Value value, bool throughViews) {
  while (throughViews) {
    auto view = value.getDefiningOp<ViewLikeOpInterface>();
    if (!view)
      break;
    value = view.getViewSource();
  }
  auto alloc = value.getDefiningOp<memref::AllocOp>();
  return alloc && alloc->getBlock()->isEntryBlock() &&
                 isa<func::FuncOp>(alloc->getParentOp())
             ? alloc
             : memref::AllocOp();
}

Value EntryPointBuilder::fromData(MemRefType type, Value data) {
  Location loc = function.getLoc();
  return castTo(
      builder, loc, type,
      MemRefDescriptor::fromStaticShape(builder, loc, converter, type, data));
}

Value EntryPointBuilder::unpack(Type type, int64_t index) {
  Location loc = function.getLoc();
  Value address = calls.load(
      calls.pointerType(),
      calls.element(entry.getArgument(2), calls.pointerType(), index));
  switch (*getPacking(type)) {
  case Packing::Data:
    return fromData(cast<MemRefType>(type), address);
  case Packing::Descriptor:
    return castTo(builder, loc, type,
                  calls.load(converter.convertType(type), address));
  case Packing::Scalar:
    break;
  }
  if (type.isInteger(1)) {
    Value byte = calls.load(builder.getI8Type(), address);
    return arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::ne, byte,
        arith::ConstantIntOp::create(builder, loc, 0, /*width=*/8));
  }
  Type llvmType = converter.convertType(type);
  Value value = calls.load(llvmType, address);
  return llvmType == type ? value : castTo(builder, loc, type, value);
}

Value EntryPointBuilder::resultAddress(int64_t index) {
  Value &address = resultAddresses[index];
  if (!address) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&entry.getBody().front());
    address = calls.load(
        calls.pointerType(),
        calls.element(entry.getArgument(3), calls.pointerType(), index));
  }
  return address;
}

/// Copies `source` to `target`, a compact memref of its shape. A strided
/// source is copied by loops: `memref.copy` of it would call a library.
static void emitCopy(OpBuilder &builder, Location loc, Value source,
                     Value target, ValueRange sizes) {
  auto type = cast<MemRefType>(source.getType());
  if (type.getLayout().isIdentity()) {
    memref::CopyOp::create(builder, loc, source, target);
    return;
  }
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  scf::buildLoopNest(
      builder, loc, SmallVector<Value>(sizes.size(), zero), sizes,
      SmallVector<Value>(sizes.size(), one),
      [&](OpBuilder &nested, Location loc, ValueRange indices) {
        Value element = memref::LoadOp::create(nested, loc, source, indices);
        memref::StoreOp::create(nested, loc, element, target, indices);
      });
}

/// Fills the descriptor at `address` with a compact copy of `value` that the
/// caller can free.
LogicalResult EntryPointBuilder::fillDescriptor(Value value, Value address) {
  Location loc = function.getLoc();
  auto type = cast<MemRefType>(value.getType());
  Value bytes =
      calls.constant(*cudagraph::getElementBytes(type.getElementType()));
  SmallVector<Value> sizes, llvmSizes;
  for (int64_t i = 0; i < type.getRank(); ++i) {
    sizes.push_back(memref::DimOp::create(builder, loc, value, i));
    llvmSizes.push_back(castTo(builder, loc, calls.i64Type(), sizes.back()));
    bytes = LLVM::MulOp::create(builder, loc, bytes, llvmSizes.back());
  }
  FailureOr<Value> memory = calls.call(
      "goAllocate", {entry.getArgument(0), entry.getArgument(1), bytes});
  if (failed(memory))
    return failure();

  auto compactType = MemRefType::get(type.getShape(), type.getElementType());
  auto descriptor = MemRefDescriptor::poison(
      builder, loc, converter.convertType(compactType));
  descriptor.setAllocatedPtr(builder, loc, *memory);
  descriptor.setAlignedPtr(builder, loc, *memory);
  descriptor.setConstantOffset(builder, loc, 0);
  Value stride = calls.constant(1);
  for (int64_t i = type.getRank() - 1; i >= 0; --i) {
    descriptor.setSize(builder, loc, i, llvmSizes[i]);
    descriptor.setStride(builder, loc, i, stride);
    stride = LLVM::MulOp::create(builder, loc, stride, llvmSizes[i]);
  }
  // Out of memory is an error that the context keeps; there is no target then.
  Value allocated = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne,
                                         *memory, calls.null());
  Value compact = castTo(builder, loc, compactType, Value(descriptor));
  scf::IfOp::create(builder, loc, allocated,
                    [&](OpBuilder &nested, Location loc) {
                      emitCopy(nested, loc, value, compact, sizes);
                      scf::YieldOp::create(nested, loc);
                    });
  calls.store(descriptor, address);
  return success();
}

LogicalResult EntryPointBuilder::pack(Value value, Value address) {
  Location loc = function.getLoc();
  Type type = value.getType();
  switch (*getPacking(type)) {
  case Packing::Data:
    memref::CopyOp::create(builder, loc, value,
                           fromData(cast<MemRefType>(type), address));
    return success();
  case Packing::Descriptor:
    return fillDescriptor(value, address);
  case Packing::Scalar:
    break;
  }
  if (type.isInteger(1))
    value = arith::ExtUIOp::create(builder, loc, builder.getI8Type(), value);
  Type llvmType = converter.convertType(value.getType());
  if (llvmType != value.getType())
    value = castTo(builder, loc, llvmType, value);
  calls.store(value, address);
  return success();
}

/// Lets returned allocations be the caller's memory from the start. Adds to
/// `settled` which operands of `op` that settles.
void EntryPointBuilder::reuseResultMemory(func::ReturnOp op,
                                          llvm::BitVector &settled) {
  for (unsigned i = 0, e = op.getNumOperands(); i < e; ++i) {
    Value value = op.getOperand(i);
    memref::AllocOp alloc = findAllocation(value, /*throughViews=*/false);
    if (!alloc || getPacking(value.getType()) != Packing::Data)
      continue;
    Value address = resultAddress(i);
    builder.setInsertionPoint(alloc);
    alloc.replaceAllUsesWith(
        fromData(cast<MemRefType>(value.getType()), address));
    alloc.erase();
    settled.set(i);
  }
}

/// Whether all values of `fetch` are awaited only to be returned by `op`.
static bool isOnlyReturned(cudagraph::FetchOp fetch, func::ReturnOp op) {
  return fetch->getBlock() == op->getBlock() &&
         llvm::all_of(fetch.getAwait()->getUsers(),
                      [&](Operation *user) { return user == op; });
}

/// Pattern: %p = fetch %a; %v = await %p; return %v
///       -> deliver %a to the result; return
/// Adds to `settled` which operands of `op` that settles. The fetches that it
/// returns are of no use once `op` is gone.
SmallVector<cudagraph::FetchOp>
EntryPointBuilder::deliverResults(func::ReturnOp op, llvm::BitVector &settled) {
  llvm::SetVector<cudagraph::FetchOp> fetches;
  for (Value value : op.getOperands())
    if (auto await = value.getDefiningOp<cudagraph::AwaitOp>()) {
      auto fetch = await.getPending().getDefiningOp<cudagraph::FetchOp>();
      if (isOnlyReturned(fetch, op))
        fetches.insert(fetch);
    }
  for (cudagraph::FetchOp fetch : fetches) {
    SmallVector<Value> sources, destinations;
    for (auto [index, value] : llvm::enumerate(op.getOperands())) {
      if (value.getDefiningOp() != fetch.getAwait())
        continue;
      Value source =
          fetch.getSources()[cast<OpResult>(value).getResultNumber()];
      auto type = cast<MemRefType>(source.getType());
      Value address = resultAddress(index);
      builder.setInsertionPoint(fetch);
      sources.push_back(source);
      destinations.push_back(fromData(
          MemRefType::get(type.getShape(), type.getElementType()), address));
      settled.set(index);
    }
    cudagraph::DeliverOp::create(builder, fetch.getLoc(), sources,
                                 destinations);
  }
  return fetches.takeVector();
}

LogicalResult EntryPointBuilder::emitReturn(func::ReturnOp op,
                                            const llvm::BitVector &settled) {
  Location loc = op.getLoc();
  SetVector<Value> toFree;
  for (auto [index, value] : llvm::enumerate(op.getOperands())) {
    if (settled.test(index))
      continue;
    Value address = resultAddress(index);
    builder.setInsertionPoint(op);
    if (failed(pack(value, address)))
      return failure();
    if (!isa<MemRefType>(value.getType()))
      continue;
    if (memref::AllocOp source = findAllocation(value, /*throughViews=*/true))
      toFree.insert(source);
    else if (options.ownResults)
      toFree.insert(value);
  }
  builder.setInsertionPoint(op);
  for (Value value : toFree)
    memref::DeallocOp::create(builder, loc, value);
  FailureOr<Value> status =
      calls.call("goContextTakeStatus", entry.getArgument(0));
  if (failed(status))
    return failure();
  func::ReturnOp::create(builder, loc, *status);
  op.erase();
  return success();
}

/// Makes the function that is the entry point; the builder goes into it.
void EntryPointBuilder::createEntry(StringRef name, FunctionType type) {
  SmallVector<Type> parameters(options.asyncResults ? 5 : 4,
                               calls.pointerType());
  auto entryType = builder.getFunctionType(parameters, builder.getI32Type());
  entry = func::FuncOp::create(builder, function.getLoc(), name, entryType);
  entry.setArgAttr(0, kContextAttr, builder.getUnitAttr());
  entry.setArgAttr(1, kStreamAttr, builder.getUnitAttr());
  entry->setAttr(kEntryAttr, function.getSymNameAttr());
  entry->setAttr(kEntryTypeAttr, TypeAttr::get(type));
  symbols.getSymbolTable(function->getParentOp()).insert(entry);
  builder.setInsertionPointToStart(entry.addEntryBlock());
  if (options.asyncResults) {
    entry.setArgAttr(4, kPendingAttr, builder.getUnitAttr());
    calls.store(calls.null(), entry.getArgument(4));
  }
}

LogicalResult EntryPointBuilder::run(FunctionType type) {
  Location loc = function.getLoc();
  StringRef program = function.getSymName();
  std::string name = options.asyncResults ? asyncEntryPointName(program)
                                          : entryPointName(program);
  if (Operation *other = calls.lookup(name))
    return other->emitError("symbol @")
           << name << " is needed for the entry point of @" << program;

  createEntry(name, type);
  SmallVector<Value> arguments;
  if (options.takesContext)
    arguments = {entry.getArgument(0), entry.getArgument(1)};
  for (auto [index, argument] : llvm::enumerate(type.getInputs()))
    arguments.push_back(unpack(argument, index));

  if (options.moveBody) {
    Block &body = function.getBody().front();
    for (auto [argument, value] :
         llvm::zip_equal(body.getArguments(), arguments))
      argument.replaceAllUsesWith(value);
    Block &entryBlock = entry.getBody().front();
    entryBlock.getOperations().splice(entryBlock.end(), body.getOperations());
    // Only the entry block was emptied; no branch leads to it.
    auto &blocks = function.getBody().getBlocks();
    entry.getBody().getBlocks().splice(entry.getBody().end(), blocks,
                                       std::next(blocks.begin()), blocks.end());
  } else {
    auto call = func::CallOp::create(builder, loc, function, arguments);
    func::ReturnOp::create(builder, loc, call.getResults());
  }

  SmallVector<func::ReturnOp> returns;
  for (Block &block : entry.getBody())
    if (auto op = dyn_cast<func::ReturnOp>(block.getTerminator()))
      returns.push_back(op);
  for (func::ReturnOp op : returns) {
    llvm::BitVector settled(op.getNumOperands());
    if (returns.size() == 1)
      reuseResultMemory(op, settled);
    SmallVector<cudagraph::FetchOp> delivered;
    if (options.asyncResults)
      delivered = deliverResults(op, settled);
    if (failed(emitReturn(op, settled)))
      return failure();
    for (cudagraph::FetchOp fetch : delivered) {
      fetch.getAwait().erase();
      fetch.erase();
    }
  }
  return success();
}

LogicalResult graphopt::createEntryPoint(func::FuncOp function,
                                         FunctionType type,
                                         const EntryPointOptions &options,
                                         SymbolTableCollection &symbols) {
  return EntryPointBuilder(function, options, symbols).run(type);
}
