//===- Report.h - What graph-run prints -------------------------*- C++ -*-===//
//
// Results, counters and the comparison of eager and graph execution.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_REPORT_H
#define GRAPHOPT_TOOLS_GRAPHRUN_REPORT_H

#include "HostTensor.h"
#include "Options.h"
#include "Reference/Reference.h"

#include "GraphOpt/Runtime/GraphRuntime.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <vector>

namespace graphrun {

/// Prints "graph-run: error: MESSAGE" and returns the exit code for it.
int fail(const llvm::Twine &message);
int fail(llvm::Error error);

/// Prints scalar results as `result0 = 1.5 : f64`, one per line; with `all`
/// also shape and first elements of the others and of buffer arguments.
void printResults(mlir::FunctionType type, llvm::ArrayRef<HostTensor> arguments,
                  llvm::ArrayRef<HostTensor> results, bool all);

/// The totals "before" and "after" of `function` in the report of the compiler
/// (docs/report.md), without what is said of single ops; empty if the report
/// does not know it.
llvm::json::Object totalsOf(llvm::StringRef report, llvm::StringRef function);

/// What was done for one graph of the program.
struct RegionStats {
  std::string module, name;
  int64_t owner, deviceBytes;
  GoCounters counters;
};
/// Those of all graphs of `context`.
std::vector<RegionStats> collectRegions(GoContext *context);

/// Prints counters that `calls` calls summed up to, those of each graph, and
/// the totals of one call that the compiler counted.
void printStats(const GoCounters &counters, llvm::ArrayRef<RegionStats> regions,
                uint64_t calls, const llvm::json::Object &totals,
                StatsFormat format);

/// Prints what one call is before and after compilation.
void printBeforeAfter(const EagerCounts &eager, const GoCounters &counters,
                      uint64_t calls);

/// Checks, before anything is run, that files can be made in `folder`; makes
/// the folder if need be.
llvm::Error checkOutputFolder(const std::string &folder);
/// Writes result<I>.npy and, for buffers, arg<I>.npy.
llvm::Error writeOutputs(const std::string &folder, mlir::FunctionType type,
                         llvm::ArrayRef<HostTensor> arguments,
                         llvm::ArrayRef<HostTensor> results);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_REPORT_H
