//===- Modes.cpp - Times as a graph and node by node ----------------------===//
//
// Implements the measurement of calls in both modes of launching.
//
//===----------------------------------------------------------------------===//

#include "Modes.h"

#include "DeviceHandle.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>

using namespace graphrun;
using llvm::Error;
using llvm::Expected;
using llvm::outs;

double graphrun::getMedian(std::vector<double> values) {
  llvm::sort(values);
  return values[values.size() / 2];
}

using Clock = std::chrono::steady_clock;

Expected<double> graphrun::sampleLatency(GoContext *context,
                                         llvm::function_ref<Error()> call) {
  Clock::time_point start = Clock::now();
  if (Error error = call())
    return std::move(error);
  if (goWait(context, /*stream=*/nullptr) != GO_OK)
    return runtimeError("the device failed");
  return std::chrono::duration<double, std::micro>(Clock::now() - start)
      .count();
}

Expected<std::vector<double>>
graphrun::sampleLatencies(GoContext *context, double milliseconds,
                          llvm::function_ref<Error()> call) {
  constexpr int warmUps = 3;
  constexpr size_t minSamples = 5;
  std::vector<double> times;
  auto sample = [&]() -> Error {
    Expected<double> time = sampleLatency(context, call);
    if (!time)
      return time.takeError();
    times.push_back(*time);
    return Error::success();
  };
  for (int i = 0; i < warmUps; ++i)
    if (Error error = sample())
      return std::move(error);
  times.clear();
  Clock::time_point end =
      Clock::now() + std::chrono::microseconds(int64_t(milliseconds * 1e3));
  while (times.size() < minSamples || Clock::now() < end)
    if (Error error = sample())
      return std::move(error);
  return times;
}

Expected<ModeTimings> graphrun::measureModes(GoContext *context,
                                             llvm::function_ref<Error()> call) {
  constexpr int rounds = 6;
  constexpr double milliseconds = 25;
  std::vector<double> all[2];
  ModeTimings timings;
  for (int i = 0; i < 2 * rounds; ++i) {
    // Graph, stream, stream, graph, ...: what drifts meets both alike.
    int32_t mode = (i + 1) / 2 % 2 ? GO_MODE_STREAM : GO_MODE_GRAPH;
    if (goContextSetMode(context, mode) != GO_OK)
      return runtimeError("--bench-modes");
    auto times = sampleLatencies(context, milliseconds, call);
    if (!times)
      return times.takeError();
    bool isGraph = mode == GO_MODE_GRAPH;
    (isGraph ? timings.graph : timings.stream)
        .rounds.push_back(getMedian(*times));
    llvm::append_range(all[isGraph ? 0 : 1], *times);
  }
  timings.graph.median = getMedian(std::move(all[0]));
  timings.stream.median = getMedian(std::move(all[1]));
  if (goContextSetMode(context, GO_MODE_GRAPH) != GO_OK)
    return runtimeError("--bench-modes");
  return timings;
}

void graphrun::printModes(const ModeTimings &timings, StatsFormat format) {
  const std::pair<llvm::StringLiteral, const ModeTiming &> rows[] = {
      {"graph", timings.graph}, {"stream", timings.stream}};
  if (format != StatsFormat::JSON) {
    for (const auto &[name, timing] : rows)
      outs() << "bench: mode " << llvm::left_justify(name, 7)
             << llvm::format("median %.1f us per call\n", timing.median);
    return;
  }
  llvm::json::OStream json(outs());
  json.object([&] {
    json.attributeObject("modes", [&] {
      for (const auto &[name, timing] : rows)
        json.attributeObject(name, [&, &timing = timing] {
          json.attribute("median_us", timing.median);
          json.attributeArray("rounds_us", [&] {
            for (double round : timing.rounds)
              json.value(round);
          });
        });
    });
  });
  outs() << '\n';
}
