//===- graph-compile.cpp - Compile graph programs ahead of time -----------===//
//
// The driver of graph-compile.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/InitAll.h"

#include "Options.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

using namespace graphcompile;

static llvm::Error run(Options &options, mlir::MLIRContext &context) {
  std::string message;
  auto file = mlir::openInputFile(options.file, &message);
  if (!file)
    return llvm::createStringError(message);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(file), llvm::SMLoc());
  mlir::SourceMgrDiagnosticHandler handler(sources, &context);
  context.printOpOnDiagnostic(false);
  mlir::OwningOpRef<mlir::ModuleOp> module =
      graphopt::parseProgram(sources, &context);
  if (!module)
    return llvm::createStringError("the input is not valid");
  return graphopt::emitProgram(*module, options.pipeline, options.emission);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  Options options;
  parseOptions(argc, argv, options);
  mlir::DialectRegistry registry;
  graphopt::registerAllDialects(registry);
  mlir::MLIRContext context(registry);
  if (llvm::Error error = run(options, context)) {
    llvm::errs() << "graph-compile: error: " << llvm::toString(std::move(error))
                 << '\n';
    return 1;
  }
  return 0;
}
