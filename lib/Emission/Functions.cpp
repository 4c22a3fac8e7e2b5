//===- Functions.cpp - The functions of an emitted library ----------------===//
//
// Finds out what a caller has to know of the functions of a module: from the
// module as it was written, names and which buffers are updated; from the
// compiled one, how values are passed.
//
//===----------------------------------------------------------------------===//

#include "Program.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Names
//===----------------------------------------------------------------------===//

std::string graphopt::toIdentifier(StringRef name) {
  std::string result;
  for (char c : name)
    result += llvm::isAlnum(c) ? c : '_';
  if (result.empty() || llvm::isDigit(result.front()))
    result.insert(0, "_");
  return result;
}

/// Whether no parameter can have this name: keywords of C and C++, macros and
/// types of the headers, and the parameters that every function has.
static bool isReserved(StringRef name) {
  static const llvm::StringSet<> words = [] {
    StringRef text =
        "alignas alignof and and_eq asm auto bitand bitor bool break case "
        "catch char char8_t char16_t char32_t class co_await co_return "
        "co_yield compl concept const const_cast consteval constexpr constinit "
        "continue decltype default delete do double dynamic_cast else enum "
        "explicit export extern false float for friend goto if inline int long "
        "mutable namespace new noexcept not not_eq nullptr operator or or_eq "
        "private protected public register reinterpret_cast requires restrict "
        "return short signed sizeof static static_assert static_cast struct "
        "switch template this thread_local throw true try typedef typeid "
        "typename typeof typeof_unqual union unsigned using virtual void "
        "volatile wchar_t while xor xor_eq "
        "NULL offsetof linux unix int8_t int16_t int32_t int64_t uint8_t "
        "uint16_t uint32_t uint64_t GoContext GoPending context stream pending";
    SmallVector<StringRef> list;
    text.split(list, ' ');
    return llvm::StringSet<>(llvm::from_range, list);
  }();
  if (words.contains(name) || name.starts_with("GO_") ||
      name.starts_with("__") ||
      (name.starts_with("_") && llvm::isUpper(name[1])))
    return true;
  // INT64_MAX, UINT8_C and the like.
  return name.ends_with("_MAX") || name.ends_with("_MIN") ||
         name.ends_with("_C");
}

/// `name` as a parameter that is not in `taken` yet.
static std::string uniqueName(StringRef name, llvm::StringSet<> &taken) {
  std::string base = toIdentifier(name);
  if (isReserved(base))
    base += '_';
  std::string result = base;
  for (unsigned i = 1; !taken.insert(result).second; ++i)
    result = base + "_" + std::to_string(i);
  return result;
}

/// The name that the location of an argument has, or "argI".
static std::string argumentName(Location loc, unsigned index) {
  if (auto name = dyn_cast<NameLoc>(loc))
    return name.getName().str();
  return "arg" + std::to_string(index);
}

//===----------------------------------------------------------------------===//
// Buffers that are written
//===----------------------------------------------------------------------===//

/// Whether `op` may write to the memory of `value`, one of its operands. Views
/// and calls are not asked for.
static bool mayWrite(Operation *op, Value value) {
  // What a program writes back is a write of its own.
  if (isa<bufferization::ToTensorOp>(op))
    return false;
  auto interface = dyn_cast<MemoryEffectOpInterface>(op);
  if (!interface ||
      llvm::any_of(op->getResultTypes(), llvm::IsaPred<BaseMemRefType>))
    return true;
  SmallVector<MemoryEffects::EffectInstance> effects;
  interface.getEffects(effects);
  return llvm::any_of(effects, [&](MemoryEffects::EffectInstance &effect) {
    return !isa<MemoryEffects::Read>(effect.getEffect()) &&
           (!effect.getValue() || effect.getValue() == value);
  });
}

/// Whether a call of the function may write to the memory of its argument
/// `argument`. What can not be known counts as a write.
static bool mayBeWritten(BlockArgument argument, SymbolTable &symbols) {
  SmallVector<Value> pending{argument};
  DenseSet<Value> seen{argument};
  auto follow = [&](Value value) {
    if (seen.insert(value).second)
      pending.push_back(value);
  };
  while (!pending.empty()) {
    Value value = pending.pop_back_val();
    for (OpOperand &use : value.getUses()) {
      Operation *op = use.getOwner();
      if (auto view = dyn_cast<ViewLikeOpInterface>(op)) {
        if (isa<BaseMemRefType>(op->getResult(0).getType())) {
          follow(op->getResult(0));
          continue;
        }
      }
      if (auto call = dyn_cast<func::CallOp>(op)) {
        auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
        if (!callee || callee.isExternal())
          return true;
        follow(callee.getArgument(use.getOperandNumber()));
        continue;
      }
      if (mayWrite(op, value))
        return true;
    }
  }
  return false;
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

std::vector<FunctionInfo> graphopt::collectFunctions(ModuleOp module) {
  SymbolTable symbols(module);
  std::vector<FunctionInfo> functions;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!function.isPublic() || function.isExternal())
      continue;
    FunctionInfo &info = functions.emplace_back();
    info.name = function.getName().str();
    for (BlockArgument argument : function.getArguments()) {
      ValueInfo &value = info.arguments.emplace_back();
      value.name = argumentName(argument.getLoc(), argument.getArgNumber());
      if (isa<BaseMemRefType>(argument.getType()) &&
          mayBeWritten(argument, symbols))
        value.access = GO_ACCESS_READ_WRITE;
    }
  }
  return functions;
}

/// Sets what follows from the type in the signature of an entry point.
static void setType(ValueInfo &value, Type type) {
  value.packing = *getPacking(type);
  value.element = type;
  if (auto shaped = dyn_cast<ShapedType>(type)) {
    value.element = shaped.getElementType();
    value.shape.assign(shaped.getShape().begin(), shaped.getShape().end());
  }
}

