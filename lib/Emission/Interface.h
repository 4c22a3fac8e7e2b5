//===- Interface.h - Exported symbols of an emitted library -----*- C++ -*-===//

#ifndef GRAPHOPT_LIB_EMISSION_INTERFACE_H
#define GRAPHOPT_LIB_EMISSION_INTERFACE_H

#include "Program.h"

namespace llvm {
class Module;
} // namespace llvm

namespace graphopt {

/// Adds what the header declares to `module` and makes all else local to it.
/// An error if a name is taken.
llvm::Error addInterface(llvm::Module &module, const ProgramInfo &program);

/// The functions that `module` uses and neither it, the runtime nor the C
/// library defines.
std::vector<std::string> listExternals(const llvm::Module &module);

} // namespace graphopt

#endif // GRAPHOPT_LIB_EMISSION_INTERFACE_H
