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

/// Defines the symbols in `library`.
llvm::Error defineRuntimeSymbols(llvm::orc::LLJIT &jit,
                                 llvm::orc::JITDylib &library);

/// Loads a shared library whose functions programs and reference may call.
llvm::Error loadSharedLibrary(const std::string &path);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_SYMBOLS_H
