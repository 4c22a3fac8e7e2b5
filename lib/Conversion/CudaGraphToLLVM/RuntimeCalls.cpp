//===- RuntimeCalls.cpp - Calls of the runtime's C ABI --------------------===//
//
// Implements declarations and calls of the functions of GraphRuntime.h.
//
//===----------------------------------------------------------------------===//

#include "RuntimeCalls.h"

#include "mlir/IR/Builders.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

using namespace mlir;
using namespace graphopt;

RuntimeCalls::RuntimeCalls(OpBuilder &builder, Location loc, Operation *from,
                           SymbolTableCollection *symbols)
    : builder(builder), loc(loc),
      module(SymbolTable::getNearestSymbolTable(from)), symbols(symbols),
      pointer(LLVM::LLVMPointerType::get(builder.getContext())),
      i64(builder.getI64Type()) {}

Operation *RuntimeCalls::lookup(StringRef name) {
  if (symbols)
    return symbols->lookupSymbolIn(module, builder.getStringAttr(name));
  return SymbolTable::lookupSymbolIn(module, name);
}

FailureOr<Value> RuntimeCalls::call(StringRef name, ValueRange arguments) {
  bool givesPointer = name == "goAllocate" || name == "goAllocateReadable" ||
                      name == "goConstant" || name == "goPlaceResults" ||
                      name == "goExecMailbox";
  Type result = givesPointer ? pointer : builder.getI32Type();
  if (name == "goFree")
    result = LLVM::LLVMVoidType::get(builder.getContext());
  auto type = LLVM::LLVMFunctionType::get(
      result, llvm::to_vector(arguments.getTypes()));
  Operation *existing = lookup(name);
  if (!existing) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&module->getRegion(0).front());
    auto declaration =
        LLVM::LLVMFuncOp::create(builder, module->getLoc(), name, type);
    if (symbols)
      symbols->getSymbolTable(module).insert(declaration);
  } else {
    auto function = dyn_cast<LLVM::LLVMFuncOp>(existing);
    if (!function || function.getFunctionType() != type)
      return existing->emitError("symbol @")
             << name << " is a function of the graph runtime; the program must "
             << "not use its name";
  }
  return LLVM::CallOp::create(builder, loc, type, name, arguments).getResult();
}

Value RuntimeCalls::constant(int64_t value, unsigned width) {
  return LLVM::ConstantOp::create(
      builder, loc,
      builder.getIntegerAttr(builder.getIntegerType(width), value));
}

Value RuntimeCalls::null() {
  return LLVM::ZeroOp::create(builder, loc, pointer);
}

Value RuntimeCalls::element(Value base, Type elementType, int64_t index) {
  if (index == 0)
    return base;
  // A constant index of GEP has 32 bits.
  if (index > std::numeric_limits<int32_t>::max() / 2)
    return LLVM::GEPOp::create(builder, loc, pointer, elementType, base,
                               ValueRange{constant(index)});
  return LLVM::GEPOp::create(builder, loc, pointer, elementType, base,
                             ArrayRef<LLVM::GEPArg>{int32_t(index)});
}

Value RuntimeCalls::stackArray(Type type, int64_t count, unsigned alignment) {
  return LLVM::AllocaOp::create(builder, loc, pointer, type, constant(count),
                                alignment);
}

Value RuntimeCalls::saveStack() {
  return LLVM::StackSaveOp::create(builder, loc, pointer);
}

void RuntimeCalls::restoreStack(Value saved) {
  LLVM::StackRestoreOp::create(builder, loc, saved);
}

Value RuntimeCalls::load(Type type, Value address) {
  return LLVM::LoadOp::create(builder, loc, type, address);
}

void RuntimeCalls::store(Value value, Value address) {
  LLVM::StoreOp::create(builder, loc, value, address);
}

Value RuntimeCalls::addressOf(StringRef name) {
  return LLVM::AddressOfOp::create(builder, loc, pointer, name);
}

Value RuntimeCalls::addressOfCudaModule(StringRef name) {
  std::string symbol = cudaModuleName(name);
  if (!lookup(symbol)) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&module->getRegion(0).front());
    auto declared = LLVM::GlobalOp::create(
        builder, loc, cudaModuleType(), /*isConstant=*/true,
        LLVM::Linkage::External, symbol, Attribute(), /*alignment=*/16);
    if (symbols)
      symbols->getSymbolTable(module).insert(declared);
  }
  return addressOf(symbol);
}

Type RuntimeCalls::phaseType() const {
  return LLVM::LLVMStructType::getLiteral(builder.getContext(), {pointer, i64});
}

Type RuntimeCalls::infoType() const {
  return LLVM::LLVMStructType::getLiteral(
      builder.getContext(), {pointer, pointer, i64, i64, i64, i64, pointer});
}

Type RuntimeCalls::fetchItemType() const {
  return LLVM::LLVMStructType::getLiteral(builder.getContext(),
                                          {pointer, pointer, i64});
}

Type RuntimeCalls::copyItemType() const {
  return LLVM::LLVMStructType::getLiteral(builder.getContext(),
                                          {pointer, pointer, i64});
}

Type RuntimeCalls::placementType() const {
  return LLVM::LLVMStructType::getLiteral(builder.getContext(),
                                          {pointer, i64, i64});
}

Type RuntimeCalls::cudaModuleType() const {
  return LLVM::LLVMStructType::getLiteral(builder.getContext(),
                                          {pointer, pointer, i64, i64});
}

Type RuntimeCalls::cudaLaunchType() const {
  Type i32 = builder.getI32Type();
  Type extent = LLVM::LLVMArrayType::get(i32, 3);
  return LLVM::LLVMStructType::getLiteral(
      builder.getContext(),
      {pointer, pointer, extent, extent, i32, i32, i32, i32});
}

Type RuntimeCalls::kernelLaunchType() const {
  SmallVector<Type> fields(2, pointer);
  fields.append(10, i64);
  fields.append({pointer, i64});
  return LLVM::LLVMStructType::getLiteral(builder.getContext(), fields);
}

Value RuntimeCalls::structOf(Type type, ValueRange fields) {
  Value result = LLVM::PoisonOp::create(builder, loc, type);
  for (auto [index, field] : llvm::enumerate(fields))
    result = LLVM::InsertValueOp::create(builder, loc, result, field,
                                         ArrayRef<int64_t>{int64_t(index)});
  return result;
}

std::string graphopt::cudaModuleName(StringRef name) {
  return (name + ".module").str();
}

FailureOr<Value> graphopt::findRuntimeArgument(Operation *op, StringRef name) {
  auto function = op->getParentOfType<FunctionOpInterface>();
  if (function)
    for (unsigned i = 0, e = function.getNumArguments(); i < e; ++i)
      if (function.getArgAttr(i, name))
        return Value(function.getArgument(i));
  op->emitOpError("needs an argument of its function that is marked ")
      << name << "; pack-entry-points adds one";
  return failure();
}
