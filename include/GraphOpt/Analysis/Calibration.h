//===- Calibration.h - What things cost on one GPU --------------*- C++ -*-===//
//
// The table that the cost model computes with. `graph-run --calibrate=FILE`
// measures it and writes it as JSON; the option `calibration=FILE` of the
// pipeline puts it on the module as the attribute `graphopt.calibration`. The
// table of an H200 is built in (calibrations/h200.json).
//
// Times are in microseconds, amounts in bytes, rates per microsecond. The
// names of the fields in JSON and in the attribute end in the unit.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_ANALYSIS_CALIBRATION_H
#define GRAPHOPT_ANALYSIS_CALIBRATION_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Operation.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

namespace graphopt {

struct Calibration {
  /// What was measured, such as "NVIDIA H200"; not used in any formula.
  std::string device;

  //===--- Launches: microseconds -----------------------------------------===//
  /// Launch of a graph and the wait for it, less its nodes.
  double graphLaunch = 0;
  /// Each node of a linear graph, an empty kernel.
  double graphNode = 0;
  /// Of the host, for each further branch of a graph that is launched.
  double graphBranch = 0;
  /// Launch of work on a stream and the wait for it, less the launches.
  double streamLaunch = 0;
  /// Of the host, for each launch on a stream.
  double streamNode = 0;
  /// A conditional node that is an if or a switch, beyond its body; the kernel
  /// that sets its handle included.
  double conditional = 0;
  /// Each turn of a conditional node that is a loop, beyond its body.
  double loopTurn = 0;
  /// Turns of a loop of which nobody says how many it takes. An assumption, not
  /// a measurement.
  double loopTurns = 0;
  /// A readback of one scalar with the wait for it.
  double readback = 0;
  /// Of the host, writing new operands of one kernel node into an instantiated
  /// graph.
  double nodeUpdate = 0;
  /// Of the host, building and instantiating a graph, for each node.
  double nodeBuild = 0;

  //===--- Nodes: microseconds --------------------------------------------===//
  /// A kernel that works on a little, beyond one that does nothing: the latency
  /// of its table, its operands and its elements.
  double kernelRamp = 0;
  /// A copy or a fill of a little, beyond an empty kernel.
  double copyRamp = 0;
  /// What the last block of a reduction adds: partial results, ticket, finish.
  double reductionTail = 0;
  /// One turn of a loop of a thread that reads memory.
  double threadStep = 0;
  /// One turn of a loop of a thread that does not, as of a scalar program.
  double scalarStep = 0;

  //===--- Rates and sizes ------------------------------------------------===//
  /// Bytes read and written per microsecond, from memory.
  double memoryRate = 0;
  /// The same where all is in the cache of the chip.
  double cacheRate = 0;
  /// Bytes per microsecond of accesses whose neighbours are apart: threads next
  /// to one another that walk along rows, or a transposition.
  double stridedRate = 0;
  /// What one block moves in a microsecond.
  double blockRate = 0;
  /// What stays in the cache of the chip from one kernel to the next.
  double cacheBytes = 0;
  /// Float operations per microsecond, of f32.
  double operationRate = 0;

  /// All fields that are numbers.
  static llvm::SmallVector<double Calibration::*> getFigures();

  /// The table of an H200.
  static const Calibration &getDefault();

  /// Reads JSON: an object that holds `device` and each field, and nothing
  /// else. The error names `file` and the field that is wrong.
  static llvm::Expected<Calibration> parse(llvm::StringRef text,
                                           llvm::StringRef file);
  /// The same of a file.
  static llvm::Expected<Calibration> read(llvm::StringRef file);
  /// The JSON that `parse` reads, with a newline at the end.
  std::string toJSON() const;

  /// Name of the attribute on a module that holds a table.
  static constexpr llvm::StringLiteral kAttribute = "graphopt.calibration";
  mlir::DictionaryAttr toAttribute(mlir::MLIRContext *context) const;
  /// Takes the fields of `attribute` and those of the default for the others.
  /// The error names the field that is wrong.
  static llvm::Expected<Calibration> parse(mlir::Attribute attribute);
  /// The table of the outermost module around `op`, else the default. An
  /// attribute that is wrong, which `load-calibration` reports, counts as none.
  static Calibration getFor(mlir::Operation *op);
};

} // namespace graphopt

#endif // GRAPHOPT_ANALYSIS_CALIBRATION_H
