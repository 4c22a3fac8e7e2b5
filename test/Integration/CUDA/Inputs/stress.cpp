//===- stress.cpp - Many calls with moving addresses ----------------------===//
//
// Calls the functions of stress.mlir, compiled ahead of time by graph-compile,
// again and again: from several threads, each on a stream of its own, for
// changing owners, with a cache that holds fewer graphs than are in use, and
// with arguments and results that are in other places at nearly every call.
// Each result is compared with plain arithmetic on the host; memory must not
// grow.
//
//   stress LIBRARY [--calls N] [--threads N] [--seed N] [--graphs N]
//
// LIBRARY exports stress_program. Exits with 1 after a wrong result, an error,
// or growth of memory.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Runtime/GraphProgram.h"

#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr int64_t kTensors = 6, kElements = 64;
constexpr int64_t kBytes = kElements * sizeof(float);
/// Copies of each tensor, with values and addresses of their own.
constexpr int64_t kVersions = 16;
/// The allocations of results that a thread chooses from.
constexpr int64_t kSlabs = 4;
/// Streams are needed only to be different; CUDA's own per-thread stream is.
/// (CUDA driver API, "CU_STREAM_PER_THREAD".)
void *const kPerThreadStream = reinterpret_cast<void *>(2);

struct Options {
  const char *library = nullptr;
  int64_t calls = 10000, threads = 4, seed = 1, graphs = 5;
};

[[noreturn]] void fail(const std::string &message) {
  std::fprintf(stderr, "stress: error: %s\n", message.c_str());
  std::_Exit(1);
}

void check(GoStatus status, const char *what) {
  if (status != GO_OK)
    fail(std::string(what) + ": status " + std::to_string(status) + ": " +
         goLastMessage());
}

/// What the functions compute, in f64.
struct Expected {
  double norm, scale, shift;
};

Expected compute(const std::string &function, double sumOfSquares,
                 double bound) {
  double norm = std::sqrt(sumOfSquares);
  if (function == "clip")
    return {norm, std::min(bound / norm, 1.0), 0.0};
  if (function == "shift_all")
    return {norm, 1.0, norm};
  if (function == "choose")
    return norm > bound ? Expected{norm, 2.0, 0.0} : Expected{norm, 1.0, 1.0};
  fail("the library has a function '" + function + "' that is not known here");
}

/// Device memory with tensors at places that need no alignment beyond theirs.
struct Slab {
  char *base = nullptr;
  static constexpr int64_t kPlaces = 2 * kTensors;
};

/// What threads share: the tensors that are read.
struct Inputs {
  float *device[kTensors][kVersions];
  std::vector<float> host[kTensors][kVersions];
  double sumOfSquares[kTensors][kVersions];
};

void makeInputs(GoContext *context, std::mt19937_64 &random, Inputs &inputs) {
  std::uniform_real_distribution<float> uniform(-1.0f, 1.0f);
  for (int64_t t = 0; t < kTensors; ++t)
    for (int64_t v = 0; v < kVersions; ++v) {
      // Versions differ in size, so that one taken for another is noticed.
      float size = std::exp2(static_cast<float>(random() % 5) - 2.0f);
      std::vector<float> &values = inputs.host[t][v];
      double sum = 0;
      for (int64_t i = 0; i < kElements; ++i) {
        values.push_back(size * uniform(random));
        sum += static_cast<double>(values[i]) * values[i];
      }
      inputs.sumOfSquares[t][v] = sum;
      inputs.device[t][v] =
          static_cast<float *>(goAllocate(context, nullptr, kBytes));
      if (!inputs.device[t][v])
        check(goContextTakeStatus(context), "goAllocate");
      check(goUpload(context, nullptr, values.data(), inputs.device[t][v],
                     kBytes),
            "goUpload");
    }
  check(goWait(context, nullptr), "goWait");
}

class Caller {
public:
  Caller(GoContext *context, const GoProgramInfo &program, const Inputs &inputs,
         int64_t number, int64_t seed)
      : context(context), program(program), inputs(inputs),
        stream(program.device == GO_DEVICE_CUDA ? kPerThreadStream : nullptr),
        random(seed * 1000003 + number), read(Slab::kPlaces * kElements) {
    for (Slab &slab : slabs) {
      slab.base = static_cast<char *>(
          goAllocate(context, stream, Slab::kPlaces * kBytes));
      if (!slab.base)
        check(goContextTakeStatus(context), "goAllocate");
    }
    for (int64_t p = 0; p < Slab::kPlaces; ++p)
      places.push_back(p);
  }

