//===- Options.cpp - Command line of graph-run ----------------------------===//
//
// Implements the command line with options that live only while it is parsed.
//
//===----------------------------------------------------------------------===//

#include "Options.h"

#include "llvm/Support/CommandLine.h"

using namespace graphrun;
namespace cl = llvm::cl;

static constexpr const char overview[] =
    "graph-run: compiles MLIR to graph programs and runs one function\n\n"
    "FILE holds upstream dialects or any later state of the graph-opt\n"
    "pipeline; what remains of the pipeline is run. Arguments that are not\n"
    "given are random (tensors and buffers) or 1 (scalars).\n";

/// Unregisters all options but the ways to ask for help. LLVM's libraries
/// register global ones, some with names of ours (`-stats`); ours must not be
/// known any longer than they live.
static void unregisterOptions() {
  llvm::SmallVector<cl::Option *> options;
  for (auto [name, option] : cl::getRegisteredOptions())
    if (!name.starts_with("help") && name != "version")
      options.push_back(option);
  for (cl::Option *option : options)
    option->removeArgument();
}

Options graphrun::parseOptions(int argc, char **argv) {
  unregisterOptions();
  Options result;
  cl::OptionCategory category("graph-run options");
  cl::opt<std::string, true> file(cl::Positional, cl::desc("FILE"),
                                  cl::location(result.file), cl::init("-"),
                                  cl::cat(category));
  cl::opt<std::string, true> entry(
      "entry", cl::desc("Function to run; may be omitted if there is one"),
      cl::value_desc("name"), cl::location(result.entry), cl::cat(category));
  cl::opt<DeviceChoice, true> device(
      "device", cl::desc("Where the program runs"), cl::location(result.device),
      cl::init(DeviceChoice::Auto),
      cl::values(clEnumValN(DeviceChoice::Auto, "auto",
                            "a CUDA device if there is one, else the host"),
                 clEnumValN(DeviceChoice::Host, "host", "CPU functions"),
                 clEnumValN(DeviceChoice::CUDA, "cuda", "CUDA graphs")),
      cl::cat(category));
  cl::opt<LaunchMode, true> mode(
      "mode", cl::desc("How graphs are launched"), cl::location(result.mode),
      cl::init(LaunchMode::Graph),
      cl::values(clEnumValN(LaunchMode::Graph, "graph", "by one launch"),
                 clEnumValN(LaunchMode::Stream, "stream",
                            "node by node (on the host the same)")),
      cl::cat(category));
  cl::opt<std::string, true, graphopt::ChipParser> chip(
      "chip",
      cl::desc("Architecture to compile for (default: that of the device)"),
      cl::value_desc("sm_NN"), cl::location(result.chip), cl::cat(category));
  cl::list<std::string> arguments(
      "arg",
      cl::desc("Argument I: a number, a .npy file or random:SEED (repeatable)"),
      cl::value_desc("I=VALUE"), cl::cat(category));
  cl::opt<std::string, true> out(
      "out", cl::desc("Write results and buffer arguments there as .npy files"),
      cl::value_desc("dir"), cl::location(result.out), cl::cat(category));
  cl::opt<int, true> repeat(
      "repeat", cl::desc("Number of calls; buffers keep what a call wrote"),
      cl::value_desc("n"), cl::location(result.repeat), cl::init(1),
      cl::cat(category));
  cl::opt<bool, true> verify(
      "verify", cl::desc("Compare with the input evaluated op by op"),
      cl::location(result.verify), cl::cat(category));
  cl::opt<DifferentialMode, true> differential(
      "differential",
      cl::desc(
          "Run the nodes of each graph also one by one on copies; name the "
          "first whose output differs from its ops, evaluated one by one"),
      cl::location(result.differential), cl::init(DifferentialMode::Off),
      cl::ValueOptional,
      cl::values(clEnumValN(DifferentialMode::Tolerance, "tolerance",
                            "by --tolerance (default)"),
                 clEnumValN(DifferentialMode::Bitwise, "bitwise",
                            "by all bits: sums of many elements differ"),
                 clEnumValN(DifferentialMode::Tolerance, "", "")),
      cl::cat(category));
  cl::opt<std::string, true> reference(
      "reference",
      cl::desc("Program with the ops that --differential compares with, if "
               "FILE is in state graphs or later"),
      cl::value_desc("file"), cl::location(result.reference),
      cl::cat(category));
  cl::opt<double> tolerance(
      "tolerance",
      cl::desc("Largest relative error that --verify and --differential accept "
               "(default: 1e-5 for f32 and f64, 2e-3 for f16, 1e-2 for bf16)"),
      cl::value_desc("x"), cl::cat(category));
  cl::opt<bool, true> bench(
      "bench", cl::desc("Measure the time of a call, after everything else"),
      cl::location(result.bench), cl::cat(category));
  cl::opt<bool, true> asyncResults(
      "async-results",
      cl::desc("Compile without waits for scalars that are only returned; make "
               "all calls of --repeat, then await the results of each"),
      cl::location(result.asyncResults), cl::cat(category));
  cl::opt<bool, true> benchModes(
      "bench-modes",
      cl::desc("Measure the latency of a call in both modes, in turns"),
      cl::location(result.benchModes), cl::cat(category));
  cl::opt<std::string, true> calibration(
      "calibration",
      cl::desc("Costs of the GPU to compile with, as --calibrate writes them"),
      cl::value_desc("file"), cl::location(result.calibration),
      cl::cat(category));
  cl::opt<std::string, true> calibrate(
      "calibrate",
      cl::desc("Measure what things cost on the CUDA device and write that as "
               "JSON; takes no FILE"),
      cl::value_desc("file"), cl::location(result.calibrate),
      cl::cat(category));
  cl::opt<std::string, true> dot(
      "dot", cl::desc("Write the graphs that were built to a Graphviz file"),
      cl::value_desc("file"), cl::location(result.dot), cl::cat(category));
  cl::opt<StatsFormat, true> stats(
      "stats",
      cl::desc("Print what the runtime did, over all calls and per graph"),
      cl::location(result.stats), cl::init(StatsFormat::None),
      cl::values(clEnumValN(StatsFormat::Text, "text", "one line per counter"),
                 clEnumValN(StatsFormat::JSON, "json", "one JSON object")),
      cl::cat(category));
  cl::opt<LogLevel, true> log(
      "log",
      cl::desc("Lines on what the runtime does, with reasons, on the standard "
               "error (default: the environment variable GRAPHOPT_LOG)"),
      cl::location(result.log), cl::init(LogLevel::Default),
      cl::values(clEnumValN(LogLevel::Off, "off", "none"),
                 clEnumValN(LogLevel::Error, "error", "failed calls"),
                 clEnumValN(LogLevel::Info, "info",
                            "also builds, evictions, retries and fallbacks"),
                 clEnumValN(LogLevel::Debug, "debug", "also updates")),
      cl::cat(category));
  cl::opt<uint64_t, true> seed("seed", cl::desc("Seed of the random arguments"),
                               cl::location(result.seed), cl::init(0),
                               cl::cat(category));
  cl::opt<graphopt::Precision, true> precision(
      "precision", cl::desc("What may change in the numbers"),
      cl::location(result.precision), cl::init(graphopt::Precision::Exact),
      cl::values(clEnumValN(graphopt::Precision::Exact, "exact",
                            "nothing: as the IR says"),
                 clEnumValN(graphopt::Precision::Fast, "fast",
                            "tree sums, fma, norm rewrites")),
      cl::cat(category));
  cl::list<std::string> sharedLibraries(
      "shared-lib", cl::desc("Library with external functions (repeatable)"),
      cl::value_desc("path"), cl::cat(category));
  cl::opt<unsigned, true> threads(
      "threads", cl::desc("Threads of the host device (0: all)"),
      cl::location(result.threads), cl::init(0), cl::cat(category));
  cl::opt<bool, true> beforeAfter(
      "before-after",
      cl::desc("Print kernels, launches and readbacks of a call, one op at a "
               "time and as graphs"),
      cl::location(result.beforeAfter), cl::cat(category));
  cl::opt<bool, true> print("print",
                            cl::desc("Print shape and first elements of "
                                     "results that are tensors or buffers"),
                            cl::location(result.print), cl::cat(category));
  cl::opt<bool, true> referenceOnly(
      "reference-only",
      cl::desc("Run the reference evaluator instead of the compiled program"),
      cl::location(result.referenceOnly), cl::cat(category));

  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv, overview);
  result.arguments = arguments;
  result.sharedLibraries = sharedLibraries;
  if (tolerance.getNumOccurrences())
    result.tolerance = tolerance;
  unregisterOptions();
  return result;
}
