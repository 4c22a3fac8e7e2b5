//===- Launches.cpp - Kernel launches of the reference --------------------===//
//
// Implements the handlers of `gpu`: launches run at once, in the order of the
// program, their threads one after the other, from barrier to barrier.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"
#include "ThreadBlock.h"

#include "mlir/Dialect/GPU/IR/GPUDialect.h"

using namespace mlir;
using namespace graphrun;

/// An array of static shape `type` that is zero.
static FailureOr<RtValue> allocate(Operation *op, MemRefType type,
                                   Operands extents = {}) {
  FailureOr<ElementKind> kind = elementKindFor(op, type);
  if (failed(kind))
    return failure();
  auto shape = resolveShape(op, type.getShape(), extents);
  if (failed(shape))
    return failure();
  HostTensor array = HostTensor::allocate(*kind, *shape);
  auto storage = std::make_shared<Storage>(Storage{array.bytes});
  return RtValue::memref(array, storage);
}

/// Appends an array for each of `attributions`.
static LogicalResult allocateAll(gpu::GPUFuncOp function,
                                 ArrayRef<BlockArgument> attributions,
                                 SmallVectorImpl<RtValue> &arrays) {
  for (BlockArgument argument : attributions) {
    FailureOr<RtValue> array =
        allocate(function, cast<MemRefType>(argument.getType()));
    if (failed(array))
      return failure();
    arrays.push_back(*array);
  }
  return success();
}

/// The loops over `sizes`, z outermost.
static SmallVector<LoopBounds> getLoops(std::array<int64_t, 3> sizes) {
  SmallVector<LoopBounds> loops;
  for (int64_t size : llvm::reverse(sizes))
    loops.push_back({0, size, 1});
  return loops;
}

static std::array<int64_t, 3> fromLoops(ArrayRef<int64_t> point) {
  return {point[2], point[1], point[0]};
}

