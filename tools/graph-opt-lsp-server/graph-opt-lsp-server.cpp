//===- graph-opt-lsp-server.cpp - The language server ---------------------===//
//
// Serves completion, hover and diagnostics for IR that uses our dialects.
//
//===----------------------------------------------------------------------===//

#include "GraphOpt/InitAll.h"

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"
#include "llvm/Support/LogicalResult.h"

#include <cstdlib>

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  graphopt::registerAllDialects(registry);
  return llvm::failed(mlir::MlirLspServerMain(argc, argv, registry))
             ? EXIT_FAILURE
             : EXIT_SUCCESS;
}
