//===- CudaDriver.h - The CUDA driver, loaded at run time -------*- C++ -*-===//
//
// Part of graph-opt. Access to the functions of CudaFunctions.def in the
// driver's library, which is found by dlopen: "libcuda.so.1", or the file that
// the environment variable GRAPHOPT_CUDA_DRIVER names (for tests with a driver
// of their own).
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_CUDADRIVER_H
#define GRAPHOPT_LIB_RUNTIME_CUDADRIVER_H

#include "CudaTypes.h"
#include "Status.h"

#include <atomic>
#include <optional>

namespace graphopt::runtime {

/// A function of the driver; `pointer` is null where it is missing.
template <typename... Parameters>
struct CudaFunction {
  const char *name;
  cuda::Result (*pointer)(Parameters...) = nullptr;
};

class CudaDriver {
public:
  /// Finds the library and its functions and initializes the driver.
  /// GO_UNSUPPORTED if there is none, it is older than 12.0 or has no device.
  /// The library stays loaded until the process ends.
  Status load();

  /// Calls a function that is not missing; a failure names it.
  template <typename... Parameters, typename... Arguments>
  Status call(const CudaFunction<Parameters...> &function,
              Arguments... arguments) const {
    cuda::Result result = function.pointer(arguments...);
    return result == cuda::success ? Status() : failure(function.name, result);
  }

  /// "cuX: CUDA_ERROR_Y (what it says)". Errors that CUDA keeps for good, as
  /// after an illegal address or a reset of the device, make the context lost.
  Status failure(const char *function, cuda::Result result) const;

  /// Learns which context it is that scopes are of. It is current.
  void adopt(cuda::Context context);
  /// Fails if `context` is lost, or is not the one that was adopted any more
  /// though it has the same address. It is current.
  Status verifyContext(cuda::Context context) const;
  bool isLost() const {
    return lostBy.load(std::memory_order_relaxed) != cuda::success;
  }
  /// What a call in a lost context is told.
  Status lostStatus() const;

  /// 1000 * major + 10 * minor of the newest CUDA that the driver supports.
  int version = 0;

#define CUDA_FUNCTION(name, symbol, ...) CudaFunction<__VA_ARGS__> name{#name};
#include "CudaFunctions.def"

private:
  std::string describe(cuda::Result result) const;

  unsigned long long contextId = 0; ///< 0 if the driver has none.
  mutable std::atomic<cuda::Result> lostBy{cuda::success};
};

/// Makes a CUDA context current while it lives and restores the caller's.
/// Within it, only calls that CUDA allows while other threads capture streams.
class CudaCurrent {
public:
  CudaCurrent(const CudaDriver &driver, cuda::Context context);
  ~CudaCurrent();
  CudaCurrent(const CudaCurrent &) = delete;
  CudaCurrent &operator=(const CudaCurrent &) = delete;

  /// If it failed, nothing may be called within the scope.
  Status status;

private:
  const CudaDriver &driver;
  bool pushed = false;
};

/// While it lives, stream captures of other threads do not forbid calls to this
/// one (none of its calls touches a stream that is being captured unless asked
/// to).
class CudaRelaxed {
public:
  explicit CudaRelaxed(const CudaDriver &driver) : driver(driver) {
    // Without it, a call that a capture forbids fails and says so.
    exchanged = driver.cuThreadExchangeStreamCaptureMode.pointer(&mode) ==
                cuda::success;
  }
  ~CudaRelaxed() {
    if (exchanged)
      driver.cuThreadExchangeStreamCaptureMode.pointer(&mode);
  }
  CudaRelaxed(const CudaRelaxed &) = delete;
  CudaRelaxed &operator=(const CudaRelaxed &) = delete;

private:
  const CudaDriver &driver;
  bool exchanged = false;
  cuda::CaptureMode mode = cuda::captureRelaxed;
};

/// Both.
class CudaScope : public CudaCurrent {
public:
  CudaScope(const CudaDriver &driver, cuda::Context context)
      : CudaCurrent(driver, context) {
    if (!status.failed())
      relaxed.emplace(driver);
  }

private:
  std::optional<CudaRelaxed> relaxed;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_CUDADRIVER_H