  ~Caller() {
    for (Slab &slab : slabs)
      goFree(context, stream, slab.base);
    goSetOwner(0);
  }

  void call() {
    move();
    const GoFunctionInfo &function =
        program.functions[random() % program.num_functions];
    double sum = 0;
    std::vector<void *> arguments, results;
    for (int64_t t = 0; t < kTensors; ++t) {
      arguments.push_back(inputs.device[t][versions[t]]);
      results.push_back(slabs[slab].base + places[t] * kBytes);
      sum += inputs.sumOfSquares[t][versions[t]];
    }
    // Around the norm, but not so near that rounding decides.
    double bound = std::sqrt(sum) * (random() % 2 ? 0.5 : 2.0);
    double norm = 0;
    arguments.push_back(&bound);
    results.push_back(&norm);
    check(function.entry(context, stream, arguments.data(), results.data()),
          function.name);
    check(goReadback(context, stream, slabs[slab].base, read.data(),
                     Slab::kPlaces * kBytes),
          "goReadback");
    check(goWait(context, stream), "goWait");
    verify(function.name, compute(function.name, sum, bound), norm);
  }

private:
  /// Moves none, one, or all of the arguments and results; changes the owner.
  void move() {
    switch (random() % 4) {
    case 0:
      return;
    case 1:
      versions[random() % kTensors] = random() % kVersions;
      return;
    case 2:
      // Back and forth between two sets.
      std::swap(versions, otherVersions);
      return;
    default:
      for (int64_t &version : versions)
        version = random() % kVersions;
      std::shuffle(places.begin(), places.end(), random);
      slab = random() % kSlabs;
      if (random() % 8 == 0)
        goSetOwner(random() % 3);
    }
  }

  void verify(const char *function, const Expected &expected, double norm) {
    auto isNear = [](double value, double wanted, double size) {
      return std::fabs(value - wanted) <= 1e-5 * size;
    };
    if (!isNear(norm, expected.norm, expected.norm))
      fail(std::string(function) + ": norm " + std::to_string(norm) +
           ", expected " + std::to_string(expected.norm));
    for (int64_t t = 0; t < kTensors; ++t)
      for (int64_t i = 0; i < kElements; ++i) {
        double x = inputs.host[t][versions[t]][i];
        double wanted = x * expected.scale + expected.shift;
        double value = read[places[t] * kElements + i];
        if (!isNear(value, wanted, std::fabs(x) + std::fabs(expected.shift)))
          fail(std::string(function) + ": result " + std::to_string(t) + "[" +
               std::to_string(i) + "] is " + std::to_string(value) +
               ", expected " + std::to_string(wanted));
      }
  }

  GoContext *context;
  const GoProgramInfo &program;
  const Inputs &inputs;
  void *stream;
  std::mt19937_64 random;
  Slab slabs[kSlabs];
  int64_t slab = 0;
  std::vector<int64_t> places;
  std::vector<float> read;
  int64_t versions[kTensors] = {}, otherVersions[kTensors] = {1, 2, 3, 4, 5, 6};
};

/// Bytes of this process that are in memory.
int64_t getResidentBytes() {
  long pages = 0, resident = 0;
  FILE *file = std::fopen("/proc/self/statm", "r");
  if (!file || std::fscanf(file, "%ld %ld", &pages, &resident) != 2)
    fail("/proc/self/statm can not be read");
  std::fclose(file);
  return resident * sysconf(_SC_PAGESIZE);
}

