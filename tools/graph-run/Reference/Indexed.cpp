//===- Indexed.cpp - Indexed access to tensors ----------------------------===//
//
// Implements the handlers of `tensor.gather` and `tensor.scatter`, which move
// one slice for each tuple of coordinates, and of `tensor.bitcast`.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace graphrun;

/// Calls `move` with each slice of `whole` that `coordinates` select in `dims`
/// and the matching part of `parts`, whose leading dimensions are those of the
/// tuples. Slices keep the selected dimensions, of extent one.
static LogicalResult forEachSlice(
    Operation *op, ArrayRef<int64_t> dims, const HostTensor &whole,
    const HostTensor &coordinates, const HostTensor &parts,
    llvm::function_ref<void(const HostTensor &, const HostTensor &)> move) {
  size_t numTuples = coordinates.rank() - 1;
  HostTensor slice = whole;
  for (int64_t dim : dims)
    slice.shape[dim] = 1;
  HostTensor part = parts;
  part.strides.erase(part.strides.begin(), part.strides.begin() + numTuples);
  part.shape.erase(part.shape.begin(), part.shape.begin() + numTuples);
  // A part may lack the dimensions of extent one.
  if (part.rank() != slice.rank()) {
    llvm::SmallBitVector dropped(slice.rank());
    for (int64_t dim : dims)
      dropped.set(dim);
    dropDims(slice, dropped);
  }
  if (part.shape != slice.shape)
    return op->emitError("a slice of shape ")
           << shapeString(slice.shape) << " does not fit a part of shape "
           << shapeString(part.shape);
  SmallVector<LoopBounds> loops;
  for (int64_t extent : ArrayRef<int64_t>(coordinates.shape).drop_back())
    loops.push_back({0, extent, 1});
  return forEachPoint(op, loops, [&](ArrayRef<int64_t> tuple) -> LogicalResult {
    HostTensor from = slice, to = part;
    int64_t first = 0;
    for (auto [dim, value] : llvm::enumerate(tuple)) {
      first += value * coordinates.strides[dim];
      to.offset += value * parts.strides[dim];
    }
    for (auto [position, dim] : llvm::enumerate(dims)) {
      int64_t at = first + int64_t(position) * coordinates.strides.back();
      Cell value =
          loadCell(coordinates.kind,
                   coordinates.data() + at * bytesOf(coordinates.kind));
      if (value.i < 0 || value.i >= whole.shape[dim])
        return op->emitError("coordinate ")
               << value.i << " is outside of dimension " << dim << " of extent "
               << whole.shape[dim];
      from.offset += value.i * whole.strides[dim];
    }
    move(from, to);
    return success();
  });
}

static LogicalResult runGather(Interpreter &interpreter, OpCode &code,
                               Operands operands, Operands results) {
  auto op = cast<tensor::GatherOp>(code.op);
  HostTensor source = operands[0].array->read();
  HostTensor coordinates = operands[1].array->read();
  RankedTensorType type = op.getResultType();
  if (!type.hasStaticShape())
    return op.emitError("the reference gathers to static shapes only");
  HostTensor result = HostTensor::allocate(source.kind, type.getShape());
  if (failed(forEachSlice(op, op.getGatherDims(), source, coordinates, result,
                          [](const HostTensor &from, const HostTensor &to) {
                            copyElements(from, to);
                          })))
    return failure();
  interpreter.counts.kernels += result.numElements() > 0;
  results[0] = RtValue::tensor(result);
  return success();
}

static LogicalResult runScatter(Interpreter &interpreter, OpCode &code,
                                Operands operands, Operands results) {
  auto op = cast<tensor::ScatterOp>(code.op);
  HostTensor source = operands[0].array->read();
  HostTensor result = takeTensor(operands[1]);
  HostTensor coordinates = operands[2].array->read();
  if (failed(forEachSlice(op, op.getScatterDims(), result, coordinates, source,
                          [](const HostTensor &to, const HostTensor &from) {
                            copyElements(from, to);
                          })))
    return failure();
  interpreter.counts.kernels += source.numElements() > 0;
  results[0] = RtValue::tensor(result);
  return success();
}

static LogicalResult runBitcast(Interpreter &, OpCode &code, Operands operands,
                                Operands results) {
  FailureOr<ElementKind> kind =
      elementKindFor(code.op, code.op->getResult(0).getType());
  if (failed(kind))
    return failure();
  // Both kinds have elements of the same size.
  HostTensor array = operands[0].array->read();
  array.kind = *kind;
  results[0] = RtValue::tensor(array);
  return success();
}

void graphrun::addIndexedHandlers(HandlerTable &table) {
  table["tensor.gather"] = runGather;
  table["tensor.scatter"] = runScatter;
  table["tensor.bitcast"] = runBitcast;
}
