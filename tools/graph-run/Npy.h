//===- Npy.h - Reading and writing .npy files -------------------*- C++ -*-===//
//
// NumPy's array format, versions 1 to 3, C order, little endian. bfloat16 is
// two bytes of `void`, as ml_dtypes writes it.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_NPY_H
#define GRAPHOPT_TOOLS_GRAPHRUN_NPY_H

#include "HostTensor.h"

#include "llvm/Support/Error.h"

namespace graphrun {

/// Reads `path` to a row-major array. Unsigned integers are read as the signed
/// integers of the same bits.
llvm::Expected<HostTensor> readNpy(llvm::StringRef path);

/// Writes `array` in row-major order. The file appears complete or not at all.
llvm::Error writeNpy(llvm::StringRef path, const HostTensor &array);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_NPY_H
