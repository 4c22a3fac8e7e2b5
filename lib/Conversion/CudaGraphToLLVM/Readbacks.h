//===- Readbacks.h - Lowering of readbacks ----------------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_READBACKS_H
#define GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_READBACKS_H

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/SymbolTable.h"

namespace graphopt {

/// Adds what lowers `cudagraph.readback`, `fetch`, `await` and `deliver`, and
/// the conversion of `!cudagraph.pending`. `symbols` may be null.
void populateReadbackPatterns(mlir::LLVMTypeConverter &converter,
                              mlir::RewritePatternSet &patterns,
                              mlir::SymbolTableCollection *symbols);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_READBACKS_H
