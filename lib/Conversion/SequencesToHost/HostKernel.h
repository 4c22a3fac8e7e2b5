//===- HostKernel.h - Functions of a kernel on the host ---------*- C++ -*-===//
//
// Emits the functions that the host device runs for one kernel node. A function
// has the type of GoHostPhase::run of GraphRuntime.h: (operands, begin, end).
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_CONVERSION_SEQUENCESTOHOST_HOSTKERNEL_H
#define GRAPHOPT_LIB_CONVERSION_SEQUENCESTOHOST_HOSTKERNEL_H

#include "../SequencesToGraph/RegionConversion.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <map>

namespace graphopt {

/// Rows of (tensor, offset, length), one per chunk of `domain`.
mlir::SmallVector<int64_t> getChunks(mlir::tseq::SeqType domain,
                                     int64_t chunkElements);

/// The i64 constant `value`.
mlir::Value createI64(mlir::OpBuilder &builder, mlir::Location loc,
                      int64_t value);

/// Constant tables of a module, one per contents.
class ConstantTables {
public:
  ConstantTables(mlir::ModuleOp module, mlir::SymbolTable &symbols)
      : module(module), symbols(symbols) {}

  /// The name of a table of `values` with rows of `width`.
  mlir::FlatSymbolRefAttr get(mlir::ArrayRef<int64_t> values, int64_t width);

private:
  mlir::ModuleOp module;
  mlir::SymbolTable &symbols;
  std::map<std::vector<int64_t>, mlir::FlatSymbolRefAttr> tables;
};

/// Builds the phases and the operand list of one kernel node.
class HostKernel {
public:
  HostKernel(mlir::ModuleOp module, mlir::SymbolTable &symbols,
             ConstantTables &tables, std::string name);

  /// Appends the phases of an op on memrefs.
  void addPhases(mlir::tseq::MapOp op);
  void addPhases(mlir::tseq::ReduceOp op);
  void addPhases(mlir::tseq::ScalarOp op);
  /// Any other op with memref operands, run once by one thread.
  void addPhase(mlir::Operation *op);

  /// What has been built; each sequence stands in a row of operands.
  KernelNode node;

private:
  /// State of the function that is being written.
  struct Phase {
    mlir::func::FuncOp function;
    mlir::OpBuilder builder;
    mlir::Value table, begin, end; ///< The function's arguments.
  };
  /// A row of operands that a phase reads or writes.
  struct Row {
    int64_t first;
    mlir::Type element;
  };

  Phase beginPhase(mlir::Location loc, int64_t items);
  Row addRow(mlir::ValueRange memrefs, mlir::Type element,
             mlir::cudagraph::Access access);
  Row addSequence(mlir::Value sequence, mlir::cudagraph::Access access);
  int64_t addOperand(mlir::Value memref, mlir::cudagraph::Access access);

  mlir::Value loadPointer(Phase &phase, mlir::Value index);
  mlir::Value loadPointer(Phase &phase, int64_t index);
  mlir::Value loadElement(Phase &phase, mlir::Value pointer, mlir::Value index,
                          mlir::Type type);
  void storeElement(Phase &phase, mlir::Value pointer, mlir::Value index,
                    mlir::Value value);
  mlir::Value loadTable(Phase &phase, mlir::FlatSymbolRefAttr table,
                        int64_t size, int64_t width, mlir::Value row,
                        int64_t column);
  /// The memref of type `type` whose first element is at `pointer`.
  mlir::Value makeMemRef(Phase &phase, mlir::Value pointer,
                         mlir::MemRefType type);

  /// A loop over the chunks of [begin, end): `body` is called with the tensor's
  /// number, the chunk's offset and length and its own number.
  void
  forEachChunk(Phase &phase, mlir::tseq::SeqType domain, int64_t chunkElements,
               mlir::function_ref<void(mlir::Value tensor, mlir::Value offset,
                                       mlir::Value length, mlir::Value chunk)>
                   body);
  /// Values of the scalar operands for tensor number `tensor`.
  mlir::SmallVector<mlir::Value> loadScalars(Phase &phase,
                                             mlir::ValueRange scalars,
                                             mlir::ArrayRef<int64_t> numbers,
                                             mlir::Value tensor);
  void addReduceFinish(mlir::tseq::ReduceOp op, mlir::ArrayRef<int64_t> outs,
                       mlir::ArrayRef<int64_t> scratch, int64_t chunkElements);

  mlir::ModuleOp module;
  mlir::SymbolTable &symbols;
  ConstantTables &tables;
  mlir::LLVMTypeConverter converter;
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_SEQUENCESTOHOST_HOSTKERNEL_H
