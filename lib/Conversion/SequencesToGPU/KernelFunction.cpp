//===- KernelFunction.cpp - The gpu.func of one kernel node ---------------===//
//
// Implements operands, memory and control of a kernel. Loops over elements are
// in ElementLoop.cpp, loops over pieces in Pieces.cpp, reductions and barriers
// in Barriers.cpp.
//
//===----------------------------------------------------------------------===//

#include "KernelFunction.h"

#include "../GPULowering/KernelNames.h"

#include "GraphOpt/Analysis/Requests.h"

#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace graphopt;
using cudagraph::Access;

/// Bytes of the parameters of a kernel on sm_70 and newer: CUDA C++ Programming
/// Guide, "Function parameters" (32,764 from CUDA 12.1 on).
static constexpr int64_t kMaxParameterBytes = 32764;
static constexpr int64_t kSlotBytes = 8;

/// Of arrays in shared memory, in bytes: the widest access.
static constexpr int64_t kSharedAlignment = 16;

/// Mark the addresses of slots whose number is known in the end.
static constexpr llvm::StringLiteral kStateSlot = "graphopt.state_slot";
static constexpr llvm::StringLiteral kConditionSlot = "graphopt.condition_slot";

/// Pointers into global memory.
static LLVM::LLVMPointerType getGlobalPointer(MLIRContext *context) {
  return LLVM::LLVMPointerType::get(context, /*addressSpace=*/1);
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

Value DeviceTables::get(OpBuilder &builder, Location loc,
                        ArrayRef<int64_t> values, unsigned bits) {
  auto pointer = getGlobalPointer(builder.getContext());
  FlatSymbolRefAttr &table =
      tables[{bits, std::vector<int64_t>(values.begin(), values.end())}];
  if (!table) {
    OpBuilder globals = OpBuilder::atBlockBegin(module.getBody());
    Type element = builder.getIntegerType(bits);
    SmallVector<APInt> numbers = llvm::map_to_vector(
        values, [&](int64_t value) { return APInt(bits, value, true); });
    auto type = RankedTensorType::get({int64_t(values.size())}, element);
    auto global = LLVM::GlobalOp::create(
        globals, module.getLoc(),
        LLVM::LLVMArrayType::get(element, values.size()), /*isConstant=*/true,
        LLVM::Linkage::Internal, "table", DenseElementsAttr::get(type, numbers),
        /*alignment=*/16, /*addrSpace=*/1);
    symbols.insert(global);
    table = FlatSymbolRefAttr::get(global);
  }
  return LLVM::AddressOfOp::create(builder, loc, pointer, table.getValue());
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

/// A name that PTX takes.
static std::string getDeviceName(StringRef name) {
  std::string result = name.str();
  for (char &c : result)
    if (!llvm::isAlnum(c) && c != '_')
      c = '_';
  return result;
}

KernelFunction::KernelFunction(gpu::GPUModuleOp module, SymbolTable &symbols,
                               DeviceTables &tables, Location loc,
                               StringRef name, int64_t threads,
                               int64_t residentBlocks, bool isCooperative)
    : builder(OpBuilder::atBlockEnd(module.getBody())), loc(loc),
      threads(threads), module(module), symbols(symbols), tables(tables),
      converter(module.getContext()) {
  auto pointer = LLVM::LLVMPointerType::get(builder.getContext());
  function = gpu::GPUFuncOp::create(builder, loc, getDeviceName(name),
                                    builder.getFunctionType({pointer}, {}));
  symbols.insert(function);
  function->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                    builder.getUnitAttr());
  node.name = name.str();
  node.phases.push_back(cudagraph::PhaseAttr::get(
      builder.getContext(),
      SymbolRefAttr::get(module.getNameAttr(),
                         FlatSymbolRefAttr::get(function)),
      /*items=*/1));
  slots = function.getArgument(0);
  builder.setInsertionPointToStart(&function.getBody().front());
  auto end = gpu::ReturnOp::create(builder, loc);
  builder.setInsertionPoint(end);
  thread = toI32(gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x));
  block = toI32(gpu::BlockIdOp::create(builder, loc, gpu::Dimension::x));
  // Bounds the registers.
  if (residentBlocks > 0)
    function->setAttr(NVVM::NVVMDialect::getMinctasmAttrName(),
                      builder.getI32IntegerAttr(residentBlocks));
  node.isCooperative = isCooperative;
  if (isCooperative)
    gridSize = toI32(gpu::GridDimOp::create(builder, loc, gpu::Dimension::x));
}

