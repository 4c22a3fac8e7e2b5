//===- Pipelines.cpp - The graph-opt pipeline -----------------------------===//
//
// Puts the passes in order. Each stage ends in a named state of the IR, which
// a verifier checks.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/Pipelines/Pipelines.h"

#include "GraphOpt/Conversion/Passes.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace graphopt;

bool ChipParser::parse(llvm::cl::Option &option, StringRef, StringRef argument,
                       std::string &value) {
  if (llvm::Error error = checkChip(argument))
    return option.error(llvm::toString(std::move(error)));
  value = argument.str();
  return false;
}

static void addVerifier(OpPassManager &pm, State state) {
  VerifyStateOptions options;
  options.state = state;
  pm.addPass(createVerifyState(options));
}

static void addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// input -> sequences
static void addRaising(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createExpandIndexCasts());
  // Before anything that goes up and down the nest: early exits of a check of
  // thousands of tensors are as many branches deep.
  pm.addNestedPass<func::FuncOp>(createFlattenBranches());
  // Calls first: what a private function does is seen where it is called.
  pm.addPass(createInlineCalls());
  OpPassManager &function = pm.nest<func::FuncOp>();
  function.addPass(createCanonicalizeBodies());
  function.addPass(createLowerTosa());
  // Buffers get values before anything is raised, so that the rest of the
  // pipeline has tensors only.
  function.addPass(createUnrollLoops());
  function.addPass(createCSEPass());
  function.addPass(createPromoteBuffers());
  function.addPass(createCanonicalizeBodies());
  function.addPass(createRaiseToSequences());
  function.addPass(createCSEPass());
}

/// Elements that are dealt out to the blocks of a GPU at a time. Neighbours of
/// one block are joined again, so that few cost nothing.
static constexpr int64_t kDeviceChunkElements = 4096;

/// fused -> buffers
static void addBufferization(OpPassManager &pm,
                             const PipelineOptions &options) {
  BufferizeSequencesOptions chunks;
  if (options.device == Device::CUDA)
    chunks.chunkElements = kDeviceChunkElements;
  pm.addNestedPass<func::FuncOp>(createBufferizeSequences(chunks));
  pm.addPass(createBufferizeRest());
  // Regions are in memory already; upstream's casts between the two fold away.
  addCleanup(pm);
  // Arenas are not freed: they belong to the executable graph.
  pm.addNestedPass<func::FuncOp>(createFreeAllocations());
  pm.addNestedPass<func::FuncOp>(createPullViews());
  if (options.device == Device::CUDA) {
    pm.addNestedPass<func::FuncOp>(createJoinKernels());
    pm.addNestedPass<func::FuncOp>(createAlternateDirections());
    pm.addNestedPass<func::FuncOp>(createStreamStores());
  }
  pm.addNestedPass<func::FuncOp>(createPlanMemory());
}

/// The second door: kernels that are there already. Bodies of launches become
/// functions first.
static void addCapture(OpPassManager &pm, const PipelineOptions &options) {
  pm.addPass(createGpuKernelOutliningPass());
  pm.addPass(createCaptureLaunches());
  if (!options.strict)
    return;
  VerifyCapturedOptions all;
  all.launches = true;
  pm.addPass(createVerifyCaptured(all));
}

/// buffers -> graphs
static void addGraphs(OpPassManager &pm, const PipelineOptions &options) {
  DeferReadbacksOptions readbacks;
  readbacks.asyncResults = options.asyncResults;
  ChooseAddressesOptions addresses;
  addresses.policy = options.addressPolicy;
  if (options.device == Device::Host) {
    pm.addPass(createConvertSequencesToHost());
    pm.addPass(createShareKernels());
    addCapture(pm, options);
    pm.addPass(createChooseAddresses(addresses));
    pm.addNestedPass<func::FuncOp>(createDeferReadbacks(readbacks));
    return;
  }
  ConvertSequencesToGPUOptions kernels;
  kernels.chip = options.chip;
  pm.addPass(createConvertSequencesToGPU(kernels));
  // Before anything that goes through all kernels.
  pm.addPass(createShareKernels());
  addCapture(pm, options);
  pm.addPass(createChooseAddresses(addresses));
  // Drops edges that others imply.
  addCleanup(pm);
  ShapeGraphsOptions launches;
  launches.minKernels = options.minGraphKernels;
  pm.addPass(createShapeGraphs(launches));
  pm.addNestedPass<func::FuncOp>(createDeferReadbacks(readbacks));
  pm.addPass(createPostReadbacks());
  pm.addPass(createPlaceReadbacks());
}

