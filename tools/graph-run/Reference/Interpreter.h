//===- Interpreter.h - The reference evaluator's engine ---------*- C++ -*-===//
//
// Values, frames and the handlers of operations. Each function is compiled once
// to slot numbers and handlers; a value's slot is cleared at its last use, so
// that arrays are freed early and may be updated in place when nobody else
// holds them.
//
//===----------------------------------------------------------------------===//

#ifndef GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_INTERPRETER_H
#define GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_INTERPRETER_H

#include "ColumnOps.h"
#include "Reference.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/DenseMap.h"

namespace graphrun {

/// The memory that all views of one allocation share.
struct Storage {
  std::shared_ptr<Bytes> bytes;
};

/// A tensor (no storage: `view.bytes` is immutable while shared) or a memref
/// (a view of `storage`, `view.bytes` unused).
struct Array {
  HostTensor view;
  std::shared_ptr<Storage> storage;
  /// A tensor that a device op made and that is in no buffer yet; a framework
  /// writes it in place.
  bool isComputed = false;

  bool isMemRef() const { return storage != nullptr; }
  /// The view with its current bytes.
  HostTensor read() const;
  /// The view with bytes that may be written: copied first if somebody else
  /// (a tensor made from this memref, say) holds them.
  HostTensor write();
};

/// A scalar, or an array.
struct RtValue {
  Cell cell = {};
  std::shared_ptr<Array> array;

  static RtValue scalar(int64_t value) {
    RtValue result;
    result.cell.i = value;
    return result;
  }
  static RtValue tensor(HostTensor view);
  static RtValue computed(HostTensor view);
  static RtValue memref(HostTensor view, std::shared_ptr<Storage> storage);
};

/// What a handler remembers about its op between evaluations.
struct OpData {
  virtual ~OpData() = default;
};

struct OpCode;
using Operands = llvm::MutableArrayRef<RtValue>;
/// Evaluates one op. Operands may be moved from; their slots are already
/// cleared where this was their last use.
using Handler = mlir::LogicalResult (*)(Interpreter &, OpCode &,
                                        Operands operands, Operands results);

struct OpCode {
  mlir::Operation *op = nullptr;
  Handler handler = nullptr;
  llvm::SmallVector<unsigned, 4> operands, results;
  /// Slots whose last use this is; `killsAfter` are read by nested regions.
  llvm::SmallVector<unsigned, 2> killsBefore, killsAfter;
  std::unique_ptr<OpData> data;
};

struct BlockCode {
  std::vector<OpCode> ops; ///< Without the terminator.
  OpCode terminator;
  llvm::SmallVector<unsigned, 4> arguments;
};

/// A function, or another isolated region, ready to be run.
struct RegionCode {
  llvm::DenseMap<mlir::Value, unsigned> slots;
  llvm::DenseMap<mlir::Block *, std::unique_ptr<BlockCode>> blocks;
};

class ThreadBlock;

/// Where a thread of a kernel is, along x, y and z.
struct ThreadPlace {
  std::array<int64_t, 3> grid, block;     ///< Sizes.
  std::array<int64_t, 3> blockId, thread; ///< Numbers.
};

class Interpreter {
public:
  explicit Interpreter(mlir::ModuleOp module) : module(module) {}

  mlir::LogicalResult call(mlir::FunctionOpInterface function,
                           Operands arguments,
                           llvm::SmallVectorImpl<RtValue> &results);

  /// Runs a region of the current function. `results` receives the operands of
  /// the terminator that leaves it, `exit` that terminator.
  mlir::LogicalResult runRegion(mlir::Region &region, Operands arguments,
                                llvm::SmallVectorImpl<RtValue> &results,
                                mlir::Operation **exit = nullptr);

  /// What is being evaluated, to go on with something else and come back.
  struct Context {
    RegionCode *code;
    std::vector<RtValue> *frame;
    int depth;
    const ThreadPlace *thread;
  };
  Context getContext() const { return {code, frame, depth, thread}; }
  void setContext(const Context &context) {
    code = context.code;
    frame = context.frame;
    depth = context.depth;
    thread = context.thread;
  }

  /// The value in the current frame; null if `value` is not of this function.
  RtValue *lookup(mlir::Value value);