/// Bytes of the GPU's memory that are in use; 0 without one. The caller has
/// made the device's context current.
int64_t getDeviceBytes() {
  using GetInfo = int (*)(size_t *, size_t *);
  using Retain = int (*)(void **, int);
  using SetCurrent = int (*)(void *);
  void *driver = dlopen("libcuda.so.1", RTLD_NOW);
  if (!driver)
    return 0;
  auto getInfo = reinterpret_cast<GetInfo>(dlsym(driver, "cuMemGetInfo_v2"));
  auto retain =
      reinterpret_cast<Retain>(dlsym(driver, "cuDevicePrimaryCtxRetain"));
  auto setCurrent =
      reinterpret_cast<SetCurrent>(dlsym(driver, "cuCtxSetCurrent"));
  size_t free = 0, total = 0;
  void *primary = nullptr;
  if (!getInfo || !retain || !setCurrent || retain(&primary, 0) ||
      setCurrent(primary) || getInfo(&free, &total))
    return 0;
  return static_cast<int64_t>(total - free);
}

Options parse(int argc, char **argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    int64_t *value = name == "--calls"     ? &options.calls
                     : name == "--threads" ? &options.threads
                     : name == "--seed"    ? &options.seed
                     : name == "--graphs"  ? &options.graphs
                                           : nullptr;
    if (!value && !options.library)
      options.library = argv[i];
    else if (!value || i + 1 == argc)
      fail("what is '" + name + "'?");
    else if ((*value = std::strtoll(argv[++i], nullptr, 10)) < 1)
      fail(name + ": a number from 1 on is needed");
  }
  if (!options.library)
    fail("usage: stress LIBRARY [--calls N] [--threads N] [--seed N] "
         "[--graphs N]");
  return options;
}

const GoProgramInfo &load(const char *path) {
  void *library = dlopen(path, RTLD_NOW);
  if (!library)
    fail(dlerror());
  void *program = dlsym(library, "stress_program");
  if (!program)
    fail(dlerror());
  return *static_cast<const GoProgramInfo *>(program);
}

} // namespace

int main(int argc, char **argv) {
  Options options = parse(argc, argv);
  const GoProgramInfo &program = load(options.library);
  GoContext *context = nullptr;
  check(goProgramCreateContext(&program, 0, &context), "context");
  GoCacheLimits limits = {options.graphs, 0};
  check(goContextSetCacheLimits(context, &limits), "goContextSetCacheLimits");
  std::mt19937_64 random(options.seed);
  Inputs inputs;
  makeInputs(context, random, inputs);

  // The first tenth brings all there is into being: code, pools, graphs.
  int64_t resident = 0, device = 0;
  std::atomic<int64_t> next{0};
  auto runUntil = [&](int64_t end) {
    std::vector<std::thread> threads;
    for (int64_t number = 0; number < options.threads; ++number)
      threads.emplace_back([&, number] {
        Caller caller(context, program, inputs, number, options.seed + end);
        while (next.fetch_add(1) < end)
          caller.call();
      });
    for (std::thread &thread : threads)
      thread.join();
    next = end;
  };
  runUntil(options.calls / 10);
  resident = getResidentBytes();
  device = getDeviceBytes();
  auto begin = std::chrono::steady_clock::now();
  runUntil(options.calls);
  double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin)
          .count();
  int64_t grownResident = getResidentBytes() - resident;
  int64_t grownDevice = getDeviceBytes() - device;

  GoCounters counters;
  goContextCounters(context, &counters);
  std::printf("%lld calls on %lld threads, all results right; %.1f us a call\n"
              "launches %llu, with moved addresses %llu, instantiations %llu, "
              "evictions %llu, fallbacks %llu\n"
              "after the first tenth: host memory %+lld bytes, device memory "
              "%+lld bytes\n",
              static_cast<long long>(options.calls),
              static_cast<long long>(options.threads),
              1e6 * seconds / std::max<int64_t>(options.calls * 9 / 10, 1),
              static_cast<unsigned long long>(counters.graph_launches),
              static_cast<unsigned long long>(counters.updates),
              static_cast<unsigned long long>(counters.instantiations),
              static_cast<unsigned long long>(counters.evictions),
              static_cast<unsigned long long>(counters.fallbacks),
              static_cast<long long>(grownResident),
              static_cast<long long>(grownDevice));
  for (auto &versions : inputs.device)
    for (float *tensor : versions)
      goFree(context, nullptr, tensor);
  goContextDestroy(context);
  // What allocators keep is bounded; a leak of 32 bytes a call is not.
  constexpr int64_t kSlack = int64_t(16) << 20;
  if (grownResident > kSlack || grownDevice > kSlack)
    fail("memory grew");
  return 0;
}