/// Arithmetic on narrow floats: in f32, rounded after each op, which is what
/// IEEE arithmetic in the narrow type gives.
static void addNarrowFloats(OpPassManager &pm, Precision precision) {
  pm.addPass(math::createMathExtendToSupportedTypes());
  arith::ArithEmulateUnsupportedFloatsOptions narrow;
  narrow.sourceTypeStrs = {"bf16", "f16"};
  narrow.targetTypeStr = "f32";
  pm.addPass(arith::createArithEmulateUnsupportedFloats(narrow));
  if (precision == Precision::Exact)
    pm.addPass(createKeepNarrowRounding());
}

/// Kernels to code in the program.
static void addKernelLowering(OpPassManager &pm,
                              const PipelineOptions &options) {
  {
    OpPassManager &module = pm.nest<gpu::GPUModuleOp>();
    module.addPass(createLowerPosts());
    // Other compilers' kernels may hold whole ops on memrefs.
    module.addPass(createConvertLinalgToLoopsPass());
    module.addPass(createExpandAtomics());
    module.addPass(createLowerAffinePass());
    module.addPass(memref::createExpandStridedMetadataPass());
    module.addPass(createConvertVectorToSCFPass());
    module.addPass(createLowerAffinePass());
    module.addPass(createExpandMath());
    module.addPass(createLowerControlFlow());
    addNarrowFloats(module, options.precision);
    module.addPass(arith::createArithExpandOpsPass());
    module.addPass(createLowerDeviceMath());
    module.addPass(createConvertGpuOpsToNVVMOps());
    module.addPass(createPassSlotsByValue());
    addCleanup(module);
    module.addPass(createReconcileUnrealizedCastsPass());
  }
  AssembleKernelsOptions code;
  code.chip = options.chip;
  code.format = options.format;
  code.toolkit = options.toolkit;
  pm.addPass(createAssembleKernels(code));
  pm.addPass(createEmbedKernels());
}

/// Whole ops on memrefs to loops. On functions alone, like what follows: graphs
/// are in LLVM already, in functions that grow with their nodes.
static void addFunctionLowering(OpPassManager &function) {
  function.addPass(createConvertLinalgToLoopsPass());
  function.addPass(createExpandAtomics());
  function.addPass(createLowerAffinePass());
  function.addPass(memref::createExpandStridedMetadataPass());
  function.addPass(createConvertVectorToSCFPass());
  function.addPass(createLowerAffinePass());
}

/// Control flow and arithmetic of functions to what LLVM has.
static void addMathLowering(OpPassManager &function, Precision precision) {
  function.addPass(createExpandMath());
  function.addPass(createLowerControlFlow());
  addNarrowFloats(function, precision);
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  function.addPass(arith::createArithExpandOpsPass(expand));
}

