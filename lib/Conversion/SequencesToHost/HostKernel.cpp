//===- HostKernel.cpp - Functions of a kernel on the host -----------------===//
//
// Emits loops over chunks of tensors. A chunk is a run of elements of one
// tensor; which chunks there are is a constant table of the module. Element
// loops are plain, so that LLVM vectorises them; partial results of reductions
// are joined in the order of the chunks, whatever thread made them.
//
//===----------------------------------------------------------------------===//

#include "HostKernel.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::tseq;
using namespace graphopt;
using cudagraph::Access;

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

FlatSymbolRefAttr ConstantTables::get(ArrayRef<int64_t> values, int64_t width) {
  std::vector<int64_t> key(values.begin(), values.end());
  key.push_back(width);
  FlatSymbolRefAttr &table = tables[key];
  if (table)
    return table;
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  int64_t rows = values.size() / width;
  auto type = MemRefType::get({rows, width}, builder.getI64Type());
  auto tensor = RankedTensorType::get({rows, width}, builder.getI64Type());
  auto global = memref::GlobalOp::create(
      builder, module.getLoc(), "graphopt.table",
      builder.getStringAttr("private"), type,
      DenseElementsAttr::get(tensor, values), /*constant=*/true,
      /*alignment=*/IntegerAttr());
  symbols.insert(global);
  return table = FlatSymbolRefAttr::get(global);
}

