//===- Shared.cpp - What handlers of the reference share ------------------===//
//
// Implements resolution of shapes and mixed values, affine expressions and
// access to single elements.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

#include <cstring>

using namespace mlir;
using namespace graphrun;

FailureOr<SmallVector<int64_t, 4>>
graphrun::resolveShape(Operation *op, ArrayRef<int64_t> shape,
                       Operands extents) {
  SmallVector<int64_t, 4> resolved = resolveMixed(shape, extents);
  for (int64_t extent : resolved)
    if (extent < 0)
      return op->emitError("the extent ") << extent << " is negative";
  return resolved;
}

SmallVector<int64_t, 4> graphrun::resolveMixed(ArrayRef<int64_t> statics,
                                               Operands &dynamics) {
  SmallVector<int64_t, 4> values;
  for (int64_t value : statics) {
    if (ShapedType::isDynamic(value)) {
      value = dynamics.front().cell.i;
      dynamics = dynamics.drop_front();
    }
    values.push_back(value);
  }
  return values;
}

std::optional<int64_t> graphrun::evaluateAffine(AffineExpr expr,
                                                ArrayRef<int64_t> dims,
                                                ArrayRef<int64_t> symbols) {
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return dims[dim.getPosition()];
  if (auto symbol = dyn_cast<AffineSymbolExpr>(expr))
    return symbols[symbol.getPosition()];
  auto binary = cast<AffineBinaryOpExpr>(expr);
  std::optional<int64_t> left = evaluateAffine(binary.getLHS(), dims, symbols);
  std::optional<int64_t> right = evaluateAffine(binary.getRHS(), dims, symbols);
  if (!left || !right)
    return std::nullopt;
  int64_t a = *left, b = *right;
  if (binary.getKind() == AffineExprKind::Add)
    return a + b;
  if (binary.getKind() == AffineExprKind::Mul)
    return a * b;
  if (b <= 0)
    return std::nullopt;
  switch (binary.getKind()) {
  case AffineExprKind::Mod:
    return llvm::mod(a, b);
  case AffineExprKind::FloorDiv:
    return llvm::divideFloorSigned(a, b);
  case AffineExprKind::CeilDiv:
    return llvm::divideCeilSigned(a, b);
  default:
    return std::nullopt;
  }
}

LogicalResult graphrun::forEachPoint(
    Operation *op, ArrayRef<LoopBounds> loops,
    llvm::function_ref<LogicalResult(ArrayRef<int64_t>)> body) {
  SmallVector<int64_t> index;
  bool isEmpty = false;
  for (const LoopBounds &loop : loops) {
    if (loop.step <= 0)
      return op->emitError("the step ") << loop.step << " is not positive";
    isEmpty |= loop.lower >= loop.upper;
    index.push_back(loop.lower);
  }
  if (isEmpty)
    return success();
  while (true) {
    if (failed(body(index)))
      return failure();
    size_t dim = loops.size();
    for (; dim > 0; --dim) {
      const LoopBounds &loop = loops[dim - 1];
      // In unsigned numbers the distance to the end can not overflow.
      if (uint64_t(loop.upper) - uint64_t(index[dim - 1]) >
          uint64_t(loop.step)) {
        index[dim - 1] += loop.step;
        break;
      }
      index[dim - 1] = loop.lower;
    }
    if (dim == 0)
      return success();
  }
}

void graphrun::fillArray(const HostTensor &array, Cell value) {
  int64_t count = array.numElements();
  if (count == 0)
    return;
  // One stored element, seen as an array of the same shape with strides zero.
  HostTensor source = HostTensor::allocate(array.kind, {});
  storeCell(array.kind, source.data(), value);
  if (!array.isContiguous()) {
    source.shape = array.shape;
    source.strides.assign(array.rank(), 0);
    return copyElements(source, array);
  }
  // Doubles the filled part until it covers the array.
  int64_t size = bytesOf(array.kind), total = count * size;
  std::memcpy(array.data(), source.data(), size);
  for (int64_t done = size; done < total; done *= 2)
    std::memcpy(array.data() + done, array.data(),
                std::min(done, total - done));
}

FailureOr<char *> graphrun::elementAddress(Operation *op,
                                           const HostTensor &array,
                                           Operands indices) {
  int64_t offset = 0;
  for (auto [dim, index] : llvm::enumerate(indices)) {
    int64_t value = index.cell.i;
    if (value < 0 || value >= array.shape[dim])
      return op->emitError("index ")
             << value << " is outside of dimension " << dim << " of extent "
             << array.shape[dim];
    offset += value * array.strides[dim];
  }
  return array.data() + offset * bytesOf(array.kind);
}

Cell graphrun::loadCell(ElementKind kind, const char *address) {
  Cell cell = {};
  loadColumn(kind, address, 1, 1, &cell);
  return cell;
}

void graphrun::storeCell(ElementKind kind, char *address, Cell value) {
  storeColumn(kind, address, 1, 1, &value);
}

FailureOr<ElementKind> graphrun::elementKindFor(Operation *op, Type type) {
  std::optional<ElementKind> kind = elementKindOf(getElementTypeOrSelf(type));
  if (!kind || isa<VectorType, UnrankedTensorType, UnrankedMemRefType>(type))
    return op->emitError("the reference does not store values of type ")
           << type;
  return *kind;
}
