//===- Interface.h - Exported symbols of an emitted library -----*- C++ -*-===//

#ifndef GRAPHOPT_LIB_EMISSION_INTERFACE_H
#define GRAPHOPT_LIB_EMISSION_INTERFACE_H

#include "Program.h"

namespace llvm {
class Module;
} // namespace llvm

namespace graphopt {

/// Chooses the names of exported functions: NAME_FUNCTION as an identifier,
/// with
/// "_1", "_2", ... where that or its packed form is taken by the table, by a
/// function that `module` declares or by one that comes before. Functions whose
/// names are identifiers come first, then shorter ones, then by the alphabet:
/// the names do not depend on the order in the module.
void chooseNames(const llvm::Module &module, ProgramInfo &program);

/// Adds what the header declares to `module` and makes all else local to it.
/// An error if a name is taken.
llvm::Error addInterface(llvm::Module &module, const ProgramInfo &program);

/// The functions that `module` uses and neither it, the runtime nor the C
/// library defines.
std::vector<std::string> listExternals(const llvm::Module &module);

} // namespace graphopt

#endif // GRAPHOPT_LIB_EMISSION_INTERFACE_H
