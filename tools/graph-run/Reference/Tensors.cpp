//===- Tensors.cpp - Tensor ops of the reference --------------------------===//
//
// Implements the handlers of `tensor` and `bufferization`. Tensors are values:
// slices and reshapes share bytes, insertions copy unless they hold the last
// reference.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

#include <cstring>

using namespace mlir;
using namespace graphrun;

HostTensor graphrun::takeTensor(RtValue &operand) {
  Array &array = *operand.array;
  if (operand.array.use_count() == 1 && array.view.bytes.use_count() == 1)
    return array.view;
  return array.view.clone();
}

/// A fresh tensor of the op's result type; dynamic extents from `extents`.
static FailureOr<HostTensor> allocateResult(Operation *op, Operands extents) {
  auto type = cast<ShapedType>(op->getResult(0).getType());
  FailureOr<ElementKind> kind = elementKindFor(op, type);
  if (failed(kind))
    return failure();
  auto shape = resolveShape(op, type.getShape(), extents);
  if (failed(shape))
    return failure();
  return HostTensor::allocate(*kind, *shape);
}

static LogicalResult runEmpty(Interpreter &, OpCode &code, Operands operands,
                              Operands results) {
  FailureOr<HostTensor> array = allocateResult(code.op, operands);
  if (failed(array))
    return failure();
  results[0] = RtValue::tensor(*array);
  return success();
}

static LogicalResult runDim(Interpreter &, OpCode &code, Operands operands,
                            Operands results) {
  int64_t dim = operands[1].cell.i;
  ArrayRef<int64_t> shape = operands[0].array->view.shape;
  if (dim < 0 || dim >= int64_t(shape.size()))
    return code.op->emitError("dimension ") << dim << " does not exist";
  results[0].cell.i = shape[dim];
  return success();
}

