//===- Writers.h - Facts as JSON, text and pictures -------------*- C++ -*-===//

#ifndef GRAPHOPT_TRANSFORMS_REPORT_WRITERS_H
#define GRAPHOPT_TRANSFORMS_REPORT_WRITERS_H

#include "mlir/IR/BuiltinAttributes.h"

namespace graphopt {

/// Writes `report` as JSON, with its keys sorted and a newline at the end.
void writeJSON(mlir::DictionaryAttr report, llvm::raw_ostream &os);

/// Writes a table of before and after for each function, and below it regions,
/// readbacks and blockers.
void writeSummary(mlir::DictionaryAttr report, llvm::raw_ostream &os);

/// Writes a picture for Graphviz: a cluster for each function, in it one for
/// each region with its nodes, octagons for blockers, and edges with reasons
/// for the readbacks that are left.
void writeDot(mlir::DictionaryAttr report, llvm::raw_ostream &os);

} // namespace graphopt

#endif // GRAPHOPT_TRANSFORMS_REPORT_WRITERS_H
