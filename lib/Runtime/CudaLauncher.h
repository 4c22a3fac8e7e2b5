//===- CudaLauncher.h - Steps one by one on a stream ------------*- C++ -*-===//
//
// Part of graph-opt. Runs a program without a CUDA graph: its steps in their
// order, children inlined, conditions decided on the host.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CUDALAUNCHER_H
#define GRAPHOPT_LIB_RUNTIME_CUDALAUNCHER_H

#include "CudaBinding.h"

namespace graphopt::runtime {

class CudaLauncher {
public:
  /// `parameters` is the parameter block of this launch.
  CudaLauncher(CudaDevice &device, CudaBinding &binding,
               const std::vector<uint8_t> &parameters, cuda::Stream stream,
               LaunchReport &report)
      : device(device), driver(device.driver), binding(binding),
        parameters(parameters), stream(stream), report(report) {}

  Status run(const CudaBlock &block);

private:
  Status runStep(const CudaStep &step);
  Status launchKernel(const CudaStep &step);
  Status fill(const CudaStep &step);
  Status runConditional(const CudaStep &step);
  Status readCondition(const CudaStep &step, int64_t *value);

  CudaDevice &device;
  const CudaDriver &driver;
  CudaBinding &binding;
  const std::vector<uint8_t> &parameters;
  cuda::Stream stream;
  LaunchReport &report;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CUDALAUNCHER_H
