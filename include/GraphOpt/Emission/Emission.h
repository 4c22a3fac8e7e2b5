//===- Emission.h - Programs compiled ahead of time -------------*- C++ -*-===//
//
// Takes a module through what remains of the pipeline and writes it as a shared
// library with a C header, which need only the runtime to run.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_EMISSION_EMISSION_H
#define GRAPHOPT_EMISSION_EMISSION_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace llvm {
class LLVMContext;
class Module;
class SourceMgr;
class TargetMachine;
} // namespace llvm

namespace graphopt {

struct PipelineOptions;

/// What is written.
enum class EmissionKind {
  Library, ///< NAME.so and NAME.h.
  Object,  ///< NAME.o and NAME.h; the caller links.
  LLVM,    ///< NAME.ll, optimized.
  Header,  ///< NAME.h.
};

struct EmissionOptions {
  EmissionKind kind = EmissionKind::Library;
  /// Path without the extension, or "-" for the standard output (LLVM, Header).
  std::string output;
  /// What all C names start with; empty: the last part of `output`, without
  /// "lib" before it.
  std::string name;
  /// LLVM's name of the CPU for host code, "native" for this machine's; empty
  /// for one that every machine of this architecture has.
  std::string cpu;
  /// The compiler driver that links; empty: the first of cc, clang and gcc.
  std::string linker;
  /// Folder of libgraphopt_runtime.so; empty: ../lib beside the program's own.
  std::string runtimeFolder;
  /// Where the library looks for the runtime; empty: beside itself, then in
  /// the folder that it was linked with.
  std::string runPath;
  /// More files and options for the linker, such as libraries with functions
  /// that the module declares.
  std::vector<std::string> linkerArguments;
};

/// Parses a module, in text or bytecode. Arguments of functions are located by
/// the names they have in the text, which emitted headers use.
/// Errors are diagnostics.
mlir::OwningOpRef<mlir::ModuleOp> parseProgram(llvm::SourceMgr &sources,
                                               mlir::MLIRContext *context);

/// Compiles `module`, which may be in any state, and writes it. Either all
/// files are written or none.
llvm::Error emitProgram(mlir::ModuleOp module, const PipelineOptions &pipeline,
                        const EmissionOptions &options);

/// Translates `module`, in state `runtime`, to LLVM IR for `machine` and
/// optimizes it by LLVM's -O3.
llvm::Expected<std::unique_ptr<llvm::Module>>
translateProgram(mlir::ModuleOp module, llvm::TargetMachine &machine,
                 llvm::LLVMContext &context);

} // namespace graphopt

#endif // GRAPHOPT_EMISSION_EMISSION_H
