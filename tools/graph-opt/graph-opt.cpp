//===- graph-opt.cpp - The optimizer driver -------------------------------===//
//
// An `mlir-opt` that knows our dialects, passes and pipelines.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  graphopt::registerAllDialects(registry);
  graphopt::registerAllPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "graph-opt: tensor programs to graph programs\n", registry));
}
