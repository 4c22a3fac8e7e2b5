//===- ShareKernels.cpp - Equal kernels become one ------------------------===//
//
// A program that repeats a step has as many kernels that differ in their names
// alone. Their nodes get the first of them.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Conversion/Passes.h"
#include "GraphOpt/CudaGraph/CudaGraph.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace graphopt {
#define GEN_PASS_DEF_SHAREKERNELS
#include "GraphOpt/Conversion/Passes.h.inc"
} // namespace graphopt

using namespace mlir;
using namespace mlir::cudagraph;

/// The attributes of `function`, but for its name.
static DictionaryAttr getTraits(FunctionOpInterface function) {
  NamedAttrList list(function->getAttrDictionary());
  list.erase(SymbolTable::getSymbolAttrName());
  return list.getDictionary(function->getContext());
}

/// Functions with different hashes are different.
static llvm::hash_code computeHash(FunctionOpInterface function,
                                   DictionaryAttr traits) {
  llvm::hash_code hash =
      llvm::hash_combine(function->getParentOp(), function->getName(), traits);
  // Operands are values of the function itself, so they say nothing alone.
  function.getFunctionBody().walk([&](Operation *op) {
    hash =
        llvm::hash_combine(hash, OperationEquivalence::computeHash(
                                     op, OperationEquivalence::ignoreHashValue,
                                     OperationEquivalence::ignoreHashValue,
                                     OperationEquivalence::IgnoreLocations));
  });
  return hash;
}

namespace {
/// A kernel, or a phase of one, that nodes name.
struct Code {
  FunctionOpInterface function;
  DictionaryAttr traits;
  SymbolRefAttr symbol;

  bool isEqual(const Code &other) {
    return function->getParentOp() == other.function->getParentOp() &&
           function->getName() == other.function->getName() &&
           traits == other.traits &&
           OperationEquivalence::isRegionEquivalentTo(
               &function.getFunctionBody(),
               &FunctionOpInterface(other.function).getFunctionBody(),
               OperationEquivalence::IgnoreLocations);
  }
};

struct ShareKernels : public graphopt::impl::ShareKernelsBase<ShareKernels> {
  void runOnOperation() override;

private:
  SymbolRefAttr findFirst(SymbolRefAttr symbol, SymbolTableCollection &symbols);
  void eraseUnused(SymbolTableCollection &symbols);

  /// By hash, functions that differ.
  DenseMap<size_t, SmallVector<Code, 1>> codes;
  /// By name, the function that stands for it.
  llvm::MapVector<SymbolRefAttr, SymbolRefAttr> first;
};
} // namespace

/// The first function that equals `symbol`, itself if there is none or if it
/// can not be seen.
SymbolRefAttr ShareKernels::findFirst(SymbolRefAttr symbol,
                                      SymbolTableCollection &symbols) {
  auto [it, isNew] = first.try_emplace(symbol, symbol);
  if (!isNew)
    return it->second;
  auto function = dyn_cast_or_null<FunctionOpInterface>(
      symbols.lookupSymbolIn(getOperation(), symbol));
  if (!function || function.isExternal())
    return symbol;
  Code code{function, getTraits(function), symbol};
  SmallVector<Code, 1> &alike = codes[computeHash(function, code.traits)];
  auto *equal =
      llvm::find_if(alike, [&](Code &other) { return other.isEqual(code); });
  if (equal == alike.end())
    alike.push_back(code);
  else
    it->second = equal->symbol;
  return it->second;
}

/// Erases the functions that others stand for, unless something needs them
/// still.
void ShareKernels::eraseUnused(SymbolTableCollection &symbols) {
  llvm::SetVector<Operation *> unused;
  for (auto [symbol, other] : first) {
    Operation *function = symbols.lookupSymbolIn(getOperation(), symbol);
    if (symbol != other && (function->getParentOp() != getOperation() ||
                            SymbolTable::getSymbolVisibility(function) ==
                                SymbolTable::Visibility::Private))
      unused.insert(function);
  }
  // What only unused functions use is unused too.
  SmallVector<Operation *> used = {getOperation()};
  while (!used.empty())
    used.pop_back_val()->walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (unused.contains(op))
        return WalkResult::skip();
      op->getAttrDictionary().walk<WalkOrder::PreOrder>([&](SymbolRefAttr use) {
        Operation *target = symbols.lookupNearestSymbolFrom(op, use);
        if (unused.remove(target))
          used.push_back(target);
        return WalkResult::skip();
      });
      return WalkResult::advance();
    });
  for (Operation *function : unused)
    symbols.getSymbolTable(function->getParentOp()).erase(function);
}

void ShareKernels::runOnOperation() {
  codes.clear();
  first.clear();
  SymbolTableCollection symbols;
  bool changed = false;
  for (auto graph : getOperation().getOps<GraphOp>())
    graph->walk([&](KernelOp kernel) {
      SmallVector<Attribute> phases;
      for (auto phase : kernel.getPhases().getAsRange<PhaseAttr>())
        phases.push_back(PhaseAttr::get(&getContext(),
                                        findFirst(phase.getFunction(), symbols),
                                        phase.getItems()));
      auto shared = ArrayAttr::get(&getContext(), phases);
      changed |= shared != kernel.getPhases();
      kernel.setPhasesAttr(shared);
    });
  if (!changed)
    return markAllAnalysesPreserved();
  eraseUnused(symbols);
}
