//===- CudaGraphPattern.h - Patterns that know symbols ----------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_CUDAGRAPHPATTERN_H
#define GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_CUDAGRAPHPATTERN_H

#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/IR/SymbolTable.h"

namespace graphopt {

/// A pattern whose runtime calls find their declarations in `symbols`, which
/// may be null.
template <typename OpTy>
class CudaGraphPattern : public mlir::ConvertOpToLLVMPattern<OpTy> {
public:
  CudaGraphPattern(const mlir::LLVMTypeConverter &converter,
                   mlir::SymbolTableCollection *symbols)
      : mlir::ConvertOpToLLVMPattern<OpTy>(converter), symbols(symbols) {}

protected:
  mlir::SymbolTableCollection *symbols;
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_CUDAGRAPHPATTERN_H
