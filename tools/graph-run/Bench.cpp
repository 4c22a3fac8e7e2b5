//===- Bench.cpp - Times of calls -----------------------------------------===//
//
// Implements the measurement of calls, one by one and in trains: runs of calls
// with one wait at the end.
//
//===----------------------------------------------------------------------===//

#include "Bench.h"

#include "DeviceHandle.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <chrono>
#include <vector>

using namespace graphrun;
using llvm::Error;
using llvm::Expected;
using llvm::outs;
using Clock = std::chrono::steady_clock;

static double microsecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start)
      .count();
}

static Error waitFor(GoContext *context) {
  if (goWait(context, /*stream=*/nullptr) != GO_OK)
    return runtimeError("the device failed");
  return Error::success();
}

/// Takes samples for two thirds of a second, at least five. `sample` gives the
/// time of `callsPerSample` calls in microseconds.
static Expected<Timing> collect(int callsPerSample,
                                llvm::function_ref<Expected<double>()> sample) {
  constexpr double budget = 2e6 / 3;
  constexpr size_t minSamples = 5, maxSamples = 100000;
  std::vector<double> times;
  Clock::time_point start = Clock::now();
  while (times.size() < minSamples ||
         (microsecondsSince(start) < budget && times.size() < maxSamples)) {
    Expected<double> time = sample();
    if (!time)
      return time.takeError();
    times.push_back(*time / callsPerSample);
  }
  llvm::sort(times);
  return Timing{times[times.size() / 2], times.front(),
                int(times.size()) * callsPerSample};
}

/// Issues `length` calls.
static Error callTrain(int length, llvm::function_ref<Error()> call) {
  for (int i = 0; i < length; ++i)
    if (Error error = call())
      return error;
  return Error::success();
}

static Expected<Timing> measureWallClock(GoContext *context, int length,
                                         llvm::function_ref<Error()> call) {
  return collect(length, [&]() -> Expected<double> {
    Clock::time_point start = Clock::now();
    if (Error error = callTrain(length, call))
      return std::move(error);
    if (Error error = waitFor(context))
      return std::move(error);
    return microsecondsSince(start);
  });
}

static Expected<Timing> measureEvents(GoContext *context, int length,
                                      llvm::function_ref<Error()> call) {
  GoTimer *timer = nullptr;
  if (goTimerCreate(context, &timer) != GO_OK)
    return runtimeError("no timer");
  auto destroy = llvm::make_scope_exit([&] { goTimerDestroy(timer); });
  return collect(length, [&]() -> Expected<double> {
    if (goTimerStart(timer, /*stream=*/nullptr) != GO_OK)
      return runtimeError("the timer failed");
    if (Error error = callTrain(length, call))
      return std::move(error);
    double microseconds = 0;
    if (goTimerStop(timer, /*stream=*/nullptr) != GO_OK ||
        goTimerRead(timer, &microseconds) != GO_OK)
      return runtimeError("the timer failed");
    return microseconds;
  });
}

Expected<Benchmark> graphrun::measureCalls(GoContext *context,
                                           llvm::function_ref<Error()> call) {
  constexpr int warmUps = 3;
  if (Error error = callTrain(warmUps, call))
    return std::move(error);
  if (Error error = waitFor(context))
    return std::move(error);
  Benchmark result;
  Expected<Timing> timing = measureWallClock(context, /*length=*/1, call);
  if (!timing)
    return timing.takeError();
  result.latency = *timing;
  // Trains of about 10 ms: long against a wait, short against the budget.
  int length = std::clamp(int(1e4 / result.latency.median), 2, 1000);
  timing = measureWallClock(context, length, call);
  if (!timing)
    return timing.takeError();
  result.throughput = *timing;
  timing = measureEvents(context, length, call);
  if (!timing)
    return timing.takeError();
  result.device = *timing;
  return result;
}

void graphrun::printBenchmark(const Benchmark &benchmark, StatsFormat format) {
  const std::pair<llvm::StringLiteral, const Timing &> rows[] = {
      {"latency", benchmark.latency},
      {"throughput", benchmark.throughput},
      {"device", benchmark.device},
  };
  if (format != StatsFormat::JSON) {
    for (const auto &[name, timing] : rows)
      outs() << "bench: " << llvm::left_justify(name, 11)
             << llvm::format(
                    "median %.1f us, minimum %.1f us per call (%d calls)\n",
                    timing.median, timing.minimum, timing.calls);
    return;
  }
  llvm::json::OStream json(outs());
  json.object([&] {
    json.attributeObject("bench", [&] {
      for (const auto &[name, timing] : rows)
        json.attributeObject(name, [&, &timing = timing] {
          json.attribute("median_us", timing.median);
          json.attribute("minimum_us", timing.minimum);
          json.attribute("calls", timing.calls);
        });
    });
  });
  outs() << '\n';
}