static LogicalResult runLaunch(Interpreter &interpreter, OpCode &code,
                               Operands operands, Operands) {
  auto op = cast<gpu::LaunchFuncOp>(code.op);
  auto function = interpreter.symbols.lookupNearestSymbolFrom<gpu::GPUFuncOp>(
      op, op.getKernel());
  if (!function)
    return op.emitError("the reference has no body for kernel ")
           << op.getKernel();
  ThreadPlace place;
  Operands sizes = operands.drop_front(op.getAsyncDependencies().size());
  for (unsigned i = 0; i < 3; ++i) {
    place.grid[i] = sizes[i].cell.i;
    place.block[i] = sizes[3 + i].cell.i;
  }
  OperandRange passed = op.getKernelOperands();
  Operands arguments =
      passed.empty()
          ? Operands()
          : operands.slice(passed.getBeginOperandIndex(), passed.size());
  bool hasBarrier =
      function.walk([](gpu::BarrierOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  auto runBlock = [&](ArrayRef<int64_t> block) -> LogicalResult {
    place.blockId = fromLoops(block);
    SmallVector<RtValue> shared(arguments.begin(), arguments.end());
    if (failed(
            allocateAll(function, function.getWorkgroupAttributions(), shared)))
      return failure();
    auto runThread = [&](ArrayRef<int64_t> thread) -> LogicalResult {
      ThreadPlace here = place;
      here.thread = fromLoops(thread);
      interpreter.thread = &here;
      SmallVector<RtValue> values(shared), none;
      if (failed(
              allocateAll(function, function.getPrivateAttributions(), values)))
        return failure();
      return interpreter.call(function, values, none);
    };
    if (!hasBarrier)
      return forEachPoint(op, getLoops(place.block), runThread);
    ThreadBlock threads(interpreter);
    interpreter.block = &threads;
    auto [x, y, z] = place.block;
    LogicalResult result = threads.run(x * y * z, [&, x = x, y = y](int64_t i) {
      return runThread({i / (x * y), i / x % y, i % x});
    });
    interpreter.block = nullptr;
    return result;
  };
  const ThreadPlace *caller = interpreter.thread;
  LogicalResult result = forEachPoint(op, getLoops(place.grid), runBlock);
  interpreter.thread = caller;
  ++interpreter.counts.kernels;
  return result;
}

/// A launch with its body in place: the numbers are arguments of the body.
static LogicalResult runInlineLaunch(Interpreter &interpreter, OpCode &code,
                                     Operands operands, Operands) {
  constexpr unsigned kNumPlaces = 12;
  auto op = cast<gpu::LaunchOp>(code.op);
  if (op.getBody().getNumArguments() != kNumPlaces)
    return op.emitError("the reference knows neither clusters nor memory of "
                        "blocks and threads");
  Operands sizes = operands.drop_front(op.getAsyncDependencies().size());
  std::array<int64_t, 3> grid, block;
  for (unsigned i = 0; i < 3; ++i) {
    grid[i] = sizes[i].cell.i;
    block[i] = sizes[3 + i].cell.i;
  }
  auto runBlock = [&](ArrayRef<int64_t> blockId) {
    auto runThread = [&](ArrayRef<int64_t> thread) {
      SmallVector<RtValue> values, none;
      for (std::array<int64_t, 3> numbers :
           {fromLoops(blockId), fromLoops(thread), grid, block})
        for (int64_t number : numbers)
          values.push_back(RtValue::scalar(number));
      return interpreter.runRegion(op.getBody(), values, none);
    };
    return forEachPoint(op, getLoops(block), runThread);
  };
  ++interpreter.counts.kernels;
  return forEachPoint(op, getLoops(grid), runBlock);
}

static LogicalResult runMemcpy(Interpreter &interpreter, OpCode &code,
                               Operands operands, Operands) {
  auto op = cast<gpu::MemcpyOp>(code.op);
  Operands arrays = operands.drop_front(op.getAsyncDependencies().size());
  HostTensor destination = arrays[0].array->write();
  HostTensor source = arrays[1].array->read();
  if (source.shape != destination.shape)
    return op.emitError("source and destination differ in shape");
  copyElements(source, destination);
  interpreter.counts.kernels += source.numElements() > 0;
  return success();
}

static LogicalResult runMemset(Interpreter &interpreter, OpCode &code,
                               Operands operands, Operands) {
  auto op = cast<gpu::MemsetOp>(code.op);
  Operands values = operands.drop_front(op.getAsyncDependencies().size());
  HostTensor destination = values[0].array->write();
  fillArray(destination, values[1].cell);
  interpreter.counts.kernels += destination.numElements() > 0;
  return success();
}

static LogicalResult runAlloc(Interpreter &, OpCode &code, Operands operands,
                              Operands results) {
  auto op = cast<gpu::AllocOp>(code.op);
  if (!op.getType().getLayout().isIdentity() || !op.getSymbolOperands().empty())
    return op.emitError("the reference allocates row-major buffers only");
  FailureOr<RtValue> array = allocate(
      op, op.getType(), operands.drop_front(op.getAsyncDependencies().size()));
  if (failed(array))
    return failure();
  results[0] = *array;
  return success();
}

/// All is done when it is asked for.
static LogicalResult runNothing(Interpreter &, OpCode &, Operands, Operands) {
  return success();
}

static LogicalResult runBarrier(Interpreter &interpreter, OpCode &code,
                                Operands, Operands) {
  if (interpreter.block)
    return interpreter.block->wait();
  return code.op->emitError("the reference runs these threads one after the "
                            "other: they can not wait");
}

/// A number of the thread along the op's dimension.
template <typename OpTy, typename GetNumber>
static LogicalResult runPlace(Interpreter &interpreter, OpCode &code,
                              Operands results, GetNumber getNumber) {
  if (!interpreter.thread)
    return code.op->emitError("only a kernel that is launched has threads");
  auto dimension = static_cast<unsigned>(cast<OpTy>(code.op).getDimension());
  results[0].cell.i = getNumber(*interpreter.thread, dimension);
  return success();
}

static LogicalResult runThreadId(Interpreter &interpreter, OpCode &code,
                                 Operands, Operands results) {
  return runPlace<gpu::ThreadIdOp>(
      interpreter, code, results,
      [](const ThreadPlace &place, unsigned i) { return place.thread[i]; });
}

static LogicalResult runBlockId(Interpreter &interpreter, OpCode &code,
                                Operands, Operands results) {
  return runPlace<gpu::BlockIdOp>(
      interpreter, code, results,
      [](const ThreadPlace &place, unsigned i) { return place.blockId[i]; });
}

static LogicalResult runGridDim(Interpreter &interpreter, OpCode &code,
                                Operands, Operands results) {
  return runPlace<gpu::GridDimOp>(
      interpreter, code, results,
      [](const ThreadPlace &place, unsigned i) { return place.grid[i]; });
}

static LogicalResult runBlockDim(Interpreter &interpreter, OpCode &code,
                                 Operands, Operands results) {
  return runPlace<gpu::BlockDimOp>(
      interpreter, code, results,
      [](const ThreadPlace &place, unsigned i) { return place.block[i]; });
}

static LogicalResult runGlobalId(Interpreter &interpreter, OpCode &code,
                                 Operands, Operands results) {
  return runPlace<gpu::GlobalIdOp>(
      interpreter, code, results, [](const ThreadPlace &place, unsigned i) {
        return place.blockId[i] * place.block[i] + place.thread[i];
      });
}

void graphrun::addLaunchHandlers(HandlerTable &table) {
  table["gpu.launch_func"] = runLaunch;
  table["gpu.launch"] = runInlineLaunch;
  table["gpu.memcpy"] = runMemcpy;
  table["gpu.memset"] = runMemset;
  table["gpu.alloc"] = runAlloc;
  table["gpu.dealloc"] = runNothing;
  table["gpu.wait"] = runNothing;
  table["gpu.barrier"] = runBarrier;
  table["gpu.thread_id"] = runThreadId;
  table["gpu.block_id"] = runBlockId;
  table["gpu.grid_dim"] = runGridDim;
  table["gpu.block_dim"] = runBlockDim;
  table["gpu.global_id"] = runGlobalId;
}