Value KernelFunction::toI32(Value index) {
  return arith::IndexCastUIOp::create(builder, loc, builder.getI32Type(),
                                      index);
}

KernelNode KernelFunction::finish(int64_t blocks) {
  node.grid = std::max<int64_t>(blocks, 1);
  node.block = threads;
  // The state comes after all operands, conditions come after the state.
  int64_t stateSlot = node.operands.size();
  int64_t firstCondition = stateSlot + (node.stateBytes > 0 ? 1 : 0);
  int64_t numSlots = firstCondition + node.sets.size();
  function.walk([&](LLVM::GEPOp gep) {
    if (gep->removeAttr(kStateSlot))
      gep.setRawConstantIndices(static_cast<int32_t>(stateSlot));
    if (auto number =
            dyn_cast_or_null<IntegerAttr>(gep->removeAttr(kConditionSlot)))
      gep.setRawConstantIndices(
          static_cast<int32_t>(firstCondition + number.getInt()));
  });
  auto i32 = [](int64_t value) { return static_cast<int32_t>(value); };
  function.setKnownBlockSize(ArrayRef<int32_t>{i32(threads), 1, 1});
  if (!node.isCooperative)
    function.setKnownGridSize(ArrayRef<int32_t>{i32(node.grid), 1, 1});
  if (numSlots * kSlotBytes <= kMaxParameterBytes)
    function->setAttr(kSlotsByValueAttr, builder.getI64IntegerAttr(numSlots));
  return std::move(node);
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// Adds `access` to what the kernel does with operand `number`.
void KernelFunction::addAccess(int64_t number, Access access) {
  node.accesses[number] =
      static_cast<Access>(static_cast<uint32_t>(node.accesses[number]) |
                          static_cast<uint32_t>(access));
}

int64_t KernelFunction::appendOperand(Value memref, Access access) {
  node.operands.push_back(memref);
  node.accesses.push_back(access);
  isScalar.push_back(isHostScalar(memref));
  return node.operands.size() - 1;
}

int64_t KernelFunction::addOperand(Value memref, Access access) {
  auto [known, isNew] = single.try_emplace(memref, 0);
  if (isNew)
    known->second = appendOperand(memref, access);
  else
    addAccess(known->second, access);
  return known->second;
}

KernelFunction::Row KernelFunction::addSequence(Value sequence, Access access) {
  auto pack = sequence.getDefiningOp<tseq::PackOp>();
  std::vector<void *> tensors;
  for (Value tensor : pack.getTensors())
    tensors.push_back(tensor.getAsOpaquePointer());
  Type element = pack.getType().getUniformElementType();
  auto [known, isNew] =
      rows.try_emplace(std::move(tensors), int64_t(node.operands.size()));
  for (auto [i, tensor] : llvm::enumerate(pack.getTensors())) {
    if (isNew)
      appendOperand(tensor, access);
    else
      addAccess(known->second + i, access);
  }
  return {known->second, element};
}

Value KernelFunction::getAddress(int64_t number) {
  Value slot =
      LLVM::GEPOp::create(builder, loc, slots.getType(), builder.getI64Type(),
                          slots, LLVM::GEPArg(static_cast<int32_t>(number)));
  if (isScalar[number])
    return slot;
  return LLVM::LoadOp::create(builder, loc,
                              getGlobalPointer(builder.getContext()), slot);
}

Value KernelFunction::getAddress(Row row, Value tensor, Value offset) {
  Value number = add(tensor, constant(row.first));
  Value slot =
      LLVM::GEPOp::create(builder, loc, slots.getType(), builder.getI64Type(),
                          slots, LLVM::GEPArg(number));
  auto pointer = getGlobalPointer(builder.getContext());
  Value base = LLVM::LoadOp::create(builder, loc, pointer, slot);
  return getElement(base, offset, getStoredType(row.element));
}

Value KernelFunction::createMemRef(Value address, MemRefType type) {
  auto generic = LLVM::LLVMPointerType::get(builder.getContext());
  if (address.getType() != generic)
    address = LLVM::AddrSpaceCastOp::create(builder, loc, generic, address);
  int64_t offset = 0;
  SmallVector<int64_t> strides;
  if (succeeded(type.getStridesAndOffset(strides, offset)) && offset != 0)
    address = getElement(address, constant(-offset, 64),
                         converter.convertType(type.getElementType()));
  Value descriptor = MemRefDescriptor::fromStaticShape(builder, loc, converter,
                                                       type, address, address);
  return UnrealizedConversionCastOp::create(builder, loc, type, descriptor)
      .getResult(0);
}

Value KernelFunction::getLateSlot(StringRef kind, int64_t number) {
  auto slot = LLVM::GEPOp::create(builder, loc, slots.getType(),
                                  builder.getI64Type(), slots, LLVM::GEPArg(0));
  slot->setAttr(kind, builder.getI64IntegerAttr(number));
  return slot;
}

Value KernelFunction::getState(int64_t bytes) {
  node.stateBytes = std::max(node.stateBytes, bytes);
  return LLVM::LoadOp::create(builder, loc,
                              getGlobalPointer(builder.getContext()),
                              getLateSlot(kStateSlot, 0));
}

void KernelFunction::setCondition(Value condition, Value value) {
  Type i64 = builder.getI64Type(), i32 = builder.getI32Type();
  if (!symbols.lookup(kConditionSetter)) {
    OpBuilder globals = OpBuilder::atBlockBegin(module.getBody());
    auto none = LLVM::LLVMVoidType::get(builder.getContext());
    symbols.insert(LLVM::LLVMFuncOp::create(
        globals, module.getLoc(), kConditionSetter,
        LLVM::LLVMFunctionType::get(none, {i64, i32})));
  }
  auto known = llvm::find(node.sets, condition);
  int64_t number = known - node.sets.begin();
  if (known == node.sets.end())
    node.sets.push_back(condition);
  Value handle = LLVM::LoadOp::create(builder, loc, i64,
                                      getLateSlot(kConditionSlot, number));
  Value exists = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne,
                                       handle, constant(0, 64));
  ifThen(exists, [&] {
    Value number = arith::ExtUIOp::create(builder, loc, i32, value);
    LLVM::CallOp::create(builder, loc, TypeRange(), kConditionSetter,
                         ValueRange{handle, number});
  });
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Type KernelFunction::getStoredType(Type type) {
  if (type.isInteger(1))
    return builder.getI8Type();
  return isa<IndexType>(type) ? builder.getI64Type() : type;
}

Value KernelFunction::fromStored(Value value, Type type) {
  if (isa<IndexType>(type))
    return arith::IndexCastOp::create(builder, loc, type, value);
  if (type.isInteger(1))
    return arith::TruncIOp::create(builder, loc, type, value);
  return value;
}

Value KernelFunction::toStored(Value value) {
  Type stored = getStoredType(value.getType());
  if (isa<IndexType>(value.getType()))
    return arith::IndexCastOp::create(builder, loc, stored, value);
  if (value.getType().isInteger(1))
    return arith::ExtUIOp::create(builder, loc, stored, value);
  return value;
}

Value KernelFunction::getElement(Value address, Value index, Type stored) {
  return LLVM::GEPOp::create(builder, loc, address.getType(), stored, address,
                             LLVM::GEPArg(index));
}

Value KernelFunction::load(Value address, Value index, Type type) {
  Type stored = getStoredType(type);
  return fromStored(LLVM::LoadOp::create(builder, loc, stored,
                                         getElement(address, index, stored)),
                    type);
}

Operation *KernelFunction::store(Value value, Value address, Value index) {
  Value stored = toStored(value);
  return LLVM::StoreOp::create(builder, loc, stored,
                               getElement(address, index, stored.getType()));
}

void KernelFunction::storeOnce(Value value, Value address, Value index) {
  store(value, address, index)->setAttr(kOnceAttribute, builder.getUnitAttr());
}

Value KernelFunction::loadTable(ArrayRef<int64_t> values, Value index) {
  Value table = tables.get(builder, loc, values, 32);
  auto load =
      LLVM::LoadOp::create(builder, loc, builder.getI32Type(),
                           getElement(table, index, builder.getI32Type()));
  load.setInvariant(true);
  return load;
}

Value KernelFunction::createShared(int64_t size, Type element) {
  auto space = gpu::AddressSpaceAttr::get(
      builder.getContext(), gpu::GPUDialect::getWorkgroupAddressSpace());
  unsigned number = function.getNumWorkgroupAttributions();
  Value shared = function.addWorkgroupAttribution(
      MemRefType::get({size}, getStoredType(element), AffineMap(), space), loc);
  // LLVM joins loads of what it takes to be aligned, ptxas places arrays by
  // what they say.
  function.setWorkgroupAttributionAttr(
      number, LLVM::LLVMDialect::getAlignAttrName(),
      builder.getI64IntegerAttr(kSharedAlignment));
  return shared;
}

Value KernelFunction::getSharedWords(int64_t words) {
  if (!sharedWords)
    return sharedWords = createShared(words, builder.getI64Type());
  auto type = cast<MemRefType>(sharedWords.getType());
  if (type.getNumElements() < words)
    sharedWords.setType(MemRefType::Builder(type).setShape({words}));
  return sharedWords;
}

Value KernelFunction::loadShared(Value shared, Value index, Type type) {
  return fromStored(memref::LoadOp::create(builder, loc, shared, index), type);
}

void KernelFunction::storeShared(Value value, Value shared, Value index) {
  memref::StoreOp::create(builder, loc, toStored(value), shared, index);
}

//===----------------------------------------------------------------------===//
// Control
//===----------------------------------------------------------------------===//

Value KernelFunction::constant(int64_t value, unsigned bits) {
  return arith::ConstantIntOp::create(builder, loc, value, bits);
}

Value KernelFunction::add(Value lhs, Value rhs) {
  return arith::AddIOp::create(builder, loc, lhs, rhs);
}

Value KernelFunction::sub(Value lhs, Value rhs) {
  return arith::SubIOp::create(builder, loc, lhs, rhs);
}

Value KernelFunction::isEqual(Value lhs, int64_t rhs) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, lhs,
                               constant(rhs));
}

