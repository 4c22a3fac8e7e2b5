//===- KernelFunction.h - The gpu.func of one kernel node -------*- C++ -*-===//
//
// What all kernels are made of: operands, tables, loads and stores, loops over
// the elements of a piece, barriers and reductions over a block.
//
// A kernel has one parameter, the slots of GoCudaLaunch: one of 8 bytes for
// each operand. A slot holds the operand's address, or the value of a host
// scalar itself.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_KERNELFUNCTION_H
#define GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_KERNELFUNCTION_H

#include "../SequencesToGraph/RegionConversion.h"
#include "WorkDivision.h"

#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"

#include <map>

namespace graphopt {

/// Constant tables in the device memory of a GPU module, one per contents.
class DeviceTables {
public:
  DeviceTables(mlir::gpu::GPUModuleOp module, mlir::SymbolTable &symbols)
      : module(module), symbols(symbols) {}

  /// The address of a table of integers of `bits` bits, aligned to 16 bytes.
  mlir::Value get(mlir::OpBuilder &builder, mlir::Location loc,
                  mlir::ArrayRef<int64_t> values, unsigned bits);

private:
  mlir::gpu::GPUModuleOp module;
  mlir::SymbolTable &symbols;
  std::map<std::pair<unsigned, std::vector<int64_t>>, mlir::FlatSymbolRefAttr>
      tables;
};

class KernelFunction {
public:
  /// Operands of one sequence, which stand in a row.
  struct Row {
    int64_t first;
    mlir::Type element;
  };
  /// One sequence in a loop over elements: `address` is that of the first
  /// element of the piece.
  struct Stream {
    mlir::Type element;
    mlir::Value address;
    bool isRead, isWritten;
    /// Whether what is written may leave the cache first.
    bool isStreaming = false;
  };
  /// Computes one element: from the values of the streams that are read and,
  /// in a reduction, to the values to be joined; else to those of the streams
  /// that are written.
  using ElementBody = mlir::function_ref<mlir::SmallVector<mlir::Value>(
      mlir::ArrayRef<mlir::Value>)>;
  using Join =
      mlir::function_ref<mlir::Value(unsigned, mlir::Value, mlir::Value)>;

  /// Starts the function of a kernel with `threads` threads to a block, of
  /// which at least `residentBlocks` have room on a multiprocessor (0: that
  /// does not matter). A cooperative one may have barriers over the whole grid.
  KernelFunction(mlir::gpu::GPUModuleOp module, mlir::SymbolTable &symbols,
                 DeviceTables &tables, mlir::Location loc, llvm::StringRef name,
                 int64_t threads, int64_t residentBlocks = 0,
                 bool isCooperative = false);

  /// Ends the function and returns the node that launches it.
  KernelNode finish(int64_t blocks);

  //===--- Operands -------------------------------------------------------===//
  // What several phases use is one operand.
  int64_t addOperand(mlir::Value memref, mlir::cudagraph::Access access);
  Row addSequence(mlir::Value sequence, mlir::cudagraph::Access access);
  /// The address that operand `number` holds; of a host scalar that of its
  /// slot.
  mlir::Value getAddress(int64_t number);
  /// The address of element `offset` of tensor number `tensor` of `row`.
  mlir::Value getAddress(Row row, mlir::Value tensor, mlir::Value offset);
  /// The memref of type `type` whose first element is at `address`.
  mlir::Value createMemRef(mlir::Value address, mlir::MemRefType type);
  /// The address of the kernel's state (see KernelNode); asks for it.
  mlir::Value getState(int64_t bytes);

  /// Sets the handle of `condition` (KernelNode::sets) to `value`, an i1, where
  /// there is a handle.
  void setCondition(mlir::Value condition, mlir::Value value);

  //===--- Memory ---------------------------------------------------------===//
  mlir::Value load(mlir::Value address, mlir::Value index, mlir::Type type);
  mlir::Operation *store(mlir::Value value, mlir::Value address,
                         mlir::Value index);
  /// A store that one thread runs, once in each launch.
  void storeOnce(mlir::Value value, mlir::Value address, mlir::Value index);
  /// Element `index` of the i32 table `values`.
  mlir::Value loadTable(mlir::ArrayRef<int64_t> values, mlir::Value index);
  /// An array in the shared memory of the block.
  mlir::Value createShared(int64_t size, mlir::Type element);
  /// At least `words` words of 64 bits in shared memory, which all that ask for
  /// them share.
  mlir::Value getSharedWords(int64_t words);
  mlir::Value loadShared(mlir::Value shared, mlir::Value index,
                         mlir::Type type);
  void storeShared(mlir::Value value, mlir::Value shared, mlir::Value index);

