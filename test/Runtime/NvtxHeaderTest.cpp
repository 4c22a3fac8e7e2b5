//===- NvtxHeaderTest.cpp - The profiler for tests and NVTX itself --------===//
//
// Part of graph-opt. Where the headers of NVTX 3 are installed, checks that the
// profiler that the tests load works with them as it does with the runtime;
// elsewhere this file is not compiled.
//
//===----------------------------------------------------------------------===//

#include "../../lib/Runtime/Nvtx.h"

#include <cstdlib>
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <nvtx3/nvToolsExt.h>
#include <string>

namespace nvtx = graphopt::runtime::nvtx;

static_assert(int(nvtx::moduleCore) == NVTX_CB_MODULE_CORE, "");
static_assert(int(nvtx::numModules) == NVTX_CB_MODULE_SIZE, "");
static_assert(int(nvtx::rangePushA) == NVTX_CBID_CORE_RangePushA, "");
static_assert(int(nvtx::rangePop) == NVTX_CBID_CORE_RangePop, "");
static_assert(int(nvtx::numCore) == NVTX_CBID_CORE_SIZE, "");
static_assert(int(nvtx::tableCallbacks) == NVTX_ETID_CALLBACKS, "");
static_assert(int(nvtx::tableVersion) == NVTX_ETID_VERSIONINFO, "");
static_assert(sizeof(nvtx::Callbacks) == sizeof(NvtxExportTableCallbacks), "");
static_assert(sizeof(nvtx::Version) == sizeof(NvtxExportTableVersionInfo), "");

namespace {

/// Names a range by the header and ends the process.
[[noreturn]] void pushAndPop() {
  nvtxRangePushA("range");
  nvtxRangePop();
  void *library = dlopen(GRAPHOPT_FAKE_NVTX, RTLD_NOW | RTLD_NOLOAD);
  if (!library)
    std::exit(2);
  auto record =
      reinterpret_cast<const char *(*)()>(dlsym(library, "fakeNvtxRecord"));
  std::exit(record() == std::string("[range ] ") ? 0 : 1);
}

TEST(NvtxHeader, WorksWithTheProfilerForTests) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  setenv("NVTX_INJECTION64_PATH", GRAPHOPT_FAKE_NVTX, 1);
  EXPECT_EXIT(pushAndPop(), testing::ExitedWithCode(0), "");
  unsetenv("NVTX_INJECTION64_PATH");
}

} // namespace
