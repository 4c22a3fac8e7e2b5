//===- CudaGraphToLLVM.h - Lowering of cudagraph ----------------*- C++ -*-===//
//
// For embedders that convert to LLVM with pattern sets of their own.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_CONVERSION_CUDAGRAPHTOLLVM_H
#define GRAPHOPT_CONVERSION_CUDAGRAPHTOLLVM_H

namespace mlir {
class DialectRegistry;
class LLVMTypeConverter;
class RewritePatternSet;
class SymbolTableCollection;
} // namespace mlir

namespace graphopt {

/// Adds the patterns of `convert-cudagraph-to-llvm` and the conversion of the
/// dialect's types. `symbols`, if given, must outlive the patterns; it saves a
/// walk over the module per looked up symbol.
void populateCudaGraphToLLVMPatterns(
    mlir::LLVMTypeConverter &converter, mlir::RewritePatternSet &patterns,
    mlir::SymbolTableCollection *symbols = nullptr);

/// Lets upstream's `convert-to-llvm` lower the dialect.
void registerConvertCudaGraphToLLVMInterface(mlir::DialectRegistry &registry);

} // namespace graphopt

#endif // GRAPHOPT_CONVERSION_CUDAGRAPHTOLLVM_H
