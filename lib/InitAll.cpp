//===- InitAll.cpp - Registration of everything ---------------------------===//
//
// Implements the one registration list that tools, plugin and embedders share.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/InitAll.h"

#include "GraphOpt/Analysis/ExternalModels.h"
#include "GraphOpt/Conversion/CudaGraphToLLVM.h"
#include "GraphOpt/Conversion/Passes.h"
#include "GraphOpt/CudaGraph/CudaGraph.h"
#include "GraphOpt/Pipelines/Pipelines.h"
#include "GraphOpt/TensorSeq/TensorSeq.h"
#include "GraphOpt/Transforms/Passes.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"

void graphopt::registerDialects(mlir::DialectRegistry &registry) {
  registry.insert<mlir::tseq::TensorSeqDialect,
                  mlir::cudagraph::CudaGraphDialect>();
  registerExternalModels(registry);
  registerConvertCudaGraphToLLVMInterface(registry);
}

void graphopt::registerAllDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  registerDialects(registry);
}

void graphopt::registerPasses() {
  registerGraphOptTransformsPasses();
  registerGraphOptConversionPasses();
  registerGraphOptPipelines();
}

void graphopt::registerAllPasses() {
  mlir::registerAllPasses();
  registerPasses();
}
