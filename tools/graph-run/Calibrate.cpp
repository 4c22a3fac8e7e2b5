//===- Calibrate.cpp - What things cost on this GPU -----------------------===//
//
// Implements the measurement of calibration tables: each figure is a difference
// of medians of two programs that differ in what it stands for.
//
//===----------------------------------------------------------------------===//

#include "Calibrate.h"

#include "CalibrationPrograms.h"
#include "Call.h"
#include "Compile.h"
#include "DeviceHandle.h"
#include "Inputs.h"
#include "Modes.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;
using namespace graphrun;
using graphopt::Calibration;
using llvm::createStringError;
using llvm::Error;
using llvm::Expected;

namespace {

/// Collects figures; after the first error it measures nothing more.
class Meter {
public:
  /// Keeps what it compiles in `programs`, which must outlive `device`: graphs
  /// stay in the device's cache.
  Meter(const DeviceHandle &device, MLIRContext &context,
        std::vector<std::unique_ptr<Program>> &programs)
      : device(device), context(context), programs(programs) {}

  /// The median latency of `program` in microseconds. With `framesInTurn` calls
  /// take the buffers of that many sets of arguments in turn.
  double getLatency(const std::string &program, int framesInTurn = 1);
  /// The first call of `program` in graph mode after one in stream mode, which
  /// builds the graph.
  double getBuildTime(const std::string &program);
  /// A readback of 4 bytes with its wait.
  double getReadback();
  /// How many branches the host decided on in the last program.
  uint64_t getHostBranches();
  void setMode(int32_t mode);

  Error takeError() { return std::move(error); }

private:
  /// A program ready to be called. Addresses of arguments are kept.
  struct Loaded {
    Program *program = nullptr;
    std::vector<std::vector<HostTensor>> arguments;
    std::vector<std::unique_ptr<CallFrame>> frames;
  };

  Expected<std::unique_ptr<Loaded>> load(const std::string &text,
                                         int numFrames);
  Expected<double> measure(llvm::function_ref<Error()> call);
  /// The value, or 0 and the error is kept.
  double keep(Expected<double> value);

  const DeviceHandle &device;
  MLIRContext &context;
  std::vector<std::unique_ptr<Program>> &programs;
  Error error = Error::success();
};

} // namespace

Expected<std::unique_ptr<Meter::Loaded>> Meter::load(const std::string &text,
                                                     int numFrames) {
  auto module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return createStringError("a program to measure is not valid");
  Expected<Entry> entry = findEntry(*module, "program");
  if (!entry)
    return entry.takeError();
  // Arguments are all ones, which is fast to make.
  std::vector<std::string> given;
  for (unsigned i = 0; i < entry->type.getNumInputs(); ++i)
    given.push_back(std::to_string(i) + "=1");
  Target target;
  target.chip = device.chip;
  auto compiled = Program::compile(*module, *entry, target);
  if (!compiled)
    return compiled.takeError();
  auto loaded = std::make_unique<Loaded>();
  programs.push_back(std::move(*compiled));
  loaded->program = programs.back().get();
  loaded->arguments.resize(numFrames);
  for (std::vector<HostTensor> &arguments : loaded->arguments) {
    auto made = makeArguments(entry->type, given, /*seed=*/0);
    if (!made)
      return made.takeError();
    arguments = std::move(*made);
    auto frame = CallFrame::create(entry->type, arguments, device.context.get(),
                                   !device.isCUDA);
    if (!frame)
      return frame.takeError();
    loaded->frames.push_back(std::move(*frame));
  }
  return loaded;
}

double Meter::keep(Expected<double> value) {
  if (value)
    return *value;
  error = llvm::joinErrors(std::move(error), value.takeError());
  return 0;
}

Expected<double> Meter::measure(llvm::function_ref<Error()> call) {
  constexpr double milliseconds = 60;
  auto times = sampleLatencies(device.context.get(), milliseconds, call);
  if (!times)
    return times.takeError();
  return getMedian(std::move(*times));
}

double Meter::getLatency(const std::string &text, int framesInTurn) {
  if (error)
    return 0;
  auto loaded = load(text, framesInTurn);
  if (!loaded)
    return keep(loaded.takeError());
  goContextResetCounters(device.context.get());
  size_t turn = 0;
  return keep(measure([&] {
    CallFrame &frame = *(*loaded)->frames[turn++ % framesInTurn];
    return frame.call((*loaded)->program->entryPoint());
  }));
}

