//===- Nvtx.h - Ranges for profilers ----------------------------*- C++ -*-===//
//
// Part of graph-opt. Names what the host does on the time lines of profilers
// that take NVTX ranges. No header of NVTX is needed: the way in which its
// version 3 and profilers find each other is a stable interface between
// libraries.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_RUNTIME_NVTX_H
#define GRAPHOPT_LIB_RUNTIME_NVTX_H

#include <cstddef>
#include <cstdint>

struct GoGraph;

namespace graphopt::runtime {

/// What the runtime and a profiler share. Source: nvtxDetail/nvtxTypes.h and
/// nvtxInit.h of NVTX 3.
namespace nvtx {

/// A function of NVTX; called as what it is.
using Function = void (*)();

/// NvtxCallbackModule: groups of functions.
enum { moduleCore = 1, numModules = 7 };
/// NvtxCallbackIdCore: functions of the module Core.
enum { rangePushA = 9, rangePop = 11, numCore = 16 };
/// NvtxExportTableID.
enum { tableCallbacks = 1, tableVersion = 3 };

/// NvtxExportTableCallbacks.
struct Callbacks {
  size_t bytes;
  /// Gives the functions of a module, by number: where each is kept, null for
  /// number 0. Returns 0 if there is no such module.
  int (*getFunctions)(int module, Function ***functions, unsigned *count);
};

/// NvtxExportTableVersionInfo.
struct Version {
  size_t bytes;
  uint32_t version;
  uint32_t reserved;
  void (*setToolVersion)(uint32_t version);
};

/// NvtxGetExportTableFunc_t: gives a table by its number, or null.
using GetTable = const void *(*)(uint32_t table);
/// InitializeInjectionNvtx2 of the profiler's library: fills in the functions
/// that it wants to be called; 0 is a failure.
using Initialize = int (*)(GetTable getTable);

using RangePush = int (*)(const char *text);
using RangePop = int (*)();

/// Of the module Core, by number; null where nobody wants to be called.
extern Function core[numCore];

} // namespace nvtx

/// Looks for a profiler, once in a process.
void initializeNvtx();

/// Gives the time that it lives, on its thread, the name
/// "ACTION MODULE::NAME", of a graph or a kernel.
class NvtxRange {
public:
  NvtxRange(const char *action, const GoGraph &graph)
      : isOpen(nvtx::core[nvtx::rangePushA]) {
    if (isOpen)
      open(action, graph);
  }
  NvtxRange(const char *action, const char *module, const char *name)
      : isOpen(nvtx::core[nvtx::rangePushA]) {
    if (isOpen)
      open(action, module, name);
  }
  ~NvtxRange() {
    if (isOpen)
      close();
  }
  NvtxRange(const NvtxRange &) = delete;
  NvtxRange &operator=(const NvtxRange &) = delete;

private:
  static void open(const char *action, const GoGraph &graph);
  static void open(const char *action, const char *module, const char *name);
  static void close();

  const bool isOpen;
};

} // namespace graphopt::runtime

#endif // GRAPHOPT_LIB_RUNTIME_NVTX_H
