//===- Interface.cpp - Exported symbols of an emitted library -------------===//
//
// Implements the C functions around packed entry points and the constant table
// that describes them (GraphProgram.h), as LLVM IR.
//
//===----------------------------------------------------------------------===//

#include "Interface.h"

#include "GraphOpt/Runtime/GraphProgram.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/TargetParser/Host.h"

#include <tuple>

using namespace graphopt;
using llvm::ArrayRef;
using llvm::Constant;
using llvm::Error;
using llvm::GlobalValue;

namespace {
/// Adds the interface of one program.
class InterfaceBuilder {
public:
  InterfaceBuilder(llvm::Module &module, const ProgramInfo &program)
      : module(module), program(program), builder(module.getContext()),
        pointer(builder.getPtrTy()), i32(builder.getInt32Ty()),
        i64(builder.getInt64Ty()) {}

  Error run();

private:
  Error reserve(llvm::StringRef name);
  Error addFunction(const FunctionInfo &function);
  void addBody(llvm::Function *wrapper, const FunctionInfo &function,
               ArrayRef<Parameter> parameters);
  llvm::Type *typeOf(const FunctionInfo &function, const Parameter &parameter);
  Constant *string(llvm::StringRef text);
  Constant *array(llvm::Type *element, ArrayRef<Constant *> values);
  Constant *structOf(ArrayRef<Constant *> fields);
  Constant *values(ArrayRef<ValueInfo> values);
  Constant *describe(const FunctionInfo &function);
  Constant *number32(int64_t value) {
    return llvm::ConstantInt::get(i32, value);
  }
  Constant *number64(int64_t value) {
    return llvm::ConstantInt::getSigned(i64, value);
  }

  llvm::Module &module;
  const ProgramInfo &program;
  llvm::IRBuilder<> builder;
  llvm::PointerType *pointer;
  llvm::IntegerType *i32, *i64;
  /// The packed entry points.
  llvm::DenseMap<const FunctionInfo *, llvm::Function *> entries;
};
} // namespace

/// The packed form of an exported function.
static std::string packedName(llvm::StringRef name) {
  return (name + "_packed").str();
}

void graphopt::chooseNames(const llvm::Module &module, ProgramInfo &program) {
  llvm::StringSet<> taken = {program.tableName()};
  for (const llvm::GlobalValue &value : module.global_values())
    if (value.isDeclaration())
      taken.insert(value.getName());
  std::vector<FunctionInfo *> order;
  for (FunctionInfo &function : program.functions)
    order.push_back(&function);
  llvm::sort(order, [](const FunctionInfo *a, const FunctionInfo *b) {
    auto rank = [](const FunctionInfo *function) {
      llvm::StringRef name = function->name;
      return std::tuple(toIdentifier(name) != name, name.size(), name);
    };
    return rank(a) < rank(b);
  });
  for (FunctionInfo *function : order) {
    std::string base = program.name + "_" + toIdentifier(function->name);
    std::string name = base;
    for (unsigned i = 1;
         taken.contains(name) || taken.contains(packedName(name)); ++i)
      name = base + "_" + std::to_string(i);
    taken.insert(name);
    taken.insert(packedName(name));
    function->cName = name;
  }
}

