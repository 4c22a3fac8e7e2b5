//===- Session.cpp - One run of graph-run ---------------------------------===//
//
// Implements the steps of a run.
//
//===----------------------------------------------------------------------===//

#include "Session.h"

#include "Bench.h"
#include "Inputs.h"
#include "Modes.h"
#include "Symbols.h"
#include "Verify.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace graphrun;
using llvm::createStringError;
using llvm::Error;

/// Keeps remarks, which explain decisions of the compiler, off the terminal.
static LogicalResult dropRemarks(Diagnostic &diagnostic) {
  return success(diagnostic.getSeverity() == DiagnosticSeverity::Remark);
}

Session::Session(const Options &options, MLIRContext &context)
    : options(options), context(context), handler(sources, &context),
      filter(&context, dropRemarks) {
  // Ops of whole programs make no readable notes.
  context.printOpOnDiagnostic(false);
}

Session::~Session() {
  if (differential)
    differential->release();
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

static Error checkOptions(const Options &options) {
  if (options.repeat < 1)
    return createStringError("--repeat: " + llvm::Twine(options.repeat) +
                             " is not a number of calls");
  if (options.tolerance && !(*options.tolerance >= 0))
    return createStringError("--tolerance: must not be negative");
  if (options.referenceOnly &&
      (options.bench || options.benchModes || options.verify ||
       options.beforeAfter || !options.dot.empty() ||
       options.stats != StatsFormat::None))
    return createStringError("--reference-only compiles nothing: there is "
                             "nothing to verify, measure or count");
  if (options.referenceOnly && options.differential != DifferentialMode::Off)
    return createStringError("--reference-only compiles nothing: there are no "
                             "nodes to compare");
  if (!options.reference.empty() &&
      options.differential == DifferentialMode::Off)
    return createStringError("--reference is for --differential");
  if (!options.chip.empty() && options.device == DeviceChoice::Host)
    return createStringError("--chip: the host has none");
  return Error::success();
}

Error Session::prepare() {
  if (Error error = checkOptions(options))
    return error;
  if (!options.referenceOnly) {
    auto opened = openDevice(options);
    if (!opened)
      return opened.takeError();
    device = std::move(*opened);
  }
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> file =
      openInputFile(options.file, &message);
  if (!file)
    return createStringError(message);
  sources.AddNewSourceBuffer(std::move(file), llvm::SMLoc());
  module = parseSourceFile<ModuleOp>(sources, &context);
  if (!module)
    return createStringError("the input is not valid");
  llvm::Expected<Entry> found = findEntry(*module, options.entry);
  if (!found)
    return found.takeError();
  entry = std::move(*found);
  if (Error error = keepEntryOnly(*module, entry))
    return error;
  if (options.needsReference() && entry.isCompiled)
    return createStringError("the reference needs the input in upstream "
                             "dialects; this module is compiled already");
  for (const std::string &path : options.sharedLibraries)
    if (Error error = loadSharedLibrary(path))
      return error;
  auto made = makeArguments(entry.type, options.arguments, options.seed);
  if (!made)
    return made.takeError();
  arguments = std::move(*made);
  if (!options.out.empty())
    return checkOutputFolder(options.out);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

/// The program whose ops the nodes are compared with.
static llvm::Expected<OwningOpRef<ModuleOp>>
readReference(const Options &options, StringRef name, MLIRContext &context) {
  std::string message;
  auto file = openInputFile(options.reference, &message);
  if (!file)
    return createStringError("--reference: " + message);
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(
      file->getBuffer(), &context, file->getBufferIdentifier());
  if (!module)
    return createStringError("--reference: the file is not valid");
  llvm::Expected<Entry> entry = findEntry(*module, name);
  if (!entry)
    return createStringError("--reference: " +
                             llvm::toString(entry.takeError()));
  if (Error error = keepEntryOnly(*module, *entry))
    return std::move(error);
  return module;
}

/// True if ops of `module` were made into nodes already.
static bool hasGraphs(ModuleOp module) {
  return module
      .walk([](Operation *op) {
        StringRef name = op->getName().getStringRef();
        return name == "cudagraph.graph" || name == "llvm.func"
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

Error Session::prepareDifferential(Target &target) {
  OwningOpRef<ModuleOp> other;
  if (!options.reference.empty()) {
    auto read = readReference(options, entry.name, context);
    if (!read)
      return read.takeError();
    other = std::move(*read);
  }
  ModuleOp source = other ? *other : *module;
  if (hasGraphs(source))
    return createStringError(
        "--differential: the ops of these graphs are gone; --reference=FILE "
        "names the program in a state before 'graphs'");
  DifferentialRules rules;
  rules.isBitwise = options.differential == DifferentialMode::Bitwise;
  rules.tolerance = options.tolerance;
  rules.isOtherProgram = bool(other);
  auto made = Differential::create(source, target, rules);
  if (!made)
    return made.takeError();
  differential = std::move(*made);
  differential->setNamer(
      [this](const void *address) { return frame->nameOf(address); });
  target.symbols = differential->symbols();
  return Error::success();
}

Error Session::reportDifferential() {
  if (!differential)
    return Error::success();
  llvm::outs() << differential->summary() << '\n';
  return differential->succeeded()
             ? Error::success()
             : createStringError("a graph computes something else than its "
                                 "ops");
}

Error Session::runProgram() {
  Target target;
  target.precision = options.precision;
  target.chip = device.chip;
  target.calibration = options.calibration;
  target.asyncResults = options.asyncResults;
  if (options.stats != StatsFormat::None)
    target.report = &compileReport;
  if (options.differential != DifferentialMode::Off)
    if (Error error = prepareDifferential(target))
      return error;
  auto compiled = Program::compile(*module, entry, target);
  if (!compiled)
    return compiled.takeError();
  program = std::move(*compiled);
  GoContext *context = device.context.get();
  auto packed =
      CallFrame::create(entry.type, arguments, context, !device.isCUDA);
  if (!packed)
    return packed.takeError();
  frame = std::move(*packed);
  // Our own copies and waits, before and after, are not the program's.
  goContextResetCounters(context);
  if (program->entryPoint().asyncEntry) {
    if (Error error = frame->callAtOnce(program->entryPoint(), options.repeat))
      return error;
  } else {
    for (int i = 0; i < options.repeat; ++i)
      if (Error error = frame->call(program->entryPoint()))
        return error;
  }
  goContextCounters(context, &counters);
  regions = collectRegions(context);
  if (goWait(context, nullptr) != GO_OK)
    return runtimeError("the device failed");
  return options.needsArrays() ? frame->fetch() : Error::success();
}

Error Session::runReference() {
  auto reference = Reference::create(*module);
  if (failed(reference))
    return createStringError("the reference can not evaluate the input");
  auto made = makeArguments(entry.type, options.arguments, options.seed);
  if (!made)
    return made.takeError();
  referenceArguments = std::move(*made);
  for (int i = 0; i < options.repeat; ++i) {
    if (failed((*reference)
                   ->call(entry.name, referenceArguments, referenceResults)))
      return createStringError("the reference can not evaluate the input");
    if (options.asyncResults)
      // A later call may change what a result shares with an argument.
      allReferenceResults.push_back(
          llvm::map_to_vector(referenceResults, [](const HostTensor &result) {
            return result.clone();
          }));
  }
  eager = (*reference)->counts();
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Reports
//===----------------------------------------------------------------------===//

Error Session::report() {
  const auto &inputs = frame ? arguments : referenceArguments;
  const auto &outputs = frame ? frame->results() : referenceResults;
  printResults(entry.type, inputs, outputs, options.print);
  if (options.beforeAfter)
    printBeforeAfter(eager, counters, options.repeat);
  printStats(counters, regions, options.repeat,
             totalsOf(compileReport, entry.name), options.stats);
  if (!options.dot.empty() &&
      goContextWriteDot(device.context.get(), options.dot.c_str()) != GO_OK)
    return runtimeError("--dot");
  if (!options.out.empty())
    return writeOutputs(options.out, entry.type, inputs, outputs);
  return Error::success();
}

Error Session::verify() {
  Comparison comparison(options.tolerance);
  auto compare = [&](llvm::StringRef name, ArrayRef<HostTensor> values,
                     ArrayRef<HostTensor> references) {
    for (auto [index, value] : llvm::enumerate(values))
      comparison.add((name + llvm::Twine(index)).str(), value,
                     references[index]);
  };
  if (options.asyncResults)
    for (size_t i = 0; i < frame->numCalls(); ++i)
      compare(("call " + llvm::Twine(i) + ": result").str(),
              frame->resultsOf(i), allReferenceResults[i]);
  else
    compare("result", frame->results(), referenceResults);
  // Tensor arguments too: a program must not write to them.
  compare("arg", arguments, referenceArguments);
  llvm::outs() << comparison.summary() << '\n';
  if (!comparison.succeeded())
    return createStringError("the program computes something else than its "
                             "input says");
  return Error::success();
}

Error Session::benchModes() {
  auto timings = measureModes(
      device.context.get(), [&] { return frame->call(program->entryPoint()); });
  if (!timings)
    return timings.takeError();
  printModes(*timings, options.stats);
  return Error::success();
}

Error Session::bench() {
  auto benchmark = measureCalls(
      device.context.get(), [&] { return frame->call(program->entryPoint()); });
  if (!benchmark)
    return benchmark.takeError();
  printBenchmark(*benchmark, options.stats);
  return Error::success();
}
