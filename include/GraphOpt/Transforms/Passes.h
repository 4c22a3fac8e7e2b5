//===- Passes.h - Passes on tensors and buffers -----------------*- C++ -*-===//

#ifndef GRAPHOPT_TRANSFORMS_PASSES_H
#define GRAPHOPT_TRANSFORMS_PASSES_H

#include "GraphOpt/Analysis/AddressPolicy.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir {
class RewritePatternSet;
} // namespace mlir

namespace graphopt {

/// What the edges of a graph are.
enum class GraphShape {
  Auto,  ///< What costs less.
  Chain, ///< Each node waits for the one before.
  Wide,  ///< Those that hazards need.
};

/// The states of the IR between passes that a verifier can check.
enum class IRState {
  Sequences,
  Hoisted,
  Regions,
  Fused,
  Buffers,
  Graphs,
  Runtime
};

#define GEN_PASS_DECL
#include "GraphOpt/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "GraphOpt/Transforms/Passes.h.inc"

/// `write-report` that also gives the JSON of the report to `*json`, which
/// must outlive the pass.
std::unique_ptr<mlir::Pass> createWriteReport(const WriteReportOptions &options,
                                              std::string *json);

/// Patterns that raise static-shape elementwise ops, full-reduction `linalg`
/// ops, fills and one-element extracts to `tseq` ops, each on its own; an
/// embedder may add them to sets of its own.
void populateRaiseToSequencesPatterns(mlir::RewritePatternSet &patterns);

/// Patterns that turn an `if` of the tseq dialect whose branches are one map
/// and nothing into a predicated map.
void populatePredicationPatterns(mlir::RewritePatternSet &patterns);

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_PASSES_H
