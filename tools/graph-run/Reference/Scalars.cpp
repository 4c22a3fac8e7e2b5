//===- Scalars.cpp - Constants, selection and loop indices ---------------===//
//
// Implements the handlers of scalar ops that are not plain column ops, and of
// constants of any type.
//
//===----------------------------------------------------------------------===//

#include "Interpreter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

#include <cstring>

using namespace mlir;
using namespace graphrun;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

namespace {
struct ConstantData : OpData {
  RtValue value;
};
} // namespace

/// Evaluates one number as a cell.
static FailureOr<Cell> evaluateNumber(Operation *op, Attribute number,
                                      Type type) {
  std::optional<ColumnOp> constant = constantColumn(number, type);
  if (!constant)
    return op->emitError("the reference does not evaluate constants of type ")
           << type;
  Cell cell;
  void *column = &cell;
  constant->targets[0] = 0;
  constant->run(*constant, ColumnEnv{&column, {}, 1, nullptr});
  return cell;
}

FailureOr<HostTensor> graphrun::evaluateElements(Operation *op,
                                                 ElementsAttr elements) {
  auto type = cast<ShapedType>(elements.getType());
  FailureOr<ElementKind> kind = elementKindFor(op, type);
  if (failed(kind))
    return failure();
  HostTensor array = HostTensor::allocate(*kind, type.getShape());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || int64_t(blob->getData().size()) != array.bytes->size())
      return op->emitError("the constant's resource has no data of its size");
    std::memcpy(array.data(), blob->getData().data(), array.bytes->size());
    return array;
  }
  auto dense = dyn_cast<DenseElementsAttr>(elements);
  if (!dense)
    return op->emitError("the reference evaluates dense constants only");
  if (dense.isSplat()) {
    FailureOr<Cell> cell = evaluateNumber(op, dense.getSplatValue<Attribute>(),
                                          type.getElementType());
    if (failed(cell))
      return failure();
    fillArray(array, *cell);
    return array;
  }
  if (*kind != ElementKind::I1 &&
      int64_t(dense.getRawData().size()) == array.bytes->size()) {
    std::memcpy(array.data(), dense.getRawData().data(), array.bytes->size());
    return array;
  }
  char *to = array.data();
  for (Attribute number : dense.getValues<Attribute>()) {
    FailureOr<Cell> cell = evaluateNumber(op, number, type.getElementType());
    if (failed(cell))
      return failure();
    storeCell(*kind, to, *cell);
    to += bytesOf(*kind);
  }
  return array;
}

static LogicalResult runConstant(Interpreter &, OpCode &code, Operands,
                                 Operands results) {
  if (!code.data) {
    // arith.constant, index.constant and index.bool.constant.
    Attribute attribute;
    if (!matchPattern(code.op, m_Constant(&attribute)))
      return code.op->emitError("the reference does not evaluate '")
             << code.op->getName() << "'";
    auto data = std::make_unique<ConstantData>();
    if (auto elements = dyn_cast<ElementsAttr>(attribute)) {
      FailureOr<HostTensor> array = evaluateElements(code.op, elements);
      if (failed(array))
        return failure();
      data->value = RtValue::tensor(*array);
    } else {
      FailureOr<Cell> cell =
          evaluateNumber(code.op, attribute, code.op->getResult(0).getType());
      if (failed(cell))
        return failure();
      data->value.cell = *cell;
    }
    code.data = std::move(data);
  }
  results[0] = static_cast<ConstantData &>(*code.data).value;
  return success();
}

//===----------------------------------------------------------------------===//
// Selection
//===----------------------------------------------------------------------===//

/// A scalar condition chooses whole arrays, or functions, on the host; the rest
/// is arithmetic.
static LogicalResult runSelect(Interpreter &interpreter, OpCode &code,
                               Operands operands, Operands results) {
  if (operands[0].array || !operands[1].array)
    if (Handler handler = elementwiseHandler(code.op))
      return handler(interpreter, code, operands, results);
  if (operands[0].array)
    return code.op->emitError("the reference does not select values of type ")
           << code.op->getResult(0).getType();
  results[0] = std::move(operands[operands[0].cell.i ? 1 : 2]);
  return success();
}

static LogicalResult runLoopIndex(Interpreter &interpreter, OpCode &code,
                                  Operands, Operands results) {
  uint64_t dim = cast<linalg::IndexOp>(code.op).getDim();
  results[0].cell.i = (*interpreter.loopIndex)[dim];
  return success();
}

void graphrun::addScalarHandlers(HandlerTable &table) {
  table["arith.constant"] = table["index.constant"] = runConstant;
  table["index.bool.constant"] = runConstant;
  table["arith.select"] = runSelect;
  table["linalg.index"] = runLoopIndex;
}