  //===--- Control --------------------------------------------------------===//
  mlir::Value constant(int64_t value, unsigned bits = 32);
  mlir::Value add(mlir::Value lhs, mlir::Value rhs);
  mlir::Value sub(mlir::Value lhs, mlir::Value rhs);
  mlir::Value isEqual(mlir::Value lhs, int64_t rhs);
  /// Of unsigned numbers.
  mlir::Value isLess(mlir::Value lhs, mlir::Value rhs);
  void barrier();
  void ifThen(mlir::Value condition, mlir::function_ref<void()> body);
  /// The values of `body` where `condition` holds, else `otherwise`.
  mlir::ValueRange
  ifThen(mlir::Value condition, mlir::ValueRange otherwise,
         mlir::function_ref<mlir::SmallVector<mlir::Value>()> body);
  /// for (i = begin; i < end; i += step) with carried values; all i32.
  mlir::ValueRange
  loop(mlir::Value begin, mlir::Value end, mlir::Value step,
       mlir::ValueRange inits,
       mlir::function_ref<mlir::SmallVector<mlir::Value>(mlir::Value,
                                                         mlir::ValueRange)>
           body);
  void loop(mlir::Value begin, mlir::Value end, mlir::Value step,
            mlir::function_ref<void(mlir::Value)> body);
  /// Words of the tables that say which pieces a block has.
  using PieceWords = mlir::SmallVector<mlir::Value>;
  /// The pieces of `block` in `division`, in order or from the last to the
  /// first.
  struct BlockPieces {
    const WorkDivision &division;
    bool backward;
    /// The numbers of the first piece and of the one behind the last; offset,
    /// length and tensor of the piece to start with.
    PieceWords words;
  };
  /// Loads what is known of the pieces before the work on them starts, such as
  /// before a barrier, whose wait then hides the time that takes.
  BlockPieces prepare(const WorkDivision &division, bool backward);
  /// Runs `body` for each block of the division that is this one's: its own if
  /// it has pieces. A cooperative kernel may be launched with fewer blocks than
  /// the division has; then `block` and `pieces` are one after the other in
  /// `body`.
  void forEachBlock(BlockPieces &pieces, mlir::function_ref<void()> body);
  mlir::ValueRange
  forEachPiece(const BlockPieces &pieces, mlir::ValueRange inits,
               mlir::function_ref<mlir::SmallVector<mlir::Value>(
                   mlir::Value number, std::array<mlir::Value, 3> piece,
                   mlir::ValueRange carried)>
                   body);

  /// Runs `body` for `length` elements, spread over the threads of the block,
  /// with accesses of 16 bytes where the addresses allow. With `inits` it is a
  /// reduction: returns the values of this thread.
  mlir::SmallVector<mlir::Value> forEachElement(mlir::ArrayRef<Stream> streams,
                                                mlir::Value length,
                                                bool backward,
                                                mlir::ValueRange inits,
                                                ElementBody body, Join join);

  /// Bytes of an element of `type` in memory.
  static int64_t getStoredBytes(mlir::Type type);
  /// Elements that a block of `threads` threads works on at once; the addresses
  /// of the streams do not matter.
  static int64_t getRoundElements(mlir::ArrayRef<Stream> streams,
                                  int64_t threads);

  //===--- Reductions -----------------------------------------------------===//
  /// Joins `value` over the lanes of each warp; every lane gets the result.
  mlir::Value
  joinWarp(mlir::Value value,
           mlir::function_ref<mlir::Value(mlir::Value, mlir::Value)> join);
  /// Joins `value` over the block; thread 0 gets the result. `shared` has an
  /// element per warp. All threads must take part.
  mlir::Value
  joinBlock(mlir::Value value, mlir::Value shared,
            mlir::function_ref<mlir::Value(mlir::Value, mlir::Value)> join);
  /// Runs `body` in the block that comes here last, when what all blocks wrote
  /// before is visible to it.
  void inLastBlock(int64_t blocks, mlir::function_ref<void()> body);
  /// A barrier over all blocks of a cooperative kernel. Before it lets them go
  /// the block that comes last runs `body`; all see what it wrote.
  void gridBarrier(mlir::function_ref<void()> body);