Value KernelFunction::isLess(Value lhs, Value rhs) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ult, lhs,
                               rhs);
}

void KernelFunction::barrier() { gpu::BarrierOp::create(builder, loc); }

void KernelFunction::ifThen(Value condition, function_ref<void()> body) {
  auto branch = scf::IfOp::create(builder, loc, condition,
                                  /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&branch.getThenRegion().front());
  body();
}

ValueRange KernelFunction::ifThen(Value condition, ValueRange otherwise,
                                  function_ref<SmallVector<Value>()> body) {
  bool hasValues = !otherwise.empty();
  auto branch = scf::IfOp::create(builder, loc, otherwise.getTypes(), condition,
                                  /*withElseRegion=*/hasValues);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&branch.getThenRegion().front());
  SmallVector<Value> values = body();
  if (hasValues) {
    scf::YieldOp::create(builder, loc, values);
    builder.setInsertionPointToStart(&branch.getElseRegion().front());
    scf::YieldOp::create(builder, loc, otherwise);
  }
  return branch.getResults();
}

ValueRange
KernelFunction::loop(Value begin, Value end, Value step, ValueRange inits,
                     function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  auto loop = scf::ForOp::create(builder, loc, begin, end, step, inits);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> values =
      body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!inits.empty())
    scf::YieldOp::create(builder, loc, values);
  return loop.getResults();
}

void KernelFunction::loop(Value begin, Value end, Value step,
                          function_ref<void(Value)> body) {
  loop(begin, end, step, ValueRange(), [&](Value i, ValueRange) {
    body(i);
    return SmallVector<Value>();
  });
}
