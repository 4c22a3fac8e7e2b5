//===- Modes.h - Times as a graph and node by node --------------*- C++ -*-===//
//
// Measures the same calls in both modes of launching, in turns, so that what
// else goes on in the machine meets both.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_MODES_H
#define GRAPHOPT_TOOLS_GRAPHRUN_MODES_H

#include "Options.h"

#include "GraphOpt/Runtime/GraphRuntime.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

#include <vector>

namespace graphrun {

/// Microseconds of single calls with a wait after each, on the host's clock.
struct ModeTiming {
  double median = 0;
  std::vector<double> rounds; ///< Medians of the rounds.
};

struct ModeTimings {
  ModeTiming graph, stream;
};

/// The median of `values`, which are not empty.
double getMedian(std::vector<double> values);

/// Times of calls, each with a wait, after some to warm up: at least five, and
/// more for `milliseconds`. `call` issues work to the default stream.
llvm::Expected<std::vector<double>>
sampleLatencies(GoContext *context, double milliseconds,
                llvm::function_ref<llvm::Error()> call);

/// The time of one call with a wait.
llvm::Expected<double> sampleLatency(GoContext *context,
                                     llvm::function_ref<llvm::Error()> call);

/// Measures `call` in rounds of both modes. Leaves the context in graph mode.
llvm::Expected<ModeTimings>
measureModes(GoContext *context, llvm::function_ref<llvm::Error()> call);

/// Prints lines of text, or one JSON object if `format` says so.
void printModes(const ModeTimings &timings, StatsFormat format);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_MODES_H
