//===- Options.h - Command line of graph-run --------------------*- C++ -*-===//
//
// What the user asked for.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_OPTIONS_H
#define GRAPHOPT_TOOLS_GRAPHRUN_OPTIONS_H

#include "GraphOpt/Pipelines/Pipelines.h"

#include <optional>
#include <string>
#include <vector>

namespace graphrun {

enum class DeviceChoice { Auto, Host, CUDA };
enum class LaunchMode { Graph, Stream };
/// Lines of the runtime; Default: as the environment says.
enum class LogLevel { Default, Off, Error, Info, Debug };
enum class StatsFormat { None, Text, JSON };
/// How --differential compares.
enum class DifferentialMode { Off, Tolerance, Bitwise };

struct Options {
  std::string file, entry, out, dot, chip;
  /// The program that nodes are compared with; empty: the file itself.
  std::string reference;
  /// Tables of costs: the one to compile with, the one to write.
  std::string calibration, calibrate;
  DeviceChoice device = DeviceChoice::Auto;
  LaunchMode mode = LaunchMode::Graph;
  graphopt::Precision precision = graphopt::Precision::Exact;
  StatsFormat stats = StatsFormat::None;
  LogLevel log = LogLevel::Default;
  DifferentialMode differential = DifferentialMode::Off;
  std::vector<std::string> arguments, sharedLibraries;
  int repeat = 1;
  unsigned threads = 0; ///< 0: one per hardware thread.
  uint64_t seed = 0;
  std::optional<double> tolerance;
  bool verify = false, bench = false, print = false;
  bool beforeAfter = false, benchModes = false, referenceOnly = false,
       asyncResults = false;

  /// True if the reference evaluator has to run.
  bool needsReference() const { return verify || beforeAfter || referenceOnly; }
  /// True if somebody looks at the elements of arrays after the calls.
  bool needsArrays() const { return verify || print || !out.empty(); }
};

/// Parses the command line; on an error prints one line and exits.
Options parseOptions(int argc, char **argv);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_OPTIONS_H