SmallVector<int64_t> graphopt::getChunks(SeqType domain,
                                         int64_t chunkElements) {
  SmallVector<int64_t> rows;
  for (size_t i = 0, e = domain.size(); i < e; ++i) {
    int64_t count = domain.getElement(i).getNumElements();
    for (int64_t offset = 0; offset < count; offset += chunkElements)
      rows.append({static_cast<int64_t>(i), offset,
                   std::min(chunkElements, count - offset)});
  }
  return rows;
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

HostKernel::HostKernel(ModuleOp module, SymbolTable &symbols,
                       ConstantTables &tables, std::string name)
    : module(module), symbols(symbols), tables(tables),
      converter(module.getContext()) {
  node.name = std::move(name);
}

int64_t HostKernel::addOperand(Value memref, Access access) {
  node.operands.push_back(memref);
  node.accesses.push_back(access);
  return node.operands.size() - 1;
}

HostKernel::Row HostKernel::addRow(ValueRange memrefs, Type element,
                                   Access access) {
  Row row{static_cast<int64_t>(node.operands.size()), element};
  for (Value memref : memrefs)
    addOperand(memref, access);
  return row;
}

HostKernel::Row HostKernel::addSequence(Value sequence, Access access) {
  auto pack = sequence.getDefiningOp<PackOp>();
  return addRow(pack.getTensors(), pack.getType().getUniformElementType(),
                access);
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

HostKernel::Phase HostKernel::beginPhase(Location loc, int64_t items) {
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  auto type = builder.getFunctionType(
      {pointer, builder.getI64Type(), builder.getI64Type()}, {});
  auto function = func::FuncOp::create(
      builder, loc, node.name + ".phase" + std::to_string(node.phases.size()),
      type);
  function.setPrivate();
  symbols.insert(function);
  node.phases.push_back(cudagraph::PhaseAttr::get(
      builder.getContext(), FlatSymbolRefAttr::get(function), items));
  Block *entry = function.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  auto ret = func::ReturnOp::create(builder, loc);
  builder.setInsertionPoint(ret);
  return {function, builder, entry->getArgument(0), entry->getArgument(1),
          entry->getArgument(2)};
}

Value graphopt::createI64(OpBuilder &builder, Location loc, int64_t value) {
  return arith::ConstantIntOp::create(builder, loc, value, 64);
}

Value HostKernel::loadPointer(Phase &phase, Value index) {
  OpBuilder &b = phase.builder;
  auto type = LLVM::LLVMPointerType::get(b.getContext());
  Location loc = phase.function.getLoc();
  Value address = LLVM::GEPOp::create(b, loc, type, type, phase.table, index);
  return LLVM::LoadOp::create(b, loc, type, address);
}

Value HostKernel::loadPointer(Phase &phase, int64_t index) {
  return loadPointer(phase,
                     createI64(phase.builder, phase.function.getLoc(), index));
}

Value HostKernel::loadElement(Phase &phase, Value pointer, Value index,
                              Type type) {
  OpBuilder &b = phase.builder;
  Location loc = phase.function.getLoc();
  Type stored = converter.convertType(type);
  Value address =
      LLVM::GEPOp::create(b, loc, pointer.getType(), stored, pointer, index);
  Value value = LLVM::LoadOp::create(b, loc, stored, address);
  if (isa<IndexType>(type))
    value = arith::IndexCastOp::create(b, loc, type, value);
  return value;
}

void HostKernel::storeElement(Phase &phase, Value pointer, Value index,
                              Value value) {
  OpBuilder &b = phase.builder;
  Location loc = phase.function.getLoc();
  Type stored = converter.convertType(value.getType());
  if (isa<IndexType>(value.getType()))
    value = arith::IndexCastOp::create(b, loc, stored, value);
  Value address =
      LLVM::GEPOp::create(b, loc, pointer.getType(), stored, pointer, index);
  LLVM::StoreOp::create(b, loc, value, address);
}

Value HostKernel::loadTable(Phase &phase, FlatSymbolRefAttr table, int64_t size,
                            int64_t width, Value row, int64_t column) {
  OpBuilder &b = phase.builder;
  Location loc = phase.function.getLoc();
  auto type = MemRefType::get({size / width, width}, b.getI64Type());
  Value memref = memref::GetGlobalOp::create(b, loc, type, table.getAttr());
  Value position = arith::IndexCastOp::create(b, loc, b.getIndexType(), row);
  Value second = arith::ConstantIndexOp::create(b, loc, column);
  return memref::LoadOp::create(b, loc, memref, ValueRange{position, second});
}

Value HostKernel::makeMemRef(Phase &phase, Value pointer, MemRefType type) {
  OpBuilder &b = phase.builder;
  Location loc = phase.function.getLoc();
  int64_t offset = 0;
  SmallVector<int64_t> strides;
  if (succeeded(type.getStridesAndOffset(strides, offset)) && offset != 0 &&
      !ShapedType::isDynamic(offset))
    pointer = LLVM::GEPOp::create(b, loc, pointer.getType(),
                                  converter.convertType(type.getElementType()),
                                  pointer, createI64(b, loc, -offset));
  Value descriptor = MemRefDescriptor::fromStaticShape(b, loc, converter, type,
                                                       pointer, pointer);
  return UnrealizedConversionCastOp::create(b, loc, type, descriptor)
      .getResult(0);
}

void HostKernel::forEachChunk(
    Phase &phase, SeqType domain, int64_t chunkElements,
    function_ref<void(Value, Value, Value, Value)> body) {
  Location loc = phase.function.getLoc();
  SmallVector<int64_t> chunks = getChunks(domain, chunkElements);
  if (chunks.empty())
    return;
  FlatSymbolRefAttr table = tables.get(chunks, 3);
  int64_t size = chunks.size();
  Value one = createI64(phase.builder, loc, 1);
  auto loop =
      scf::ForOp::create(phase.builder, loc, phase.begin, phase.end, one);
  OpBuilder::InsertionGuard guard(phase.builder);
  phase.builder.setInsertionPointToStart(loop.getBody());
  Value chunk = loop.getInductionVar();
  Value tensor = loadTable(phase, table, size, 3, chunk, 0);
  Value offset = loadTable(phase, table, size, 3, chunk, 1);
  Value length = loadTable(phase, table, size, 3, chunk, 2);
  body(tensor, offset, length, chunk);
}

SmallVector<Value> HostKernel::loadScalars(Phase &phase, ValueRange scalars,
                                           ArrayRef<int64_t> numbers,
                                           Value tensor) {
  SmallVector<Value> values;
  for (auto [scalar, number] : llvm::zip_equal(scalars, numbers)) {
    auto type = cast<MemRefType>(scalar.getType());
    Value index = type.getRank() == 0
                      ? createI64(phase.builder, phase.function.getLoc(), 0)
                      : tensor;
    values.push_back(loadElement(phase, loadPointer(phase, number), index,
                                 type.getElementType()));
  }
  return values;
}

//===----------------------------------------------------------------------===//
// Map
//===----------------------------------------------------------------------===//

void HostKernel::addPhases(MapOp op) {
  Location loc = op.getLoc();
  SeqType domain = op.getDomain();
  int64_t chunkElements = *op.getChunkElements();
  SmallVector<Row> inputs, outs;
  SmallVector<int64_t> scalars;
  // A sequence that is read and written is one row: LLVM then sees one pointer
  // and need not fear that two overlap.
  DenseMap<Value, Row> rows;
  auto key = [](Value sequence) { return sequence.getDefiningOp<PackOp>(); };
  auto sameTensors = [&](Value a, Value b) {
    return key(a).getTensors() == key(b).getTensors();
  };
  for (Value input : op.getInputs()) {
    bool isOut = llvm::any_of(
        op.getOuts(), [&](Value out) { return sameTensors(input, out); });
    inputs.push_back(
        addSequence(input, isOut ? Access::ReadWrite : Access::Read));
  }
  for (Value out : op.getOuts()) {
    auto same = llvm::find_if(
        op.getInputs(), [&](Value input) { return sameTensors(input, out); });
    if (same != op.getInputs().end())
      outs.push_back(inputs[same - op.getInputs().begin()]);
    else
      outs.push_back(addSequence(out, Access::Write));
  }
  for (Value scalar : op.getScalars())
    scalars.push_back(addOperand(scalar, Access::Read));
  int64_t predicate =
      op.getPredicate() ? addOperand(op.getPredicate(), Access::Read) : -1;

  Phase phase = beginPhase(loc, getChunks(domain, chunkElements).size() / 3);
  OpBuilder &b = phase.builder;
  if (op.getPredicate()) {
    Value holds = loadElement(phase, loadPointer(phase, predicate),
                              createI64(b, loc, 0), b.getI1Type());
    auto branch = scf::IfOp::create(b, loc, holds, /*withElseRegion=*/false);
    b.setInsertionPointToStart(&branch.getThenRegion().front());
  }
  forEachChunk(
      phase, domain, chunkElements,
      [&](Value tensor, Value offset, Value length, Value) {
        SmallVector<Value> pointers(node.operands.size());
        auto pointerOf = [&](Row row) {
          Value &pointer = pointers[row.first];
          if (!pointer) {
            Value number = arith::AddIOp::create(b, loc, tensor,
                                                 createI64(b, loc, row.first));
            pointer = LLVM::GEPOp::create(
                b, loc, LLVM::LLVMPointerType::get(b.getContext()),
                converter.convertType(row.element), loadPointer(phase, number),
                offset);
          }
          return pointer;
        };
        SmallVector<Value> inputPointers, outPointers;
        for (Row row : inputs)
          inputPointers.push_back(pointerOf(row));
        for (Row row : outs)
          outPointers.push_back(pointerOf(row));
        SmallVector<Value> scalarValues =
            loadScalars(phase, op.getScalars(), scalars, tensor);
        auto loop = scf::ForOp::create(b, loc, createI64(b, loc, 0), length,
                                       createI64(b, loc, 1));
        OpBuilder::InsertionGuard guard(b);
        b.setInsertionPointToStart(loop.getBody());
        SmallVector<Value> arguments;
        for (auto [row, pointer] : llvm::zip(inputs, inputPointers))
          arguments.push_back(
              loadElement(phase, pointer, loop.getInductionVar(), row.element));
        llvm::append_range(arguments, scalarValues);
        SmallVector<Value> values = cloneBody(b, op.getBodyBlock(), arguments);
        for (auto [pointer, value] : llvm::zip(outPointers, values))
          storeElement(phase, pointer, loop.getInductionVar(), value);
      });
}

//===----------------------------------------------------------------------===//
// Scalar and other ops
//===----------------------------------------------------------------------===//

void HostKernel::addPhases(ScalarOp op) {
  Location loc = op.getLoc();
  Phase phase = beginPhase(loc, 1);
  OpBuilder &b = phase.builder;
  Value zero = createI64(b, loc, 0);
  SmallVector<Value> arguments, scalarOuts;
  for (Value input : op.getInputs()) {
    auto type = cast<MemRefType>(input.getType());
    Value pointer = loadPointer(phase, addOperand(input, Access::Read));
    arguments.push_back(type.getRank() == 0 ? loadElement(phase, pointer, zero,
                                                          type.getElementType())
                                            : makeMemRef(phase, pointer, type));
  }
  for (Value out : op.getOuts()) {
    auto type = cast<MemRefType>(out.getType());
    Value pointer = loadPointer(phase, addOperand(out, Access::Write));
    if (type.getRank() == 0)
      scalarOuts.push_back(pointer);
    else
      arguments.push_back(makeMemRef(phase, pointer, type));
  }
  SmallVector<Value> values = cloneBody(b, op.getBodyBlock(), arguments);
  for (auto [pointer, value] : llvm::zip_equal(scalarOuts, values))
    storeElement(phase, pointer, zero, value);
}

/// The memref that `memref` is a view of inside of a region.
static Operation *getView(Value memref) {
  Operation *op = memref.getDefiningOp();
  return isa_and_nonnull<memref::SubViewOp, memref::ExpandShapeOp,
                         memref::CollapseShapeOp, memref::CastOp,
                         memref::ReinterpretCastOp>(op)
             ? op
             : nullptr;
}

void HostKernel::addPhase(Operation *op) {
  Phase phase = beginPhase(op->getLoc(), 1);
  IRMapping mapping;
  // Views are made again in the function, on operands that are not views.
  auto mapValue = [&](Value value, Access access) {
    SmallVector<Operation *> views;
    Value root = value;
    while (Operation *view = getView(root)) {
      views.push_back(view);
      root = view->getOperand(0);
    }
    if (isa<MemRefType>(root.getType()) && !mapping.contains(root)) {
      int64_t number = addOperand(root, access);
      mapping.map(root, makeMemRef(phase, loadPointer(phase, number),
                                   cast<MemRefType>(root.getType())));
    } else if (isa<MemRefType>(root.getType())) {
      addOperand(root, access);
    } else if (!mapping.contains(root)) {
      phase.builder.clone(*root.getDefiningOp(), mapping);
    }
    for (Operation *view : llvm::reverse(views))
      if (!mapping.contains(view->getResult(0)))
        phase.builder.clone(*view, mapping);
  };
  auto destination = dyn_cast<DestinationStyleOpInterface>(op);
  for (OpOperand &operand : op->getOpOperands()) {
    bool isInit = destination && destination.isDpsInit(&operand);
    mapValue(operand.get(), isInit ? Access::ReadWrite : Access::Read);
  }
  llvm::SetVector<Value> captured;
  op->walk([&](Operation *inner) {
    for (Value value : inner->getOperands())
      if (inner != op && !op->isAncestor(value.getParentBlock()->getParentOp()))
        captured.insert(value);
  });
  for (Value value : captured)
    mapValue(value, Access::Read);
  phase.builder.clone(*op, mapping);
}
