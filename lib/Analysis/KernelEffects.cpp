//===- KernelEffects.cpp - What a kernel does to its arguments ------------===//
//
// Implements the search from the accesses of a kernel to its arguments.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Analysis/KernelEffects.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/CallInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace graphopt;

static bool isMemRef(Value value) {
  return isa<BaseMemRefType>(value.getType());
}

namespace {
/// Analyzes one kernel and the functions that it calls.
class EffectAnalysis {
public:
  KernelEffects run(FunctionOpInterface function);

private:
  void visit(Operation *op, FunctionOpInterface function,
             KernelEffects &effects);
  void visitCall(CallOpInterface call, FunctionOpInterface function,
                 KernelEffects &effects);
  void access(Value memref, ArgumentUse use, FunctionOpInterface function,
              KernelEffects &effects);

  /// Functions that are being analyzed: a recursion is not followed.
  DenseSet<Operation *> active;
};
} // namespace

/// Everything may be read and written.
static void setUnknown(FunctionOpInterface function, KernelEffects &effects) {
  effects.touchesOtherMemory = true;
  for (auto [use, type] :
       llvm::zip_equal(effects.arguments, function.getArgumentTypes()))
    if (isa<BaseMemRefType>(type))
      use = {true, true};
}

/// Whether `global` is a constant of the module that `from` is in.
static bool isConstantGlobal(memref::GetGlobalOp from) {
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      from, from.getNameAttr());
  return global && global.getConstant();
}

/// Records an access to what `memref` is a view of.
void EffectAnalysis::access(Value memref, ArgumentUse use,
                            FunctionOpInterface function,
                            KernelEffects &effects) {
  SetVector<Value> origins;
  origins.insert(memref);
  for (size_t i = 0; i < origins.size(); ++i) {
    Value value = origins[i];
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      if (!argument.getOwner()->isEntryBlock() ||
          argument.getOwner()->getParentOp() != function)
        return setUnknown(function, effects);
      unsigned number = argument.getArgNumber();
      // What comes after the arguments is memory of the block or the thread.
      if (number >= effects.arguments.size())
        continue;
      effects.arguments[number].reads |= use.reads;
      effects.arguments[number].writes |= use.writes;
      continue;
    }
    Operation *op = value.getDefiningOp();
    if (auto view = dyn_cast<ViewLikeOpInterface>(op)) {
      if (!isMemRef(view.getViewSource()))
        return setUnknown(function, effects);
      origins.insert(view.getViewSource());
    } else if (auto select = dyn_cast<arith::SelectOp>(op)) {
      origins.insert(select.getTrueValue());
      origins.insert(select.getFalseValue());
    } else if (auto global = dyn_cast<memref::GetGlobalOp>(op)) {
      if (use.writes || !isConstantGlobal(global))
        effects.touchesOtherMemory = true;
    } else if (!isa<memref::AllocaOp, gpu::DynamicSharedMemoryOp>(op)) {
      return setUnknown(function, effects);
    }
  }
}

/// The function that `call` names, if it is to be seen.
static FunctionOpInterface lookupCallee(CallOpInterface call) {
  auto symbol = dyn_cast<SymbolRefAttr>(call.getCallableForCallee());
  return symbol ? dyn_cast_or_null<FunctionOpInterface>(
                      SymbolTable::lookupNearestSymbolFrom(call, symbol))
                : FunctionOpInterface();
}

void EffectAnalysis::visitCall(CallOpInterface call,
                               FunctionOpInterface function,
                               KernelEffects &effects) {
  FunctionOpInterface callee = lookupCallee(call);
  if (!callee || callee.isExternal() || active.contains(callee))
    return setUnknown(function, effects);
  KernelEffects inner = run(callee);
  effects.touchesOtherMemory |= inner.touchesOtherMemory;
  for (auto [operand, use] :
       llvm::zip_equal(call.getArgOperands(), inner.arguments))
    if (use.reads || use.writes)
      access(operand, use, function, effects);
}

