//===- graph-opt-test.cpp - graph-opt with another project's dialect ------===//
//
// What a project does that has ops of its own: registers them beside
// graph-opt's, with external models, and changes nothing of graph-opt.
//
//===----------------------------------------------------------------------===//

#include "OtherDialect.h"

#include "GraphOpt/InitAll.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  graphopt::registerAllPasses();
  other::registerOtherPasses();
  mlir::DialectRegistry registry;
  graphopt::registerAllDialects(registry);
  other::registerOtherDialect(registry);
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "graph-opt with other dialects", registry));
}
