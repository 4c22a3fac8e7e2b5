//===- FakeNvtx.cpp - A profiler for tests --------------------------------===//
//
// Part of graph-opt. A library that takes NVTX ranges and records them: as a
// profiler's library of NVTX 3 (InitializeInjectionNvtx2), and as the library
// of NVTX 2 (nvtxRangePushA, nvtxRangePop). Its declarations are its own, from
// the headers of NVTX, so that they do not share mistakes of the runtime.
//
//===----------------------------------------------------------------------===//

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutex>
#include <string>

namespace {
std::mutex mutex;
std::string record; ///< "[launch m::g [update m::g ] ] ".

int push(const char *text) {
  std::lock_guard<std::mutex> lock(mutex);
  record += std::string("[") + text + " ";
  return 0;
}

int pop() {
  std::lock_guard<std::mutex> lock(mutex);
  record += "] ";
  return 0;
}

using Function = void (*)();
struct CallbackTable {
  size_t bytes;
  int (*getModuleFunctionTable)(int module, Function ***table, unsigned *size);
};
struct VersionTable {
  size_t bytes;
  uint32_t version, reserved;
  void (*setVersion)(uint32_t version);
};

/// Functions of the modules 1 to 6 in NVTX 3.
constexpr unsigned sizes[] = {16, 9, 15, 7, 16, 7};
} // namespace

extern "C" {

const char *fakeNvtxRecord() { return record.c_str(); }

#ifdef FAKE_NVTX_2
int nvtxRangePushA(const char *text) { return push(text); }
int nvtxRangePop() { return pop(); }
#else
/// Returns 0, a failure, if something is not as NVTX 3 has it, or if the test
/// wants it.
int InitializeInjectionNvtx2(const void *(*getExportTable)(uint32_t)) {
  auto *callbacks = static_cast<const CallbackTable *>(getExportTable(1));
  auto *version = static_cast<const VersionTable *>(getExportTable(3));
  if (getExportTable(2) || !callbacks || !version ||
      callbacks->bytes < sizeof(CallbackTable) ||
      version->bytes < sizeof(VersionTable) || version->version != 3 ||
      callbacks->getModuleFunctionTable(7, nullptr, nullptr))
    return 0;
  version->setVersion(3);
  Function **table = nullptr;
  for (int module = 6; module >= 1; --module) {
    unsigned size = 0;
    if (!callbacks->getModuleFunctionTable(module, &table, &size) ||
        size != sizes[module - 1] || table[0] || table[size])
      return 0;
    for (unsigned i = 1; i < size; ++i)
      *table[i] = nullptr;
  }
  *table[9] = reinterpret_cast<Function>(push);
  *table[11] = reinterpret_cast<Function>(pop);
  return std::getenv("FAKE_NVTX_FAILS") == nullptr;
}
#endif
}
