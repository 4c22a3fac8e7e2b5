//===- Constants.h - Constants of programs on the device --------*- C++ -*-===//
//
// Part of graph-opt. Copies of constant host memory in the memory of a device.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CONSTANTS_H
#define GRAPHOPT_LIB_RUNTIME_CONSTANTS_H

#include "Device.h"

#include <map>
#include <mutex>

namespace graphopt::runtime {

/// One copy for each address, made when it is first asked for.
class Constants {
public:
  explicit Constants(Device &device) : device(device) {}
  ~Constants();

  /// The copy of `bytes` at `data`, complete for every stream.
  Status get(void *stream, const void *data, int64_t bytes, void **copy);

private:
  Device &device;
  std::mutex mutex;
  std::map<const void *, void *> copies;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CONSTANTS_H
