//===- Pipelines.h - The graph-opt pipeline ---------------------*- C++ -*-===//
//
// The one place that knows the order of passes. See docs/rationale.md for the
// IR states.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_PIPELINES_PIPELINES_H
#define GRAPHOPT_PIPELINES_PIPELINES_H

#include "GraphOpt/Analysis/Calibration.h"
#include "GraphOpt/Conversion/Chips.h"
#include "GraphOpt/Conversion/Passes.h"
#include "GraphOpt/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace graphopt {

/// Where the compiled program runs.
enum class Device { Host, CUDA };

/// What may change in the numbers; see docs/rationale.md.
enum class Precision { Exact, Fast };

/// Parses the name of a GPU's architecture; reports an error for one that
/// kernels can not be compiled for (checkChip).
struct ChipParser : llvm::cl::parser<std::string> {
  using parser::parser;
  bool parse(llvm::cl::Option &option, llvm::StringRef name,
             llvm::StringRef argument, std::string &value);
};

/// The states of the IR, in order. `stop-after` names one of them.
using State = IRState;

/// Options of the pipeline, spelled `device=host stop-after=fused ...` on the
/// command line.
struct PipelineOptions : public mlir::PassPipelineOptions<PipelineOptions> {
  Option<Device> device{
      *this, "device", llvm::cl::desc("where the compiled program runs"),
      llvm::cl::init(Device::Host),
      llvm::cl::values(clEnumValN(Device::Host, "host", "CPU functions"),
                       clEnumValN(Device::CUDA, "cuda", "CUDA graphs"))};
  Option<std::string, ChipParser> chip{
      *this, "chip",
      llvm::cl::desc("compute capability of the GPU, sm_80 to sm_121"),
      llvm::cl::init("sm_90")};
  Option<CodeFormat> format{
      *this, "format", llvm::cl::desc("what becomes of the PTX of kernels"),
      llvm::cl::init(CodeFormat::Auto),
      llvm::cl::values(
          clEnumValN(CodeFormat::Auto, "auto",
                     "machine code if there is a CUDA toolkit, else PTX"),
          clEnumValN(CodeFormat::Bin, "bin", "machine code of the chip"),
          clEnumValN(CodeFormat::FatBin, "fatbin", "machine code and PTX"),
          clEnumValN(CodeFormat::ISA, "isa", "PTX"))};
  Option<std::string> toolkit{*this, "toolkit",
                              llvm::cl::desc("folder of the CUDA toolkit"),
                              llvm::cl::init("")};
  Option<Precision> precision{
      *this, "precision", llvm::cl::desc("what may change in the numbers"),
      llvm::cl::init(Precision::Exact),
      llvm::cl::values(
          clEnumValN(Precision::Exact, "exact", "as the IR says"),
          clEnumValN(Precision::Fast, "fast", "fma and tree sums"))};
  Option<std::string> calibration{
      *this, "calibration",
      llvm::cl::desc("JSON file with the costs of the GPU (default: those of "
                     "an H200)"),
      llvm::cl::init("")};
  Option<int64_t> minGraphKernels{
      *this, "min-graph-kernels",
      llvm::cl::desc("kernels of the smallest graph that is launched at once"),
      llvm::cl::init(0)};
  Option<AddressPolicy> addressPolicy{
      *this, "address-policy",
      llvm::cl::desc("how graphs find buffers that move"),
      llvm::cl::init(AddressPolicy::Auto),
      llvm::cl::values(
          clEnumValN(AddressPolicy::Auto, "auto", "what costs least"),
          clEnumValN(AddressPolicy::Baked, "baked", "in the nodes, for good"),
          clEnumValN(AddressPolicy::Parameters, "parameters",
                     "in the nodes, which are written to"),
          clEnumValN(AddressPolicy::Table, "table", "in a table on the device"),
          clEnumValN(AddressPolicy::Slot, "slot",
                     "copied to memory of the graph"))};
  Option<bool> asyncResults{
      *this, "async-results",
      llvm::cl::desc("entry points do not wait for scalars that they only "
                     "return: GoAsyncEntryPoint"),
      llvm::cl::init(false)};
  Option<std::string> report{
      *this, "report",
      llvm::cl::desc("write what was captured, refused, and why, as JSON"),
      llvm::cl::init("")};
  Option<std::string> dot{
      *this, "dot", llvm::cl::desc("write a picture of regions and blockers"),
      llvm::cl::init("")};
  Option<bool> summary{
      *this, "summary",
      llvm::cl::desc("print before and after on the standard error"),
      llvm::cl::init(false)};
  Option<bool> strict{
      *this, "strict",
      llvm::cl::desc("fail if device work is left out of regions"),
      llvm::cl::init(false)};
  /// For embedders, not on the command line: receives the report as JSON (see
  /// docs/report.md) when the pipeline has run; must outlive its passes.
  std::string *reportText = nullptr;
  Option<State> stopAfter{
      *this, "stop-after", llvm::cl::desc("end the pipeline at this IR state"),
      llvm::cl::init(State::Runtime),
      llvm::cl::values(clEnumValN(State::Sequences, "sequences", ""),
                       clEnumValN(State::Hoisted, "hoisted", ""),
                       clEnumValN(State::Regions, "regions", ""),
                       clEnumValN(State::Fused, "fused", ""),
                       clEnumValN(State::Buffers, "buffers", ""),
                       clEnumValN(State::Graphs, "graphs", ""),
                       clEnumValN(State::Runtime, "runtime", ""))};
};

