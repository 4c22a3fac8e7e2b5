//===- ExternalModels.h - Upstream ops that may be captured -----*- C++ -*-===//

#ifndef GRAPHOPT_ANALYSIS_EXTERNALMODELS_H
#define GRAPHOPT_ANALYSIS_EXTERNALMODELS_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace graphopt {

/// Attaches tseq's CapturableOpInterface to the `linalg` and `tensor` ops that
/// may be part of a region, and to the `gpu` ops that may be nodes.
void registerExternalModels(mlir::DialectRegistry &registry);

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_EXTERNALMODELS_H