void EffectAnalysis::visit(Operation *op, FunctionOpInterface function,
                           KernelEffects &effects) {
  if (auto call = dyn_cast<CallOpInterface>(op))
    return visitCall(call, function, effects);
  // Threads that wait for each other, and what only leads to other ops.
  if (isa<gpu::BarrierOp>(op) || op->hasTrait<OpTrait::IsTerminator>())
    return;
  auto interface = dyn_cast<MemoryEffectOpInterface>(op);
  if (!interface) {
    if (!op->hasTrait<OpTrait::HasRecursiveMemoryEffects>())
      setUnknown(function, effects);
    return;
  }
  SmallVector<MemoryEffects::EffectInstance> instances;
  interface.getEffects(instances);
  for (const MemoryEffects::EffectInstance &effect : instances) {
    if (isa<MemoryEffects::Allocate>(effect.getEffect()))
      continue;
    Value value = effect.getValue();
    if (!value || !isMemRef(value)) {
      setUnknown(function, effects);
      continue;
    }
    bool reads = isa<MemoryEffects::Read>(effect.getEffect());
    access(value, {reads, !reads}, function, effects);
  }
}

KernelEffects EffectAnalysis::run(FunctionOpInterface function) {
  KernelEffects effects;
  effects.arguments.resize(function.getNumArguments());
  active.insert(function);
  function.getFunctionBody().walk(
      [&](Operation *op) { visit(op, function, effects); });
  active.erase(function);
  return effects;
}

KernelEffects graphopt::getKernelEffects(FunctionOpInterface function) {
  return EffectAnalysis().run(function);
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

/// Calls `visit` for each op of `function` and of the functions that it calls,
/// each function once, until one returns false; null if none does.
static Operation *
findInCalls(FunctionOpInterface function,
            function_ref<bool(Operation *, FunctionOpInterface)> isFine) {
  llvm::SetVector<Operation *> functions;
  functions.insert(function);
  for (size_t i = 0; i < functions.size(); ++i) {
    auto caller = cast<FunctionOpInterface>(functions[i]);
    Operation *found = nullptr;
    caller.getFunctionBody().walk([&](Operation *op) {
      if (!isFine(op, caller)) {
        found = op;
        return WalkResult::interrupt();
      }
      if (auto call = dyn_cast<CallOpInterface>(op))
        if (FunctionOpInterface callee = lookupCallee(call))
          functions.insert(callee);
      return WalkResult::advance();
    });
    if (found)
      return found;
  }
  return nullptr;
}

/// Whether every device has a function called `name`.
static bool isOfDevice(StringRef name) {
  return name.starts_with("__nv_") || name.starts_with("llvm.") ||
         llvm::is_contained({"vprintf", "__assertfail", "malloc", "free"},
                            name);
}

Operation *graphopt::findUnknownCall(FunctionOpInterface function) {
  return findInCalls(function, [](Operation *op, FunctionOpInterface) {
    auto call = dyn_cast<CallOpInterface>(op);
    if (!call)
      return true;
    auto symbol = dyn_cast<SymbolRefAttr>(call.getCallableForCallee());
    if (!symbol)
      return false;
    FunctionOpInterface callee = lookupCallee(call);
    return (callee && !callee.isExternal()) ||
           isOfDevice(symbol.getLeafReference());
  });
}

bool graphopt::asksForBlocksItself(FunctionOpInterface function) {
  return !findInCalls(function, [&](Operation *op, FunctionOpInterface in) {
    if (isa<gpu::BlockIdOp, gpu::GridDimOp, gpu::GlobalIdOp>(op))
      return in == function;
    StringRef name = op->getName().getStringRef();
    return !name.contains("ctaid") && !name.contains("cluster") &&
           !name.contains("inline_asm") && !name.contains("inline_ptx");
  });
}

FunctionOpInterface graphopt::lookupKernel(gpu::LaunchFuncOp launch) {
  auto function = SymbolTable::lookupNearestSymbolFrom<FunctionOpInterface>(
      launch, launch.getKernelAttr());
  return function && !function.isExternal() ? function : FunctionOpInterface();
}

KernelEffects graphopt::getKernelEffects(gpu::LaunchFuncOp launch) {
  FunctionOpInterface function = lookupKernel(launch);
  if (function && function.getNumArguments() == launch.getNumKernelOperands())
    return getKernelEffects(function);
  KernelEffects effects;
  effects.touchesOtherMemory = true;
  for (Value operand : launch.getKernelOperands()) {
    bool isMemory = isMemRef(operand);
    effects.arguments.push_back({isMemory, isMemory});
  }
  return effects;
}
