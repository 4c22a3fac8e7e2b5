//===- Parallel.cpp - Parallel loops of the reference ---------------------===//
//
// Implements the handlers of `scf.forall` and `scf.parallel`. Their iterations
// run one after the other, in row-major order.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace graphrun;

/// The loops with the given bounds.
static SmallVector<LoopBounds> zipBounds(ArrayRef<int64_t> lower,
                                         ArrayRef<int64_t> upper,
                                         ArrayRef<int64_t> step) {
  SmallVector<LoopBounds> loops;
  for (auto [low, high, by] : llvm::zip(lower, upper, step))
    loops.push_back({low, high, by});
  return loops;
}

static SmallVector<RtValue> toScalars(ArrayRef<int64_t> index) {
  return llvm::map_to_vector(
      index, [](int64_t value) { return RtValue::scalar(value); });
}

//===----------------------------------------------------------------------===//
// scf.forall
//===----------------------------------------------------------------------===//

/// Inserts what one iteration computed into `output`, which is writable.
static LogicalResult runParallelInsert(Interpreter &interpreter,
                                       tensor::ParallelInsertSliceOp op,
                                       const HostTensor &output) {
  SmallVector<RtValue> dynamics;
  for (OperandRange range : {op.getOffsets(), op.getSizes(), op.getStrides()})
    for (Value value : range)
      dynamics.push_back(*interpreter.lookup(value));
  FailureOr<HostTensor> view = sliceView(op, output, dynamics);
  if (failed(view))
    return failure();
  dropDims(*view, op.getDroppedDims());
  HostTensor source = interpreter.lookup(op.getSource())->array->read();
  if (source.shape != view->shape)
    return op.emitError("a value of shape ")
           << shapeString(source.shape) << " does not fill the slice "
           << shapeString(view->shape);
  copyElements(source, *view);
  return success();
}

/// Every iteration reads the shared outputs as they were before the loop.
static LogicalResult runForall(Interpreter &interpreter, OpCode &code,
                               Operands operands, Operands results) {
  auto op = cast<scf::ForallOp>(code.op);
  Operands dynamics = operands;
  auto lower = resolveMixed(op.getStaticLowerBound(), dynamics);
  auto upper = resolveMixed(op.getStaticUpperBound(), dynamics);
  auto step = resolveMixed(op.getStaticStep(), dynamics);
  SmallVector<HostTensor> outputs;
  for (const RtValue &output : dynamics)
    outputs.push_back(output.array->view.clone());
  auto runIteration = [&](ArrayRef<int64_t> index) -> LogicalResult {
    SmallVector<RtValue> arguments = toScalars(index), none;
    arguments.append(dynamics.begin(), dynamics.end());
    if (failed(interpreter.runRegion(op.getRegion(), arguments, none)))
      return failure();
    for (Operation &nested : op.getTerminator().getYieldingOps()) {
      auto insert = dyn_cast<tensor::ParallelInsertSliceOp>(nested);
      if (!insert)
        return nested.emitError("the reference does not evaluate '")
               << nested.getName() << "'";
      unsigned output = insert.getTiedOpResult().getResultNumber();
      if (failed(runParallelInsert(interpreter, insert, outputs[output])))
        return failure();
    }
    return success();
  };
  if (failed(forEachPoint(op, zipBounds(lower, upper, step), runIteration)))
    return failure();
  for (auto [result, output] : llvm::zip(results, outputs))
    result = RtValue::tensor(output);
  return success();
}

//===----------------------------------------------------------------------===//
// scf.parallel
//===----------------------------------------------------------------------===//

static LogicalResult runParallel(Interpreter &interpreter, OpCode &code,
                                 Operands operands, Operands results) {
  auto op = cast<scf::ParallelOp>(code.op);
  auto takeIndices = [&] {
    SmallVector<int64_t> values;
    for (const RtValue &value : operands.take_front(op.getNumLoops()))
      values.push_back(value.cell.i);
    operands = operands.drop_front(op.getNumLoops());
    return values;
  };
  SmallVector<int64_t> lower = takeIndices();
  SmallVector<int64_t> upper = takeIndices();
  SmallVector<int64_t> step = takeIndices();
  SmallVector<RtValue> carried(operands.begin(), operands.end());
  auto runIteration = [&](ArrayRef<int64_t> index) -> LogicalResult {
    SmallVector<RtValue> arguments = toScalars(index), values;
    Operation *reduce = nullptr;
    if (failed(
            interpreter.runRegion(op.getRegion(), arguments, values, &reduce)))
      return failure();
    for (auto [accumulator, value, region] :
         llvm::zip(carried, values, reduce->getRegions())) {
      SmallVector<RtValue> pair{accumulator, value}, combined;
      if (failed(interpreter.runRegion(region, pair, combined)))
        return failure();
      accumulator = combined.front();
    }
    return success();
  };
  if (failed(forEachPoint(op, zipBounds(lower, upper, step), runIteration)))
    return failure();
  llvm::move(carried, results.begin());
  return success();
}

void graphrun::addParallelHandlers(HandlerTable &table) {
  table["scf.forall"] = runForall;
  table["scf.parallel"] = runParallel;
}
