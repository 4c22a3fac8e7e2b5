//===- Nvtx.cpp - Ranges for profilers ------------------------------------===//
//
// Part of graph-opt. This file implements the search for a profiler, in the
// order of NVTX 3, and ranges.
//
//===----------------------------------------------------------------------===//

#include "Nvtx.h"
#include "Graph.h"
#include "Log.h"

#include <cstdlib>
#include <dlfcn.h>
#include <mutex>

using namespace graphopt::runtime;

nvtx::Function nvtx::core[nvtx::numCore] = {};

//===----------------------------------------------------------------------===//
// The tables that a profiler reads
//===----------------------------------------------------------------------===//

/// Most functions of a module.
static constexpr size_t maxFunctions = 16;
/// Functions of each module, number 0 included: Core, CUDA, OpenCL, CUDA
/// runtime, Core2, Sync.
static constexpr unsigned numFunctions[nvtx::numModules] = {0, 16, 9, 15,
                                                            7, 16, 7};

/// Functions that the runtime does not call.
static nvtx::Function unused[nvtx::numModules][maxFunctions];
/// Where the functions of each module are kept; null behind the last one.
static nvtx::Function *functions[nvtx::numModules][maxFunctions + 1];

static int getFunctions(int module, nvtx::Function ***table, unsigned *count) {
  if (module < nvtx::moduleCore || module >= nvtx::numModules)
    return 0;
  if (table)
    *table = functions[module];
  if (count)
    *count = numFunctions[module];
  return 1;
}

static const void *getTable(uint32_t table) {
  static const nvtx::Callbacks callbacks = {sizeof(callbacks), getFunctions};
  static const nvtx::Version version = {sizeof(version), /*version=*/3,
                                        /*reserved=*/0, [](uint32_t) {}};
  switch (table) {
  case nvtx::tableCallbacks:
    return &callbacks;
  case nvtx::tableVersion:
    return &version;
  default:
    return nullptr;
  }
}

static void fillTables() {
  for (int module = nvtx::moduleCore; module < nvtx::numModules; ++module)
    for (unsigned i = 1; i < numFunctions[module]; ++i)
      functions[module][i] =
          module == nvtx::moduleCore ? &nvtx::core[i] : &unused[module][i];
}

//===----------------------------------------------------------------------===//
// Search
//===----------------------------------------------------------------------===//

static bool hasRanges() {
  return nvtx::core[nvtx::rangePushA] && nvtx::core[nvtx::rangePop];
}

/// Lets the profiler's library at `path` fill in its functions. Returns what
/// went wrong, or an empty string.
static std::string inject(const char *path) {
  void *library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
  if (!library)
    return dlerror();
  auto initialize = reinterpret_cast<nvtx::Initialize>(
      dlsym(library, "InitializeInjectionNvtx2"));
  fillTables();
  if (initialize && initialize(getTable))
    return "";
  dlclose(library);
  return std::string(path) + (initialize ? ": InitializeInjectionNvtx2 failed"
                                         : ": no InitializeInjectionNvtx2");
}

/// Takes the functions of the library of NVTX 2.
static void loadLibrary() {
  void *library = dlopen("libnvToolsExt.so.1", RTLD_LAZY | RTLD_LOCAL);
  if (!library)
    return;
  auto find = [&](const char *symbol) {
    return reinterpret_cast<nvtx::Function>(dlsym(library, symbol));
  };
  nvtx::core[nvtx::rangePushA] = find("nvtxRangePushA");
  nvtx::core[nvtx::rangePop] = find("nvtxRangePop");
}

void graphopt::runtime::initializeNvtx() {
  static std::once_flag once;
  std::call_once(once, [] {
    const char *path = std::getenv("NVTX_INJECTION64_PATH");
    std::string problem;
    if (path && *path)
      problem = inject(path);
    else
      loadLibrary();
    if (!problem.empty() && isLogged(GO_LOG_ERROR))
      logLine(GO_LOG_ERROR, "failure", "NVTX_INJECTION64_PATH: " + problem);
    if (!problem.empty() || !hasRanges())
      nvtx::core[nvtx::rangePushA] = nullptr;
  });
}

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

void NvtxRange::open(const char *action, const GoGraph &graph) {
  open(action, graph.info.module, graph.info.name);
}

void NvtxRange::open(const char *action, const char *module, const char *name) {
  static thread_local std::string text; // Kept, so that ranges do not allocate.
  text.assign(action);
  text.append(" ").append(module).append("::").append(name);
  reinterpret_cast<nvtx::RangePush>(nvtx::core[nvtx::rangePushA])(text.c_str());
}

void NvtxRange::close() {
  reinterpret_cast<nvtx::RangePop>(nvtx::core[nvtx::rangePop])();
}
