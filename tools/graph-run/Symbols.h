//===- Symbols.h - What compiled programs may call --------------*- C++ -*-===//
//
// Makes the graph runtime, conversions of small floats and this process's
// symbols known to compiled code.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_SYMBOLS_H
#define GRAPHOPT_TOOLS_GRAPHRUN_SYMBOLS_H

#include "llvm/ExecutionEngine/Orc/LLJIT.h"

namespace graphrun {

/// A function by the name that programs call it by.
struct RuntimeSymbol {
  const char *name;
  llvm::orc::ExecutorAddr address;
};

template <typename Function>
RuntimeSymbol runtimeSymbol(const char *name, Function *function) {
  return {name, llvm::orc::ExecutorAddr::fromPtr(function)};
}

/// Defines the symbols in `library`, those in `replaced` as they say.
llvm::Error defineRuntimeSymbols(llvm::orc::LLJIT &jit,
                                 llvm::orc::JITDylib &library,
                                 llvm::ArrayRef<RuntimeSymbol> replaced);

/// Loads a shared library whose functions programs and reference may call.
llvm::Error loadSharedLibrary(const std::string &path);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_SYMBOLS_H
