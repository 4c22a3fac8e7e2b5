//===- main.cpp - Compile and run graph programs --------------------------===//
//
// The driver of graph-run: one run, step by step.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/InitAll.h"

#include "Calibrate.h"
#include "Report.h"
#include "Session.h"

#include "mlir/IR/DialectRegistry.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Parallel.h"

using namespace graphrun;

static int run(const Options &options, mlir::MLIRContext &context) {
  Session session(options, context);
  if (llvm::Error error = session.prepare())
    return fail(std::move(error));
  // The reference first: it says where the input is undefined.
  if (options.needsReference())
    if (llvm::Error error = session.runReference())
      return fail(std::move(error));
  if (!options.referenceOnly)
    if (llvm::Error error = session.runProgram())
      return fail(std::move(error));
  if (llvm::Error error = session.report())
    return fail(std::move(error));
  if (llvm::Error error = session.reportDifferential())
    return fail(std::move(error));
  if (options.verify)
    if (llvm::Error error = session.verify())
      return fail(std::move(error));
  if (options.bench)
    if (llvm::Error error = session.bench())
      return fail(std::move(error));
  if (options.benchModes)
    if (llvm::Error error = session.benchModes())
      return fail(std::move(error));
  return 0;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  Options options = parseOptions(argc, argv);
  if (options.threads)
    llvm::parallel::strategy = llvm::hardware_concurrency(options.threads);
  mlir::DialectRegistry registry;
  graphopt::registerAllDialects(registry);
  mlir::MLIRContext context(registry);
  if (!options.calibrate.empty()) {
    if (llvm::Error error = calibrate(options, context))
      return fail(std::move(error));
    return 0;
  }
  return run(options, context);
}
