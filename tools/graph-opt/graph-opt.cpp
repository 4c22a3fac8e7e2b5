//===- graph-opt.cpp - The optimizer driver -------------------------------===//
//
// An `mlir-opt` that knows our dialects, passes and pipelines.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/InitAll.h"
#include "GraphOpt/Pipelines/Pipelines.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  graphopt::registerAllDialects(registry);
  graphopt::registerAllPasses();
  graphopt::registerReportCLOptions();
  auto [input, output] = mlir::registerAndParseCLIOptions(
      argc, argv, "graph-opt: tensor programs to graph programs\n", registry);
  llvm::LogicalResult result = graphopt::checkReportFiles(input, output);
  if (mlir::succeeded(result))
    result = mlir::MlirOptMain(argc, argv, input, output, registry);
  if (mlir::succeeded(result))
    result = graphopt::checkReportCLOptions();
  return mlir::asMainReturnCode(result);
}
