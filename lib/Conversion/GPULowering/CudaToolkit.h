//===- CudaToolkit.h - The tools of the CUDA toolkit ------------*- C++ -*-===//
//
// Finds a CUDA toolkit and runs its assembler and linkers. Nothing else in the
// compiler needs the toolkit: without it kernels stay PTX.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_CONVERSION_GPULOWERING_CUDATOOLKIT_H
#define GRAPHOPT_LIB_CONVERSION_GPULOWERING_CUDATOOLKIT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace graphopt {

class CudaToolkit {
public:
  /// The toolkit at `path`; if that is empty, the first of the folders named by
  /// CUDA_ROOT, CUDA_HOME and CUDA_PATH, /usr/local/cuda and the parent of the
  /// folder of the `ptxas` on the PATH. The error names all that was looked at.
  static llvm::Expected<CudaToolkit> find(llvm::StringRef path);

  /// The path of libdevice.10.bc: in the toolkit at `path` or where `find`
  /// looks, or in the folder above that of this program, as a bundle has it.
  /// Empty if there is none.
  static std::string findLibdevice(llvm::StringRef path);

  /// Machine code of `ptx` for `chip` (sm_90, ...). Code that sets conditions
  /// of graphs is linked with the device runtime.
  llvm::Expected<std::string> assemble(llvm::StringRef ptx,
                                       llvm::StringRef chip) const;
  /// A fat binary with the machine code `cubin` for `chip` and, unless it is
  /// empty, `ptx`.
  llvm::Expected<std::string> makeFatBinary(llvm::StringRef cubin,
                                            llvm::StringRef ptx,
                                            llvm::StringRef chip) const;

private:
  explicit CudaToolkit(std::string root) : root(std::move(root)) {}

  /// Runs a tool of the toolkit; the error holds what it printed.
  llvm::Error run(llvm::StringRef tool,
                  llvm::ArrayRef<std::string> arguments) const;

  std::string root;
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_GPULOWERING_CUDATOOLKIT_H
