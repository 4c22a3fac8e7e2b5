//===- EntryPointBuilder.h - One packed entry point -------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_ENTRYPOINTBUILDER_H
#define GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_ENTRYPOINTBUILDER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"

namespace graphopt {

struct EntryPointOptions {
  /// The function takes context and stream as its first two arguments.
  bool takesContext = false;
  /// Nothing else refers to the function: its body moves into the entry point
  /// and leaves it empty. Otherwise the entry point calls the function.
  bool moveBody = false;
  /// Memrefs that the function returns are nobody else's.
  bool ownResults = false;
  /// The entry point is a GoAsyncEntryPoint: fetches whose values are only
  /// returned are delivered to the caller's memory when the caller awaits them.
  bool asyncResults = false;
};

/// Makes the entry point of `function` before it. `type` is the type of the
/// function without context and stream; all its types can be packed. Reports
/// an error if the name of the entry point is taken.
mlir::LogicalResult createEntryPoint(mlir::func::FuncOp function,
                                     mlir::FunctionType type,
                                     const EntryPointOptions &options,
                                     mlir::SymbolTableCollection &symbols);

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_ENTRYPOINTBUILDER_H
