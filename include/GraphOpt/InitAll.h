//===- InitAll.h - Registration of everything -------------------*- C++ -*-===//
//
// One registration list for every tool, plugin and embedder.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_INITALL_H
#define GRAPHOPT_INITALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace graphopt {

/// Registers `tseq`, `cudagraph` and our external models.
void registerDialects(mlir::DialectRegistry &registry);

/// Registers our dialects and every upstream dialect, extension and LLVM
/// translation that our pipeline may meet or make.
void registerAllDialects(mlir::DialectRegistry &registry);

/// Registers our passes and pipelines.
void registerPasses();

/// Registers our passes and pipelines and every upstream pass.
void registerAllPasses();

} // namespace graphopt

#endif // GRAPHOPT_INITALL_H