static void addEntryPoint(LLVM::LLVMFuncOp entry, FunctionType type,
                          FunctionInfo &info) {
  info.symbol = entry.getName().str();
  // The fifth argument takes the handle (GoAsyncEntryPoint).
  info.isAsync = entry.getNumArguments() == 5;
  if (info.arguments.empty())
    for (auto [index, input] : llvm::enumerate(type.getInputs())) {
      ValueInfo &value = info.arguments.emplace_back();
      value.name = "arg" + std::to_string(index);
      if (isa<MemRefType>(input))
        value.access = GO_ACCESS_READ_WRITE;
    }
  llvm::StringSet<> taken;
  for (auto [value, input] :
       llvm::zip_equal(info.arguments, type.getInputs())) {
    setType(value, input);
    value.name = uniqueName(value.name, taken);
  }
  for (auto [index, output] : llvm::enumerate(type.getResults())) {
    ValueInfo &value = info.results.emplace_back();
    setType(value, output);
    value.name = uniqueName("result" + std::to_string(index), taken);
    value.access = GO_ACCESS_WRITE;
  }
}

llvm::Error graphopt::addEntryPoints(ModuleOp module,
                                     std::vector<FunctionInfo> &functions) {
  bool wasCompiled = functions.empty();
  for (auto entry : module.getOps<LLVM::LLVMFuncOp>()) {
    auto name = entry->getAttrOfType<StringAttr>(kEntryAttr);
    auto typeAttr = entry->getAttrOfType<TypeAttr>(kEntryTypeAttr);
    auto type =
        typeAttr ? dyn_cast<FunctionType>(typeAttr.getValue()) : FunctionType();
    if (!name || !type)
      continue;
    auto found = llvm::find_if(functions, [&](const FunctionInfo &info) {
      return name.getValue() == info.name;
    });
    if (found == functions.end()) {
      if (!wasCompiled)
        continue;
      functions.emplace_back().name = name.str();
      found = std::prev(functions.end());
    }
    addEntryPoint(entry, type, *found);
  }
  if (functions.empty())
    return llvm::createStringError(
        "the module has no public function with a body");
  for (const FunctionInfo &info : functions)
    if (info.symbol.empty())
      return llvm::createStringError(
          "function '" + info.name +
          "' has no entry point: one of its types can not be passed (the "
          "remark no-entry-point says which); make it private");
  return llvm::Error::success();
}

//===----------------------------------------------------------------------===//
// Parameters
//===----------------------------------------------------------------------===//

std::string graphopt::elementName(Type element) {
  std::string name;
  llvm::raw_string_ostream(name) << element;
  return name;
}

int64_t graphopt::elementBytes(Type element) {
  if (element.isIndex())
    return 8;
  if (auto complex = dyn_cast<ComplexType>(element))
    return 2 * elementBytes(complex.getElementType());
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

/// The C type whose values are stored as those of `element`, or empty.
static StringRef cType(Type element) {
  if (element.isF32())
    return "float";
  if (element.isF64())
    return "double";
  if (element.isF16() || element.isBF16())
    return "uint16_t";
  if (element.isInteger(1))
    return "uint8_t";
  bool isUnsigned = element.isUnsignedInteger();
  if (element.isInteger(8))
    return isUnsigned ? "uint8_t" : "int8_t";
  if (element.isInteger(16))
    return isUnsigned ? "uint16_t" : "int16_t";
  if (element.isInteger(32))
    return isUnsigned ? "uint32_t" : "int32_t";
  if (element.isInteger(64) || element.isIndex())
    return isUnsigned ? "uint64_t" : "int64_t";
  return "";
}

/// Functions with more values than this pass neighbours in one array.
static constexpr size_t kMaxParameters = 32;
/// Fewer neighbours than this stay parameters of their own.
static constexpr size_t kMinListed = 4;

static Parameter makeParameter(const ValueInfo &value, size_t index,
                               bool isResult) {
  StringRef type = cType(value.element);
  Parameter parameter{
      Parameter::Kind::Address, isResult, index, 1, value.name, ""};
  if (!isResult && value.packing == Packing::Scalar && !type.empty()) {
    parameter.kind = Parameter::Kind::Value;
    parameter.type = (type + " ").str();
    return parameter;
  }
  if (value.packing == Packing::Descriptor || type.empty())
    type = "void";
  parameter.type = ((value.isWritten() ? "" : "const ") + type + " *").str();
  return parameter;
}

/// Adds the parameters of `values`.
static void addParameters(ArrayRef<ValueInfo> values, bool isResult,
                          bool makeLists, std::vector<Parameter> &parameters) {
  for (size_t begin = 0; begin < values.size();) {
    size_t end = begin;
    while (makeLists && end < values.size() &&
           values[end].packing != Packing::Scalar)
      ++end;
    if (end - begin >= kMinListed) {
      parameters.push_back({Parameter::Kind::List, isResult, begin, end - begin,
                            values[begin].name + "_to_" + values[end - 1].name,
                            "void *const *"});
      begin = end;
      continue;
    }
    end = std::max(end, begin + 1);
    for (; begin < end; ++begin)
      parameters.push_back(makeParameter(values[begin], begin, isResult));
  }
}

std::vector<Parameter> graphopt::listParameters(const FunctionInfo &function) {
  std::vector<Parameter> parameters;
  bool makeLists =
      function.arguments.size() + function.results.size() > kMaxParameters;
  addParameters(function.arguments, /*isResult=*/false, makeLists, parameters);
  addParameters(function.results, /*isResult=*/true, makeLists, parameters);
  return parameters;
}
