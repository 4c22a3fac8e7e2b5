//===- Bench.h - Times of calls ---------------------------------*- C++ -*-===//
//
// Measures what a call of a compiled program costs.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_BENCH_H
#define GRAPHOPT_TOOLS_GRAPHRUN_BENCH_H

#include "Options.h"

#include "GraphOpt/Runtime/GraphRuntime.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

namespace graphrun {

/// Microseconds per call.
struct Timing {
  double median = 0, minimum = 0;
  int calls = 0; ///< How many calls were measured.
};

/// What a call costs, seen in three ways.
struct Benchmark {
  Timing latency;    ///< On the host's clock, with a wait after each call.
  Timing throughput; ///< On the host's clock, with one wait after many calls.
  Timing device;     ///< Between events around many calls.
};

/// Repeats `call`, which issues work to the default stream of `context`, after
/// some calls to warm up, for about two seconds.
llvm::Expected<Benchmark> measureCalls(GoContext *context,
                                       llvm::function_ref<llvm::Error()> call);

/// Prints lines of text, or one JSON object if `format` says so.
void printBenchmark(const Benchmark &benchmark, StatsFormat format);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_BENCH_H
