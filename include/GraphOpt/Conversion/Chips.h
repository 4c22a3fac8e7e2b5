//===- Chips.h - The GPUs that kernels can be compiled for ------*- C++ -*-===//

#ifndef GRAPHOPT_CONVERSION_CHIPS_H
#define GRAPHOPT_CONVERSION_CHIPS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace graphopt {

/// Reports an error, which names `chip`, unless it is sm_NN, sm_NNa or sm_NNf
/// of a GPU that LLVM's NVPTX backend knows and that has what kernels need:
/// sm_80 and newer.
llvm::Error checkChip(llvm::StringRef chip);

/// The backend's feature (`+ptx81`) for the oldest PTX that has parameters of
/// 32,764 bytes (8.1: PTX ISA, "Release notes") and knows `chip`, which
/// checkChip accepts; empty if that is the backend's own choice.
std::string getPTXFeature(llvm::StringRef chip);

/// Streaming multiprocessors of `chip`. Of a chip that is sold with several
/// numbers of them, the largest.
int64_t getMultiprocessors(llvm::StringRef chip);

} // namespace graphopt

#endif // GRAPHOPT_CONVERSION_CHIPS_H