/// graphs -> runtime
static void addLowering(OpPassManager &pm, const PipelineOptions &options) {
  bool onDevice = options.device == Device::CUDA;
  if (onDevice)
    pm.addPass(createPackKernelArguments());
  else
    pm.addPass(createConvertLaunchedKernelsToHost());
  PackEntryPointsOptions packing;
  packing.deviceMemory = onDevice;
  packing.asyncResults = options.asyncResults;
  pm.addPass(createPackEntryPoints(packing));
  if (onDevice)
    pm.addPass(createConvertDirectLaunches());
  // Before anything rewrites the views in graphs.
  pm.addPass(createConvertCudaGraphToLLVM());
  if (onDevice)
    addKernelLowering(pm, options);
  addFunctionLowering(pm.nest<func::FuncOp>());
  if (onDevice)
    pm.addPass(createUseDeviceMemory());
  addMathLowering(pm.nest<func::FuncOp>(), options.precision);
  pm.addPass(createLowerHostMath());
  pm.addNestedPass<func::FuncOp>(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  {
    OpPassManager &function = pm.nest<func::FuncOp>();
    function.addPass(createConvertVectorToLLVMPass());
    function.addPass(createConvertComplexToStandardPass());
  }
  pm.addPass(createConvertToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  addCleanup(pm);
}

static bool wantsReport(const PipelineOptions &options) {
  return options.summary || !options.report.empty() || !options.dot.empty() ||
         options.reportText;
}

/// Notes what `state` tells, if a report is wanted. All that is told of the
/// state `runtime` was told before.
static void addRecord(OpPassManager &pm, State state,
                      const PipelineOptions &options) {
  if (!wantsReport(options) || state == State::Runtime)
    return;
  RecordReportOptions record;
  record.state = state;
  pm.addPass(createRecordReport(record));
}

static void addReport(OpPassManager &pm, const PipelineOptions &options) {
  if (!wantsReport(options))
    return;
  WriteReportOptions files;
  files.json = options.report;
  files.dot = options.dot;
  files.summary = options.summary;
  pm.addPass(createWriteReport(files, options.reportText));
}

void graphopt::buildGraphOptPipeline(OpPassManager &pm,
                                     const PipelineOptions &options) {
  struct Stage {
    State state;
    std::function<void(OpPassManager &)> add;
  };
  const Stage stages[] = {
      {State::Sequences, addRaising},
      {State::Hoisted,
       [&](OpPassManager &pm) {
         HoistReadbacksOptions hoisting;
         hoisting.asyncResults = options.asyncResults;
         pm.addNestedPass<func::FuncOp>(createFlattenBranches());
         pm.addNestedPass<func::FuncOp>(createHoistReadbacks(hoisting));
       }},
      {State::Regions,
       [&](OpPassManager &pm) {
         pm.addNestedPass<func::FuncOp>(createFormGraphs());
         pm.addNestedPass<func::FuncOp>(createExplainBlockers());
         if (options.strict)
           pm.addPass(createVerifyCaptured());
       }},
      {State::Fused,
       [&](OpPassManager &pm) {
         pm.addNestedPass<func::FuncOp>(createFuseSequences());
         pm.addNestedPass<func::FuncOp>(createRerollScalars());
         if (options.precision == Precision::Fast)
           pm.addNestedPass<func::FuncOp>(createRelaxPrecision());
         // Fusion has looked for common subexpressions, those that hoisting
         // left included.
         pm.addNestedPass<func::FuncOp>(createCanonicalizeBodies());
       }},
      {State::Buffers,
       [&](OpPassManager &pm) { addBufferization(pm, options); }},
      {State::Graphs, [&](OpPassManager &pm) { addGraphs(pm, options); }},
      {State::Runtime, [&](OpPassManager &pm) { addLowering(pm, options); }},
  };
  pm.addPass(createVerifyAttributes());
  LoadCalibrationOptions calibration;
  calibration.file = options.calibration;
  pm.addPass(createLoadCalibration(calibration));
  for (const Stage &stage : stages) {
    stage.add(pm);
    addVerifier(pm, stage.state);
    addRecord(pm, stage.state, options);
    if (stage.state == options.stopAfter)
      break;
  }
  addReport(pm, options);
}

llvm::Error graphopt::checkPipelineOptions(const PipelineOptions &options) {
  if (options.minGraphKernels < 0)
    return llvm::createStringError("min-graph-kernels must not be negative");
  if (options.strict && options.stopAfter < State::Regions)
    return llvm::createStringError(
        "strict is about what is in no region: it needs stop-after=regions or "
        "a later state");
  if (isSameFile(options.report, options.dot))
    return llvm::createStringError("report and dot name one file, '" +
                                   options.report + "'");
  return llvm::Error::success();
}

void graphopt::registerGraphOptPipelines() {
  registerPassPipeline(
      "graph-opt-pipeline",
      "tensor programs to graphs: see docs/rationale.md for the states",
      [](OpPassManager &pm, StringRef text,
         function_ref<LogicalResult(const Twine &)> fail) -> LogicalResult {
        PipelineOptions options;
        if (failed(options.parseFromString(text)))
          return failure();
        llvm::Error error = applyReportCLOptions(options);
        if (!error)
          error = checkPipelineOptions(options);
        if (error)
          return fail(llvm::toString(std::move(error)));
        buildGraphOptPipeline(pm, options);
        return success();
      },
      [](function_ref<void(const mlir::detail::PassOptions &)> show) {
        show(PipelineOptions());
      });
}
