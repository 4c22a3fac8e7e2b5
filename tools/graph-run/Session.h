//===- Session.h - One run of graph-run -------------------------*- C++ -*-===//
//
// The steps of a run, in the order in which main takes them. Everything that
// can be wrong with the command line or the input is found before anything is
// executed or written.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_SESSION_H
#define GRAPHOPT_TOOLS_GRAPHRUN_SESSION_H

#include "Call.h"
#include "Compile.h"
#include "DeviceHandle.h"
#include "Differential/Differential.h"
#include "Options.h"
#include "Reference/Reference.h"
#include "Report.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/SourceMgr.h"

namespace graphrun {

class Session {
public:
  Session(const Options &options, mlir::MLIRContext &context);
  ~Session();

  /// Checks options, opens the device, parses the input and makes the
  /// arguments.
  llvm::Error prepare();
  /// Compiles the program and calls it `--repeat` times.
  llvm::Error runProgram();
  /// Evaluates the input the same number of times on the same arguments.
  llvm::Error runReference();
  /// Prints and writes what was asked for.
  llvm::Error report();
  /// Says what --differential found, if asked for; an error if it is a
  /// difference.
  llvm::Error reportDifferential();
  /// Compares with the reference; an error if they differ too much.
  llvm::Error verify();
  /// Measures the time of further calls.
  llvm::Error bench();
  /// The same in both modes of launching.
  llvm::Error benchModes();

private:
  /// Makes what --differential compares with.
  llvm::Error prepareDifferential(Target &target);

  const Options &options;
  mlir::MLIRContext &context;
  /// The input's text, for diagnostics that show the line.
  llvm::SourceMgr sources;
  mlir::SourceMgrDiagnosticHandler handler;
  mlir::ScopedDiagnosticHandler filter;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  Entry entry;
  std::vector<HostTensor> arguments;

  std::unique_ptr<Program> program;
  /// Its graphs and the program's refer to it; it keeps memory of the device.
  std::unique_ptr<Differential> differential;
  /// Destroyed before the program, whose code its graphs call.
  DeviceHandle device;
  std::unique_ptr<CallFrame> frame;
  GoCounters counters = {};
  std::vector<RegionStats> regions;
  std::string compileReport; ///< As JSON, if --stats asks for its totals.

  std::vector<HostTensor> referenceArguments, referenceResults;
  /// With --async-results, of each call.
  std::vector<llvm::SmallVector<HostTensor>> allReferenceResults;
  EagerCounts eager;
};

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_SESSION_H
