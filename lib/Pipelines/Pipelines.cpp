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
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace graphopt;

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
  // Calls first: what a private function does is seen where it is called.
  pm.addPass(createInlinerPass());
  pm.addPass(createSymbolDCEPass());
  OpPassManager &function = pm.nest<func::FuncOp>();
  // Control first: the conversions after it refuse tosa's own yields.
  function.addPass(createTosaToSCFPass());
  function.addPass(tosa::createTosaToLinalgNamed());
  function.addPass(tosa::createTosaToLinalg());
  function.addPass(createTosaToArithPass());
  function.addPass(createTosaToTensorPass());
  // Buffers get values before anything is raised, so that the rest of the
  // pipeline has tensors only.
  function.addPass(createCSEPass());
  function.addPass(createPromoteBuffers());
  function.addPass(createConvertElementwiseToLinalgPass());
  function.addPass(createCanonicalizerPass());
  function.addPass(createRaiseToSequences());
  function.addPass(createCSEPass());
}

/// fused -> buffers
static void addBufferization(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createBufferizeSequences());
  pm.addPass(createBufferizeRest());
  // Regions are in memory already; upstream's casts between the two fold away.
  addCleanup(pm);
  // Arenas are not freed: they belong to the executable graph.
  pm.addNestedPass<func::FuncOp>(createFreeAllocations());
  pm.addNestedPass<func::FuncOp>(createPlanMemory());
}

/// graphs -> runtime
static void addLowering(OpPassManager &pm, Precision precision) {
  pm.addPass(createPackEntryPoints());
  // Before anything rewrites the views in graphs.
  pm.addPass(createConvertCudaGraphToLLVM());
  pm.addPass(createConvertLinalgToLoopsPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createConvertVectorToSCFPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createLowerControlFlow());
  // Narrow floats are computed in f32 and rounded after each op, which is what
  // IEEE arithmetic in the narrow type gives.
  pm.addPass(math::createMathExtendToSupportedTypes());
  arith::ArithEmulateUnsupportedFloatsOptions narrow;
  narrow.sourceTypeStrs = {"bf16", "f16"};
  narrow.targetTypeStr = "f32";
  pm.addPass(arith::createArithEmulateUnsupportedFloats(narrow));
  if (precision == Precision::Exact)
    pm.addPass(createKeepNarrowRounding());
  arith::ArithExpandOpsPassOptions expand;
  expand.includeBf16 = true;
  pm.addPass(arith::createArithExpandOpsPass(expand));
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertComplexToStandardPass());
  pm.addPass(createConvertToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  addCleanup(pm);
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
       [](OpPassManager &pm) {
         pm.addNestedPass<func::FuncOp>(createHoistReadbacks());
         pm.addNestedPass<func::FuncOp>(createCSEPass());
       }},
      {State::Regions,
       [](OpPassManager &pm) {
         pm.addNestedPass<func::FuncOp>(createFormGraphs());
       }},
      {State::Fused,
       [&](OpPassManager &pm) {
         pm.addNestedPass<func::FuncOp>(createFuseSequences());
         if (options.precision == Precision::Fast)
           pm.addNestedPass<func::FuncOp>(createRelaxPrecision());
         addCleanup(pm);
       }},
      {State::Buffers, addBufferization},
      {State::Graphs,
       [](OpPassManager &pm) { pm.addPass(createConvertSequencesToHost()); }},
      {State::Runtime,
       [&](OpPassManager &pm) { addLowering(pm, options.precision); }},
  };
  for (const Stage &stage : stages) {
    stage.add(pm);
    addVerifier(pm, stage.state);
    if (stage.state == options.stopAfter)
      return;
  }
}

void graphopt::registerGraphOptPipelines() {
  PassPipelineRegistration<PipelineOptions>(
      "graph-opt-pipeline",
      "tensor programs to graphs: see docs/rationale.md for the states",
      buildGraphOptPipeline);
}
