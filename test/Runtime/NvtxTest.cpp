//===- NvtxTest.cpp - Tests of ranges for profilers -----------------------===//
//
// Part of graph-opt. A profiler is looked for once in a process, so each test
// is a process: a death test that starts anew, with its own environment.
//
//===----------------------------------------------------------------------===//

#include "CudaTest.h"

#include <dlfcn.h>

namespace {

class Nvtx : public CudaTest {
protected:
  void SetUp() override {
    CudaTest::SetUp();
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }
  void TearDown() override {
    for (const char *name :
         {"NVTX_INJECTION64_PATH", "FAKE_NVTX_FAILS", "GRAPHOPT_LOG"})
      unsetenv(name);
    CudaTest::TearDown();
  }
};

/// One build, two launches with other addresses, an update, and a kernel by
/// itself.
void runProgram() {
  CudaContext context;
  Int a(context, 0), b(context, 0);
  GoGraphInfo info = makeInfo("steps", 1);
  GoExec *exec = build(context, info, [](GoGraph *graph) {
    return addCuda(graph, {}, "increment", {updates(0, 4)});
  });
  EXPECT_LAUNCH(exec, {a});
  EXPECT_LAUNCH(exec, {b});
  EXPECT_LAUNCH(exec, {b});
  void *slots[] = {b}, *list[] = {slots};
  GoKernelLaunch kernel = {&fakeModule, "increment", {1, 1, 1}, {32, 1, 1},
                           {0, 0, 0},   0,           list,      1};
  EXPECT_EQ(goLaunchKernel(context, nullptr, &kernel), GO_OK);
  EXPECT_EQ(a.get() + b.get(), 4);
}

const char ranges[] = "[build module::steps ] "
                      "[launch module::steps [build module::steps ] ] "
                      "[launch module::steps [update module::steps ] "
                      "[update module::steps ] ] "
                      "[launch module::steps ] "
                      "[launch fake::increment ] ";

/// Runs the program, prints what the library at `path` recorded, which the
/// runtime must have loaded, and ends the process.
[[noreturn]] void runRecorded(const char *path) {
  runProgram();
  void *library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
  if (!library) {
    std::fprintf(stderr, "not loaded\n");
    std::exit(2);
  }
  auto record =
      reinterpret_cast<const char *(*)()>(dlsym(library, "fakeNvtxRecord"));
  std::fprintf(stderr, "recorded: %s", record());
  std::exit(record() == std::string(ranges) ? 0 : 1);
}

TEST_F(Nvtx, ProfilersOfVersion3) {
  setenv("NVTX_INJECTION64_PATH", GRAPHOPT_FAKE_NVTX, 1);
  EXPECT_EXIT(runRecorded(GRAPHOPT_FAKE_NVTX), testing::ExitedWithCode(0),
              "recorded: .build module::steps");
}

TEST_F(Nvtx, LibraryOfVersion2) {
  const char *before = std::getenv("LD_LIBRARY_PATH");
  std::string kept = before ? before : "";
  setenv("LD_LIBRARY_PATH", GRAPHOPT_FAKE_NVTX2_FOLDER, 1);
  EXPECT_EXIT(runRecorded("libnvToolsExt.so.1"), testing::ExitedWithCode(0),
              "recorded: .build module::steps");
  if (before)
    setenv("LD_LIBRARY_PATH", kept.c_str(), 1);
  else
    unsetenv("LD_LIBRARY_PATH");
}

TEST_F(Nvtx, ProfilersThatFailChangeNothing) {
  setenv("GRAPHOPT_LOG", "error", 1);
  auto run = [] {
    runProgram();
    std::exit(testing::Test::HasFailure());
  };
  setenv("NVTX_INJECTION64_PATH", GRAPHOPT_FAKE_NVTX, 1);
  setenv("FAKE_NVTX_FAILS", "1", 1);
  EXPECT_EXIT(run(), testing::ExitedWithCode(0),
              "failure: NVTX_INJECTION64_PATH: .*InitializeInjectionNvtx2 "
              "failed");
  setenv("NVTX_INJECTION64_PATH", GRAPHOPT_FAKE_CUDA, 1);
  EXPECT_EXIT(run(), testing::ExitedWithCode(0),
              "failure: NVTX_INJECTION64_PATH: .*no InitializeInjectionNvtx2");
  setenv("NVTX_INJECTION64_PATH", "/nonexistent/profiler.so", 1);
  EXPECT_EXIT(run(), testing::ExitedWithCode(0),
              "failure: NVTX_INJECTION64_PATH: .*nonexistent.profiler.so");
}

} // namespace
