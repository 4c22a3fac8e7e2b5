//===- RuntimeCalls.h - Calls of the runtime's C ABI ------------*- C++ -*-===//
//
// Types and functions of GraphRuntime.h in the LLVM dialect.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_RUNTIMECALLS_H
#define GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_RUNTIMECALLS_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"

namespace graphopt {

/// Makes calls of the runtime, constants and stack memory at the insertion
/// point of a builder, and declares what it calls in the module. All calls it
/// knows return an i32 (a status) or a pointer.
class RuntimeCalls {
public:
  /// `symbols` may be null; then symbols are looked up by a walk.
  RuntimeCalls(mlir::OpBuilder &builder, mlir::Location loc,
               mlir::Operation *from, mlir::SymbolTableCollection *symbols);

  /// Calls `name`, declaring it first if need be. Its parameters have the
  /// types of `arguments`. Reports an error if the module uses the name for
  /// something else.
  mlir::FailureOr<mlir::Value> call(llvm::StringRef name,
                                    mlir::ValueRange arguments);

  mlir::Value constant(int64_t value, unsigned width = 64);
  mlir::Value null();
  /// The address of element `index` of an array of `elementType` at `base`.
  mlir::Value element(mlir::Value base, mlir::Type elementType, int64_t index);
  /// Stack memory for `count` values of `type`.
  mlir::Value stackArray(mlir::Type type, int64_t count,
                         unsigned alignment = 0);
  mlir::Value load(mlir::Type type, mlir::Value address);
  void store(mlir::Value value, mlir::Value address);
  /// The address of symbol `name`, which may not exist yet.
  mlir::Value addressOf(llvm::StringRef name);
  /// The address of the GoCudaModule of the gpu.module or gpu.binary `name`,
  /// declared if need be: it is defined where the code is embedded.
  mlir::Value addressOfCudaModule(llvm::StringRef name);

  mlir::Type pointerType() const { return pointer; }
  mlir::Type i64Type() const { return i64; }
  /// GoHostPhase.
  mlir::Type phaseType() const;
  /// GoGraphInfo.
  mlir::Type infoType() const;
  /// GoFetchItem.
  mlir::Type fetchItemType() const;
  /// GoCopyItem.
  mlir::Type copyItemType() const;
  /// GoPlacement.
  mlir::Type placementType() const;
  /// GoCudaModule.
  mlir::Type cudaModuleType() const;
  /// GoCudaLaunch.
  mlir::Type cudaLaunchType() const;
  /// GoKernelLaunch, its arrays as so many fields.
  mlir::Type kernelLaunchType() const;
  /// The struct of type `type` with these fields.
  mlir::Value structOf(mlir::Type type, mlir::ValueRange fields);

  mlir::Operation *lookup(llvm::StringRef name);

  /// The stack as it is now, and back to that.
  mlir::Value saveStack();
  void restoreStack(mlir::Value saved);

private:
  mlir::OpBuilder &builder;
  mlir::Location loc;
  mlir::Operation *module;
  mlir::SymbolTableCollection *symbols;
  mlir::Type pointer, i64;
};

/// Takes stack memory while it lives and gives it back at the end, so that a
/// launch in a loop, or hundreds of launches, do not add up.
class StackScope {
public:
  explicit StackScope(RuntimeCalls &calls)
      : calls(calls), saved(calls.saveStack()) {}
  ~StackScope() { calls.restoreStack(saved); }

private:
  RuntimeCalls &calls;
  mlir::Value saved;
};

/// Name of the GoCudaModule of the gpu.module or gpu.binary `name`.
std::string cudaModuleName(llvm::StringRef name);

/// The argument of the function around `op` that carries the unit attribute
/// `name` (the context or the stream). Reports an error if there is none.
mlir::FailureOr<mlir::Value> findRuntimeArgument(mlir::Operation *op,
                                                 llvm::StringRef name);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_RUNTIMECALLS_H
