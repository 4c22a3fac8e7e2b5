//===- CodeGen.h - From state runtime to object files -----------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_EMISSION_CODEGEN_H
#define GRAPHOPT_LIB_EMISSION_CODEGEN_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"

#include <memory>

namespace llvm {
class LLVMContext;
class Module;
class raw_pwrite_stream;
} // namespace llvm

namespace graphopt {

/// Position-independent code for this machine's architecture and the CPU
/// `cpu`, as EmissionOptions says.
llvm::Expected<std::unique_ptr<llvm::TargetMachine>>
createMachine(llvm::StringRef cpu);

/// Translates `module`, which is in state `runtime`, to LLVM IR.
llvm::Expected<std::unique_ptr<llvm::Module>>
translateModule(mlir::ModuleOp module, llvm::TargetMachine &machine,
                llvm::LLVMContext &context);

/// Runs LLVM's -O3.
void optimizeModule(llvm::Module &module, llvm::TargetMachine &machine);

/// Writes `module` as an object file.
llvm::Error writeObject(llvm::Module &module, llvm::TargetMachine &machine,
                        llvm::raw_pwrite_stream &os);

} // namespace graphopt

#endif // GRAPHOPT_LIB_EMISSION_CODEGEN_H
