//===- EntryPointBuilder.h - One packed entry point -------------*- C++ -*-===//

#ifndef GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_ENTRYPOINTBUILDER_H
#define GRAPHOPT_LIB_CONVERSION_CUDAGRAPHTOLLVM_ENTRYPOINTBUILDER_H

#include "RuntimeCalls.h"

#include "GraphOpt/CudaGraph/CudaGraph.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/SymbolTable.h"
#include "llvm/ADT/BitVector.h"

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

/// Makes the entry point of one function.
class EntryPointBuilder {
public:
  EntryPointBuilder(mlir::func::FuncOp function,
                    const EntryPointOptions &options,
                    mlir::SymbolTableCollection &symbols)
      : function(function), options(options), symbols(symbols),
        builder(function),
        calls(builder, function.getLoc(), function, &symbols),
        converter(function.getContext()) {}

  llvm::LogicalResult run(mlir::FunctionType type);

private:
  mlir::Value unpack(mlir::Type type, int64_t index);
  void createEntry(llvm::StringRef name, mlir::FunctionType type);
  void reuseResultMemory(mlir::func::ReturnOp op, llvm::BitVector &settled);
  llvm::LogicalResult placeResults();
  llvm::SmallVector<mlir::cudagraph::FetchOp>
  deliverResults(mlir::func::ReturnOp op, llvm::BitVector &settled);
  llvm::LogicalResult emitReturn(mlir::func::ReturnOp op,
                                 const llvm::BitVector &settled);
  llvm::LogicalResult copyResults(mlir::func::ReturnOp op,
                                  const llvm::BitVector &settled);
  void storeScalar(mlir::Value value, mlir::Value address);
  llvm::LogicalResult fillDescriptor(mlir::Value value, mlir::Value address);
  mlir::Value resultAddress(int64_t index);
  mlir::Value castTo(mlir::Type type, mlir::Value value);
  /// Turns memory at `data` into a memref of static shape.
  mlir::Value fromData(mlir::MemRefType type, mlir::Value data);

  mlir::func::FuncOp function, entry;
  EntryPointOptions options;
  mlir::SymbolTableCollection &symbols;
  mlir::OpBuilder builder;
  RuntimeCalls calls;
  mlir::LLVMTypeConverter converter;
  llvm::DenseMap<int64_t, mlir::Value> resultAddresses;

  /// Data that takes the caller's memory: an argument, or a result that the
  /// program uses before it returns.
  struct CallerMemory {
    mlir::Value memref, address;
  };
  llvm::SmallVector<CallerMemory> dataArguments, reusedResults;
  /// Where `reusedResults` are instead if they had to move, and the memory that
  /// is allocated for that.
  llvm::DenseMap<mlir::Value, mlir::Value> placedAddresses;
  mlir::Value placedMemory;
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
