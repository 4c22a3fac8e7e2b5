//===- Compile.h - From MLIR to a callable program --------------*- C++ -*-===//
//
// Finds entry functions, runs what remains of the pipeline, and compiles the
// result for this machine.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_COMPILE_H
#define GRAPHOPT_TOOLS_GRAPHRUN_COMPILE_H

#include "Call.h"
#include "Symbols.h"

#include "GraphOpt/Pipelines/Pipelines.h"
#include "GraphOpt/Runtime/GraphRuntime.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace llvm {
namespace orc {
class LLJIT;
} // namespace orc
} // namespace llvm

namespace graphrun {

/// A function that can be run.
struct Entry {
  std::string name;
  mlir::FunctionType type; ///< As in the input IR.
  bool isCompiled = false; ///< Already in state `runtime`.
  bool isAsync = false;    ///< It then gives a handle for its results.
};

/// Finds the entry `name`, or the only one if `name` is empty.
llvm::Expected<Entry> findEntry(mlir::ModuleOp module, llvm::StringRef name);

/// Removes from `module` what `entry` does not need: a function that can not be
/// compiled is no obstacle to running another one.
llvm::Error keepEntryOnly(mlir::ModuleOp module, const Entry &entry);

/// What a program is compiled for.
struct Target {
  graphopt::Precision precision = graphopt::Precision::Exact;
  /// The CUDA architecture ("sm_90"); empty for the host.
  std::string chip;
  /// File with the costs of the GPU; empty for those of an H200.
  std::string calibration;
  /// Entry points do not wait for scalars that they only return.
  bool asyncResults = false;
  /// Receives the report of the pipeline as JSON, if not null.
  std::string *report = nullptr;
  /// Replaces functions of the runtime in the program.
  std::vector<RuntimeSymbol> symbols;
};

/// Sets what `target` says of the pipeline.
void setPipelineOptions(const Target &target,
                        graphopt::PipelineOptions &options);

/// A compiled module. Owns the code.
class Program {
public:
  /// Compiles a copy of `module`. Failures inside of the pipeline are reported
  /// as diagnostics first.
  static llvm::Expected<std::unique_ptr<Program>>
  compile(mlir::ModuleOp module, const Entry &entry, const Target &target);
  ~Program();

  const EntryPoint &entryPoint() const { return entry; }

private:
  explicit Program(std::unique_ptr<llvm::orc::LLJIT> jit);

  std::unique_ptr<llvm::orc::LLJIT> jit;
  EntryPoint entry;
};

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_COMPILE_H