static LogicalResult runRank(Interpreter &, OpCode &, Operands operands,
                             Operands results) {
  results[0].cell.i = operands[0].array->view.rank();
  return success();
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

static LogicalResult runExtract(Interpreter &interpreter, OpCode &code,
                                Operands operands, Operands results) {
  HostTensor array = operands[0].array->read();
  FailureOr<char *> address =
      elementAddress(code.op, array, operands.drop_front());
  if (failed(address))
    return failure();
  results[0].cell = loadCell(array.kind, *address);
  bool isConstant = matchPattern(code.op->getOperand(0), m_Constant());
  interpreter.counts.readbacks += array.numElements() == 1 && !isConstant;
  return success();
}

static LogicalResult runInsert(Interpreter &, OpCode &code, Operands operands,
                               Operands results) {
  HostTensor array = takeTensor(operands[1]);
  FailureOr<char *> address =
      elementAddress(code.op, array, operands.drop_front(2));
  if (failed(address))
    return failure();
  storeCell(array.kind, *address, operands[0].cell);
  results[0] = RtValue::tensor(array);
  return success();
}

static uint64_t countHostScalars(OperandRange operands) {
  return llvm::count_if(
      operands, [](Value value) { return !matchPattern(value, m_Constant()); });
}

static LogicalResult runFromElements(Interpreter &interpreter, OpCode &code,
                                     Operands operands, Operands results) {
  FailureOr<HostTensor> array = allocateResult(code.op, {});
  if (failed(array))
    return failure();
  for (auto [index, operand] : llvm::enumerate(operands))
    storeCell(array->kind, array->data() + index * bytesOf(array->kind),
              operand.cell);
  interpreter.counts.uploads += countHostScalars(code.op->getOperands());
  results[0] = RtValue::tensor(*array);
  return success();
}

static LogicalResult runSplat(Interpreter &interpreter, OpCode &code,
                              Operands operands, Operands results) {
  FailureOr<HostTensor> array = allocateResult(code.op, operands.drop_front());
  if (failed(array))
    return failure();
  fillArray(*array, operands[0].cell);
  interpreter.counts.uploads +=
      countHostScalars(code.op->getOperands().take_front());
  interpreter.counts.kernels += array->numElements() > 1;
  results[0] = RtValue::tensor(*array);
  return success();
}

static LogicalResult runGenerate(Interpreter &interpreter, OpCode &code,
                                 Operands operands, Operands results) {
  FailureOr<HostTensor> array = allocateResult(code.op, operands);
  if (failed(array))
    return failure();
  interpreter.counts.kernels += array->numElements() > 0;
  SmallVector<int64_t> index(array->rank(), 0);
  for (int64_t i = 0, e = array->numElements(); i < e; ++i) {
    SmallVector<RtValue> arguments, yields;
    for (int64_t value : index)
      arguments.push_back(RtValue::scalar(value));
    if (failed(interpreter.runRegion(code.op->getRegion(0), arguments, yields)))
      return failure();
    storeCell(array->kind, array->data() + i * bytesOf(array->kind),
              yields[0].cell);
    for (size_t dim = index.size(); dim-- > 0;) {
      if (++index[dim] < array->shape[dim])
        break;
      index[dim] = 0;
    }
  }
  results[0] = RtValue::tensor(*array);
  return success();
}

//===----------------------------------------------------------------------===//
// Shapes and slices
//===----------------------------------------------------------------------===//

static LogicalResult runCast(Interpreter &, OpCode &code, Operands operands,
                             Operands results) {
  auto type = dyn_cast<RankedTensorType>(code.op->getResult(0).getType());
  ArrayRef<int64_t> shape = operands[0].array->view.shape;
  if (type && failed(verifyCompatibleShape(type.getShape(), shape)))
    return code.op->emitError("a value of shape ")
           << shapeString(shape) << " is no " << type;
  results[0] = std::move(operands[0]);
  return success();
}

/// Reshapes to `shape`; only a strided operand is copied.
static LogicalResult reshapeTo(Operation *op, RtValue &operand,
                               ArrayRef<int64_t> shape, RtValue &result) {
  HostTensor array = operand.array->read();
  if (!array.isContiguous())
    array = array.clone();
  HostTensor reshaped = HostTensor::view(array.kind, shape, array.bytes);
  reshaped.offset = array.offset;
  if (reshaped.numElements() != array.numElements())
    return op->emitError("can not reshape ")
           << shapeString(array.shape) << " to " << shapeString(shape);
  result = RtValue::tensor(reshaped);
  return success();
}

SmallVector<int64_t, 4>
graphrun::collapsedShape(ArrayRef<int64_t> shape,
                         ArrayRef<ReassociationIndices> groups) {
  SmallVector<int64_t, 4> collapsed;
  for (const ReassociationIndices &group : groups) {
    int64_t extent = 1;
    for (int64_t dim : group)
      extent *= shape[dim];
    collapsed.push_back(extent);
  }
  return collapsed;
}

static LogicalResult runCollapseShape(Interpreter &, OpCode &code,
                                      Operands operands, Operands results) {
  auto op = cast<tensor::CollapseShapeOp>(code.op);
  return reshapeTo(op, operands[0],
                   collapsedShape(operands[0].array->view.shape,
                                  op.getReassociationIndices()),
                   results[0]);
}

static LogicalResult runExpandShape(Interpreter &, OpCode &code,
                                    Operands operands, Operands results) {
  auto op = cast<tensor::ExpandShapeOp>(code.op);
  auto shape =
      resolveShape(op, op.getStaticOutputShape(), operands.drop_front());
  if (failed(shape))
    return failure();
  return reshapeTo(op, operands[0], *shape, results[0]);
}

static LogicalResult runReshape(Interpreter &, OpCode &code, Operands operands,
                                Operands results) {
  HostTensor extents = operands[1].array->read();
  SmallVector<int64_t, 4> shape(extents.numElements());
  if (!shape.empty())
    loadColumn(extents.kind, extents.data(), extents.strides[0], shape.size(),
               shape.data());
  return reshapeTo(code.op, operands[0], shape, results[0]);
}

FailureOr<HostTensor> graphrun::sliceView(OffsetSizeAndStrideOpInterface op,
                                          const HostTensor &base,
                                          Operands dynamics, bool isAbsolute) {
  auto offsets = resolveMixed(op.getStaticOffsets(), dynamics);
  auto sizes = resolveMixed(op.getStaticSizes(), dynamics);
  auto strides = resolveMixed(op.getStaticStrides(), dynamics);
  HostTensor view = base;
  view.shape = sizes;
  if (isAbsolute) {
    view.offset = offsets.front();
    view.strides = strides;
    return view;
  }
  for (size_t dim = 0; dim < sizes.size(); ++dim) {
    int64_t first = offsets[dim];
    int64_t last = first + (sizes[dim] - 1) * strides[dim];
    bool inside = sizes[dim] == 0 || (std::min(first, last) >= 0 &&
                                      std::max(first, last) < base.shape[dim]);
    if (sizes[dim] < 0 || !inside)
      return op->emitError("the slice leaves dimension ")
             << dim << " of extent " << base.shape[dim];
    view.offset += first * base.strides[dim];
    view.strides[dim] = strides[dim] * base.strides[dim];
  }
  return view;
}

void graphrun::dropDims(HostTensor &view, const llvm::SmallBitVector &dropped) {
  SmallVector<int64_t, 4> shape, strides;
  for (int64_t dim = 0; dim < view.rank(); ++dim) {
    if (dropped.test(dim))
      continue;
    shape.push_back(view.shape[dim]);
    strides.push_back(view.strides[dim]);
  }
  view.shape = shape;
  view.strides = strides;
}

static LogicalResult runExtractSlice(Interpreter &, OpCode &code,
                                     Operands operands, Operands results) {
  auto op = cast<tensor::ExtractSliceOp>(code.op);
  FailureOr<HostTensor> view =
      sliceView(op, operands[0].array->read(), operands.drop_front());
  if (failed(view))
    return failure();
  dropDims(*view, op.getDroppedDims());
  results[0] = RtValue::tensor(*view);
  return success();
}

static LogicalResult runInsertSlice(Interpreter &interpreter, OpCode &code,
                                    Operands operands, Operands results) {
  auto op = cast<tensor::InsertSliceOp>(code.op);
  HostTensor array = takeTensor(operands[1]);
  FailureOr<HostTensor> view = sliceView(op, array, operands.drop_front(2));
  if (failed(view))
    return failure();
  dropDims(*view, op.getDroppedDims());
  HostTensor source = operands[0].array->read();
  if (source.shape != view->shape)
    return op.emitError("a value of shape ")
           << shapeString(source.shape) << " does not fill the slice "
           << shapeString(view->shape);
  copyElements(source, *view);
  interpreter.counts.kernels += source.numElements() > 0;
  results[0] = RtValue::tensor(array);
  return success();
}

static LogicalResult runPad(Interpreter &interpreter, OpCode &code,
                            Operands operands, Operands results) {
  auto op = cast<tensor::PadOp>(code.op);
  HostTensor source = operands[0].array->read();
  Operands dynamics = operands.drop_front();
  auto low = resolveMixed(op.getStaticLow(), dynamics);
  auto high = resolveMixed(op.getStaticHigh(), dynamics);
  if (!op.getConstantPaddingValue())
    return op.emitError("the reference pads with constants only");
  SmallVector<RtValue> origin(source.rank()), yields;
  if (failed(interpreter.runRegion(op.getRegion(), origin, yields)))
    return failure();
  SmallVector<int64_t, 4> shape = source.shape;
  for (size_t dim = 0; dim < shape.size(); ++dim) {
    shape[dim] += low[dim] + high[dim];
    if (low[dim] < 0 || high[dim] < 0)
      return op.emitError("negative padding");
  }
  HostTensor array = HostTensor::allocate(source.kind, shape);
  fillArray(array, yields[0].cell);
  HostTensor window = array;
  window.shape = source.shape;
  for (size_t dim = 0; dim < shape.size(); ++dim)
    window.offset += low[dim] * array.strides[dim];
  copyElements(source, window);
  interpreter.counts.kernels += array.numElements() > 0;
  results[0] = RtValue::tensor(array);
  return success();
}

static LogicalResult runConcat(Interpreter &interpreter, OpCode &code,
                               Operands operands, Operands results) {
  auto op = cast<tensor::ConcatOp>(code.op);
  size_t dim = op.getDim();
  SmallVector<int64_t, 4> shape = operands[0].array->view.shape;
  shape[dim] = 0;
  for (RtValue &operand : operands)
    shape[dim] += operand.array->view.shape[dim];
  HostTensor array = HostTensor::allocate(operands[0].array->view.kind, shape);
  HostTensor window = array;
  for (RtValue &operand : operands) {
    window.shape = operand.array->view.shape;
    copyElements(operand.array->read(), window);
    window.offset += window.shape[dim] * array.strides[dim];
  }
  interpreter.counts.kernels += array.numElements() > 0;
  results[0] = RtValue::tensor(array);
  return success();
}

//===----------------------------------------------------------------------===//
// Bufferization
//===----------------------------------------------------------------------===//

/// The elements of `array` as a value: shared where the view is the whole
/// memory, so that a later write copies it; else copied at once.
static HostTensor snapshot(const HostTensor &array) {
  int64_t size = array.numElements() * bytesOf(array.kind);
  if (array.isContiguous() && array.offset == 0 && size == array.bytes->size())
    return HostTensor::view(array.kind, array.shape, array.bytes);
  return array.clone();
}

static LogicalResult runToTensor(Interpreter &, OpCode &, Operands operands,
                                 Operands results) {
  results[0] = RtValue::tensor(snapshot(operands[0].array->read()));
  return success();
}

/// A buffer with the elements of a tensor or buffer. A private copy, because
/// writes to it must not reach the operand.
static LogicalResult runNewBuffer(Interpreter &, OpCode &, Operands operands,
                                  Operands results) {
  HostTensor copy = operands[0].array->read().clone();
  auto storage = std::make_shared<Storage>(Storage{copy.bytes});
  results[0] = RtValue::memref(copy, storage);
  return success();
}

static LogicalResult runMaterialize(Interpreter &interpreter, OpCode &code,
                                    Operands operands, Operands results) {
  HostTensor source = operands[0].array->read();
  Array &destination = *operands[1].array;
  if (source.shape != destination.view.shape)
    return code.op->emitError("source and destination differ in shape");
  // In a framework the op that computes a value writes it in place; only what
  // was in a buffer already has to be copied.
  bool &isComputed = operands[0].array->isComputed;
  interpreter.counts.kernels += !isComputed && source.numElements() > 0;
  isComputed = false;
  if (!destination.isMemRef()) {
    results[0] = std::move(operands[0]);
    return success();
  }
  bool isWhole =
      source.isContiguous() && source.offset == 0 &&
      destination.view.isContiguous() && destination.view.offset == 0 &&
      source.bytes->size() == destination.storage->bytes->size() &&
      source.numElements() * bytesOf(source.kind) == source.bytes->size();
  if (isWhole)
    destination.storage->bytes = source.bytes;
  else
    copyElements(source, destination.write());
  return success();
}

static LogicalResult runAllocTensor(Interpreter &interpreter, OpCode &code,
                                    Operands operands, Operands results) {
  auto op = cast<bufferization::AllocTensorOp>(code.op);
  size_t numExtents = op.getDynamicSizes().size();
  if (op.getCopy()) {
    results[0] = RtValue::tensor(operands[numExtents].array->view.clone());
    return success();
  }
  return runEmpty(interpreter, code, operands.take_front(numExtents), results);
}

static LogicalResult runNothing(Interpreter &, OpCode &, Operands, Operands) {
  return success();
}

void graphrun::addTensorHandlers(HandlerTable &table) {
  table["tensor.empty"] = runEmpty;
  table["tensor.dim"] = table["memref.dim"] = runDim;
  table["tensor.rank"] = table["memref.rank"] = runRank;
  table["tensor.extract"] = runExtract;
  table["tensor.insert"] = runInsert;
  table["tensor.from_elements"] = runFromElements;
  table["tensor.splat"] = runSplat;
  table["tensor.generate"] = runGenerate;
  table["tensor.cast"] = runCast;
  table["tensor.collapse_shape"] = runCollapseShape;
  table["tensor.expand_shape"] = runExpandShape;
  table["tensor.reshape"] = runReshape;
  table["tensor.extract_slice"] = runExtractSlice;
  table["tensor.insert_slice"] = runInsertSlice;
  table["tensor.pad"] = runPad;
  table["tensor.concat"] = runConcat;
  table["bufferization.to_tensor"] = runToTensor;
  table["bufferization.to_buffer"] = runNewBuffer;
  table["bufferization.materialize_in_destination"] = runMaterialize;
  table["bufferization.alloc_tensor"] = runAllocTensor;
  table["bufferization.dealloc_tensor"] = runNothing;
  table["bufferization.clone"] = runNewBuffer;
}