double Meter::getBuildTime(const std::string &text) {
  constexpr int rounds = 5;
  if (error)
    return 0;
  auto loaded = load(text, 1);
  if (!loaded)
    return keep(loaded.takeError());
  auto call = [&] {
    return (*loaded)->frames.front()->call((*loaded)->program->entryPoint());
  };
  std::vector<double> times;
  for (int i = 0; i < rounds && !error; ++i) {
    setMode(GO_MODE_STREAM);
    keep(measure(call));
    setMode(GO_MODE_GRAPH);
    auto first = sampleLatency(device.context.get(), call);
    if (!first)
      return keep(first.takeError());
    times.push_back(*first);
  }
  return error ? 0 : getMedian(std::move(times));
}

double Meter::getReadback() {
  if (error)
    return 0;
  GoContext *context = device.context.get();
  void *scalar = goAllocate(context, /*stream=*/nullptr, sizeof(float));
  if (!scalar)
    return keep(runtimeError("no memory"));
  float value = 0;
  double time = keep(measure([&]() -> Error {
    if (goReadback(context, nullptr, scalar, &value, sizeof(value)) != GO_OK)
      return runtimeError("the readback failed");
    return Error::success();
  }));
  goFree(context, /*stream=*/nullptr, scalar);
  return time;
}

uint64_t Meter::getHostBranches() {
  GoCounters counters;
  goContextCounters(device.context.get(), &counters);
  return counters.host_branches;
}

