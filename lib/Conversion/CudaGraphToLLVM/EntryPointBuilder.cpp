//===- EntryPointBuilder.cpp - One packed entry point ---------------------===//
//
// Implements entry points: loads of the arguments, the body or a call.
//
//===----------------------------------------------------------------------===//

#include "EntryPointBuilder.h"

#include "GraphOpt/Conversion/EntryPoints.h"
#include "GraphOpt/CudaGraph/CudaGraphHazards.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

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
      failed(cudagraph::getLayout(memref, strides, offset)))
    return std::nullopt;
  Attribute space = memref.getMemorySpace();
  if (space &&
      space != IntegerAttr::get(IntegerType::get(type.getContext(), 64), 0))
    return std::nullopt;
  return memref.hasStaticShape() && memref.getLayout().isIdentity()
             ? Packing::Data
             : Packing::Descriptor;
}

Value EntryPointBuilder::castTo(Type type, Value value) {
  return UnrealizedConversionCastOp::create(builder, function.getLoc(), type,
                                            value)
      .getResult(0);
}

Value EntryPointBuilder::fromData(MemRefType type, Value data) {
  Location loc = function.getLoc();
  return castTo(type, MemRefDescriptor::fromStaticShape(builder, loc, converter,
                                                        type, data));
}

Value EntryPointBuilder::unpack(Type type, int64_t index) {
  Location loc = function.getLoc();
  Value address = calls.load(
      calls.pointerType(),
      calls.element(entry.getArgument(2), calls.pointerType(), index));
  switch (*getPacking(type)) {
  case Packing::Data: {
    Value memref = fromData(cast<MemRefType>(type), address);
    dataArguments.push_back({memref, address});
    return memref;
  }
  case Packing::Descriptor:
    return castTo(type, calls.load(converter.convertType(type), address));
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
  return llvmType == type ? value : castTo(type, value);
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
    if (returns.size() == 1) {
      reuseResultMemory(op, settled);
      if (failed(placeResults()))
        return failure();
    }
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
