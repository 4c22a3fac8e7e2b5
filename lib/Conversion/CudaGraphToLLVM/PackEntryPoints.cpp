//===- PackEntryPoints.cpp - Entry points of packed arguments -------------===//
//
// Implements pack-entry-points: the leading context and stream arguments of
// functions that launch graphs, and an entry point per public function.
//
//===----------------------------------------------------------------------===//

#include "EntryPointBuilder.h"

#include "GraphOpt/Analysis/Remarks.h"
#include "GraphOpt/Conversion/EntryPoints.h"
#include "GraphOpt/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"

namespace graphopt {
#define GEN_PASS_DEF_PACKENTRYPOINTS
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace graphopt;

//===----------------------------------------------------------------------===//
// Policy
//===----------------------------------------------------------------------===//

/// Whether the host code of `op` alone needs the runtime's context: if it works
/// with graphs, or with memory and that is on the device, or launches kernels
/// there itself.
static bool usesRuntime(Operation *op, bool deviceMemory) {
  return isa<cudagraph::InstantiateOp, cudagraph::LaunchOp, cudagraph::UpdateOp,
             cudagraph::WaitOp, cudagraph::ReadbackOp, cudagraph::FetchOp>(
             op) ||
         (deviceMemory &&
          (isa_and_nonnull<gpu::GPUDialect>(op->getDialect()) ||
           llvm::any_of(op->getOperandTypes(), llvm::IsaPred<MemRefType>) ||
           llvm::any_of(op->getResultTypes(), llvm::IsaPred<MemRefType>)));
}

namespace {
/// Who calls and who otherwise refers to a function.
struct FunctionUses {
  SmallVector<func::CallOp> calls;
  Operation *otherUser = nullptr; ///< Say, of its address.
};
using FunctionUseMap = llvm::MapVector<func::FuncOp, FunctionUses>;
} // namespace

/// Collects the uses of all functions of `module`, in their order.
static FunctionUseMap collectUses(ModuleOp module, SymbolTable &symbols) {
  FunctionUseMap uses;
  for (auto function : module.getOps<func::FuncOp>())
    uses[function];
  module.walk([&](Operation *op) {
    auto call = dyn_cast<func::CallOp>(op);
    op->getAttrDictionary().walk([&](SymbolRefAttr reference) {
      auto function =
          symbols.lookup<func::FuncOp>(reference.getRootReference());
      auto entry = uses.find(function);
      if (!function || entry == uses.end())
        return WalkResult::skip();
      if (call && reference == call.getCalleeAttr())
        entry->second.calls.push_back(call);
      else
        entry->second.otherUser = op;
      return WalkResult::skip();
    });
  });
  return uses;
}

/// The functions that need the context, or call one that does.
static SetVector<func::FuncOp> findContextUsers(FunctionUseMap &uses,
                                                bool deviceMemory) {
  SetVector<func::FuncOp> users;
  for (auto &[function, ignored] : uses)
    if (function
            .walk([&](Operation *op) {
              return usesRuntime(op, deviceMemory) ? WalkResult::interrupt()
                                                   : WalkResult::advance();
            })
            .wasInterrupted())
      users.insert(function);
  for (size_t i = 0; i < users.size(); ++i)
    for (func::CallOp call : uses[users[i]].calls)
      if (auto caller = call->getParentOfType<func::FuncOp>())
        users.insert(caller);
  return users;
}

//===----------------------------------------------------------------------===//
// Context and stream
//===----------------------------------------------------------------------===//

/// Gives `function` the two leading arguments.
static LogicalResult addRuntimeArguments(func::FuncOp function) {
  Type pointer = LLVM::LLVMPointerType::get(function.getContext());
  for (StringRef name : {kStreamAttr, kContextAttr}) {
    auto attributes = DictionaryAttr::get(
        function.getContext(), {{StringAttr::get(function.getContext(), name),
                                 UnitAttr::get(function.getContext())}});
    if (failed(
            function.insertArgument(0, pointer, attributes, function.getLoc())))
      return function.emitError("can not take the context as an argument");
  }
  return success();
}

/// Passes on context and stream of the caller.
static void addRuntimeOperands(func::CallOp call) {
  auto caller = call->getParentOfType<func::FuncOp>();
  call->insertOperands(0, {caller.getArgument(0), caller.getArgument(1)});
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// The first type of `function` that no entry point can pass, or null.
static Type findUnpackable(func::FuncOp function) {
  for (Type type : llvm::concat<const Type>(function.getArgumentTypes(),
                                            function.getResultTypes()))
    if (!getPacking(type))
      return type;
  return {};
}

namespace {
struct PackEntryPoints : graphopt::impl::PackEntryPointsBase<PackEntryPoints> {
  using PackEntryPointsBase::PackEntryPointsBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTableCollection symbols;
    FunctionUseMap uses = collectUses(module, symbols.getSymbolTable(module));
    SetVector<func::FuncOp> contextUsers = findContextUsers(uses, deviceMemory);

    for (func::FuncOp function : contextUsers)
      if (Operation *user = uses[function].otherUser) {
        InFlightDiagnostic diagnostic =
            function.emitError("@")
            << function.getSymName()
            << " launches graphs and so takes the runtime's context, which "
               "its users by address can not pass";
        diagnostic.attachNote(user->getLoc()) << "the address is taken here";
        return signalPassFailure();
      }

    // Types of the program, before functions take context and stream.
    DenseMap<Operation *, FunctionType> types;
    DenseMap<Operation *, Type> unpackable;
    for (auto &[function, ignored] : uses) {
      types[function] = function.getFunctionType();
      unpackable[function] = findUnpackable(function);
    }
    for (func::FuncOp function : contextUsers) {
      if (failed(addRuntimeArguments(function)))
        return signalPassFailure();
    }
    for (func::FuncOp function : contextUsers)
      for (func::CallOp call : uses[function].calls)
        addRuntimeOperands(call);

    for (auto &[function, use] : uses) {
      if (!function.isPublic() || function.isExternal())
        continue;
      if (Type type = unpackable[function]) {
        remarkRefused(function, "no-entry-point")
            << remark::reason("no entry point for @{0}: a value of type {1} "
                              "can not be packed",
                              function.getSymName(), type);
        continue;
      }
      bool moveBody = use.calls.empty() && !use.otherUser;
      EntryPointOptions options;
      options.takesContext = contextUsers.contains(function);
      options.moveBody = moveBody;
      options.ownResults = ownResults;
      options.asyncResults = asyncResults;
      if (failed(createEntryPoint(function, types[function], options, symbols)))
        return signalPassFailure();
      if (moveBody)
        symbols.getSymbolTable(module).erase(function);
      else if (contextUsers.contains(function))
        function.setPrivate();
    }
  }
};
} // namespace
