//===- ReportCLOptions.cpp - Reports on the command line ------------------===//
//
// Implements the options of a tool that stand for those of the pipeline.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Pipelines/Pipelines.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"

#include <memory>

using namespace mlir;
using namespace graphopt;
namespace cl = llvm::cl;

namespace {
struct ReportCLOptions {
  cl::opt<std::string> report{
      "graph-opt-report", cl::value_desc("file"),
      cl::desc("Write what was captured, refused, and why, as JSON")};
  cl::opt<std::string> dot{
      "graph-opt-dot", cl::value_desc("file"),
      cl::desc("Write a picture of regions and blockers, for Graphviz")};
  cl::opt<bool> summary{
      "graph-opt-summary",
      cl::desc("Print before and after on the standard error")};
  cl::opt<bool> strict{"graph-opt-strict",
                       cl::desc("Fail if device work is left out of regions")};
  bool isApplied = false;
  /// What the tool reads and writes.
  std::string input, output;
};
} // namespace

/// The options, in tools that have them: `registerReportCLOptions` makes them.
/// They outlive `llvm_shutdown`, at the end of the driver of `mlir-opt`.
static std::unique_ptr<ReportCLOptions> flags;

void graphopt::registerReportCLOptions() {
  if (!flags)
    flags = std::make_unique<ReportCLOptions>();
}

bool graphopt::isSameFile(StringRef a, StringRef b) {
  if (a.empty() || b.empty() || a == "-" || b == "-")
    return false;
  // One that does not exist yet is known by its path only.
  auto getPath = [](StringRef file) {
    llvm::SmallString<128> path(file);
    (void)llvm::sys::fs::make_absolute(path);
    llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
    return path;
  };
  return getPath(a) == getPath(b) || llvm::sys::fs::equivalent(a, b);
}

static void reportError(const Twine &text) {
  llvm::WithColor::error(llvm::errs(), "graph-opt") << text << "\n";
}

LogicalResult graphopt::checkReportFiles(StringRef input, StringRef output) {
  if (!flags)
    return success();
  flags->input = input.str();
  flags->output = output.str();
  for (cl::opt<std::string> *option : {&flags->report, &flags->dot})
    if (option->getNumOccurrences() > 0 && option->empty()) {
      reportError("--" + option->ArgStr + " needs the name of a file");
      return failure();
    }
  return success();
}

llvm::Error graphopt::applyReportCLOptions(PipelineOptions &options) {
  // A tool that has none of the options does not get them here.
  if (!flags)
    return llvm::Error::success();
  flags->isApplied = true;
  if (options.report.empty())
    options.report = flags->report;
  if (options.dot.empty())
    options.dot = flags->dot;
  options.summary = options.summary || flags->summary;
  options.strict = options.strict || flags->strict;
  for (StringRef file : {StringRef(options.report), StringRef(options.dot)})
    for (StringRef other : {StringRef(flags->input), StringRef(flags->output)})
      if (isSameFile(file, other))
        return llvm::createStringError("a report would overwrite '" + other +
                                       "'");
  return llvm::Error::success();
}

LogicalResult graphopt::checkReportCLOptions() {
  if (!flags || flags->isApplied)
    return success();
  StringRef name = !flags->report.empty() ? flags->report.ArgStr
                   : !flags->dot.empty()  ? flags->dot.ArgStr
                   : flags->summary       ? flags->summary.ArgStr
                   : flags->strict        ? flags->strict.ArgStr
                                          : StringRef();
  if (name.empty())
    return success();
  reportError("--" + name +
              " tells about --graph-opt-pipeline, which did not run");
  return failure();
}
