//===- CudaModules.h - Code loaded on a CUDA device -------------*- C++ -*-===//
//
// Part of graph-opt. The modules of a context: each is loaded at the first use
// of one of its kernels and stays as long as the context.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CUDAMODULES_H
#define GRAPHOPT_LIB_RUNTIME_CUDAMODULES_H

#include "CudaDriver.h"

#include <map>
#include <mutex>

namespace graphopt::runtime {

/// Thread-safe; the context is current in all calls. The driver is called
/// under the lock of the one module that it is about: who needs that must wait.
class CudaModules {
public:
  explicit CudaModules(const CudaDriver &driver) : driver(driver) {}

  /// Finds the kernel of `launch`, whose operands take `parameterBytes`, and
  /// allows it the shared memory it asks for.
  Status find(const GoCudaLaunch &launch, size_t parameterBytes,
              cuda::Function *function);
  /// Unloads everything.
  void clear();

private:
  struct Kernel {
    cuda::Function function;
    int32_t sharedBytes; ///< What it was allowed.
  };
  struct Module {
    std::mutex mutex; ///< Guards what follows.
    cuda::Module module = nullptr;
    std::map<std::string, Kernel> kernels;
  };

  Status load(const GoCudaModule &source, Module &module);
  Status verifyParameters(cuda::Function function, size_t bytes) const;

  const CudaDriver &driver;
  std::mutex mutex; ///< Guards the table.
  std::map<const GoCudaModule *, Module> modules;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CUDAMODULES_H