/// Checks what the parser of options does not: numbers that make no sense, a
/// strict mode that would check nothing, one file for two reports.
llvm::Error checkPipelineOptions(const PipelineOptions &options);

/// Adds the passes that take plain upstream IR to the state
/// `options.stopAfter`. In state `runtime` the module holds only the LLVM
/// dialect and each public function F with a body became a GoEntryPoint
/// (GraphRuntime.h) named `entryPointName(F)`, or, with `asyncResults`, a
/// GoAsyncEntryPoint named `asyncEntryPointName(F)`.
void buildGraphOptPipeline(mlir::OpPassManager &pm,
                           const PipelineOptions &options);

/// Name of the LLVM function that is the packed entry point of `function`.
std::string entryPointName(llvm::StringRef function);
/// The same for a GoAsyncEntryPoint, with `async-results`.
std::string asyncEntryPointName(llvm::StringRef function);

/// Adds `--graph-opt-report=FILE`, `--graph-opt-dot=FILE`,
/// `--graph-opt-summary` and `--graph-opt-strict` to the command line of a
/// tool. They stand for the options `report`, `dot`, `summary` and `strict` of
/// each
/// `--graph-opt-pipeline` that does not say otherwise. Call before the command
/// line is parsed.
void registerReportCLOptions();

/// Says which files the tool reads and writes: a report must be neither.
/// Reports an error if one is, or if an option names no file. Call once the
/// command line is parsed.
mlir::LogicalResult checkReportFiles(llvm::StringRef input,
                                     llvm::StringRef output);

/// Reports an error if one of these options is given, but no
/// `--graph-opt-pipeline` that it is for was built. Call at the end.
mlir::LogicalResult checkReportCLOptions();

/// Sets those of `options` that have their default as the command line says.
/// Fails if a report is to overwrite a file of the tool's (checkReportFiles).
llvm::Error applyReportCLOptions(PipelineOptions &options);

/// Whether `a` and `b` name one file; not for `-`, a stream.
bool isSameFile(llvm::StringRef a, llvm::StringRef b);

/// Makes `--graph-opt-pipeline` known to the pass registry.
void registerGraphOptPipelines();

} // namespace graphopt

#endif // GRAPHOPT_PIPELINES_PIPELINES_H