Error InterfaceBuilder::reserve(llvm::StringRef name) {
  llvm::GlobalValue *value = module.getNamedValue(name);
  if (!value)
    return Error::success();
  // What is local to the library can have any name.
  if (value->hasLocalLinkage()) {
    value->setName(name + ".local");
    return Error::success();
  }
  return llvm::createStringError("the name '" + name +
                                 "' is taken; choose another by --name");
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

llvm::Type *InterfaceBuilder::typeOf(const FunctionInfo &function,
                                     const Parameter &parameter) {
  if (parameter.kind != Parameter::Kind::Value)
    return pointer;
  mlir::Type element = function.arguments[parameter.first].element;
  if (element.isF32())
    return builder.getFloatTy();
  if (element.isF64())
    return builder.getDoubleTy();
  // Half floats as their bits, i1 as a byte.
  return builder.getIntNTy(8 * elementBytes(element));
}

/// The parameter that is the whole array of all `count` arguments, or results;
/// null if there is none.
static llvm::Value *findWholeArray(llvm::Function *wrapper,
                                   ArrayRef<Parameter> parameters,
                                   bool isResult, size_t count) {
  for (auto [index, parameter] : llvm::enumerate(parameters))
    if (parameter.kind == Parameter::Kind::List &&
        parameter.isResult == isResult && parameter.count == count)
      return wrapper->getArg(2 + index);
  return nullptr;
}

/// The entry point's arrays are filled in from the parameters, or are one:
/// nobody writes to them.
void InterfaceBuilder::addBody(llvm::Function *wrapper,
                               const FunctionInfo &function,
                               ArrayRef<Parameter> parameters) {
  builder.SetInsertPoint(
      llvm::BasicBlock::Create(module.getContext(), "entry", wrapper));
  auto makeArray = [&](bool isResult, size_t size) -> llvm::Value * {
    if (llvm::Value *whole =
            findWholeArray(wrapper, parameters, isResult, size))
      return whole;
    return builder.CreateAlloca(llvm::ArrayType::get(pointer, size));
  };
  llvm::Value *arguments =
      makeArray(/*isResult=*/false, function.arguments.size());
  llvm::Value *results = makeArray(/*isResult=*/true, function.results.size());
  for (auto [index, parameter] : llvm::enumerate(parameters)) {
    llvm::Value *value = wrapper->getArg(2 + index);
    value->setName(parameter.name);
    if (value == arguments || value == results)
      continue;
    llvm::Value *place = builder.CreateConstInBoundsGEP1_64(
        pointer, parameter.isResult ? results : arguments, parameter.first);
    if (parameter.kind == Parameter::Kind::List) {
      llvm::Align align(8);
      builder.CreateMemCpy(place, align, value, align, 8 * parameter.count);
      continue;
    }
    if (parameter.kind == Parameter::Kind::Value) {
      llvm::Value *copy = builder.CreateAlloca(value->getType());
      builder.CreateStore(value, copy);
      value = copy;
    }
    builder.CreateStore(value, place);
  }
  llvm::SmallVector<llvm::Value *> operands = {
      wrapper->getArg(0), wrapper->getArg(1), arguments, results};
  if (function.isAsync)
    operands.push_back(wrapper->getArg(2 + parameters.size()));
  builder.CreateRet(builder.CreateCall(entries.lookup(&function), operands));
}

Error InterfaceBuilder::addFunction(const FunctionInfo &function) {
  std::string packed = packedName(function.cName);
  for (llvm::StringRef name :
       {llvm::StringRef(function.cName), llvm::StringRef(packed)})
    if (Error error = reserve(name))
      return error;
  llvm::Function *entry = entries.lookup(&function);
  llvm::GlobalAlias::create(entry->getFunctionType(), 0,
                            GlobalValue::ExternalLinkage, packed, entry,
                            &module);
  std::vector<Parameter> parameters = listParameters(function);
  llvm::SmallVector<llvm::Type *> types = {pointer, pointer};
  for (const Parameter &parameter : parameters)
    types.push_back(typeOf(function, parameter));
  if (function.isAsync)
    types.push_back(pointer);
  auto *wrapper = llvm::Function::Create(
      llvm::FunctionType::get(i32, types, /*isVarArg=*/false),
      GlobalValue::ExternalLinkage, function.cName, module);
  addBody(wrapper, function, parameters);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Table
//===----------------------------------------------------------------------===//

/// A private constant.
static llvm::GlobalVariable *makeConstant(llvm::Module &module,
                                          Constant *value) {
  return new llvm::GlobalVariable(module, value->getType(), /*isConstant=*/true,
                                  GlobalValue::PrivateLinkage, value);
}

Constant *InterfaceBuilder::string(llvm::StringRef text) {
  return makeConstant(
      module, llvm::ConstantDataArray::getString(module.getContext(), text));
}

Constant *InterfaceBuilder::array(llvm::Type *element,
                                  ArrayRef<Constant *> values) {
  if (values.empty())
    return llvm::ConstantPointerNull::get(pointer);
  return makeConstant(
      module, llvm::ConstantArray::get(
                  llvm::ArrayType::get(element, values.size()), values));
}

Constant *InterfaceBuilder::structOf(ArrayRef<Constant *> fields) {
  return llvm::ConstantStruct::getAnon(module.getContext(), fields);
}

static int32_t kindOf(Packing packing) {
  switch (packing) {
  case Packing::Data:
    return GO_VALUE_DATA;
  case Packing::Descriptor:
    return GO_VALUE_DESCRIPTOR;
  case Packing::Scalar:
    return GO_VALUE_SCALAR;
  }
  llvm_unreachable("all kinds are listed");
}

/// An array of GoValueInfo.
Constant *InterfaceBuilder::values(ArrayRef<ValueInfo> values) {
  llvm::SmallVector<Constant *> infos;
  for (const ValueInfo &value : values) {
    llvm::SmallVector<Constant *> shape;
    for (int64_t extent : value.shape)
      shape.push_back(
          number64(mlir::ShapedType::isDynamic(extent) ? -1 : extent));
    infos.push_back(
        structOf({string(value.name), string(elementName(value.element)),
                  number64(elementBytes(value.element)),
                  number32(kindOf(value.packing)), number32(value.access),
                  number64(value.shape.size()), array(i64, shape)}));
  }
  return array(infos.empty() ? nullptr : infos.front()->getType(), infos);
}

/// A GoFunctionInfo.
Constant *InterfaceBuilder::describe(const FunctionInfo &function) {
  Constant *none = llvm::ConstantPointerNull::get(pointer);
  Constant *entry = entries.lookup(&function);
  return structOf(
      {string(function.name), function.isAsync ? none : entry,
       function.isAsync ? entry : none, number64(function.arguments.size()),
       values(function.arguments), number64(function.results.size()),
       values(function.results)});
}

Error InterfaceBuilder::run() {
  for (llvm::GlobalValue &value : module.global_values())
    if (!value.isDeclaration() && !value.hasLocalLinkage() &&
        !value.hasAppendingLinkage())
      value.setLinkage(GlobalValue::InternalLinkage);

  // Found before names change hands.
  for (const FunctionInfo &function : program.functions)
    entries[&function] = module.getFunction(function.symbol);
  llvm::SmallVector<Constant *> functions;
  for (const FunctionInfo &function : program.functions) {
    if (Error error = addFunction(function))
      return error;
    functions.push_back(describe(function));
  }
  if (Error error = reserve(program.tableName()))
    return error;
  auto *table = makeConstant(
      module,
      structOf({number32(GO_ABI_VERSION),
                number32(program.isCUDA ? GO_DEVICE_CUDA : GO_DEVICE_HOST),
                string(program.name), string(program.chip),
                number64(functions.size()),
                array(functions.front()->getType(), functions)}));
  table->setName(program.tableName());
  table->setLinkage(GlobalValue::ExternalLinkage);
  return Error::success();
}

/// Functions that LLVM itself may call, of the C and the compiler's library.
static bool isFromSystem(llvm::StringRef name) {
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  llvm::TargetLibraryInfoImpl known(triple);
  llvm::LibFunc function;
  return known.getLibFunc(name, function) || name.starts_with("__");
}

/// goGraphInstantiate and the like.
static bool isFromRuntime(llvm::StringRef name) {
  return name.consume_front("go") && !name.empty() && llvm::isUpper(name[0]);
}

std::vector<std::string> graphopt::listExternals(const llvm::Module &module) {
  std::vector<std::string> names;
  for (const llvm::Function &function : module)
    if (function.isDeclaration() && !function.isIntrinsic() &&
        !isFromRuntime(function.getName()) && !isFromSystem(function.getName()))
      names.push_back(function.getName().str());
  return names;
}

Error graphopt::addInterface(llvm::Module &module, const ProgramInfo &program) {
  return InterfaceBuilder(module, program).run();
}
