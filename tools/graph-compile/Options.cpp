//===- Options.cpp - Command line of graph-compile ------------------------===//

#include "Options.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace graphcompile;
using graphopt::EmissionKind;
namespace cl = llvm::cl;

static constexpr const char overview[] =
    "graph-compile: compiles MLIR ahead of time to a library with a C "
    "header\n\n"
    "FILE holds upstream dialects or any later state of the graph-opt\n"
    "pipeline; what remains of the pipeline is run. The library needs the\n"
    "runtime (libgraphopt_runtime.so) and, for CUDA, a driver.\n";

/// Ends the program because of what is wrong with the command line.
[[noreturn]] static void refuse(const llvm::Twine &message) {
  llvm::errs() << "graph-compile: error: " << message << '\n';
  exit(1);
}

static void parsePipeline(llvm::StringRef text,
                          graphopt::PipelineOptions &pipeline) {
  std::string message;
  llvm::raw_string_ostream os(message);
  if (failed(pipeline.parseFromString(text, os)))
    refuse("--graph-opt-pipeline: " + llvm::StringRef(message).rtrim());
  if (pipeline.stopAfter != graphopt::State::Runtime)
    refuse("--graph-opt-pipeline: a program is compiled to state 'runtime'; "
           "graph-opt shows the states before it");
}

void graphcompile::parseOptions(int argc, char **argv, Options &options) {
  graphopt::EmissionOptions &emission = options.emission;
  cl::OptionCategory category("graph-compile options");
  cl::opt<std::string, true> file(cl::Positional, cl::desc("FILE"),
                                  cl::location(options.file), cl::init("-"),
                                  cl::cat(category));
  cl::opt<std::string, true> output(
      "o",
      cl::desc("Path of what is written, without extension (default: the name "
               "of FILE, here); - prints a header or LLVM IR"),
      cl::value_desc("path"), cl::location(emission.output), cl::cat(category));
  cl::opt<EmissionKind, true> kind(
      "emit", cl::desc("What to write"), cl::location(emission.kind),
      cl::init(EmissionKind::Library),
      cl::values(clEnumValN(EmissionKind::Library, "library",
                            "a shared library and its header"),
                 clEnumValN(EmissionKind::Object, "object",
                            "an object file and its header"),
                 clEnumValN(EmissionKind::LLVM, "llvm", "LLVM IR"),
                 clEnumValN(EmissionKind::Header, "header", "the C header")),
      cl::cat(category));
  cl::opt<std::string> pipeline(
      "graph-opt-pipeline",
      cl::desc("Options of the pipeline, as for graph-opt: device=cuda ..."),
      cl::value_desc("options"), cl::cat(category));
  cl::opt<std::string, true> name(
      "name",
      cl::desc("What C names start with (default: the last part of the path)"),
      cl::value_desc("identifier"), cl::location(emission.name),
      cl::cat(category));
  cl::opt<std::string, true> cpu(
      "cpu",
      cl::desc("CPU for host code: LLVM's name, or native (default: any of "
               "this architecture)"),
      cl::value_desc("name"), cl::location(emission.cpu), cl::cat(category));
  cl::opt<std::string, true> linker(
      "linker",
      cl::desc(
          "Compiler driver that links (default: cc, clang or gcc, also with "
          "a version, as clang-22)"),
      cl::value_desc("program"), cl::location(emission.linker),
      cl::cat(category));
  cl::opt<std::string, true> runtime(
      "runtime",
      cl::desc("Folder of libgraphopt_runtime.so (default: ../lib beside this "
               "program)"),
      cl::value_desc("folder"), cl::location(emission.runtimeFolder),
      cl::cat(category));
  cl::opt<std::string, true> runPath(
      "rpath",
      cl::desc("Where the library looks for the runtime (default: beside "
               "itself, then in the folder of --runtime)"),
      cl::value_desc("folders"), cl::location(emission.runPath),
      cl::cat(category));
  cl::list<std::string> link(
      "link", cl::desc("More files or options for the linker (repeatable)"),
      cl::value_desc("argument"), cl::cat(category));

  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv, overview);
  emission.linkerArguments = link;
  parsePipeline(pipeline, options.pipeline);
  if (emission.output.empty()) {
    if (options.file == "-")
      refuse("-o: needed when the program is read from the standard input");
    emission.output = llvm::sys::path::stem(options.file).str();
  }
  llvm::StringRef last = llvm::sys::path::filename(emission.output);
  if (last == "." || last == ".." ||
      llvm::sys::path::is_separator(last.front()))
    refuse("-o: '" + emission.output +
           "' is a folder; the path ends with the name of the files");
  bool isText = emission.kind == EmissionKind::LLVM ||
                emission.kind == EmissionKind::Header;
  if (emission.output == "-" && !isText)
    refuse("-o -: only --emit=llvm and --emit=header are printed");
}