  mlir::OpBuilder builder;
  mlir::Location loc;
  mlir::Value thread, block; ///< Numbers, i32.
  const int64_t threads;

  static constexpr int64_t kWarp = 32;

private:
  mlir::SmallVector<mlir::Value>
  emitUnits(mlir::ArrayRef<Stream> streams, mlir::ArrayRef<mlir::Value> starts,
            mlir::ArrayRef<mlir::Value> isThere, int64_t width,
            mlir::ValueRange carried, ElementBody body, Join join);
  mlir::SmallVector<mlir::Value>
  joinUnits(llvm::ArrayRef<mlir::SmallVector<mlir::SmallVector<mlir::Value>>>
                computed,
            mlir::ArrayRef<mlir::Value> isThere, mlir::ValueRange carried,
            Join join);
  mlir::SmallVector<mlir::Value>
  emitStrip(mlir::ArrayRef<Stream> streams, mlir::Value begin,
            mlir::Value count, int64_t width, int64_t unroll, bool backward,
            mlir::ValueRange carried, ElementBody body, Join join);
  mlir::SmallVector<mlir::Value> emitFew(mlir::ArrayRef<Stream> streams,
                                         mlir::Value begin, mlir::Value count,
                                         mlir::ValueRange carried,
                                         ElementBody body, Join join);
  mlir::SmallVector<mlir::Value> loadUnit(const Stream &stream,
                                          mlir::Value start, int64_t width);
  void storeUnit(mlir::ArrayRef<mlir::Value> values, const Stream &stream,
                 mlir::Value start);
  void storeStreaming(mlir::Value vector, mlir::Value address, int64_t bytes);
  mlir::Value shuffle(mlir::Value value, int64_t mask);
  /// How a value of `type` lies in memory.
  mlir::Type getStoredType(mlir::Type type);
  mlir::Value fromStored(mlir::Value value, mlir::Type type);
  mlir::Value toStored(mlir::Value value);
  mlir::Value getElement(mlir::Value address, mlir::Value index,
                         mlir::Type stored);

  int64_t appendOperand(mlir::Value memref, mlir::cudagraph::Access access);
  void addAccess(int64_t number, mlir::cudagraph::Access access);

  /// `step` words of 64 bits at place `index` of `table`, which is loaded 16
  /// bytes at a time.
  PieceWords loadWords(mlir::ArrayRef<int64_t> table, mlir::Value index,
                       int64_t step);
  /// What BlockPieces::words holds, of block `number` or the last one.
  PieceWords loadBlock(const WorkDivision &division, bool backward,
                       mlir::Value number);
  PieceWords loadPiece(const WorkDivision &division, mlir::Value index);
  std::array<mlir::Value, 2> split(mlir::Value word);

  mlir::Value toI32(mlir::Value index);

  void fence();
  /// Counts this block in; returns how many were before it, in all threads.
  mlir::Value takeTicket(mlir::Value lastTicket);

  /// A slot after those of the operands, whose number is not known yet.
  mlir::Value getLateSlot(llvm::StringRef kind, int64_t number);

  mlir::gpu::GPUModuleOp module;
  mlir::SymbolTable &symbols;
  DeviceTables &tables;
  mlir::gpu::GPUFuncOp function;
  mlir::Value slots;
  mlir::Value sharedWords;
  mlir::Value sharedTicket; ///< Null until a ticket is taken.
  mlir::Value gridSize;     ///< Of a cooperative kernel: its blocks, i32.
  mlir::SmallVector<bool> isScalar;            ///< Per operand: a host scalar.
  llvm::DenseMap<mlir::Value, int64_t> single; ///< Operands of no row.
  /// The first operand of each row, by its tensors.
  std::map<std::vector<void *>, int64_t> rows;
  KernelNode node;
  mlir::LLVMTypeConverter converter;
};

} // namespace graphopt

#endif // GRAPHOPT_LIB_CONVERSION_SEQUENCESTOGPU_KERNELFUNCTION_H