void Meter::setMode(int32_t mode) {
  if (!error && goContextSetMode(device.context.get(), mode) != GO_OK)
    error = runtimeError("the mode can not be changed");
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

/// The rise from (x0, y0) to (x1, y1) for one x, at least 0.
static double getSlope(double x0, double y0, double x1, double y1) {
  return std::max((y1 - y0) / (x1 - x0), 0.0);
}

static void measureLaunches(Meter &meter, Calibration &table) {
  constexpr int few = 8, many = 128;
  double short0 = meter.getLatency(emptyKernels(few, /*isChain=*/true));
  double long0 = meter.getLatency(emptyKernels(many, /*isChain=*/true));
  table.graphNode = getSlope(few, short0, many, long0);
  table.graphLaunch = std::max(short0 - few * table.graphNode, 0.0);

  double narrow = meter.getLatency(emptyKernels(few, /*isChain=*/false));
  double wide = meter.getLatency(emptyKernels(many, /*isChain=*/false));
  table.graphBranch = getSlope(few, narrow, many, wide);

  meter.setMode(GO_MODE_STREAM);
  double short1 = meter.getLatency(emptyKernels(few, /*isChain=*/true));
  double long1 = meter.getLatency(emptyKernels(many, /*isChain=*/true));
  meter.setMode(GO_MODE_GRAPH);
  table.streamNode = getSlope(few, short1, many, long1);
  table.streamLaunch = std::max(short1 - few * table.streamNode, 0.0);

  double copies0 = meter.getLatency(copyChain(few));
  double copies1 = meter.getLatency(copyChain(many));
  table.copyRamp =
      std::max(getSlope(few, copies0, many, copies1) - table.graphNode, 0.0);

  double same = meter.getLatency(manyBuffers(many));
  double changing = meter.getLatency(manyBuffers(many), 2);
  table.nodeUpdate = std::max(changing - same, 0.0) / many;
  double build0 = meter.getBuildTime(emptyKernels(few, /*isChain=*/true));
  double build1 = meter.getBuildTime(emptyKernels(many, /*isChain=*/true));
  table.nodeBuild = getSlope(few, build0, many, build1);
  table.readback = meter.getReadback();
}

static void measureMemory(Meter &meter, Calibration &table) {
  constexpr double bytesPerElement = 8; // Read and written.
  constexpr int64_t mega = 1 << 20;
  auto getTime = [&](int64_t bytes) {
    return meter.getLatency(
        elementwise(int64_t(bytes / bytesPerElement), /*operations=*/1));
  };
  double small = getTime(mega), in = getTime(16 * mega);
  table.cacheRate = 15 * mega / std::max(in - small, 1e-3);
  double large = getTime(256 * mega), larger = getTime(512 * mega);
  table.memoryRate = 256 * mega / std::max(larger - large, 1e-3);

  // What is held from call to call: as long as the rate is nearer to that of
  // the cache. In place, so that a list takes half of the bytes that are moved.
  double border = std::sqrt(table.cacheRate * table.memoryRate);
  table.cacheBytes = 0;
  for (int64_t held : {8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 128}) {
    double time = getTime(2 * held * mega) - small + mega / table.cacheRate;
    if (2 * held * mega / std::max(time, 1e-3) < border)
      break;
    table.cacheBytes = held * mega;
  }

  constexpr int64_t side = 4096;
  // One of the two sides is apart.
  double half = bytesPerElement / 2 * side * side;
  double turned = meter.getLatency(transposed(side, side)) -
                  meter.getLatency(transposed(32, 32)) -
                  half / table.memoryRate;
  table.stridedRate = half / std::max(turned, 1e-3);

  constexpr int64_t words = 1 << 18, fewWords = 1 << 14;
  double block0 = meter.getLatency(oneBlockCopy(fewWords));
  double block1 = meter.getLatency(oneBlockCopy(words));
  table.blockRate =
      bytesPerElement * (words - fewWords) / std::max(block1 - block0, 1e-3);
}

static void measureKernels(Meter &meter, Calibration &table) {
  constexpr int64_t elements = 1 << 16;
  double empty = meter.getLatency(emptyKernels(1, /*isChain=*/true));
  double map = meter.getLatency(elementwise(elements, /*operations=*/1));
  double bytes = 8 * elements / table.cacheRate;
  table.kernelRamp = std::max(map - empty - bytes, 0.0);
  double total = meter.getLatency(sum(elements));
  table.reductionTail = std::max(total - map + bytes / 2, 0.0);

  constexpr int64_t rows = 256, few = 64, many = 1024;
  table.threadStep = getSlope(few, meter.getLatency(rowSums(rows, few)), many,
                              meter.getLatency(rowSums(rows, many)));
  // A turn of the loop joins eight elements.
  constexpr int fewNorms = 64, manyNorms = 1024, perTurn = 8;
  table.scalarStep =
      perTurn * getSlope(fewNorms, meter.getLatency(sumOfNorms(fewNorms)),
                         manyNorms, meter.getLatency(sumOfNorms(manyNorms)));

  constexpr int64_t worked = 1 << 24;
  constexpr int fewOps = 128, manyOps = 512;
  double light = meter.getLatency(elementwise(worked, fewOps));
  double heavy = meter.getLatency(elementwise(worked, manyOps));
  table.operationRate =
      double(worked) * (manyOps - fewOps) / std::max(heavy - light, 1e-3);
}

/// Returns false if the device takes no branches.
static bool measureConditionals(Meter &meter, Calibration &table) {
  double predicated = meter.getLatency(branch(/*asNode=*/false));
  double node = meter.getLatency(branch(/*asNode=*/true));
  if (meter.getHostBranches() > 0)
    return false;
  table.conditional = std::max(node - predicated, 0.0);
  // What a kernel costs inside of a loop is measured there too: the figures of
  // other kernels are of larger ones.
  constexpr int few = 8, many = 64, kernels = 16;
  auto getTurn = [&](int kernels) {
    return getSlope(few, meter.getLatency(loop(few, kernels)), many,
                    meter.getLatency(loop(many, kernels)));
  };
  double turn = getTurn(0);
  table.loopTurn =
      std::max(turn - getSlope(0, turn, kernels, getTurn(kernels)), 0.0);
  return true;
}

/// Rounds `value` to four digits: more are noise.
static double roundFigure(double value) {
  if (value == 0)
    return 0;
  double unit = std::pow(10, std::floor(std::log10(value)) - 3);
  return std::round(value / unit) * unit;
}

static Error writeTable(const Calibration &table, const std::string &file) {
  std::error_code code;
  llvm::raw_fd_ostream stream(file, code);
  if (code)
    return createStringError("--calibrate: can not write '" + file +
                             "': " + code.message());
  stream << table.toJSON();
  return Error::success();
}

Error graphrun::calibrate(const Options &options, MLIRContext &context) {
  if (options.mode == LaunchMode::Stream)
    return createStringError("--calibrate measures both modes: --mode can not "
                             "be chosen");
  std::vector<std::unique_ptr<Program>> programs;
  auto device = openDevice(options);
  if (!device)
    return device.takeError();
  if (!device->isCUDA)
    return createStringError("--calibrate measures a CUDA device; the host has "
                             "nothing that the table describes");
  GoDeviceDescription description;
  if (goContextDescribe(device->context.get(), &description) != GO_OK)
    return runtimeError("--calibrate");
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &diagnostic) {
    return success(diagnostic.getSeverity() == DiagnosticSeverity::Remark);
  });

  Calibration table;
  table.device = description.name;
  table.loopTurns = Calibration::getDefault().loopTurns;
  Meter meter(*device, context, programs);
  measureLaunches(meter, table);
  measureMemory(meter, table);
  measureKernels(meter, table);
  bool branches = measureConditionals(meter, table);
  if (Error error = meter.takeError())
    return error;
  if (!branches) {
    const Calibration &known = Calibration::getDefault();
    table.conditional = known.conditional;
    table.loopTurn = known.loopTurn;
    llvm::errs() << "graph-run: note: without nvlink and libcudadevrt the host "
                    "takes branches: conditional_us and loop_turn_us are those "
                    "of "
                 << known.device << '\n';
  }
  for (double Calibration::*figure : Calibration::getFigures())
    table.*figure = roundFigure(table.*figure);
  return writeTable(table, options.calibrate);
}