  mlir::ModuleOp module;
  mlir::SymbolTableCollection symbols;
  /// Storage of memref globals, made at their first use.
  llvm::DenseMap<mlir::Operation *, std::shared_ptr<Storage>> globals;
  EagerCounts counts;
  /// The point at which a structured op's body is being interpreted.
  llvm::SmallVectorImpl<int64_t> *loopIndex = nullptr;
  /// The thread of a kernel that is being evaluated.
  const ThreadPlace *thread = nullptr;
  /// The block of that thread if its threads can wait for each other.
  ThreadBlock *block = nullptr;

private:
  RegionCode &codeFor(mlir::FunctionOpInterface function);
  BlockCode *blockCode(mlir::Block *block);
  mlir::LogicalResult runOp(OpCode &code);
  void takeOperands(OpCode &code, llvm::SmallVectorImpl<RtValue> &operands);
  mlir::Block *nextBlock(OpCode &terminator,
                         llvm::SmallVectorImpl<RtValue> &operands);

  llvm::DenseMap<mlir::Operation *, std::unique_ptr<RegionCode>> functions;
  RegionCode *code = nullptr;
  std::vector<RtValue> *frame = nullptr;
  int depth = 0;
};

/// Handlers by op name, filled by the files that implement them.
using HandlerTable = llvm::StringMap<Handler>;
void addScalarHandlers(HandlerTable &table);
void addControlHandlers(HandlerTable &table);
void addParallelHandlers(HandlerTable &table);
void addAffineHandlers(HandlerTable &table);
void addTensorHandlers(HandlerTable &table);
void addIndexedHandlers(HandlerTable &table);
void addMemRefHandlers(HandlerTable &table);
void addLaunchHandlers(HandlerTable &table);
/// The handler of any op with the structured-op interface, of elementwise ops
/// on tensors and of scalar ops; null if `op` is none of these.
Handler linalgHandler(mlir::Operation *op);
Handler elementwiseHandler(mlir::Operation *op);

//===----------------------------------------------------------------------===//
// Shared by handlers
//===----------------------------------------------------------------------===//

/// The static shape of `type`, with dynamic extents taken in order from
/// `extents`. Fails with a located error on a negative extent.
mlir::FailureOr<llvm::SmallVector<int64_t, 4>>
resolveShape(mlir::Operation *op, llvm::ArrayRef<int64_t> shape,
             Operands extents);

/// Mixed static and dynamic values, the dynamic ones taken in order.
llvm::SmallVector<int64_t, 4> resolveMixed(llvm::ArrayRef<int64_t> statics,
                                           Operands &dynamics);

/// The value of an affine expression; none if a divisor is not positive.
std::optional<int64_t> evaluateAffine(mlir::AffineExpr expr,
                                      llvm::ArrayRef<int64_t> dims,
                                      llvm::ArrayRef<int64_t> symbols);

/// One loop of a nest; `step` is positive.
struct LoopBounds {
  int64_t lower, upper, step;
};
/// Calls `body` with the indices of each point, the last loop running fastest,
/// until it fails. Fails with a located error if a step is not positive.
mlir::LogicalResult forEachPoint(
    mlir::Operation *op, llvm::ArrayRef<LoopBounds> loops,
    llvm::function_ref<mlir::LogicalResult(llvm::ArrayRef<int64_t>)> body);

/// A writable array with the elements of `operand`, in place if possible.
HostTensor takeTensor(RtValue &operand);

/// Sets every element of `array` (writable) to a scalar.
void fillArray(const HostTensor &array, Cell value);
/// The element at `indices`, or an error if they leave the array.
mlir::FailureOr<char *>
elementAddress(mlir::Operation *op, const HostTensor &array, Operands indices);
Cell loadCell(ElementKind kind, const char *address);
void storeCell(ElementKind kind, char *address, Cell value);

/// The view of `base` that a slice op selects, of the same rank; dynamic
/// offsets, sizes and strides in this order. If `isAbsolute`, the single offset
/// and the strides replace those of `base` (memref.reinterpret_cast).
mlir::FailureOr<HostTensor> sliceView(mlir::OffsetSizeAndStrideOpInterface op,
                                      const HostTensor &base, Operands dynamics,
                                      bool isAbsolute = false);
void dropDims(HostTensor &view, const llvm::SmallBitVector &dropped);
/// The shape after each group of dimensions became one.
llvm::SmallVector<int64_t, 4>
collapsedShape(llvm::ArrayRef<int64_t> shape,
               llvm::ArrayRef<mlir::ReassociationIndices> groups);

/// The array that a dense constant holds.
mlir::FailureOr<HostTensor> evaluateElements(mlir::Operation *op,
                                             mlir::ElementsAttr elements);

/// The kind of `type`'s elements, or a located error.
mlir::FailureOr<ElementKind> elementKindFor(mlir::Operation *op,
                                            mlir::Type type);

} // namespace graphrun

#endif // GRAPHOPT_TOOLS_GRAPHRUN_REFERENCE_INTERPRETER_H
