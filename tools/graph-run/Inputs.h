//===- Inputs.h - Arguments of the entry function ---------------*- C++ -*-===//
//
// Turns `--arg I=VALUE` options and seeded defaults into arrays.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_INPUTS_H
#define GRAPHOPT_TOOLS_GRAPHRUN_INPUTS_H

#include "HostTensor.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/Error.h"

#include <vector>

namespace graphrun {

/// Makes one array per argument of `type`; scalars have rank 0. `specs` are the
/// texts behind `--arg`: `I=3.5` (the scalar, or every element), `I=file.npy`
/// or `I=random:SEED`. Arguments without one are drawn at random from `seed`
/// and their number; scalars are 1. The same on every machine.
llvm::Expected<std::vector<HostTensor>>
makeArguments(mlir::FunctionType type, llvm::ArrayRef<std::string> specs,
              uint64_t seed);

/// Fills `array` with numbers that depend on `seed` alone: floats of mean 0 and
/// deviation 1, integers from 0 to 7, fair booleans.
void fillRandom(const HostTensor &array, uint64_t seed);

/// An uninitialised array for values of a static `type`, laid out as the type
/// says; an error if such values can not be passed.
llvm::Expected<HostTensor> allocateFor(mlir::Type type,
                                       const llvm::Twine &what);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_INPUTS_H
