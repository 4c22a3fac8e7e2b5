//===- Link.h - Linking emitted libraries -----------------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_EMISSION_LINK_H
#define GRAPHOPT_LIB_EMISSION_LINK_H

#include "GraphOpt/Emission/Emission.h"

namespace graphopt {

/// What is linked.
struct LinkInput {
  std::string object; ///< Path of the object file.
  std::string output; ///< Path of the library, which may exist.
  std::string soName; ///< The name it will be loaded by.
  /// Functions may be left for the process to define.
  bool hasExternals = false;
};

/// Links a shared library against the runtime by the system's compiler driver.
llvm::Error linkLibrary(const LinkInput &input, const EmissionOptions &options);

} // namespace graphopt

#endif // GRAPHOPT_LIB_EMISSION_LINK_H
