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

  /// The copy of `bytes` at `data`, complete for every stream. The device is
  /// called under the lock of that constant: who needs it must wait.
  Status get(void *stream, const void *data, int64_t bytes, void **copy);

private:
  struct Constant {
    std::mutex mutex;
    void *copy = nullptr; ///< Null until it is complete.
  };

  Status make(void *stream, const void *data, int64_t bytes, void **copy);

  Device &device;
  std::mutex mutex; ///< Guards the table.
  std::map<const void *, Constant> constants;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CONSTANTS_H
